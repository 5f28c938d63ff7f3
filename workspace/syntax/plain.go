//go:build !cgo

package syntax

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"

	"github.com/hob-ls/hob/workspace/text"
)

// grammarOutline reads Go with go/parser; there is no other grammar without cgo.
func grammarOutline(language, src string) (syms []Symbol, broken, ok bool) {
	if language != "go" {
		return nil, false, false
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
	if f == nil || f.FileStart == token.NoPos {
		return nil, true, true
	}
	g := &goFile{base: fset.File(f.FileStart), src: src}
	for _, group := range f.Comments {
		for _, c := range group.List {
			g.comments = append(g.comments, g.span(c))
		}
	}
	for _, d := range f.Decls {
		g.decl(d)
	}
	return g.syms, err != nil, true
}

// grammarProblems finds what go/parser complains about.
func grammarProblems(language, src string) (f faults, ok bool) {
	if language != "go" {
		return f, false
	}
	_, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution|parser.AllErrors)
	if list, ok := err.(scanner.ErrorList); ok {
		for _, e := range list {
			f.add(min(max(e.Pos.Offset, 0), len(src)))
		}
	}
	return f, true
}

// goFile collects the symbols of one Go file.
type goFile struct {
	base     *token.File
	src      string
	comments []text.Span
	syms     []Symbol
}

func (g *goFile) offset(p token.Pos) int {
	if !p.IsValid() {
		return 0
	}
	return min(max(int(p)-g.base.Base(), 0), len(g.src))
}

func (g *goFile) span(n ast.Node) text.Span {
	return text.Span{Start: g.offset(n.Pos()), End: g.offset(n.End())}
}

func (g *goFile) add(kind Kind, name *ast.Ident, span, body text.Span) {
	if name == nil {
		return
	}
	g.syms = append(g.syms, Symbol{Kind: kind, Span: span, Body: body, Ident: g.span(name), Doc: docAbove(g.src, g.comments, span.Start)})
}

func (g *goFile) decl(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		kind, body := Function, text.Span{}
		if d.Recv != nil {
			kind = Method
		}
		if d.Body != nil {
			body = g.span(d.Body)
		}
		g.add(kind, d.Name, g.span(d), body)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			span := g.span(spec)
			if !d.Lparen.IsValid() {
				span = g.span(d)
			}
			g.spec(spec, d.Tok, span)
		}
	}
}

func (g *goFile) spec(spec ast.Spec, tok token.Token, span text.Span) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		kind, body := Type, text.Span{}
		switch t := spec.Type.(type) {
		case *ast.StructType:
			body = g.span(t.Fields)
		case *ast.InterfaceType:
			kind, body = Interface, g.span(t.Methods)
		}
		g.add(kind, spec.Name, span, body)
	case *ast.ValueSpec:
		kind := Variable
		if tok == token.CONST {
			kind = Constant
		}
		for _, name := range spec.Names {
			if name.Name == "_" {
				continue
			}
			g.add(kind, name, span, text.Span{})
		}
	}
}
