package text

import "strings"

// Mark is the byte order mark that some files begin with. It stands before the text
// and is no part of a word or of an indentation.
const Mark = "\ufeff"

// EOL is the line end that most lines of src use: "\n", "\r\n" or "\r"; "\n" for a text without any.
// Where two are equally frequent, the one named first here wins.
func EOL(src string) string {
	lf, crlf, cr := countEOL(src)
	switch {
	case lf >= crlf && lf >= cr:
		return "\n"
	case crlf >= cr:
		return "\r\n"
	default:
		return "\r"
	}
}

func countEOL(src string) (lf, crlf, cr int) {
	crlf = strings.Count(src, "\r\n")
	return strings.Count(src, "\n") - crlf, crlf, strings.Count(src, "\r") - crlf
}

// WithEOL rewrites every line end of s (\n, \r\n and lone \r) to eol.
func WithEOL(s, eol string) string {
	lf, crlf, cr := countEOL(s)
	switch {
	case eol == "\n" && crlf+cr == 0, eol == "\r\n" && lf+cr == 0, eol == "\r" && lf+crlf == 0:
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + (lf+crlf+cr)*len(eol))
	for {
		i := strings.IndexAny(s, "\r\n")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		b.WriteString(eol)
		if strings.HasPrefix(s[i:], "\r\n") {
			i++
		}
		s = s[i+1:]
	}
}

// maxIndent is the widest run of spaces that passes for one level.
const maxIndent = 8

// Indent is the unit of indentation that src uses: "\t" or a run of spaces; "" when it shows none.
// It is the commonest step by which a line is deeper than the one before it;
// steps of a single space (the stars of block comments) don't count.
func Indent(src string) string {
	var steps [maxIndent + 1]int
	tabbed, spaced, least := 0, 0, 0
	prev := -1
	for line := range lineSeq(src) {
		rest := strings.TrimLeft(line, " \t")
		if rest == "" {
			continue
		}
		if line[0] == '\t' {
			tabbed++
			prev = -1
			continue
		}
		width := strings.IndexFunc(line, func(r rune) bool { return r != ' ' })
		if width > 1 {
			spaced++
			if least == 0 || width < least {
				least = width
			}
		}
		if step := width - prev; prev >= 0 && step > 1 && step <= maxIndent {
			steps[step]++
		}
		// A comment's " *" lines hang one space off; they are no level to step from.
		if width != 1 {
			prev = width
		}
	}
	if tabbed > 0 && tabbed >= spaced {
		return "\t"
	}
	best := 0
	for step, n := range steps {
		if n > steps[best] {
			best = step
		}
	}
	if best == 0 && least <= maxIndent {
		best = least // a fragment without any step: its own depth is all there is
	}
	return strings.Repeat(" ", best)
}

// lineSeq yields the lines of src without their line ends.
func lineSeq(src string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for src != "" {
			i := strings.IndexAny(src, "\r\n")
			if i < 0 {
				yield(src)
				return
			}
			// The empty line inside a \r\n is harmless to those who skip blank lines.
			if !yield(src[:i]) {
				return
			}
			src = src[i+1:]
		}
	}
}
