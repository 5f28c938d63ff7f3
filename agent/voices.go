package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/agent/own"
	"github.com/hob-ls/hob/agent/review"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// The voices of a refactoring.
const (
	architect   = "architect"   // plans it
	implementer = "implementer" // carries out the steps, side by side
)

// voice is the one of that name: the user's own, else the built-in.
func (r *run) voice(name string) own.Voice {
	if v, ok := r.ownVoice(name); ok {
		return v
	}
	v, _ := voiceOf(own.BuiltIn(), name)
	return v
}

// ownVoice is a voice of the user's own.
func (r *run) ownVoice(name string) (own.Voice, bool) { return voiceOf(r.req.Voices, name) }

func voiceOf(list []own.Voice, name string) (own.Voice, bool) {
	i := slices.IndexFunc(list, func(v own.Voice) bool { return v.Name == name })
	if i < 0 {
		return own.Voice{Name: name}, false
	}
	return list[i], true
}

// bookVoices splits what a refactoring took: what was not the plan was its steps.
func (r *run) bookVoices() {
	if len(r.result.Voices) != 2 {
		return
	}
	all, plan, steps := r.result.Usage, r.result.Voices[0].Usage, &r.result.Voices[1].Usage
	*steps = Usage{Prompt: all.Prompt - plan.Prompt, Output: all.Output - plan.Output, Calls: all.Calls - plan.Calls, Cached: -1}
	if all.Cached >= 0 {
		steps.Cached = all.Cached - max(plan.Cached, 0)
	}
}

// piece is a part of a file that fits one prompt.
type piece struct {
	file *workspace.File
	span text.Span
}

// look is one voice at one piece, and what came of it.
type look struct {
	piece
	voice   own.Voice
	found   []review.Finding
	dropped int
}

// review has every voice look at every piece, side by side: of one piece they
// share the prefix, so that the model server reads the code once.
func (r *run) review(ctx context.Context) error {
	pieces, err := r.pieces()
	if err != nil {
		return err
	}
	voices := r.req.Voices
	if len(voices) == 0 {
		for _, name := range own.Reviewers {
			voices = append(voices, r.voice(name))
		}
	}
	var looks []look
	for _, p := range pieces {
		for _, v := range voices {
			looks = append(looks, look{piece: p, voice: v})
		}
	}
	costs := make([]VoiceCost, len(voices))
	for i, v := range voices {
		costs[i] = VoiceCost{Name: v.Name, Usage: Usage{Cached: -1}}
	}
	parts := make([]*run, len(looks))
	errs := r.sideBySide(ctx, len(looks), func(i int) Request {
		req := Request{Action: Review, Path: looks[i].file.Path, Span: looks[i].span, Prompt: r.req.Prompt, Diagnostics: r.req.Diagnostics, Tier: r.req.Tier, Model: r.req.Model, Anew: r.req.Anew}
		if req.Tier == "" && req.Model == "" {
			req.Tier = Tier(looks[i].voice.Tier)
		}
		return req
	}, func(ctx context.Context, part *run, i int) error {
		parts[i] = part
		return part.look(ctx, &looks[i])
	})
	return r.heard(looks, parts, errs, costs)
}

// heard puts together what the voices said.
func (r *run) heard(looks []look, parts []*run, errs []error, costs []VoiceCost) error {
	byFile := map[string]*FileFindings{}
	var order []string
	failed := 0
	for i, l := range looks {
		c := &costs[i%len(costs)]
		if parts[i] != nil {
			res := Result{Usage: c.Usage}
			res.add(parts[i].result)
			c.Usage, c.Model = res.Usage, parts[i].result.Model
			r.result.Tier, r.result.Model = parts[i].result.Tier, c.Model
		}
		if errs[i] != nil {
			failed++
			c.Err = errors.Join(c.Err, errs[i])
			continue
		}
		c.Found += len(l.found)
		c.Dropped += l.dropped
		f := byFile[l.file.Path]
		if f == nil {
			f = &FileFindings{Base: l.file}
			byFile[l.file.Path] = f
			order = append(order, l.file.Path)
		}
		f.Findings = append(f.Findings, l.found...)
	}
	if failed == len(looks) {
		return errs[0]
	}
	var names []string
	for _, c := range costs {
		names = append(names, c.Name)
		if c.Err != nil {
			r.result.Left = append(r.result.Left, c.Name+": "+reason(c.Err))
		}
	}
	for _, path := range order {
		f := byFile[path]
		f.Findings = review.Merge(f.Findings)
		r.result.Findings = append(r.result.Findings, *f)
	}
	r.result.Voices = costs
	r.result.Why = fmt.Sprintf("%s by %s", plural(len(looks)/len(costs), "piece"), strings.Join(names, ", "))
	calls := 0
	for _, u := range r.result.Tools {
		calls += u.Calls
	}
	if calls > 0 {
		r.result.Why += "; looked around: " + plural(calls, "call")
	}
	return nil
}

// look asks one voice.
func (r *run) look(ctx context.Context, l *look) error {
	f, t, err := r.place()
	if err != nil {
		return err
	}
	c, err := r.route(ctx, t.Scope.expect(len(f.Text)))
	if err != nil {
		return err
	}
	in := r.input(f, t)
	in.Shape, in.Form, in.Voice = edit.Answer, review.Form, l.voice.Instructions
	return r.ask(ctx, c, question{
		in: in, target: edit.Target{Shape: edit.Answer}, at: Event{Path: f.Path, Region: t.Region},
		schema: review.Schema, warmth: l.voice.Temperature, tools: r.req.offers(),
		use: func(got answer) (err error) {
			l.found, l.dropped, err = review.Read(got.text, l.voice.Name, f.Text, t.Region)
			if err != nil {
				return &Error{Kind: NoEdit, Message: err.Error(), Hint: "run it again, or choose a larger model", again: err.Error() + ". " + review.Form}
			}
			return nil
		},
	})
}

// The most that a review looks at: a model loses sight of what is longer than
// pieceLines, and more pieces than maxPieces nobody waits for.
const (
	pieceLines = 200
	maxPieces  = 24
)

// pieces cuts what is to be reviewed into parts that fit a prompt, at the ends of
// declarations.
func (r *run) pieces() ([]piece, error) {
	places := r.req.Places
	if len(places) == 0 {
		places = []Place{{r.req.Path, r.req.Span}}
	}
	var out []piece
	for _, p := range places {
		f, err := r.snap.File(p.Path)
		if err != nil {
			return nil, err
		}
		span := p.Span
		if span.Start < 0 || span.End > len(f.Text) || span.Start > span.End {
			return nil, &Error{Kind: BadRequest, Message: "the range lies outside " + f.Rel(), Hint: "select a range inside the document"}
		}
		if span.Len() == 0 {
			span = text.Span{End: len(f.Text)}
		}
		for _, s := range cut(f, wholeLines(f, span)) {
			if strings.TrimSpace(f.Text[s.Start:s.End]) != "" {
				out = append(out, piece{f, s})
			}
		}
	}
	switch {
	case len(out) == 0:
		return nil, &Error{Kind: BadRequest, Message: "there is nothing to review", Hint: "select code, or change something first"}
	case len(out) > maxPieces:
		return nil, &Error{Kind: TooLarge, Message: fmt.Sprintf("that are %d pieces of up to %d lines; a review takes %d", len(out), pieceLines, maxPieces), Hint: "review a file or a selection at a time"}
	}
	return out, nil
}

// cut parts a span at the starts of top-level declarations, into pieces of at
// most pieceLines lines where that is possible.
func cut(f *workspace.File, span text.Span) []text.Span {
	if text.CountLines(f.Text[span.Start:span.End]) <= pieceLines {
		return []text.Span{span}
	}
	var out []text.Span
	start := span.Start
	last := start // where the piece could end
	for _, sym := range f.Outline() {
		if sym.Parent >= 0 {
			continue
		}
		at := sym.Span.Start
		if sym.Doc.Len() > 0 {
			at = min(at, sym.Doc.Start)
		}
		at = wholeLines(f, text.Span{Start: at, End: at}).Start
		if at <= start || at >= span.End {
			continue
		}
		if text.CountLines(f.Text[start:at]) > pieceLines && last > start {
			out = append(out, text.Span{Start: start, End: last})
			start = last
		}
		last = at
	}
	if text.CountLines(f.Text[start:span.End]) > pieceLines && last > start {
		out = append(out, text.Span{Start: start, End: last})
		start = last
	}
	return append(out, text.Span{Start: start, End: span.End})
}
