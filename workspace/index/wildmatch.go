package index

import "strings"

// wildmatch reports whether name matches a glob as git matches it: bytes, not
// runes; * and ? and classes stop at a slash when path is set, and ** crosses
// slashes where it stands for whole path elements.
func wildmatch(glob, name string, path bool) bool {
	return wild(glob, name, path) == wmYes
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

func wild(p, t string, path bool) wmResult {
	start := p // a ** counts as one only at the start or after a slash
	for p != "" {
		c := p[0]
		if t == "" && c != '*' {
			return wmAbort
		}
		switch c {
		case '\\':
			if len(p) == 1 || p[1] != t[0] {
				return wmNo
			}
			p, t = p[2:], t[1:]
		case '?':
			if path && t[0] == '/' {
				return wmNo
			}
			p, t = p[1:], t[1:]
		case '[':
			n, ok := class(p, t[0])
			if n == 0 {
				return wmAbort // an unclosed or unknown class matches nothing
			}
			if !ok || path && t[0] == '/' {
				return wmNo
			}
			p, t = p[n:], t[1:]
		case '*':
			return star(start, p, t, path)
		default:
			if t[0] != c {
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
func star(start, p, t string, path bool) wmResult {
	rest := strings.TrimLeft(p, "*")
	crosses := !path
	if path && len(p)-len(rest) > 1 {
		before := len(start) - len(p)
		whole := before == 0 || start[before-1] == '/'
		if whole && (rest == "" || rest[0] == '/' || strings.HasPrefix(rest, `\/`)) {
			crosses = true
			// "a/**/b" also stands for "a/b".
			if rest != "" && rest[0] == '/' && wild(rest[1:], t, path) == wmYes {
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
		if r := wild(rest, t, path); r != wmNo {
			if !crosses || r != wmAbortStar {
				return r
			}
		} else if !crosses && t[0] == '/' {
			return wmAbortStar
		}
	}
	return wmAbort
}

// class matches c against the bracket expression at the start of p and returns
// its length, 0 if it is malformed.
func class(p string, c byte) (n int, ok bool) {
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
			matched = matched || last <= c && c <= hi
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
			matched = matched || in
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
