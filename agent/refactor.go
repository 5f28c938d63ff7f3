package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/plan"
	"github.com/hob-ls/hob/agent/prompt"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// refactor changes several files:
//
//	pure rename, every reference certain ─▶ by program
//	targets by names and references ─▶ plan ─▶ approved ─▶ regions side by side ─▶ joined ─▶ checked, one repair ─▶ edits
//
// A region that fails never spoils the others: it is left out, and listed.
func (r *run) refactor(ctx context.Context) error {
	if strings.TrimSpace(r.req.Prompt) == "" {
		return &Error{Kind: BadRequest, Message: "a refactoring needs an instruction", Hint: "say what to change, as in \"give NewStore a capacity parameter\""}
	}
	r.on(Event{State: Planning})
	doubt := ""
	if from, to, ok := plan.Renaming(r.req.Prompt); ok && len(r.req.Paths) == 0 {
		done, why, err := r.rename(ctx, from, to)
		if done || err != nil {
			return err
		}
		doubt = why
	}
	if r.req.Tier == Instant {
		return &Error{Kind: BadRequest, Message: "the instant tier renames a symbol, as in \"rename Old to New\", and does no other refactoring" + because(doubt), Hint: "use another tier"}
	}
	targets, err := plan.Find(ctx, r.snap, plan.Request{Instruction: r.req.Prompt, At: r.req.Path, Only: r.req.Paths})
	if err != nil {
		return err
	}
	if len(targets.Files) == 0 {
		return &Error{Kind: NoEdit, Message: "no file of the workspace has to do with this instruction", Hint: "name a function, type or file as it is written in the code"}
	}
	steps, err := r.plan(ctx, targets)
	if err != nil {
		return err
	}
	r.result.Voices = []VoiceCost{{Name: architect, Model: r.result.Model, Usage: r.result.Usage}}
	if doubt != "" {
		r.result.Why += "; not renamed by program, for " + doubt
	}
	planned := steps
	if steps, err = r.approve(ctx, steps); err != nil || len(steps) == 0 {
		return err
	}
	d := newDraft(r, steps)
	if err := d.carryOut(ctx); err != nil {
		return err
	}
	if err := d.repair(ctx); err != nil {
		return err
	}
	if err := d.forgotten(ctx, planned); err != nil {
		return err
	}
	d.finish()
	r.bookVoices()
	return ctx.Err()
}

// because is a doubt as the end of a sentence.
func because(doubt string) string {
	if doubt == "" {
		return ""
	}
	return "; here " + doubt
}

// rename does a pure rename by program; why says what stands against it.
func (r *run) rename(ctx context.Context, from, to string) (done bool, why string, err error) {
	renamed, why, err := plan.Rename(ctx, r.snap, from, to)
	if err != nil || renamed == nil {
		return false, why, err
	}
	var steps []ProposedStep
	var paths []string
	for path, edits := range renamed.Files {
		paths = append(paths, path)
		steps = append(steps, ProposedStep{path, fmt.Sprintf("%s: %s", renamed.Base[path].Rel(), plural(len(edits), "place"))})
	}
	slices.Sort(paths)
	slices.SortFunc(steps, func(a, b ProposedStep) int { return strings.Compare(a.Path, b.Path) })
	keep, err := r.propose(ctx, Proposal{Steps: steps})
	if err != nil {
		return false, "", err
	}
	places := 0
	for i, path := range paths {
		if slices.Contains(keep, i) {
			edits := renamed.Files[path]
			places += len(edits)
			r.result.Files = append(r.result.Files, FileEdit{
				Path: path, Base: renamed.Base[path], Edits: edits, Confirm: true, Alone: true,
				Region: text.Span{Start: edits[0].Span.Start, End: edits[len(edits)-1].Span.End},
			})
		}
	}
	r.result.Tier = Instant
	r.result.Why = fmt.Sprintf("%s to %s in %s, every one certain; written without a model", from, to, plural(places, "place"))
	return true, "", nil
}

// propose asks for approval; without anybody to ask all is approved.
func (r *run) propose(ctx context.Context, p Proposal) ([]int, error) {
	if r.req.Approve != nil {
		began := time.Now()
		defer func() { r.end = r.end.Add(time.Since(began)) }()
		return r.req.Approve(ctx, p)
	}
	all := make([]int, len(p.Steps))
	for i := range all {
		all[i] = i
	}
	return all, nil
}

// mapBytes bounds the map of the project in a plan's prompt: about 2,700 tokens,
// which a laptop reads in seconds.
const mapBytes = 9000

// plan has the architect propose steps among the targets, and checks them.
func (r *run) plan(ctx context.Context, targets *plan.Targets) (steps []plan.Step, err error) {
	voice := r.voice(architect)
	if r.req.Tier == "" && r.req.Model == "" {
		if mine, own := r.ownVoice(architect); own { // what a tier says there is about the plan alone
			r.req.Tier = Tier(mine.Tier)
			defer func() { r.req.Tier = "" }()
		}
	}
	c, err := r.route(ctx, Scope{Action: Refactor, Kind: ProjectScope}.expect(mapBytes))
	if err != nil {
		return nil, err
	}
	room := min(mapBytes, int(float64(c.NumCtx-min(c.MaxTokens, c.NumCtx/2)-planRest)*prompt.DefaultBytesPerToken))
	in := prompt.Input{
		Verb: "plan", Instruction: r.req.Prompt, Shape: edit.Answer,
		Voice: voice.Instructions, Form: plan.Form, Map: targets.Map(room),
	}
	err = r.ask(ctx, c, question{
		in: in, target: edit.Target{Shape: edit.Answer}, schema: plan.Schema, warmth: voice.Temperature, tools: r.req.offers(),
		use: func(got answer) (err error) {
			var left []string
			steps, left, err = targets.Read(ctx, got.text)
			if wrong := (*plan.Problem)(nil); errors.As(err, &wrong) {
				return &Error{Kind: NoEdit, Message: "the plan can't be used: " + phrase(wrong.Message), Hint: "name the symbols to change, or choose a larger model", again: wrong.Message + " " + plan.Form}
			}
			r.result.Left = append(r.result.Left, left...)
			return err
		},
	})
	return steps, err
}

// planRest is the room for all but the map in a plan's prompt, in tokens.
const planRest = 700

// approve shows the plan and gives the steps that stay. What the user takes off is
// no news to them: it is not among what was left out.
func (r *run) approve(ctx context.Context, steps []plan.Step) ([]plan.Step, error) {
	if len(steps) == 0 {
		r.result.Why += "; the plan is that nothing has to change"
		return nil, nil
	}
	p := Proposal{Model: r.result.Model, Takes: r.takes(steps)}
	for _, s := range steps {
		p.Steps = append(p.Steps, ProposedStep{s.Path, s.String()})
	}
	keep, err := r.propose(ctx, p)
	if err != nil {
		return nil, err
	}
	var kept []plan.Step
	for i, s := range steps {
		if slices.Contains(keep, i) {
			kept = append(kept, s)
		}
	}
	return kept, nil
}

// takes predicts how long the steps take, side by side as far as their endpoints
// serve them; 0 where a model of them was not measured yet.
func (r *run) takes(steps []plan.Step) time.Duration {
	sums := map[string]time.Duration{} // by endpoint
	var longest time.Duration
	for _, s := range steps {
		if s.Kind != plan.Edit && s.Kind != plan.Create {
			continue
		}
		in := r.routed
		in.Scope, in.Tier, in.Model = stepScope(s), r.req.Tier, r.req.Model
		in.Budget = r.opts.Budgets[in.Scope.budget()]
		c, bad := Route(in)
		if bad != nil {
			return 0
		}
		f, _ := in.Catalog.Figures(c.Model.ID())
		took, known := predict(model.Model{Resident: true}, f, in.Scope)
		if !known {
			return 0
		}
		sums[c.Model.Provider] += took
		longest = max(longest, took)
	}
	for provider, sum := range sums {
		longest = max(longest, sum/time.Duration(r.opts.Pool.Slots(provider)))
	}
	return longest
}

// stepScope is the size of one step.
func stepScope(s plan.Step) Scope {
	if s.Kind == plan.Create {
		return Scope{Action: Refactor, Kind: NewFileScope}.expect(0)
	}
	src := s.File.Text[s.Region.Start:s.Region.End]
	kind := SymbolScope
	switch {
	case s.Region.Len() == len(s.File.Text):
		kind = FileScope
	case s.Symbol == "":
		kind = LineScope
	}
	return Scope{Action: Edit, Kind: kind, Lines: text.CountLines(src), Bytes: len(src)}.expect(len(s.File.Text))
}

// file is the newest text of a file: what earlier parts of the job made of it.
func (r *run) file(path string) (*workspace.File, error) {
	if f := r.now[path]; f != nil {
		return f, nil
	}
	return r.snap.File(path)
}
