package model

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	Slots map[string]int // requests at once by provider; absent means 1
	Log   *slog.Logger   // nil means none
}

// Pool runs requests on the configured providers. Safe for concurrent use.
type Pool struct {
	log       *slog.Logger
	endpoints map[string]*endpoint
	names     []string // of the endpoints, sorted

	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	catalog atomic.Pointer[Catalog] // written under mu
	flight  singleflight.Group      // "refresh", "load PROVIDER/NAME"

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
	p := &Pool{log: opts.Log, endpoints: map[string]*endpoint{}}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	for _, pr := range providers {
		p.endpoints[pr.Name()] = newEndpoint(pr, opts.Slots[pr.Name()])
		p.names = append(p.names, pr.Name())
	}
	slices.Sort(p.names)
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.catalog.Store(&Catalog{})
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
			lists[i], errs[i] = p.endpoints[name].provider.List(ctx)
		})
	}
	wg.Wait()

	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.catalog.Load()
	c := &Catalog{Errors: map[string]error{}, At: time.Now()}
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
	slices.SortFunc(c.Models, func(a, b Model) int { return strings.Compare(a.ID(), b.ID()) })
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
		if err := e.load(p.ctx, name, numCtx); err != nil {
			return nil, p.ended(context.Background(), provider, err)
		}
		p.noteResident(provider, name, numCtx)
		return nil, nil
	})
	select {
	case r := <-res:
		return r.Err
	case <-ctx.Done():
		return p.ended(ctx, provider, ctx.Err())
	}
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
