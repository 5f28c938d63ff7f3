package ollama

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/hob-ls/hob/agent/model"
)

// answer is a transport that answers every request with the same bytes.
type answer struct {
	status int
	body   []byte
}

func (a answer) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/api/show") {
		a = answer{http.StatusOK, []byte(`{"capabilities":["completion"]}`)}
	}
	return &http.Response{
		StatusCode: a.status, Request: r, Header: http.Header{},
		Body: io.NopCloser(iotest.HalfReader(bytes.NewReader(a.body))),
	}, nil
}

// FuzzChat: whatever a server sends, Chat ends with a reply or an error of a
// known kind; a reply only after a done line with its reason; and all of the
// text that came before is delivered.
func FuzzChat(f *testing.F) {
	f.Add(200, []byte(`{"message":{"content":"a"}}`+"\n"+`{"message":{"content":"b"},"done":true,"done_reason":"stop","eval_count":2}`+"\n"))
	f.Add(200, []byte(`{"message":{"thinking":"a"}}`+"\r\n\r\n"+`{"error":"no"}`))
	f.Add(200, []byte(`{"done":true}`))
	f.Add(200, []byte("<html>"))
	f.Add(404, []byte(`{"error":"model 'm' not found"}`))
	f.Add(503, []byte(""))
	f.Add(200, []byte(`{"message":{"tool_calls":[{"id":"1","function":{"index":1,"name":"a","arguments":{"b":1}}}]}}`+"\n"+`{"done":true,"done_reason":"stop"}`+"\n"))
	f.Add(200, []byte(`{"message":{"tool_calls":[{"function":{"arguments":"{"}},{}]},"done":true,"done_reason":"stop"}`))
	f.Add(400, []byte(`{"error":"m does not support tools"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		p, err := New(Options{URL: "127.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		p.wire.Client.Transport = answer{status, body}
		var got string
		reply, err := p.Chat(t.Context(), ask("m", "x"), collect(&got))
		var e *model.Error
		switch {
		case err == nil:
			done := false
			for l := range bytes.Lines(body) {
				var c chatLine
				done = done || json.Unmarshal(l, &c) == nil && c.Done && c.DoneReason != ""
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
