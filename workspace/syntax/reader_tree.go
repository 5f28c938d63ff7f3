//go:build cgo

package syntax

import (
	"runtime"

	sitter "github.com/tree-sitter/go-tree-sitter"
)

// tree is the tree of the text that a Reader read last.
//
// It is memory of C, which nothing frees by itself: dropped when the Reader is closed or sheds
// it, and else when the Reader is garbage.
type tree struct {
	held *heldTree
}

// heldTree is what the cleanup of a Reader frees; it must not lead to the Reader.
type heldTree struct{ tree *sitter.Tree }

func (t *tree) init(r *Reader) {
	t.held = &heldTree{}
	runtime.AddCleanup(r, (*heldTree).close, t.held)
}

func (h *heldTree) close() { h.set(nil) }

// set puts another tree in the place of the one held.
func (h *heldTree) set(next *sitter.Tree) {
	if h.tree != nil {
		h.tree.Close()
	}
	h.tree = next
}

func (t *tree) drop() { t.held.set(nil) }

// outline is grammarOutline of src, which steps lead to from the text before it.
//
// Incremental parsing gives the tree of the text as a whole as long as there are no
// errors. How it gets over those depends on what it was before: such a text
// is read anew.
func (t *tree) outline(language, src string, steps []step) (syms []Symbol, broken, ok bool) {
	get := grammars[language]
	if get == nil {
		return nil, false, false
	}
	g := get()
	if old := t.held.tree; old != nil {
		for _, s := range steps {
			old.Edit(s.input())
		}
		t.held.set(parse(g, src, old))
		if t.held.tree == nil || t.held.tree.RootNode().HasError() {
			t.drop()
		}
	}
	if t.held.tree == nil {
		if t.held.tree = parse(g, src, nil); t.held.tree == nil {
			return nil, false, false
		}
	}
	syms, broken = g.symbols(t.held.tree.RootNode(), src)
	return syms, broken, true
}

func (s step) input() *sitter.InputEdit {
	return &sitter.InputEdit{
		StartByte: uint(s.edit.Span.Start), OldEndByte: uint(s.edit.Span.End), NewEndByte: uint(s.edit.Span.Start + len(s.edit.New)),
		StartPosition: s.start.sitter(), OldEndPosition: s.oldEnd.sitter(), NewEndPosition: s.end.sitter(),
	}
}

func (p point) sitter() sitter.Point {
	return sitter.Point{Row: uint(p.line), Column: uint(p.column)}
}
