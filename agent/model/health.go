package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// An endpoint that fails outAfter times in a row, by no fault of a model or a
// request, is taken out: its models are gone from the catalog and requests to it
// fail at once. It is asked what it has after outFirst, then ever more rarely up
// to outMost, and is back in use once it answers; on trial, until a request worked.
const (
	outAfter = 2
	outFirst = time.Second
	outMost  = 30 * time.Second
	// silentFor is how much longer an endpoint stays out that took a request and
	// never said a word: that it answers small questions says little.
	silentFor = 15 * time.Second
	// quick bounds the question whether an endpoint is back that a request asks
	// before it is refused.
	quick = 300 * time.Millisecond
)

// health is whether an endpoint is in use. Pure: the caller brings the time.
//
// This is a breaker, and not one of a library, because it recovers by another
// way than it trips: what fails are chats, which may take minutes, and what shows
// that the endpoint is back is a list of models, which costs nothing.
type health struct {
	fails  int       // in a row
	why    error     // the last failure; not nil while out
	out    bool      // not in use
	until  time.Time // while out: whatever it answers, it stays out before
	silent int       // times in a row that it was taken out for its silence
}

// sick reports whether an error speaks against the endpoint and not against the
// model or the request.
func sick(err error) bool {
	return kindOf(err) == Unreachable || kindOf(err) == Timeout && errors.Is(err, errSilent)
}

// failed counts a failure and reports whether it takes the endpoint out.
func (h *health) failed(now time.Time, err error) bool {
	if h.fails++; h.out || h.fails < outAfter {
		return false
	}
	h.out, h.why, h.until = true, err, now
	if kindOf(err) == Timeout {
		h.until = now.Add(silentFor << min(h.silent, 5))
		h.silent++
	}
	return true
}

// worked forgets all failures: a request ended as it should.
func (h *health) worked() { *h = health{} }

// answers notes that the endpoint said what it has, and reports whether it is in use.
func (h *health) answers(now time.Time) bool {
	if h.out && !now.Before(h.until) {
		h.out, h.why, h.fails = false, nil, outAfter-1
	}
	return !h.out
}

// outError is what requests to an endpoint end with while it is out.
func (e *endpoint) outError(why error) error {
	var cause *Error
	hint := "it is used again as soon as it answers"
	if errors.As(why, &cause) {
		hint = cause.Hint + "; " + hint
	}
	return &Error{
		Kind:    Unreachable,
		Message: fmt.Sprintf("%s at %s is not used for now: %v", e.provider.Name(), e.provider.URL(), why),
		Hint:    hint,
		Err:     why,
	}
}

// out is the error for a request to an endpoint that is not in use, else nil.
func (e *endpoint) outNow() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.health.out {
		return nil
	}
	return e.outError(e.health.why)
}

// usable is outNow, but an endpoint that may be back since it last failed is
// asked first: who has just started the server need not wait.
func (p *Pool) usable(ctx context.Context, e *endpoint) error {
	err := e.outNow()
	if err == nil {
		return nil
	}
	back := p.flight.DoChan("back "+e.provider.Name(), func() (any, error) { return p.back(e, quick), nil })
	select {
	case r := <-back:
		if r.Val.(bool) {
			return nil
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// back asks an endpoint that is out for its models and takes it in again if it
// answers, which it reports.
func (p *Pool) back(e *endpoint, wait time.Duration) bool {
	ctx, cancel := context.WithTimeout(p.ctx, wait)
	defer cancel()
	models, err := e.provider.List(ctx)
	if err != nil || !e.answers() {
		return false
	}
	p.log.Info("an endpoint is back", "endpoint", e.provider.Name())
	p.mu.Lock()
	defer p.mu.Unlock()
	e.said()
	p.catalog.Store(p.catalog.Load().replace(e.provider.Name(), models, nil))
	return true
}

func (e *endpoint) answers() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.health.answers(time.Now())
}

// fared notes how a request to an endpoint ended.
func (p *Pool) fared(e *endpoint, err error) {
	e.mu.Lock()
	out := false
	switch {
	case sick(err):
		out = e.health.failed(time.Now(), err)
	case err == nil:
		e.health.worked()
	}
	e.mu.Unlock()
	if out {
		p.takeOut(e, err)
	}
}

// takeOut removes the models of an endpoint that failed too often, and has it
// asked until it is back.
func (p *Pool) takeOut(e *endpoint, why error) {
	name := e.provider.Name()
	p.log.Warn("an endpoint is not used until it answers again", "endpoint", name, "error", why)
	p.mu.Lock()
	p.catalog.Store(p.catalog.Load().replace(name, nil, e.outError(why)))
	p.mu.Unlock()
	p.watch(e)
}

// watch asks an endpoint that is out again and again until it is back.
func (p *Pool) watch(e *endpoint) {
	if !p.enter() {
		return
	}
	go func() {
		defer p.wg.Done()
		for wait := outFirst; ; wait = min(2*wait, outMost) {
			t := time.NewTimer(wait)
			select {
			case <-t.C:
			case <-p.ctx.Done():
				t.Stop()
				return
			}
			if e.outNow() == nil || p.back(e, listTimeout) {
				return
			}
		}
	}()
}

// listed notes what an endpoint answered to the question what it has, and gives
// what the catalog may say of it.
func (p *Pool) listed(e *endpoint, models []Model, err error) ([]Model, error) {
	if err == nil {
		if e.answers() {
			e.said()
			return models, nil
		}
		return nil, e.outNow()
	}
	if kindOf(err) == Unreachable {
		e.mu.Lock()
		e.health.fails = max(e.health.fails, outAfter-1)
		out := e.health.failed(time.Now(), err)
		e.mu.Unlock()
		if out {
			p.watch(e)
		}
	}
	return nil, err
}

// replace is a copy of the catalog with other models, or another error, for a provider.
func (c *Catalog) replace(provider string, models []Model, err error) *Catalog {
	out := *c
	out.Models = slices.DeleteFunc(slices.Clone(c.Models), func(m Model) bool { return m.Provider == provider })
	out.Models = append(out.Models, models...)
	out.sort()
	out.Errors = map[string]error{}
	for name, e := range c.Errors {
		if name != provider {
			out.Errors[name] = e
		}
	}
	if err != nil {
		out.Errors[provider] = err
	}
	return &out
}
