package agent

import (
	"context"
	"errors"
	"strings"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/agent/tests"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// Testable reports whether tests can be written for a symbol of f.
func Testable(f *workspace.File, sym syntax.Symbol) bool {
	switch sym.Kind {
	case syntax.Function, syntax.Method, syntax.Class:
	default:
		return false
	}
	return tests.Knows(f.Language) && !workspace.IsTest(f.Path)
}

// test writes tests for a symbol where the project keeps those of its file.
func (r *run) test(ctx context.Context) error {
	f, t, err := r.place()
	if err != nil {
		return err
	}
	p, err := tests.Find(r.snap, f, t.Symbol)
	var none *tests.Error
	if errors.As(err, &none) {
		return &Error{Kind: BadRequest, Message: none.Message, Hint: none.Hint}
	} else if err != nil {
		return err
	}
	if _, err := r.snap.Confine(p.Path); err != nil {
		return err
	}
	c, err := r.route(ctx, t.Scope.expect(len(f.Text)))
	if err != nil {
		return err
	}
	in := r.input(f, t)
	in.Language, in.NewPath, in.Name, in.Notes, in.Form = p.Language, r.rel(p.Path), p.Framework, p.About(), p.Form()
	r.result.Why += "; into " + r.rel(p.Path)
	at := Event{Path: p.Path}
	if p.File != nil {
		at.Region = text.Span{Start: len(p.File.Text), End: len(p.File.Text)} // where exactly is known in the end
	}
	return r.ask(ctx, c, question{
		in: in, at: at,
		target: edit.Target{Shape: edit.NewFile, Language: p.Language, Path: p.Path},
		use: func(got answer) error {
			m, err := p.Merge(ctx, r.snap, got.text)
			var refused *tests.Refused
			if errors.As(err, &refused) {
				return &Error{
					Kind: NoEdit, Message: refused.Message, Hint: "run it again, or choose a larger model",
					again: refused.Again + " " + p.Ask() + ".",
				}
			} else if err != nil {
				return err
			}
			file := FileEdit{Path: p.Path, Base: p.File, Text: m.Text, Edits: m.Edits}
			if p.File != nil {
				at := m.Edits[len(m.Edits)-1].Span
				file.Region = text.Span{Start: at.Start, End: at.Start}
			}
			r.result.Files = []FileEdit{file}
			r.result.Why += ": " + strings.Join(m.Added, ", ")
			return nil
		},
	})
}
