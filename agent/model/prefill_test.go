package model_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
)

// code is n lines of 40 bytes, ten tokens each at the scripted server.
func code(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "the line of code with the number %05d.\n", i)
	}
	return b.String()
}

// reading is a job about n lines of code in a file of that name; verb is what to do.
func reading(file string, n int, verb string) model.Job {
	j := chat("a", "", nil)
	j.Prefix = uint64(len(file)*1000 + n)
	j.Request.NumCtx = 32768
	j.Request.Messages = []model.Message{{Role: model.System, Content: "You are Hob."}, {Role: model.User, Content: file + "\n" + code(n)}}
	if verb != "" {
		j.Request.Messages = append(j.Request.Messages, model.Message{Role: model.User, Content: verb})
	}
	return j
}

// warm runs a test with simulated time and a pool whose model a is loaded.
func warm(t *testing.T, script string, f func(t *testing.T, s *modeltest.Server, p *model.Pool)) {
	t.Helper()
	simulated(t, "model a\nmodel b\nslots 1\nprefill 4000\n"+script, func(t *testing.T, s *modeltest.Server, p *model.Pool) {
		if err := p.Preload(within(t), "ollama", "a", 32768); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Refresh(within(t)); err != nil {
			t.Fatal(err)
		}
		f(t, s, p)
	})
}

func ends(t *testing.T, got, want model.Prefilled) {
	t.Helper()
	if got != want {
		t.Errorf("the prefill ended with %q, want %q", got, want)
	}
}

// TestPrefill: what was read ahead need not be read by the job, whatever it asks;
// and is not read twice.
func TestPrefill(t *testing.T) {
	warm(t, "fallback text=x keep", func(t *testing.T, s *modeltest.Server, p *model.Pool) {
		job := reading("main.go", 400, "")
		ends(t, p.Prefill(within(t), job), model.PrefillDone)
		asked := s.Prefills()
		if len(asked) < 2 {
			t.Errorf("%d requests: not in pieces", len(asked))
		}
		for _, r := range asked {
			if last := r.Messages[len(r.Messages)-1]; !strings.HasPrefix(last.Content, "Task:") || r.Int("num_ctx") != 32768 || r.Loaded {
				t.Errorf("%+v", r)
			}
		}
		last := asked[len(asked)-1]
		if len(last.Messages) != 3 || last.Messages[1].Content != job.Request.Messages[1].Content {
			t.Error("the last piece is not all of it")
		}
		ends(t, p.Prefill(within(t), job), model.PrefillKnown)
		for i, verb := range []string{"Task: explain it", "Task: document it"} {
			out, err := p.Chat(within(t), reading("main.go", 400, verb))
			if err != nil || out.Usage.Prompt < 4000 {
				t.Fatal(out, err)
			}
			if r := s.Chats()[i]; r.Cached < out.Usage.Prompt*95/100 {
				t.Errorf("%d of %d tokens were known", r.Cached, out.Usage.Prompt)
			}
		}
		st := p.Stats().Prefill
		if st.Issued != 1 || st.Hits != 1 || st.Aborted+st.Partly+st.Wasted != 0 || st.Tokens < 4000 {
			t.Errorf("%+v", st)
		}
		ends(t, p.Prefill(within(t), job), model.PrefillKnown) // the jobs read it
		f, _ := p.Catalog().Figures("ollama/a")
		if f.Again.N < 2 || f.Again.V > 0.2 || f.Prefill.N == 0 || f.Prefill.V < 1500 || f.Prefill.V > 8000 {
			t.Errorf("measured %+v", f)
		}
		if len(s.Prefills()) != len(asked) || s.Stats().MaxRunning != 1 {
			t.Errorf("%+v", s.Stats())
		}
	})
}

// TestPrefillYields: a job that comes meanwhile is served at once, whether it is
// the one that the prefill was for or another; a newer prefill takes its place, too.
func TestPrefillYields(t *testing.T) {
	for name, next := range map[string]func(*model.Pool, context.Context) error{
		"the job itself": func(p *model.Pool, ctx context.Context) error {
			_, err := p.Chat(ctx, reading("main.go", 400, "Task: explain it"))
			return err
		},
		"another": func(p *model.Pool, ctx context.Context) error {
			_, err := p.Chat(ctx, reading("other.go", 10, "Task: explain it"))
			return err
		},
		"a prefill": func(p *model.Pool, ctx context.Context) error {
			ends(t, p.Prefill(ctx, reading("other.go", 10, "")), model.PrefillDone)
			return nil
		},
		"a load": func(p *model.Pool, ctx context.Context) error { return p.Preload(ctx, "ollama", "b", 4096) },
	} {
		t.Run(name, func(t *testing.T) {
			warm(t, "reply ahead contains=00150 gate=hold\nfallback text=x keep", func(t *testing.T, s *modeltest.Server, p *model.Pool) {
				ended := make(chan model.Prefilled, 1)
				go func() { ended <- p.Prefill(context.Background(), reading("main.go", 400, "")) }()
				if err := s.WaitGate(within(t), "hold"); err != nil {
					t.Fatal(err)
				}
				if err := next(p, within(t)); err != nil {
					t.Error(err)
				}
				ends(t, <-ended, model.PrefillAborted)
				st := p.Stats().Prefill
				if st.Aborted != 1 || s.Stats().MaxRunning != 1 || s.Stats().Cancelled != 1 {
					t.Errorf("%+v, %+v", st, s.Stats())
				}
				switch name {
				case "the job itself":
					if st.Partly != 1 || st.Wasted != 0 {
						t.Errorf("%+v", st)
					}
				case "another", "a prefill":
					if st.Wasted < 1000 || st.Hits+st.Partly != 0 {
						t.Errorf("%+v", st)
					}
				}
			})
		})
	}
}

// TestPrefillNot: a prefill loads nothing, stands in nobody's way, and is not done
// where it brings nothing.
func TestPrefillNot(t *testing.T) {
	t.Run("not loaded", func(t *testing.T) {
		warm(t, "", func(t *testing.T, s *modeltest.Server, p *model.Pool) {
			j := reading("main.go", 10, "")
			j.Request.Model = "b"
			ends(t, p.Prefill(within(t), j), model.PrefillUnloaded)
			j = reading("main.go", 10, "")
			j.Request.NumCtx = 2048 // would be loaded anew
			ends(t, p.Prefill(within(t), j), model.PrefillUnloaded)
			if n := len(s.Prefills()); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	})
	t.Run("useless", func(t *testing.T) {
		warm(t, "forgets\nfallback text=x keep", func(t *testing.T, s *modeltest.Server, p *model.Pool) {
			ends(t, p.Prefill(within(t), reading("main.go", 400, "")), model.PrefillUseless)
			n := len(s.Prefills())
			ends(t, p.Prefill(within(t), reading("other.go", 400, "")), model.PrefillUseless)
			if n != 3 || len(s.Prefills()) != n {
				t.Errorf("%d requests, then %d", n, len(s.Prefills()))
			}
			if f, _ := p.Catalog().Figures("ollama/a"); f.Again.V < 0.5 {
				t.Errorf("%+v", f)
			}
		})
	})
	t.Run("the server fails", func(t *testing.T) {
		warm(t, "fallback ahead fault=500 keep", func(t *testing.T, _ *modeltest.Server, p *model.Pool) {
			ends(t, p.Prefill(within(t), reading("main.go", 10, "")), model.PrefillFailed)
		})
	})
	t.Run("for nothing, again and again", func(t *testing.T) {
		warm(t, "fallback text=x keep", func(t *testing.T, _ *modeltest.Server, p *model.Pool) {
			last := model.PrefillDone
			for i := range 20 {
				last = p.Prefill(within(t), reading(fmt.Sprint("file", i), 10+i, ""))
			}
			ends(t, last, model.PrefillResting)
			if st := p.Stats().Prefill; st.Issued < 5 || st.Issued > 8 || st.Wasted == 0 {
				t.Errorf("%+v", st)
			}
			if _, err := p.Chat(within(t), reading("main.go", 10, "Task: x")); err != nil {
				t.Error(err)
			}
		})
	})
}

// TestPrefillPanics: a provider that panics holds up nobody.
func TestPrefillPanics(t *testing.T) {
	p := model.NewPool([]model.Provider{panics{}}, model.PoolOptions{})
	t.Cleanup(p.Close)
	if _, err := p.Refresh(within(t)); err != nil {
		t.Fatal(err)
	}
	j := reading("main.go", 10, "")
	j.Request.NumCtx = 0
	for range 2 {
		ends(t, p.Prefill(within(t), j), model.PrefillFailed)
	}
	if _, err := p.Chat(within(t), j); err == nil || within(t).Err() != nil {
		t.Errorf("%v", err)
	}
}

// panics is a provider with a bug.
type panics struct{}

func (panics) Name() string { return "ollama" }
func (panics) URL() string  { return "" }
func (panics) List(context.Context) ([]model.Model, error) {
	return []model.Model{{Provider: "ollama", Name: "a", Resident: true, Chat: true}}, nil
}

func (panics) Chat(context.Context, model.Request, func(model.Delta) error) (model.Reply, error) {
	panic("a bug")
}
func (panics) Load(context.Context, string, int) error { return nil }
