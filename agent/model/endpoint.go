package model

import (
	"context"
	"slices"
	"sync"
)

// endpoint is a provider with its slots and the line before them.
type endpoint struct {
	provider Provider
	slots    int

	mu      sync.Mutex // guards all below
	line    line[*waiter]
	running int
	loading map[string]chan struct{} // by model: preloads under way; closed at their end
	idlers  []*idler                 // preloads that wait until nobody needs the endpoint
}

// waiter is a request in line.
type waiter struct {
	affinity affinity
	turn     chan struct{} // closed when it has a slot
	moved    chan struct{} // has one element when ahead changed
	ahead    int           // endpoint.mu guards it
}

type idler struct {
	model string
	turn  chan struct{} // closed when it may load
}

func newEndpoint(p Provider, slots int) *endpoint {
	return &endpoint{provider: p, slots: max(slots, 1), loading: map[string]chan struct{}{}}
}

// acquire waits for a slot and tells queued the place in line whenever it
// changes. Unless it fails, the caller must call release.
func (e *endpoint) acquire(ctx context.Context, a affinity, queued func(Wait)) error {
	w := &waiter{affinity: a, turn: make(chan struct{}), moved: make(chan struct{}, 1), ahead: -1}
	e.mu.Lock()
	e.line.join(a, w)
	e.advance()
	e.mu.Unlock()
	has := false
	defer func() { // not only when ctx ends: queued is not ours and may panic
		if !has {
			e.giveUp(w)
		}
	}()
	for {
		select {
		case <-w.turn:
			err := ctx.Err() // asked once: it may change
			has = err == nil
			return err
		case <-w.moved:
			e.mu.Lock()
			ahead := w.ahead
			e.mu.Unlock()
			select {
			case <-w.turn: // it got a slot since: no word of a queue any more
			default:
				queued(Wait{Ahead: ahead})
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// giveUp takes w out of the line, or gives back the slot that it got meanwhile.
func (e *endpoint) giveUp(w *waiter) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if i := slices.Index(e.line.who, w); i >= 0 {
		e.line.leave(i)
	} else {
		e.running--
	}
	e.advance()
}

func (e *endpoint) release() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running--
	e.advance()
}

// advance gives free slots to those whose turn it is and tells the others where
// they stand. e.mu must be held.
func (e *endpoint) advance() {
	for e.running < e.slots && e.line.len() > 0 {
		e.running++
		close(e.line.next().turn)
	}
	for n, i := range e.line.order() {
		w := e.line.who[i]
		if ahead := e.running + n; ahead != w.ahead {
			w.ahead = ahead
			select {
			case w.moved <- struct{}{}:
			default: // not read yet: will be, with the newest place
			}
		}
	}
	if e.running == 0 {
		for _, w := range e.idlers {
			e.loading[w.model] = make(chan struct{})
			close(w.turn)
		}
		e.idlers = nil
	}
}

// load makes a model resident once no request needs the endpoint: a preload
// must not take the memory from a model at work. Calls for one model must not
// overlap.
func (e *endpoint) load(ctx context.Context, name string, numCtx int) error {
	w := &idler{model: name, turn: make(chan struct{})}
	e.mu.Lock()
	e.idlers = append(e.idlers, w)
	e.advance()
	e.mu.Unlock()
	select {
	case <-w.turn:
	case <-ctx.Done():
		e.mu.Lock()
		defer e.mu.Unlock()
		if i := slices.Index(e.idlers, w); i >= 0 {
			e.idlers = slices.Delete(e.idlers, i, i+1)
		} else {
			e.loaded(name)
		}
		return ctx.Err()
	}
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.loaded(name)
	}()
	return e.provider.Load(ctx, name, numCtx)
}

// loaded ends the preload of a model, whether it worked or not. e.mu must be held.
func (e *endpoint) loaded(name string) {
	close(e.loading[name])
	delete(e.loading, name)
}

// settle waits until no preload of the model is under way: some servers load a
// model twice when two first requests race.
func (e *endpoint) settle(ctx context.Context, name string) error {
	e.mu.Lock()
	ch := e.loading[name]
	e.mu.Unlock()
	if ch == nil {
		return nil
	}
	select {
	case <-ch:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
