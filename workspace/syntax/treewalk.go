//go:build cgo

package syntax

import (
	"strings"

	sitter "github.com/tree-sitter/go-tree-sitter"

	"github.com/hob-ls/hob/workspace/text"
)

// node says what a kind of node means for the outline.
type node struct {
	kind Kind
	read func(w *walker, n *sitter.Node, kind Kind, in scope)
}

// scope is where a node stands.
type scope struct {
	inType bool      // directly in the body of a class or the like: functions are methods
	outer  text.Span // the export, decorators or template around the declaration; empty if none
	name   text.Span // the identifier of what has none, the keyword default; empty if none
}

// walker collects the symbols of one tree. It goes through containers only, not
// through the bodies of functions, and not through ERROR nodes: what is in them
// may be a piece of anything, and line patterns see that better.
type walker struct {
	*grammar
	src      string
	cursor   *sitter.TreeCursor
	comments []text.Span
	syms     []Symbol
	deco     int // where the attributes right before the current node start, or -1
}

func spanOf(n *sitter.Node) text.Span {
	return text.Span{Start: int(n.StartByte()), End: int(n.EndByte())}
}

func (w *walker) children(n *sitter.Node, in scope) {
	w.deco = -1
	for _, child := range n.Children(w.cursor) {
		r := w.rule(&child)
		if r == nil {
			if child.IsNamed() {
				w.deco = -1
			}
			continue
		}
		r.read(w, &child, r.kind, in)
	}
	w.deco = -1
}

// add records a symbol. Without a name node it needs the name of its scope.
func (w *walker) add(kind Kind, n, name, body *sitter.Node, in scope) {
	sym := Symbol{Kind: kind, Span: spanOf(n), Ident: in.name, Parent: -1}
	if name != nil {
		sym.Ident = spanOf(name)
	}
	if in.outer.Len() > 0 {
		sym.Span = in.outer
	}
	if w.deco >= 0 {
		sym.Span.Start = min(sym.Span.Start, w.deco)
	}
	w.deco = -1
	sym.Span.End = trimRight(w.src, sym.Span.Start, sym.Span.End)
	if body != nil {
		sym.Body = spanOf(body)
		sym.Body.End = trimRight(w.src, sym.Body.Start, sym.Body.End)
	}
	sym.Doc = w.doc(&sym, body)
	w.syms = append(w.syms, sym)
}

// doc is the docstring of a Python symbol, the comments above another.
func (w *walker) doc(sym *Symbol, body *sitter.Node) text.Span {
	if !w.python {
		return docAbove(w.src, w.comments, sym.Span.Start)
	}
	if body == nil || body.NamedChildCount() == 0 {
		return text.Span{}
	}
	first := body.NamedChild(0)
	if first.Kind() == "expression_statement" && first.NamedChildCount() == 1 && first.NamedChild(0).Kind() == "string" {
		return spanOf(first.NamedChild(0))
	}
	return text.Span{}
}

// last is the symbol recorded last.
func (w *walker) last() *Symbol { return &w.syms[len(w.syms)-1] }

// takeSemicolon lets the last symbol reach over a semicolon right after it.
func (w *walker) takeSemicolon() {
	end := &w.last().Span.End
	if i := skipSpace(w.src, *end, len(w.src)); i < len(w.src) && w.src[i] == ';' {
		*end = i + 1
	}
}

// field is a child by its name, nil if there is none.
func field(n *sitter.Node, name string) *sitter.Node {
	if n == nil {
		return nil
	}
	return n.ChildByFieldName(name)
}

// The readers that several languages share.

func readComment(w *walker, n *sitter.Node, _ Kind, _ scope) {
	w.comments = append(w.comments, spanOf(n))
}

// readAttribute remembers a decorator that is a sibling before its declaration.
func readAttribute(w *walker, n *sitter.Node, _ Kind, _ scope) {
	if w.deco < 0 {
		w.deco = int(n.StartByte())
	}
}

// readThrough looks into a node as if its children stood in its place. What is
// around it is not around a single declaration.
func readThrough(w *walker, n *sitter.Node, _ Kind, in scope) {
	w.children(n, scope{inType: in.inType})
}

// readAround looks into a node that belongs to the declaration inside it.
func readAround(w *walker, n *sitter.Node, _ Kind, in scope) {
	if in.outer.Len() == 0 {
		in.outer = spanOf(n)
	}
	if w.deco >= 0 {
		in.outer.Start = min(in.outer.Start, w.deco)
	}
	for _, child := range n.Children(w.cursor) {
		if child.Kind() == "default" {
			in.name = spanOf(&child)
		}
	}
	w.children(n, in)
}

// readFunction records a function or method with the fields name and body.
func readFunction(w *walker, n *sitter.Node, kind Kind, in scope) {
	if in.inType && kind == Function {
		kind = Method
	}
	w.add(kind, n, field(n, "name"), field(n, "body"), in)
}

// readLeaf records a declaration with nothing in it, with the fields name and body.
func readLeaf(w *walker, n *sitter.Node, kind Kind, in scope) {
	w.add(kind, n, field(n, "name"), field(n, "body"), in)
}

// readBraced records what has its body in braces without a node of its own for it:
// type T = {...} of TypeScript, structs (not those of a tuple) and macros of Rust.
func readBraced(w *walker, n *sitter.Node, kind Kind, in scope) {
	w.add(kind, n, field(n, "name"), nil, in)
	s := spanOf(n)
	if value := field(n, "value"); value != nil {
		if s = spanOf(value); value.Kind() != "object_type" {
			return
		}
	}
	s.End = trimRight(w.src, s.Start, s.End)
	if i := strings.IndexByte(w.src[s.Start:s.End], '{'); i >= 0 && w.src[s.End-1] == '}' {
		w.last().Body = text.Span{Start: s.Start + i, End: s.End}
	}
}

// readContainer records a declaration and looks into its body.
func readContainer(w *walker, n *sitter.Node, kind Kind, in scope) {
	body := field(n, "body")
	w.add(kind, n, field(n, "name"), body, in)
	if body != nil {
		w.children(body, scope{inType: kind != Module})
	}
}
