package agent

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// Jobs holds the running jobs of a server; R is what a job ends with.
type Jobs[R any] struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex // guards what follows
	last    int
	running []*Job[R] // oldest first
	closed  bool
}

// NewJobs makes a registry whose jobs end with ctx.
func NewJobs[R any](ctx context.Context) *Jobs[R] {
	j := &Jobs[R]{}
	j.ctx, j.cancel = context.WithCancel(ctx)
	return j
}

// Job is one running or ended job.
type Job[R any] struct {
	ID      string // "j12"
	Request Request

	base   *workspace.File // the document at the start, nil where there is none
	cancel context.CancelCauseFunc
	ctx    context.Context
	done   chan struct{}
	result R // set before done is closed
}

var (
	errSuperseded = fmt.Errorf("superseded by a newer job: %w", context.Canceled)
	errCancelled  = fmt.Errorf("cancelled by the user: %w", context.Canceled)
)

// Start registers a job and runs it on a goroutine of its own; run must return
// soon after its context ended. A job equal to a running one is that job
// (joined is true, run is not called). A job of the same action over an
// overlapping span of the same file cancels the older one; one of another action
// is refused with Busy. Explain neither cancels nor is refused.
func (j *Jobs[R]) Start(req Request, snap *workspace.Snapshot, run func(context.Context, *Job[R]) R) (job *Job[R], joined bool, err error) {
	job = &Job[R]{Request: req, done: make(chan struct{})}
	if f, err := snap.File(req.Path); err == nil {
		job.base = f
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil, false, &Error{Kind: Cancelled, Message: "the server is shutting down"}
	}
	var superseded []*Job[R]
	for _, old := range j.running {
		switch old.against(job, snap) {
		case same:
			return old, true, nil
		case newer:
			superseded = append(superseded, old)
		case conflict:
			return nil, false, &Error{
				Kind:    Busy,
				Message: fmt.Sprintf("job %s (%s) is working on this text", old.ID, old.Request.Action),
				Hint:    "wait for it, or cancel it",
			}
		}
	}
	for _, old := range superseded {
		old.cancel(errSuperseded)
	}
	j.last++
	job.ID = fmt.Sprintf("j%d", j.last)
	job.ctx, job.cancel = context.WithCancelCause(j.ctx)
	j.running = append(j.running, job)
	j.wg.Go(func() { j.run(job, run) })
	return job, false, nil
}

func (j *Jobs[R]) run(job *Job[R], run func(context.Context, *Job[R]) R) {
	defer job.cancel(nil)
	job.result = run(job.ctx, job)
	j.Leave(job)
	close(job.done)
}

// Leave takes a job out of the running ones before its end is told: who hears of
// the end and asks for the same once more is to get a job of its own.
func (j *Jobs[R]) Leave(job *Job[R]) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.running = slices.DeleteFunc(j.running, func(o *Job[R]) bool { return o == job })
}

// relation is what a new job means for a running one.
type relation uint8

const (
	unrelated relation = iota
	same               // the new job is this one
	newer              // the new job replaces this one
	conflict           // the new job can't run beside this one
)

// against says what the new job means for old, which still runs. snap is the
// new job's snapshot, in which both spans are compared.
func (old *Job[R]) against(job *Job[R], snap *workspace.Snapshot) relation {
	if old.Request.Path != job.Request.Path || old.ctx.Err() != nil {
		return unrelated
	}
	if sameText(old.base, job.base) && sameRequest(old.Request, job.Request) {
		return same
	}
	if !old.Request.Action.rewrites() || !job.Request.Action.rewrites() || old.base == nil || job.base == nil {
		return unrelated
	}
	switch {
	case !old.overlaps(job, snap):
		return unrelated
	case old.Request.Action == job.Request.Action:
		return newer
	}
	return conflict
}

// sameRequest reports whether two requests ask for the same, whoever is shown the plan.
func sameRequest(a, b Request) bool {
	a.Approve, b.Approve = nil, nil
	return reflect.DeepEqual(a, b)
}

// sameText reports whether two snapshots of a document say the same: a scan that
// ends between two requests makes another File of the same text.
func sameText(a, b *workspace.File) bool {
	return a == b || a != nil && b != nil && a.Text == b.Text
}

// overlaps compares the regions the two jobs will replace; where the older one
// can't be placed in the new text, the user has typed into it, and it counts as
// touched.
func (old *Job[R]) overlaps(job *Job[R], snap *workspace.Snapshot) bool {
	since, err := snap.Since(old.base)
	if err != nil {
		return false
	}
	a, aerr := locate(old.Request, old.base)
	b, berr := locate(job.Request, job.base)
	if aerr != nil || berr != nil {
		return false
	}
	was, err := text.RebaseSpan(a.Region, since)
	if err != nil {
		return true
	}
	return was.Overlaps(b.Region) || was == b.Region
}

// Cancel ends a job; false if no such job runs.
func (j *Jobs[R]) Cancel(id string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, job := range j.running {
		if job.ID == id {
			job.cancel(errCancelled)
			return true
		}
	}
	return false
}

// Running lists the running jobs, oldest first.
func (j *Jobs[R]) Running() []*Job[R] {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.running)
}

// Close cancels every job, refuses new ones and waits for those that run.
func (j *Jobs[R]) Close() {
	j.mu.Lock()
	j.closed = true
	j.mu.Unlock()
	j.cancel()
	j.wg.Wait()
}

// Wait is the end of the job, or ctx's error.
func (job *Job[R]) Wait(ctx context.Context) (R, error) {
	select {
	case <-job.done:
		return job.result, nil
	case <-ctx.Done():
		var none R
		return none, ctx.Err()
	}
}

// Superseded reports whether a newer job of the same action replaced this one.
func (job *Job[R]) Superseded() bool { return errors.Is(context.Cause(job.ctx), errSuperseded) }
