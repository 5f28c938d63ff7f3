package agent

import (
	"context"
	"slices"

	"github.com/hob-ls/hob/agent/plan"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// maxForgotten bounds the regions that are told for one symbol.
const maxForgotten = 5

// forgotten tells of regions that use a function which takes or gives something
// else now, and that neither the plan nor the repair was about. They are told and
// not changed: the user agreed to the plan.
func (d *draft) forgotten(ctx context.Context, planned []plan.Step) error {
	for _, p := range d.paths() {
		c := d.files[p]
		if c.base == nil || c.gone {
			continue
		}
		for _, sym := range altered(c) {
			if err := d.forgottenUsers(ctx, c.base, sym, planned); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *draft) forgottenUsers(ctx context.Context, f *workspace.File, sym syntax.Symbol, planned []plan.Step) error {
	names, err := plan.Declarations(ctx, d.snap, sym.Name)
	if err != nil {
		return err
	}
	if len(names) != 1 {
		return nil // nobody can tell whose uses they are
	}
	of := func(path string) *workspace.File {
		if user, err := d.snap.File(path); err == nil {
			return user
		}
		return nil
	}
	users, err := plan.Users(ctx, d.snap, f, sym, of, "")
	if err != nil {
		return err
	}
	users = slices.DeleteFunc(users, func(u plan.Step) bool {
		return slices.ContainsFunc(planned, func(s plan.Step) bool {
			return s.Path == u.Path && (s.Kind != plan.Edit || s.Region.Overlaps(u.Region))
		}) || d.touched(u)
	})
	for i, u := range users {
		if i == maxForgotten {
			d.byHand("%s more use %s, which is declared otherwise now", plural(len(users)-i, "place"), sym.Name)
			break
		}
		d.byHand("%s uses %s, which is declared otherwise now", place(u), sym.Name)
	}
	return nil
}

// touched reports whether the draft changes the region of a step.
func (d *draft) touched(s plan.Step) bool {
	c := d.files[s.Path]
	if c == nil || c.text == s.File.Text {
		return false
	}
	return slices.ContainsFunc(text.Diff(s.File.Text, c.text), func(e text.Edit) bool {
		return e.Span.Overlaps(s.Region) || s.Region.Contains(e.Span)
	})
}

// altered are the functions of a file whose signatures the draft changed.
func altered(c *drafted) []syntax.Symbol {
	if c.text == c.base.Text {
		return nil
	}
	after := functions(syntax.Outline(c.base.Language, c.text))
	var out []syntax.Symbol
	for name, was := range functions(c.base.Outline()) {
		now := after[name]
		if len(was) == 1 && len(now) == 1 && head(c.base.Language, c.base.Text, was[0]) != head(c.base.Language, c.text, now[0]) {
			out = append(out, was[0])
		}
	}
	slices.SortFunc(out, func(a, b syntax.Symbol) int { return a.Ident.Start - b.Ident.Start })
	return out
}

// functions are those of an outline, by name.
func functions(outline []syntax.Symbol) map[string][]syntax.Symbol {
	all := map[string][]syntax.Symbol{}
	for _, sym := range outline {
		if sym.Kind == syntax.Function || sym.Kind == syntax.Method {
			all[sym.Name] = append(all[sym.Name], sym)
		}
	}
	return all
}
