package text

import "errors"

// Span is a half-open range of byte offsets.
type Span struct{ Start, End int }

// Len is the number of bytes in s.
func (s Span) Len() int { return s.End - s.Start }

// Contains reports whether o lies within s, ends included.
func (s Span) Contains(o Span) bool { return s.Start <= o.Start && o.End <= s.End }

// Overlaps reports whether the two spans share a byte, or one is empty and lies
// strictly inside the other. Spans that merely touch do not overlap.
func (s Span) Overlaps(o Span) bool { return s.Start < o.End && o.Start < s.End }

// Edit replaces the bytes of Span by New.
type Edit struct {
	Span Span
	New  string
}

// Errors of this package, matched with errors.Is.
var (
	// ErrRange: an offset or position lies outside the text.
	ErrRange = errors.New("outside the text")
	// ErrOrder: edits that must be ascending and disjoint are not.
	ErrOrder = errors.New("edits overlap or are out of order")
	// ErrOverlap: a concurrent edit touches what is being rebased.
	ErrOverlap = errors.New("the text was changed meanwhile")
)
