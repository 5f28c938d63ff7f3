package modeltest

import (
	"encoding/json"
	"net/http"
	"time"
)

// face is one of the ways in which the server speaks.
type face interface {
	contentType() string // of a stream
	holds() bool         // calls back until they are whole
	chunk(*exchange, chunk) []byte
	end(*exchange, figures) []byte
	garbage() []byte
	error(text string) []byte // in the middle of a stream
	fail(w http.ResponseWriter, status int, text string)
}

// figures are what the server tells at the end of a reply.
type figures struct {
	reason                 string // "" as when the runner died
	prompt, cached, output int    // tokens
	load, prefill, decode  time.Duration
}

// native is Ollama's own API.
type native struct{}

func (native) contentType() string { return "application/x-ndjson" }

func (native) holds() bool { return true }

func (native) line(x *exchange, c chunk, more func(*line)) line {
	l := line{Model: x.rec.Model, CreatedAt: time.Now().UTC()}
	if x.rec.Path == "/api/chat" {
		l.Message = &message{Role: "assistant", Content: c.content, Thinking: c.thinking}
		if c.call != nil {
			l.Message.Calls = []wireCall{{ID: c.call.ID, Function: wireFunction{c.index, c.call.Name, json.RawMessage(c.call.Arguments)}}}
		}
	} else {
		l.Response = &c.content
	}
	if more != nil {
		more(&l)
	}
	return l
}

func (f native) chunk(x *exchange, c chunk) []byte {
	return append(marshal(f.line(x, c, nil)), '\n')
}

func (f native) end(x *exchange, n figures) []byte {
	return append(marshal(f.line(x, chunk{}, func(l *line) {
		l.Done, l.DoneReason = true, n.reason
		l.TotalDuration, l.LoadDuration = time.Since(x.rec.Arrived), n.load
		l.PromptEvalCount, l.PromptEvalDuration = n.prompt, n.prefill
		l.EvalCount, l.EvalDuration = n.output, n.decode
	})), '\n')
}

func (native) garbage() []byte { return []byte("}{ this is no JSON\n") }

func (native) error(text string) []byte {
	return append(marshal(map[string]string{"error": text}), '\n')
}

func (native) fail(w http.ResponseWriter, status int, text string) { fail(w, status, "%s", text) }

func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, numbers and times: can't be
	}
	return b
}
