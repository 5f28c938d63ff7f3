package edit

import (
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

// fit gives s, which has \n line ends, the style of the place it goes to: the
// file's line ends and tabs or spaces, the indentation of the region's first
// line if the model shifted the whole, and the region's own blank lines at its
// ends. The inside of the lines is never touched.
func (p *Parser) fit(s string) string {
	if p.t.alone() {
		return strings.TrimRight(strings.TrimLeft(s, "\r\n"), " \t\n") + "\n"
	}
	if sameText(s, p.t.Original) && equalLines(s, p.t.Original) {
		return p.t.Original
	}
	whole := p.t.Before + p.t.Original + p.t.After
	lines := trimBlank(strings.Split(s, "\n"))
	unit := text.Indent(whole)
	convertIndent(lines, unit)
	if strings.HasPrefix(unit, " ") {
		rescale(lines, p.t.Original)
	}
	if unit == "" {
		unit = "\t"
		if guess := text.Indent(s); guess != "" {
			unit = guess
		}
	}
	p.shift(lines, unit)
	body := strings.Join(lines, "\n")
	if p.t.Original == "" {
		body = p.insertion(lines, unit)
	} else {
		head, tail := blankEnds(p.t.Original)
		body = head + body + tail
	}
	return withEnds(body, p.t.Original, text.EOL(whole))
}

// withEnds gives a new text, which has \n line ends, the line ends eol. In a
// file that mixes them, the lines that stay keep the ones that they have.
func withEnds(body, original, eol string) string {
	lone := eol == "\r" || strings.Count(original, "\r") != strings.Count(original, "\r\n") // beside a \n it would become another
	if lone || text.WithEOL(original, eol) == original {
		return text.WithEOL(body, eol)
	}
	// Edits of the text with plain line ends are moved into the original.
	plain := text.WithEOL(original, "\n")
	at := make([]int, 0, len(plain)+1) // offset in original by offset in plain
	for i := range len(original) {
		if i == 0 || original[i] != '\n' || original[i-1] != '\r' {
			at = append(at, i)
		}
	}
	at = append(at, len(original))
	edits := text.Diff(plain, body)
	for i, e := range edits {
		edits[i] = text.Edit{Span: text.Span{Start: at[e.Span.Start], End: at[e.Span.End]}, New: text.WithEOL(e.New, eol)}
	}
	if mixed, err := text.Apply(original, edits); err == nil {
		return mixed
	}
	return text.WithEOL(body, eol) // can't happen: the edits are in order and apart
}

// equalLines compares line by line without line ends and trailing white space.
func equalLines(a, b string) bool {
	x, y := trimBlank(strings.Split(a, "\n")), trimBlank(strings.Split(b, "\n"))
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if strings.TrimRight(x[i], " \t\r") != strings.TrimRight(y[i], " \t\r") {
			return false
		}
	}
	return true
}

func trimBlank(lines []string) []string {
	for len(lines) > 0 && blank(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// blankEnds gives the blank lines at the start of a region and everything after
// the last character of its last line: what a new text must keep. A byte order
// mark belongs to the start.
func blankEnds(s string) (head, tail string) {
	mark := ""
	if rest, ok := strings.CutPrefix(s, text.Mark); ok {
		mark, s = text.Mark, rest
	}
	s = text.WithEOL(s, "\n")
	body := strings.TrimLeft(s, " \t\n")
	head = s[:len(s)-len(body)]
	head = head[:strings.LastIndexByte(head, '\n')+1]
	tail = s[len(strings.TrimRight(s, " \t\n")):]
	if body == "" {
		head = ""
	}
	if i := strings.IndexByte(tail, '\n'); i > 0 {
		tail = tail[i:] // spaces after the last line of code go with that line
	} else if i < 0 {
		tail = ""
	}
	return mark + head, tail
}

// insertion gives a new text its place at a cursor: on lines of its own if it
// stands at the start of one, or if it only makes sense there.
func (p *Parser) insertion(lines []string, unit string) string {
	before, after, body := p.t.Before, p.t.After, strings.Join(lines, "\n")
	head := before[lineStartAt(before):]
	rest, _, _ := strings.Cut(after, "\n")
	if blank(head) {
		switch {
		case !blank(rest):
			body += "\n" + head
		case after == "":
			body += "\n"
		}
		return body
	}
	last := after == "" // without its line end: what is put behind it, a comment there would take in
	if last || !p.syntaxKept(body) {
		want := indentOf(head)
		if opensBlock(head) {
			want += unit
		}
		moveTo(lines, want, unit)
		own := "\n" + strings.Join(lines, "\n")
		if !blank(rest) {
			own += "\n"
		}
		if last || p.syntaxKept(own) {
			return own
		}
	}
	return body
}

// lineStartAt is where the last line of s starts.
func lineStartAt(s string) int { return strings.LastIndexAny(s, "\r\n") + 1 }

// convertIndent turns spaces at the start of lines into tabs, or tabs into
// spaces, if the file has only the other kind (unit) and the reply leaves no
// doubt: it uses one kind only, and its spaces are multiples of one step.
func convertIndent(lines []string, unit string) {
	tabs, step := false, 0
	for _, l := range lines {
		in := indentOf(l)
		if blank(l) || in == "" {
			continue
		}
		switch {
		case strings.Trim(in, "\t") == "":
			tabs = true
		case strings.Contains(in, "\t"):
			return
		case strings.HasPrefix(l[len(in):], "*"): // inside a block comment: one column off
		default:
			step = gcd(step, len(in))
		}
	}
	switch {
	case unit == "":
	case unit != "\t" && tabs && step == 0:
		for i, l := range lines {
			in := indentOf(l)
			lines[i] = strings.Repeat(unit, strings.Count(in, "\t")) + strings.TrimLeft(l, "\t")
		}
	case unit == "\t" && !tabs && step > 1:
		for step > 4 && step%2 == 0 {
			step /= 2
		}
		for i, l := range lines {
			n := len(indentOf(l))
			lines[i] = strings.Repeat("\t", n/step) + strings.Repeat(" ", n%step) + l[n:]
		}
	}
}

// rescale gives lines indented by spaces the step of the original, where the lines
// that both have show that the reply has another one: each of these is then deeper,
// or less deep, by one factor, and so can all the others be.
func rescale(lines []string, original string) {
	known := map[string]int{}
	for l := range strings.Lines(original) {
		if in := indentOf(l); !blank(l) && strings.Trim(in, " ") == "" {
			if body := strings.TrimSpace(l); telling([]string{body}) {
				if w, ok := known[body]; ok && w != len(in) {
					return // it says nothing certain
				}
				known[body] = len(in)
			}
		}
	}
	was, is, deep := 0, 0, false
	for _, l := range lines {
		in := indentOf(l)
		if strings.Trim(in, " ") != "" {
			return
		}
		w, ok := known[strings.TrimSpace(l)]
		switch {
		case !ok:
		case w == 0 && in == "":
		case was == 0:
			was, is = w, len(in)
		case was*len(in) != is*w:
			return
		default:
			deep = deep || was != w
		}
	}
	if was == is || was == 0 || is == 0 || !deep {
		return
	}
	for _, l := range lines {
		if !blank(l) && len(indentOf(l))*was%is != 0 {
			return
		}
	}
	for i, l := range lines {
		in := indentOf(l)
		lines[i] = strings.Repeat(" ", len(in)*was/is) + l[len(in):]
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// shift moves the lines as a whole, or the first one alone, so that the first
// line stands where the region's first line stands.
func (p *Parser) shift(lines []string, unit string) {
	if len(lines) == 0 {
		return
	}
	lead := p.t.Before[lineStartAt(p.t.Before):]
	if !blank(lead) {
		return // the region starts in the middle of a line of code
	}
	if want, sure := p.wantIndent(lead, unit); sure {
		moveTo(lines, want, unit)
	}
	lines[0] = strings.TrimPrefix(lines[0], lead) // it is in the file already
}

// moveTo shifts the lines so that the first one is indented by want.
func moveTo(lines []string, want, unit string) {
	have := indentOf(lines[0])
	switch {
	case have == want:
	case firstAlone(lines, want, unit):
		lines[0] = want + lines[0][len(have):]
	case strings.HasPrefix(want, have):
		add := want[len(have):]
		for i, l := range lines {
			if blank(l) {
				lines[i] = ""
			} else {
				lines[i] = add + l
			}
		}
	case strings.HasPrefix(have, want):
		removeIndent(lines, have[:len(have)-len(want)])
	}
}

// removeIndent takes in off every line, if all of them have it.
func removeIndent(lines []string, in string) {
	for _, l := range lines {
		if !blank(l) && !strings.HasPrefix(l, in) {
			return
		}
	}
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, in)
	}
}

// wantIndent is the indentation of the region's first line in the file. For an
// insertion it is that of the line it is put on, or, on an empty line, of the
// code before it; sure is false where that says nothing (after an empty line in
// a language without brackets, code at the margin may be meant).
func (p *Parser) wantIndent(lead, unit string) (want string, sure bool) {
	for l := range strings.Lines(p.t.Original) {
		if !blank(l) {
			if strings.HasPrefix(p.t.Original, l) {
				return lead + indentOf(strings.TrimPrefix(l, text.Mark)), true
			}
			return indentOf(l), true
		}
	}
	if lead != "" {
		return lead, true
	}
	if rest, _, _ := strings.Cut(p.t.After, "\n"); !blank(rest) {
		if closer := strings.TrimSpace(rest)[0]; closer == '}' || closer == ')' || closer == ']' {
			return indentOf(rest) + unit, true
		}
		return indentOf(rest), true
	}
	before := strings.TrimRight(p.t.Before, " \t\r\n")
	if before == "" {
		return "", true
	}
	last := before[lineStartAt(before):]
	switch {
	case opensBlock(last):
		return indentOf(last) + unit, true
	case family(p.t.Language) == "python":
		return "", false
	}
	return indentOf(last), true
}

// opensBlock reports whether the line after this one is one unit deeper.
func opensBlock(line string) bool {
	line = strings.TrimRight(line, " \t\r")
	if line == "" {
		return false
	}
	switch line[len(line)-1] {
	case '{', '(', '[', ':':
		return true
	}
	return strings.HasSuffix(line, "=>")
}

// firstAlone reports whether only the first line lost its indentation, as happens
// when a reply is trimmed, rather than all of them.
func firstAlone(lines []string, want, unit string) bool {
	have := width(indentOf(lines[0]))
	goal := width(want)
	second, least, closes := -1, -1, false
	for _, l := range lines[1:] {
		if blank(l) {
			continue
		}
		w := width(indentOf(l))
		if second < 0 {
			second, least = w, w
		}
		least = min(least, w)
		closes = closes || w == goal && strings.IndexByte("})]", strings.TrimSpace(l)[0]) >= 0
	}
	if have >= goal || second < 0 || least < goal {
		return false // a line to the left of where the first belongs: all were moved
	}
	if closes && strings.HasSuffix(strings.TrimRight(lines[0], " \t"), "{") {
		return true // what the first line opens is closed where it belongs
	}
	step := 0
	if opensBlock(lines[0]) {
		step = width(unit)
	}
	far := func(a, b int) int { return max(a-b, b-a) }
	return far(second, goal+step) < far(second, have+step)
}
