package model_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/agent/model/ollama"
	"github.com/hob-ls/hob/agent/model/openai"
)

// closer is a provider that keeps connections.
type closer interface {
	model.Provider
	Close()
}

// speaker is one way to talk to a scripted server: what the tests of this file
// hold for all of them.
type speaker struct {
	name    string
	surface modeltest.Surface
	open    func(url string, dial model.Dial, stall time.Duration) (closer, error)
}

func speakers() []speaker {
	out := []speaker{{"ollama", modeltest.Ollama, func(url string, dial model.Dial, stall time.Duration) (closer, error) {
		return ollama.New(ollama.Options{Name: "it", URL: url, Dial: dial, Stall: stall})
	}}}
	for _, s := range []modeltest.Surface{modeltest.Ollama, modeltest.LlamaServer, modeltest.VLLM, modeltest.LMStudio, modeltest.LiteLLM} {
		out = append(out, speaker{"openai with " + string(s), s, func(url string, dial model.Dial, stall time.Duration) (closer, error) {
			return openai.New(openai.Options{Name: "it", URL: url, Dial: dial, Stall: stall})
		}})
	}
	return out
}

// each runs a test for every speaker, on a clock that goes on when everybody
// waits: what is done at once takes no time at all.
func each(t *testing.T, f func(t *testing.T, w speaker)) {
	for _, w := range speakers() {
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { f(t, w) })
		})
	}
}

func (w speaker) provider(t testing.TB, url string, dial model.Dial, stall time.Duration) closer {
	t.Helper()
	p, err := w.open(url, dial, stall)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// serve starts a scripted server inside of a test of each, and a provider for it.
func (w speaker) serve(t testing.TB, script string) (*modeltest.Server, closer) {
	t.Helper()
	return w.patient(t, script, 0)
}

// patient is serve with a provider that waits so long for a token.
func (w speaker) patient(t testing.TB, script string, stall time.Duration) (*modeltest.Server, closer) {
	t.Helper()
	sc, err := modeltest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	sc.Surface, sc.Net = w.surface, modeltest.NewPipes()
	s, err := modeltest.New(sc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, w.provider(t, s.URL, sc.Net.Dial, stall)
}

func ask(name, content string) model.Request {
	return model.Request{Model: name, Messages: []model.Message{{Role: model.User, Content: content}}, NumCtx: 4096, MaxTokens: 500}
}

func collect(text *string) func(model.Delta) error {
	return func(d model.Delta) error { *text += d.Text; return nil }
}

func silent(model.Delta) error { return nil }

// fails checks an error: its kind, that it says what happened and what to do.
func fails(t *testing.T, err error, kind model.Kind, message, hint string) {
	t.Helper()
	var e *model.Error
	if !errors.As(err, &e) || e.Kind != kind || !strings.Contains(e.Message, message) || !strings.Contains(e.Hint, hint) || e.Hint == "" {
		t.Errorf("got %#v, want %s, %q, %q", err, kind, message, hint)
	}
}

// TestFaults: every way in which a server can fail ends in the right kind with a
// hint, whoever speaks; nothing hangs and the next request works.
func TestFaults(t *testing.T) {
	cases := []struct {
		fault         modeltest.Fault
		at            string
		kind          model.Kind
		message, hint string
	}{
		{modeltest.Drop, "@1", model.Incomplete, "ended before", "try again"},
		{modeltest.Drop, "@0", model.Incomplete, "ended before", "try again"},
		{modeltest.End, "@1", model.Incomplete, "ended before", "try again"},
		{modeltest.End, "@0", model.Incomplete, "ended before", "try again"},
		{modeltest.NoReason, "@9", model.Incomplete, "ended before", "try again"},
		{modeltest.Garbage, "@1", model.Failed, "what answers at http://127.0.0.1:", "providers.it.url"},
		{modeltest.ErrorLine, "@1", model.Failed, "out of memory", "log"},
		{modeltest.NotFound, "", model.Missing, "does not have the model m", ""},
		{modeltest.ServerError, "", model.Failed, "unexpectedly stopped", "log"},
		{modeltest.Busy, "", model.Busy, "busy", "moment"},
		{modeltest.TooLong, "", model.TooLarge, "too long for m", "select less"},
		{modeltest.HTML, "", model.Failed, "what answers at http://127.0.0.1:", "providers.it.url"},
		{modeltest.Unauthorized, "", model.Failed, "refused the request (401)", ""},
		{modeltest.NoTools, "", model.Failed, "takes no tools", "hob doctor"},
		{modeltest.Stall, "@1", model.Timeout, "sent nothing", "log"},
		{modeltest.Endless, "@1", "", "", ""}, // see TestEndless
	}
	for _, f := range modeltest.Faults() {
		found := false
		for _, x := range cases {
			found = found || x.fault == f
		}
		if !found {
			t.Errorf("the fault %s has no case", f)
		}
	}
	for _, x := range cases {
		if x.kind == "" {
			continue
		}
		t.Run(string(x.fault)+x.at, func(t *testing.T) {
			each(t, func(t *testing.T, w speaker) {
				const stall = 4 * time.Second
				s, p := w.patient(t, "model m\nreply text=aaaabbbb fault="+string(x.fault)+x.at+"\nreply text=after", stall)
				began := time.Now()
				reply, err := p.Chat(within(t), ask("m", "a long question that needs a few tokens"), silent)
				fails(t, err, x.kind, x.message, x.hint)
				if reply != (model.Reply{}) {
					t.Errorf("a reply, too: %+v", reply)
				}
				if took := time.Since(began); took > 0 && (x.fault != modeltest.Stall || took != stall) {
					t.Errorf("took %v", took)
				}
				if err := s.WaitIdle(within(t)); err != nil {
					t.Error(err)
				}
				var got string
				if _, err := p.Chat(within(t), ask("m", "x"), collect(&got)); err != nil || got != "after" {
					t.Errorf("the next request: %q, %v", got, err)
				}
			})
		})
	}
}

// TestEndless: a server that ignores the output limit is stopped by us.
func TestEndless(t *testing.T) {
	each(t, func(t *testing.T, w speaker) {
		s, p := w.serve(t, "model m\nreply text=aaaabbbb fault=endless@2")
		r := ask("m", "x")
		r.MaxTokens = 20
		var got string
		reply, err := p.Chat(within(t), r, collect(&got))
		if err != nil || !reply.Length || reply.Stopped || reply.Usage.Output < 20 || reply.Usage.Output > 50 || !strings.HasPrefix(got, "aaaabbbband on ") {
			t.Errorf("%q, %+v, %v", got, reply, err)
		}
		if err := s.WaitCancelled(within(t), 1); err != nil {
			t.Error(err)
		}
	})
}

// TestReply: text, limits, figures and connections are the same for all.
func TestReply(t *testing.T) {
	const text = "func main() {\n\tprintln(\"é 🙂 <b>\")\n}\n"
	each(t, func(t *testing.T, w speaker) {
		s, p := w.serve(t, "numctx 4096\nmodel m")
		s.Script(modeltest.Reply{Text: text, Wire: 7, Keep: true, Prefill: 100})
		var got string
		r := ask("m", "write main")
		r.Stop = []string{"STOP"}
		reply, err := p.Chat(within(t), r, collect(&got))
		if err != nil || got != text {
			t.Fatalf("%q, %v", got, err)
		}
		rec := s.Chats()[0]
		if reply.Stopped || reply.Length || reply.Usage.Prompt == 0 || reply.Usage.Output != rec.Chunks || reply.First <= 0 || reply.Wall < reply.First {
			t.Errorf("%+v", reply)
		}
		if stop, _ := rec.Options["stop"].([]any); len(stop) != 1 || rec.Int("num_predict") != 500 || !rec.Stream || rec.Think != "" && rec.Think != "false" {
			t.Errorf("%+v", rec.Request)
		}
		dialed := s.Stats().Dialed
		r.MaxTokens = 2
		if reply, err := p.Chat(within(t), r, silent); err != nil || !reply.Length || reply.Usage.Output != 2 {
			t.Errorf("limit: %+v, %v", reply, err)
		}
		if n := s.Stats().Dialed; n != dialed {
			t.Errorf("the connection was not kept: %d, then %d", dialed, n)
		}
	})
}

// TestEnough: enough, and the connection is closed and the slot free, at once.
func TestEnough(t *testing.T) {
	each(t, func(t *testing.T, w speaker) {
		s, p := w.serve(t, "model m\nreply text=aaaabbbbccccdddd gate=never@2\nreply text=next")
		var got string
		began := time.Now()
		reply, err := p.Chat(within(t), ask("m", "x"), func(d model.Delta) error {
			if got += d.Text; got == "aaaabbbb" {
				return fmt.Errorf("the fence is closed: %w", model.ErrStop)
			}
			return nil
		})
		if err != nil || !reply.Stopped || reply.Usage.Output != 2 {
			t.Fatalf("%+v, %v", reply, err)
		}
		if err := s.WaitCancelled(within(t), 1); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Chat(within(t), ask("m", "x"), collect(&got)); err != nil || got != "aaaabbbbnext" {
			t.Errorf("the next request: %q, %v", got, err)
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %v", took)
		}
	})
}

// TestCancel: the caller's context ends the request at any stage, to the socket.
func TestCancel(t *testing.T) {
	each(t, func(t *testing.T, w speaker) {
		for _, at := range []string{"gate=stage", "gate=stage@1", "fault=stall@2"} {
			s, p := w.serve(t, "model m\nreply text=aaaabbbbcccc "+at)
			ctx, cancel := context.WithCancel(within(t))
			defer cancel()
			done := make(chan error, 1)
			go func() {
				_, err := p.Chat(ctx, ask("m", "x"), silent)
				done <- err
			}()
			synctest.Wait()
			if n := s.Stats().Running; n != 1 {
				t.Fatalf("%s: %d requests run", at, n)
			}
			began := time.Now()
			cancel()
			if err := <-done; err != context.Canceled {
				t.Errorf("%v", err)
			}
			if err := s.WaitCancelled(within(t), 1); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 0 {
				t.Errorf("%s: the server noticed after %v", at, took)
			}
		}
	})
}

// TestStrangers: servers that are not there, or not what they should be.
func TestStrangers(t *testing.T) {
	const closed = "http://127.0.0.1:1" // nobody listens there
	listen := func(h http.HandlerFunc) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	elsewhere := listen(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") })
	plain := listen(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") })
	secure := quietTLS()
	t.Cleanup(secure.Close)
	for _, x := range []struct {
		name, url     string
		kind          model.Kind
		message, hint string
	}{
		{"refused", closed, model.Unreachable, "does not answer at " + closed, "start"},
		{"no such host", "http://nowhere.invalid:11434", model.Unreachable, "does not answer at http://nowhere.invalid:11434", "network"},
		{"404 page", listen(http.NotFound), model.Failed, "what answers at", "providers.it.url"},
		{"web page", listen(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }), model.Failed, "what answers at", "providers.it.url"},
		{"redirect", listen(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere, http.StatusTemporaryRedirect)
		}), model.Failed, "what answers at", "providers.it.url"},
		{"plain text over TLS", strings.Replace(plain, "http:", "https:", 1), model.Unreachable, "no secure connection", "https"},
		{"unknown certificate", secure.URL, model.Unreachable, "no secure connection", "certificate"},
	} {
		t.Run(x.name, func(t *testing.T) {
			for _, w := range []speaker{speakers()[0], speakers()[1]} {
				p := w.provider(t, x.url, nil, 0)
				_, err := p.Chat(within(t), ask("m", "x"), silent)
				fails(t, err, x.kind, x.message, x.hint)
				_, err = p.List(within(t))
				fails(t, err, x.kind, x.message, x.hint)
				fails(t, p.Load(within(t), "m", 4096), x.kind, x.message, x.hint)
			}
		})
	}
}

// TestThoughtless: no model is let think; one that does anyway is noticed from
// its first tokens, however it says them.
func TestThoughtless(t *testing.T) {
	each(t, func(t *testing.T, w speaker) {
		for _, x := range []struct {
			reply  string
			thinks bool
		}{
			{`text=code thinking="hmm hmm" always`, true},
			{`text=" <think>hm</think>code"`, true},
			{`text="<thin>code"`, false},
			{`text="code <think>"`, false},
		} {
			s, p := w.serve(t, "model m caps=completion,thinking\nreply "+x.reply)
			if _, err := p.Chat(within(t), ask("m", "x"), silent); err != nil {
				t.Fatal(err)
			}
			off := s.Chats()[0].Think == "false"
			if can := w.surface != modeltest.LMStudio && w.surface != modeltest.LiteLLM; off != can {
				t.Errorf("thinking was turned off: %v", off)
			}
			models, err := p.List(within(t))
			if err != nil || len(models) != 1 || models[0].Thinks != (x.thinks || w.name == "ollama") {
				t.Errorf("%s: %+v, %v", x.reply, models, err)
			}
		}
	})
}

// TestTenAtOnce: ten on one slot, each with its own answer.
func TestTenAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w speaker) {
		script := "model m\n"
		for i := range 10 {
			script += fmt.Sprintf("reply last=question-%d! text=answer-%d!\n", i, i)
		}
		s, p := w.serve(t, script)
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
	})
}

// quietTLS is a server whose certificate nobody knows; it logs no failed handshake.
func quietTLS() *httptest.Server {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	return s
}
