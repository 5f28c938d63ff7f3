package ollama

import (
	"context"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a scripted server and a provider for it.
func serve(t testing.TB, script string) (*modeltest.Server, *Provider) {
	t.Helper()
	sc, err := modeltest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	s, err := modeltest.New(sc)
	if err != nil {
		t.Fatal(err)
	}
	p := provider(t, Options{URL: s.URL})
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
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
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
