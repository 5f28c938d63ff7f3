package model

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Role says who speaks in a Message.
type Role string

// The roles of a chat.
const (
	System     Role = "system"
	User       Role = "user"
	Assistant  Role = "assistant"
	ToolResult Role = "tool" // the result of a call
)

// Message is one turn of a chat.
type Message struct {
	Role    Role
	Content string
	Calls   []Call // of an Assistant message
	CallID  string // of a ToolResult: the ID of the call, "" if it had none
	Tool    string // of a ToolResult: the name of the tool
}

// Model is one model that an endpoint offers.
type Model struct {
	Provider string // the name of the endpoint in the configuration: "ollama"
	Name     string // as the endpoint calls it: "qwen2.5-coder:3b"
	Params   int64  // number of parameters, 0 if unknown
	Bytes    int64  // size of the weights, 0 if unknown
	Digest   string // of the weights and their settings, "" if the endpoint does not tell
	Family   string
	Context  int   // the longest context the model was made for, in tokens, 0 if unknown
	Chat     bool  // can complete a chat (not an embedding model)
	Coder    bool  // made for code, by its name or family
	Thinks   bool  // can think before it answers
	Tools    bool  // can call tools natively; false where the endpoint does not tell
	Remote   bool  // the endpoint passes requests on to another machine (Ollama cloud models)
	Resident bool  // loaded now
	NumCtx   int   // the context it is loaded with; 0 unless Resident
	Memory   int64 // what it takes while it is loaded; 0 if unknown
	VRAM     int64 // of that, in the memory of a graphics card
}

// ID is "PROVIDER/NAME", as configuration and results write it.
func (m Model) ID() string { return m.Provider + "/" + m.Name }

// Request is one chat.
type Request struct {
	Model       string // name at the endpoint
	Messages    []Message
	Tools       []Tool // that it may call; a server that can't gives ErrNoTools
	NumCtx      int    // context size in tokens; the same for every request to a model
	MaxTokens   int    // output limit
	Temperature float64
	Stop        []string
	Format      json.RawMessage // JSON schema that the reply must follow; nil leaves it free. A server that can't, ignores it: check the reply
	KeepAlive   time.Duration   // 0 means the endpoint's setting
}

// Delta is a piece of a reply.
type Delta struct {
	Text     string     `json:",omitempty"`
	Thinking string     `json:",omitempty"`
	Calls    []Fragment `json:",omitempty"` // pieces of calls; a reply may have calls and no text
}

// Usage counts tokens. Cached is how many prompt tokens the server did not have
// to evaluate again, where it tells; -1 where it does not.
type Usage struct{ Prompt, Cached, Output int }

// Reply is the end of a chat.
type Reply struct {
	Stopped bool // our callback returned ErrStop: Usage.Output counts what was seen
	Length  bool // the output limit ended it
	Usage   Usage
	Load    time.Duration // until the model was ready, as the server says: close to 0 if it was resident
	Prefill time.Duration
	Decode  time.Duration
	First   time.Duration // request sent to first delta, measured here
	Wall    time.Duration // request sent to stream closed, measured here: the model's own time
}

// ErrStop ends a stream when a delta callback returns it: the connection is
// closed, the slot is free, and Chat returns a Reply with Stopped and no error.
var ErrStop = errors.New("enough")

// Kind is why a request failed; each is an error kind of the wire contract.
type Kind string

// The kinds of failure.
const (
	Unreachable Kind = "model_unreachable"
	Missing     Kind = "model_missing"
	Failed      Kind = "model_failed"
	Incomplete  Kind = "incomplete_reply"
	Busy        Kind = "busy"
	TooLarge    Kind = "too_large"
	Timeout     Kind = "timeout"
)

// Error is what every failing method of this package returns, but for the
// context's own error when the caller cancelled.
type Error struct {
	Kind    Kind
	Message string // what happened: endpoint, model, status
	Hint    string // what to do next, a command where there is one
	Err     error
}

func (e *Error) Error() string { return e.Message }
func (e *Error) Unwrap() error { return e.Err }

// Provider is one endpoint. Implementations are safe for concurrent use.
type Provider interface {
	Name() string
	URL() string
	// List asks what the endpoint has and what is loaded.
	List(ctx context.Context) ([]Model, error)
	// Chat streams one reply. It returns an error unless the reply is complete
	// or the callback stopped it. Cancelling ctx closes the connection at once.
	Chat(ctx context.Context, req Request, on func(Delta) error) (Reply, error)
	// Load makes a model resident with that context size, generating nothing.
	Load(ctx context.Context, name string, numCtx int) error
}
