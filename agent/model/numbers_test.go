package model_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hob-ls/hob/agent/cache"
	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/agent/model/ollama"
)

// TestTenJobs: ten different jobs of 64 tokens at 400 tokens a second, all at once,
// take as long as one after the other on one slot, and on four as long as the four
// of which three come first.
func TestTenJobs(t *testing.T) {
	const one = 64 * time.Second / 400
	for slots, want := range map[int]time.Duration{1: 10 * one, 4: 3 * one} {
		simulated(t, fmt.Sprintf("slots %d\ndecode 400\nmodel a\nfallback keep text=%s", slots, strings.Repeat("abcd", 64)), func(t *testing.T, s *modeltest.Server, p *model.Pool) {
			ctx := within(t)
			if _, err := p.Chat(ctx, chat("a", "loads the model", func(model.Delta) error { return model.ErrStop })); err != nil {
				t.Fatal(err)
			}
			if err := s.WaitIdle(ctx); err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			var wg sync.WaitGroup
			for i := range 10 {
				wg.Go(func() {
					if _, err := p.Chat(ctx, chat("a", fmt.Sprint(i), nil)); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if st := s.Stats(); st.MaxRunning != slots || st.Complete != 10 {
				t.Errorf("%+v", st)
			}
			if took := time.Since(begin); took != want {
				t.Errorf("%d slots: %v, want %v", slots, took, want)
			}
		})
	}
}

// TestPoolCancelFreesSlot: a job that is cancelled leaves the server at once.
func TestPoolCancelFreesSlot(t *testing.T) {
	simulated(t, "model a\nreply text=aaaabbbbcccc gate=never@2\nfallback text=x", func(t *testing.T, s *modeltest.Server, p *model.Pool) {
		ctx, cancel := context.WithCancel(within(t))
		defer cancel()
		n := 0
		begin := time.Now()
		_, err := p.Chat(ctx, chat("a", "x", func(model.Delta) error {
			if n++; n == 2 {
				cancel()
			}
			return nil
		}))
		if err != context.Canceled {
			t.Errorf("%v", err)
		}
		if err := s.WaitCancelled(within(t), 1); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 0 {
			t.Errorf("it left after %v", took)
		}
	})
}

// TestServerBack: a server that is stopped and started again at the same address
// is used again at once, without anybody having said so.
func TestServerBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := modeltest.Script{Net: modeltest.NewPipes(), Models: []modeltest.Model{{Name: "a"}}, Fallback: &modeltest.Reply{Text: "hello", Keep: true}}
		s, err := modeltest.New(script)
		if err != nil {
			t.Fatal(err)
		}
		provider, err := ollama.New(ollama.Options{URL: s.URL, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			return script.Net.Dial(ctx, network, address)
		}})
		if err != nil {
			t.Fatal(err)
		}
		p := model.NewPool([]model.Provider{provider}, model.PoolOptions{})
		t.Cleanup(p.Close)
		ctx := within(t)
		s.Close()
		for range 4 {
			_, err := p.Chat(ctx, chat("a", "x", nil))
			fails(t, err, model.Unreachable, "does not answer", "`ollama serve`")
		}
		script.Net = modeltest.NewPipes()
		if s, err = modeltest.New(script); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		if _, err := p.Chat(ctx, chat("a", "x", nil)); err != nil {
			t.Error(err)
		}
		if _, ok := p.Catalog().Find("ollama/a"); !ok {
			t.Errorf("%+v", p.Catalog())
		}
	})
}

// memorized is a pool with a cache on a server that writes at 100 tokens a second.
func memorized(t testing.TB) (*modeltest.Server, *model.Pool) {
	c, err := cache.NewMemory(1<<20, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	s, err := modeltest.New(modeltest.Script{
		Models: []modeltest.Model{{Name: "a"}}, Decode: 1000,
		Fallback: &modeltest.Reply{Text: strings.Repeat("abcd", 100), Keep: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := ollama.New(ollama.Options{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	q := model.NewPool([]model.Provider{p}, model.PoolOptions{Cache: c})
	t.Cleanup(func() { q.Close(); s.Close() })
	return s, q
}

func TestCached(t *testing.T) {
	s, p := memorized(t)
	for i := range 3 {
		var got string
		out, err := p.Chat(within(t), chat("a", "x", func(d model.Delta) error { got += d.Text; return nil }))
		if err != nil || got != strings.Repeat("abcd", 100) || out.Cached != (i > 0) {
			t.Errorf("%d: %q, %+v, %v", i, got, out, err)
		}
		if _, err := p.Refresh(within(t)); err != nil { // now the digest is known
			t.Fatal(err)
		}
		if i == 0 {
			if _, err := p.Chat(within(t), chat("a", "x", nil)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := s.Stats().Requests; n != 2 {
		t.Errorf("%d requests", n)
	}
}

// BenchmarkCached is a job of 100 tokens that was done before.
func BenchmarkCached(b *testing.B) {
	_, p := memorized(b)
	j := chat("a", strings.Repeat("some code of the user\n", 200), func(model.Delta) error { return nil })
	for range 2 { // the first makes the weights known
		if _, err := p.Chat(b.Context(), j); err != nil {
			b.Fatal(err)
		}
		if _, err := p.Refresh(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if out, err := p.Chat(b.Context(), j); err != nil || !out.Cached {
			b.Fatal(out, err)
		}
	}
}
