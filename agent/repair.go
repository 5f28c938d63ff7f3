package agent

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent/plan"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
)

// maxRepairs bounds the regions that one round of repair rewrites.
const maxRepairs = 20

// repair looks for uses of names that the change took away, and has each region
// with one rewritten once.
func (d *draft) repair(ctx context.Context) error {
	d.on(Event{State: Checking})
	broken, err := d.dangling(ctx)
	if err != nil || len(broken) == 0 {
		return err
	}
	if len(broken) > maxRepairs {
		for _, b := range broken[maxRepairs:] {
			d.leave(b, &Error{Message: b.What})
		}
		broken = broken[:maxRepairs]
	}
	now := map[string]*workspace.File{}
	for _, p := range d.paths() {
		now[p] = d.drafted(p)
	}
	parts := make([]*run, len(broken))
	errs := d.sideBySide(ctx, len(broken), func(i int) Request { return d.request(broken[i]) }, func(ctx context.Context, part *run, i int) error {
		parts[i] = part
		part.now, part.beside = now, beside(broken[i], d.steps)
		return part.region(ctx)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	d.take(ctx, broken, parts, errs)
	for i, b := range broken {
		if errs[i] == nil && len(parts[i].result.Files) == 0 {
			d.leave(b, &Error{Message: b.What + " (it still does)"})
		}
	}
	d.result.Why += "; " + plural(len(broken), "region") + " repaired"
	return nil
}

// dangling lists, as steps against the drafted texts, the regions that use a name
// which nothing declares any more.
func (d *draft) dangling(ctx context.Context) ([]plan.Step, error) {
	lost, err := d.lost(ctx)
	if err != nil {
		return nil, err
	}
	var out []plan.Step
	for _, name := range slices.Sorted(maps.Keys(lost)) {
		files, err := plan.Holders(ctx, d.snap, name, lost[name], 20*maxRepairs, d.drafted)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			out = append(out, plan.Uses(f, name, name+" is no longer there: adapt what uses it")...)
		}
	}
	return join(out), nil
}

// join makes one step of those about one region.
func join(steps []plan.Step) []plan.Step {
	var out []plan.Step
	for _, s := range steps {
		i := slices.IndexFunc(out, func(o plan.Step) bool { return o.Path == s.Path && o.Region.Overlaps(s.Region) })
		switch {
		case i < 0:
			out = append(out, s)
		case !strings.Contains(out[i].What, s.What):
			out[i].What += "; " + s.What
		}
	}
	return out
}

// drafted is a file as the draft has it; nil if it goes, or can't be read.
func (d *draft) drafted(path string) *workspace.File {
	c := d.files[path]
	switch {
	case c == nil:
		f, err := d.snap.File(path)
		if err != nil {
			return nil
		}
		d.of(f)
		return f
	case c.gone:
		return nil
	}
	return c.file()
}

// lost are the names at the top level that the draft's files declared and that no
// file of the workspace does any more, with their language.
func (d *draft) lost(ctx context.Context) (map[string]string, error) {
	before, after := map[string]string{}, map[string]bool{}
	for _, c := range d.files {
		if c.base != nil {
			for _, s := range c.base.Outline() {
				if s.Parent < 0 {
					before[s.Name] = c.base.Language
				}
			}
		}
		if c.gone {
			continue
		}
		for _, s := range syntax.Outline(syntax.LanguageOf(c.path), c.text) {
			after[s.Name] = true
		}
	}
	maps.DeleteFunc(before, func(name, _ string) bool { return after[name] })
	for name := range maps.Clone(before) {
		names, err := d.snap.Names(ctx, name, 8)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(names, func(n workspace.Name) bool { return n.Name == name && d.files[n.Path] == nil }) {
			delete(before, name)
		}
	}
	return before, nil
}
