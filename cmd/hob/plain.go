package main

import (
	"fmt"
	"strings"
	"unicode"
)

// plain is text of models, files and other programs as a terminal may get it: what
// it would obey rather than show is spelled out, and what turns text round. A line
// end stays one.
func plain(s string) string {
	if strings.IndexFunc(s, obeyed) < 0 {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case !obeyed(r), r == '\r' && strings.HasPrefix(s[i:], "\r\n"):
			b.WriteRune(r)
		case r < 0x100:
			_, _ = fmt.Fprintf(&b, `\x%02x`, r)
		default:
			_, _ = fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// obeyed reports whether r is a sign that is carried out.
func obeyed(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
}

// shown is text for a.out: as it is, unless a terminal would read it.
func (a *app) shown(s string) string {
	if isTerminal(a.out) {
		return plain(s)
	}
	return s
}
