//go:build cgo

package syntax

import (
	"slices"
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

// Go.

func readGoSpec(w *walker, n *sitter.Node, kind Kind, in scope) {
	if t := field(n, "type"); kind == Type && t != nil {
		if t.Kind() == "interface_type" {
			kind = Interface
		}
		w.add(kind, n, field(n, "name"), nil, in)
		if k := t.Kind(); k == "struct_type" || k == "interface_type" {
			s := spanOf(t)
			if i := strings.IndexByte(w.src[s.Start:s.End], '{'); i >= 0 {
				w.last().Body = text.Span{Start: s.Start + i, End: s.End}
			}
		}
		return
	}
	for _, child := range n.Children(w.cursor) {
		if child.Kind() == "identifier" && w.src[child.StartByte():child.EndByte()] != "_" {
			w.add(kind, n, &child, nil, in)
		}
	}
}

// readGoGroup passes the keyword on to the only declaration of a group without parentheses.
func readGoGroup(w *walker, n *sitter.Node, _ Kind, in scope) {
	for _, child := range n.Children(w.cursor) {
		if k := child.Kind(); k == "(" || k == "var_spec_list" {
			w.children(n, in)
			return
		}
	}
	in.outer = spanOf(n)
	w.children(n, in)
}

// JavaScript and TypeScript.

// functionOf is the function that an expression is or wraps: memo(() => ...), (x as T).
func functionOf(n *sitter.Node) *sitter.Node {
	for range 8 {
		if n == nil {
			return nil
		}
		switch n.Kind() {
		case "arrow_function", "function_expression", "generator_function":
			return n
		case "call_expression":
			n = field(n, "arguments")
			if n != nil {
				n = n.NamedChild(0)
			}
		case "as_expression", "satisfies_expression", "parenthesized_expression":
			n = n.NamedChild(0)
		default:
			return nil
		}
	}
	return nil
}

// readVariables records the names of a const, let or var statement.
func readVariables(w *walker, n *sitter.Node, kind Kind, in scope) {
	if k := field(n, "kind"); k != nil && k.Kind() == "const" {
		kind = Constant
	}
	declarators := slices.DeleteFunc(n.Children(w.cursor), func(c sitter.Node) bool { return c.Kind() != "variable_declarator" })
	if len(declarators) == 1 && in.outer.Len() == 0 {
		in.outer = spanOf(n)
	}
	for _, d := range declarators {
		name, value := field(&d, "name"), field(&d, "value")
		if name == nil || name.Kind() != "identifier" {
			continue
		}
		if len(declarators) > 1 {
			in.outer = text.Span{}
		}
		if f := functionOf(value); f != nil {
			w.add(Function, &d, name, field(f, "body"), in)
			continue
		}
		if value != nil && value.Kind() == "class" {
			body := field(value, "body")
			w.add(Class, &d, name, body, in)
			if body != nil {
				w.children(body, scope{inType: true})
			}
			continue
		}
		w.add(kind, &d, name, nil, in)
	}
}

// readDefault records the nameless value of an export default.
func readDefault(w *walker, n *sitter.Node, kind Kind, in scope) {
	if in.name.Len() == 0 {
		return
	}
	if kind == Class {
		readContainer(w, n, kind, in)
		return
	}
	if f := functionOf(n); f != nil {
		w.add(kind, n, field(f, "name"), field(f, "body"), in)
	}
}

// readField records a field of a class whose value is a function.
func readField(w *walker, n *sitter.Node, _ Kind, in scope) {
	name := field(n, "name")
	if name == nil {
		name = field(n, "property")
	}
	if f := functionOf(field(n, "value")); f != nil && name != nil {
		w.add(Method, n, name, field(f, "body"), in)
		w.takeSemicolon()
		return
	}
	w.deco = -1
}

// readMember is readFunction of a class body, where a semicolon is a node of its own.
func readMember(w *walker, n *sitter.Node, kind Kind, in scope) {
	if in.inType {
		readFunction(w, n, kind, in)
		w.takeSemicolon()
	}
}

// readStatement records namespaces and what assigns a function: exports.f = () => ...
func readStatement(w *walker, n *sitter.Node, _ Kind, in scope) {
	child := n.NamedChild(0)
	if child == nil {
		return
	}
	in.outer = spanOf(n)
	switch child.Kind() {
	case "internal_module":
		readModule(w, child, Module, in)
	case "assignment_expression":
		left := field(child, "left")
		if f := functionOf(field(child, "right")); f != nil && left != nil && left.Kind() == "member_expression" {
			w.add(Function, n, field(left, "property"), field(f, "body"), in)
		}
	}
	w.deco = -1
}

// readModule records a namespace; of a dotted name the last part, of a quoted one the text.
func readModule(w *walker, n *sitter.Node, kind Kind, in scope) {
	name, body := field(n, "name"), field(n, "body")
	if name != nil {
		switch name.Kind() {
		case "nested_identifier":
			name = field(name, "property")
		case "string":
			name = name.NamedChild(0)
		}
	}
	w.add(kind, n, name, body, in)
	if body != nil {
		w.children(body, scope{})
	}
}

// Rust.

// readImpl records an impl under the name of its type.
func readImpl(w *walker, n *sitter.Node, kind Kind, in scope) {
	name := field(n, "type")
	for name != nil && name.Kind() != "type_identifier" && name.Kind() != "primitive_type" {
		next := field(name, "type")
		if next == nil {
			next = field(name, "name")
		}
		name = next
	}
	body := field(n, "body")
	if name == nil {
		return
	}
	w.add(kind, n, name, body, in)
	if body != nil {
		w.children(body, scope{inType: true})
	}
}

// C and C++.

// declared is the name at the bottom of a declarator, and whether it is that of a function.
func declared(n *sitter.Node) (name *sitter.Node, function bool) {
	for range 32 {
		if n == nil {
			return nil, false
		}
		switch n.Kind() {
		case "identifier", "field_identifier", "type_identifier", "destructor_name", "operator_name", "operator_cast":
			return n, function
		case "qualified_identifier", "template_function", "template_method":
			n = field(n, "name")
		case "parenthesized_declarator":
			function = false // a pointer to a function
			n = n.NamedChild(0)
		case "reference_declarator", "attributed_declarator":
			n = n.NamedChild(0)
		case "function_declarator":
			function = true
			n = field(n, "declarator")
		default:
			n = field(n, "declarator")
		}
	}
	return nil, false
}

// readC records functions and prototypes, and types that a variable is declared with.
func readC(w *walker, n *sitter.Node, kind Kind, in scope) {
	declarator := field(n, "declarator")
	name, function := declared(declarator)
	switch {
	case function:
		if in.inType || strings.Contains(w.src[declarator.StartByte():name.StartByte()], "::") {
			kind = Method
		}
		w.add(kind, n, name, field(n, "body"), in)
	case field(field(n, "type"), "body") != nil:
		t := field(n, "type")
		if r := w.rule(t); r != nil {
			in.outer = spanOf(n)
			r.read(w, t, r.kind, in)
		}
	default:
		w.deco = -1
	}
}

// readCType records a struct, union, enum or class that has a body.
func readCType(w *walker, n *sitter.Node, kind Kind, in scope) {
	body, name := field(n, "body"), field(n, "name")
	if name != nil && name.Kind() == "template_type" {
		name = field(name, "name")
	}
	if body == nil || name == nil {
		return
	}
	w.add(kind, n, name, body, in)
	w.takeSemicolon()
	w.children(body, scope{inType: true})
}

func readTypedef(w *walker, n *sitter.Node, kind Kind, in scope) {
	if name, _ := declared(field(n, "declarator")); name != nil {
		w.add(kind, n, name, field(field(n, "type"), "body"), in)
	}
}

// Lua.

func readLua(w *walker, n *sitter.Node, kind Kind, in scope) {
	name := field(n, "name")
	if name != nil && name.Kind() == "method_index_expression" {
		kind = Method
	}
	w.add(kind, n, lastPart(name), field(n, "body"), in)
}

func lastPart(name *sitter.Node) *sitter.Node {
	if part := field(name, "field"); part != nil {
		return part
	}
	if part := field(name, "method"); part != nil {
		return part
	}
	return name
}

// readLuaAssignment records name = function() ... end, with or without local.
func readLuaAssignment(w *walker, n *sitter.Node, kind Kind, in scope) {
	assignment := n
	if n.Kind() == "variable_declaration" {
		if assignment = n.NamedChild(0); assignment == nil || assignment.Kind() != "assignment_statement" {
			return
		}
	}
	names, values := assignment.NamedChild(0), assignment.NamedChild(1)
	if names == nil || values == nil || names.NamedChildCount() == 0 || values.NamedChildCount() == 0 {
		return
	}
	if f := values.NamedChild(0); f.Kind() == "function_definition" {
		w.add(kind, n, lastPart(names.NamedChild(0)), field(f, "body"), in)
	}
}
