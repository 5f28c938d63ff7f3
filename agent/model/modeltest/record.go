package modeltest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Message is one turn of a chat request.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
	Calls   []Call `json:"tool_calls,omitempty"`
	Tool    string `json:"tool_name,omitempty"`    // whose result it is, in Ollama's own API
	CallID  string `json:"tool_call_id,omitempty"` // of which call, in /v1
}

// Request is a chat or generate request as it arrived.
type Request struct {
	Path      string // "/api/chat", "/api/generate" or "/v1/chat/completions"
	Model     string
	Messages  []Message // of a generate request its prompt as one user message, none for a mere load
	Options   map[string]any
	KeepAlive string // raw JSON; "" if absent
	Think     string // raw JSON; "" if absent
	Format    string // raw JSON of the schema that the reply is to follow; "" if absent
	Tools     []Tool
	Stream    bool
	Truncate  bool
	Fields    map[string]json.RawMessage // of a /v1 request
}

// Ahead reports whether the request is for no more than one token: a prefill
// ahead of a job, to whose answer nobody listens. It takes no reply of the script
// but one that is scripted for it (Reply.Ahead).
func (r Request) Ahead() bool { return r.Int("num_predict") == 1 && len(r.Messages) > 0 }

// Last is the content of the last message.
func (r Request) Last() string {
	if len(r.Messages) == 0 {
		return ""
	}
	return r.Messages[len(r.Messages)-1].Content
}

// Prompt is the content of all messages, one after the other.
func (r Request) Prompt() string {
	var b strings.Builder
	for i, m := range r.Messages {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(m.Content)
	}
	return b.String()
}

// Int is a whole number of Options, 0 if absent.
func (r Request) Int(option string) int {
	f, _ := r.Options[option].(float64)
	return int(f)
}

// Record is what became of one request, at the moment it was asked for.
type Record struct {
	Request
	Seq     int // 1 for the first chat or generate request
	Arrived time.Time
	Started time.Time // got a slot
	First   time.Time // first chunk written
	Ended   time.Time // zero while it runs

	Loaded    bool   // the model had to be loaded for it
	Status    int    // HTTP status sent, 0 before
	Sent      string // text written so far
	Chunks    int    // chunks written so far, thinking and calls included
	Cached    int    // prompt tokens that needed no evaluation
	Cancelled bool   // the client went away before the end
	Complete  bool   // the done line was written
	Gate      string // the gate at which it waits, "" if none
	Unmatched bool   // no reply of the script suited it

	sent []byte // what Sent is made of when it is asked for
}

// Stats counts what the server has seen and what it is doing.
type Stats struct {
	Requests    int // chat and generate requests
	Running     int // holding a slot
	Queued      int // waiting for one
	MaxRunning  int
	Cancelled   int
	Complete    int
	Loads       int // models loaded, reloads included
	Lists       int // /api/tags and /v1/models requests
	Shows       int // /api/show requests
	Connections int // open now
	Dialed      int // opened since the start
}

// State is what Wait looks at: everything seen so far.
type State struct {
	Stats
	Records []Record // in order of arrival
}

// change runs f under the lock and wakes everybody who waits for a condition.
func (s *Server) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// state is a copy of everything seen. s.mu must be held.
func (s *Server) state() State {
	st := State{Stats: s.stats, Records: make([]Record, len(s.records))}
	for i, r := range s.records {
		st.Records[i] = *r
		st.Records[i].Sent = string(r.sent)
	}
	return st
}

// State is everything seen so far.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state()
}

// Stats counts what was seen so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Chats are the records of the chat requests, in order of arrival, prefills aside.
func (s *Server) Chats() []Record {
	return slices.DeleteFunc(s.State().Records, func(r Record) bool { return r.Path == "/api/generate" || r.Ahead() })
}

// Prefills are the records of the requests that read ahead, in order of arrival.
func (s *Server) Prefills() []Record {
	return slices.DeleteFunc(s.State().Records, func(r Record) bool { return !r.Ahead() })
}

// Wait blocks until cond holds. It is asked again after every change.
func (s *Server) Wait(ctx context.Context, cond func(State) bool) error {
	for {
		s.mu.Lock()
		st, changed := s.state(), s.changed
		s.mu.Unlock()
		if cond(st) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("the model server never came to the state waited for: %w; %+v", ctx.Err(), st.Stats)
		case <-s.ctx.Done():
			return errClosed
		}
	}
}

// WaitGate blocks until a reply waits at the gate.
func (s *Server) WaitGate(ctx context.Context, name string) error {
	return s.Wait(ctx, func(st State) bool {
		return slices.ContainsFunc(st.Records, func(r Record) bool { return r.Gate == name })
	})
}

// WaitCancelled blocks until n requests were given up by their clients.
func (s *Server) WaitCancelled(ctx context.Context, n int) error {
	return s.Wait(ctx, func(st State) bool { return st.Cancelled >= n })
}

// WaitIdle blocks until no request runs or waits.
func (s *Server) WaitIdle(ctx context.Context) error {
	return s.Wait(ctx, func(st State) bool { return st.Running == 0 && st.Queued == 0 })
}

// Release opens a gate, for the replies that wait there and for all to come.
func (s *Server) Release(name string) {
	s.change(func() {
		if g := s.gate(name); !g.open {
			g.open = true
			close(g.ch)
		}
	})
}

// gate is a point at which replies wait. s.mu must be held to use open.
type gate struct {
	ch   chan struct{}
	open bool
}

func (s *Server) gate(name string) *gate {
	g := s.gates[name]
	if g == nil {
		g = &gate{ch: make(chan struct{})}
		s.gates[name] = g
	}
	return g
}
