package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Encoding counts the characters of a Position: bytes, UTF-16 units or runes.
// A byte that is not part of valid UTF-8 counts as one character in all three,
// so that any bytes survive the way to a Position and back.
type Encoding uint8

// The three position encodings of LSP 3.17.
const (
	UTF16 Encoding = iota // the default of the protocol
	UTF8
	UTF32
)

// Position is a zero-based line and a character offset within it, counted in
// an Encoding that travels beside it.
type Position struct{ Line, Character uint32 }

// LineIndex finds lines and converts positions of one text. Immutable.
// Lines end with \n, \r\n or a lone \r, as LSP says. The zero LineIndex is
// that of the empty text.
type LineIndex struct {
	src string
	// breaks holds the offset where each line but the first starts, ascending.
	breaks []int
}

// CountLines counts the lines of s that end with \n, and what is behind the last of
// them: 0 for the empty text.
func CountLines(s string) int {
	n := strings.Count(s, "\n")
	if s != "" && !strings.HasSuffix(s, "\n") {
		n++
	}
	return n
}

// NewLineIndex indexes src, O(len(src)).
func NewLineIndex(src string) *LineIndex {
	x := &LineIndex{src: src}
	if strings.IndexByte(src, '\r') >= 0 {
		x.breaks = appendBreaks(nil, src, 1, len(src))
		return x
	}
	n := strings.Count(src, "\n")
	if n == 0 {
		return x
	}
	x.breaks = make([]int, 0, n)
	for off := 0; ; {
		i := strings.IndexByte(src[off:], '\n')
		if i < 0 {
			return x
		}
		off += i + 1
		x.breaks = append(x.breaks, off)
	}
}

// appendBreaks appends the line starts of src from lo to hi, both included.
func appendBreaks(breaks []int, src string, lo, hi int) []int {
	for off := max(lo, 1); off <= hi; off++ {
		if isBreak(src, off) {
			breaks = append(breaks, off)
		}
	}
	return breaks
}

// isBreak reports whether a line other than the first starts at off. It looks
// at the bytes right before and right after off and at nothing else; Edit
// relies on that.
func isBreak(src string, off int) bool {
	switch src[off-1] {
	case '\n':
		return true
	case '\r':
		return off == len(src) || src[off] != '\n'
	}
	return false
}

// Lines is the number of lines; a text that ends with a line end has an empty last line.
func (x *LineIndex) Lines() int { return len(x.breaks) + 1 }

// Line is the zero-based line that holds offset off, which is clamped to the text.
func (x *LineIndex) Line(off int) int {
	i, found := slices.BinarySearch(x.breaks, off)
	if found {
		i++
	}
	return i
}

// LineSpan is the span of a line with its line end. A line before the first or
// past the last one is empty, at the start or the end of the text.
func (x *LineIndex) LineSpan(line int) Span {
	switch {
	case line < 0:
		return Span{}
	case line >= x.Lines():
		return Span{len(x.src), len(x.src)}
	}
	s := Span{0, len(x.src)}
	if line > 0 {
		s.Start = x.breaks[line-1]
	}
	if line < len(x.breaks) {
		s.End = x.breaks[line]
	}
	return s
}

// contentSpan is LineSpan without the line end.
func (x *LineIndex) contentSpan(line int) Span {
	s := x.LineSpan(line)
	if s.Len() > 0 && x.src[s.End-1] == '\n' {
		s.End--
	}
	if s.Len() > 0 && x.src[s.End-1] == '\r' {
		s.End--
	}
	return s
}

// Offset converts p. A character past the end of the line means the end of the
// line (before its line end), as LSP says. The start of the line after the last
// one means the end of the text: editors write the end of an unterminated last
// line that way. Any other line past the last one is ErrRange.
//
// A position in the middle of a rune (of a surrogate pair in UTF-16, of its bytes
// in UTF-8) is rounded down to the start of the rune, as gopls does: editors do
// send it, and refusing a menu or a selection for it would help nobody.
func (x *LineIndex) Offset(p Position, enc Encoding) (int, error) {
	off, _, err := x.locate(p, enc)
	return off, err
}

// locate is Offset that also says how many characters into the rune at the
// offset p points: 0 but for positions in the middle of a rune.
func (x *LineIndex) locate(p Position, enc Encoding) (off, into int, err error) {
	if int64(p.Line) >= int64(x.Lines()) {
		if int64(p.Line) == int64(x.Lines()) && p.Character == 0 {
			return len(x.src), 0, nil
		}
		return 0, 0, fmt.Errorf("line %d of %d: %w", int64(p.Line)+1, x.Lines(), ErrRange)
	}
	s := x.contentSpan(int(p.Line))
	line := x.src[s.Start:s.End]
	if int64(p.Character) >= int64(len(line)) && enc == UTF8 {
		return s.End, 0, nil
	}
	want := int64(p.Character)
	if enc == UTF8 {
		off = s.Start + int(want)
		start := runeStart(x.src, off)
		return start, off - start, nil
	}
	i, got := 0, int64(0)
	for i < len(line) && got < want {
		if line[i] < utf8.RuneSelf {
			i++
			got++
			continue
		}
		r, size := utf8.DecodeRuneInString(line[i:])
		units := int64(unitsOf(r, enc))
		if got+units > want {
			return s.Start + i, int(want - got), nil
		}
		i += size
		got += units
	}
	return s.Start + i, 0, nil
}

// unitsOf is the number of characters of a rune in UTF-16 or UTF-32; bad bytes
// decode as U+FFFD and count one.
func unitsOf(r rune, enc Encoding) int {
	if enc == UTF16 && r >= 0x10000 {
		return 2
	}
	return 1
}

// runeStart is off, or the start of the valid rune that off lies inside of.
func runeStart(src string, off int) int {
	if off <= 0 || off >= len(src) || utf8.RuneStart(src[off]) {
		return off
	}
	for start := off - 1; start >= max(0, off-utf8.UTFMax+1); start-- {
		if !utf8.RuneStart(src[start]) {
			continue
		}
		// A size of 1 is ASCII or a bad byte; only a valid rune reaches over off.
		if _, size := utf8.DecodeRuneInString(src[start:]); start+size > off {
			return start
		}
		break
	}
	return off
}

// Position converts a byte offset; offsets are clamped to the text. An offset
// inside a rune has the position of the rune, one inside a \r\n that of the \r.
func (x *LineIndex) Position(off int, enc Encoding) Position {
	off = runeStart(x.src, min(max(off, 0), len(x.src)))
	line := x.Line(off)
	s := x.contentSpan(line)
	part := x.src[s.Start:min(off, s.End)]
	n := 0
	switch enc {
	case UTF8:
		n = len(part)
	case UTF32:
		n = utf8.RuneCountInString(part)
	default:
		for _, r := range part {
			n += unitsOf(r, UTF16)
		}
	}
	return Position{uint32(line), uint32(n)}
}

// Edit is the index of the text after e, at a cost in proportion to the lines
// after e and not to the bytes of the text. next is the whole text after e; if it
// can't be, by its length, next is indexed from scratch.
func (x *LineIndex) Edit(e Edit, next string) *LineIndex {
	delta := len(e.New) - e.Span.Len()
	if checkSpan(e.Span, len(x.src)) != nil || len(next) != len(x.src)+delta {
		return NewLineIndex(next)
	}
	// A line start depends on the bytes on its two sides only. Those before
	// e.Span.Start and those after e.Span.End keep both; the ones between, ends
	// included, are looked for anew (\r and \n may have been joined or parted).
	kept, _ := slices.BinarySearch(x.breaks, e.Span.Start)
	after, _ := slices.BinarySearch(x.breaks, e.Span.End+1)
	breaks := make([]int, kept, len(x.breaks)+strings.Count(e.New, "\n")+2)
	copy(breaks, x.breaks)
	breaks = appendBreaks(breaks, next, e.Span.Start, e.Span.Start+len(e.New))
	moved := len(breaks)
	breaks = append(breaks, x.breaks[after:]...)
	if delta != 0 {
		for i := moved; i < len(breaks); i++ {
			breaks[i] += delta
		}
	}
	return &LineIndex{src: next, breaks: breaks}
}
