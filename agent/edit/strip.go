package edit

import (
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
)

// stripNumbers takes line numbers off a text that the model numbered ("12 | x",
// "12: x"): only if every line has one, they count up by one, and the original
// is not itself numbered. With a colon, which code may have as well, at least
// half of the lines must then be lines of the original.
func stripNumbers(s, original string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	out := make([]string, 0, len(lines))
	var sep byte
	next := -1
	for i, l := range lines {
		if blank(l) {
			out = append(out, "")
			if next >= 0 {
				next++
			}
			continue
		}
		n, mark, rest, ok := numbered(l)
		if !ok || next >= 0 && n != next || sep != 0 && mark != sep {
			return s
		}
		if next < 0 {
			next, sep = n, mark
		}
		next++
		out = append(out, rest)
		if i == 0 && len(lines) == 1 && mark == ':' {
			return s
		}
	}
	if first := significant(original); len(first) > 0 {
		if _, _, _, ok := numbered(first[0]); ok {
			return s
		}
	}
	if sep == ':' {
		known := significant(original)
		hits, all := 0, 0
		for _, l := range out {
			if l = strings.TrimSpace(l); l != "" {
				all++
				if slices.Contains(known, l) {
					hits++
				}
			}
		}
		if hits*2 < all {
			return s
		}
	}
	return strings.Join(out, "\n") + s[len(strings.TrimRight(s, "\n")):]
}

// numbered cuts the number off a line. One space after the mark belongs to it.
func numbered(l string) (n int, mark byte, rest string, ok bool) {
	body := strings.TrimLeft(l, " ")
	i := 0
	for i < len(body) && i < 7 && body[i] >= '0' && body[i] <= '9' {
		n = n*10 + int(body[i]-'0')
		i++
	}
	if i == 0 {
		return 0, 0, "", false
	}
	after := strings.TrimLeft(body[i:], " ")
	switch {
	case strings.HasPrefix(after, "|"), strings.HasPrefix(after, ":"):
		return n, after[0], strings.TrimPrefix(after[1:], " "), true
	case strings.HasPrefix(after, "│"):
		return n, '|', strings.TrimPrefix(after[len("│"):], " "), true
	}
	return 0, 0, "", false
}

// stripPath takes off a first line that is a comment with nothing but the name of
// a file of the target's language ("// src/Button.tsx"), unless the original
// starts with it.
func (p *Parser) stripPath(s string) string {
	first, rest, _ := strings.Cut(strings.TrimLeft(s, "\n"), "\n")
	body := strings.TrimSpace(first)
	if !isCommentLine(body) || strings.HasPrefix(body, "--- ") || blank(rest) || strings.Contains(p.t.Original, body) {
		return s
	}
	path := strings.Trim(body, "/*#<!->{} ")
	if path == "" || strings.ContainsAny(path, " \t:()") || !strings.Contains(path, ".") {
		return s
	}
	if f := family(syntax.LanguageOf(path)); f == "" || f != family(p.t.Language) {
		return s
	}
	return rest
}
