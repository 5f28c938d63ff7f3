package agent

import (
	"context"
	"log/slog"
	"maps"
	"math"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/agent/imports"
	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/prompt"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// Agent runs jobs. Safe for concurrent use.
type Agent struct {
	opts      Options
	toolStats *toolStats

	mu     sync.Mutex         // guards what follows
	numCtx map[string]int     // by model ID; a context size, once chosen, never changes
	ratios map[string]float64 // by model ID: bytes per token
	apart  map[string]bool    // by pair: models of which the second drives out the first
}

// New makes an agent.
func New(opts Options) *Agent {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Agent{opts: opts, toolStats: &toolStats{}, numCtx: map[string]int{}, ratios: map[string]float64{}, apart: map[string]bool{}}
}

// Reconfigure is an agent with other options that keeps what this one has fixed
// for the life of the server. Running jobs go on with the old one.
func (a *Agent) Reconfigure(opts Options) *Agent {
	next := New(opts)
	next.toolStats = a.toolStats
	a.mu.Lock()
	defer a.mu.Unlock()
	next.numCtx, next.ratios, next.apart = maps.Clone(a.numCtx), maps.Clone(a.ratios), maps.Clone(a.apart)
	return next
}

// Run does one job. on is called from one goroutine at a time and must not block.
// Errors are *Error, or the context's own when ctx ended; the result beside one
// holds what is known by then of model, usage and timing.
func (a *Agent) Run(ctx context.Context, req Request, snap *workspace.Snapshot, on func(Event)) (*Result, error) {
	r := run{Agent: a, req: req, snap: snap, on: on, end: time.Now().Add(deadline), result: &Result{Usage: Usage{Cached: -1}}}
	if req.Action == Refactor || req.Action == Review {
		r.end = time.Now().Add(wholeDeadline) // each of their parts has its own
	}
	var err error
	switch req.Action {
	case Component:
		err = r.component(ctx)
	case Fix, Edit, Generate, Document, Implement, Explain:
		err = r.region(ctx)
	case Test:
		err = r.test(ctx)
	case Refactor:
		err = r.refactor(ctx)
	case Review:
		err = r.review(ctx)
	default:
		err = &Error{Kind: BadRequest, Message: "there is no action " + string(req.Action), Hint: "use fix, edit, generate, component, document, implement, test, explain, review or refactor"}
	}
	if ctx.Err() != nil {
		return r.result, ctx.Err()
	}
	if r.result.unseen != "" {
		r.result.Why += "; did not look around: " + r.result.unseen
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
	end    time.Time // no model is asked any more; what others take, the user above all, puts it off
	result *Result
	routed RouteInput                 // what the router looked at
	whole  string                     // the larger change that this is a part of, in words; "" if it is none
	beside []string                   // of a part: what the other parts do that it must fit
	warmth float64                    // of a part: temperature; 0 means the usual one
	busy   *Stretch                   // of a part: measures the time of the model for all of them
	wrote  wrote                      // of a region
	now    map[string]*workspace.File // by path: texts that take the place of the snapshot's; nil for a file that goes
	// reserve is the least room for the answer that the prompt leaves, in tokens. It
	// goes by the place alone: would it go by the action, no two had one prefix.
	reserve int

	noNative bool // the server refused tools, whatever it says of its model
}

// wrote is what a model wrote in the place of a region.
type wrote struct {
	region  text.Span
	code    string // as it came
	settled string // with its imports settled
	imports bool   // some went to the head of the file
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
		Shape: in.Shape, Language: f.Language, Path: f.Path, Shrinks: shrinks(r.req),
		Original: f.Text[t.Region.Start:t.Region.End], Before: f.Text[:t.Region.Start], After: f.Text[t.Region.End:],
	}
	if r.req.Action == Document {
		in.Shape, reply.Shape = edit.Comment, edit.Comment
	}
	return r.ask(ctx, c, question{
		in: in, target: reply, at: Event{Path: f.Path, Region: t.Region}, tools: r.req.offers(),
		use: func(got answer) (err error) {
			switch r.req.Action {
			case Explain:
				r.result.Answer = got.text
				return nil
			case Document:
				got.text, err = docComment(f, t, got.text)
			case Implement:
				got.text, err = implementation(f, t, got.text)
			case Generate:
				got.text = withoutRequest(f.Text[t.Region.Start:t.Region.End], got.text)
			}
			if err != nil {
				return err
			}
			if got.inexact != "" {
				r.result.Why += "; its lines were found but for " + got.inexact
			}
			r.result.Files = r.edits(ctx, f, t.Region, got)
			return nil
		},
	})
}

// withoutRequest is a reply without the hob: comment that it was asked by, which it
// replaces: small models write that once more above the code.
func withoutRequest(request, reply string) string {
	request = strings.TrimSpace(request)
	if !strings.Contains(request, "hob:") {
		return reply
	}
	rest := reply
	for line := range strings.Lines(request) {
		next, after, _ := strings.Cut(rest, "\n")
		if strings.TrimSpace(next) != strings.TrimSpace(line) {
			return reply
		}
		rest = after
	}
	if strings.TrimSpace(rest) == "" {
		return reply // it is all there is
	}
	return rest
}

// place finds what the action is about.
func (r *run) place() (*workspace.File, target, error) {
	f, err := r.file(r.req.Path)
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
		Related: r.related(f), Whole: r.whole, Beside: r.beside, Imports: imports.Knows(f.Language),
	}
}

// edits replaces a region of f by got with the smallest edits, so that marks and
// cursors in unchanged lines stay where they are, and imports at the head of the
// file what the new text needs; none if nothing changes.
func (r *run) edits(ctx context.Context, f *workspace.File, region text.Span, got answer) []FileEdit {
	settled := imports.Settle(ctx, r.snap, f, f.Text[:region.Start], got.text, f.Text[region.End:], r.req.Action != Fix)
	r.wrote = wrote{region: region, code: got.text, settled: settled.Code, imports: len(settled.Head) > 0}
	if len(settled.Added) > 0 {
		r.result.Why += "; imports " + strings.Join(settled.Added, ", ")
	}
	small := text.Diff(f.Text[region.Start:region.End], settled.Code)
	for i := range small {
		small[i].Span.Start += region.Start
		small[i].Span.End += region.Start
	}
	if small = append(settled.Head, small...); len(small) == 0 {
		return nil
	}
	return []FileEdit{{Path: f.Path, Base: f, Region: region, Edits: small, Confirm: got.inexact != ""}}
}

// route chooses tier and model for a scope and notes both in the result.
func (r *run) route(ctx context.Context, s Scope) (Choice, error) {
	cat := r.catalog(ctx)
	began := time.Now()
	r.routed = RouteInput{
		Scope: s, Tier: r.req.Tier, Model: r.req.Model, Catalog: cat, Models: r.opts.Models, AllowRemote: r.opts.AllowRemote,
		Budget: r.opts.Budgets[s.budget()],
	}
	c, bad := Route(r.routed)
	r.result.Timing.Route = time.Since(began)
	if bad != nil {
		return c, bad
	}
	c.NumCtx = r.context(c.Model)
	c.BytesPerToken = r.bytesPerToken(c.Model, cat)
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

// Prompts are made for a token of ratioSafe times the bytes that were measured,
// and for another only when what is measured has moved by ratioMoves: what fits a
// prompt hangs on it, and with it whether two jobs have one prefix.
const (
	ratioSafe  = 0.95
	ratioMoves = 0.1
)

// bytesPerToken is how many bytes of a prompt a token of the model holds, 0 while
// too little was measured.
func (a *Agent) bytesPerToken(m model.Model, cat *model.Catalog) float64 {
	f, _ := cat.Figures(m.ID())
	a.mu.Lock()
	defer a.mu.Unlock()
	old := a.ratios[m.ID()]
	if f.Bytes.N < enoughSeen {
		return old
	}
	if now := f.Bytes.V * ratioSafe; old == 0 || math.Abs(now/old-1) > ratioMoves {
		a.ratios[m.ID()] = now
	}
	return a.ratios[m.ID()]
}
