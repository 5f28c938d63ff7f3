package syntax

import (
	"slices"
	"strings"
	"sync"

	"github.com/hob-ls/hob/workspace/text"
)

// Reader reads the texts of one document, one after the other: what the last
// edits did not touch is not read again, and is not lost when the code around it
// breaks. Safe for concurrent use; Close it.
//
// Inv: of a sound text its outline is that of [Outline].
type Reader struct {
	language string

	mu     sync.Mutex // guards what follows; held while a text is read
	src    string     // read last
	tree   tree       // of src
	kept   []Symbol   // of the last sound text, those that no edit touched since, where they are in src; no names
	closed bool
}

// NewReader is a Reader of texts in language.
func NewReader(language string) *Reader {
	r := &Reader{language: language}
	r.tree.init(r)
	return r
}

// Outline is the outline of src. edits may say how the text of the last call became
// src, in order; where they do not, as when they are nil, the two are compared.
//
// Where src has syntax errors, the symbols that the last text without errors had and
// no edit touched since are in it for certain, however much the errors hide.
func (r *Reader) Outline(src string, edits []text.Edit) []Symbol {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || len(src) > maxSource {
		r.forget()
		return Outline(r.language, src)
	}
	steps := stepsOf(r.src, src, edits)
	for _, s := range steps {
		r.kept = moved(r.kept, s.edit)
	}
	var out []Symbol
	syms, broken, ok := r.tree.outline(r.language, src, steps)
	r.src = src
	if ok {
		out = mended(r.language, src, syms, broken)
	} else {
		out, broken = normalize(patternOutline(r.language, src), src), unbalanced(r.language, src).count > 0
	}
	switch {
	case !broken:
		r.kept = slices.Clone(out)
		for i := range r.kept {
			r.kept[i].Name = "" // a piece of src, which may be gone by the time that this is used
		}
	case len(r.kept) > 0:
		out = normalize(overlay(outside(out, r.kept), r.kept, src), src)
	}
	return out
}

// Shed lets go of the tree, which takes about forty times the memory of its text; the
// next text is read as a whole.
func (r *Reader) Shed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tree.drop()
}

// Close lets go of everything. Texts read later are read on their own.
func (r *Reader) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.forget()
}

func (r *Reader) forget() {
	r.tree.drop()
	r.src, r.kept = "", nil
}

// moved are the symbols of an outline, which it takes over, that an edit does not touch,
// where they are after it.
func moved(outline []Symbol, e text.Edit) []Symbol {
	if e.Span.Len() == 0 && e.New == "" {
		return outline
	}
	shift := len(e.New) - e.Span.Len()
	out := outline[:0]
	for _, sym := range outline {
		w := whole(sym)
		if e.Span.Start <= w.End && w.Start <= e.Span.End {
			continue
		}
		if w.Start > e.Span.End {
			for _, s := range []*text.Span{&sym.Span, &sym.Doc, &sym.Body, &sym.Ident} {
				if s.Len() > 0 {
					s.Start += shift
					s.End += shift
				}
			}
		}
		out = append(out, sym)
	}
	return out
}

// outside are the symbols of outline, which it takes over, that are not inside one of
// kept. Both are in order.
func outside(outline, kept []Symbol) []Symbol {
	var tops []text.Span
	for _, sym := range kept {
		if w := whole(sym); len(tops) == 0 || w.Start >= tops[len(tops)-1].End {
			tops = append(tops, w)
		}
	}
	return slices.DeleteFunc(outline, func(sym Symbol) bool {
		i, found := slices.BinarySearchFunc(tops, sym.Ident.Start, func(s text.Span, at int) int { return s.Start - at })
		return found || i > 0 && tops[i-1].Contains(sym.Ident)
	})
}

// step is one edit of a text, with the lines and columns that tree-sitter counts in.
type step struct {
	edit               text.Edit
	start, oldEnd, end point
}

// point is a line and a column in bytes, both from 0.
type point struct{ line, column int }

// maxStepping bounds what is copied to follow edits one by one; beyond it one step is
// made of them all.
const maxStepping = 4 << 20

// stepsOf is how to get from one text to another: by edits, if they lead there.
func stepsOf(from, to string, edits []text.Edit) []step {
	if from == to {
		return nil
	}
	if n := len(edits); n > 0 && n*max(len(from), len(to)) <= maxStepping {
		steps, at := make([]step, 0, n), from
		for _, e := range edits {
			next, err := text.Apply(at, []text.Edit{e})
			if err != nil {
				break
			}
			steps, at = append(steps, newStep(at, next, e)), next
		}
		if len(steps) == n && at == to {
			return steps
		}
	}
	return []step{newStep(from, to, text.Replacement(from, to))}
}

func newStep(from, to string, e text.Edit) step {
	start := pointAt(from, e.Span.Start, 0, point{})
	return step{
		edit:   e,
		start:  start,
		oldEnd: pointAt(from, e.Span.End, e.Span.Start, start),
		end:    pointAt(to, e.Span.Start+len(e.New), e.Span.Start, start),
	}
}

// pointAt is the point of an offset, counted from another one before it.
func pointAt(src string, off, from int, at point) point {
	part := src[from:off]
	n := strings.Count(part, "\n")
	if n == 0 {
		return point{at.line, at.column + len(part)}
	}
	return point{at.line + n, len(part) - strings.LastIndexByte(part, '\n') - 1}
}
