package agent

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/prompt"
	"github.com/hob-ls/hob/agent/tool"
)

// turn is one reply of a model that may look around, or may not any more.
type turn struct {
	*looking
	over  bool // no more looks: calls are not run
	batch *tool.Batch
	texts tool.Parser
	looks tool.Looks
	parts tool.Assembler
	calls []asked
	raw   strings.Builder
	talk  int // bytes of prose since the last call

	native bool // the calls came natively
}

// asked is a call of a turn.
type asked struct {
	tool.Call
	known string // its answer, where it is not run
	again bool   // known is the result of before
}

// begin is the next turn; nil for an attempt without tools. The caller must stop it.
func (l *looking) begin(ctx context.Context) *turn {
	if l == nil {
		return nil
	}
	t := &turn{looking: l, over: !l.open()}
	if !t.over {
		t.batch = l.exec.Begin(ctx)
	}
	return t
}

// stop ends what still runs.
func (t *turn) stop() {
	if t != nil && t.batch != nil {
		t.batch.Stop()
	}
}

// enoughTalk is how much a model may say after a call, in bytes, before the reply
// is ended: the results that it makes up cost time and tokens.
const enoughTalk = 200

// take reads a piece of the reply. It gives the part that is none of a call, and
// whether the rest of the reply is not wanted.
func (t *turn) take(d model.Delta) (prose string, enough bool) {
	t.raw.WriteString(d.Text)
	var calls []tool.Call
	switch prose = d.Text; t.form {
	case lookSchema:
		calls = t.looks.Write(d.Text)
		enough = t.looks.Done()
	case lookNative:
		for _, f := range d.Calls {
			calls = append(calls, t.parts.Add(tool.Fragment(f))...)
		}
	default:
		prose, calls = t.texts.Write(d.Text)
	}
	if len(t.calls) > 0 && len(calls) == 0 {
		t.talk += len(strings.TrimSpace(prose))
	}
	t.start(calls)
	return prose, enough || len(t.calls) > maxCalls || t.talk > enoughTalk && t.form != lookSchema
}

// end takes the end of the reply, and gives the rest of its prose. raw is all prose
// before that.
func (t *turn) end(raw string) (prose string) {
	var calls []tool.Call
	switch t.form {
	case lookSchema:
		calls = t.looks.Close()
	case lookNative:
		calls = t.parts.Close()
		if t.native = len(t.calls)+len(calls) > 0; !t.native {
			calls = t.spelled()
		}
	default:
		prose, calls = t.texts.Close()
	}
	if len(t.calls)+len(calls) == 0 && t.form != lookSchema {
		calls = tool.Bare(raw+prose, t.tools)
	}
	t.misused = t.misused || t.form == lookNative && !t.native && len(calls) > 0
	t.start(calls)
	if t.batch != nil {
		t.batch.End()
	}
	return prose
}

// spelled are calls in the text of a model that has a form of its own for them: its
// server did not tell them apart, or its template taught it another.
func (t *turn) spelled() []tool.Call {
	if t.marks {
		return nil
	}
	_, calls := t.texts.Write(t.raw.String())
	_, rest := t.texts.Close()
	return append(calls, rest...)
}

// start runs calls; those that were answered before are answered again.
func (t *turn) start(calls []tool.Call) {
	for _, c := range calls {
		k := t.known(c)
		t.calls = append(t.calls, k)
		if t.batch != nil && k.known == "" {
			t.batch.Start(c)
		}
	}
}

// known answers a call that was made before in this attempt: a snapshot does not
// change.
func (t *turn) known(c tool.Call) asked {
	k := asked{Call: c}
	if c.Bad != "" {
		return k
	}
	for _, o := range t.calls {
		if o.Bad == "" && o.Key() == c.Key() {
			k.known = "You have asked for this a moment before.\n"
			return k
		}
	}
	if at, ok := t.where[c.Key()]; ok {
		k.known = "You have this already: it is above.\n"
		if t.clipped[at[0]][at[1]] { // it gave way to others
			k.known, k.again = t.looking.looks[at[0]].Found[at[1]].Text, true
		}
	}
	return k
}

// calling reports whether the reply has calls.
func (t *turn) calling() bool { return t != nil && len(t.calls) > 0 }

// words are the calls for people.
func (t *turn) words() []string {
	var out []string
	for _, c := range t.calls {
		out = append(out, c.Words())
	}
	return out
}

// results waits for the calls and puts what they found into the next prompt.
func (t *turn) results(ctx context.Context) (*prompt.Prompt, error) {
	began := time.Now()
	outcomes := t.outcomes()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l := t.looking
	look := prompt.Look{Reply: clipReply(tool.UpToCalls(t.raw.String()))}
	if t.native {
		for _, c := range t.calls {
			look.Calls = append(look.Calls, model.Call{ID: c.ID, Name: c.Name, Arguments: string(c.Args)})
		}
	}
	foreign := false
	for i, o := range outcomes {
		title := o.Words()
		if o.Foreign {
			foreign = true
			title += ", answered by another program"
		}
		look.Found = append(look.Found, prompt.Found{Title: title, Text: o.Text})
		k := t.calls[i]
		if k.known == "" {
			t.book(o)
		}
		if k.Bad == "" && (k.known == "" || k.again) {
			l.where[k.Key()] = [2]int{len(l.looks), i}
		}
	}
	if foreign {
		took := time.Since(began) // of the user, too, where they were asked first
		t.result.Timing.Tools += took
		t.run.end = t.run.end.Add(took)
	}
	l.looks = append(l.looks, look)
	next, clipped, err := l.base.Looked(l.looks, !l.open(), l.budget, l.ratio)
	if large := (*prompt.ErrTooLarge)(nil); errors.As(err, &large) {
		// What it said before its calls takes the room of what they found.
		for i := range l.looks {
			l.looks[i].Reply = ""
		}
		next, clipped, err = l.base.Looked(l.looks, !l.open(), l.budget, l.ratio)
	}
	l.clipped = clipped
	return next, err
}

// outcomes are those of all calls, in their order.
func (t *turn) outcomes() []tool.Outcome {
	out := make([]tool.Outcome, len(t.calls))
	var ran []int
	for i, c := range t.calls {
		out[i].Call, out[i].Text = c.Call, c.known
		if c.known == "" {
			ran = append(ran, i)
		}
	}
	n := 0
	for o := range t.batch.Results() {
		out[ran[n]] = o
		n++
	}
	return out
}

// book counts a call.
func (t *turn) book(o tool.Outcome) {
	use := ToolUse{Name: o.Name, Calls: 1, Took: o.Took}
	if o.Err != nil {
		use.Failed = 1
	}
	var misuse *tool.Misuse
	if errors.As(o.Err, &misuse) {
		t.misused = true
		if !tool.Known(t.tools, o.Name) {
			use.Name = "?" // names that models make up are no names of tools
		}
	}
	t.looking.calls++
	t.result.Tools = addUses(t.result.Tools, use)
	t.toolStats.add(use)
}

// maxLookReply is how much of a reply with calls is kept in the prompts that
// follow, in bytes.
const maxLookReply = 4000

func clipReply(reply string) string {
	if len(reply) > maxLookReply {
		reply = strings.ToValidUTF8(reply[:maxLookReply], "")
	}
	return reply
}

// errNoAnswer is the end of a job whose model went on looking.
func errNoAnswer() error {
	return &Error{
		Kind: NoEdit, Message: "the model went on looking around and gave no answer", Hint: "run it again, or choose a larger model with tier = balanced",
		again: "Your reply is a call and no answer. There are no more calls: do the task now, in the form that was asked for.",
	}
}
