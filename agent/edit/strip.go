package edit

import (
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
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
	if !isCommentLine(body) || blank(rest) || strings.Contains(p.t.Original, body) {
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

// hunk is one piece of a patch: the lines that must be there and those that take
// their place.
// exact is old with the white space at its ends.
type hunk struct{ exact, old, new []string }

// trailingSpace is the rung of lines that are the same but for white space at
// their ends.
const trailingSpace = "trailing white space"

// unpatch reads a reply that is a patch of the original, with or without headers,
// and applies it: each hunk at the one place of the original where its old lines
// are, in order. A text that is no patch is returned as it is.
func (p *Parser) unpatch(s, info string) (string, error) {
	hunks, signs := readHunks(s)
	if len(hunks) == 0 {
		return s, nil
	}
	said := family(info) == "diff" && family(p.t.Language) != "diff"
	exact := strings.Split(strings.TrimRight(text.WithEOL(p.t.Original, "\n"), "\n"), "\n")
	have := slices.Clone(exact)
	for i := range have {
		have[i] = strings.TrimRight(have[i], " \t")
	}
	if !said && !shownByOriginal(hunks, signs, have, p.t.Original) {
		return s, nil
	}
	if blank(p.t.Original) {
		var out []string
		for _, h := range hunks {
			if len(h.old) > 0 {
				return "", foreignPatch
			}
			out = append(out, h.new...)
		}
		return strings.Join(out, "\n") + "\n", nil
	}
	var out []string
	at := 0
	for _, h := range hunks {
		if len(h.old) == 0 {
			if len(hunks) > 1 {
				return "", foreignPatch
			}
			return strings.Join(h.new, "\n") + "\n", nil // every line is an addition: the whole new text
		}
		i := findLines(have, h.old, at)
		if i < 0 || findLines(have, h.old, i+1) >= 0 {
			return "", foreignPatch
		}
		if !slices.Equal(exact[i:i+len(h.old)], h.exact) {
			p.inexact = trailingSpace
		}
		out = append(append(out, exact[at:i]...), h.new...)
		at = i + len(h.old)
	}
	out = append(out, exact[at:]...)
	return strings.Join(out, "\n") + "\n", nil
}

var foreignPatch = &Error{
	Kind: KindUnsafe, Message: "The model answered with a patch that does not fit the region in exactly one way.",
	Hint:  "Try again; a larger model follows the format better.",
	Again: "Your reply is a patch whose lines are not those of the region. Write the new text itself, without signs.",
}

func (h *hunk) find(l string) {
	h.exact = append(h.exact, l)
	h.old = append(h.old, strings.TrimRight(l, " \t"))
}

func (h *hunk) keep(l string) {
	h.find(l)
	h.new = append(h.new, l)
}

// readHunks reads s as a patch: none if a line has no sign. signs counts the
// lines with + or -.
func readHunks(s string) (hunks []hunk, signs int) {
	var h hunk
	flush := func() {
		if len(h.old)+len(h.new) > 0 {
			hunks = append(hunks, h)
		}
		h = hunk{}
	}
	for l := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		switch {
		case strings.HasPrefix(l, "@@"):
			flush()
		case strings.HasPrefix(l, "--- ") && len(h.old)+len(h.new) == 0, strings.HasPrefix(l, "+++ ") && len(h.old)+len(h.new) == 0,
			strings.HasPrefix(l, "diff "), strings.HasPrefix(l, "index "), strings.HasPrefix(l, `\ No newline`):
		case l == "":
			h.keep("")
		case l[0] == '+':
			h.new, signs = append(h.new, l[1:]), signs+1
		case l[0] == '-':
			h.find(l[1:])
			signs++
		case l[0] == ' ':
			h.keep(l[1:])
		default:
			return nil, 0
		}
	}
	flush()
	if signs == 0 {
		return nil, 0
	}
	return hunks, signs
}

// shownByOriginal reports whether the signs are those of a patch: the old lines
// without their sign are lines of the original, and the lines with it are not.
// Where there are no old lines every line must have its sign.
func shownByOriginal(hunks []hunk, signs int, have []string, original string) bool {
	old, hits, lines := 0, 0, 0
	for _, h := range hunks {
		lines += len(h.new)
		for _, l := range h.old {
			if l != "" {
				old++
				if slices.Contains(have, l) {
					hits++
				}
			}
		}
	}
	if old == 0 {
		return signs == lines && !strings.HasPrefix(strings.TrimSpace(original), "+")
	}
	return hits*2 > old || hits == old
}

// findLines is the first place from which need stands in have, -1 if nowhere.
func findLines(have, need []string, from int) int {
	for i := from; i+len(need) <= len(have); i++ {
		if slices.Equal(have[i:i+len(need)], need) {
			return i
		}
	}
	return -1
}
