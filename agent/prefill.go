package agent

import (
	"context"
	"slices"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// aboutPlaces are the actions whose prompts begin with a place in a document, and
// with the same for all of them that show the same region of it.
var aboutPlaces = []Action{Fix, Edit, Generate, Document, Implement, Explain}

// Prefill has a model read, ahead of a job, what the prompt of the job will begin
// with. The requests are those that may come next, as a menu offers them: what
// most of them begin with is read, for the model that the router would choose;
// of equally many, the first's. Instructions may be missing.
//
// It asks nobody what there is, and takes the steps of Run, so that the prefix is
// the job's to the byte.
func (a *Agent) Prefill(ctx context.Context, reqs []Request, snap *workspace.Snapshot) model.Prefilled {
	if len(a.opts.Pool.Catalog().Models) == 0 {
		return model.PrefillUnloaded
	}
	type beginning struct {
		path  string
		shown text.Span
		model string
	}
	var first []prefill
	votes := map[beginning]int{}
	of := func(p prefill) beginning { return beginning{p.file.Path, p.target.Shown, p.choice.Model.ID()} }
	for _, req := range reqs {
		if p, ok := a.prefill(ctx, req, snap); ok {
			if votes[of(p)]++; votes[of(p)] == 1 {
				first = append(first, p)
			}
		}
	}
	if len(first) == 0 {
		return model.PrefillFailed
	}
	best := slices.MaxFunc(first, func(p, q prefill) int { return votes[of(p)] - votes[of(q)] })
	prompt, _, err := best.build(best.choice, best.input(best.file, best.target), 0)
	if err != nil {
		return model.PrefillFailed // the job will say why
	}
	m := best.choice.Model
	return a.opts.Pool.Prefill(ctx, model.Job{
		Provider: m.Provider, Prefix: prompt.Prefix,
		Request: model.Request{
			Model: m.Name, NumCtx: best.choice.NumCtx, Temperature: temperature,
			Messages: prompt.Messages[:len(prompt.Messages)-1],
		},
	})
}

// prefill is a request that may come, as far as its prompt is known.
type prefill struct {
	*run
	file   *workspace.File
	target target
	choice Choice
}

// prefill prepares a request; false if its prompt does not begin with a place, or
// it would fail.
func (a *Agent) prefill(ctx context.Context, req Request, snap *workspace.Snapshot) (p prefill, ok bool) {
	if !slices.Contains(aboutPlaces, req.Action) {
		return p, false
	}
	p.run = &run{Agent: a, req: req, snap: snap, result: &Result{}}
	var err error
	if p.file, p.target, err = p.place(); err != nil {
		return p, false
	}
	p.choice, err = p.route(ctx, p.target.Scope.expect(len(p.file.Text)))
	return p, err == nil
}
