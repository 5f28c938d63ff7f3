package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/prompt"
)

// question is what a model is asked, and what becomes of its answer.
type question struct {
	in     prompt.Input
	target edit.Target
	at     Event              // what every event about it has in common
	use    func(answer) error // takes what the parser accepted, or says what is wrong with it
	schema json.RawMessage    // the JSON schema that the reply is forced into; nil for none
	warmth float64            // temperature; 0 means the usual one
	tools  *toolset           // what the model may look around with before it answers; nil for nothing
}

// answer is what the parser made of a reply.
type answer struct {
	text    string
	inexact string // how it was fitted where its lines were not found exactly: someone should look
}

// attempt is one request, with the looks before it, and how it ended.
type attempt struct {
	err    error          // nil if the answer was used
	again  string         // what to tell the model about a reply that was refused; "" where asking again is pointless
	reply  string         // as it came
	prompt *prompt.Prompt // nil if it came to none
	look   *looking       // nil if it could not look around
	model  string
}

// ask gets an answer that can be used:
//
//	asked ─ refused ─▶ asked again, shown its reply and what is wrong
//	                        └─ refused ─▶ a larger model ─ refused ─▶ the job fails
//
// There is no other way round: three attempts at most, within the deadline of the
// job. An attempt is one request, and one more for each look around before it. What fails for another reason than its reply fails at once.
func (r *run) ask(ctx context.Context, c Choice, q question) error {
	first := r.attempt(ctx, c, q, nil)
	if first.again == "" {
		return first.err
	}
	r.result.Why += "; asked again: " + reason(first.err)
	q.at.Again = "asked again"
	second := r.attempt(ctx, c, q, &first)
	if second.err == nil {
		return nil
	}
	large := (*prompt.ErrTooLarge)(nil)
	switch {
	case errors.As(second.err, &large): // no room to show what was wrong
		second = first
	case second.again == "":
		return second.err
	}
	up, why := r.larger(c)
	r.result.Why += "; " + why
	if up == nil {
		return failed(second.err, first, second)
	}
	r.result.Tier, r.result.Model = up.Tier, up.Model.ID()
	q.at.Again = "one tier up"
	third := r.attempt(ctx, *up, q, nil)
	switch {
	case third.err == nil, ctx.Err() != nil:
		return third.err
	case third.again == "": // the larger model can't be had: that is not why the job failed
		r.result.Why += ", which failed: " + reason(third.err)
		return failed(second.err, first, second)
	}
	return failed(third.err, first, second, third)
}

// larger is the choice one tier up from c, if the user left that to the router.
func (r *run) larger(c Choice) (up *Choice, why string) {
	switch {
	case r.req.Model != "":
		return nil, "no larger model, for this one was asked for"
	case r.req.Tier != "":
		return nil, "no larger model, for the tier was asked for"
	}
	next, ok := Larger(r.routed, c)
	if !ok {
		return nil, "there is no larger model"
	}
	next.NumCtx = r.context(next.Model)
	next.BytesPerToken = r.bytesPerToken(next.Model, r.routed.Catalog)
	return &next, "then one tier up"
}

// failed is err as the end of a job that tried what could be tried.
func failed(err error, tried ...attempt) error {
	e := *ExplainError(err)
	var by []string
	for _, a := range tried {
		if n := len(by); n > 0 && strings.HasPrefix(by[n-1], a.model) {
			by[n-1] = a.model + " twice"
			continue
		}
		by = append(by, a.model)
	}
	e.Message += " (asked " + strings.Join(by, ", then ") + ")"
	e.Err = err
	return &e
}

// reason is the message of an error as part of a line.
func reason(err error) string { return phrase(ExplainError(err).Message) }

// refusedReply is what a model is told of a reply that was refused for err.
func refusedReply(err error) string {
	var parsed *edit.Error
	var own *Error
	switch {
	case errors.As(err, &own):
		return own.again
	case errors.As(err, &parsed):
		return parsed.Again
	}
	return ""
}

// templateTokens is what a chat template may add around the messages.
const templateTokens = 64

// attempt writes the prompt, sends it and parses what comes back. before is the
// attempt whose reply the same model is asked to do better.
func (r *run) attempt(ctx context.Context, c Choice, q question, before *attempt) (a attempt) {
	a.model = c.Model.ID()
	wanted := c
	if q.target.Shape == edit.Region {
		q.in.Shape, q.target.Shape = c.Format, c.Format
	}
	var err error
	if before != nil {
		a.look = before.look.close() // it has seen what it wanted to see
		a.prompt, c.MaxTokens, err = rebuild(c, before)
	} else if a.look = r.lookAround(&c, &q, &a); a.look == nil {
		a.prompt, c.MaxTokens, err = r.build(c, q.in, 0)
	}
	if err != nil {
		a.err = err
		return a
	}
	s, job, out, err := r.replied(ctx, c, q, &a)
	if errors.Is(err, model.ErrNoTools) && !r.noNative {
		r.noNative = true
		r.opts.Pool.Judged(c.Model.Provider, c.Model.Name, string(lookNative), false)
		return r.attempt(ctx, wanted, q, before)
	}
	if err != nil {
		a.err = err
		return a
	}
	s.emit(Checking)
	got, err := s.parser.Close(!out.Length)
	if s.turn.calling() {
		err = errNoAnswer()
	} else if err != nil && r.req.Action == Explain && strings.TrimSpace(got) != "" {
		err = nil // most of an explanation is better than none
		r.result.Why += "; cut at the limit for answers"
	}
	if err == nil {
		err = q.use(answer{got, s.parser.Inexact()})
	}
	if before == nil {
		a.look.looked(c.Model, err == nil, !out.Cached)
	}
	if q.target.Shape != edit.Answer && !out.Cached && !s.turn.calling() {
		r.judge(c.Model, q.target.Shape, s.parser.Came(), err == nil)
	}
	if err != nil {
		r.opts.Pool.Forget(job) // the next attempt must not get it again
		a.reply, a.again = s.parser.Raw(), refusedReply(err)
		r.opts.Log.Info("reply refused", "action", r.req.Action, "model", a.model, "err", err, "reply", a.reply)
	}
	a.err = err
	return a
}

// replied has the model reply to the prompt of an attempt, and again after each
// look around, until it has something else to say than calls.
func (r *run) replied(ctx context.Context, c Choice, q question, a *attempt) (*stream, model.Job, model.Outcome, error) {
	look := a.look
	for {
		s := &stream{run: r, parser: edit.NewParser(q.target), turn: look.begin(ctx), at: q.at, preview: q.target.Shape != edit.Answer}
		s.at.Model, s.at.PromptTokens = a.model, a.prompt.Tokens
		job := model.Job{
			Provider: c.Model.Provider,
			Anew:     r.req.Anew,
			Request: model.Request{
				Model: c.Model.Name, Messages: a.prompt.Messages, NumCtx: c.NumCtx, MaxTokens: c.MaxTokens,
				Temperature: cmp.Or(q.warmth, r.warmth, temperature), Format: q.schema,
			},
			Prefix:  a.prompt.Prefix,
			Queued:  s.queued,
			Started: s.started,
			Delta:   s.delta,
		}
		look.onto(&job)
		out, err := r.chat(ctx, job, s)
		if err == nil {
			s.end()
		}
		if err != nil || !s.turn.calling() || s.turn.over {
			s.turn.stop()
			return s, job, out, err
		}
		a.prompt, err = s.turn.results(ctx)
		s.turn.stop()
		if err != nil {
			return s, job, out, err
		}
	}
}

// build writes the prompt and the most that the answer may take, in tokens; so many
// as spare are kept free for more messages.
func (r *run) build(c Choice, in prompt.Input, spare int) (p *prompt.Prompt, maxTokens int, err error) {
	began := time.Now()
	defer func() { r.result.Timing.Prompt += time.Since(began) }()
	// A region must fit twice, once read and once written: a limit that leaves no
	// room for the prompt is lowered to half of the context.
	maxTokens = min(c.MaxTokens, c.NumCtx/2)
	room := maxTokens
	if r.reserve > 0 { // the same for all actions on a place, or they had no prefix in common
		room = min(r.reserve, c.NumCtx/2)
	}
	p, err = prompt.Build(in, c.NumCtx-room-spare-templateTokens, c.BytesPerToken)
	if big := (*prompt.ErrTooLarge)(nil); errors.As(err, &big) && maxTokens < room {
		// Nothing longer than this answer can be had here: there is no prefix to share.
		p, err = prompt.Build(in, c.NumCtx-maxTokens-spare-templateTokens, c.BytesPerToken)
	}
	if err != nil {
		return nil, 0, err
	}
	return p, min(maxTokens, c.NumCtx-templateTokens-p.Tokens), nil
}

// rebuild writes the prompt that asks again. The limit of the answer, made for the
// longest one, may give way to it by a quarter.
func rebuild(c Choice, before *attempt) (p *prompt.Prompt, maxTokens int, err error) {
	maxTokens = min(c.MaxTokens, c.NumCtx/2)
	room := c.NumCtx - templateTokens
	p, err = before.prompt.Again(before.reply, before.again, room-maxTokens*3/4, c.BytesPerToken)
	if err != nil {
		return nil, 0, err
	}
	return p, min(maxTokens, room-p.Tokens), nil
}

// chat sends the request and books what it took.
func (r *run) chat(ctx context.Context, job model.Job, s *stream) (model.Outcome, error) {
	asked := time.Now()
	if asked.After(r.end) {
		return model.Outcome{}, timeUp(context.DeadlineExceeded)
	}
	ctx, cancel := context.WithDeadline(ctx, r.end)
	defer cancel()
	if r.busy != nil {
		defer r.busy.Begin()()
	}
	out, err := r.opts.Pool.Chat(ctx, job)
	if out.Cached {
		r.result.Why += "; the answer of before, for nothing has changed"
	}
	if out.Stopped {
		out.Usage.Prompt = s.at.PromptTokens // the count comes with the end of a reply, which was not waited for
	}
	r.account(out)
	r.result.Timing.Model += time.Since(asked) - s.own
	if err != nil && lost(err) {
		r.refreshSoon() // so that the next job knows
	}
	return out, err
}

// judge notes how a model fared with a form. A reply counts for the form in which it
// came, as some write search/replace blocks unasked; where those were asked and did
// not come, that is a failure of theirs.
func (r *run) judge(m model.Model, asked, came edit.Shape, ok bool) {
	if asked == edit.Blocks && came != edit.Blocks {
		r.opts.Pool.Judged(m.Provider, m.Name, formats[edit.Blocks], false)
	}
	r.opts.Pool.Judged(m.Provider, m.Name, formats[came], ok)
}

// formats names the shapes of replies in the figures of a model.
var formats = map[edit.Shape]string{edit.Region: "region", edit.NewFile: "file", edit.Comment: "comment", edit.Blocks: "blocks"}

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
