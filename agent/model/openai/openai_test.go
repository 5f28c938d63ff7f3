package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func serve(t testing.TB, script string, opts Options) (*modeltest.Server, *Provider) {
	t.Helper()
	sc, err := modeltest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	s, err := modeltest.New(sc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	opts.URL = s.URL
	return s, provider(t, opts)
}

func provider(t testing.TB, opts Options) *Provider {
	t.Helper()
	opts.Name = "it"
	p, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// answers serves a stream of the test's own, for what no script would say.
func answers(t testing.TB, status int, stream string) *Provider {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, stream)
			return
		}
		if r.URL.Path != "/v1/models" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, `{"object":"list","data":[{"id":"m","owned_by":"openai"}]}`)
	}))
	t.Cleanup(s.Close)
	return provider(t, Options{URL: s.URL})
}

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func ask(name, content string) model.Request {
	return model.Request{Model: name, Messages: []model.Message{{Role: model.User, Content: content}}, NumCtx: 4096, MaxTokens: 500}
}

func collect(text *string) func(model.Delta) error {
	return func(d model.Delta) error { *text += d.Text; return nil }
}

func check(t *testing.T, err error, kind model.Kind, message, hint string) {
	t.Helper()
	var e *model.Error
	if !errors.As(err, &e) || e.Kind != kind || !strings.Contains(e.Message, message) || !strings.Contains(e.Hint, hint) {
		t.Errorf("got %#v, want %s, %q, %q", err, kind, message, hint)
	}
}

// TestList: what each server tells of its models.
func TestList(t *testing.T) {
	const models = "numctx 8192\nslots 3\nmodel qwen2.5-coder-7b-instruct params=7.6B bytes=4700 context=32768 family=qwen2\nmodel nomic-embed-text params=137M caps=embedding family=nomic-bert bytes=1\nfallback keep text=x\n"
	coder := model.Model{Provider: "it", Name: "qwen2.5-coder-7b-instruct", Params: 7_000_000_000, Chat: true, Coder: true}
	embed := model.Model{Provider: "it", Name: "nomic-embed-text"}
	edit := func(m model.Model, f func(*model.Model)) model.Model { f(&m); return m }
	for _, x := range []struct {
		surface string
		slots   int
		want    []model.Model
	}{
		{"ollama", 0, []model.Model{embed, coder}},
		{"litellm", 0, []model.Model{embed, coder}},
		{"vllm", 0, []model.Model{
			edit(embed, func(m *model.Model) { m.Context, m.NumCtx, m.Resident = 8192, 8192, true }),
			edit(coder, func(m *model.Model) { m.Context, m.NumCtx, m.Resident = 8192, 8192, true }),
		}},
		{"llama-server", 3, []model.Model{
			edit(embed, func(m *model.Model) {
				m.Context, m.NumCtx, m.Resident, m.Params, m.Bytes = 8192, 8192, true, 137_000_000, 1
			}),
			edit(coder, func(m *model.Model) {
				m.Context, m.NumCtx, m.Resident, m.Params, m.Bytes = 8192, 8192, true, 7_600_000_000, 4700
			}),
		}},
		{"lmstudio", 0, []model.Model{
			edit(embed, func(m *model.Model) { m.Context, m.Family = 32768, "nomic-bert" }),
			edit(coder, func(m *model.Model) { m.Context, m.Family, m.Resident, m.NumCtx = 32768, "qwen2", true, 8192 }),
		}},
	} {
		t.Run(x.surface, func(t *testing.T) {
			s, p := serve(t, models+"surface "+x.surface, Options{})
			if err := p.Load(within(t), coder.Name, 0); err != nil {
				t.Fatal(err)
			}
			got, err := p.List(within(t))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(x.want, got); d != "" {
				t.Error(d)
			}
			if p.Slots() != x.slots {
				t.Errorf("%d slots", p.Slots())
			}
			if n := s.Stats().Requests; (n == 0) != p.known().serves() {
				t.Errorf("%d requests to load", n)
			}
			check(t, p.Load(within(t), "gone", 0), model.Missing, "does not have the model gone", "")
		})
	}
}

// TestKeepAlive: LM Studio is told how long to keep what it loads for us, nobody else is.
func TestKeepAlive(t *testing.T) {
	for surface, want := range map[string]string{"lmstudio": "1800", "litellm": "", "vllm": ""} {
		s, p := serve(t, "model m\nfallback text=x\nsurface "+surface, Options{})
		if _, err := p.Chat(within(t), ask("m", "x"), func(model.Delta) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if got := s.Chats()[0].KeepAlive; got != want {
			t.Errorf("%s: ttl %q", surface, got)
		}
	}
}

// TestKey: the key is sent, its absence and its faults are explained, and it is
// in no message.
func TestKey(t *testing.T) {
	const secret = "sk-very-secret"
	chat := func(p *Provider) error {
		_, err := p.Chat(within(t), ask("m", "x"), func(model.Delta) error { return nil })
		return err
	}
	s, p := serve(t, "model m\nfallback keep text=x\nkey "+secret, Options{APIKeyEnv: "HOB_TEST_KEY"})
	check(t, chat(p), model.Failed, "(401)", "HOB_TEST_KEY, which providers.it.api_key_env names, is empty")
	t.Setenv("HOB_TEST_KEY", "sk-wrong")
	err := chat(p)
	check(t, err, model.Failed, "(401)", "check the key in the environment variable HOB_TEST_KEY")
	if e := err.(*model.Error); strings.Contains(e.Message+e.Hint, "sk-") {
		t.Errorf("the key is in %q", e.Message)
	}
	t.Setenv("HOB_TEST_KEY", secret+"\n")
	if err := chat(p); err != nil {
		t.Error(err)
	}
	if m, err := p.List(within(t)); err != nil || len(m) != 1 {
		t.Errorf("%v, %v", m, err)
	}
	p = provider(t, Options{URL: s.URL})
	check(t, chat(p), model.Failed, "(401)", "set providers.it.api_key_env")
	_, err = p.List(within(t))
	check(t, err, model.Failed, "(401)", "set providers.it.api_key_env")

	// Not to another host, whoever asks for it.
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("asked with %v", r.Header)
	}))
	defer other.Close()
	first := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer first.Close()
	check(t, chat(provider(t, Options{URL: first.URL, APIKeyEnv: "HOB_TEST_KEY"})), model.Failed, "is not an OpenAI-compatible server", "/v1")
}

// TestRefusedFields: a server that does not know a field is asked again without
// it, and not with it the next time; what can't be helped is said as it came.
func TestRefusedFields(t *testing.T) {
	for _, x := range []struct {
		rejects string
		asked   int // requests for two chats, those that were refused aside
	}{
		{"stream_options", 2},
		{"stream_options,chat_template_kwargs", 2},
		{"max_tokens,temperature", 2},
		{"messages", 0},
	} {
		s, p := serve(t, "surface litellm\nmodel m\nfallback keep text=x\nrejects "+x.rejects, Options{})
		for range 2 {
			var got string
			reply, err := p.Chat(within(t), ask("m", "x"), collect(&got))
			if x.asked == 0 {
				check(t, err, model.Failed, "answered 400 for m: body.messages", "log")
				continue
			}
			if err != nil || got != "x" || reply.Usage.Output != 1 {
				t.Errorf("%s: %q, %+v, %v", x.rejects, got, reply, err)
			}
		}
		if n := len(s.Chats()); n != x.asked {
			t.Errorf("%s: %d requests", x.rejects, n)
		}
		for _, r := range s.Chats() {
			for f := range strings.SplitSeq(x.rejects, ",") {
				if _, ok := r.Fields[f]; ok {
					t.Errorf("%s was sent", f)
				}
			}
			if r.Int("num_predict") != 500 {
				t.Error("the output limit got lost")
			}
		}
	}
	// Nor one that does not say which.
	tries := 0
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			_, _ = io.WriteString(w, `{"data":[]}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		if tries++; bytes.Contains(body, []byte("stream_options")) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.WriteString(w, `{"detail":"bad request"}`)
			return
		}
		_, _ = io.WriteString(w, `data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}`+"\n\n")
	}))
	defer h.Close()
	p := provider(t, Options{URL: h.URL})
	for range 2 {
		if _, err := p.Chat(within(t), ask("m", "x"), func(model.Delta) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	if tries != 3 {
		t.Errorf("%d requests for two chats", tries)
	}
}

// TestFormat: the schema is sent as these servers want it, and done without where
// one refuses it.
func TestFormat(t *testing.T) {
	const schema = `{"type":"object","required":["a"]}`
	for rejects, want := range map[string]string{"": schema, "rejects response_format": ""} {
		s, p := serve(t, "surface litellm\nmodel m\nfallback keep text={}\n"+rejects, Options{})
		r := ask("m", "x")
		r.Format = json.RawMessage(schema)
		var got string
		if _, err := p.Chat(within(t), r, collect(&got)); err != nil || got != "{}" {
			t.Errorf("%q: %q, %v", rejects, got, err)
		}
		chats := s.Chats()
		if last := chats[len(chats)-1]; last.Format != want {
			t.Errorf("%q: sent %s", rejects, last.Fields["response_format"])
		}
	}
}

// TestThought: a model that thinks is told of once.
func TestThought(t *testing.T) {
	var log bytes.Buffer
	_, p := serve(t, "surface vllm\nmodel m caps=completion,thinking\nfallback keep always thinking=hm text=x", Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	for range 3 {
		if _, err := p.Chat(within(t), ask("m", "x"), func(model.Delta) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "thinks before it answers"); n != 1 || !strings.Contains(log.String(), "server=vLLM") {
		t.Errorf("told %d times:\n%s", n, &log)
	}
}

// TestTimings: llama-server's own figures count.
func TestTimings(t *testing.T) {
	_, p := serve(t, "surface llama-server\nprefill 2000\ndecode 400\nmodel m\nfallback keep text=aaaabbbbcccc", Options{})
	prompt := strings.Repeat("abcd", 100)
	for i, cached := range []int{0, 100} {
		reply, err := p.Chat(within(t), ask("m", prompt), func(model.Delta) error { return nil })
		if err != nil || reply.Usage.Prompt != 104 || reply.Usage.Output != 3 || reply.Usage.Cached < cached*9/10 || reply.Usage.Cached > cached {
			t.Errorf("%d: %+v, %v", i, reply, err)
		}
		if i == 0 && (reply.Prefill < 50*time.Millisecond || reply.Decode < 7*time.Millisecond) {
			t.Errorf("%+v", reply)
		}
	}
}

func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		"http://127.0.0.1:1234/v1":           "http://127.0.0.1:1234/v1",
		"http://127.0.0.1:1234/":             "http://127.0.0.1:1234/v1",
		"127.0.0.1":                          "http://127.0.0.1:1234/v1",
		":8080":                              "http://127.0.0.1:8080/v1",
		"https://gpu.example.test/openai/v1": "https://gpu.example.test/openai/v1",
	} {
		p := provider(t, Options{URL: in})
		if p.URL() != want {
			t.Errorf("%q: %q, want %q", in, p.URL(), want)
		}
		if want := strings.TrimSuffix(p.wire.Base.Path, "/v1"); p.root() != want {
			t.Errorf("%q: root %q", in, p.root())
		}
	}
	for _, in := range []string{"", "ftp://x", "http://", "http://x?y=z"} {
		if _, err := New(Options{URL: in}); err == nil || !strings.Contains(err.Error(), "http://127.0.0.1:1234") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func ExampleNew() {
	p, err := New(Options{Name: "lmstudio", URL: "http://127.0.0.1:1234/v1", APIKeyEnv: "LMSTUDIO_API_KEY"})
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Name(), p.URL())
	// Output: lmstudio http://127.0.0.1:1234/v1
}
