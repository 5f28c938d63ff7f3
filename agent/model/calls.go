package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// Tool is one that a model is offered.
type Tool struct {
	Name        string
	Description string
	Schema      json.RawMessage // JSON schema of the arguments, an object; nil is one without properties
}

// Call is a whole call of a tool, as it goes back to the model.
type Call struct {
	ID        string // "" where the server gave none
	Name      string
	Arguments string // a JSON object
}

// Fragment is a piece of a call as it comes in a stream. Ollama sends whole
// calls; servers that speak like OpenAI send the name first and then the
// arguments in pieces, told apart by Index.
type Fragment struct {
	Index     int    `json:",omitempty"` // which call of the reply; some servers number all whole calls 0
	ID        string `json:",omitempty"` // of the call; "" in later pieces
	Name      string `json:",omitempty"` // "" in later pieces
	Arguments string `json:",omitempty"` // the next piece of a JSON text
}

// ErrNoTools is what an Error wraps when a server takes no tools for a model, so
// that the caller can go on without: no reply has begun.
var ErrNoTools = errors.New("the model takes no tools")

// Object is the arguments as servers take them back: what is no JSON object, as
// a model may well write, goes as an empty one, for else they refuse the whole chat.
func (c Call) Object() json.RawMessage {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(c.Arguments), &object) != nil || object == nil {
		return json.RawMessage("{}")
	}
	return json.RawMessage(c.Arguments)
}

// Parameters is the schema of a tool that takes what servers want: an object.
func (t Tool) Parameters() json.RawMessage {
	if len(t.Schema) == 0 {
		return json.RawMessage(`{"type":"object","properties":{}}`)
	}
	return t.Schema
}

// WireArguments is a JSON value as a piece of arguments: most servers send a
// string that holds the JSON text, some the value itself.
type WireArguments string

// UnmarshalJSON reads either.
func (a *WireArguments) UnmarshalJSON(b []byte) error {
	switch b = bytes.TrimSpace(b); {
	case bytes.Equal(b, []byte("null")):
		return nil
	case len(b) > 0 && b[0] == '"':
		return json.Unmarshal(b, (*string)(a))
	}
	*a = WireArguments(b)
	return nil
}

func (f Fragment) size() int { return len(f.ID) + len(f.Name) + len(f.Arguments) }

// empty reports whether a delta brings nothing.
func (d Delta) empty() bool { return d.Text == "" && d.Thinking == "" && len(d.Calls) == 0 }

func (d Delta) size() int { return len(d.Text) + len(d.Thinking) + sum(d.Calls, Fragment.size) }

// A piece of a call of more than onePiece bytes is more than one token: some
// servers hold a call back until it is whole. Then it has one in callBytes or so.
const (
	onePiece  = 24
	callBytes = 4
)

// tokens is about how many output tokens a delta is: one, as servers send each on
// its own, but for calls that came whole.
func (d Delta) tokens() int {
	n := sum(d.Calls, func(f Fragment) int { return len(f.Name) + len(f.Arguments) })
	if n <= onePiece {
		return 1
	}
	return n / callBytes
}

// late reports whether the server held a delta back until it had several tokens,
// so that the time of its coming says little.
func (d Delta) late() bool { return d.tokens() > 1 }

func tokensOf(deltas []Delta) int { return sum(deltas, Delta.tokens) }

// size is how many bytes of a prompt a message is, its frame aside.
func (m Message) size() int {
	return len(m.Content) + sum(m.Calls, func(c Call) int { return len(c.Name) + len(c.Arguments) })
}

// same reports whether two messages differ in nothing but their content.
func (m Message) same(o Message) bool {
	return m.Role == o.Role && m.CallID == o.CallID && m.Tool == o.Tool && slices.Equal(m.Calls, o.Calls)
}

// size is how many bytes of a prompt a tool is.
func (t Tool) size() int { return len(t.Name) + len(t.Description) + len(t.Schema) }

func (t Tool) equal(o Tool) bool {
	return t.Name == o.Name && t.Description == o.Description && bytes.Equal(t.Schema, o.Schema)
}

func sum[T any](all []T, size func(T) int) (n int) {
	for _, x := range all {
		n += size(x)
	}
	return n
}
