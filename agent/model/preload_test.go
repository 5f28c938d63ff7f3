package model

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestRefresh: endpoints are asked at once and each for a bounded time; one that
// is too slow keeps its models, one that fails has none; callers share a round.
func TestRefresh(t *testing.T) {
	var rounds int
	var quick, dead error
	hang := false
	a := &fake{name: "a", list: func(context.Context) ([]Model, error) {
		rounds++
		time.Sleep(100 * time.Millisecond)
		return []Model{{Provider: "a", Name: "z"}, {Provider: "a", Name: "b"}}, quick
	}}
	b := &fake{name: "b", list: func(ctx context.Context) ([]Model, error) {
		if hang {
			<-ctx.Done()
			return nil, &Error{Kind: Timeout, Err: ctx.Err()}
		}
		return []Model{{Provider: "b", Name: "m"}}, dead
	}}
	ids := func(c *Catalog) (out []string) {
		for _, m := range c.Models {
			out = append(out, m.ID())
		}
		return out
	}
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		if c := p.Catalog(); c == nil || len(c.Models) != 0 {
			t.Errorf("before: %+v", c)
		}
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				c, err := p.Refresh(t.Context())
				if err != nil || !slices.Equal(ids(c), []string{"a/b", "a/z", "b/m"}) || len(c.Errors) != 0 {
					t.Errorf("%+v, %v", c, err)
				}
			})
		}
		wg.Wait()
		if rounds != 1 {
			t.Errorf("%d rounds for callers at the same time", rounds)
		}
		hang = true
		begin := time.Now()
		c, err := p.Refresh(t.Context())
		if err != nil || len(c.Models) != 3 || kindOf(c.Errors["b"]) != Timeout || time.Since(begin) != listTimeout {
			t.Errorf("slow: %+v, %v after %v", c, err, time.Since(begin))
		}
		hang, dead = false, &Error{Kind: Unreachable}
		if c, err = p.Refresh(t.Context()); err != nil || len(c.Models) != 2 || c.Errors["b"] != dead || p.Catalog() != c {
			t.Errorf("dead: %+v, %v", c, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.Refresh(ctx); err != context.Canceled {
			t.Errorf("%v", err)
		}
	}, a, b)
}

// TestRefreshRace: a list that was asked for before a model was loaded does not
// unsay that it is.
func TestRefreshRace(t *testing.T) {
	f := &fake{
		name: "o",
		list: func(ctx context.Context) ([]Model, error) {
			return []Model{{Provider: "o", Name: "a"}}, sleep(ctx, time.Second)
		},
		load: func(ctx context.Context, name string, n int) error { return sleep(ctx, time.Second/2) },
	}
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := p.Preload(t.Context(), "o", "a", 8192); err != nil {
				t.Error(err)
			}
		})
		if c, err := p.Refresh(t.Context()); err != nil || !c.Models[0].Resident || c.Models[0].NumCtx != 8192 {
			t.Errorf("%+v, %v", c, err)
		}
		wg.Wait()
		if c, err := p.Refresh(t.Context()); err != nil || c.Models[0].Resident {
			t.Errorf("what the endpoint says later counts: %+v, %v", c, err)
		}
	}, f)
}

// TestPreload: once per model at a time, not while requests run, and requests to
// the model wait for it without standing in line.
func TestPreload(t *testing.T) {
	loads := 0
	var loaded atomic.Bool
	f := &fake{
		name: "o",
		list: func(context.Context) ([]Model, error) {
			return []Model{{Provider: "o", Name: "a", Resident: loaded.Load(), NumCtx: 4096}}, nil
		},
		load: func(ctx context.Context, name string, n int) error {
			loads++
			defer loaded.Store(true)
			return sleep(ctx, 10*time.Second)
		},
		chat: func(ctx context.Context, r Request, on func(Delta) error) (Reply, error) {
			return Reply{Load: time.Millisecond}, sleep(ctx, time.Second)
		},
	}
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		if _, err := p.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		begin := time.Now()
		wg.Go(func() {
			if _, err := p.Chat(t.Context(), job("other", "x")); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		for range 3 {
			wg.Go(func() {
				if err := p.Preload(t.Context(), "o", "a", 4096); err != nil || time.Since(begin) != 11*time.Second {
					t.Errorf("%v after %v", err, time.Since(begin))
				}
			})
		}
		time.Sleep(5 * time.Second)
		if p.Catalog().Models[0].Resident {
			t.Error("resident before it is loaded")
		}
		wg.Go(func() { // 4 s into the load
			j := job("a", "x")
			j.Started = func(resident bool) {
				if resident {
					t.Error("told that the model was loaded")
				}
			}
			out, err := p.Chat(t.Context(), j)
			if err != nil || out.Queue != 0 || out.Load != 6*time.Second+time.Millisecond {
				t.Errorf("%+v, %v", out, err)
			}
		})
		wg.Wait()
		if m := p.Catalog().Models[0]; loads != 1 || !m.Resident || m.NumCtx != 4096 {
			t.Errorf("%d loads, %+v", loads, m)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Preload(ctx, "o", "a", 4096); kindOf(err) != Timeout {
			t.Errorf("%v", err)
		}
	}, f)
}
