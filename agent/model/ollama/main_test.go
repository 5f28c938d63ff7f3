package ollama

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a scripted server and a provider for it.
func serve(t testing.TB, script string) (*modeltest.Server, *Provider) {
	t.Helper()
	return serveOn(t, script, nil, Options{})
}

// simulated runs a test with simulated time, a scripted server and a provider for
// it: what is done at once takes no time at all.
func simulated(t *testing.T, script string, opts Options, f func(t *testing.T, s *modeltest.Server, p *Provider)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		pipes := modeltest.NewPipes()
		opts.Dial = pipes.Dial
		s, p := serveOn(t, script, pipes, opts)
		f(t, s, p)
	})
}

// handled is the same with a handler of the test's own, for what no script would say.
func handled(t *testing.T, h http.HandlerFunc, opts Options, f func(t *testing.T, p *Provider)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		pipes := modeltest.NewPipes()
		s := &httptest.Server{Listener: pipes, Config: &http.Server{Handler: h}}
		s.Start()
		opts.URL, opts.Dial = s.URL, pipes.Dial
		p := provider(t, opts)
		f(t, p)
		p.Close()
		s.Close()
	})
}

func serveOn(t testing.TB, script string, pipes *modeltest.Pipes, opts Options) (*modeltest.Server, *Provider) {
	t.Helper()
	sc, err := modeltest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	sc.Net = pipes
	s, err := modeltest.New(sc)
	if err != nil {
		t.Fatal(err)
	}
	opts.URL = s.URL
	p := provider(t, opts)
	t.Cleanup(func() { p.Close(); s.Close() })
	return s, p
}

func provider(t testing.TB, opts Options) *Provider {
	t.Helper()
	p, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// listen serves a handler of the test's own, for what no script would say.
func listen(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s, url := newHTTP(h)
	t.Cleanup(s.Close)
	return url
}

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func ask(name, content string) model.Request {
	return model.Request{Model: name, Messages: []model.Message{{Role: model.User, Content: content}}, NumCtx: 4096, MaxTokens: 500}
}

// collect gathers the text of a reply.
func collect(text *string) func(model.Delta) error {
	return func(d model.Delta) error { *text += d.Text; return nil }
}
