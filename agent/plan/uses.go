package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
)

// uses is the kind of a wire step that stands for an edit of every place that uses
// a symbol: where fifty files call a function, a model that has to name each of
// them writes for a minute, and forgets some.
const uses Kind = "uses"

// maxUses bounds the edits that one such step becomes.
const maxUses = 300

// spread turns such a step into edits of the regions of targets that use the
// symbol, but for files that are gone. left says in words what uses it and stays as
// it is.
func (t *Targets) spread(ctx context.Context, ws wireStep, gone map[string]bool) (steps []Step, left []string, err error) {
	f, sym, err := t.used(ctx, ws)
	if err != nil {
		return nil, nil, err
	}
	others := 0
	of := func(path string) *workspace.File {
		if gone[path] {
			return nil
		}
		at := slices.IndexFunc(t.Files, func(c Target) bool { return c.File.Path == path })
		if at < 0 {
			others++
			return nil
		}
		return t.Files[at].File
	}
	steps, err = Users(ctx, t.snap, f, sym, of, fmt.Sprintf("for each use of %s: %s", sym.Name, strings.TrimSpace(ws.What)))
	if err != nil {
		return nil, nil, err
	}
	if others > 0 {
		left = append(left, fmt.Sprintf("%s is used in other files (%d) that may not be changed, for the instruction does not name it", sym.Name, others))
	}
	if n := len(steps); n > maxUses {
		steps = steps[:maxUses]
		left = append(left, fmt.Sprintf("%s is used in more places (%d) than one refactoring can change", sym.Name, n-maxUses))
	}
	return steps, left, nil
}

// Users are edits of the regions that use a symbol of f, apart from its declaration
// and from imports, in the files of the workspace that of gives; nil from it is none.
// It goes by the name alone, so that it must be declared once: see [Declarations].
// The only error is that of ctx.
func Users(ctx context.Context, snap *workspace.Snapshot, f *workspace.File, sym syntax.Symbol, of func(path string) *workspace.File, what string) ([]Step, error) {
	files, err := Holders(ctx, snap, sym.Name, f.Language, maxReferences, of)
	var steps []Step
	for _, user := range files {
		steps = append(steps, apart(Uses(user, sym.Name, what), f, sym)...)
	}
	return steps, err
}

// Holders are the files in which a name stands, by path, as of gives them; nil from it
// is none. Of the places not more than limit are looked at. The only error is that of ctx.
func Holders(ctx context.Context, snap *workspace.Snapshot, name, language string, limit int, of func(path string) *workspace.File) ([]*workspace.File, error) {
	refs, err := snap.References(ctx, name, language, limit)
	var files []*workspace.File
	for i, r := range refs {
		if i > 0 && refs[i-1].Path == r.Path { // they are in order
			continue
		}
		if f := of(r.Path); f != nil {
			files = append(files, f)
		}
	}
	return files, err
}

// apart are the steps without those in the declaration itself, which a step of its
// own changes, and in imports, which follow by program.
func apart(steps []Step, f *workspace.File, sym syntax.Symbol) []Step {
	if len(steps) == 0 {
		return nil
	}
	imports := syntax.Imports(steps[0].File.Language, steps[0].File.Text)
	return slices.DeleteFunc(steps, func(s Step) bool {
		return imports.Overlaps(s.Region) || s.Path == f.Path && wholeLines(f, sym).Overlaps(s.Region)
	})
}

// used is the symbol whose uses a step is about, if its name means nothing else.
func (t *Targets) used(ctx context.Context, ws wireStep) (*workspace.File, syntax.Symbol, error) {
	none := syntax.Symbol{}
	f, err := t.file(ws.File)
	if err != nil {
		return nil, none, err
	}
	if strings.TrimSpace(ws.Symbol) == "" {
		return nil, none, problem("The step for the uses of something in %s does not name it.", f.Rel())
	}
	sym, err := lookUp(f, strings.TrimSpace(ws.Symbol))
	if err != nil {
		return nil, none, err
	}
	if strings.TrimSpace(ws.What) == "" {
		return nil, none, problem("The step for the uses of %s does not say what to do.", sym.Name)
	}
	names, err := Declarations(ctx, t.snap, sym.Name)
	if err != nil {
		return nil, none, err
	}
	if len(names) > 1 {
		return nil, none, problem("%s is declared %d times, and its uses can't be told apart: write a step for each symbol that has to change.", sym.Name, len(names))
	}
	return f, sym, nil
}

// Declarations lists where the workspace declares exactly this name. The errors are
// those of Snapshot.Names.
func Declarations(ctx context.Context, snap *workspace.Snapshot, name string) ([]workspace.Name, error) {
	names, err := snap.Names(ctx, name, 16)
	return slices.DeleteFunc(names, func(n workspace.Name) bool { return n.Name != name }), err
}

// Uses are edits of the regions of f in which a name stands: the symbols around it,
// or the lines where there is none, or only a long one that is made of others.
func Uses(f *workspace.File, name, what string) []Step {
	spans, _ := syntax.Occurrences(f.Language, f.Text, name)
	var out []Step
	for _, s := range spans {
		step := Step{Kind: Edit, File: f, Path: f.Path, Rel: f.Rel(), What: what}
		if sym, ok := syntax.Enclosing(f.Outline(), s); ok && sym.Ident != s && !vast(f, sym) {
			step.Symbol, step.Region = sym.Name, wholeLines(f, sym)
		} else {
			step.Region = linesAround(f, s)
		}
		if n := len(out); n > 0 && out[n-1].Region.Contains(step.Region) {
			continue
		}
		out = append(out, step)
	}
	return out
}

// vast reports whether a symbol is a class, or the like, that is too long to be written
// anew for one of its lines.
func vast(f *workspace.File, sym syntax.Symbol) bool {
	switch sym.Kind {
	case syntax.Class, syntax.Interface, syntax.Type, syntax.Module:
		region, x := wholeLines(f, sym), f.Lines()
		return x.Line(region.End-1)-x.Line(region.Start) >= maxWholeFile
	}
	return false
}
