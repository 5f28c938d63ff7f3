package model

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

// hall is a server with some slots and a line of its own, as Ollama has.
type hall struct {
	fake
	slots chan struct{}
	mu    sync.Mutex
	sent  int // requests that it has now, waiting ones included
	most  int // of them at once
}

func newHall(slots int) *hall {
	h := &hall{slots: make(chan struct{}, slots)}
	h.name = "o"
	h.chat = func(ctx context.Context, r Request, on func(Delta) error) (Reply, error) {
		h.mu.Lock()
		h.sent++
		h.most = max(h.most, h.sent)
		h.mu.Unlock()
		defer func() {
			h.mu.Lock()
			h.sent--
			h.mu.Unlock()
		}()
		select {
		case h.slots <- struct{}{}:
		case <-ctx.Done():
			return Reply{}, ctx.Err()
		}
		defer func() { <-h.slots }()
		for range 10 {
			if err := sleep(ctx, 100*time.Millisecond); err != nil {
				return Reply{}, err
			}
			if err := on(Delta{Text: "x"}); err != nil {
				return Reply{}, err
			}
		}
		return Reply{Usage: Usage{Prompt: 100, Cached: 0, Output: 10}, Prefill: 100 * time.Millisecond, Decode: 900 * time.Millisecond}, nil
	}
	return h
}

// TestLearn: the pool finds out how many requests a server serves at once, and
// leaves one that serves one alone.
func TestLearn(t *testing.T) {
	for slots, want := range map[int]int{1: 1, 2: 2, 3: 3, 4: 4, 8: mostSlots} {
		t.Run(fmt.Sprint(slots), func(t *testing.T) {
			h := newHall(slots)
			bubble(t, PoolOptions{Slots: map[string]int{"o": Learn}}, func(t *testing.T, p *Pool) {
				h.slots = make(chan struct{}, slots) // of the bubble
				run := func(n int, model func(i int) string) time.Duration {
					begin := time.Now()
					var wg sync.WaitGroup
					for i := range n {
						wg.Go(func() {
							if _, err := p.Chat(t.Context(), job(model(i), fmt.Sprint(i))); err != nil {
								t.Error(err)
							}
						})
					}
					wg.Wait()
					return time.Since(begin)
				}
				one := func(int) string { return "a" }
				run(40, one)
				if got := p.endpoints["o"].slots; got != want {
					t.Errorf("%d slots, want %d", got, want)
				}
				h.most = 0
				if d, best := run(40, one), time.Duration((40+want-1)/want)*time.Second; d > best+time.Second {
					t.Errorf("40 requests took %v, at best %v", d, best)
				}
				if h.most > want+1 { // one may be a trial
					t.Errorf("%d requests at once", h.most)
				}
				if n := p.endpoints["o"].learner.pause; want < mostSlots && n != tryAgain {
					t.Errorf("no end to the trials: %v", n)
				}
				f, _ := p.Catalog().Figures("o/a")
				if f.Decode.V < 9.9 || f.Decode.V > 10.1 {
					t.Errorf("%+v", f.Decode)
				}
			}, h)
		})
	}
}

// TestLearnLess: a server that was started again with fewer slots is noticed, and
// no trial swaps models.
func TestLearnLess(t *testing.T) {
	h := newHall(3)
	bubble(t, PoolOptions{Slots: map[string]int{"o": Learn}}, func(t *testing.T, p *Pool) {
		h.slots = make(chan struct{}, 3) // of the bubble
		run := func(n int, models ...string) {
			var wg sync.WaitGroup
			for i := range n {
				wg.Go(func() {
					if _, err := p.Chat(t.Context(), job(models[i%len(models)], fmt.Sprint(i))); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		run(10, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
		if h.most != 1 {
			t.Errorf("%d requests at once, though each wants its own model", h.most)
		}
		run(30, "a")
		if p.endpoints["o"].slots != 3 {
			t.Fatalf("%d slots", p.endpoints["o"].slots)
		}
		h.slots = make(chan struct{}, 1)
		run(60, "a")
		if p.endpoints["o"].slots != 1 {
			t.Errorf("%d slots", p.endpoints["o"].slots)
		}
		h.slots = make(chan struct{}, 2) // and again with more
		time.Sleep(tryRarely)
		run(30, "a")
		if p.endpoints["o"].slots != 2 {
			t.Errorf("%d slots", p.endpoints["o"].slots)
		}
	}, h)
}

// slotted is a provider whose server says how many slots it has.
type slotted struct {
	*hall
	n int
}

func (s slotted) Slots() int { return s.n }

func TestSlotsSaid(t *testing.T) {
	for configured, want := range map[int]int{Learn: 6, 0: 1, 2: 2} {
		bubble(t, PoolOptions{Slots: map[string]int{"o": configured}}, func(t *testing.T, p *Pool) {
			if _, err := p.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := p.endpoints["o"].slots; got != want {
				t.Errorf("configured %d: %d slots, want %d", configured, got, want)
			}
		}, slotted{newHall(6), 6})
	}
}
