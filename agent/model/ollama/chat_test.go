package ollama

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
)

func newHTTP(h http.HandlerFunc) (*httptest.Server, string) {
	s := httptest.NewServer(h)
	return s, s.URL
}

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

// TestErrors: every way to fail is the right kind, says what happened, and where
// there is something to do, what.
func TestErrors(t *testing.T) {
	for _, x := range []struct {
		name, script, ask string
		kind              model.Kind
		message, hint     string
	}{
		{"dropped", "reply text=aaaabbbb fault=drop@1", "m", model.Incomplete, "ended before", "try again"},
		{"dropped before the first byte", "reply text=aaaabbbb fault=drop", "m", model.Incomplete, "ended before", ""},
		{"ended early", "reply text=aaaabbbb fault=end@1", "m", model.Incomplete, "ended before", ""},
		{"empty", "reply text=aaaabbbb fault=end", "m", model.Incomplete, "ended before", ""},
		{"runner died", "reply text=aaaabbbb fault=noreason@9", "m", model.Incomplete, "ended before", ""},
		{"garbage", "reply text=aaaabbbb fault=garbage@1", "m", model.Failed, "is not Ollama", "providers.ollama.url"},
		{"error in the stream", "reply text=aaaabbbb fault=errorline@1", "m", model.Failed, "out of memory", "log"},
		{"404", "reply fault=404", "m", model.Missing, "does not have the model m", "`ollama pull m`"},
		{"no such model", "", "other:7b", model.Missing, "does not have the model other:7b", "`ollama pull other:7b`"},
		{"500", "reply fault=500", "m", model.Failed, "unexpectedly stopped", "log"},
		{"503", "reply fault=503", "m", model.Busy, "busy", "moment"},
		{"too long", "reply fault=toolong", "m", model.TooLarge, "too long for m", "select less"},
		{"too long, really", "numctx 1\nreply text=x", "m", model.TooLarge, "too long for m", "select less"},
		{"web page", "reply fault=html", "m", model.Failed, "is not Ollama", "providers.ollama.url"},
	} {
		t.Run(x.name, func(t *testing.T) {
			s, p := serve(t, "model m\n"+x.script)
			r := ask(x.ask, "a long question that needs a few tokens")
			if strings.HasPrefix(x.script, "numctx") {
				r.NumCtx = 0
			}
			reply, err := p.Chat(within(t), r, func(model.Delta) error { return nil })
			check(t, err, x.kind, x.message, x.hint)
			if reply != (model.Reply{}) {
				t.Errorf("a reply, too: %+v", reply)
			}
			if err := s.WaitIdle(within(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

func check(t *testing.T, err error, kind model.Kind, message, hint string) {
	t.Helper()
	var e *model.Error
	if !errors.As(err, &e) || e.Kind != kind || !strings.Contains(e.Message, message) || !strings.Contains(e.Hint, hint) {
		t.Errorf("got %#v, want %s, %q, %q", err, kind, message, hint)
	}
}

// TestEndpoints: servers that are not there, or not Ollama.
func TestEndpoints(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	_ = l.Close() // nobody listens there now
	talk, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = talk.Close() })
	go func() {
		for {
			c, err := talk.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 1)) // not before it is asked: net/http drops such a connection in its own ways
			_, _ = c.Write([]byte("500 command unrecognized\r\n"))
			_, _ = io.Copy(io.Discard, c) // until the client closes: no reset overtakes the answer
			_ = c.Close()
		}
	}()
	elsewhere := listen(t, func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") })
	plain := listen(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x")) })
	for _, x := range []struct {
		name, url     string
		kind          model.Kind
		message, hint string
	}{
		{"refused", closed, model.Unreachable, "does not answer at " + closed, "`ollama serve`"},
		{"no such host", "http://nowhere.invalid:11434", model.Unreachable, "does not answer at http://nowhere.invalid:11434", "network"},
		{"mail server", "http://" + talk.Addr().String(), model.Failed, "is not Ollama", "url"},
		{"404 page", listen(t, http.NotFound), model.Failed, "is not Ollama", "url"},
		{"web page", listen(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<html>") }), model.Failed, "is not Ollama", "url"},
		{"redirect", listen(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere, http.StatusTemporaryRedirect)
		}), model.Failed, "is not Ollama", "url"},
		{"401", listen(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprint(w, `{"error":"unauthorized"}`)
		}), model.Failed, "refused the request (401)", "check"},
		{"plain text over TLS", strings.Replace(plain, "http:", "https:", 1), model.Unreachable, "no secure connection", "https"},
	} {
		t.Run(x.name, func(t *testing.T) {
			p := provider(t, Options{URL: x.url})
			_, err := p.Chat(within(t), ask("m", "x"), func(model.Delta) error { return nil })
			check(t, err, x.kind, x.message, x.hint)
			_, err = p.List(within(t))
			check(t, err, x.kind, x.message, x.hint)
			check(t, p.Load(within(t), "m", 4096), x.kind, x.message, x.hint)
		})
	}
}

// TestStop: the callback has enough, the connection is closed and the slot free.
func TestStop(t *testing.T) {
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
	if d := s.Chats()[0].Ended.Sub(stopped); d > 50*time.Millisecond {
		t.Errorf("the server noticed after %v", d)
	}
	if _, err := p.Chat(within(t), ask("m", "x"), collect(&got)); err != nil || got != "aaaabbbbnext" {
		t.Errorf("the next request: %q, %v", got, err)
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

// TestCancel: the caller's context ends the request at any stage, to the socket.
func TestCancel(t *testing.T) {
	for _, at := range []string{"gate=stage", "gate=stage@1", "fault=stall", "fault=stall@2"} {
		t.Run(at, func(t *testing.T) {
			s, p := serve(t, "model m\nreply text=aaaabbbbcccc "+at)
			ctx, cancel := context.WithCancel(within(t))
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
			if d := s.Chats()[0].Ended.Sub(when); d > 50*time.Millisecond {
				t.Errorf("the server noticed after %v", d)
			}
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

func TestDeadline(t *testing.T) {
	s, p := serve(t, "model m\nreply text=aaaabbbb fault=stall@1")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := p.Chat(ctx, ask("m", "x"), func(model.Delta) error { return nil })
	check(t, err, model.Timeout, "did not finish in time", "smaller")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v hides its cause", err)
	}
	if err := s.WaitCancelled(within(t), 1); err != nil {
		t.Error(err)
	}
}

// TestSilence: a server that sends nothing is given up, before and after the first byte.
func TestSilence(t *testing.T) {
	for _, at := range []string{"gate=never", "fault=stall@1"} {
		s, _ := serve(t, "model m\nreply text=aaaabbbb "+at)
		p := provider(t, Options{URL: s.URL, First: 40 * time.Millisecond, Stall: 40 * time.Millisecond})
		_, err := p.Chat(within(t), ask("m", "x"), func(model.Delta) error { return nil })
		check(t, err, model.Timeout, "sent nothing", "log")
		if err := s.WaitCancelled(within(t), 1); err != nil {
			t.Error(err)
		}
	}
}

// TestSlowCallback: the time the callback takes is not the server's silence.
func TestSlowCallback(t *testing.T) {
	s, _ := serve(t, "model m\nreply text=aaaabbbb")
	p := provider(t, Options{URL: s.URL, First: time.Second, Stall: 20 * time.Millisecond})
	var got string
	_, err := p.Chat(within(t), ask("m", "x"), func(d model.Delta) error {
		got += d.Text
		<-time.After(60 * time.Millisecond)
		return nil
	})
	if err != nil || got != "aaaabbbb" {
		t.Errorf("%q, %v", got, err)
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

// TestRestart: a server that went away and came back at the same address serves
// the next request, though the connection kept from before is dead.
func TestRestart(t *testing.T) {
	script := modeltest.Script{Models: []modeltest.Model{{Name: "m"}}, Fallback: &modeltest.Reply{Text: "hello", Keep: true}}
	s, err := modeltest.New(script)
	if err != nil {
		t.Fatal(err)
	}
	p := provider(t, Options{URL: s.URL})
	var got string
	if _, err := p.Chat(within(t), ask("m", "x"), collect(&got)); err != nil {
		t.Fatal(err)
	}
	s.Close()
	script.Addr = strings.TrimPrefix(s.URL, "http://")
	if s, err = modeltest.New(script); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if _, err := p.Chat(within(t), ask("m", "x"), collect(&got)); err != nil || got != "hellohello" {
		t.Errorf("%q, %v", got, err)
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
