package text

import "fmt"

// RebaseSpan moves s over a sequence of edits. Typing right before or right
// after s leaves it outside; a change inside s or across its ends is ErrOverlap.
// An empty span moves with the text around it and overlaps only a change that
// swallows it (removes the bytes on both of its sides); what is inserted exactly
// there comes to stand before it. An edit that changes nothing (empty span,
// empty text) never overlaps. ErrRange if s or a span of since is reversed or
// negative.
func RebaseSpan(s Span, since []Edit) (Span, error) {
	if s.Start < 0 || s.End < s.Start {
		return Span{}, fmt.Errorf("bytes %d to %d: %w", s.Start, s.End, ErrRange)
	}
	for _, e := range since {
		switch {
		case e.Span.Start < 0 || e.Span.End < e.Span.Start:
			return Span{}, fmt.Errorf("edit of bytes %d to %d: %w", e.Span.Start, e.Span.End, ErrRange)
		case e.Span.End <= s.Start:
			shift := len(e.New) - e.Span.Len()
			s.Start += shift
			s.End += shift
		case e.Span.Start >= s.End:
		case e.Span.Start == e.Span.End && e.New == "":
		default:
			return Span{}, fmt.Errorf("bytes %d to %d: %w", s.Start, s.End, ErrOverlap)
		}
	}
	return s, nil
}

// Rebase moves simultaneous edits, made against a text, over the sequence of
// edits that happened to that text since; ErrOverlap if any of them collide
// (by the rules of RebaseSpan), ErrOrder if edits are not ascending and disjoint.
// The result is simultaneous again: no rule of RebaseSpan swaps two spans.
func Rebase(edits []Edit, since []Edit) ([]Edit, error) {
	prev := 0
	out := make([]Edit, len(edits))
	for i, e := range edits {
		if e.Span.Start < prev {
			return nil, fmt.Errorf("edit %d starts at %d, the one before it ends at %d: %w", i, e.Span.Start, prev, ErrOrder)
		}
		prev = e.Span.End
		s, err := RebaseSpan(e.Span, since)
		if err != nil {
			return nil, fmt.Errorf("edit %d: %w", i, err)
		}
		out[i] = Edit{s, e.New}
	}
	return out, nil
}

// RebaseIn moves spans over a sequence of edits, and with each span the edits that
// lie in it, its ends included: what was typed right before or right after a span
// stays outside of what they make of it. Edits in none of the spans are moved as
// by Rebase, whose errors it gives. spans must be ascending.
func RebaseIn(spans []Span, edits []Edit, since []Edit) ([]Span, []Edit, error) {
	moved := make([]Span, len(spans))
	for i, s := range spans {
		var err error
		if moved[i], err = RebaseSpan(s, since); err != nil {
			return nil, nil, err
		}
	}
	out, err := Rebase(edits, since)
	if err != nil {
		return nil, nil, err
	}
	for i, e := range edits {
		for k, s := range spans {
			if s.Contains(e.Span) {
				shift := moved[k].Start - s.Start
				out[i].Span = Span{e.Span.Start + shift, e.Span.End + shift}
				break
			}
		}
	}
	return moved, out, nil
}

// Hull follows s over a sequence of edits whatever they do to it: what was typed
// inside it or across its ends belongs to it now, what was typed right before or
// right after does not. Spans of since must not be reversed.
func Hull(s Span, since []Edit) Span {
	for _, e := range since {
		shift := len(e.New) - e.Span.Len()
		switch {
		case e.Span.End <= s.Start:
			s.Start += shift
			s.End += shift
		case e.Span.Start >= s.End:
		default:
			s.Start = min(s.Start, e.Span.Start)
			s.End = max(s.End, e.Span.End) + shift
		}
	}
	return s
}
