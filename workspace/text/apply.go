package text

import (
	"fmt"
	"strings"
)

// Apply applies simultaneous edits. ErrRange if a span lies outside src or is
// reversed, ErrOrder if the spans are not ascending and disjoint. Spans that
// touch are fine: several insertions at one place land in the order given.
func Apply(src string, edits []Edit) (string, error) {
	size := len(src)
	prev := 0
	for i, e := range edits {
		if err := checkSpan(e.Span, len(src)); err != nil {
			return "", fmt.Errorf("edit %d: %w", i, err)
		}
		if e.Span.Start < prev {
			return "", fmt.Errorf("edit %d starts at %d, the one before it ends at %d: %w", i, e.Span.Start, prev, ErrOrder)
		}
		prev = e.Span.End
		size += len(e.New) - e.Span.Len()
	}
	switch len(edits) {
	case 0:
		return src, nil
	case 1:
		return replace(src, edits[0]), nil
	}
	var b strings.Builder
	b.Grow(size)
	done := 0
	for _, e := range edits {
		b.WriteString(src[done:e.Span.Start])
		b.WriteString(e.New)
		done = e.Span.End
	}
	b.WriteString(src[done:])
	return b.String(), nil
}

// replace applies one edit whose span was checked.
func replace(src string, e Edit) string {
	return src[:e.Span.Start] + e.New + src[e.Span.End:]
}

// checkSpan refuses spans that are reversed or outside a text of size bytes.
func checkSpan(s Span, size int) error {
	if s.Start < 0 || s.End < s.Start || s.End > size {
		return fmt.Errorf("bytes %d to %d of %d: %w", s.Start, s.End, size, ErrRange)
	}
	return nil
}

// Sequential turns simultaneous edits into an equivalent sequence: the same
// edits in the same order, each moved by what those before it added or removed.
func Sequential(edits []Edit) []Edit {
	if edits == nil {
		return nil
	}
	seq := make([]Edit, len(edits))
	shift := 0
	for i, e := range edits {
		seq[i] = Edit{Span{e.Span.Start + shift, e.Span.End + shift}, e.New}
		shift += len(e.New) - e.Span.Len()
	}
	return seq
}
