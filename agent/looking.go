package agent

import (
	"cmp"
	"encoding/json"
	"hash/fnv"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/prompt"
	"github.com/hob-ls/hob/agent/tool"
)

// looking is how one attempt looks around before it answers:
//
//	prompt with tools ─▶ reply ── calls, run while it streams ─▶ their results ─▶ reply … at most maxLooks times
//	                       └─ answer ◀────────────────────────────── the last prompt has no tools ─┘
//
// Inv: calls only read, and what they find becomes text in a prompt. What the job
// may change was fixed before the model was asked, and no result moves it.
type looking struct {
	*run
	form   lookForm
	tools  []tool.Tool
	exec   *tool.Executor
	schema json.RawMessage // lookSchema: of a reply that may look
	native []model.Tool    // lookNative: what the server is told
	prefix uint64          // lookNative: templates put tools before all else

	base    *prompt.Prompt // before the first look
	budget  int            // of a prompt, in tokens
	ratio   float64        // bytes per token
	looks   []prompt.Look
	clipped [][]bool          // which results of looks were
	where   map[string][2]int // by the key of a call: its place in looks
	marks   bool              // code that the reply may repeat looks like calls
	closed  bool              // no more looks
	misused bool              // a call was not as it should be
	calls   int
}

// lookAround prepares the looking of an attempt; nil where there is none. Its
// prompt asks for calls in the form that suits the model.
func (r *run) lookAround(c *Choice, q *question, a *attempt) *looking {
	if q.tools == nil {
		return nil
	}
	figures, _ := r.routed.Catalog.Figures(c.Model.ID())
	m := c.Model
	m.Tools = m.Tools && !r.noNative
	form, why := lookBy(lookInput{Model: m, Figures: figures, Forced: q.schema != nil})
	marks := holdsMarks(q)
	if form == lookText && marks {
		form, why = gathered, "the code itself holds the marks of calls"
	}
	if form == gathered {
		r.result.unseen = why
		return nil
	}
	l := &looking{run: r, form: form, marks: marks, ratio: c.BytesPerToken, where: map[string][2]int{}}
	l.tools = r.tools(q.tools, tool.Limits{})
	if len(l.tools) == 0 {
		r.result.unseen = "no tool is there"
		return nil
	}
	in := q.in
	in.Tools = l.tell()
	p, maxTokens, err := r.build(*c, in, 0)
	if room := c.NumCtx - templateTokens - maxTokens; err == nil && room-p.Tokens < leastRoom && in.Map == "" {
		p, maxTokens, err = r.build(*c, in, int(float64(c.NumCtx)*lookShare))
	}
	if err != nil || c.NumCtx-templateTokens-maxTokens-p.Tokens < leastRoom {
		r.result.unseen = "its context has no room for more"
		return nil
	}
	a.prompt, c.MaxTokens = p, maxTokens
	l.base, l.budget = p, c.NumCtx-templateTokens-maxTokens
	l.tools = r.tools(q.tools, l.limits())
	l.exec = tool.NewExecutor(l.tools, tool.Options{Most: maxCalls, Log: r.opts.Log})
	switch form {
	case lookSchema:
		l.schema = tool.Union(q.schema, l.tools, maxCalls)
	case lookNative:
		l.offer()
	}
	return l
}

// tell is what the prompt says of looking.
func (l *looking) tell() string {
	switch l.form {
	case lookSchema:
		return tool.LookForm(l.tools)
	case lookNative:
		return tool.Abouts(l.tools)
	}
	return tool.Instructions(l.tools) + tool.Abouts(l.tools)
}

// offer makes what the server is told of the tools.
func (l *looking) offer() {
	h := fnv.New64a()
	for _, t := range l.tools {
		l.native = append(l.native, model.Tool{Name: t.Name, Description: t.Description, Schema: t.Brief()})
		_, _ = h.Write([]byte(t.Name + "\x00")) // a hash never fails
	}
	l.prefix = h.Sum64() ^ l.base.Prefix
}

// onto lets a request look around.
func (l *looking) onto(job *model.Job) {
	if !l.open() {
		return
	}
	switch l.form {
	case lookSchema:
		job.Request.Format = l.schema
	case lookNative:
		job.Request.Tools, job.Prefix = l.native, l.prefix
	}
}

// limits bound a result so that those of two calls fit, with what stands around them.
func (l *looking) limits() tool.Limits {
	const least, most, share = 1 << 10, 16 << 10, 0.45
	room := float64(l.budget-l.base.Tokens) * cmp.Or(l.ratio, prompt.DefaultBytesPerToken)
	return tool.Limits{Bytes: min(max(int(room*share), least), most)}
}

// holdsMarks reports whether code that the reply may repeat looks like calls.
func holdsMarks(q *question) bool {
	t := q.target
	return tool.Marked(t.Original) || tool.Marked(t.Before) || tool.Marked(t.After)
}

// open reports whether the next reply may look.
func (l *looking) open() bool { return l != nil && !l.closed && len(l.looks) < maxLooks }

// close is l for replies that must be the answer.
func (l *looking) close() *looking {
	if l != nil {
		l.closed = true
	}
	return l
}

// looked notes in the result what came of it. used says that the answer was used.
func (l *looking) looked(m model.Model, used, judged bool) {
	if l == nil || len(l.looks) == 0 {
		return
	}
	if l.calls > 0 {
		l.result.Why += "; looked around: " + plural(l.calls, "call")
	}
	if judged {
		l.opts.Pool.Judged(m.Provider, m.Name, string(l.form), used && !l.misused)
	}
}
