//go:build unix

package ollama

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest/realollama"
)

const realAnswer = "```go\n// Add returns the sum of é and 🙂.\nfunc Add(a, b int) int {\n\treturn a + b // <b>\n}\n```\n"

// TestReal runs the provider against a real Ollama, whose model says realAnswer.
func TestReal(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs a real server")
	}
	bin, err := realollama.Binary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	s, err := realollama.Start(ctx, bin, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	if err := s.Create(ctx, "hob-coder:1b", realAnswer); err != nil {
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
	t.Run("stop and cancel", func(t *testing.T) {
		reply, err := p.Chat(ctx, ask("hob-coder:1b", "write Add"), func(model.Delta) error { return model.ErrStop })
		if err != nil || !reply.Stopped {
			t.Errorf("%+v, %v", reply, err)
		}
		cancelled, cancel := context.WithCancel(ctx)
		defer cancel()
		if _, err := p.Chat(cancelled, ask("hob-coder:1b", "write Add"), func(model.Delta) error { cancel(); return nil }); err != context.Canceled {
			t.Errorf("%v", err)
		}
		var got string // the one slot is free again
		if _, err := p.Chat(ctx, ask("hob-coder:1b", "write Add"), collect(&got)); err != nil || got != realAnswer {
			t.Errorf("%q, %v", got, err)
		}
	})
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
