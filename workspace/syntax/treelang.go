//go:build cgo

package syntax

import (
	"slices"
	"strings"

	sitter "github.com/tree-sitter/go-tree-sitter"

	"github.com/hob-ls/hob/workspace/text"
)

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
