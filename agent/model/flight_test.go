package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// talker says ten words, one a second, and counts who asks and who leaves.
type talker struct {
	fake
	mu          sync.Mutex
	asked, left int
}

func newTalker() *talker {
	f := &talker{}
	f.name = "o"
	f.chat = func(ctx context.Context, r Request, on func(Delta) error) (Reply, error) {
		f.mu.Lock()
		f.asked++
		n := f.asked
		f.mu.Unlock()
		for i := range 10 {
			if err := sleep(ctx, time.Second); err != nil {
				f.mu.Lock()
				f.left++
				f.mu.Unlock()
				return Reply{}, err
			}
			if err := on(Delta{Text: fmt.Sprintf("%d.%d ", n, i)}); err != nil {
				return Reply{}, err
			}
		}
		return Reply{Usage: Usage{Prompt: 5, Output: 10, Cached: -1}, First: time.Second, Wall: 10 * time.Second}, nil
	}
	return f
}

const whole = "1.0 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 1.9 "

// TestJoin: identical requests run once, and everybody gets all of the reply,
// whenever he came.
func TestJoin(t *testing.T) {
	f := newTalker()
	bubble(t, PoolOptions{Slots: map[string]int{"o": 4}}, func(t *testing.T, p *Pool) {
		var wg sync.WaitGroup
		var joined atomic.Int32
		for i := range 5 {
			wg.Go(func() {
				begin := time.Now()
				var got string
				j := job("a", "the same")
				j.Delta = func(d Delta) error { got += d.Text; return nil }
				started := 0
				j.Started = func(bool) { started++ }
				out, err := p.Chat(t.Context(), j)
				if err != nil || got != whole || started != 1 || out.Usage.Output != 10 || out.Queue != 0 {
					t.Errorf("%q, %+v, %v", got, out, err)
				}
				if d := time.Since(begin); d != time.Duration(10-2*i)*time.Second {
					t.Errorf("the one who came %d s later waited %v", 2*i, d)
				}
				if out.Joined {
					joined.Add(1)
				}
			})
			time.Sleep(2 * time.Second)
		}
		wg.Wait()
		if f.asked != 1 || joined.Load() != 4 {
			t.Errorf("asked %d times, %d joined", f.asked, joined.Load())
		}
		if _, err := p.Chat(t.Context(), job("a", "the same")); err != nil || f.asked != 2 {
			t.Errorf("a reply that is over was joined: %v", err)
		}
	}, f)
}

// TestJoinDiffers: whatever differs in the request makes another.
func TestJoinDiffers(t *testing.T) {
	f := newTalker()
	bubble(t, PoolOptions{Slots: map[string]int{"o": 100}}, func(t *testing.T, p *Pool) {
		base := Request{Model: "a", Messages: []Message{{Role: User, Content: "x"}}, NumCtx: 1, MaxTokens: 2, Temperature: 0.5, Stop: []string{"s"}}
		var wg sync.WaitGroup
		for _, change := range []func(*Request){
			func(*Request) {},
			func(r *Request) { r.Model = "b" },
			func(r *Request) { r.Messages = []Message{{Role: System, Content: "x"}} },
			func(r *Request) { r.Messages = []Message{{Role: User, Content: "y"}} },
			func(r *Request) { r.Messages = []Message{{Role: User, Content: "x"}, {Role: User, Content: ""}} },
			func(r *Request) { r.NumCtx = 2 },
			func(r *Request) { r.MaxTokens = 1 },
			func(r *Request) { r.Temperature = 0.6 },
			func(r *Request) { r.Stop = []string{"s", "t"} },
			func(r *Request) { r.Stop = nil },
			func(r *Request) { r.Tools = []Tool{{Name: "t"}} },
			func(r *Request) { r.Tools = []Tool{{Name: "t", Description: "d"}} },
			func(r *Request) { r.Tools = []Tool{{Name: "t", Schema: json.RawMessage("{}")}} },
			func(r *Request) { r.Messages = []Message{{Role: User, Content: "x", Calls: []Call{{Name: "t"}}}} },
			func(r *Request) { r.Messages = []Message{{Role: User, Content: "x", CallID: "t"}} },
			func(r *Request) { r.Messages = []Message{{Role: User, Content: "x", Tool: "t"}} },
		} {
			r := base
			change(&r)
			wg.Go(func() {
				if out, err := p.Chat(t.Context(), Job{Provider: "o", Request: r}); err != nil || out.Joined {
					t.Errorf("%+v: %+v, %v", r, out, err)
				}
			})
		}
		wg.Wait()
		if f.asked != 16 {
			t.Errorf("asked %d times", f.asked)
		}
	}, f)
}

// TestJoinLeave: whoever leaves, and in whatever way, the others get their reply;
// when the last has left, the request ends and its slot is free.
func TestJoinLeave(t *testing.T) {
	own := errors.New("own")
	for _, way := range []string{"cancel", "deadline", "stop", "error", "panic"} {
		for _, leader := range []bool{true, false} {
			t.Run(fmt.Sprint(way, leader), func(t *testing.T) {
				f := newTalker()
				bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
					leave := func() {
						ctx, cancel := context.WithCancel(t.Context())
						defer cancel()
						if way == "deadline" {
							ctx, cancel = context.WithTimeout(ctx, 3500*time.Millisecond)
							defer cancel()
						}
						j := job("a", "the same")
						n := 0
						j.Delta = func(Delta) error {
							if n++; n < 3 {
								return nil
							}
							switch way {
							case "cancel":
								cancel()
							case "stop":
								return ErrStop
							case "error":
								return own
							case "panic":
								panic(own)
							}
							return nil
						}
						defer func() {
							if r := recover(); r != nil && r != any(own) {
								t.Errorf("%v", r)
							}
						}()
						out, err := p.Chat(ctx, j)
						switch way {
						case "cancel":
							if err != context.Canceled {
								t.Errorf("%v", err)
							}
						case "deadline":
							if kindOf(err) != Timeout || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "a at fake:o did not finish in time") {
								t.Errorf("%v", err)
							}
						case "stop":
							if err != nil || !out.Stopped || out.Usage.Output != 3 || out.First != time.Second || out.Wall != 3*time.Second || out.Decode != 2*time.Second {
								t.Errorf("%+v, %v", out, err)
							}
						case "error":
							if err != own {
								t.Errorf("%v", err)
							}
						}
					}
					stay := func() {
						var got string
						j := job("a", "the same")
						j.Delta = func(d Delta) error { got += d.Text; return nil }
						if _, err := p.Chat(t.Context(), j); err != nil || got != whole {
							t.Errorf("who stayed got %q, %v", got, err)
						}
					}
					var wg sync.WaitGroup
					first, second := stay, leave
					if leader {
						first, second = leave, stay
					}
					wg.Go(first)
					synctest.Wait()
					wg.Go(second)
					wg.Wait()
					if f.asked != 1 || f.left != 0 {
						t.Errorf("asked %d times, given up %d times", f.asked, f.left)
					}
					leave() // alone
					if f.asked != 2 || f.left != 1 {
						t.Errorf("alone: asked %d times, given up %d times", f.asked, f.left)
					}
					p.endpoints["o"].mu.Lock()
					defer p.endpoints["o"].mu.Unlock()
					if n := len(p.endpoints["o"].riding); n != 0 {
						t.Errorf("%d slots are not free", n)
					}
				}, f)
			})
		}
	}
}

// TestJoinQueue: those who wait together are told the same place.
func TestJoinQueue(t *testing.T) {
	f := newTalker()
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = p.Chat(t.Context(), job("a", "first")) }) // holds the slot
		synctest.Wait()
		for i := range 3 {
			wg.Go(func() {
				var told []int
				j := job("a", "the same")
				j.Queued = func(w Wait) { told = append(told, w.Ahead) }
				out, err := p.Chat(t.Context(), j)
				if err != nil || fmt.Sprint(told) != "[1]" || out.Queue != time.Duration(10-i)*time.Second {
					t.Errorf("%d: told %v, stood in line for %v, %v", i, told, out.Queue, err)
				}
			})
			time.Sleep(time.Second)
		}
		wg.Wait()
		if f.asked != 2 {
			t.Errorf("asked %d times", f.asked)
		}
	}, f)
}

// TestProviderPanic: a provider that panics ends one request, and no session.
func TestProviderPanic(t *testing.T) {
	f := newTalker()
	f.chat = func(context.Context, Request, func(Delta) error) (Reply, error) { panic("oh") }
	bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
		for range 3 {
			if _, err := p.Chat(t.Context(), job("a", "x")); kindOf(err) != Failed || !strings.Contains(err.Error(), "oh") {
				t.Errorf("%v", err)
			}
		}
	}, f)
}
