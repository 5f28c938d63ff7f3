package agent

import (
	"context"

	"github.com/hob-ls/hob/workspace"
)

// Jobs holds the running jobs of a server; R is what a job ends with.
type Jobs[R any] struct{}

// NewJobs makes a registry whose jobs end with ctx.
func NewJobs[R any](ctx context.Context) *Jobs[R] { panic("todo") }

// Job is one running or ended job.
type Job[R any] struct {
	ID      string // "j12"
	Request Request
}

// Start registers a job and runs it on a goroutine of its own; run must return
// soon after its context ended. A job equal to a running one is that job
// (joined is true, run is not called). A job of the same action over an
// overlapping span of the same file cancels the older one; one of another action
// is refused with Busy. Explain neither cancels nor is refused.
func (j *Jobs[R]) Start(req Request, snap *workspace.Snapshot, run func(context.Context, *Job[R]) R) (job *Job[R], joined bool, err error) {
	panic("todo")
}

// Cancel ends a job; false if no such job runs.
func (j *Jobs[R]) Cancel(id string) bool { panic("todo") }

// Running lists the running jobs, oldest first.
func (j *Jobs[R]) Running() []*Job[R] { panic("todo") }

// Close cancels every job, refuses new ones and waits for those that run.
func (j *Jobs[R]) Close() { panic("todo") }

// Wait is the end of the job, or ctx's error.
func (j *Job[R]) Wait(ctx context.Context) (R, error) { panic("todo") }

// Superseded reports whether a newer job of the same action replaced this one.
func (j *Job[R]) Superseded() bool { panic("todo") }
