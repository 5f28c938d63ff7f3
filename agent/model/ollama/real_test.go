//go:build unix

package ollama

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest/realollama"
)

const realAnswer = "```go\n// Add returns the sum of é and 🙂.\nfunc Add(a, b int) int {\n\treturn a + b // <b>\n}\n```\n"

// realServer starts a real Ollama, with env beside its own, and a context that ends
// after limit.
func realServer(t *testing.T, limit time.Duration, env ...string) (context.Context, *realollama.Server) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs a real server")
	}
	bin, err := realollama.Binary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	s, err := realollama.Start(ctx, bin, t.TempDir(), env...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return ctx, s
}

// TestReal runs the provider against a real Ollama, whose model says realAnswer.
func TestReal(t *testing.T) {
	ctx, s := realServer(t, 10*time.Minute, "OLLAMA_MAX_LOADED_MODELS=1")
	if err := s.Create(ctx, "hob-coder:1b", realAnswer, 0); err != nil {
		t.Fatal(err)
	}
	p := provider(t, Options{URL: s.URL})
	noText := func(model.Delta) error { return nil }

	find := func(t *testing.T) model.Model {
		t.Helper()
		models, err := p.List(ctx)
		i := slices.IndexFunc(models, func(m model.Model) bool { return m.Name == "hob-coder:1b" })
		if err != nil || i < 0 {
			t.Fatalf("%+v, %v", models, err)
		}
		return models[i]
	}
	t.Run("list", func(t *testing.T) {
		m := find(t)
		if m.Family != "qwen2" || !m.Chat || !m.Coder || m.Thinks || m.Remote || m.Resident || m.Context != 32768 || m.Params < 100_000 || m.Bytes < 400_000 {
			t.Errorf("%+v", m)
		}
	})
	t.Run("missing", func(t *testing.T) {
		_, err := p.Chat(ctx, ask("nowhere:7b", "x"), noText)
		check(t, err, model.Missing, "nowhere:7b", "`ollama pull nowhere:7b`")
		check(t, p.Load(ctx, "nowhere:7b", 4096), model.Missing, "nowhere:7b", "`ollama pull nowhere:7b`")
	})
	t.Run("load", func(t *testing.T) {
		if err := p.Load(ctx, "hob-coder:1b", 4096); err != nil {
			t.Fatal(err)
		}
		if m := find(t); !m.Resident || m.NumCtx != 4096 {
			t.Errorf("%+v", m)
		}
	})
	t.Run("chat", func(t *testing.T) {
		var got string
		deltas := 0
		reply, err := p.Chat(ctx, ask("hob-coder:1b", "write Add"), func(d model.Delta) error {
			got += d.Text
			deltas++
			return nil
		})
		if err != nil || got != realAnswer || deltas < 10 {
			t.Fatalf("%q in %d pieces, %v", got, deltas, err)
		}
		if reply.Usage.Prompt == 0 || reply.Usage.Output < 10 || reply.Length || reply.Prefill <= 0 || reply.Decode <= 0 {
			t.Errorf("%+v", reply)
		}
	})
	t.Run("limit", func(t *testing.T) {
		r := ask("hob-coder:1b", "write Add")
		r.MaxTokens = 3
		var got string
		reply, err := p.Chat(ctx, r, collect(&got))
		if err != nil || !reply.Length || !strings.HasPrefix(realAnswer, got) || got == realAnswer {
			t.Errorf("%q, %+v, %v", got, reply, err)
		}
	})
	t.Run("too large", func(t *testing.T) {
		_, err := p.Chat(ctx, ask("hob-coder:1b", strings.Repeat("x y ", 3000)), noText)
		check(t, err, model.TooLarge, "too long", "select less")
	})
	t.Run("prefix", func(t *testing.T) {
		code := strings.Repeat("some code of the user, and more\n", 60)
		verbs := []string{"explain", "document", "fix", "explain"}
		for _, verb := range verbs {
			reply, err := p.Chat(ctx, ask("hob-coder:1b", code+verb), noText)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: read in %v", verb, reply.Prefill)
		}
		const before = 2 // prompts that were read so far
		all, err := s.Readings(ctx, before+len(verbs))
		if err != nil {
			t.Fatal(err)
		}
		all = all[before:]
		t.Logf("%+v", all)
		for i, r := range all {
			if again := i > 0; again && r.New > all[0].New/20 || !again && r.New < len(code)/20 {
				t.Errorf("%d: %d tokens were read, %d known", i, r.New, r.Known)
			}
		}
	})
	t.Run("swaps", func(t *testing.T) { realSwaps(ctx, t, s, p) })
	t.Run("killed", func(t *testing.T) {
		killed := false
		_, err := p.Chat(ctx, ask("hob-coder:1b", "write Add"), func(model.Delta) error {
			if !killed {
				killed = true
				s.Kill()
			}
			return nil
		})
		if err == nil { // all of it may have been on the way already
			t.Log("the reply was faster than the kill")
		} else {
			check(t, err, model.Incomplete, "ended before", "")
		}
		_, err = p.Chat(ctx, ask("hob-coder:1b", "x"), noText)
		check(t, err, model.Unreachable, s.URL, "`ollama serve`")
	})
}

// numbers is an answer of n tokens.
func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%03d ", i)
	}
	return b.String()
}

// realSwaps runs twenty jobs that come alternating for two models through a pool
// and counts the loads in the server's log: one model fits at a time. Four are what
// the order of the line brings, and whoever was held up for fifteen seconds goes first:
// a machine that is slow may need one more for each of these.
func realSwaps(ctx context.Context, t *testing.T, s *realollama.Server, p *Provider) {
	if err := s.Create(ctx, "hob-other:1b", numbers(40), 0); err != nil {
		t.Fatal(err)
	}
	pool := model.NewPool([]model.Provider{p}, model.PoolOptions{})
	defer pool.Close()
	names := []string{"hob-coder:1b", "hob-other:1b"}
	before, begin := loads(t, s), time.Now()
	var inLine, all sync.WaitGroup
	hold := make(chan struct{})
	for i := range 20 {
		inLine.Add(1)
		once := sync.OnceFunc(inLine.Done)
		all.Go(func() {
			defer once()
			j := model.Job{Provider: "ollama", Request: ask(names[i%2], fmt.Sprintf("write Add, the %d. time", i))}
			j.Queued = func(model.Wait) { once() }
			j.Delta = func(model.Delta) error {
				if i == 0 {
					once()
					<-hold // until all others stand in line
				}
				return nil
			}
			if i == 0 {
				j.Started = func(bool) { once() }
			}
			if _, err := pool.Chat(ctx, j); err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
		if i == 0 {
			inLine.Wait()
		}
	}
	inLine.Wait()
	close(hold)
	all.Wait()
	took := time.Since(begin)
	n := loads(t, s) - before
	t.Logf("%d loads for twenty jobs in %v", n, took)
	if n < 1 || n > 4+int(took/(15*time.Second)) {
		t.Error("too many of them, or none")
	}
}

// loads counts the runners that the server has started.
func loads(t *testing.T, s *realollama.Server) int {
	t.Helper()
	b, err := os.ReadFile(s.Log)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(b), `msg="loaded runners"`)
}

// TestRealSlots: how many requests a real server serves at once is learnt, and it
// serves them all. The model takes its time: from one that is done in no time nothing
// is learnt, and what is asked to learn is not measured.
func TestRealSlots(t *testing.T) {
	ctx, s := realServer(t, 10*time.Minute, "OLLAMA_NUM_PARALLEL=2")
	if err := s.Create(ctx, "hob-coder:1b", numbers(40), realollama.Wide); err != nil {
		t.Fatal(err)
	}
	p := provider(t, Options{URL: s.URL})
	pool := model.NewPool([]model.Provider{p}, model.PoolOptions{Slots: map[string]int{"ollama": model.Learn}})
	defer pool.Close()
	var running, most atomic.Int32
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			j := model.Job{Provider: "ollama", Request: ask("hob-coder:1b", fmt.Sprintf("write Add, the %d. time", i))}
			heard := false
			j.Delta = func(model.Delta) error {
				if !heard {
					heard = true
					if n := running.Add(1); n > most.Load() {
						most.Store(n)
					}
				}
				return nil
			}
			_, err := pool.Chat(ctx, j)
			running.Add(-1)
			if err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	all.Wait()
	f, _ := pool.Catalog().Figures("ollama/hob-coder:1b")
	t.Logf("up to %d replies at once; measured %+v", most.Load(), f)
	if most.Load() < 2 {
		t.Error("a server with two slots was never sent a second request")
	}
	if f.Decode.N < 4 {
		t.Error("next to nothing was measured")
	}
}

// TestRealCancel: whoever stops or cancels leaves the one slot free. The model takes
// its time as real ones do: Ollama 0.17.4 waits for a client that is gone, and for
// good, if the next token comes before it has noticed.
func TestRealCancel(t *testing.T) {
	ctx, s := realServer(t, 10*time.Minute)
	if err := s.Create(ctx, "hob-coder:1b", realAnswer, realollama.Wide); err != nil {
		t.Fatal(err)
	}
	p := provider(t, Options{URL: s.URL})
	reply, err := p.Chat(ctx, ask("hob-coder:1b", "write Add"), func(model.Delta) error { return model.ErrStop })
	if err != nil || !reply.Stopped {
		t.Errorf("%+v, %v", reply, err)
	}
	for range 2 {
		cancelled, stop := context.WithCancel(ctx)
		if _, err := p.Chat(cancelled, ask("hob-coder:1b", "write Add"), func(model.Delta) error { stop(); return nil }); err != context.Canceled {
			t.Errorf("%v", err)
		}
		stop()
		var got string
		if _, err := p.Chat(ctx, ask("hob-coder:1b", "write Add"), collect(&got)); err != nil || got != realAnswer {
			t.Fatalf("%q, %v", got, err)
		}
	}
}

// TestRealCalls: a real server finds the call in what its model says, and the
// model goes on when it has the result.
func TestRealCalls(t *testing.T) {
	ctx, s := realServer(t, 10*time.Minute)
	const call, answer = "I look.\n<tool_call>\n{\"name\": \"read\", \"arguments\": {\"path\": \"a.go\"}}\n</tool_call>", "The file holds nothing."
	if err := s.CreateCaller(ctx, "hob-caller:1b", call, answer); err != nil {
		t.Fatal(err)
	}
	if err := s.Create(ctx, "hob-coder:1b", answer, 0); err != nil {
		t.Fatal(err)
	}
	p := provider(t, Options{URL: s.URL})
	models, err := p.List(ctx)
	if err != nil || len(models) != 2 || models[0].Name != "hob-caller:1b" || !models[0].Tools || models[1].Tools {
		t.Fatalf("%+v, %v", models, err)
	}
	r := offer("hob-caller:1b", "what is in a.go?")
	var first, then model.Delta
	reply, err := p.Chat(ctx, r, gather(&first))
	if err != nil || first.Text != "I look.\n" || len(first.Calls) != 1 || reply.Length || reply.Usage.Output < 10 {
		t.Fatalf("%+v, %+v, %v", first, reply, err)
	}
	c := first.Calls[0]
	if c.Name != "read" || c.Arguments != `{"path":"a.go"}` || c.ID == "" {
		t.Errorf("%+v", c)
	}
	r.Messages = append(r.Messages,
		model.Message{Role: model.Assistant, Content: first.Text, Calls: []model.Call{{ID: c.ID, Name: c.Name, Arguments: c.Arguments}}},
		model.Message{Role: model.ToolResult, Content: "", CallID: c.ID, Tool: c.Name})
	if reply, err := p.Chat(ctx, r, gather(&then)); err != nil || then.Text != answer || then.Calls != nil {
		t.Errorf("%+v, %+v, %v", then, reply, err)
	}
	if _, err := p.Chat(ctx, offer("hob-coder:1b", "x"), gather(&then)); !errors.Is(err, model.ErrNoTools) {
		t.Errorf("tools for a model without: %#v", err)
	}
	var stopped model.Delta
	reply, err = p.Chat(ctx, offer("hob-caller:1b", "what is in a.go?"), func(d model.Delta) error {
		_ = gather(&stopped)(d) // never fails
		if len(d.Calls) > 0 {
			return model.ErrStop
		}
		return nil
	})
	if err != nil || !reply.Stopped || len(stopped.Calls) != 1 {
		t.Errorf("%+v, %+v, %v", stopped, reply, err)
	}
}
