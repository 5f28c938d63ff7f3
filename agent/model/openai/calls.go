package openai

import (
	"encoding/json"

	"github.com/hob-ls/hob/agent/model"
)

// chatMessage is a turn as these servers take it.
type chatMessage struct {
	Role    string     `json:"role"`
	Content *string    `json:"content"` // null beside calls where there is no text
	Calls   []chatCall `json:"tool_calls,omitempty"`
	CallID  string     `json:"tool_call_id,omitempty"`
}

type chatTool struct {
	Type     string       `json:"type"` // "function"
	Function chatFunction `json:"function"`
}

// chatFunction is a function offered, with parameters, or called, with arguments.
type chatFunction struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters,omitempty"`
	Arguments   string          `json:"arguments,omitempty"`
}

type chatCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"` // "function"
	Function chatFunction `json:"function"`
}

func message(m model.Message) chatMessage {
	out := chatMessage{Role: string(m.Role), Content: &m.Content, CallID: m.CallID}
	for _, c := range m.Calls {
		out.Calls = append(out.Calls, chatCall{c.ID, "function", chatFunction{Name: c.Name, Arguments: string(c.Object())}})
	}
	if len(m.Calls) > 0 && m.Content == "" {
		out.Content = nil
	}
	return out
}

// fragment is a piece of a call in a stream, or a whole call in an answer that is none.
type fragment struct {
	Index    *int   `json:"index"` // missing from whole calls
	ID       string `json:"id"`
	Function struct {
		Name      string              `json:"name"`
		Arguments model.WireArguments `json:"arguments"`
	} `json:"function"`
}

func (c content) calls() (out []model.Fragment) {
	for i, f := range c.Calls {
		if f.Index != nil {
			i = *f.Index
		}
		out = append(out, model.Fragment{Index: i, ID: f.ID, Name: f.Function.Name, Arguments: string(f.Function.Arguments)})
	}
	return out
}
