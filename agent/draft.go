package agent

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/agent/imports"
	"github.com/hob-ls/hob/agent/plan"
	"github.com/hob-ls/hob/agent/prompt"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// draft is a change over several files while it grows.
//
// Inv: what a file becomes is its text in the snapshot with whole regions of the
// steps replaced; a step that failed left no trace.
type draft struct {
	*run
	steps []plan.Step
	files map[string]*drafted // by path, before any rename
	tier  Tier                // of the steps, where the user's own implementer has one
}

// drafted is what becomes of one file.
type drafted struct {
	base   *workspace.File // nil for a file to be created
	path   string
	text   string // as it will be
	to     string // absolute: its new path; "" if it stays
	gone   bool
	region text.Span // of base: what the steps are about
}

func newDraft(r *run, steps []plan.Step) *draft {
	d := &draft{run: r, steps: steps, files: map[string]*drafted{}}
	d.whole = whole(r.req.Prompt, steps)
	if v, own := r.ownVoice(implementer); own {
		d.whole, d.warmth = v.Instructions+"\n"+d.whole, v.Temperature
		d.tier = Tier(v.Tier)
	}
	return d
}

// What a step is told of the others is bounded, in bytes: each pays for it.
const (
	maxWhole  = 300
	maxBeside = 160 // of what one of them does
	mostTold  = 3   // not bytes: of them
)

// whole is what every step is told: the same text for all, so that they share it
// as the beginning of their prompts. The files that come and go no code shows yet.
func whole(instruction string, steps []plan.Step) string {
	var b strings.Builder
	b.WriteString("The task is one step of this change: " + strings.Join(strings.Fields(instruction), " "))
	first := true
	for _, s := range steps {
		var does string
		switch s.Kind {
		case plan.Create:
			does = "creates " + s.Rel
		case plan.Move:
			does = "renames " + s.Rel + " to " + s.ToRel
		case plan.Delete:
			does = "deletes " + s.Rel
		default:
			continue
		}
		switch {
		case first:
			does = "\nThe change " + does
		case b.Len()+len(does) > maxWhole:
			return b.String() + ", and more."
		default:
			does = ", " + does
		}
		first = false
		b.WriteString(does)
	}
	if !first {
		b.WriteString(".")
	}
	return b.String()
}

// beside are sentences about the steps that change what the region of s uses: code
// that is shown to it is that of before, and the steps must fit together.
func beside(s plan.Step, steps []plan.Step) []string {
	if s.Kind != plan.Edit {
		return nil
	}
	src := s.File.Text[s.Region.Start:s.Region.End]
	var out []string
	for _, o := range steps {
		if o.Kind != plan.Edit || o.Symbol == "" || o.What == s.What || o.Path == s.Path && o.Region.Overlaps(s.Region) || !strings.Contains(src, o.Symbol) {
			continue
		}
		if spans, _ := syntax.Occurrences(s.File.Language, src, o.Symbol); len(spans) == 0 {
			continue
		}
		told := "Another step changes " + o.Symbol + " of " + o.Rel
		if what := strings.Join(strings.Fields(o.What), " "); len(what) <= maxBeside {
			told += ": " + what
		}
		if out = append(out, told); len(out) == mostTold {
			break
		}
	}
	return out
}

// of is the draft of a file.
func (d *draft) of(f *workspace.File) *drafted {
	c := d.files[f.Path]
	if c == nil {
		c = &drafted{base: f, path: f.Path, text: f.Text, region: text.Span{Start: -1}}
		d.files[f.Path] = c
	}
	return c
}

// paths are those of the files, in order.
func (d *draft) paths() []string { return slices.Sorted(maps.Keys(d.files)) }

// file is the draft as a file.
func (c *drafted) file() *workspace.File {
	if c.base != nil && c.text == c.base.Text {
		return c.base
	}
	f := &workspace.File{Path: c.path, Text: c.text, Language: syntax.LanguageOf(c.path)}
	if c.base != nil {
		f.Root, f.Language = c.base.Root, c.base.Language
	}
	return f
}

// about widens the region of a drafted file.
func (c *drafted) about(s text.Span) {
	if c.region.Start < 0 {
		c.region = s
		return
	}
	c.region = text.Span{Start: min(c.region.Start, s.Start), End: max(c.region.End, s.End)}
}

// carryOut does all steps: those that need a model side by side.
func (d *draft) carryOut(ctx context.Context) error {
	var asked []plan.Step
	for _, s := range d.steps {
		switch s.Kind {
		case plan.Edit, plan.Create:
			asked = append(asked, s)
		case plan.Delete:
			d.of(s.File).gone = true
		case plan.Move:
			d.of(s.File).to = s.To
		}
	}
	parts := make([]*run, len(asked))
	errs := d.sideBySide(ctx, len(asked), func(i int) Request { return d.request(asked[i]) }, func(ctx context.Context, part *run, i int) error {
		parts[i] = part
		part.beside = beside(asked[i], d.steps)
		if asked[i].Kind == plan.Create {
			return part.create(ctx, asked[i], d.steps)
		}
		return part.region(ctx)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	d.tellModels(parts)
	if failed := d.take(ctx, asked, parts, errs); failed == len(asked) && failed > 0 {
		return errs[0]
	}
	if err := d.moveImports(ctx); err != nil {
		return err
	}
	return d.moveNames(ctx)
}

// take puts what the parts made into the draft. What can't be joined is left out, and
// said to be.
func (d *draft) take(ctx context.Context, steps []plan.Step, parts []*run, errs []error) (failed int) {
	edited := map[string][]int{} // the steps that changed a file
	for i, s := range steps {
		if errs[i] != nil {
			failed++
			d.leave(s, errs[i])
			continue
		}
		for _, f := range parts[i].result.Files {
			if f.Base == nil {
				d.files[f.Path] = &drafted{path: f.Path, text: f.Text}
				continue
			}
			edited[f.Path] = append(edited[f.Path], i)
			if c := d.of(f.Base); c.base == f.Base { // else it speaks of the draft
				c.about(s.Region)
			}
		}
	}
	for path, list := range edited {
		slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(parts[a].wrote.region.Start, parts[b].wrote.region.Start) })
		end, moved := 0, 0
		for _, i := range list {
			w := parts[i].wrote
			if w.region.Start < end {
				d.leave(steps[i], &Error{Kind: UnsafeEdit, Message: "its edit reaches into that of another step"})
				continue
			}
			end = w.region.End
			moved += d.replace(ctx, d.files[path], w, moved)
		}
	}
	return failed
}

// replace puts what a model wrote for a region into a drafted file whose text has
// moved there by that many bytes, and gives by how many more it has moved behind it.
// Imports are settled once more: other steps may have brought some of them.
func (d *draft) replace(ctx context.Context, c *drafted, w wrote, moved int) int {
	before, after, size := c.text[:w.region.Start+moved], c.text[w.region.End+moved:], len(c.text)
	code := w.settled
	if w.imports {
		settled := imports.Settle(ctx, d.snap, c.file(), before, w.code, after, true)
		if with, err := text.Apply(before, settled.Head); err == nil { // can't fail: they are edits of it
			before, code = with, settled.Code
		}
	}
	c.text = before + code + after
	return len(c.text) - size
}

// request is the job of one step.
func (d *draft) request(s plan.Step) Request {
	req := Request{Action: Edit, Path: s.Path, Span: s.Region, Prompt: s.What, Tier: cmp.Or(d.req.Tier, d.tier), Model: d.req.Model, Anew: d.req.Anew}
	if s.Kind == plan.Create {
		req.Action, req.Span = Component, text.Span{}
	}
	return req
}

// leave lists a step that is left out.
func (d *draft) leave(s plan.Step, err error) {
	d.result.Left = append(d.result.Left, place(s)+": "+reason(err))
}

// place is where a step is, for people.
func place(s plan.Step) string {
	if s.Symbol != "" {
		return s.Rel + ", " + s.Symbol
	}
	return s.Rel
}

// tellModels notes which models did the steps.
func (d *draft) tellModels(parts []*run) {
	var models []string
	for _, p := range parts {
		if p != nil && p.result.Model != "" && !slices.Contains(models, p.result.Model) {
			models = append(models, p.result.Model)
		}
	}
	slices.Sort(models)
	d.result.Why += "; " + plural(len(d.steps), "step")
	if len(models) > 0 {
		d.result.Why += " by " + strings.Join(models, ", ")
	}
	d.result.Voices = append(d.result.Voices, VoiceCost{Name: implementer, Model: strings.Join(models, ", ")})
}

// sourceBytes bounds the file that a new one is made from, as far as it is shown.
const sourceBytes = 24 << 10

// create writes a new file of the plan, shown the file that it most likely comes
// from: the one that another step changes.
func (r *run) create(ctx context.Context, s plan.Step, steps []plan.Step) error {
	language := syntax.LanguageOf(s.Path)
	c, err := r.route(ctx, stepScope(s))
	if err != nil {
		return err
	}
	in := prompt.Input{
		Verb: string(Component), Instruction: s.What, Shape: edit.NewFile, Language: language, NewPath: s.Rel, Whole: r.whole,
	}
	for _, o := range steps {
		if o.File != nil && len(o.File.Text) <= sourceBytes && o.Kind != plan.Move {
			in.File, in.Target = o.File, text.Span{End: len(o.File.Text)}
			r.reserve = outputReserve(len(o.File.Text))
			break
		}
	}
	return r.ask(ctx, c, question{
		in: in, target: edit.Target{Shape: edit.NewFile, Language: language, Path: s.Path}, at: Event{Path: s.Path},
		use: func(got answer) error {
			r.result.Files = []FileEdit{{Path: s.Path, Text: got.text}}
			return nil
		},
	})
}

// finish turns the draft into the edits of the result, every one to be confirmed.
func (d *draft) finish() {
	for _, p := range d.paths() {
		c := d.files[p]
		e := FileEdit{Path: p, Base: c.base, Rename: c.to, Delete: c.gone, Confirm: true, Alone: true}
		switch {
		case c.base == nil:
			e.Text = c.text
		case !c.gone:
			if e.Edits = text.Diff(c.base.Text, c.text); len(e.Edits) == 0 && c.to == "" {
				continue
			}
			for _, x := range e.Edits {
				c.about(x.Span)
			}
			e.Region = text.Span{Start: max(0, c.region.Start), End: max(0, c.region.End)}
		default:
			e.Region = text.Span{End: len(c.base.Text)}
		}
		d.result.Files = append(d.result.Files, e)
	}
}
