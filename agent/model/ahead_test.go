package model

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestPrefillWaits: where the endpoint is busy a prefill waits a little for it; a
// job, a newer prefill, or its caller's leaving end the wait.
func TestPrefillWaits(t *testing.T) {
	type end struct {
		end   Prefilled
		after time.Duration
	}
	ahead := func(ctx context.Context, p *Pool, prefix uint64) <-chan end {
		ended := make(chan end, 1)
		begin := time.Now()
		go func() {
			j := job("a", "code")
			j.Prefix = prefix
			got := p.Prefill(ctx, j)
			ended <- end{got, time.Since(begin)}
		}()
		synctest.Wait()
		return ended
	}
	for name, c := range map[string]struct {
		load bool          // what is under way: the load of a model, or else a job
		busy time.Duration // for how long
		then func(context.Context, *testing.T, *Pool)
		want end
	}{
		"for a job":    {busy: 3 * time.Second, want: end{PrefillDone, 4 * time.Second}},
		"for a load":   {load: true, busy: 3 * time.Second, want: end{PrefillDone, 4 * time.Second}},
		"not for ever": {busy: time.Minute, want: end{PrefillBusy, patience}},
		"a job comes": {busy: 3 * time.Second, want: end{PrefillBusy, time.Second}, then: func(ctx context.Context, t *testing.T, p *Pool) {
			if _, err := p.Chat(ctx, job("a", "another job")); err != nil {
				t.Error(err)
			}
		}},
		"a newer one comes": {busy: 3 * time.Second, want: end{PrefillBusy, time.Second}, then: func(ctx context.Context, t *testing.T, p *Pool) {
			if got := <-ahead(ctx, p, 2); got != (end{PrefillDone, 3 * time.Second}) {
				t.Errorf("the newer one: %+v", got)
			}
		}},
		"a load comes": {busy: 3 * time.Second, want: end{PrefillDone, 7 * time.Second}, then: func(ctx context.Context, t *testing.T, p *Pool) {
			if err := p.Preload(ctx, "o", "b", 0); err != nil {
				t.Error(err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{
				name: "o",
				list: func(context.Context) ([]Model, error) {
					return []Model{{Provider: "o", Name: "a", Resident: true}, {Provider: "o", Name: "b"}}, nil
				},
				load: func(ctx context.Context, _ string, _ int) error { return sleep(ctx, 3*time.Second) },
				chat: func(ctx context.Context, r Request, _ func(Delta) error) (Reply, error) {
					if r.MaxTokens == 1 {
						return Reply{Prefill: time.Millisecond}, sleep(ctx, time.Second)
					}
					return Reply{}, sleep(ctx, c.busy)
				},
			}
			bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
				if _, err := p.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
				done := make(chan error, 1)
				go func() {
					if c.load {
						done <- p.Preload(t.Context(), "o", "b", 0)
						return
					}
					_, err := p.Chat(t.Context(), job("a", "a job"))
					done <- err
				}()
				synctest.Wait()
				ended := ahead(t.Context(), p, 1)
				time.Sleep(time.Second)
				if c.then != nil {
					c.then(t.Context(), t, p)
				}
				if got := <-ended; got != c.want {
					t.Errorf("%+v, want %+v", got, c.want)
				}
				if err := <-done; err != nil {
					t.Error(err)
				}
			}, f)
		})
	}
	t.Run("its caller leaves", func(t *testing.T) {
		f := &fake{
			name: "o",
			list: func(context.Context) ([]Model, error) {
				return []Model{{Provider: "o", Name: "a", Resident: true}}, nil
			},
			chat: func(ctx context.Context, _ Request, _ func(Delta) error) (Reply, error) {
				return Reply{}, sleep(ctx, 3*time.Second)
			},
		}
		bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
			if _, err := p.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { _, err := p.Chat(t.Context(), job("a", "a job")); done <- err }()
			synctest.Wait()
			ctx, cancel := context.WithCancel(t.Context())
			ended := ahead(ctx, p, 1)
			cancel()
			if got := <-ended; got != (end{PrefillAborted, 0}) {
				t.Errorf("%+v", got)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
			if n := p.Stats().Prefill.Issued; n != 0 {
				t.Errorf("%d prefills were begun", n)
			}
		}, f)
	})
}
