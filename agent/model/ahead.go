package model

import (
	"context"
	"errors"
	"time"
)

// ahead is what an endpoint knows of speculative prefills. endpoint.mu guards it.
type ahead struct {
	now    *speculation // under way
	next   *speculation // waits until nobody needs the endpoint
	read   affinity     // what the last one has read and no job has used yet; zero if nothing
	whole  bool         // all of it
	tokens int
	missed int // in a row that no job wanted
	until  time.Time
	stats  PrefillStats
}

// patience is how long a prefill waits for a busy endpoint: the user still types
// then. Later it is more likely that they do something else.
const patience = 10 * time.Second

var errBusy = errors.New("busy")

// speculate begins a prefill as soon as the endpoint is free, or says why not. What
// runs or waits for another prefix is ended first.
func (e *endpoint) speculate(ctx context.Context, s *speculation) (no Prefilled) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errBusy)
	defer cancel()
	for {
		e.mu.Lock()
		wait, no := e.begin(s)
		e.mu.Unlock()
		if wait == nil {
			return no
		}
		select {
		case <-wait:
		case <-ctx.Done():
			e.mu.Lock()
			defer e.mu.Unlock()
			if e.ahead.next == s {
				e.ahead.next = nil
			}
			if errors.Is(context.Cause(ctx), errBusy) {
				return PrefillBusy
			}
			return PrefillAborted
		}
	}
}

// begin puts a prefill under way, or says why not, or what to wait for before it is
// asked again. e.mu must be held.
func (e *endpoint) begin(s *speculation) (wait <-chan struct{}, no Prefilled) {
	a := &e.ahead
	switch {
	case s.passed:
		return nil, PrefillBusy
	case e.needed():
		if a.next != s {
			e.pass()
			a.next = s
		}
		s.free = make(chan struct{})
		return s.free, ""
	case a.now != nil && a.now.affinity == s.affinity, a.now == nil && e.line.last == s.affinity:
		no = PrefillKnown
	case a.now != nil:
		a.now.cancel()
		return a.now.done, ""
	case time.Now().Before(a.until):
		no = PrefillResting
	default:
		a.now = s
		a.stats.Issued++
	}
	if a.next == s {
		a.next = nil
	}
	return nil, no
}

// needed reports whether something more important than a prefill runs or waits.
// e.mu must be held.
func (e *endpoint) needed() bool {
	return len(e.riding)+e.line.len()+len(e.loading)+len(e.idlers) > 0
}

// freed lets the prefill that waits begin once nobody needs the endpoint. e.mu must
// be held.
func (e *endpoint) freed() {
	if s := e.ahead.next; s != nil && s.free != nil && !e.needed() {
		close(s.free)
		s.free = nil
	}
}

// pass ends the wait of a prefill: something else came. e.mu must be held.
func (e *endpoint) pass() {
	s := e.ahead.next
	if s == nil {
		return
	}
	e.ahead.next, s.passed = nil, true
	if s.free != nil {
		close(s.free)
		s.free = nil
	}
}

// speculated ends a prefill; whoever waits may go.
func (e *endpoint) speculated(s *speculation, end Prefilled) {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := &e.ahead
	a.now = nil
	close(s.done)
	a.stats.Tokens += s.tokens
	if a.read == s.affinity {
		s.tokens += a.tokens // it went on where another was ended
	} else {
		e.miss(affinity{}) // what was read before is not the newest any more
	}
	a.read, a.tokens, a.whole = s.affinity, s.tokens, end == PrefillDone
	switch end {
	case PrefillDone:
		a.stats.Done++
		e.line.last = s.affinity
	case PrefillAborted:
		a.stats.Aborted++
	case PrefillUseless:
		e.miss(affinity{})
	}
	e.advance()
}

// miss notes that a job with that affinity starts, or that what was read ahead
// is of no more use to any. It reports whether all of the job's prefix was read
// for it. e.mu must be held.
func (e *endpoint) miss(job affinity) (hit bool) {
	a := &e.ahead
	switch {
	case a.read == affinity{}:
		return false
	case a.read != job:
		a.stats.Wasted += a.tokens
		if a.missed++; a.missed >= restAfter {
			a.until = time.Now().Add(min(restFirst<<min(a.missed-restAfter, 10), restMost))
		}
	case a.whole:
		a.stats.Hits++
		hit = true
	case a.tokens > 0:
		a.stats.Partly++
	}
	if a.read == job {
		a.missed, a.until = 0, time.Time{}
	}
	a.read = affinity{}
	return hit
}

// yield ends a prefill under way, for something more important. e.mu must be held.
func (e *endpoint) yield() {
	if e.ahead.now != nil {
		e.ahead.now.cancel()
	}
}

// sends notes what a model is sent next and tells how many bytes of it the model
// has just read in the request before: of the tools, which come first, and of the
// messages.
func (e *endpoint) sends(r Request) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := e.sent[r.Model].shared(r)
	if n > 0 {
		n += sum(r.Tools, Tool.size)
	}
	e.sent[r.Model] = r
	return n
}

// known is how many bytes of the messages the model has read in the last request.
func (e *endpoint) known(r Request) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.sent[r.Model].shared(r)
}

// forget notes that it is not known what of its last messages a model has read.
func (e *endpoint) forget(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.sent, name)
}
