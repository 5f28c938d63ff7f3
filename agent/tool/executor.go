package tool

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

// Call is one use of a tool that a model asked for.
type Call struct {
	ID   string          // the provider's; "" where it gives none
	Name string          // of the tool
	Args json.RawMessage // an object, as the model wrote it
	Bad  string          // why the call can't be read, for the model; then the rest may be empty
}

// Outcome is a call done.
type Outcome struct {
	Call
	Result
	Err     error // then Text is what the model should read of it
	Foreign bool  // Text came from another program
	Took    time.Duration
}

// Options configure an Executor. The zero value works.
type Options struct {
	AtOnce  int           // calls that run side by side; 0 is about the number of processors
	Most    int           // calls of one batch; 0 means 32
	Timeout time.Duration // of a call whose tool has none of its own; 0 means 10 s
	Log     *slog.Logger
}

// Executor runs calls. It is safe for concurrent use and needs no closing.
type Executor struct {
	tools map[string]Tool
	names []string
	opts  Options
}

// NewExecutor is for a set of tools; of two with one name the first counts.
func NewExecutor(tools []Tool, opts Options) *Executor {
	if opts.AtOnce <= 0 {
		opts.AtOnce = atOnce()
	}
	if opts.Most <= 0 {
		opts.Most = 32
	}
	if opts.Timeout <= 0 {
		opts.Timeout = 10 * time.Second
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	e := &Executor{tools: make(map[string]Tool, len(tools)), opts: opts}
	for _, t := range tools {
		if _, twice := e.tools[t.Name]; !twice {
			e.tools[t.Name] = t
			e.names = append(e.names, t.Name)
		}
	}
	slices.Sort(e.names)
	return e
}

// Batch is the calls of one turn of a model.
//
//	Start -> waits for one of AtOnce slots -> its own goroutine -> done of its place
//	Results: the places in order, each when it is done
//
// Start, Results and Stop may be called from different goroutines.
type Batch struct {
	e      *Executor
	ctx    context.Context
	cancel context.CancelFunc
	slots  chan struct{}

	mu     sync.Mutex // guards what follows
	places []*place
	more   chan struct{} // closed and made anew with every Start, and with the end
	ended  bool
}

// place is a call in its order.
type place struct {
	done    chan struct{} // closed when outcome is there
	outcome Outcome
}

// Begin starts a batch. The caller must Stop it, or range over all its Results.
func (e *Executor) Begin(ctx context.Context) *Batch {
	b := &Batch{e: e, slots: make(chan struct{}, e.opts.AtOnce), more: make(chan struct{})}
	b.ctx, b.cancel = context.WithCancel(ctx)
	return b
}

// Start runs a call as soon as there is a slot, and returns at once. A call that
// can't be run, and one beyond Options.Most, has an outcome that says so.
func (b *Batch) Start(c Call) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return
	}
	p := &place{done: make(chan struct{}), outcome: Outcome{Call: c}}
	n := len(b.places)
	b.places = append(b.places, p)
	close(b.more)
	b.more = make(chan struct{})
	t, err := b.e.find(c)
	if n >= b.e.opts.Most {
		err = fmt.Errorf("too many calls at once: the first %d were run; go on from their results", b.e.opts.Most)
	}
	if err != nil {
		p.finish(Result{}, err)
		return
	}
	p.outcome.Foreign = t.Foreign
	go b.work(t, p)
}

// End says that no more calls come. Results does it, too, once it is asked for:
// there is one reader, and it comes after the stream.
func (b *Batch) End() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.ended {
		b.ended = true
		close(b.more)
	}
}

// Stop ends the batch and cancels what still runs.
func (b *Batch) Stop() {
	b.End()
	b.cancel()
}

// Follow gives the outcomes in the order of the calls, each as soon as it and all
// before it are done, until End. Calls that were cancelled have outcomes, too.
func (b *Batch) Follow() iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		for i := 0; ; i++ {
			p := b.place(i)
			if p == nil {
				b.cancel() // all is done; frees the context
				return
			}
			<-p.done
			if !yield(p.outcome) {
				return
			}
		}
	}
}

// Results is End and Follow.
func (b *Batch) Results() iter.Seq[Outcome] {
	b.End()
	return b.Follow()
}

// place waits for the call number i; nil if there is none any more.
func (b *Batch) place(i int) *place {
	for {
		b.mu.Lock()
		if i < len(b.places) {
			defer b.mu.Unlock()
			return b.places[i]
		}
		more, ended := b.more, b.ended
		b.mu.Unlock()
		if ended {
			return nil
		}
		<-more
	}
}

func (p *place) finish(r Result, err error) {
	p.outcome.Result, p.outcome.Err = r, err
	if err != nil {
		p.outcome.Text = "error: " + clip(err.Error(), 2000) + "\n"
	}
	close(p.done)
}

// find is the tool of a call, or why there is none.
func (e *Executor) find(c Call) (Tool, error) {
	if c.Bad != "" {
		return Tool{}, misuse("%s", c.Bad)
	}
	t, ok := e.tools[c.Name]
	if !ok {
		return Tool{}, misuse("there is no tool %q; there are %s", clip(c.Name, 80), strings.Join(e.names, ", "))
	}
	return t, nil
}

// work runs one call in a slot. A tool that does not heed its context loses it:
// its slot is free again, and what it finds later is dropped.
func (b *Batch) work(t Tool, p *place) {
	select {
	case b.slots <- struct{}{}:
	case <-b.ctx.Done():
		p.finish(Result{}, context.Cause(b.ctx))
		return
	}
	defer func() { <-b.slots }()
	ctx, cancel := context.WithTimeout(b.ctx, b.e.timeout(t))
	defer cancel()
	began := time.Now()
	type answer struct {
		Result
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		r, err := b.e.run(ctx, t, p.outcome.Args)
		answers <- answer{r, err}
	}()
	var a answer
	select {
	case a = <-answers:
	case <-ctx.Done():
		a.err = ctx.Err()
	}
	p.outcome.Took = time.Since(began)
	p.finish(a.Result, b.e.late(b.ctx, t, a.err))
}

// run is a call that can't take others with it.
func (e *Executor) run(ctx context.Context, t Tool, args json.RawMessage) (r Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			e.opts.Log.Error("a tool panicked", "tool", t.Name, "panic", p, "stack", string(debug.Stack()))
			r, err = Result{}, fmt.Errorf("%s failed inside; try it another way", t.Name)
		}
	}()
	return t.Run(ctx, args)
}

// Do runs one call and waits for it. It is for tools that heed their context: it
// has no goroutine of its own to leave behind.
func (e *Executor) Do(ctx context.Context, c Call) Outcome {
	p := &place{done: make(chan struct{}), outcome: Outcome{Call: c}}
	t, err := e.find(c)
	if err != nil {
		p.finish(Result{}, err)
		return p.outcome
	}
	p.outcome.Foreign = t.Foreign
	inner, cancel := context.WithTimeout(ctx, e.timeout(t))
	defer cancel()
	began := time.Now()
	r, err := e.run(inner, t, c.Args)
	p.outcome.Took = time.Since(began)
	p.finish(r, e.late(ctx, t, err))
	return p.outcome
}

func (e *Executor) timeout(t Tool) time.Duration { return cmp.Or(max(t.Timeout, 0), e.opts.Timeout) }

// late is err in words where a deadline of ours, and not of ctx, has passed.
func (e *Executor) late(ctx context.Context, t Tool, err error) error {
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fmt.Errorf("%s took longer than %v and was ended: %w", t.Name, e.timeout(t), err)
	}
	return err
}
