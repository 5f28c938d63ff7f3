package model_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/agent/model/ollama"
)

// simulated runs a test with simulated time and a pool on a scripted server.
func simulated(t *testing.T, script string, f func(t *testing.T, s *modeltest.Server, p *model.Pool)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, p := pool(t, script, modeltest.NewPipes())
		f(t, s, p)
	})
}

// pool is a pool on a scripted server, which listens on pipes or, if these are
// nil, on the loopback.
func pool(t testing.TB, script string, pipes *modeltest.Pipes) (*modeltest.Server, *model.Pool) {
	t.Helper()
	sc, err := modeltest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	opts := ollama.Options{}
	if pipes != nil {
		sc.Net, opts.Dial = pipes, pipes.Dial
	}
	s, err := modeltest.New(sc)
	if err != nil {
		t.Fatal(err)
	}
	opts.URL = s.URL
	p, err := ollama.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	slots := map[string]int{}
	if sc.Slots > 0 {
		slots["ollama"] = sc.Slots
	}
	q := model.NewPool([]model.Provider{p}, model.PoolOptions{Slots: slots})
	t.Cleanup(func() { q.Close(); s.Close() })
	return s, q
}

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func chat(name, content string, on func(model.Delta) error) model.Job {
	return model.Job{
		Provider: "ollama",
		Request:  model.Request{Model: name, NumCtx: 4096, Messages: []model.Message{{Role: model.User, Content: content}}},
		Delta:    on,
	}
}

// TestSwaps: twenty jobs that come alternating for two models of which one fits
// in memory cost few loads, and none is lost.
func TestSwaps(t *testing.T) {
	simulated(t, "resident 1\nmodel a\nmodel b\nreply text=first gate=hold\nfallback text=x keep", func(t *testing.T, s *modeltest.Server, p *model.Pool) {
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				if _, err := p.Chat(within(t), chat(string("ab"[i%2]), fmt.Sprint(i), nil)); err != nil {
					t.Errorf("%d: %v", i, err)
				}
			})
			synctest.Wait() // the first one holds the slot until all others are in line
		}
		s.Release("hold")
		wg.Wait()
		// a runs until the first b was overtaken eight times, then every b, then the last a.
		if st := s.Stats(); st.Complete != 20 || st.Loads != 3 {
			t.Errorf("%+v", st)
		}
	})
}

// TestResidency: what a job is told of its model, before and after, also when
// another job has driven it out.
func TestResidency(t *testing.T) {
	simulated(t, "resident 1\nmodel a\nmodel b\nfallback text=x keep", func(t *testing.T, s *modeltest.Server, p *model.Pool) {
		ctx := within(t)
		if _, err := p.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		started := func(name string) (was bool) {
			t.Helper()
			j := chat(name, "x", nil)
			j.Started = func(resident bool) { was = resident }
			if _, err := p.Chat(ctx, j); err != nil {
				t.Fatal(err)
			}
			if _, err := p.Refresh(ctx); err != nil {
				t.Fatal(err)
			}
			return was
		}
		if started("a") || !started("a") || started("b") || !started("b") || started("a") {
			t.Error("not as it was")
		}
		if m, _ := p.Catalog().Find("ollama/a"); !m.Resident || m.NumCtx != 4096 {
			t.Errorf("%+v", m)
		}
		if err := p.Preload(ctx, "ollama", "b", 4096); err != nil {
			t.Fatal(err)
		}
		if !started("b") || s.Stats().Loads != 4 {
			t.Errorf("%d loads", s.Stats().Loads)
		}
	})
}

// TestStopFreesSlot: a job that has enough makes room for the next at once.
func TestStopFreesSlot(t *testing.T) {
	simulated(t, "model a\nreply last=first text=aaaabbbb gate=never@1\nreply last=second text=x", func(t *testing.T, s *modeltest.Server, p *model.Pool) {
		began := time.Now()
		out, err := p.Chat(within(t), chat("a", "first", func(model.Delta) error { return model.ErrStop }))
		if err != nil || !out.Stopped {
			t.Fatalf("%+v, %v", out, err)
		}
		if _, err := p.Chat(within(t), chat("a", "second", nil)); err != nil {
			t.Fatal(err)
		}
		if st := s.Stats(); st.Cancelled != 1 || st.Complete != 1 || time.Since(began) > 0 {
			t.Errorf("%+v after %v", st, time.Since(began))
		}
	})
}

// TestBusyServer: 503 twice, then an answer.
func TestBusyServer(t *testing.T) {
	simulated(t, "model a\nreply fault=503\nreply text=hello", func(t *testing.T, s *modeltest.Server, p *model.Pool) {
		var got string
		out, err := p.Chat(within(t), chat("a", "x", func(d model.Delta) error { got += d.Text; return nil }))
		if err != nil || got != "hello" || s.Stats().Requests != 2 || out.Queue < 100*time.Millisecond {
			t.Errorf("%q, %+v, %v", got, out, err)
		}
	})
}

// BenchmarkPool is what the queue adds: a chat of 100 tokens straight from the
// provider and through the pool, on one server in one run.
func BenchmarkPool(b *testing.B) {
	s, q := pool(b, "model a\nfallback keep text="+strings.Repeat("abcd", 100), nil)
	p, err := ollama.New(ollama.Options{URL: s.URL})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	j := chat("a", strings.Repeat("some code of the user\n", 200), func(model.Delta) error { return nil })
	b.Run("provider", func(b *testing.B) {
		for b.Loop() {
			if _, err := p.Chat(b.Context(), j.Request, j.Delta); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pool", func(b *testing.B) {
		for b.Loop() {
			if _, err := q.Chat(b.Context(), j); err != nil {
				b.Fatal(err)
			}
		}
	})
}
