//go:build unix

package model_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest/realollama"
	"github.com/hob-ls/hob/agent/model/ollama"
)

// realPool is a pool on a real Ollama whose model, of 126 MB, is loaded. A token
// of the model is a byte.
func realPool(ctx context.Context, t testing.TB) (*realollama.Server, *model.Pool) {
	bin, err := realollama.Binary(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s, err := realollama.Start(ctx, bin, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	if err := s.Create(ctx, "hob-coder:1b", strings.Join(strings.Split("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", ""), ", "), realollama.Wide); err != nil {
		t.Fatal(err)
	}
	provider, err := ollama.New(ollama.Options{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	p := model.NewPool([]model.Provider{provider}, model.PoolOptions{})
	t.Cleanup(p.Close)
	if err := p.Preload(ctx, "ollama", "hob-coder:1b", 8192); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	return s, p
}

// about is a job with so many tokens of code; verb, of as many tokens as the
// shortest that Hob sends, may be left out.
func about(n, tokens int, verb bool) model.Job {
	var b strings.Builder
	for i := 0; b.Len() < tokens; i++ {
		fmt.Fprintf(&b, "file %d: line %d, unlike any other line\n", n, i)
	}
	j := model.Job{Provider: "ollama", Prefix: uint64(n), Request: model.Request{
		Model: "hob-coder:1b", NumCtx: 8192, MaxTokens: 100,
		Messages: []model.Message{{Role: model.User, Content: b.String()[:tokens]}},
	}}
	if verb {
		j.Request.Messages = append(j.Request.Messages, model.Message{Role: model.User, Content: "Task: " + strings.Repeat("explain it. ", 9)})
	}
	return j
}

// firstWord is how long a job waits for the model's first word, which is all it wants.
func firstWord(ctx context.Context, t testing.TB, p *model.Pool, j model.Job) time.Duration {
	t.Helper()
	began := time.Now()
	var took time.Duration
	j.Delta = func(model.Delta) error { took = time.Since(began); return model.ErrStop }
	if _, err := p.Chat(ctx, j); err != nil {
		t.Fatal(err)
	}
	return took
}

// readings are how the server went about the first two prompts of at least that
// many tokens and not many more: a job with and one without what was read ahead.
func readings(ctx context.Context, t testing.TB, s *realollama.Server, tokens int) []realollama.Reading {
	t.Helper()
	for n := 1; ; n++ {
		all, err := s.Readings(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		all = slices.DeleteFunc(all, func(r realollama.Reading) bool { return r.Known+r.New < tokens || r.Known+r.New > tokens+100 })
		if len(all) >= 2 {
			return all[:2]
		}
	}
}

// TestRealPrefill: of what was read ahead, a real model reads next to nothing again;
// and what comes in the middle of a prefill, its own job or another, is answered,
// too. The log has the figures: what of its time the first word saves, and what it
// costs in the middle of a prefill.
func TestRealPrefill(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs a real server")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	s, p := realPool(ctx, t)
	n := 0
	next := func() int { n++; return n }
	firstWord(ctx, t, p, about(next(), 400, true)) // so that its pace is known
	for _, tokens := range []int{500, 1200} {
		cold := firstWord(ctx, t, p, about(next(), tokens, true))
		began := time.Now()
		if end := p.Prefill(ctx, about(next(), tokens, false)); end != model.PrefillDone {
			t.Fatal(end)
		}
		took := time.Since(began)
		warm := firstWord(ctx, t, p, about(n, tokens, true))
		t.Logf("%d tokens and a verb of 114: first word after %v; read ahead (in %v) after %v: %.3f", tokens, cold, took, warm, warm.Seconds()/cold.Seconds())
		jobs := readings(ctx, t, s, tokens+114)
		if first, second := jobs[0], jobs[1]; first.New < tokens || second.New > first.New/3 {
			t.Errorf("%d tokens were read without what was read ahead, %d with it", first.New, second.New)
		}
	}
	const tokens = 1000
	cold := firstWord(ctx, t, p, about(next(), tokens, true))
	for _, its := range []string{"its own job", "another job"} {
		issued := p.Stats().Prefill.Issued
		ended := make(chan model.Prefilled, 1)
		ahead := about(next(), tokens, false)
		go func() { ended <- p.Prefill(ctx, ahead) }()
		for p.Stats().Prefill.Issued == issued && ctx.Err() == nil {
			time.Sleep(time.Millisecond) // until it has begun
		}
		time.Sleep(cold / 2) // and is somewhere in the middle
		if its == "another job" {
			next()
		}
		took := firstWord(ctx, t, p, about(n, tokens, true))
		t.Logf("%s in the middle of a prefill: first word after %v, without any %v: %.2f; the prefill: %s", its, took, cold, took.Seconds()/cold.Seconds(), <-ended)
	}
	f, _ := p.Catalog().Figures("ollama/hob-coder:1b")
	t.Logf("%+v; %+v", p.Stats(), f)
}

// TestRealCancel: how soon after a cancel the slot of a real server is free.
func TestRealCancel(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs a real server")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	_, p := realPool(ctx, t)
	small := func(i int) time.Duration { return firstWord(ctx, t, p, about(1, 20+i, true)) }
	small(0)
	var idle, after []time.Duration
	for i := range 5 {
		idle = append(idle, small(2*i+1))
		cancelled, stop := context.WithCancel(ctx)
		j := about(1, 60+i, true)
		heard := 0
		j.Delta = func(model.Delta) error {
			if heard++; heard == 3 {
				stop()
			}
			return nil
		}
		if _, err := p.Chat(cancelled, j); err != context.Canceled {
			t.Fatal(err)
		}
		after = append(after, small(2*i+2))
	}
	t.Logf("first word of a small job: idle %v, right after a cancel %v", idle, after)
}
