package model

import (
	"context"
	"math/rand/v2"
	"time"
)

// A server that is busy is asked again after about busyFirst, then twice as long
// each time up to busyMost, within the deadline of the context; without a
// deadline for busyTotal.
const (
	busyFirst = 250 * time.Millisecond
	busyMost  = 5 * time.Second
	busyTotal = time.Minute
)

// Wait is what a queued request is told.
type Wait struct {
	Ahead int // requests that run now or will run before this one
}

// Job is one request in the queue of its endpoint. Its functions are called from
// the goroutine of Chat, one at a time, in the order in which they stand here;
// nil ones are not.
type Job struct {
	Provider string
	Request  Request
	Prefix   uint64              // hash of the prompt's shared part: equal ones run next to each other
	Queued   func(Wait)          // called when the place in line changes; never after Started
	Started  func(resident bool) // called right before the request is sent
	Delta    func(Delta) error
}

// Outcome is a Reply and how long the job stood in line, here or because the
// server was busy. Queue counts when the job failed, too.
type Outcome struct {
	Reply
	Queue time.Duration
}

// Chat queues the job, runs it and returns its outcome. The order is by (model,
// prefix) so that models are not swapped without need, but no job is overtaken
// more than a fixed number of times.
func (p *Pool) Chat(ctx context.Context, job Job) (Outcome, error) {
	e, err := p.endpoint(job.Provider)
	if err != nil {
		return Outcome{}, err
	}
	if !p.enter() {
		return Outcome{}, errClosed
	}
	defer p.wg.Done()
	job.fill()
	own, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.ctx, cancel)()

	begin := time.Now()
	err = e.acquire(own, affinity{job.Request.Model, job.Prefix}, job.Queued)
	out := Outcome{Queue: time.Since(begin)}
	if err != nil {
		return out, p.ended(ctx, job.Provider, err)
	}
	defer e.release()
	if p.ctx.Err() != nil { // own ends a moment later than p.ctx
		return out, errClosed
	}
	if err := p.run(own, e, job, &out); err != nil {
		return out, p.ended(ctx, job.Provider, err)
	}
	return out, nil
}

func (j *Job) fill() {
	if j.Queued == nil {
		j.Queued = func(Wait) {}
	}
	if j.Started == nil {
		j.Started = func(bool) {}
	}
	if j.Delta == nil {
		j.Delta = func(Delta) error { return nil }
	}
}

// run does the request in the slot that the job has.
func (p *Pool) run(ctx context.Context, e *endpoint, job Job, out *Outcome) error {
	name, numCtx := job.Request.Model, job.Request.NumCtx
	resident := p.resident(job.Provider, name, numCtx)
	job.Started(resident)
	begin := time.Now()
	if err := e.settle(ctx, name); err != nil {
		return err
	}
	settled := time.Since(begin)
	reply, waited, err := ask(ctx, e.provider, job)
	out.Queue += waited
	if err != nil {
		return err
	}
	reply.Load += settled
	out.Reply = reply
	p.noteResident(job.Provider, name, numCtx)
	if !resident && p.enter() { // what was loaded may have driven out something else
		go func() {
			defer p.wg.Done()
			_, _ = p.Refresh(p.ctx) // fails only at Close
		}()
	}
	return nil
}

// ask sends the request until the server is not too busy for it. waited is the
// time between the attempts.
func ask(ctx context.Context, provider Provider, job Job) (reply Reply, waited time.Duration, err error) {
	for wait := busyFirst; ; wait = min(2*wait, busyMost) {
		begin := time.Now()
		heard := false
		reply, err = provider.Chat(ctx, job.Request, func(d Delta) error {
			heard = true
			return job.Delta(d)
		})
		if kindOf(err) != Busy || heard {
			return reply, waited, err
		}
		pause := wait/2 + rand.N(wait)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause || !ok && waited+pause > busyTotal {
			return reply, waited, err
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
			waited += time.Since(begin)
		case <-ctx.Done():
			t.Stop()
			return Reply{}, waited + time.Since(begin), ctx.Err()
		}
	}
}
