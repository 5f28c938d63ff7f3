package model

import (
	"context"
	"slices"
	"sync"
	"time"
)

// endpoint is a provider with its slots and the line before them.
type endpoint struct {
	provider Provider

	mu      sync.Mutex // guards all below
	slots   int        // requests at once
	learner learner
	health  health
	line    line[*waiter]
	riding  []*ride                  // the requests that have slots, in the order in which they got them
	loading map[string]chan struct{} // by model: preloads under way; closed at their end
	idlers  []*idler                 // preloads that wait until nobody needs the endpoint
	ahead   ahead
	stopped int                // replies that were cut
	after   int                // deltas of those that came too late
	sent    map[string]Request // by model: what it was sent last
}

// waiter is a request in line.
type waiter struct {
	affinity affinity
	turn     chan struct{} // closed when it has a slot
	ride     *ride         // its slot, once turn is closed
	moved    chan struct{} // has one element when ahead changed
	ahead    int           // endpoint.mu guards it
	hold     time.Time     // not before, if nothing runs: see burst
}

type idler struct {
	model string
	turn  chan struct{} // closed when it may load
}

func newEndpoint(p Provider, slots int) *endpoint {
	return &endpoint{
		provider: p, slots: max(slots, 1), learner: learner{on: slots == Learn},
		loading: map[string]chan struct{}{}, sent: map[string]Request{},
	}
}

// said adopts the number of slots that the server itself tells.
func (e *endpoint) said() {
	s, ok := e.provider.(interface{ Slots() int })
	if !ok {
		return
	}
	n := s.Slots()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.learner.on && n > 0 {
		e.slots, e.learner = n, learner{}
		e.advance()
	}
}

// acquire waits for a slot and tells queued the place in line whenever it
// changes. Unless it fails, the caller must call release with what it got.
//
// loaded is the model that the request would drive out, "" if none.
func (e *endpoint) acquire(ctx context.Context, a affinity, loaded string, queued func(Wait)) (*ride, error) {
	w := &waiter{affinity: a, turn: make(chan struct{}), moved: make(chan struct{}, 1), ahead: -1}
	e.mu.Lock()
	if loaded != "" {
		w.hold = time.Now().Add(burst)
		if e.line.last.model == "" {
			e.line.last.model = loaded
		}
	}
	e.line.join(time.Now(), a, w)
	e.yield()
	e.pass()
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
			if !has {
				return nil, err
			}
			return w.ride, nil
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
			return nil, ctx.Err()
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
		e.leave(w.ride)
	}
	e.advance()
}

func (e *endpoint) release(r *ride) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.leave(r)
	e.advance()
}

// leave frees a slot. e.mu must be held.
func (e *endpoint) leave(r *ride) {
	e.riding = slices.DeleteFunc(e.riding, func(o *ride) bool { return o == r })
	for _, o := range e.riding {
		if slices.Contains(o.with, r) {
			o.alone = time.Now()
		}
	}
}

// heard notes that the reply of a request has begun.
func (e *endpoint) heard(r *ride) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r.heard = true
	e.slots = e.learner.saw(time.Now(), r, e.riding, e.slots)
	r.with = nil // of no more use
	if e.learner.on {
		e.advance()
	}
}

// room reports whether the next request in line may have a slot, and whether
// it would be a trial. e.mu must be held.
func (e *endpoint) room() (ok, trial bool) {
	if e.ahead.now != nil {
		return false, false // it was told to go and is gone in a moment
	}
	if len(e.riding) < e.slots {
		return true, false
	}
	next := e.line.places[pick(time.Now(), e.line.places, e.line.last)]
	trial = e.learner.may(time.Now(), e.riding, e.slots, next.model)
	return trial, trial
}

// burst is how long a request waits for others to come before it has the server
// load a model in the place of another: those of one burst that suit what is loaded
// then run before the swap and not after a second one. Where nothing needs to be
// loaded, the first of a burst runs at once: nothing is lost by that.
const burst = 50 * time.Millisecond

// held reports whether the next request waits for the rest of its burst; it will
// be looked at again. e.mu must be held.
func (e *endpoint) held() bool {
	w := e.line.who[pick(time.Now(), e.line.places, e.line.last)]
	left := time.Until(w.hold)
	if len(e.riding) > 0 || left <= 0 {
		return false
	}
	time.AfterFunc(left, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.advance()
	})
	return true
}

// advance gives free slots to those whose turn it is and tells the others where
// they stand. e.mu must be held.
func (e *endpoint) advance() {
	for e.line.len() > 0 {
		ok, trial := e.room()
		if !ok || e.held() {
			break
		}
		w := e.line.next(time.Now())
		w.ride = &ride{
			model: w.affinity.model, begin: time.Now(), with: slices.Clone(e.riding), trial: trial,
			hit: e.miss(w.affinity),
		}
		e.riding = append(e.riding, w.ride)
		close(w.turn)
	}
	for n, i := range e.line.order(time.Now()) {
		w := e.line.who[i]
		if ahead := len(e.riding) + n; ahead != w.ahead && ahead > 0 {
			w.ahead = ahead
			select {
			case w.moved <- struct{}{}:
			default: // not read yet: will be, with the newest place
			}
		}
	}
	if len(e.riding) == 0 && e.ahead.now == nil {
		for _, w := range e.idlers {
			e.loading[w.model] = make(chan struct{})
			close(w.turn)
		}
		e.idlers = nil
	}
	e.freed()
}

// load makes a model resident once no request needs the endpoint: a preload
// must not take the memory from a model at work. It tells how long the loading
// itself took. Calls for one model must not overlap.
func (e *endpoint) load(ctx context.Context, name string, numCtx int) (took time.Duration, err error) {
	w := &idler{model: name, turn: make(chan struct{})}
	e.mu.Lock()
	e.idlers = append(e.idlers, w)
	e.yield()
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
		return 0, ctx.Err()
	}
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.loaded(name)
	}()
	begin := time.Now()
	err = e.provider.Load(ctx, name, numCtx)
	return time.Since(begin), err
}

// loaded ends the preload of a model, whether it worked or not. e.mu must be held.
func (e *endpoint) loaded(name string) {
	close(e.loading[name])
	delete(e.loading, name)
	e.freed()
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
