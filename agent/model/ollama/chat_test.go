package ollama

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
)

func TestChat(t *testing.T) {
	const text = "func main() {\n\tprintln(\"é 🙂 <b>\")\n}\n"
	simulated(t, "prefill 10\nmodel coder:3b\nfallback keep wire=7 text="+strconv.Quote(text), Options{}, func(t *testing.T, s *modeltest.Server, p *Provider) {
		var got string
		r := ask("coder:3b", "write main")
		r.Messages = append([]model.Message{{Role: model.System, Content: "be brief"}}, r.Messages...)
		r.Stop = []string{"```"}
		r.Temperature = 0.2
		r.Format = json.RawMessage(`{"type":"object"}`)
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
		if rec.KeepAlive != `"30m0s"` || rec.Think != "" || rec.Format != `{"type":"object"}` || !rec.Stream || rec.Truncate {
			t.Errorf("%+v", rec.Request)
		}
		// The connection is kept for the next request, and so is what is known of the model.
		if _, err := p.Chat(within(t), r, collect(&got)); err != nil {
			t.Fatal(err)
		}
		if st := s.Stats(); st.Dialed != 1 || st.Shows != 1 || st.Loads != 1 {
			t.Errorf("%+v", st)
		}
	})
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

// TestCancelledAtTheEnd: a context that ended is an error even if all of the reply came.
func TestCancelledAtTheEnd(t *testing.T) {
	_, p := serve(t, "model m\nreply text=aaaa")
	ctx, cancel := context.WithCancel(within(t))
	_, err := p.Chat(ctx, ask("m", "x"), func(model.Delta) error { cancel(); return nil })
	if err != context.Canceled {
		t.Errorf("%v", err)
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
