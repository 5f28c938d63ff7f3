package model

// Stats count what a pool did since it was made.
type Stats struct {
	Prefill PrefillStats
	Stopped int // replies that were cut because they were complete: what they would have gone on to say is not known
	After   int // deltas of those that came nonetheless, after the one that was enough
}

// PrefillStats count speculative prefills.
type PrefillStats struct {
	Issued  int // begun
	Done    int // read to their end
	Hits    int // a job found its prefix read, all of it
	Partly  int // a job found a part of it read
	Aborted int // ended by a job or by another prefill
	Tokens  int // read ahead, estimated
	Wasted  int // of those, read for nothing
}

// Stats are those of all endpoints.
func (p *Pool) Stats() Stats {
	var sum Stats
	for _, e := range p.endpoints {
		e.mu.Lock()
		s := e.ahead.stats
		sum.Stopped += e.stopped
		sum.After += e.after
		e.mu.Unlock()
		sum.Prefill.Issued += s.Issued
		sum.Prefill.Done += s.Done
		sum.Prefill.Hits += s.Hits
		sum.Prefill.Partly += s.Partly
		sum.Prefill.Aborted += s.Aborted
		sum.Prefill.Tokens += s.Tokens
		sum.Prefill.Wasted += s.Wasted
	}
	return sum
}

// cut counts a reply that was stopped; after deltas came too late.
func (e *endpoint) cut(after int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopped++
	e.after += after
}
