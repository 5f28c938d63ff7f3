package agent

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/prompt"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// Agent runs jobs. Safe for concurrent use.
type Agent struct {
	opts Options

	mu     sync.Mutex     // guards numCtx
	numCtx map[string]int // by model ID; a context size, once chosen, never changes
}

// New makes an agent.
func New(opts Options) *Agent {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Agent{opts: opts, numCtx: map[string]int{}}
}

// Reconfigure is an agent with other options that keeps what this one has fixed
// for the life of the server. Running jobs go on with the old one.
func (a *Agent) Reconfigure(opts Options) *Agent {
	next := New(opts)
	a.mu.Lock()
	defer a.mu.Unlock()
	next.numCtx = maps.Clone(a.numCtx)
	return next
}

// Run does one job. on is called from one goroutine at a time and must not block.
// Errors are *Error, or the context's own when ctx ended; the result beside one
// holds what is known by then of model, usage and timing.
func (a *Agent) Run(ctx context.Context, req Request, snap *workspace.Snapshot, on func(Event)) (*Result, error) {
	bounded, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	r := run{Agent: a, req: req, snap: snap, on: on, began: time.Now(), result: &Result{Usage: Usage{Cached: -1}}}
	var err error
	switch req.Action {
	case Component:
		err = r.component(bounded)
	case Fix, Edit, Generate, Document, Explain:
		err = r.region(bounded)
	default:
		err = &Error{Kind: BadRequest, Message: "there is no action " + string(req.Action), Hint: "use fix, edit, generate, component, document or explain"}
	}
	if ctx.Err() != nil {
		return r.result, ctx.Err()
	}
	if err != nil {
		return r.result, ExplainError(err)
	}
	return r.result, nil
}

// run is one job under way.
type run struct {
	*Agent
	req    Request
	snap   *workspace.Snapshot
	on     func(Event)
	began  time.Time
	result *Result
	// reserve is the least room for the answer that the prompt leaves, in tokens. It
	// goes by the place alone: would it go by the action, no two had one prefix.
	reserve int
}

// region runs an action on a place in a document.
func (r *run) region(ctx context.Context) error {
	f, t, err := r.place()
	if err != nil {
		return err
	}
	c, err := r.route(ctx, t.Scope.expect(len(f.Text)))
	if err != nil {
		return err
	}
	in := r.input(f, t)
	if r.req.Action == Explain {
		in.Shape = edit.Answer
	}
	reply := edit.Target{
		Shape: in.Shape, Language: f.Language, Shrinks: shrinks(r.req),
		Original: f.Text[t.Region.Start:t.Region.End], Before: f.Text[:t.Region.Start], After: f.Text[t.Region.End:],
	}
	if r.req.Action == Document {
		in.Shape, reply.Shape = edit.Comment, edit.Comment
	}
	got, err := r.ask(ctx, c, in, reply, Event{Path: f.Path, Region: t.Region})
	if err != nil {
		return err
	}
	if r.req.Action == Explain {
		r.result.Answer = got
		return nil
	}
	if r.req.Action == Document {
		if got, err = docComment(f, t, got); err != nil {
			return err
		}
	}
	r.result.Files = edits(f, t.Region, got)
	return nil
}

// place finds what the action is about.
func (r *run) place() (*workspace.File, target, error) {
	f, err := r.snap.File(r.req.Path)
	if err != nil {
		return nil, target{}, err
	}
	if !utf8.ValidString(f.Text) {
		return nil, target{}, &Error{Kind: BadRequest, Message: f.Rel() + " is not valid UTF-8", Hint: "save it as UTF-8 first"}
	}
	t, bad := locate(r.req, f)
	if bad != nil {
		return nil, target{}, bad
	}
	if r.req.Tier == Instant {
		return nil, target{}, &Error{Kind: BadRequest, Message: "the instant tier can't " + string(r.req.Action), Hint: "it writes new components; use another tier"}
	}
	if t.Shown.Len() == 0 && r.req.Action != Generate {
		return nil, target{}, &Error{Kind: BadRequest, Message: f.Rel() + " is empty here: there is nothing to " + string(r.req.Action), Hint: "use Generate to write something new"}
	}
	return f, t, nil
}

// input is what the prompt about a place is made from.
func (r *run) input(f *workspace.File, t target) prompt.Input {
	r.reserve = outputReserve(t.Shown.Len())
	return prompt.Input{
		Verb: string(r.req.Action), File: f, Target: t.Shown, Symbol: t.Symbol,
		Instruction: r.req.Prompt, Diagnostics: r.req.Diagnostics, Language: f.Language, Shape: edit.Region,
		Related: r.related(f),
	}
}

// edits replaces a region of f by got with the smallest edits, so that marks and
// cursors in unchanged lines stay where they are; none if nothing changes.
func edits(f *workspace.File, region text.Span, got string) []FileEdit {
	small := text.Diff(f.Text[region.Start:region.End], got)
	if len(small) == 0 {
		return nil
	}
	for i := range small {
		small[i].Span.Start += region.Start
		small[i].Span.End += region.Start
	}
	return []FileEdit{{Path: f.Path, Base: f, Region: region, Edits: small}}
}

// route chooses tier and model for a scope and notes both in the result.
func (r *run) route(ctx context.Context, s Scope) (Choice, error) {
	cat := r.catalog(ctx)
	began := time.Now()
	c, bad := Route(RouteInput{
		Scope: s, Tier: r.req.Tier, Model: r.req.Model, Catalog: cat, Models: r.opts.Models, AllowRemote: r.opts.AllowRemote,
		Budget: r.opts.Budgets[s.budget()],
	})
	r.result.Timing.Route = time.Since(began)
	if bad != nil {
		return c, bad
	}
	c.NumCtx = r.context(c.Model)
	r.result.Tier, r.result.Model, r.result.Why = c.Tier, c.Model.ID(), c.Why
	return c, nil
}

// freshFor is how long a catalog is used without being renewed beside the job.
const freshFor = 30 * time.Second

// catalog is what the endpoints have. One that answered is used at once, though
// it be old, and renewed in the background; the rest is asked for now.
func (a *Agent) catalog(ctx context.Context) *model.Catalog {
	cat := a.opts.Pool.Catalog()
	if len(cat.Models) > 0 {
		if len(cat.Errors) > 0 || time.Since(cat.At) > freshFor {
			a.refreshSoon()
		}
		return cat
	}
	if fresh, err := a.opts.Pool.Refresh(ctx); err == nil {
		return fresh
	}
	return cat
}

// refreshSoon renews the catalog without anybody waiting; the pool bounds each
// round and ends it when it closes.
func (a *Agent) refreshSoon() { go a.opts.Pool.Refresh(context.Background()) } //nolint:errcheck // the next job sees the outcome

// defaultContext is the context size in tokens for models that are not loaded
// yet: room for a large file and its rewrite at a memory cost that small machines bear.
const defaultContext = 8192

// context is the context size for a model, chosen once: what it is loaded with,
// if that suffices, for a change would make the server load it again.
func (a *Agent) context(m model.Model) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n, ok := a.numCtx[m.ID()]
	if !ok {
		switch n = defaultContext; {
		case m.Resident && m.NumCtx >= defaultContext:
			n = m.NumCtx
		case m.Context > 0:
			n = min(n, m.Context)
		}
		a.numCtx[m.ID()] = n
	}
	return n
}

// templateTokens is what a chat template may add around the messages.
const templateTokens = 64

// build writes the prompt and the most that the answer may take, in tokens.
func (r *run) build(c Choice, in prompt.Input) (p *prompt.Prompt, maxTokens int, err error) {
	began := time.Now()
	defer func() { r.result.Timing.Prompt += time.Since(began) }()
	// A region must fit twice, once read and once written: a limit that leaves no
	// room for the prompt is lowered to half of the context.
	maxTokens = min(c.MaxTokens, c.NumCtx/2)
	p, err = prompt.Build(in, c.NumCtx-max(maxTokens, min(r.reserve, c.NumCtx/2))-templateTokens, 0)
	if big := (*prompt.ErrTooLarge)(nil); errors.As(err, &big) && maxTokens < r.reserve {
		// Nothing longer than this answer can be had here: there is no prefix to share.
		p, err = prompt.Build(in, c.NumCtx-maxTokens-templateTokens, 0)
	}
	return p, maxTokens, err
}

// ask writes the prompt, sends it and parses what comes back.
func (r *run) ask(ctx context.Context, c Choice, in prompt.Input, target edit.Target, at Event) (string, error) {
	p, maxTokens, err := r.build(c, in)
	if err != nil {
		return "", err
	}
	s := stream{run: r, parser: edit.NewParser(target), at: at, preview: target.Shape != edit.Answer}
	s.at.Model, s.at.PromptTokens = c.Model.ID(), p.Tokens
	job := model.Job{
		Provider: c.Model.Provider,
		Anew:     r.req.Anew,
		Request:  model.Request{Model: c.Model.Name, Messages: p.Messages, NumCtx: c.NumCtx, MaxTokens: maxTokens, Temperature: temperature},
		Prefix:   p.Prefix,
		Queued:   s.queued,
		Started:  s.started,
		Delta:    s.delta,
	}
	asked := time.Now()
	out, err := r.opts.Pool.Chat(ctx, job)
	if out.Cached {
		r.result.Why += "; the answer of before, for nothing has changed"
	}
	if out.Stopped {
		out.Usage.Prompt = p.Tokens // the count comes with the end of a reply, which was not waited for
	}
	r.account(out)
	r.result.Timing.Model += time.Since(asked) - s.own
	if err != nil {
		if lost(err) {
			r.refreshSoon() // so that the next job knows
		}
		return "", err
	}
	s.emit(Checking)
	got, err := s.parser.Close(!out.Length)
	if target.Shape != edit.Answer && !out.Cached {
		r.opts.Pool.Judged(c.Model.Provider, c.Model.Name, formats[target.Shape], err == nil)
	}
	if err != nil {
		r.opts.Pool.Forget(job) // the next attempt must not get it again
		r.opts.Log.Info("reply refused", "action", r.req.Action, "model", c.Model.ID(), "err", err, "reply", s.parser.Raw())
	}
	return got, err
}

// formats names the shapes of replies in the figures of a model.
var formats = map[edit.Shape]string{edit.Region: "region", edit.NewFile: "file", edit.Comment: "comment"}

// temperature keeps rewrites close to what is there.
const temperature = 0.1

// lost reports whether the catalog promised what is not there.
func lost(err error) bool {
	var e *model.Error
	return errors.As(err, &e) && slices.Contains([]model.Kind{model.Unreachable, model.Missing}, e.Kind)
}

func (r *run) account(out model.Outcome) {
	u, t := &r.result.Usage, &r.result.Timing
	if !out.Cached && !out.Joined { // those cost nothing, or were somebody else's
		u.Prompt += out.Usage.Prompt
		u.Output += out.Usage.Output
		u.Calls++
		if out.Usage.Cached >= 0 {
			u.Cached = max(u.Cached, 0) + out.Usage.Cached
		}
	}
	t.Queue += out.Queue
	t.Load += out.Load
	t.FirstToken += out.First
	t.Generate += max(0, out.Wall-out.First)
}
