package ollama

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
)

func TestChat(t *testing.T) {
	const text = "func main() {\n\tprintln(\"é 🙂 <b>\")\n}\n"
	s, err := modeltest.New(modeltest.Script{
		Models:   []modeltest.Model{{Name: "coder:3b"}},
		Fallback: &modeltest.Reply{Text: text, Keep: true, Wire: 7},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	p := provider(t, Options{URL: s.URL})
	var got string
	r := ask("coder:3b", "write main")
	r.Messages = append([]model.Message{{Role: model.System, Content: "be brief"}}, r.Messages...)
	r.Stop = []string{"```"}
	r.Temperature = 0.2
	reply, err := p.Chat(within(t), r, collect(&got))
	if err != nil || got != text {
		t.Fatalf("%q, %v", got, err)
	}
	if reply.Stopped || reply.Length || reply.Usage.Cached != -1 || reply.Usage.Prompt == 0 || reply.Usage.Output != s.Chats()[0].Chunks {
		t.Errorf("%+v", reply)
	}
	if reply.First <= 0 || reply.Wall < reply.First {
		t.Errorf("First %v, Wall %v", reply.First, reply.Wall)
	}
	rec := s.Chats()[0]
	wantOptions := map[string]any{"num_ctx": 4096.0, "num_predict": 500.0, "temperature": 0.2, "stop": []any{"```"}}
	if d := cmp.Diff(wantOptions, rec.Options); d != "" {
		t.Error("options: " + d)
	}
	if d := cmp.Diff([]modeltest.Message{{Role: "system", Content: "be brief"}, {Role: "user", Content: "write main"}}, rec.Messages); d != "" {
		t.Error("messages: " + d)
	}
	if rec.KeepAlive != `"30m0s"` || rec.Think != "" || !rec.Stream || rec.Truncate {
		t.Errorf("%+v", rec.Request)
	}
	// The connection is kept for the next request, and so is what is known of the model.
	if _, err := p.Chat(within(t), r, collect(&got)); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Dialed != 1 || st.Shows != 1 || st.Loads != 1 {
		t.Errorf("%+v", st)
	}
}

func TestThinking(t *testing.T) {
	s, p := serve(t, `
model plain
model thinker caps=completion,thinking
model gpt-oss:20b caps=completion,thinking family=gptoss
fallback text=code thinking="hmm hmm" keep
`)
	for _, x := range []struct{ model, think, thinking string }{
		{"plain", "", ""},
		{"thinker", "false", ""},
		{"gpt-oss:20b", `"low"`, "hmm hmm"},
	} {
		var text, thinking string
		_, err := p.Chat(within(t), ask(x.model, "x"), func(d model.Delta) error {
			text += d.Text
			thinking += d.Thinking
			return nil
		})
		chats := s.Chats()
		if think := chats[len(chats)-1].Think; err != nil || text != "code" || thinking != x.thinking || think != x.think {
			t.Errorf("%s: text %q, thinking %q, think sent %q, %v", x.model, text, thinking, think, err)
		}
	}
}

func TestLength(t *testing.T) {
	_, p := serve(t, "model m\nfallback text=aaaabbbbcccc")
	r := ask("m", "x")
	r.MaxTokens = 2
	var got string
	reply, err := p.Chat(within(t), r, collect(&got))
	if err != nil || !reply.Length || got != "aaaabbbb" || reply.Usage.Output != 2 {
		t.Errorf("%q, %+v, %v", got, reply, err)
	}
}

// soon fails the test unless one of five attempts took at most 50 ms: the
// machine may be busy with other things, but not each time.
func soon(t *testing.T, attempt func(t *testing.T) time.Duration) {
	t.Helper()
	best := time.Hour
	for range 5 {
		if best = min(best, attempt(t)); best <= 50*time.Millisecond || t.Failed() {
			return
		}
	}
	t.Errorf("the server noticed after %v at best", best)
}

// TestStop: the callback has enough, the connection is closed and the slot free.
func TestStop(t *testing.T) {
	soon(t, func(t *testing.T) time.Duration {
		s, p := serve(t, "model m\nreply text=aaaabbbbccccdddd gate=never@2\nreply text=next")
		var got string
		var stopped time.Time
		reply, err := p.Chat(within(t), ask("m", "x"), func(d model.Delta) error {
			if got += d.Text; got == "aaaabbbb" {
				stopped = time.Now()
				return fmt.Errorf("the fence is closed: %w", model.ErrStop)
			}
			return nil
		})
		if err != nil || !reply.Stopped || reply.Usage.Output != 2 || reply.Usage.Cached != -1 {
			t.Fatalf("%+v, %v", reply, err)
		}
		if err := s.WaitCancelled(within(t), 1); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Chat(within(t), ask("m", "x"), collect(&got)); err != nil || got != "aaaabbbbnext" {
			t.Errorf("the next request: %q, %v", got, err)
		}
		return s.Chats()[0].Ended.Sub(stopped)
	})
}

// TestCallbackError: another error of the callback is what Chat returns.
func TestCallbackError(t *testing.T) {
	s, p := serve(t, "model m\nreply text=aaaabbbb gate=never@1")
	own := errors.New("own")
	if _, err := p.Chat(within(t), ask("m", "x"), func(model.Delta) error { return own }); !errors.Is(err, own) {
		t.Errorf("%v", err)
	}
	if err := s.WaitCancelled(within(t), 1); err != nil {
		t.Error(err)
	}
}

// TestCancel: the caller's context ends the request at any stage, to the socket.
func TestCancel(t *testing.T) {
	for _, at := range []string{"gate=stage", "gate=stage@1", "fault=stall", "fault=stall@2"} {
		t.Run(at, func(t *testing.T) {
			soon(t, func(t *testing.T) time.Duration {
				s, p := serve(t, "model m\nreply text=aaaabbbbcccc "+at)
				ctx, cancel := context.WithCancel(within(t))
				defer cancel()
				done := make(chan error, 1)
				go func() {
					_, err := p.Chat(ctx, ask("m", "x"), func(model.Delta) error { return nil })
					done <- err
				}()
				if err := s.Wait(within(t), func(st modeltest.State) bool { return st.Running == 1 }); err != nil {
					t.Fatal(err)
				}
				when := time.Now()
				cancel()
				if err := <-done; err != context.Canceled {
					t.Errorf("%v", err)
				}
				if err := s.WaitCancelled(within(t), 1); err != nil {
					t.Fatal(err)
				}
				return s.Chats()[0].Ended.Sub(when)
			})
		})
	}
}

// TestCancelledAtTheEnd: a context that ended is an error even if all of the reply came.
func TestCancelledAtTheEnd(t *testing.T) {
	_, p := serve(t, "model m\nreply text=aaaa")
	ctx, cancel := context.WithCancel(within(t))
	_, err := p.Chat(ctx, ask("m", "x"), func(model.Delta) error { cancel(); return nil })
	if err != context.Canceled {
		t.Errorf("%v", err)
	}
}

// TestTen: ten at once on one slot, all answered, each with its own answer.
func TestTen(t *testing.T) {
	script := "model m\n"
	for i := range 10 {
		script += fmt.Sprintf("reply last=question-%d! text=answer-%d!\n", i, i)
	}
	s, p := serve(t, script)
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			var got string
			if _, err := p.Chat(within(t), ask("m", fmt.Sprintf("question-%d!", i)), collect(&got)); err != nil || got != fmt.Sprintf("answer-%d!", i) {
				t.Errorf("%d: %q, %v", i, got, err)
			}
		})
	}
	wg.Wait()
	if st := s.Stats(); st.Complete != 10 || st.MaxRunning != 1 || s.Left() != 0 {
		t.Errorf("%+v", st)
	}
}

// TestLongLine: a line longer than any buffer to begin with.
func TestLongLine(t *testing.T) {
	s, err := modeltest.New(modeltest.Script{
		Models:  []modeltest.Model{{Name: "m"}},
		Replies: []modeltest.Reply{{Text: strings.Repeat("long ", 200_000), Chunk: 1 << 20}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	var got string
	if _, err := provider(t, Options{URL: s.URL}).Chat(within(t), ask("m", "x"), collect(&got)); err != nil || len(got) != 1_000_000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
