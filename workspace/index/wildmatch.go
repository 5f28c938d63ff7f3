package index

import "strings"

// wmFlags say how to match.
type wmFlags uint8

const (
	wmPath wmFlags = 1 << iota // * and ? and classes stop at a slash, and ** crosses it where it stands for whole elements
	wmFold                     // letters of ASCII match in any case, but for those that git compares as they are
)

// wildmatch reports whether name matches a glob as git matches it: bytes, not
// runes.
func wildmatch(glob, name string, flags wmFlags) bool {
	return wild(glob, name, flags) == wmYes
}

// fold is c in small letters, if flags want that.
func (f wmFlags) fold(c byte) byte {
	if f&wmFold != 0 && 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// wmAbort says that no further star to the left can help: without it a glob
// with many stars would take exponential time.
type wmResult uint8

const (
	wmNo wmResult = iota
	wmYes
	wmAbort     // the name ended too early: give up altogether
	wmAbortStar // a slash stopped a star: only a ** further left can help
)

func wild(p, t string, flags wmFlags) wmResult {
	path := flags&wmPath != 0
	start := p // a ** counts as one only at the start or after a slash
	for p != "" {
		c := p[0]
		if t == "" && c != '*' {
			return wmAbort
		}
		switch c {
		case '\\':
			if len(p) == 1 || p[1] != flags.fold(t[0]) {
				return wmNo
			}
			p, t = p[2:], t[1:]
		case '?':
			if path && t[0] == '/' {
				return wmNo
			}
			p, t = p[1:], t[1:]
		case '[':
			n, ok := class(p, flags.fold(t[0]), flags)
			if n == 0 {
				return wmAbort // an unclosed or unknown class matches nothing
			}
			if !ok || path && t[0] == '/' {
				return wmNo
			}
			p, t = p[n:], t[1:]
		case '*':
			return star(start, p, t, flags)
		default:
			if flags.fold(t[0]) != flags.fold(c) {
				return wmNo
			}
			p, t = p[1:], t[1:]
		}
	}
	if t != "" {
		return wmNo
	}
	return wmYes
}

// star matches p, which starts with one or more stars, against t.
func star(start, p, t string, flags wmFlags) wmResult {
	path := flags&wmPath != 0
	rest := strings.TrimLeft(p, "*")
	crosses := !path
	if path && len(p)-len(rest) > 1 {
		before := len(start) - len(p)
		whole := before == 0 || start[before-1] == '/'
		if whole && (rest == "" || rest[0] == '/' || strings.HasPrefix(rest, `\/`)) {
			crosses = true
			// "a/**/b" also stands for "a/b".
			if rest != "" && rest[0] == '/' && wild(rest[1:], t, flags) == wmYes {
				return wmYes
			}
		}
	}
	if rest == "" {
		if !crosses && strings.Contains(t, "/") {
			return wmAbortStar
		}
		return wmYes
	}
	for ; t != ""; t = t[1:] {
		if r := wild(rest, t, flags); r != wmNo {
			if !crosses || r != wmAbortStar {
				return r
			}
		} else if !crosses && t[0] == '/' {
			return wmAbortStar
		}
	}
	return wmAbort
}

// class matches c, folded already, against the bracket expression at the start of
// p and returns its length, 0 if it is malformed.
func class(p string, c byte, flags wmFlags) (n int, ok bool) {
	folded := flags&wmFold != 0 && 'a' <= c && c <= 'z'
	i := 1
	negate := i < len(p) && (p[i] == '!' || p[i] == '^')
	if negate {
		i++
	}
	matched := false
	var last byte // start of a possible range; 0 where none may start
	for first := true; ; first = false {
		if i >= len(p) {
			return 0, false
		}
		ch := p[i]
		if ch == ']' && !first {
			return i + 1, matched != negate
		}
		switch {
		case ch == '-' && last != 0 && i+1 < len(p) && p[i+1] != ']':
			i++
			hi := p[i]
			if hi == '\\' {
				i++
				if i >= len(p) {
					return 0, false
				}
				hi = p[i]
			}
			up := c &^ 0x20
			matched = matched || last <= c && c <= hi || folded && last <= up && up <= hi
			ch = 0 // a range does not start another one
		case ch == '[' && i+1 < len(p) && p[i+1] == ':':
			end := strings.IndexByte(p[i+2:], ']')
			if end < 0 {
				return 0, false
			}
			name := p[i+2 : i+2+end]
			if !strings.HasSuffix(name, ":") {
				// Not "[:name:]": the bracket is a plain member.
				matched = matched || c == '['
				break
			}
			in, known := posix(strings.TrimSuffix(name, ":"), c)
			if !known {
				return 0, false
			}
			matched = matched || in || folded && name == "upper:"
			i += 2 + end
			ch = 0
		case ch == '\\':
			i++
			if i >= len(p) {
				return 0, false
			}
			ch = p[i]
			matched = matched || c == ch
		default:
			matched = matched || c == ch
		}
		last = ch
		i++
	}
}

func posix(name string, c byte) (in, known bool) {
	lower, upper, digit := 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9'
	graph := '!' <= c && c <= '~'
	switch name {
	case "alnum":
		return lower || upper || digit, true
	case "alpha":
		return lower || upper, true
	case "blank":
		return c == ' ' || c == '\t', true
	case "cntrl":
		return c < ' ' || c == 0x7f, true
	case "digit":
		return digit, true
	case "graph":
		return graph, true
	case "lower":
		return lower, true
	case "print":
		return graph || c == ' ', true
	case "punct":
		return graph && !lower && !upper && !digit, true
	case "space":
		// git's own isspace knows no vertical tab and no form feed.
		return c == ' ' || c == '\t' || c == '\n' || c == '\r', true
	case "upper":
		return upper, true
	case "xdigit":
		return digit || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F', true
	}
	return false, false
}
