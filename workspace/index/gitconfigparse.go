package index

import "strings"

// parseConfig reads a git configuration up to its first error, at which git
// itself would give up.
func parseConfig(src string) []setting {
	p := configParser{src: strings.TrimPrefix(src, "\uFEFF")}
	var all []setting
	var section, sub string
	for {
		p.space()
		switch c := p.next(); {
		case c == 0:
			return all
		case c == '#' || c == ';':
			p.line()
		case c == '[':
			var ok bool
			if section, sub, ok = p.header(); !ok {
				return all
			}
		case letter(c):
			p.at--
			s := setting{section: section, sub: sub}
			s.key = strings.ToLower(p.word())
			p.blanks()
			switch p.next() {
			case 0:
				p.at = len(p.src)
				s.bare = true
			case '\n':
				s.bare = true
			case '=':
				var ok bool
				if s.value, ok = p.value(); !ok {
					return all
				}
			default:
				return all
			}
			all = append(all, s)
		default:
			return all
		}
	}
}

type configParser struct {
	src string
	at  int
}

// next is the next byte, 0 at the end; \r\n counts as \n.
func (p *configParser) next() byte {
	if p.at >= len(p.src) {
		p.at = len(p.src) + 1 // so that stepping back is harmless
		return 0
	}
	c := p.src[p.at]
	p.at++
	if c == '\r' && p.at < len(p.src) && p.src[p.at] == '\n' {
		p.at++
		return '\n'
	}
	return c
}

func (p *configParser) skip(of string) {
	for p.at < len(p.src) && strings.IndexByte(of, p.src[p.at]) >= 0 {
		p.at++
	}
}

func (p *configParser) space()  { p.skip(" \t\r\n") }
func (p *configParser) blanks() { p.skip(" \t") }

func (p *configParser) line() {
	for c := p.next(); c != '\n' && c != 0; c = p.next() {
	}
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func (p *configParser) word() string {
	start := p.at
	for p.at < len(p.src) && (letter(p.src[p.at]) || '0' <= p.src[p.at] && p.src[p.at] <= '9' || p.src[p.at] == '-') {
		p.at++
	}
	return p.src[start:p.at]
}

// header reads [section "sub"] behind its bracket.
func (p *configParser) header() (section, sub string, ok bool) {
	var name strings.Builder
	for {
		c := p.next()
		switch {
		case c == ']':
			// The old form: [section.sub], in any case.
			section, sub, _ = strings.Cut(strings.ToLower(name.String()), ".")
			return section, sub, true
		case c == ' ' || c == '\t':
			p.blanks()
			if p.next() != '"' {
				return "", "", false
			}
			if sub, ok = p.quoted(); sub == "" {
				name.WriteByte('.') // [core ""] is not [core]
			}
			return strings.ToLower(name.String()), sub, ok && p.next() == ']'
		case letter(c) || '0' <= c && c <= '9' || c == '-' || c == '.':
			name.WriteByte(c)
		default:
			return "", "", false
		}
	}
}

// quoted reads the name of a subsection up to its quote.
func (p *configParser) quoted() (string, bool) {
	var b strings.Builder
	for {
		c := p.next()
		switch c {
		case '"':
			return b.String(), true
		case '\\':
			c = p.next()
		}
		if c == '\n' || c == 0 {
			return "", false
		}
		b.WriteByte(c)
	}
}

// value reads what stands behind the equals sign: quotes, escapes, comments and
// lines that go on. Blanks at its ends don't count.
func (p *configParser) value() (string, bool) {
	p.blanks()
	var b strings.Builder
	quoted, keep := false, 0 // keep: how much of b is not blanks at its end
	for {
		c := p.next()
		switch {
		case c == '\n' || c == 0:
			p.at = min(p.at, len(p.src))
			return b.String()[:keep], !quoted
		case (c == '#' || c == ';') && !quoted:
			p.line()
			p.at = min(p.at, len(p.src))
			return b.String()[:keep], true
		case (c == ' ' || c == '\t') && !quoted:
			if b.Len() > 0 {
				b.WriteByte(c)
			}
			continue
		case c == '"':
			quoted = !quoted
			keep = b.Len()
			continue
		case c == '\\':
			keep = b.Len()
			switch c = p.next(); c {
			case '\n', 0:
				continue
			case 't':
				c = '\t'
			case 'b':
				c = '\b'
			case 'n':
				c = '\n'
			case '\\', '"':
			default:
				return "", false
			}
		}
		b.WriteByte(c)
		keep = b.Len()
	}
}
