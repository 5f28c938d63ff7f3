package model

import (
	"context"
	"time"
)

// ahead is what an endpoint knows of speculative prefills. endpoint.mu guards it.
type ahead struct {
	now    *speculation // under way
	read   affinity     // what the last one has read and no job has used yet; zero if nothing
	whole  bool         // all of it
	tokens int
	missed int // in a row that no job wanted
	until  time.Time
	stats  PrefillStats
}

// speculate begins a prefill, or says why not. What runs for another prefix is
// ended first.
func (e *endpoint) speculate(ctx context.Context, s *speculation) (no Prefilled) {
	for {
		e.mu.Lock()
		old := e.ahead.now
		switch {
		case len(e.riding)+e.line.len()+len(e.loading)+len(e.idlers) > 0:
			no = PrefillBusy
		case old != nil && old.affinity == s.affinity, old == nil && e.line.last == s.affinity:
			no = PrefillKnown
		case old != nil:
			old.cancel()
		case time.Now().Before(e.ahead.until):
			no = PrefillResting
		default:
			e.ahead.now = s
			e.ahead.stats.Issued++
		}
		e.mu.Unlock()
		if old == nil || no != "" {
			return no
		}
		select {
		case <-old.done:
		case <-ctx.Done():
			return PrefillAborted
		}
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
