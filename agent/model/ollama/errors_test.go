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
	"sync/atomic"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
)

func newHTTP(h http.HandlerFunc) (*httptest.Server, string) {
	s := httptest.NewServer(h)
	return s, s.URL
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
			simulated(t, "model m\n"+x.script, Options{}, func(t *testing.T, s *modeltest.Server, p *Provider) {
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
	const closed = "http://127.0.0.1:1" // nobody listens there
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

func TestDeadline(t *testing.T) {
	simulated(t, "model m\nreply text=aaaabbbb fault=stall@1", Options{}, func(t *testing.T, s *modeltest.Server, p *Provider) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := p.Chat(ctx, ask("m", "x"), func(model.Delta) error { return nil })
		check(t, err, model.Timeout, "did not finish in time", "smaller")
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v hides its cause", err)
		}
		if err := s.WaitCancelled(within(t), 1); err != nil {
			t.Error(err)
		}
	})
}

// TestSilence: a server that sends nothing is given up, before and after the first byte.
func TestSilence(t *testing.T) {
	for at, want := range map[string]time.Duration{"gate=never": 40 * time.Second, "fault=stall@1": 4 * time.Second} {
		simulated(t, "model m\nreply text=aaaabbbb "+at, Options{First: 40 * time.Second, Stall: 4 * time.Second}, func(t *testing.T, s *modeltest.Server, p *Provider) {
			begin := time.Now()
			_, err := p.Chat(within(t), ask("m", "x"), func(model.Delta) error { return nil })
			check(t, err, model.Timeout, "sent nothing", "log")
			if err := s.WaitCancelled(within(t), 1); err != nil {
				t.Error(err)
			}
			if took := time.Since(begin); took != want {
				t.Errorf("%s: given up after %v", at, took)
			}
		})
	}
}

// TestTrickle: a server that sends a byte now and then is given up as well, and
// one whose tokens come is not, however long all of them take.
func TestTrickle(t *testing.T) {
	opts := Options{First: 5 * time.Second, Stall: 200 * time.Millisecond}
	handled(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/show" {
			http.NotFound(w, r)
			return
		}
		for {
			_, err := io.WriteString(w, "x")
			if err == nil {
				err = http.NewResponseController(w).Flush()
			}
			if err != nil || r.Context().Err() != nil {
				return
			}
			time.Sleep(20 * time.Millisecond) // less than what counts as silence
		}
	}, opts, func(t *testing.T, p *Provider) {
		begin := time.Now()
		_, err := p.Chat(within(t), ask("m", "x"), func(model.Delta) error { return nil })
		check(t, err, model.Timeout, "next to nothing", "log")
		if took := time.Since(begin); took != opts.Stall {
			t.Errorf("given up after %v", took)
		}
	})
	simulated(t, "model m\ndecode 20\nreply wire=9 text="+strings.Repeat("word", 16), opts, func(t *testing.T, _ *modeltest.Server, p *Provider) {
		reply, err := p.Chat(within(t), ask("m", "x"), func(model.Delta) error { return nil })
		if err != nil || reply.Wall < 3*opts.Stall {
			t.Errorf("%+v, %v", reply, err)
		}
	})
}

// TestHugeLine: a server that goes mad is not taken for another.
func TestHugeLine(t *testing.T) {
	url := listen(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/show" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, `{"message":{"content":"`)
		for range 9 << 10 {
			_, _ = io.WriteString(w, strings.Repeat("long", 256))
		}
	})
	_, err := provider(t, Options{URL: url}).Chat(within(t), ask("m", "x"), func(model.Delta) error { return nil })
	check(t, err, model.Failed, "a line of more than 8 MB", "`hob doctor`")
}

// TestSilentShow: a server that does not say what a model can is not waited for
// long, and the chat goes on without knowing.
func TestSilentShow(t *testing.T) {
	handled(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/show" {
			_, _ = io.Copy(io.Discard, r.Body) // else nobody notices that the client has left
			<-r.Context().Done()
			return
		}
		_, _ = fmt.Fprintln(w, `{"message":{"content":"hello"},"done":true,"done_reason":"stop"}`)
	}, Options{}, func(t *testing.T, p *Provider) {
		var got string
		begin := time.Now()
		if _, err := p.Chat(within(t), ask("m", "x"), collect(&got)); err != nil || got != "hello" {
			t.Errorf("%q, %v", got, err)
		}
		if took := time.Since(begin); took != showTimeout {
			t.Errorf("waited %v", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.Chat(ctx, ask("m", "x"), collect(&got)); err != context.Canceled {
			t.Errorf("%v", err)
		}
	})
}

// TestSlowCallback: the time the callback takes is not the server's silence.
func TestSlowCallback(t *testing.T) {
	simulated(t, "model m\nreply text=aaaabbbb", Options{Stall: 200 * time.Millisecond}, func(t *testing.T, _ *modeltest.Server, p *Provider) {
		var got string
		_, err := p.Chat(within(t), ask("m", "x"), func(d model.Delta) error {
			got += d.Text
			time.Sleep(300 * time.Millisecond)
			return nil
		})
		if err != nil || got != "aaaabbbb" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// TestRestart: a server that went away and came back at the same address serves
// the next request, though the connection kept from before is dead.
func TestRestart(t *testing.T) {
	script := modeltest.Script{Models: []modeltest.Model{{Name: "m"}}, Fallback: &modeltest.Reply{Text: "hello", Keep: true}}
	s, err := modeltest.New(script)
	if err != nil {
		t.Fatal(err)
	}
	var addr atomic.Value // a port that is free again may be another's at once
	addr.Store(strings.TrimPrefix(s.URL, "http://"))
	p := provider(t, Options{URL: s.URL, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr.Load().(string))
	}})
	var got string
	if _, err := p.Chat(within(t), ask("m", "x"), collect(&got)); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if s, err = modeltest.New(script); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	addr.Store(strings.TrimPrefix(s.URL, "http://"))
	if _, err := p.Chat(within(t), ask("m", "x"), collect(&got)); err != nil || got != "hellohello" {
		t.Errorf("%q, %v", got, err)
	}
}
