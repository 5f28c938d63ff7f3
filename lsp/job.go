package lsp

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// The ways in which a job ends.
const (
	statusApplied   = "applied"
	statusDeclined  = "declined"
	statusUnchanged = "unchanged"
	statusAnswered  = "answered"
	statusReturned  = "returned"
	statusCancelled = "cancelled"
	statusFailed    = "failed"
)

// stateWaiting is the state of a job that waits for its user.
const stateWaiting = "waiting"

// jobRun is one job under way, from its command to its result.
type jobRun struct {
	s       *Server
	id      string
	spec    *jobSpec
	bar     *bar
	live    preview
	result  *JobResult
	dropped []agent.FileEdit // of several edits, those that were left out for good
	left    []agent.FileEdit // those, and what does not fit any more now
	made    []fileChange     // what was applied
	retry   *ReviewRetry     // what the user wants instead
	model   time.Duration    // what the model server took
	waited  agent.Stretch    // for the user and the editor
	tools   time.Duration    // for tools of other programs, and for the user to allow them: waited has that, too
}

// runJob is the body of a job. Whatever happens, it gives a result.
func (s *Server) runJob(ctx context.Context, job *agent.Job[*JobResult], spec *jobSpec) *JobResult {
	r := &jobRun{
		s: s, id: job.ID, spec: spec,
		result: &JobResult{Job: job.ID, Action: string(spec.req.Action), Timing: &JobTiming{}},
	}
	s.board.enter(job.ID, string(spec.req.Action), spec.uri)
	r.bar = s.startBar(job.ID, r.title(), func() { s.jobs.Cancel(job.ID) })
	r.live.s, r.live.job, r.live.on = s, job.ID, s.client.preview
	r.live.show = func(p *JobProgress) { s.send(methodJobProgress, raw(p)) }
	err := r.guarded(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		r.result.Status = statusCancelled
		r.result.Error = &JobError{Kind: string(agent.Cancelled), Message: "cancelled"}
	case err != nil:
		r.result.Status, r.result.Error = statusFailed, jobError(err)
		if r.result.Error.Kind == string(agent.Cancelled) {
			r.result.Status = statusCancelled
		}
		s.log.Info("job failed", "job", job.ID, "kind", r.result.Error.Kind, "err", err)
	}
	r.bar.end(r.result.Status)
	total := time.Since(spec.received)
	r.result.Timing.Total = millis(total)
	r.result.Timing.Overhead = millis(max(0, total-r.model-max(r.waited.Sum(), r.tools)))
	s.board.leave(r.result)
	s.jobs.Leave(job)
	if r.retry != nil {
		r.result.Again = s.again(s.life, spec, *r.retry)
	}
	if s.client.hob {
		s.send(methodJobDone, raw(r.result))
	}
	r.tellUser()
	r.secondLook()
	return r.result
}

// guarded runs the job; a panic in it is its failure and nobody else's.
func (r *jobRun) guarded(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.s.log.Error("panic in a job", "job", r.id, "panic", p, "stack", string(debug.Stack()))
			err = &agent.Error{Kind: agent.ModelFailed, Message: fmt.Sprintf("internal error: %v", p), Hint: "see the log, and report it"}
		}
	}()
	return r.run(ctx)
}

func (r *jobRun) run(ctx context.Context) error {
	if r.spec.ask {
		r.s.foresee(pinned{r.spec.snap, r.spec.received}, 0, []offered{{r.spec.command, r.spec.params}})
		if err := r.askInstruction(ctx); err != nil {
			return err
		}
	}
	if r.spec.work != nil {
		pending, err := r.spec.work(ctx, r)
		if err != nil {
			return err
		}
		return r.hand(ctx, pending)
	}
	e, release := r.s.engines.acquire()
	defer release()
	if e == nil {
		return context.Canceled // the session is ending
	}
	if r.spec.req.Action == agent.Refactor {
		r.spec.req.Approve = r.approve
	}
	if r.spec.params.Changes {
		if err := r.findChanges(ctx); err != nil {
			return err
		}
	}
	r.readyForeign(ctx)
	res, err := e.agent.Run(withJob(ctx, r), r.spec.req, r.spec.snap, r.event)
	r.live.flush()
	r.take(res)
	if err != nil {
		return err
	}
	switch {
	case r.spec.req.Action == agent.Review:
		r.publish(res)
		return nil
	case res.Answer != "":
		r.result.Status, r.result.Answer = statusAnswered, res.Answer
		return nil
	}
	return r.hand(ctx, r.pend(res.Files))
}

// hand delivers what a job made. What can't be delivered for a text that has
// changed since is kept.
func (r *jobRun) hand(ctx context.Context, pending []pendingEdit) error {
	if len(pending) == 0 {
		r.result.Status = cmp.Or(r.result.Status, statusUnchanged)
		return nil
	}
	began := time.Now()
	err := r.deliver(ctx, pending)
	if isStale(err) {
		files := make([]agent.FileEdit, len(pending))
		for i, p := range pending {
			files[i] = p.FileEdit
		}
		r.keep(files)
	}
	r.result.Timing.Apply = millis(time.Since(began))
	return err
}

// take notes what the agent reports, of a job that failed as well.
func (r *jobRun) take(res *agent.Result) {
	r.model = res.Timing.Model
	r.result.Tier, r.result.Model, r.result.Why = string(res.Tier), res.Model, res.Why
	if res.Usage.Calls > 0 {
		u := usage(res.Usage)
		r.result.Usage = &u
	}
	r.result.Left, r.result.Tools = res.Left, jobTools(res.Tools)
	for _, v := range res.Voices {
		jv := JobVoice{Name: v.Name, Model: v.Model, Found: v.Found, Dropped: v.Dropped, Usage: usage(v.Usage)}
		if v.Err != nil {
			jv.Error = v.Err.Error()
		}
		r.result.Voices = append(r.result.Voices, jv)
	}
	r.tools = res.Timing.Tools
	t := res.Timing
	r.result.Timing = &JobTiming{
		Route: millis(t.Route), Queue: millis(t.Queue), Load: millis(t.Load), Prompt: millis(t.Prompt),
		FirstToken: millis(t.FirstToken), Generate: millis(t.Generate),
	}
}

// usage is the count of tokens as it goes over the wire.
func usage(u agent.Usage) JobUsage {
	out := JobUsage{PromptTokens: u.Prompt, OutputTokens: u.Output, Calls: u.Calls}
	if cached := u.Cached; cached >= 0 {
		out.CachedTokens = &cached
	}
	return out
}

// askInstruction gets the instruction from the user.
func (r *jobRun) askInstruction(ctx context.Context) error {
	defer r.wait()()
	r.s.board.state(r.id, stateWaiting)
	r.bar.report("waiting for your instruction")
	value, ok, err := r.s.input(ctx, r.spec.command.title, "What should Hob do?")
	switch {
	case err != nil:
		return err
	case !ok:
		return &agent.Error{Kind: agent.Cancelled, Message: "no instruction was given"}
	}
	r.spec.req.Prompt = value
	return nil
}

// wait stops the clock of Hob's own time until the function it gives is called.
func (r *jobRun) wait() func() { return r.waited.Begin() }

// event takes the agent's progress; it must not block.
func (r *jobRun) event(e agent.Event) {
	r.s.board.state(r.id, string(e.State))
	r.bar.report(stage(e))
	r.live.event(e, r.spec)
}

// title names the job in progress bars and in the editor's undo list.
func (r *jobRun) title() string {
	if r.spec.reverts != nil {
		return fmt.Sprintf("Hob: take back %s of %s", r.spec.reverts.Action, filepath.Base(r.spec.reverts.Files[0].Final()))
	}
	if r.spec.second {
		return "Hob: review what was refactored"
	}
	return fmt.Sprintf("Hob: %s %s", r.spec.req.Action, filepath.Base(r.spec.req.Path))
}

// tellUser shows what a command that did not wait has no answer for.
func (r *jobRun) tellUser() {
	s, res := r.s, r.result
	if r.spec.params.Wait || r.spec.second && len(res.Findings) == 0 {
		return
	}
	if len(res.Left) > 0 && res.Status != statusFailed {
		s.showMessage(protocol.MessageTypeWarning, "Hob: left out: "+strings.Join(res.Left, "; "))
	}
	switch res.Status {
	case statusApplied:
		if made := r.newFiles(); len(made) > 0 && !s.client.hob { // others are told of the job, and show them
			s.showMessage(protocol.MessageTypeInfo, "Hob: made "+strings.Join(made, ", "))
		}
	case statusFailed:
		r.tellFailure()
	case statusUnchanged:
		s.showMessage(protocol.MessageTypeInfo, r.unchanged())
	case statusAnswered:
		if r.spec.req.Action == agent.Review {
			s.showMessage(protocol.MessageTypeInfo, "Hob: "+res.Answer)
		} else if !s.client.hob {
			s.goBackground(func(ctx context.Context) { s.showAnswer(ctx, r.id, res.Answer) })
		}
	}
}

// newFiles are the files that the job made, as seen from the workspace.
func (r *jobRun) newFiles() []string {
	var made []string
	for _, c := range r.made {
		if c.before == nil {
			made = append(made, r.s.rel(c.path))
		}
	}
	return made
}

func (r *jobRun) unchanged() string {
	if r.spec.reverts != nil {
		return failedPrefix + "there is nothing to take back: the text is as it was before"
	}
	return fmt.Sprintf("%s%s left %s as it is", failedPrefix, r.result.Action, filepath.Base(r.spec.req.Path))
}

// previewPace bounds how often a preview is redrawn; what came between is joined.
const previewPace = 40 * time.Millisecond

// preview sends what the model writes to clients that show it while it grows.
type preview struct {
	s    *Server
	job  string
	on   bool
	show func(*JobProgress)

	mu     sync.Mutex // guards what follows: of the job's goroutine and of late
	next   JobProgress
	region text.Span
	sent   time.Time
	held   bool        // next holds what was not sent
	late   *time.Timer // sends it, should the model pause
}

func (p *preview) event(e agent.Event, spec *jobSpec) {
	if !p.on {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	state := string(e.State)
	moved := p.next.State != state
	if moved {
		p.send()
	}
	if p.next.Again != e.Again { // what was written before will not be used
		p.next.Again, p.next.Text = e.Again, ""
	}
	p.next.Job, p.next.Action, p.next.State = p.job, string(spec.req.Action), state
	if p.next.Calls = e.Calls; e.State == agent.Looking { // what was written before is no answer
		p.next.Text = ""
	}
	p.next.OutputTokens, p.next.TokensPerSecond = e.OutputTokens, e.Rate
	p.next.Delta += e.Delta
	first := p.next.Text == "" && e.Text != "" // what comes before it, a fence mostly, shows nothing
	if e.Text != "" {
		p.next.Text = e.Text
	}
	p.locate(e, spec)
	wait := previewPace - time.Since(p.sent)
	switch {
	case moved || first || wait <= 0:
		p.held = true
		p.send()
	case !p.held:
		p.held = true
		p.late = time.AfterFunc(wait, p.flush)
	}
}

// locate says where the text will stand, in the document as the job saw it, or in
// which file that does not exist yet.
func (p *preview) locate(e agent.Event, spec *jobSpec) {
	if e.Path == "" {
		if p.next.URI == "" {
			p.next.URI = spec.uri
		}
		return
	}
	if p.next.Range != nil && p.region == e.Region {
		return
	}
	p.next.URI, p.next.New, p.region = p.s.docs.uri(e.Path), !spec.snap.Has(e.Path), e.Region
	if f, err := openFile(spec.snap, e.Path); err == nil && e.Region.End <= len(f.Text) {
		rng := rangeOf(f.Lines(), e.Region, p.s.client.encoding)
		p.next.Range = &rng
	}
}

// openFile is a file that needs no reading from disk.
func openFile(snap *workspace.Snapshot, path string) (*workspace.File, error) {
	if !snap.Has(path) {
		return nil, workspace.ErrNotFound
	}
	return snap.File(path)
}

// flush sends what is held back.
func (p *preview) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.send()
}

// send is flush for who holds the lock.
func (p *preview) send() {
	if !p.held {
		return
	}
	if p.late != nil {
		p.late.Stop()
	}
	p.show(&p.next)
	p.next.Delta, p.held, p.sent = "", false, time.Now()
}
