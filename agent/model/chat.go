package model

import (
	"context"
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
	Anew     bool                // no reply of before will do
	Prefix   uint64              // hash of the prompt's shared part: equal ones run next to each other
	Queued   func(Wait)          // called when the place in line changes; never after Started
	Started  func(resident bool) // called right before the request is sent
	Delta    func(Delta) error
}

// Outcome is a Reply and how it came about. Queue counts when the job failed, too.
type Outcome struct {
	Reply
	Queue  time.Duration // in line, here or because the server was busy
	Joined bool          // an identical request was under way: its reply is this one's, too
	Cached bool          // the reply is one from before: nobody was asked, and no time counts
}

// Chat queues the job, runs it and returns its outcome. The order is by (model,
// prefix) so that models are not swapped without need, but no job is overtaken
// more than a fixed number of times.
//
// A request that equals one under way is not sent: both jobs get the deltas of
// the one, from its start, whoever of them is cancelled or has enough. One that
// equals a request of before gets its reply from PoolOptions.Cache.
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
	key := p.requestKey(e, job.Request)
	if out, ok, err := p.recall(ctx, key, job); ok {
		return out, err
	}
	if err := p.usable(ctx, e); err != nil {
		return Outcome{}, p.ended(ctx, job.Provider, err)
	}
	m := p.board(ctx, e, key, job)
	defer m.leave()
	return m.follow(ctx, job)
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
