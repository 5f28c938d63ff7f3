package agent

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/hob-ls/hob/agent/plan"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
)

// moveImports adapts, by program, the imports that a renamed file breaks: those of
// it in other files, and its own where its folder changes. What is not certain is
// listed.
func (d *draft) moveImports(ctx context.Context) error {
	for _, path := range slices.Sorted(maps.Keys(d.files)) {
		c := d.files[path]
		if c.to == "" || c.base == nil {
			continue
		}
		importers, err := d.snap.Importers(ctx, c.base)
		if err != nil {
			return err
		}
		for _, i := range importers {
			if !d.respell(i, d.final(i.In.Path), d.moved(path, c.to)) {
				d.byHand("%s imports %s as %s", i.In.Rel(), c.base.Rel(), i.Import.Path)
			}
		}
		if filepath.Dir(c.to) == filepath.Dir(path) {
			continue
		}
		for _, i := range d.snap.Imports(c.base) {
			if o := d.files[i.Path]; o != nil && o.to != "" {
				continue // the other side of the loop does it
			}
			if i.Import.Path[0] == '.' && !d.respell(i, c.to, d.moved(i.Path, i.Path)) {
				d.byHand("%s imports %s, seen from its old place", c.base.Rel(), i.Import.Path)
			}
		}
	}
	return nil
}

// final is where a file of the workspace will be.
func (d *draft) final(path string) string {
	if c := d.files[path]; c != nil && c.to != "" {
		return c.to
	}
	return path
}

func (d *draft) moved(was, to string) plan.Moved {
	return plan.Moved{Was: was, To: to, Package: func(dir string) bool { return d.snap.Has(filepath.Join(dir, "__init__.py")) }}
}

func (d *draft) byHand(format string, args ...any) {
	said := fmt.Sprintf(format, args...) + ": adapt it by hand"
	if !slices.Contains(d.result.Left, said) {
		d.result.Left = append(d.result.Left, said)
	}
}

// respell writes the specifier of an import anew, in a file that will be at from.
func (d *draft) respell(i workspace.ImportOf, from string, m plan.Moved) bool {
	spec, ok := m.Specifier(i.In.Language, i.Import.Path, from)
	if !ok {
		return false
	}
	if spec == i.Import.Path {
		return true
	}
	c := d.files[i.In.Path]
	if c != nil && c.gone {
		return true
	}
	now := i.In.Text
	if c != nil {
		now = c.text
	}
	next, ok := plan.Respell(i.In.Language, now, i.Import.Path, spec)
	if !ok {
		// A step rewrote it, or another import of this file did both at once.
		return now != i.In.Text && len(importing(i.In.Language, now, spec)) > 0
	}
	c = d.of(i.In)
	c.text = next
	c.about(i.Import.Span)
	return true
}

// importing are the imports of src with that specifier.
func importing(language, src, spec string) []syntax.Import {
	return slices.DeleteFunc(syntax.ImportsOf(language, src), func(i syntax.Import) bool { return i.Path != spec })
}

// moveNames has those who import a name from a file that a step took it out of
// import it from the file that another step put it into. Plans forget them.
func (d *draft) moveNames(ctx context.Context) error {
	for _, path := range slices.Sorted(maps.Keys(d.files)) {
		c := d.files[path]
		if c.base == nil {
			continue
		}
		homes := d.newHomes(c)
		if len(homes) == 0 {
			continue
		}
		importers, err := d.snap.Importers(ctx, c.base)
		if err != nil {
			return err
		}
		for _, home := range slices.Sorted(maps.Keys(homes)) {
			d.takeFrom(c, home, homes[home], importers)
		}
	}
	return nil
}

// newHomes are the names at the top level that a file had and one other file of the
// draft has now, by the path of that one.
func (d *draft) newHomes(c *drafted) map[string]map[string]bool {
	names := topNames(c.base.Language, c.base.Text)
	if !c.gone {
		for n := range topNames(c.base.Language, c.text) {
			delete(names, n)
		}
	}
	homes := map[string]map[string]bool{}
	for n := range names {
		var found []string
		for path, o := range d.files {
			language := syntax.LanguageOf(path)
			had := o.base != nil && topNames(language, o.base.Text)[n]
			if o != c && !o.gone && !had && topNames(language, o.text)[n] {
				found = append(found, path)
			}
		}
		if len(found) != 1 {
			continue
		}
		if homes[found[0]] == nil {
			homes[found[0]] = map[string]bool{}
		}
		homes[found[0]][n] = true
	}
	return homes
}

func topNames(language, src string) map[string]bool {
	out := map[string]bool{}
	for _, s := range syntax.Outline(language, src) {
		if s.Parent < 0 {
			out[s.Name] = true
		}
	}
	return out
}

// takeFrom adapts the importers of a file from which names went home.
func (d *draft) takeFrom(c *drafted, home string, names map[string]bool, importers []workspace.ImportOf) {
	done := map[string]bool{}
	for _, i := range importers {
		path, language := i.In.Path, i.In.Language
		o := d.files[path]
		if o != nil && o.gone || done[path+i.Import.Path] {
			continue
		}
		done[path+i.Import.Path] = true
		now := i.In.Text
		if o != nil {
			now = o.text
		}
		spec, ok := d.moved(c.path, d.final(home)).Specifier(language, i.Import.Path, d.final(path))
		next, taken, sure := now, 0, false
		if ok {
			next, taken, sure = plan.Take(language, now, i.Import.Path, spec, names)
		}
		if taken > 0 {
			o = d.of(i.In)
			o.text = next
			o.about(i.Import.Span)
		}
		if !sure && filepath.Dir(home) != filepath.Dir(c.path) || !sure && language != "go" {
			for _, n := range usedOf(language, next, names) {
				d.byHand("%s uses %s, which goes from %s to %s", i.In.Rel(), n, d.rel(c.path), d.rel(home))
			}
		}
	}
}

// usedOf are the names that stand in code, sorted.
func usedOf(language, src string, names map[string]bool) []string {
	var out []string
	for _, n := range slices.Sorted(maps.Keys(names)) {
		if spans, _ := syntax.Occurrences(language, src, n); len(spans) > 0 {
			out = append(out, n)
		}
	}
	return out
}
