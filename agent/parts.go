package agent

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"
)

// parts are the requests of one job that run side by side. Each is a run of its
// own, with a result of its own; the queue of its endpoint orders them.
type parts struct {
	*run
	mu    sync.Mutex // guards what follows, and calls of on
	total int
	done  int
	rates map[*run]Event // the newest event of each that writes

	busy Stretch
}

// sideBySide runs do for each of n parts, each in a goroutine, and returns their
// errors. A part that panics fails by itself. What they took is booked in r.
func (r *run) sideBySide(ctx context.Context, n int, req func(i int) Request, do func(ctx context.Context, part *run, i int) error) []error {
	p := &parts{run: r, total: n, rates: map[*run]Event{}}
	errs := make([]error, n)
	all := make([]*run, n)
	var wg sync.WaitGroup
	for i := range n {
		part := &run{Agent: r.Agent, req: req(i), snap: r.snap, end: r.end, whole: r.whole, warmth: r.warmth, busy: &p.busy, result: &Result{Usage: Usage{Cached: -1}}}
		part.on = func(e Event) { p.event(part, e) }
		all[i] = part
		wg.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					errs[i] = &Error{Kind: ModelFailed, Message: fmt.Sprintf("internal error: %v", v), Hint: "see the log, and report it"}
					r.opts.Log.Error("panic in a part of a job", "panic", v)
				}
				p.ended(part)
			}()
			if own := time.Now().Add(deadline); own.Before(part.end) {
				part.end = own
			}
			errs[i] = do(ctx, part, i)
		})
	}
	wg.Wait()
	for _, part := range all {
		r.result.add(part.result)
	}
	r.result.Timing.Model += p.busy.Sum()
	return errs
}

// add books what a part took. The times of parts that ran side by side overlap:
// of those only the model's own matters, which is measured as a whole.
func (res *Result) add(part *Result) {
	u := &res.Usage
	u.Prompt += part.Usage.Prompt
	u.Output += part.Usage.Output
	u.Calls += part.Usage.Calls
	if part.Usage.Cached >= 0 {
		u.Cached = max(u.Cached, 0) + part.Usage.Cached
	}
	res.Timing.Queue = max(res.Timing.Queue, part.Timing.Queue)
	res.Timing.Load = max(res.Timing.Load, part.Timing.Load)
	res.Timing.Generate = max(res.Timing.Generate, part.Timing.Generate)
	res.Timing.Prompt += part.Timing.Prompt
	res.Timing.Route += part.Timing.Route
	res.Timing.Tools = max(res.Timing.Tools, part.Timing.Tools)
	res.Tools = addUses(res.Tools, part.Tools...)
	res.unseen = cmp.Or(res.unseen, part.unseen)
}

// event passes on the progress of a part as that of the whole.
func (p *parts) event(part *run, e Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.State != Writing {
		delete(p.rates, part)
		if len(p.rates) > 0 {
			return // somebody else writes: that is what is going on
		}
		e.Path, e.Again = "", ""
		e.Done, e.Total = p.done, p.total
		p.on(e)
		return
	}
	p.rates[part] = e
	sum := Event{State: Writing, Model: e.Model, Done: p.done, Total: p.total}
	for _, w := range p.rates {
		sum.OutputTokens += w.OutputTokens
		sum.Rate += w.Rate
	}
	p.on(sum)
}

func (p *parts) ended(part *run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	delete(p.rates, part)
}
