package model

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// listTimeout bounds what one endpoint may take to say what it has.
const listTimeout = 1500 * time.Millisecond

// PoolOptions configure a Pool.
type PoolOptions struct {
	Slots   map[string]int // requests at once by provider; absent means 1; Learn finds out
	Figures string         // file that keeps what is measured of the models; "" keeps it in memory
	Cache   Cache          // keeps complete replies for requests that come again; nil keeps none
	Log     *slog.Logger   // nil means none
}

// Cache keeps values that can be had again at a cost. agent/cache has them. Safe
// for concurrent use.
type Cache interface {
	Get(ctx context.Context, key string) ([]byte, bool)
	Put(ctx context.Context, key string, value []byte)
	Delete(ctx context.Context, key string)
}

// Pool runs requests on the configured providers. Safe for concurrent use.
type Pool struct {
	log       *slog.Logger
	endpoints map[string]*endpoint
	names     []string // of the endpoints, sorted

	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	catalog atomic.Pointer[Catalog] // written under mu
	flight  singleflight.Group      // "refresh", "load PROVIDER/NAME", "back PROVIDER"
	flights flights
	store   store
	cache   Cache

	mu     sync.Mutex // guards what follows and writing catalog
	notes  []note     // what requests showed since the last catalog was asked for
	closed bool
	wg     sync.WaitGroup // what Close waits for; added to under mu, while not closed
}

// note says that a model was loaded at a moment.
type note struct {
	provider, name string
	numCtx         int
	at             time.Time
}

// NewPool makes a pool and asks nobody anything yet.
func NewPool(providers []Provider, opts PoolOptions) *Pool {
	p := &Pool{log: opts.Log, endpoints: map[string]*endpoint{}, cache: opts.Cache}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	for _, pr := range providers {
		p.endpoints[pr.Name()] = newEndpoint(pr, opts.Slots[pr.Name()])
		p.names = append(p.names, pr.Name())
	}
	slices.Sort(p.names)
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.flights.byKey = map[string]*flight{}
	p.store = store{path: opts.Figures, log: p.log}
	p.catalog.Store(&Catalog{Measured: p.store.load()})
	return p
}

// errClosed is what a request ends with when the pool is closed under it.
var errClosed = &Error{Kind: Failed, Message: "Hob is shutting down", Err: context.Canceled}

// enter counts a call for Close; false if the pool is closed. The caller must
// call p.wg.Done.
func (p *Pool) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.wg.Add(1)
	return true
}

// Close ends every request and waits for them. Requests after it fail.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel()
	p.wg.Wait()
	p.store.close()
	for _, e := range p.endpoints {
		if c, ok := e.provider.(interface{ Close() }); ok {
			c.Close() // its idle connections
		}
	}
}

// Catalog is the newest one known; it never blocks and is never nil.
func (p *Pool) Catalog() *Catalog { return p.catalog.Load() }

// Refresh asks every endpoint at once, each for at most a second or two; callers
// at the same time share one round. It fails only when ctx ends or the pool is
// closed. An endpoint that is too slow keeps the models it had, one that fails
// has none.
func (p *Pool) Refresh(ctx context.Context) (*Catalog, error) {
	res := p.flight.DoChan("refresh", func() (any, error) {
		if !p.enter() {
			return nil, errClosed
		}
		defer p.wg.Done()
		return p.refresh(), nil
	})
	select {
	case r := <-res:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*Catalog), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *Pool) refresh() *Catalog {
	asked := time.Now()
	lists := make([][]Model, len(p.names))
	errs := make([]error, len(p.names))
	var wg sync.WaitGroup
	for i, name := range p.names {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(p.ctx, listTimeout)
			defer cancel()
			e := p.endpoints[name]
			models, err := e.provider.List(ctx)
			lists[i], errs[i] = p.listed(e, models, err)
		})
	}
	wg.Wait()

	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.catalog.Load()
	c := &Catalog{Errors: map[string]error{}, At: time.Now(), Measured: old.Measured}
	for i, name := range p.names {
		models := lists[i]
		if err := errs[i]; err != nil {
			p.log.Debug("an endpoint does not say what it has", "endpoint", name, "error", err)
			c.Errors[name] = err
			models = nil
			if kindOf(err) == Timeout {
				models = slices.DeleteFunc(slices.Clone(old.Models), func(m Model) bool { return m.Provider != name })
			}
		}
		c.Models = append(c.Models, models...)
	}
	c.sort()
	// What happened since the endpoints were asked, they could not tell.
	p.notes = slices.DeleteFunc(p.notes, func(n note) bool { return n.at.Before(asked) })
	for _, n := range p.notes {
		c = n.on(c)
	}
	p.catalog.Store(c)
	return c
}

// on is the catalog with what n says.
func (n note) on(c *Catalog) *Catalog {
	return c.with(n.provider, n.name, func(m *Model) {
		m.Resident = true
		if n.numCtx > 0 {
			m.NumCtx = n.numCtx
		}
	})
}

// noteResident records that a model is loaded, as a request to it has shown.
func (p *Pool) noteResident(provider, name string, numCtx int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := note{provider, name, numCtx, time.Now()}
	p.notes = append(slices.DeleteFunc(p.notes, func(o note) bool { return o.provider == provider && o.name == name }), n)
	p.catalog.Store(n.on(p.catalog.Load()))
}

// resident reports whether a request to a model will find it loaded, as far as is known.
func (p *Pool) resident(provider, name string, numCtx int) bool {
	m, ok := p.Catalog().Find(provider + "/" + name)
	return ok && m.Resident && (numCtx == 0 || m.NumCtx == 0 || m.NumCtx == numCtx)
}

// drivesOut is the model that is loaded where a request for another one, which is
// not, would take its place; "" if there is none, as far as is known.
func (p *Pool) drivesOut(provider, name string) string {
	c := p.Catalog()
	if m, ok := c.Find(provider + "/" + name); !ok || m.Resident {
		return ""
	}
	i := slices.IndexFunc(c.Models, func(m Model) bool { return m.Provider == provider && m.Resident })
	if i < 0 {
		return ""
	}
	return c.Models[i].Name
}

// Preload makes a model resident, once at a time per model: callers at the same
// time share one load, which goes on when they leave. It waits until no request
// runs at the endpoint, and requests to the model wait for it.
func (p *Pool) Preload(ctx context.Context, provider, name string, numCtx int) error {
	e, err := p.endpoint(provider)
	if err != nil {
		return err
	}
	res := p.flight.DoChan("load "+provider+"/"+name, func() (any, error) {
		if !p.enter() {
			return nil, errClosed
		}
		defer p.wg.Done()
		resident := p.resident(provider, name, numCtx)
		took, err := e.load(p.ctx, name, numCtx)
		if err != nil {
			return nil, p.ended(context.Background(), provider, err)
		}
		p.noteResident(provider, name, numCtx)
		p.measured(provider, name, func(f Figures) Figures {
			return f.With(Sample{Reply: Reply{Load: took}, Resident: resident}, time.Now())
		})
		return nil, nil
	})
	select {
	case r := <-res:
		return r.Err
	case <-ctx.Done():
		return p.ended(ctx, provider, ctx.Err())
	}
}

// measured changes the figures of a model.
func (p *Pool) measured(provider, name string, f func(Figures) Figures) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := *p.catalog.Load()
	id := provider + "/" + name
	if m, ok := c.Find(id); ok {
		id = m.ID()
	}
	all := maps.Clone(c.Measured)
	if all == nil {
		all = map[string]Figures{}
	}
	all[id] = f(all[id])
	c.Measured = newestFigures(all)
	p.catalog.Store(&c)
	p.store.save(c.Measured)
}

// Judged notes whether a reply in an edit format could be used, for the figures
// of its model.
func (p *Pool) Judged(provider, name, format string, ok bool) {
	p.measured(provider, name, func(f Figures) Figures { return f.Judged(format, ok, time.Now()) })
}

// Slots is how many requests an endpoint is known to serve at once; 1 for one that
// is not configured.
func (p *Pool) Slots(provider string) int {
	e := p.endpoints[provider]
	if e == nil {
		return 1
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.slots
}

func (p *Pool) endpoint(name string) (*endpoint, error) {
	if e := p.endpoints[name]; e != nil {
		return e, nil
	}
	return nil, &Error{
		Kind:    Missing,
		Message: fmt.Sprintf("no endpoint named %q is configured", name),
		Hint:    "the configured endpoints: " + strings.Join(p.names, ", "),
	}
}

// ended is the error for a call that err ended, a context's error included.
func (p *Pool) ended(ctx context.Context, provider string, err error) error {
	switch {
	case ctx.Err() == nil && p.ctx.Err() != nil:
		return errClosed
	case errors.Is(err, context.DeadlineExceeded) && kindOf(err) == "":
		return &Error{
			Kind:    Timeout,
			Message: fmt.Sprintf("the time was up before it was this request's turn at %s", provider),
			Hint:    "wait until the requests before it are done, or cancel them",
			Err:     err,
		}
	}
	return err
}

// kindOf is the kind of an Error, "" for any other error.
func kindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}
