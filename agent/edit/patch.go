package edit

import (
	"slices"
	"strings"
)

// hunk is one part of a patch.
type hunk struct {
	piece
	loose bool // a line has no sign: what is bare may be meant
}

// patch reads a text as a unified patch of the original, with or without
// headers, with any line numbers: nil if it is none. Where neither its info string nor a
// header says that it is one, every line must have its sign, and the original
// must show that these are signs.
func (p *Parser) patch(s, info string) []piece {
	said := family(info) == "diff" && family(p.t.Language) != "diff" || patchHeader(s)
	if !said && !allSigned(s) {
		return nil // as nearly always
	}
	hunks, signs := readHunks(s)
	if signs == 0 || family(p.t.Language) == "diff" && !said {
		return nil
	}
	if !said {
		have := splitLines(strings.ReplaceAll(p.t.Original, "\r\n", "\n"))
		if !shownByOriginal(hunks, signs, have, p.t.Original) {
			return nil
		}
	}
	out := make([]piece, len(hunks))
	for i, h := range hunks {
		if !h.loose {
			h.bare, h.bareReplace = nil, nil
		}
		h.after = i > 0
		out[i] = h.piece
	}
	return out
}

// patchHeader reports whether a text has what stands above the lines of a patch and
// in no code: "@@", or the names of the file before and after.
func patchHeader(s string) bool {
	for _, mark := range []string{"@@", "--- "} {
		for rest := s; ; {
			i := strings.Index(rest, mark)
			if i < 0 {
				break
			}
			start := i == 0 && len(rest) == len(s) || i > 0 && rest[i-1] == '\n'
			rest = rest[i+len(mark):]
			line, next, _ := strings.Cut(rest, "\n")
			if start && (mark == "@@" && (blank(line) || line[0] == ' ') || mark == "--- " && strings.HasPrefix(next, "+++ ")) {
				return true
			}
		}
	}
	return false
}

// allSigned reports whether every line that is not empty has a sign before it.
func allSigned(s string) bool {
	for l := range strings.Lines(s) {
		if l = strings.TrimRight(l, "\r\n"); l != "" && strings.IndexByte("+- \\@", l[0]) < 0 && !strings.HasPrefix(l, "diff ") && !strings.HasPrefix(l, "index ") {
			return false
		}
	}
	return true
}

// readHunks reads s as a patch; signs counts the lines with + or -.
func readHunks(s string) (hunks []hunk, signs int) {
	var h hunk
	file := ""
	flush := func() {
		if h.trim(); len(h.search)+len(h.replace) > 0 {
			h.file = file
			hunks = append(hunks, h)
		}
		h = hunk{}
	}
	lines := splitLines(strings.TrimRight(s, "\n"))
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		switch {
		case strings.HasPrefix(l, "@@"):
			flush()
		case strings.HasPrefix(l, "--- ") && i+1 < len(lines) && strings.HasPrefix(lines[i+1], "+++ "):
			flush()
			file = patchFile(lines[i+1][4:], l[4:])
			i++
		case strings.HasPrefix(l, "diff "), strings.HasPrefix(l, "index ") && len(h.search)+len(h.replace) == 0, strings.HasPrefix(l, `\ No newline`):
		case l == "":
			h.keep("", "")
		case l[0] == '+':
			h.replace, h.bareReplace, signs = append(h.replace, l[1:]), append(h.bareReplace, l[1:]), signs+1
		case l[0] == '-':
			h.search, h.bare, signs = append(h.search, l[1:]), append(h.bare, l[1:]), signs+1
		case l[0] == ' ':
			h.keep(l[1:], l)
		default:
			h.keep(l, l)
			h.loose = true
		}
	}
	flush()
	if signs == 0 {
		return nil, 0
	}
	return hunks, signs
}

func (h *hunk) keep(l, bare string) {
	h.search, h.replace = append(h.search, l), append(h.replace, l)
	h.bare, h.bareReplace = append(h.bare, bare), append(h.bareReplace, bare)
}

// trim takes blank lines of context off both ends: they are often the reply's own.
func (h *hunk) trim() {
	for len(h.search) > 0 && len(h.replace) > 0 && h.search[0] == "" && h.replace[0] == "" {
		h.search, h.replace, h.bare, h.bareReplace = h.search[1:], h.replace[1:], h.bare[1:], h.bareReplace[1:]
	}
	for n, m := len(h.search), len(h.replace); n > 0 && m > 0 && h.search[n-1] == "" && h.replace[m-1] == ""; n, m = n-1, m-1 {
		h.search, h.replace, h.bare, h.bareReplace = h.search[:n-1], h.replace[:m-1], h.bare[:n-1], h.bareReplace[:m-1]
	}
}

// patchFile is the path that the two headers of a patch name, as far as it is one.
func patchFile(now, was string) string {
	for _, s := range []string{now, was} {
		s, _, _ = strings.Cut(strings.TrimSpace(s), "\t")
		s = strings.TrimPrefix(strings.TrimPrefix(s, "a/"), "b/")
		if s != "/dev/null" && strings.Contains(s, ".") && !strings.Contains(s, " ") {
			return s
		}
	}
	return ""
}

// allNew gives the whole new text where every line of a patch is an addition: the
// original must be blank or be known again in it, or the lines would be for a place
// that the patch does not name.
func (p *Parser) allNew(pieces []piece) ([]string, bool) {
	var out []string
	for _, pc := range pieces {
		if len(pc.search) > 0 {
			return nil, false
		}
		out = append(out, pc.replace...)
	}
	name, was, hits := declared(p.t.Original), 0, 0
	for l := range lines(p.t.Original) {
		was++
		if slices.ContainsFunc(out, func(o string) bool { return strings.TrimSpace(o) == l }) {
			hits++
		}
	}
	return out, hits*2 >= was || name != "" && hasWord(strings.Join(out, "\n"), name)
}

// shownByOriginal reports whether the signs are those of a patch: the old lines
// without their sign are lines of the original, and the lines with it are not.
// Where there are no old lines every line must have its sign.
func shownByOriginal(hunks []hunk, signs int, have []string, original string) bool {
	old, hits, lines := 0, 0, 0
	for _, h := range hunks {
		lines += len(h.replace)
		for _, l := range h.search {
			if l != "" {
				old++
				if slices.ContainsFunc(have, func(h string) bool { return strings.TrimRight(h, " \t") == strings.TrimRight(l, " \t") }) {
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
