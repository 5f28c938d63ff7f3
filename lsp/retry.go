package lsp

import (
	"cmp"
	"context"
	"time"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// The buttons under the message of a failed job.
const (
	tryAgain     = "Try Again"
	largerModel  = "Use a Larger Model"
	showDiff     = "Show Diff"
	failedPrefix = "Hob: "
)

// tellFailure shows why the job failed. Where the editor shows buttons without
// getting in the way (experimental.hob.buttons), what can be done next is one.
func (r *jobRun) tellFailure() {
	s, message := r.s, failedPrefix+tell(r.result.Error)
	answers := r.remedies()
	kept, shown := r.keptDocument()
	if r.result.Diff != "" && !shown {
		message += "\n" + shorten(r.result.Diff, maxMessage)
	}
	if shown {
		answers = append([]string{showDiff}, answers...)
	}
	if !s.client.buttons || len(answers) == 0 {
		s.showMessage(protocol.MessageTypeError, message)
		if shown {
			s.goBackground(func(ctx context.Context) { s.openContent(ctx, kept, false) })
		}
		return
	}
	s.goBackground(func(ctx context.Context) {
		answer, err := s.chooseMore(ctx, protocol.MessageTypeError, message, answers...)
		if err != nil || answer.Title == "" {
			return
		}
		var change ReviewRetry
		switch {
		case answer.Title == showDiff:
			s.openContent(ctx, kept, true)
			return
		case answer.Title == largerModel:
			change.Tier = string(r.larger())
		case answer.Retry != nil:
			change = *answer.Retry
		}
		s.again(ctx, r.spec, change)
	})
}

// remedies are the buttons that may help against the failure.
func (r *jobRun) remedies() []string {
	if r.spec.work != nil {
		return nil // another attempt would meet the same
	}
	switch agent.ErrorKind(r.result.Error.Kind) {
	case agent.ModelUnreachable, agent.ModelMissing, agent.ModelFailed, agent.Timeout, agent.Busy, agent.Stale:
		return []string{tryAgain}
	case agent.NoEdit, agent.NoMatch, agent.UnsafeEdit, agent.IncompleteReply:
		if r.spec.params.Model == "" && r.larger() != "" {
			return []string{tryAgain, largerModel}
		}
		return []string{tryAgain}
	}
	return nil
}

// larger is the nearest tier above that of the job which has another model, "" if
// none has.
func (r *jobRun) larger() agent.Tier {
	e, release := r.s.engines.acquire()
	defer release()
	if e == nil {
		return "" // the session is ending
	}
	models := e.agent.Status().Models
	for t := above(agent.Tier(r.result.Tier)); t != ""; t = above(t) {
		if m := models[t]; m != "" && m != r.result.Model {
			return t
		}
	}
	return ""
}

// above is the next tier up, "" above the largest.
func above(t agent.Tier) agent.Tier {
	switch t {
	case agent.Fast:
		return agent.Balanced
	case agent.Balanced:
		return agent.Quality
	}
	return ""
}

// again runs a job's command once more on the newest text, with what the user
// wants changed. Nobody waits for its answer. It gives the new job, "" if there is
// none, which the user is told.
func (s *Server) again(ctx context.Context, spec *jobSpec, change ReviewRetry) string {
	params := spec.params
	params.Prompt, params.Anew, params.Wait = cmp.Or(change.Prompt, spec.req.Prompt), true, false
	params.Tier = cmp.Or(change.Tier, params.Tier)
	if change.Tier != "" {
		params.Model = "" // which would win over the tier
	}
	at := pinned{snap: s.snapshot(), received: time.Now()}
	s.follow(spec, at.snap, &params)
	next, err := s.prepare(ctx, at, spec.command, []protocol.LSPAny{protocol.LSPAny(raw(params))})
	if err == nil {
		var job *agent.Job[*JobResult]
		if job, _, err = s.begin(next); err == nil {
			return job.ID
		}
	}
	s.showMessage(protocol.MessageTypeError, failedPrefix+wireError(refusal(spec.command, err)).Message)
	return ""
}

// follow moves the range of a command to where its ends are now: what was typed
// between them is meant as well. Diagnostics stay with the version they speak of.
func (s *Server) follow(spec *jobSpec, snap *workspace.Snapshot, params *JobParams) {
	if params.Range == nil || len(params.Diagnostics) > 0 {
		return
	}
	was, err := spec.snap.File(spec.req.Path)
	if err != nil {
		return
	}
	now, err := snap.File(spec.req.Path)
	if err != nil {
		return
	}
	since, err := snap.Since(was)
	if err != nil {
		return
	}
	start, err := text.RebaseSpan(text.Span{Start: spec.req.Span.Start, End: spec.req.Span.Start}, since)
	if err != nil {
		return
	}
	end, err := text.RebaseSpan(text.Span{Start: spec.req.Span.End, End: spec.req.Span.End}, since)
	if err != nil {
		return
	}
	r := rangeOf(now.Lines(), text.Span{Start: start.Start, End: max(start.Start, end.End)}, s.client.encoding)
	params.Range, params.Version = &r, &now.Version
}
