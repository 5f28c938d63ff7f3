package text

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// RangeEdit is one content change as an editor sends it: Start and End in some
// Encoding; Whole replaces the whole document and ignores them.
type RangeEdit struct {
	Start, End Position
	New        string
	Whole      bool
}

// ApplyRange applies one content change of an editor and says which Edit it was.
// The returned index belongs to the returned text. x must be the index of src; a
// nil one is made. ErrRange if a line lies past the end; then nothing changed.
//
// It does what keeps the text as long as the editor's own, because every later
// change counts on that:
//
//   - Start after End is taken as the range between the two.
//   - A change that cuts a surrogate pair (editors that hold UTF-16 do that) leaves
//     the half that stays as U+FFFD: one unit, like the lone half in the editor,
//     and what the editor itself would write to disk. Two halves that come to
//     stand side by side are one rune again.
//   - A UTF-8 position inside a rune cuts there. What is left counts byte by byte.
//   - A change is reported as the smallest Edit with the same result (without the
//     common head and tail): editors send a whole document, or a line end with the
//     new line behind it, and what is beside that was not touched.
func ApplyRange(src string, x *LineIndex, r RangeEdit, enc Encoding) (string, *LineIndex, Edit, error) {
	if x == nil || len(x.src) != len(src) {
		x = NewLineIndex(src)
	}
	if r.Whole {
		e := Replacement(src, r.New)
		return r.New, x.Edit(e, r.New), e, nil
	}
	e, err := x.rangeEdit(r, enc)
	if err != nil {
		return src, x, Edit{}, err
	}
	next := replace(src, e)
	return next, x.Edit(e, next), e, nil
}

// rangeEdit converts a change that is not of the whole document.
func (x *LineIndex) rangeEdit(r RangeEdit, enc Encoding) (Edit, error) {
	start, startInto, err := x.locate(r.Start, enc)
	if err != nil {
		return Edit{}, fmt.Errorf("start of the change: %w", err)
	}
	end, endInto, err := x.locate(r.End, enc)
	if err != nil {
		return Edit{}, fmt.Errorf("end of the change: %w", err)
	}
	if start > end || start == end && startInto > endInto {
		start, startInto, end, endInto = end, endInto, start, startInto
	}
	if enc != UTF16 {
		return x.least(Edit{Span{start + startInto, end + endInto}, r.New}), nil
	}
	return x.least(x.mendHalves(Edit{Span{start, end}, r.New}, startInto > 0, endInto > 0)), nil
}

// least is e without what it puts back. The common head goes first: a line end that
// becomes two is an insertion after the first one, where a line is opened below.
func (x *LineIndex) least(e Edit) Edit {
	if e.Span.Len() == 0 || e.New == "" {
		return e
	}
	r := Replacement(x.src[e.Span.Start:e.Span.End], e.New)
	r.Span.Start += e.Span.Start
	r.Span.End += e.Span.Start
	return r
}

// mendHalves widens e, which cuts the surrogate pair at its start or at its end
// or both, to whole runes.
func (x *LineIndex) mendHalves(e Edit, cutStart, cutEnd bool) Edit {
	if !cutStart && !cutEnd {
		return e
	}
	first, _ := utf8.DecodeRuneInString(x.src[e.Span.Start:])
	last, size := utf8.DecodeRuneInString(x.src[e.Span.End:])
	if cutEnd {
		e.Span.End += size
	}
	if cutStart && cutEnd && e.New == "" {
		high, _ := utf16.EncodeRune(first)
		_, low := utf16.EncodeRune(last)
		e.New = string(utf16.DecodeRune(high, low))
		return e
	}
	const half = string(utf8.RuneError)
	if cutStart {
		e.New = half + e.New
	}
	if cutEnd {
		e.New += half
	}
	return e
}
