package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a provider in memory, so that time can be simulated.
type fake struct {
	name string
	list func(context.Context) ([]Model, error)
	chat func(context.Context, Request, func(Delta) error) (Reply, error)
	load func(context.Context, string, int) error
}

func (f *fake) Name() string { return f.name }
func (f *fake) URL() string  { return "fake:" + f.name }
func (f *fake) List(ctx context.Context) ([]Model, error) {
	if f.list == nil {
		return nil, nil
	}
	return f.list(ctx)
}

func (f *fake) Chat(ctx context.Context, r Request, on func(Delta) error) (Reply, error) {
	return f.chat(ctx, r, on)
}
func (f *fake) Load(ctx context.Context, name string, n int) error { return f.load(ctx, name, n) }

// bubble runs a test with simulated time and a pool that is closed at its end.
func bubble(t *testing.T, opts PoolOptions, f func(t *testing.T, p *Pool), providers ...Provider) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := NewPool(providers, opts)
		defer p.Close()
		f(t, p)
	})
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// slow answers after a second, and notes the order.
func slow(mu *sync.Mutex, order *[]string) *fake {
	return &fake{name: "o", chat: func(ctx context.Context, r Request, on func(Delta) error) (Reply, error) {
		mu.Lock()
		*order = append(*order, r.Messages[0].Content)
		mu.Unlock()
		if err := sleep(ctx, time.Second); err != nil {
			return Reply{}, err
		}
		return Reply{}, on(Delta{Text: r.Messages[0].Content})
	}}
}

func job(model, content string) Job {
	return Job{Provider: "o", Request: Request{Model: model, Messages: []Message{{Role: User, Content: content}}}}
}

// TestBurst: of a burst whose first request is for another model than the one that
// is loaded, those for that one run before the swap; nothing else waits for others.
func TestBurst(t *testing.T) {
	var mu sync.Mutex
	var order []string
	f := slow(&mu, &order)
	f.list = func(context.Context) ([]Model, error) {
		return []Model{{Provider: "o", Name: "a", Resident: true}, {Provider: "o", Name: "b"}}, nil
	}
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		if _, err := p.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i, m := range []string{"b", "a", "b", "a"} {
			wg.Go(func() {
				if _, err := p.Chat(t.Context(), job(m, fmt.Sprint(m, i))); err != nil {
					t.Error(err)
				}
			})
			time.Sleep(burst / 8)
		}
		wg.Wait()
		time.Sleep(time.Nanosecond) // what is asked now comes after what they have shown
		if want := []string{"a1", "a3", "b0", "b2"}; !slices.Equal(order, want) {
			t.Errorf("ran %v, want %v", order, want)
		}
		if _, err := p.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for m, wait := range map[string]time.Duration{"a": 0, "b": burst} {
			f.chat = func(context.Context, Request, func(Delta) error) (Reply, error) { return Reply{}, nil }
			began := time.Now()
			if _, err := p.Chat(t.Context(), job(m, "alone")); err != nil || time.Since(began) != wait {
				t.Errorf("%s alone waits %v, %v", m, time.Since(began), err)
			}
		}
	}, f)
}

// TestPoolOrder: jobs are grouped by model, each is told its place truthfully,
// and nobody is told of a queue after it started.
func TestPoolOrder(t *testing.T) {
	var mu sync.Mutex
	var order []string
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		told := make([][]int, 5)
		outs := make([]Outcome, 5)
		var wg sync.WaitGroup
		for i, m := range []string{"a", "b", "a", "b", "a"} {
			wg.Go(func() {
				j := job(m, fmt.Sprint(i))
				started := false
				j.Queued = func(w Wait) {
					if started {
						t.Error("Queued after Started")
					}
					told[i] = append(told[i], w.Ahead)
				}
				j.Started = func(bool) { started = true }
				var err error
				if outs[i], err = p.Chat(t.Context(), j); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		if want := []string{"0", "2", "4", "1", "3"}; !slices.Equal(order, want) {
			t.Errorf("ran %v, want %v", order, want)
		}
		for i, want := range [][]int{nil, {1, 2, 3, 2, 1}, {1}, {3, 4, 3, 2, 1}, {2, 1}} {
			if !slices.Equal(told[i], want) {
				t.Errorf("%d was told %v, want %v", i, told[i], want)
			}
		}
		for i, want := range []time.Duration{0, 3, 1, 4, 2} {
			if outs[i].Queue != want*time.Second {
				t.Errorf("%d stood in line for %v", i, outs[i].Queue)
			}
		}
	}, slow(&mu, &order))
}

// TestPoolSlots: as many at once as there are slots, and no time lost.
func TestPoolSlots(t *testing.T) {
	var mu sync.Mutex
	var order []string
	bubble(t, PoolOptions{Slots: map[string]int{"o": 4}}, func(t *testing.T, p *Pool) {
		begin := time.Now()
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				var got string
				j := job("a", fmt.Sprint(i))
				j.Delta = func(d Delta) error { got += d.Text; return nil }
				if _, err := p.Chat(t.Context(), j); err != nil || got != fmt.Sprint(i) {
					t.Errorf("%d: %q, %v", i, got, err)
				}
			})
		}
		wg.Wait()
		if d := time.Since(begin); d != 3*time.Second || len(order) != 10 {
			t.Errorf("%d jobs in %v", len(order), d)
		}
	}, slow(&mu, &order))
}

// TestPoolCancel: a job that is cancelled while it waits frees its place, one
// that runs its slot, and a deadline in the queue is a timeout.
func TestPoolCancel(t *testing.T) {
	var mu sync.Mutex
	var order []string
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		var wg sync.WaitGroup
		chat := func(ctx context.Context, content string, check func(error)) {
			wg.Go(func() {
				_, err := p.Chat(ctx, job("a", content))
				check(err)
			})
			synctest.Wait()
		}
		is := func(want error) func(error) {
			return func(err error) {
				if !errors.Is(err, want) {
					t.Errorf("%v, want %v", err, want)
				}
			}
		}
		begin := time.Now()
		running, stop := context.WithCancel(t.Context())
		waiting, leave := context.WithCancel(t.Context())
		late, done := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer done()
		chat(running, "running", is(context.Canceled))
		chat(waiting, "waiting", is(context.Canceled))
		chat(late, "late", func(err error) {
			if kindOf(err) != Timeout {
				t.Errorf("late: %v", err)
			}
		})
		chat(t.Context(), "last", is(nil))
		leave()
		time.Sleep(300 * time.Millisecond)
		stop()
		wg.Wait()
		if d := time.Since(begin); !slices.Equal(order, []string{"running", "last"}) || d != 1300*time.Millisecond {
			t.Errorf("ran %v in %v", order, d)
		}
	}, slow(&mu, &order))
}

// late is a context that ends right after it was asked.
type late struct {
	context.Context
	asked int
}

func (c *late) Err() error {
	if c.asked++; c.asked > 1 {
		return context.Canceled
	}
	return nil
}

// TestSlotOrError: whoever gets an error holds no slot, whoever gets none does.
func TestSlotOrError(t *testing.T) {
	for asked := range 2 {
		e := newEndpoint(&fake{name: "o"}, 1)
		_, err := e.acquire(&late{t.Context(), asked}, affinity{}, "", func(Wait) {})
		if holds := len(e.riding) == 1; holds != (err == nil) {
			t.Errorf("asked %d: holds a slot: %v, %v", asked, holds, err)
		}
	}
}

// TestPoolPanic: a callback that panics holds no slot and no place.
func TestPoolPanic(t *testing.T) {
	var mu sync.Mutex
	var order []string
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() {
				defer func() { _ = recover() }() // the panic below
				j := job("a", fmt.Sprint(i))
				j.Delta = func(Delta) error { panic("delta") }
				j.Queued = func(Wait) { panic("queued") }
				_, _ = p.Chat(t.Context(), j) // never returns
			})
		}
		wg.Wait()
		if _, err := p.Chat(t.Context(), job("a", "after")); err != nil {
			t.Error(err)
		}
	}, slow(&mu, &order))
}

// TestPoolBusy: a busy server is asked again, within the deadline.
func TestPoolBusy(t *testing.T) {
	busy := &Error{Kind: Busy, Message: "busy"}
	var calls int
	left := 0
	f := &fake{name: "o", chat: func(context.Context, Request, func(Delta) error) (Reply, error) {
		if calls++; calls <= left {
			return Reply{}, busy
		}
		return Reply{Usage: Usage{Output: 7}}, nil
	}}
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		left = 3
		out, err := p.Chat(t.Context(), job("a", "x"))
		if err != nil || calls != 4 || out.Usage.Output != 7 {
			t.Errorf("%d calls, %+v, %v", calls, out, err)
		}
		if out.Queue < 875*time.Millisecond || out.Queue > 2625*time.Millisecond { // 250+500+1000 ms, half to one and a half
			t.Errorf("waited %v", out.Queue)
		}

		calls, left = 0, 1000
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		begin := time.Now()
		if _, err = p.Chat(ctx, job("a", "x")); !errors.Is(err, busy) || time.Since(begin) > 5*time.Second || calls < 3 {
			t.Errorf("%v after %v and %d calls", err, time.Since(begin), calls)
		}
		begin = time.Now()
		if _, err = p.Chat(t.Context(), job("a", "x")); !errors.Is(err, busy) || time.Since(begin) > busyTotal+busyMost {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	}, f)
}

func TestPoolClose(t *testing.T) {
	var mu sync.Mutex
	var order []string
	synctest.Test(t, func(t *testing.T) {
		p := NewPool([]Provider{slow(&mu, &order)}, PoolOptions{})
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() {
				if _, err := p.Chat(t.Context(), job("a", fmt.Sprint(i))); err != errClosed {
					t.Errorf("%d: %v", i, err)
				}
			})
		}
		synctest.Wait()
		p.Close()
		wg.Wait()
		if _, err := p.Chat(t.Context(), job("a", "x")); err != errClosed {
			t.Errorf("after Close: %v", err)
		}
		if _, err := p.Refresh(t.Context()); err != errClosed {
			t.Errorf("after Close: %v", err)
		}
		if err := p.Preload(t.Context(), "o", "a", 1); err != errClosed {
			t.Errorf("after Close: %v", err)
		}
		if !errors.Is(errClosed, context.Canceled) || len(order) != 1 {
			t.Errorf("%v", order)
		}
	})
}

func TestPoolUnknown(t *testing.T) {
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		_, err := p.Chat(t.Context(), Job{Provider: "p"})
		var e *Error
		if !errors.As(err, &e) || e.Kind != Missing || !strings.Contains(e.Hint, "o") {
			t.Errorf("%v", err)
		}
	}, &fake{name: "o"})
}
