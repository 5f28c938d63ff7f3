package ollama

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ollama/ollama/api"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
)

// BenchmarkChat is one chat with 100 output tokens on a server that takes no
// time to think: through the provider, as a bare HTTP request that only reads
// the bytes, and through the client of ollama/api for comparison.
func BenchmarkChat(b *testing.B) {
	s, err := modeltest.New(modeltest.Script{
		Models:   []modeltest.Model{{Name: "m"}},
		Fallback: &modeltest.Reply{Text: strings.Repeat("abcd", 100), Keep: true},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	p := provider(b, Options{URL: s.URL})
	req := ask("m", strings.Repeat("some code of the user\n", 200))
	r, err := p.chatRequest(req, nil)
	if err != nil {
		b.Fatal(err)
	}
	body, err := json.Marshal(r)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("provider", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := p.Chat(b.Context(), req, func(model.Delta) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("raw", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			resp, err := p.wire.Client.Post(s.URL+"/api/chat", "application/json", bytes.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil {
				b.Fatal(err)
			}
			_ = resp.Body.Close()
		}
	})
	b.Run("api", func(b *testing.B) {
		b.ReportAllocs()
		u, err := url.Parse(s.URL)
		if err != nil {
			b.Fatal(err)
		}
		tr := &http.Transport{}
		defer tr.CloseIdleConnections()
		c := api.NewClient(u, &http.Client{Transport: tr})
		for b.Loop() {
			if err := c.Chat(b.Context(), &r.ChatRequest, func(api.ChatResponse) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkList is a catalog round with everything known from before.
func BenchmarkList(b *testing.B) {
	_, p := serve(b, "model a\nmodel b\nmodel c\nmodel d")
	for b.Loop() {
		if _, err := p.List(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
