package lsp

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/agent/own"
)

// allTools, among names of tools, stands for all there are.
const allTools = "*"

// prepareParts completes a request about several files, by several voices or with
// tools.
func (s *Server) prepareParts(spec *jobSpec) error {
	if names := spec.params.Tools; names != nil {
		spec.req.Tools = &own.Tools{All: slices.Contains(*names, allTools), Names: *names}
	}
	switch spec.req.Action {
	case agent.Refactor:
		for _, u := range spec.params.URIs {
			path, err := pathOf(u)
			if err == nil {
				path, err = s.confine(spec.snap, path)
			}
			if err != nil {
				return badRequest("uris: "+err.Error(), "name files of the workspace")
			}
			spec.req.Paths = append(spec.req.Paths, path)
		}
		spec.req.Voices, _ = ownVoices(spec.snap)
	case agent.Review:
		mine, broken := ownVoices(spec.snap)
		for _, name := range spec.params.Voices { // else a built-in one of that name would speak, or there would seem to be none
			if err := broken[name]; err != nil {
				return err
			}
		}
		voices, err := chooseVoices(mine, spec.params.Voices)
		spec.req.Voices = voices
		return err
	}
	return nil
}

// chooseVoices are the voices of those names, the user's own before the built-in.
func chooseVoices(mine []own.Voice, names []string) ([]own.Voice, error) {
	if len(names) == 0 {
		names = own.Reviewers
	}
	all := slices.Concat(mine, own.BuiltIn())
	var out []own.Voice
	for _, n := range names {
		i := slices.IndexFunc(all, func(v own.Voice) bool { return v.Name == n })
		if i < 0 {
			var known []string
			for _, v := range all {
				if !slices.Contains(known, v.Name) {
					known = append(known, v.Name)
				}
			}
			return nil, badRequest(fmt.Sprintf("there is no voice %q", n), "the voices are "+strings.Join(known, ", ")+"; write your own as "+own.VoiceDir+"/NAME.md")
		}
		out = append(out, all[i])
	}
	return out, nil
}

// approve shows a plan before it is carried out and gives the steps that are
// wanted; with none of them the job is declined.
func (r *jobRun) approve(ctx context.Context, p agent.Proposal) ([]int, error) {
	steps, err := r.showPlan(ctx, p)
	if err == nil && len(steps) == 0 {
		r.result.Status = statusDeclined
	}
	return steps, err
}

// showPlan shows a plan as a list where the editor has one, else as a question.
func (r *jobRun) showPlan(ctx context.Context, p agent.Proposal) ([]int, error) {
	all := make([]int, len(p.Steps))
	for i := range all {
		all[i] = i
	}
	if apply := r.spec.params.Apply; apply != nil && !*apply {
		return all, nil // nothing will be changed
	}
	defer r.wait()()
	r.s.board.state(r.id, stateWaiting)
	r.bar.report("waiting for you to look at the plan")
	if r.s.client.plan {
		params := &PlanParams{Job: r.id, Action: r.result.Action, Title: r.title(), Model: p.Model, Takes: millis(p.Takes)}
		for _, step := range p.Steps {
			params.Steps = append(params.Steps, PlanStep{r.s.docs.uri(step.Path), step.Title})
		}
		var answer *PlanResult
		if err := r.s.call(ctx, methodPlan, params, &answer); err != nil || answer == nil {
			return nil, err
		}
		return slices.DeleteFunc(answer.Steps, func(i int) bool { return i < 0 || i >= len(p.Steps) }), nil
	}
	answer, err := r.s.choose(ctx, protocol.MessageTypeInfo, planQuestion(p), carryOut, "Cancel")
	if err != nil || answer != carryOut {
		return nil, err
	}
	return all, nil
}

const carryOut = "Carry Out"

// planQuestion is a plan as a message.
func planQuestion(p agent.Proposal) string {
	const most = 12
	var b strings.Builder
	steps := "steps"
	if len(p.Steps) == 1 {
		steps = "step"
	}
	fmt.Fprintf(&b, "Hob plans %d %s", len(p.Steps), steps)
	if p.Takes > 0 {
		fmt.Fprintf(&b, ", about %s", p.Takes.Round(time.Second))
	}
	b.WriteString(":")
	for i, s := range p.Steps {
		if i == most {
			fmt.Fprintf(&b, "\n… and %d more", len(p.Steps)-i)
			break
		}
		b.WriteString("\n• " + s.Title)
	}
	return b.String()
}

// parts offers what looks at more than one place.
func (m *menu) parts() {
	review, refactor := commandOf(agent.Review), commandOf(agent.Refactor)
	sym, ok := m.symbol(m.outline())
	if m.wanted(review.kind) {
		switch {
		case ok:
			r := rangeOf(m.file.Lines(), sym.Span, m.s.client.encoding)
			m.offer(agent.Review, "Review "+oneLine(sym.Name), JobParams{Range: &r})
		case !m.cursor():
			m.offer(agent.Review, "Review selection", JobParams{})
		}
	}
	if !m.wanted(refactor.kind) {
		return
	}
	in, has := instructionAt(m.file, m.span.Start)
	switch {
	case m.s.client.input && !has && (ok || m.span.Len() > 0):
		m.offer(agent.Refactor, refactor.title, JobParams{})
	case !m.s.client.input && has: // the only way to say what is wanted
		m.offer(agent.Refactor, "Refactor across files: "+oneLine(in.prompt), JobParams{Prompt: in.prompt})
	}
}
