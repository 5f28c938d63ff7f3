package workspace

import (
	"strings"
	"unicode/utf8"
)

// searcher looks into one text after the other. It is for one goroutine.
type searcher struct {
	*plan
	dfa  *lineDFA
	stop func() bool
	emit func(Hit) bool // false ends the search of the file

	path, text string
	cr         bool // there is a \r in it
	scans      []needScan
	found      int  // matches in the text
	clipped    bool // there are more than MaxPerFile

	// Line numbers and columns are counted on from the last match.
	lineAt, line int // a line start, and its number
	start, end   int // the line of the last match
	cols         columns
}

func newSearcher(p *plan, stop func() bool) *searcher {
	s := &searcher{plan: p, stop: stop}
	if p.nfa != nil {
		s.dfa = newLineDFA(p.nfa, stop)
	}
	return s
}

// file emits the matches in the text of the file at path, and reports whether
// MaxPerFile left some out.
func (s *searcher) file(path, text string) (clipped bool) {
	s.path, s.text, s.found, s.clipped = path, text, 0, false
	s.cr = strings.IndexByte(text, '\r') >= 0
	s.lineAt, s.line, s.start, s.end = 0, 0, -1, -1
	switch {
	case s.literal != nil:
		s.literals()
	case len(s.need) > 0:
		s.around()
	default:
		s.lines(0)
	}
	s.text = "" // not kept alive while waiting for the next one
	clear(s.scans)
	return s.clipped
}

// literals emits the places of a literal.
func (s *searcher) literals() {
	sc := s.literal.scan(s.text)
	tries := 0
	for from := 0; ; {
		start, end := sc.next(from)
		if start < 0 {
			return
		}
		if tries++; tries%1024 == 0 && s.stop() {
			return
		}
		from = end
		if s.Word && !wordAt(s.text, start, end) {
			_, size := utf8.DecodeRuneInString(s.text[start:])
			from = start + size
			continue
		}
		if start > s.end || s.start < 0 {
			s.start, s.end = lineAround(s.text, start, s.cr)
			s.enter()
		}
		if !s.match(start, end) {
			return
		}
	}
}

// around looks for matches in the lines that hold a literal that they need.
// Where many lines do, it gives up and reads line by line.
func (s *searcher) around() {
	s.scans = s.scans[:0]
	for _, f := range s.need {
		s.scans = append(s.scans, needScan{scan: f.scan(s.text), at: -1})
	}
	looked, vain := 0, 0
	for from := 0; from < len(s.text); {
		at := s.nextNeed(from)
		if at == len(s.text) || s.stop() {
			return
		}
		start, end := lineAround(s.text, at, s.cr)
		if s.dfa.find(s.text[:end], start) < 0 {
			vain++
		} else if !s.spansIn(start, end) {
			return
		}
		looked += end - start
		from = nextLine(s.text, end)
		if vain > 16 && looked > from/4 {
			s.lines(from)
			return
		}
	}
}

// needScan is one needed literal and where it stands next.
type needScan struct {
	scan
	at int // not known below from
}

// nextNeed is the first place at or after from of any needed literal, the end of
// the text if there is none.
func (s *searcher) nextNeed(from int) int {
	first := len(s.text)
	for i := range s.scans {
		n := &s.scans[i]
		if n.at < from {
			if n.at, _ = n.next(from); n.at < 0 {
				n.at = len(s.text)
			}
		}
		first = min(first, n.at)
	}
	return first
}

// lines looks for matches in all lines from the one that starts at from.
func (s *searcher) lines(from int) {
	for from <= len(s.text) {
		at := s.dfa.find(s.text, from)
		if at < 0 || s.stop() {
			return
		}
		if at > 0 && at < len(s.text) && s.text[at] == '\n' && s.text[at-1] == '\r' {
			from = at + 1 // there is no line between the two
			continue
		}
		start, end := lineAround(s.text, at, s.cr)
		if !s.spansIn(start, end) {
			return
		}
		from = nextLine(s.text, end)
	}
}

// spansIn emits the matches of the regular expression in one line.
func (s *searcher) spansIn(start, end int) bool {
	n := -1
	if s.MaxPerFile > 0 {
		n = s.MaxPerFile - s.found + 1 // one more, to know whether there are more
	}
	entered := false
	for a, b := range s.spans.spans(s.text[start:end], n, s.stop) {
		if !entered {
			s.start, s.end, entered = start, end, true
			s.enter()
		}
		if !s.match(start+a, start+b) {
			return false
		}
	}
	return true
}

// enter comes to the line from s.start to s.end.
func (s *searcher) enter() {
	s.line += countBreaks(s.text[s.lineAt:s.start], s.cr)
	s.lineAt = s.start
	s.cols = columns{line: s.text[s.start:s.end]}
}

// match emits a match in the line that was entered.
func (s *searcher) match(start, end int) bool {
	if s.MaxPerFile > 0 && s.found == s.MaxPerFile {
		s.clipped = true
		return false
	}
	s.found++
	m := Hit{
		Path: s.path, Start: start, End: end, Line: s.line, Text: s.cols.line,
		Col: start - s.start, EndCol: end - s.start,
	}
	m.Col16 = s.cols.utf16(m.Col)
	m.EndCol16 = s.cols.utf16(m.EndCol)
	if s.Context > 0 {
		m.Before = linesBefore(s.text, s.start, s.Context)
		m.After = linesAfter(s.text, s.end, s.Context)
	}
	return s.emit(m)
}

// columns counts the UTF-16 units of one line, for ascending columns.
type columns struct {
	line        string
	bytes, unit int // so many bytes are so many units
}

func (c *columns) utf16(col int) int {
	for c.bytes < col {
		// Eight at a time where they are ASCII: of many matches this is what most of the
		// time goes into, beside finding them.
		if c.bytes+8 <= col && ascii8(c.line[c.bytes:]) {
			c.bytes += 8
			c.unit += 8
			continue
		}
		if c.line[c.bytes] < utf8.RuneSelf {
			c.bytes++
			c.unit++
			continue
		}
		r, size := utf8.DecodeRuneInString(c.line[c.bytes:])
		if c.bytes+size > col {
			return c.unit // inside a character: where it starts
		}
		c.bytes += size
		c.unit++
		if r >= 0x10000 {
			c.unit++
		}
	}
	return c.unit
}

// ascii8 reports whether the first eight bytes of s, which has as many, are ASCII.
func ascii8(s string) bool {
	_ = s[7]
	word := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56 // one load
	return word&0x8080808080808080 == 0
}

// countBreaks is the number of line ends in text, which is whole lines.
func countBreaks(text string, cr bool) int {
	n := strings.Count(text, "\n")
	if cr {
		n += strings.Count(text, "\r") - strings.Count(text, "\r\n")
	}
	return n
}

// linesBefore is up to n lines before the one that starts at start.
func linesBefore(text string, start, n int) []string {
	var lines []string
	for range n {
		if start == 0 {
			break
		}
		start--
		if text[start] == '\n' && start > 0 && text[start-1] == '\r' {
			start--
		}
		end := start
		start, _ = lineAround(text[:end], end, true)
		lines = append(lines, text[start:end])
	}
	for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	return lines
}

// linesAfter is up to n lines after the one that ends at end.
func linesAfter(text string, end, n int) []string {
	var lines []string
	for range n {
		start := nextLine(text, end)
		if start >= len(text) {
			break
		}
		end = lineEnd(text, start, true)
		lines = append(lines, text[start:end])
	}
	return lines
}
