package model

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// flight is one request under way and everybody who waits for its reply. It runs
// in a goroutine of its own and lasts until its reply is complete or the last of
// them has left.
type flight struct {
	p    *Pool
	e    *endpoint
	key  string
	job  Job // of the first; its functions are not used
	done chan struct{}

	ctx    context.Context // ends when the last member leaves, and with the pool
	cancel context.CancelFunc

	mu      sync.Mutex // guards what follows; taken after Pool.flights' when both are
	members []*member
	begin   time.Time
	ahead   int // place in line, -1 before it has one
	started bool
	resid   bool // the model was loaded when it started
	queue   time.Duration
	settled time.Duration // spent waiting for a load of the model to end
	sent    time.Time
	first   time.Duration
	hit     bool // its prefix was read ahead
	known   int  // bytes of its messages that the model had just read
	trial   bool // see ride
	deltas  []Delta
	ended   bool
	reply   Reply
	err     error
}

// member is one who waits for the reply of a flight.
type member struct {
	*flight
	bell     chan struct{} // has one element when something is new
	begin    time.Time
	deadline time.Time // zero if none
	joined   bool      // did not start the flight
	left     bool      // flights.mu guards it
}

// flights are those under way, by key.
type flights struct {
	mu    sync.Mutex
	byKey map[string]*flight // that may be joined
}

// board joins the flight of an identical request, or starts one. The caller must
// call leave.
func (p *Pool) board(ctx context.Context, e *endpoint, key string, job Job) *member {
	m := &member{bell: make(chan struct{}, 1), begin: time.Now()}
	m.deadline, _ = ctx.Deadline()
	p.flights.mu.Lock()
	defer p.flights.mu.Unlock()
	if f := p.flights.byKey[key]; f != nil {
		m.flight, m.joined = f, true
	} else {
		m.flight = &flight{p: p, e: e, key: key, job: job, done: make(chan struct{}), begin: m.begin, ahead: -1}
		m.ctx, m.cancel = context.WithCancel(p.ctx)
		p.flights.byKey[key] = m.flight
		p.wg.Add(1) // the caller is counted, so Close does not pass before
		go m.fly()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.members = append(m.members, m)
	return m
}

// leave ends the membership; that of the last, which it reports, ends the flight,
// and leave waits until its slot is free. It may be called again.
func (m *member) leave() (last bool) {
	fs := &m.p.flights
	fs.mu.Lock()
	if m.left {
		fs.mu.Unlock()
		return false
	}
	m.left = true
	m.mu.Lock()
	m.members = slices.DeleteFunc(m.members, func(o *member) bool { return o == m })
	last = len(m.members) == 0
	m.mu.Unlock()
	if last && fs.byKey[m.key] == m.flight {
		delete(fs.byKey, m.key)
	}
	fs.mu.Unlock()
	if last {
		m.cancel()
		<-m.done
	}
	return last
}

// tell changes the state of the flight and rings for everybody.
func (f *flight) tell(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	for _, m := range f.members {
		select {
		case m.bell <- struct{}{}:
		default: // not read yet
		}
	}
}

// deadline is until when somebody waits; false if somebody has no deadline.
func (f *flight) deadline() (latest time.Time, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.members {
		if m.deadline.IsZero() {
			return time.Time{}, false
		}
		if m.deadline.After(latest) {
			latest = m.deadline
		}
	}
	return latest, len(f.members) > 0
}

// fly does the request and ends the flight.
func (f *flight) fly() {
	defer f.p.wg.Done()
	defer close(f.done)
	defer f.cancel()
	reply, err := f.work()
	f.p.flights.mu.Lock()
	if f.p.flights.byKey[f.key] == f {
		delete(f.p.flights.byKey, f.key)
	}
	f.p.flights.mu.Unlock()
	f.tell(func() { f.ended, f.reply, f.err = true, reply, err })
	if err == nil {
		f.p.remember(f.key, reply, f.deltas)
		f.measure(reply)
	}
}

// work waits for a slot and does the request in it.
func (f *flight) work() (reply Reply, err error) {
	defer func() {
		if r := recover(); r != nil { // nobody above could catch it
			err = &Error{Kind: Failed, Message: fmt.Sprintf("Hob failed while it asked %s: %v", f.job.Provider, r), Hint: "the log says more"}
			f.p.log.Error("a provider panics", "endpoint", f.job.Provider, "panic", r)
		}
	}()
	a := affinity{f.job.Request.Model, f.job.Prefix}
	r, err := f.e.acquire(f.ctx, a, f.p.drivesOut(f.job.Provider, f.job.Request.Model), func(w Wait) {
		f.tell(func() { f.ahead = w.Ahead })
	})
	if err != nil {
		return Reply{}, err
	}
	defer f.e.release(r)
	if err := f.e.outNow(); err != nil {
		return Reply{}, err // those in line need not find out one by one
	}
	name, numCtx := f.job.Request.Model, f.job.Request.NumCtx
	resident := f.p.resident(f.job.Provider, name, numCtx)
	known := f.e.sends(f.job.Request)
	if !resident {
		known = 0
	}
	f.tell(func() {
		f.started, f.resid, f.known, f.hit, f.trial = true, resident, known, r.hit, r.trial
		f.queue = time.Since(f.begin)
	})
	begin := time.Now()
	if err := f.e.settle(f.ctx, name); err != nil {
		return Reply{}, err
	}
	settled := time.Since(begin)
	f.tell(func() { f.settled = settled })
	reply, err = f.ask(r)
	f.p.fared(f.e, err)
	if err != nil {
		if !r.heard {
			f.e.forget(name)
		}
		return Reply{}, err
	}
	reply.Load += settled
	f.p.noteLoaded(f.job.Provider, name, numCtx, resident)
	return reply, nil
}

// noteLoaded records that a model is loaded; if it was not before, it may have
// driven out something else.
func (p *Pool) noteLoaded(provider, name string, numCtx int, was bool) {
	p.noteResident(provider, name, numCtx)
	if !was && p.enter() {
		go func() {
			defer p.wg.Done()
			_, _ = p.Refresh(p.ctx) // fails only at Close
		}()
	}
}

// ask sends the request until the server is not too busy for it.
func (f *flight) ask(r *ride) (Reply, error) {
	var waited time.Duration
	for wait := busyFirst; ; wait = min(2*wait, busyMost) {
		begin := time.Now()
		f.tell(func() { f.sent = begin })
		reply, err := f.e.provider.Chat(f.ctx, f.job.Request, func(d Delta) error {
			if !r.heard { // written by this goroutine alone
				f.e.heard(r)
			}
			f.tell(func() {
				if len(f.deltas) == 0 {
					f.first = time.Since(f.sent)
				}
				f.deltas = append(f.deltas, d)
			})
			return nil
		})
		if kindOf(err) != Busy || r.heard {
			return reply, err
		}
		pause := wait/2 + rand.N(wait)
		if deadline, ok := f.deadline(); ok && time.Until(deadline) <= pause || !ok && waited+pause > busyTotal {
			return reply, err
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-f.ctx.Done():
			t.Stop()
			return Reply{}, f.ctx.Err()
		}
		waited += time.Since(begin)
		f.tell(func() { f.queue += time.Since(begin) })
	}
}

// follow gives a job what its flight brings until the reply is complete, the job
// has enough, or ctx ends.
func (m *member) follow(ctx context.Context, job Job) (Outcome, error) {
	told, next, running := -1, 0, false
	for {
		m.mu.Lock()
		ahead, started, resident, ended := m.ahead, m.started, m.resid, m.ended
		deltas := m.deltas[next:]
		m.mu.Unlock()
		if err := ctx.Err(); err != nil {
			return m.quit(ctx, err)
		}
		if !started && !ended && ahead >= 0 && ahead != told {
			told = ahead
			job.Queued(Wait{Ahead: ahead})
		}
		if started && !running {
			running = true
			job.Started(resident)
		}
		for _, d := range deltas {
			next++
			if err := job.Delta(d); errors.Is(err, ErrStop) {
				return m.enough(next), nil
			} else if err != nil {
				return m.outcome(), err
			}
			if err := ctx.Err(); err != nil {
				return m.quit(ctx, err)
			}
		}
		if ended && len(deltas) == 0 {
			return m.finish(ctx)
		}
		if len(deltas) > 0 {
			continue // there may be more
		}
		select {
		case <-m.bell:
		case <-ctx.Done():
		}
	}
}

// outcome is what there is to say of the flight apart from its reply.
func (m *member) outcome() Outcome {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := Outcome{Joined: m.joined, Queue: m.queue}
	if !m.started {
		out.Queue = time.Since(m.flight.begin)
	}
	out.Queue = max(0, out.Queue-m.begin.Sub(m.flight.begin))
	return out
}

// finish is the end of a flight that ended by itself.
func (m *member) finish(ctx context.Context) (Outcome, error) {
	out := m.outcome()
	m.mu.Lock()
	reply, err := m.reply, m.err
	m.mu.Unlock()
	if err != nil {
		return out, m.p.ended(ctx, m.job.Provider, err)
	}
	out.Reply = reply
	return out, nil
}

// quit leaves a flight because the job's context has ended.
func (m *member) quit(ctx context.Context, err error) (Outcome, error) {
	out := m.outcome()
	m.mu.Lock()
	started := m.started
	m.mu.Unlock()
	m.leave()
	if started && errors.Is(err, context.DeadlineExceeded) {
		err = &Error{
			Kind:    Timeout,
			Message: fmt.Sprintf("%s at %s did not finish in time", m.job.Request.Model, m.e.provider.URL()),
			Hint:    "a smaller model, or a smaller selection, answers sooner",
			Err:     err,
		}
	}
	return out, m.p.ended(ctx, m.job.Provider, err)
}

// enough leaves a flight of whose deltas the job wants no more than n.
func (m *member) enough(n int) Outcome {
	out := m.outcome()
	last := m.leave()
	m.mu.Lock()
	wall := time.Since(m.sent)
	out.Reply = Reply{
		Stopped: true,
		Usage:   Usage{Cached: -1, Output: tokensOf(m.deltas[:n])},
		Load:    m.settled,
		First:   m.first, Wall: wall,
	}
	if !m.deltas[0].late() {
		out.Prefill, out.Decode = m.first, wall-m.first // the server tells its own figures only at the end
	}
	if m.ended && m.err == nil { // it did tell
		out.Usage.Prompt, out.Usage.Cached = m.reply.Usage.Prompt, m.reply.Usage.Cached
		out.Load, out.Prefill = m.reply.Load, m.reply.Prefill
		out.Wall, out.Decode = min(out.Wall, m.reply.Wall), m.reply.Decode
		if !m.deltas[0].late() {
			out.Decode = out.Wall - m.first
		}
	}
	deltas, whole := m.deltas[:n:n], m.ended && m.err == nil
	late := len(m.deltas) - n
	m.mu.Unlock()
	m.e.cut(late)
	if !whole {
		m.p.remember(m.key, out.Reply, deltas)
		if last {
			m.measure(out.Reply)
		}
		m.p.fared(m.e, nil)
		m.p.noteLoaded(m.job.Provider, m.job.Request.Model, m.job.Request.NumCtx, m.resid)
	}
	return out
}

// measure adds what a reply shows to the figures of its model.
func (f *flight) measure(r Reply) {
	if f.trial {
		return // it may have stood in a line of the server
	}
	req := f.job.Request
	f.p.measured(f.job.Provider, req.Model, func(g Figures) Figures {
		s := Sample{Reply: r, PromptBytes: req.size(), KnownBytes: f.known, Resident: f.resid}
		if f.hit {
			if again, ok := g.again(s, req.Messages[len(req.Messages)-1].size()); ok {
				g = g.Reread(again, time.Now())
			}
		}
		return g.With(s, time.Now())
	})
}
