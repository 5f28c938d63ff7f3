package lsp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
)

// need is what a command must be given.
type need uint8

const (
	needNothing    need = iota
	needDiagnostic      // a diagnostic, whose range serves where there is no other
	needSelection       // a range; none means the whole document
	needCursor          // a range, which may be empty
	needFolder          // a folder or any file of the project
)

// command is one row of the table that is the truth about commands: editors'
// manifests are compared with it.
type command struct {
	id          string
	title       string
	action      agent.Action // "" for a command that starts no job
	kind        protocol.CodeActionKind
	needs       need
	instruction bool // can't do without one
	run         func(s *Server, ctx context.Context, at pinned, args []protocol.LSPAny) (any, error)
}

var commands []command

func init() { // hob.run looks other rows up
	commands = []command{
		{id: "hob.fix", title: "Fix", action: agent.Fix, kind: "quickfix.hob", needs: needDiagnostic},
		{id: "hob.edit", title: "Edit selection…", action: agent.Edit, kind: "refactor.rewrite.hob.edit", needs: needSelection, instruction: true},
		{id: "hob.generate", title: "Generate here…", action: agent.Generate, kind: "refactor.rewrite.hob.generate", needs: needCursor, instruction: true},
		{id: "hob.component", title: "Generate component…", action: agent.Component, kind: "refactor.rewrite.hob.component", needs: needFolder, instruction: true},
		{id: "hob.document", title: "Document", action: agent.Document, kind: "refactor.rewrite.hob.document", needs: needCursor},
		{id: "hob.implement", title: "Implement", action: agent.Implement, kind: "refactor.rewrite.hob.implement", needs: needCursor},
		{id: "hob.test", title: "Write tests", action: agent.Test, kind: "refactor.hob.test", needs: needCursor},
		{id: "hob.explain", title: "Explain", action: agent.Explain, kind: "refactor.hob.explain", needs: needSelection},
		{id: "hob.review", title: "Review", action: agent.Review, kind: "refactor.hob.review", needs: needSelection},
		{id: "hob.refactor", title: "Refactor across files…", action: agent.Refactor, kind: "refactor.hob.refactor", needs: needFolder, instruction: true},
		{id: "hob.run", title: "Run own command", kind: "refactor.rewrite.hob.run", run: (*Server).ownCommand},
		{id: "hob.cancel", title: "Cancel job", run: (*Server).cancelCommand},
		{id: "hob.revert", title: "Take back a job", run: (*Server).revertCommand},
		{id: "hob.status", title: "Status", run: (*Server).statusCommand},
		{id: "hob.stats", title: "Statistics", run: (*Server).statsCommand},
		{id: "hob.prewarm", title: "Load the models", run: (*Server).prewarmCommand},
	}
}

// commandIDs are what executeCommandProvider advertises.
func commandIDs() []string {
	ids := make([]string, len(commands))
	for i, c := range commands {
		ids[i] = c.id
	}
	return ids
}

// commandOf is the row of an action.
func commandOf(a agent.Action) *command {
	for i := range commands {
		if commands[i].action == a {
			return &commands[i]
		}
	}
	panic("no command for action " + string(a)) // the table is ours
}

func (s *Server) executeCommand(ctx context.Context, at pinned, p *protocol.ExecuteCommandParams) (any, error) {
	for i := range commands {
		c := &commands[i]
		if c.id != p.Command {
			continue
		}
		if c.run != nil {
			return c.run(s, ctx, at, p.Arguments)
		}
		return s.jobCommand(ctx, at, c, p.Arguments)
	}
	return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "there is no command %q", p.Command)
}

// jobCommand starts a job and answers at once, or with its result.
func (s *Server) jobCommand(ctx context.Context, at pinned, c *command, args []protocol.LSPAny) (any, error) {
	spec, err := s.prepare(ctx, at, c, args)
	if err != nil {
		return nil, refusal(c, err)
	}
	return s.startJob(ctx, c, spec)
}

// begin starts a job that was understood, or joins the one that does the same.
func (s *Server) begin(spec *jobSpec) (job *agent.Job[*JobResult], joined bool, err error) {
	job, joined, err = s.jobs.Start(spec.req, spec.snap, func(ctx context.Context, job *agent.Job[*JobResult]) *JobResult {
		return s.runJob(ctx, job, spec)
	})
	if joined {
		s.board.joined()
	}
	return job, joined, err
}

// startJob starts a job that was understood, and answers as its params ask.
func (s *Server) startJob(ctx context.Context, c *command, spec *jobSpec) (any, error) {
	job, joined, err := s.begin(spec)
	if err != nil {
		return nil, refusal(c, err)
	}
	if !spec.params.Wait {
		return raw(struct {
			Job string `json:"job"`
		}{job.ID}), nil
	}
	res, err := job.Wait(ctx)
	if err != nil {
		if joined {
			return nil, err // somebody else's job goes on
		}
		s.jobs.Cancel(job.ID)
		// The answer carries how the job ended, which it does at once now.
		if res, err = job.Wait(context.WithoutCancel(ctx)); err != nil {
			return nil, err
		}
	}
	if res.Error != nil {
		return nil, &jobFailure{res}
	}
	return raw(res), nil
}

// refusal is a command that never became a job.
func refusal(c *command, err error) error {
	return &jobFailure{&JobResult{Action: string(c.action), Status: "failed", Error: jobError(err)}}
}

// decodeParams reads the one argument of a command; the error names the field.
func decodeParams(args []protocol.LSPAny, v any) error {
	if len(args) != 1 {
		return badRequest(fmt.Sprintf("%d arguments instead of one", len(args)), "send one object with uri, range, …")
	}
	if b := bytes.TrimSpace(args[0]); len(b) == 0 || b[0] != '{' {
		return badRequest("the argument is not an object", "send one object with uri, range, …")
	}
	d := json.NewDecoder(bytes.NewReader(args[0]))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var mistyped *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &mistyped):
		return badRequest(fmt.Sprintf("%s is a %s, not a %s", mistyped.Field, mistyped.Value, mistyped.Type), "correct the command's argument")
	}
	return badRequest(strings.TrimPrefix(err.Error(), "json: "), "correct the command's argument")
}

// cancelCommand is hob.cancel {job}.
func (s *Server) cancelCommand(_ context.Context, _ pinned, args []protocol.LSPAny) (any, error) {
	var p struct {
		Job string `json:"job"`
	}
	if err := decodeParams(args, &p); err != nil {
		return nil, err
	}
	if p.Job == "" {
		return nil, badRequest("job is missing", "name the job to cancel, as hob.status lists it")
	}
	return raw(struct {
		Cancelled bool `json:"cancelled"`
	}{s.jobs.Cancel(p.Job)}), nil
}

func (s *Server) statusCommand(context.Context, pinned, []protocol.LSPAny) (any, error) {
	return raw(s.board.status()), nil
}

func (s *Server) statsCommand(context.Context, pinned, []protocol.LSPAny) (any, error) {
	return raw(s.board.stats()), nil
}

// prewarmCommand answers when the configured tiers are loaded; given a place
// where a job is to be expected, at once.
func (s *Server) prewarmCommand(ctx context.Context, at pinned, args []protocol.LSPAny) (any, error) {
	if len(args) > 0 {
		return nil, s.expect(ctx, at, args)
	}
	if err := s.prewarm(ctx, true); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, agent.ExplainError(err)
	}
	return raw(s.board.status()), nil
}
