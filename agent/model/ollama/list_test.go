package ollama

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
)

func TestList(t *testing.T) {
	s, p := serve(t, `
model qwen2.5-coder:3b params=3.1B bytes=1900 context=32768 caps=completion,tools,insert
model qwen3:8b params=8.2B family=qwen3 bytes=5200 context=40960 caps=completion,tools,thinking
model nomic-embed-text params=137M family=nomic-bert bytes=270 context=2048 caps=embedding
model gpt-oss:120b-cloud params=116.8B family=gptoss bytes=384 caps=completion,thinking remote=https://ollama.com:443
fallback text=x
`)
	if err := p.Load(within(t), "qwen2.5-coder:3b", 8192); err != nil {
		t.Fatal(err)
	}
	want := []model.Model{
		{Provider: "ollama", Name: "gpt-oss:120b-cloud", Params: 116_800_000_000, Bytes: 384, Family: "gptoss", Context: 32768, Chat: true, Thinks: true, Remote: true},
		{Provider: "ollama", Name: "nomic-embed-text:latest", Params: 137_000_000, Bytes: 270, Family: "nomic-bert", Context: 2048},
		{Provider: "ollama", Name: "qwen2.5-coder:3b", Params: 3_100_000_000, Bytes: 1900, Family: "qwen2", Context: 32768, Chat: true, Coder: true, Tools: true, Resident: true, NumCtx: 8192, Memory: 1900, VRAM: 1900},
		{Provider: "ollama", Name: "qwen3:8b", Params: 8_200_000_000, Bytes: 5200, Family: "qwen3", Context: 40960, Chat: true, Thinks: true, Tools: true},
	}
	for range 2 {
		got, err := p.List(within(t))
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if len(got[i].Digest) != 64 {
				t.Errorf("%s has the digest %q", got[i].Name, got[i].Digest)
			}
			got[i].Digest = ""
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	if st := s.Stats(); st.Lists != 2 || st.Shows != 4 {
		t.Errorf("what does not change was asked for again: %+v", st)
	}
	// Chat knows from the list what the model can.
	if _, err := p.Chat(within(t), ask("qwen3:8b", "x"), func(model.Delta) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Shows != 4 || s.Chats()[0].Think != "false" {
		t.Errorf("%+v", st)
	}
}

func TestLoad(t *testing.T) {
	s, p := serve(t, "model a load=20ms\nmodel b\nfallback text=x keep")
	begin := time.Now()
	if err := p.Load(within(t), "a", 8192); err != nil || time.Since(begin) < 20*time.Millisecond {
		t.Fatalf("after %v: %v", time.Since(begin), err)
	}
	r := ask("a", "x")
	r.NumCtx = 8192
	if _, err := p.Chat(within(t), r, func(model.Delta) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if n := s.Stats().Loads; n != 1 {
		t.Errorf("%d loads: the chat after Load loaded again", n)
	}
	check(t, p.Load(within(t), "c", 8192), model.Missing, "does not have the model c", "pull")
	if rec := s.State().Records[0]; rec.Path != "/api/generate" || rec.Int("num_ctx") != 8192 || len(rec.Options) != 1 || rec.KeepAlive != `"30m0s"` {
		t.Errorf("%+v", rec.Request)
	}
}

func TestLoadCancelled(t *testing.T) {
	s, p := serve(t, "model a load=1h")
	ctx, cancel := context.WithCancel(within(t))
	done := make(chan error, 1)
	go func() { done <- p.Load(ctx, "a", 0) }()
	if err := s.Wait(within(t), func(st modeltest.State) bool { return st.Loads == 1 }); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err != context.Canceled {
		t.Errorf("%v", err)
	}
}

// TestOldServer: one that tells no capabilities, fails to show a model and does not know /api/ps.
func TestOldServer(t *testing.T) {
	url := listen(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/tags":
			_, _ = fmt.Fprint(w, `{"models":[
				{"name":"starcoder2:3b","digest":"1","size":5,"details":{"family":"starcoder2","parameter_size":"3B"}},
				{"name":"mxbai-embed-large:latest","digest":"2","details":{"family":"bert","parameter_size":"334M"}},
				{"name":"mixtral:8x7b","digest":"3","details":{"family":"llama","parameter_size":"8x7B"}}]}`)
		case "/api/show":
			_, _ = fmt.Fprint(w, `{"details":{},"model_info":{"general.architecture":"llama","llama.context_length":16384}}`)
		default:
			http.NotFound(w, r)
		}
	})
	got, err := provider(t, Options{URL: url, Name: "old"}).List(within(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []model.Model{
		{Provider: "old", Name: "mixtral:8x7b", Params: 56_000_000_000, Family: "llama", Context: 16384, Chat: true},
		{Provider: "old", Name: "mxbai-embed-large:latest", Params: 334_000_000, Family: "bert", Context: 16384},
		{Provider: "old", Name: "starcoder2:3b", Params: 3_000_000_000, Bytes: 5, Family: "starcoder2", Context: 16384, Chat: true, Coder: true},
	}
	for i := range want {
		want[i].Digest = got[i].Digest
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestListDeadline(t *testing.T) {
	hold := make(chan struct{})
	url := listen(t, func(http.ResponseWriter, *http.Request) { <-hold })
	defer close(hold)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err := provider(t, Options{URL: url}).List(ctx)
	check(t, err, model.Timeout, "did not finish in time", "")
}

func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		"http://127.0.0.1:11434":    "http://127.0.0.1:11434",
		"http://127.0.0.1:11434/":   "http://127.0.0.1:11434",
		"https://gpu.example.test":  "https://gpu.example.test",
		"http://[::1]:11434/ollama": "http://[::1]:11434/ollama",
		"127.0.0.1":                 "http://127.0.0.1:11434",
		"gpu:8080":                  "http://gpu:8080",
		":8080":                     "http://127.0.0.1:8080",
		"0.0.0.0":                   "http://127.0.0.1:11434",
		"http://0.0.0.0:11434":      "http://127.0.0.1:11434",
	} {
		if got := provider(t, Options{URL: in}).URL(); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for _, in := range []string{"", "ftp://x", "http://", "http://a b", "http://x?y=z", "unix:///tmp/x"} {
		if p, err := New(Options{URL: in}); err == nil || !strings.Contains(err.Error(), "http://127.0.0.1:11434") {
			t.Errorf("%q: %v, %v", in, p, err)
		}
	}
}
