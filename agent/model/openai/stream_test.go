package openai

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/hob-ls/hob/agent/model"
)

// TestStreams: odd ways to answer.
func TestStreams(t *testing.T) {
	const hello = `data: {"choices":[{"delta":{"content":"hello"}}]}` + "\n\n"
	const stop = `data: {"choices":[{"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	for _, x := range []struct {
		name   string
		status int
		stream string
		text   string
		kind   model.Kind
		part   string
	}{
		{"plain", 200, hello + stop + "data: [DONE]\n\n", "hello", "", ""},
		{"no space, no blank lines, carriage returns", 200, "data:" + hello[6:len(hello)-2] + "\r\n" + stop[:len(stop)-2] + "\r\ndata:[DONE]\r\n", "hello", "", ""},
		{"no DONE", 200, hello + stop, "hello", "", ""},
		{"comments and names", 200, ": PROCESSING\n\nevent: message\nid: 1\n" + hello + ":\n\n" + stop, "hello", "", ""},
		{"the last word with the reason", 200, strings.Replace(hello, "]", `,{"index":1}]`, 1) + `data: {"choices":[{"delta":{"content":"!"},"finish_reason":"stop"}]}`, "hello!", "", ""},
		{"null everywhere", 200, `data: {"choices":[{"delta":{"content":null,"role":null},"finish_reason":null}],"usage":null,"error":null}` + "\n\n" + hello + stop, "hello", "", ""},
		{"not streamed", 200, `{"choices":[{"message":{"content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}`, "hello", "", ""},
		{"usage before the reason", 200, `data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}` + "\n" + hello + stop, "hello", "", ""},
		{"DONE without a reason", 200, hello + "data: [DONE]\n\n", "hello", model.Incomplete, "ended before"},
		{"end without a reason", 200, hello, "hello", model.Incomplete, "ended before"},
		{"nothing", 200, "", "", model.Incomplete, "ended before"},
		{"aborted", 200, hello + `data: {"choices":[{"delta":{},"finish_reason":"abort"}]}`, "hello", model.Incomplete, "ended before"},
		{"text error", 200, `data: {"error":"out of memory"}`, "", model.Failed, "out of memory"},
		{"error line", 200, hello + `error: {"code":500,"message":"out of memory"}`, "hello", model.Failed, "out of memory"},
		{"error instead of a stream", 200, `{"error":{"message":"model 'm' not found, try pulling it first"}}`, "", model.Missing, "does not have"},
		{"context error in the stream", 200, `data: {"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}`, "", model.TooLarge, "too long"},
		{"no event", 200, "hello\n", "", model.Failed, "is not an OpenAI-compatible server"},
		{"cut JSON", 200, hello[:30] + "\n", "", model.Failed, "is not an OpenAI-compatible server"},
		{"vLLM, too long", 400, `{"object":"error","message":"This model's maximum context length is 2048 tokens.","type":"BadRequestError","code":400}`, "", model.TooLarge, "too long"},
		{"code alone", 400, `{"error":{"message":"Too many tokens.","code":"context_length_exceeded"}}`, "", model.TooLarge, "too long"},
		{"vLLM, no such model", 404, `{"error":{"message":"The model ` + "`m`" + ` does not exist.","type":"NotFoundError","code":404}}`, "", model.Missing, "does not have"},
		{"wrong path", 404, `{"detail":"Not Found"}`, "", model.Failed, "is not an OpenAI-compatible server"},
		{"loading", 503, `{"error":{"message":"Loading model","type":"unavailable_error","code":503}}`, "", model.Busy, "Loading model"},
		{"too many", 429, `slow down`, "", model.Busy, "Too Many Requests"},
		{"proxy", 403, `<html>`, "", model.Failed, "(403)"},
		{"proxy down", 502, `<html>`, "", model.Failed, "is not an OpenAI-compatible server"},
	} {
		t.Run(x.name, func(t *testing.T) {
			var got string
			reply, err := answers(t, x.status, x.stream).Chat(within(t), ask("m", "x"), collect(&got))
			if got != x.text {
				t.Errorf("text %q", got)
			}
			if x.kind != "" {
				check(t, err, x.kind, x.part, "")
			} else if err != nil || reply.Usage.Output == 0 {
				t.Errorf("%+v, %v", reply, err)
			}
		})
	}
}

// fixed is a transport that answers every request with the same bytes.
type fixed struct {
	status int
	body   []byte
}

func (f fixed) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: f.status, Request: r, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(f.body))}, nil
}

// FuzzChat: whatever a server sends, Chat ends with a reply or an error of a
// known kind; and a reply only after a reason for its end.
func FuzzChat(f *testing.F) {
	f.Add(200, []byte(`data: {"choices":[{"delta":{"content":"a"}}]}`+"\n\n"+`data: {"choices":[{"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n"))
	f.Add(200, []byte(`{"choices":[{"message":{"content":"a"},"finish_reason":"length"}]}`))
	f.Add(200, []byte("error: {}\n: x\nevent: y\n"))
	f.Add(400, []byte(`{"error":"stream_options"}`))
	f.Add(200, []byte(`data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"1","function":{"name":"a","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}`))
	f.Add(200, []byte(`{"choices":[{"message":{"tool_calls":[{"function":{"name":"a","arguments":{}}},{}]},"finish_reason":"stop"}]}`))
	f.Add(400, []byte(`{"error":"m does not support tools"}`))
	f.Add(401, []byte(`{"error":{"message":"no"}}`))
	f.Add(503, []byte(""))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		p, err := New(Options{URL: "127.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		p.wire.Client.Transport = fixed{status, body}
		p.surface = other
		var got string
		reply, err := p.Chat(t.Context(), ask("m", "x"), collect(&got))
		var e *model.Error
		switch {
		case err == nil:
			done := false
			for l := range bytes.Lines(body) {
				var c chunk
				l = bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(l), []byte("data:")))
				done = done || json.Unmarshal(l, &c) == nil && len(c.Choices) > 0 && c.Choices[0].Finish != ""
			}
			if status != http.StatusOK || !done {
				t.Errorf("a reply from %d %q", status, body)
			}
		case !errors.As(err, &e) || e.Kind == "" || e.Message == "":
			t.Errorf("%#v", err)
		case reply != (model.Reply{}):
			t.Errorf("a reply and an error: %+v, %v", reply, err)
		}
	})
}

// BenchmarkChat is one chat with 100 output tokens on a server that takes no
// time to think, beside a bare HTTP request that only reads the bytes.
func BenchmarkChat(b *testing.B) {
	s, p := serve(b, "model m\nfallback keep text="+strings.Repeat("abcd", 100), Options{})
	req := ask("m", strings.Repeat("some code of the user\n", 200))
	if _, err := p.Chat(b.Context(), req, func(model.Delta) error { return nil }); err != nil {
		b.Fatal(err)
	}
	body, err := p.wire.Marshal(p.request(p.known(), req))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("provider", func(b *testing.B) {
		for b.Loop() {
			if _, err := p.Chat(b.Context(), req, func(model.Delta) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("raw", func(b *testing.B) {
		for b.Loop() {
			resp, err := p.wire.Client.Post(s.URL+"/v1/chat/completions", "application/json", bytes.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, resp.Body); err != nil || n < 400 {
				b.Fatal(n, err)
			}
			_ = resp.Body.Close()
		}
	})
}
