package lsp

import (
	"context"
	"sync/atomic"
	"time"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
)

// prefillPace is how long a menu or a selection must stand before the model reads
// ahead what a job there would begin with: editors ask again while the user moves.
const prefillPace = 80 * time.Millisecond

// foresight counts what may come next; only the newest is read ahead.
type foresight struct{ newest atomic.Int64 }

// offered is a job command that the user may run next.
type offered struct {
	command *command
	params  JobParams
}

// foresee has the model read ahead what the jobs that may come next begin with,
// unless something else is foreseen within the wait.
func (s *Server) foresee(at pinned, wait time.Duration, next []offered) {
	if len(next) == 0 {
		return
	}
	n := s.foresight.newest.Add(1)
	s.goBackground(func(ctx context.Context) {
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
		if s.foresight.newest.Load() != n {
			return
		}
		e, release := s.engines.acquire()
		defer release()
		if e == nil || !e.cfg.Prewarm.Prefill {
			return
		}
		var reqs []agent.Request
		for _, o := range next {
			// As the command itself will be: so it is the same request.
			if spec, err := s.prepare(ctx, at, o.command, []protocol.LSPAny{protocol.LSPAny(raw(o.params))}); err == nil {
				reqs = append(reqs, spec.req)
			}
		}
		end := e.agent.Prefill(ctx, reqs, at.snap)
		s.log.Debug("prefill", "actions", len(reqs), "end", end)
	})
}

// PrewarmParams is the argument of hob.prewarm that names the place where a job
// is to be expected: the user is typing the instruction for it.
type PrewarmParams struct {
	JobParams
	Action string `json:"action,omitempty"` // "edit" for a selection and "generate" for a cursor where absent
}

// expect has the model read ahead for the job whose instruction is being typed.
func (s *Server) expect(ctx context.Context, at pinned, args []protocol.LSPAny) error {
	var p PrewarmParams
	if err := decodeParams(args, &p); err != nil {
		return err
	}
	action := agent.Action(p.Action)
	switch {
	case action != "":
	case p.Range != nil && p.Range.Start == p.Range.End:
		action = agent.Generate
	default:
		action = agent.Edit
	}
	c := s.byAction[action]
	if c == nil {
		return badRequest("there is no action "+string(action), "name the action that the instruction is for: edit, generate, …")
	}
	no := false
	p.Apply = &no // whether the editor takes edits is the job's affair
	if c.instruction && p.Prompt == "" {
		p.Prompt = "…" // it is no part of what is read ahead
	}
	if _, err := s.prepare(ctx, at, c, []protocol.LSPAny{protocol.LSPAny(raw(p.JobParams))}); err != nil {
		return err
	}
	s.foresee(at, prefillPace, []offered{{c, p.JobParams}})
	return nil
}
