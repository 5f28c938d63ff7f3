package modeltest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Call is a call of a tool, in a reply or in the messages of a request.
type Call struct {
	ID        string // of a reply: "" has the server make one up
	Name      string
	Arguments string // JSON; in a reply it may be broken
}

// wireCall is a call in JSON, of either dialect.
type wireCall struct {
	Index    *int         `json:"index,omitempty"` // in a stream of /v1
	ID       string       `json:"id,omitempty"`
	Type     string       `json:"type,omitempty"` // "function", in /v1
	Function wireFunction `json:"function"`
}

type wireFunction struct {
	Index     int             `json:"index,omitempty"`
	Name      string          `json:"name,omitempty"`
	Arguments json.RawMessage `json:"arguments"` // the object itself, or in /v1 a string that holds its text
}

// MarshalJSON writes a call as Ollama has it in the messages of a request.
func (c Call) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireCall{ID: c.ID, Function: wireFunction{Name: c.Name, Arguments: json.RawMessage(c.Arguments)}})
}

// UnmarshalJSON reads a call of either dialect.
func (c *Call) UnmarshalJSON(b []byte) error {
	var w wireCall
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*c = Call{ID: w.ID, Name: w.Function.Name, Arguments: string(w.Function.Arguments)}
	if strings.HasPrefix(c.Arguments, `"`) {
		return json.Unmarshal(w.Function.Arguments, &c.Arguments)
	}
	return nil
}

// Tool is one that a request offers.
type Tool struct {
	Type     string `json:"type"`
	Function struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Parameters  json.RawMessage `json:"parameters"`
	} `json:"function"`
}

// Offers reports whether the request offers a tool of that name.
func (r Request) Offers(name string) bool {
	return slices.ContainsFunc(r.Tools, func(t Tool) bool { return t.Function.Name == name })
}

// Results are the names of the tools whose results end the messages: those that
// the model did not see in the request before.
func (r Request) Results() (names []string) {
	calls := map[string]string{} // /v1 names the call alone
	for _, m := range r.Messages {
		for _, c := range m.Calls {
			calls[c.ID] = c.Name
		}
	}
	for i := len(r.Messages) - 1; i >= 0 && r.Messages[i].Role == "tool"; i-- {
		m := r.Messages[i]
		names = append(names, cmp.Or(m.Tool, calls[m.CallID]))
	}
	slices.Reverse(names)
	return names
}

// rendered is the whole prompt as a template would make it: tools and calls are
// read by the model like any other text.
func (r Request) rendered() string {
	var b strings.Builder
	for _, t := range r.Tools {
		fmt.Fprintf(&b, "%s %s %s\n", t.Function.Name, t.Function.Description, t.Function.Parameters)
	}
	for i, m := range r.Messages {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, c := range m.Calls {
			fmt.Fprintf(&b, "%s %s\n", c.Name, c.Arguments)
		}
		b.WriteString(m.Content)
	}
	return b.String()
}

// noTools is what a server of the script's surface says to tools for a model that
// can't call them; "" if it takes them all the same.
func (s *Server) noTools(m Model, native bool) string {
	switch {
	case native:
		return fmt.Sprintf("registry.ollama.ai/library/%s does not support tools", canonical(m.Name))
	case s.script.Surface == VLLM:
		return `"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set`
	case s.script.Surface == LiteLLM:
		return "litellm.UnsupportedParamsError: it does not support parameters: ['tools'], for model=" + m.Name
	case s.script.Surface == LlamaServer:
		return "tools param requires --jinja flag"
	case s.script.Surface == LMStudio:
		return "" // it has a prompt of its own for such models
	}
	return fmt.Sprintf("registry.ollama.ai/library/%s does not support tools", canonical(m.Name))
}

// strayResult is the ID of a result to whose call no message before it refers,
// which /v1 refuses.
func strayResult(messages []Message) (id string, stray bool) {
	known := map[string]bool{}
	for _, m := range messages {
		for _, c := range m.Calls {
			known[c.ID] = true
		}
		if m.Role == "tool" && !known[m.CallID] {
			return m.CallID, true
		}
	}
	return "", false
}

// pieces are the chunks of a call, one token each: its name, then its arguments.
func (x *exchange) pieces(i int, c Call) []chunk {
	c.ID = cmp.Or(c.ID, fmt.Sprintf("call_%d_%d", x.rec.Seq, i))
	out := []chunk{{call: &Call{ID: c.ID, Name: c.Name}, index: i}}
	for _, piece := range cut(c.Arguments, x.reply.Chunk) {
		out = append(out, chunk{call: &Call{Arguments: piece}, index: i})
	}
	return out
}

// held is one chunk for all pieces of each call, as Ollama sends it. Of a call
// whose arguments are broken or cut, and of one of a tool that it was not offered,
// Ollama says nothing at all.
func held(req Request, chunks []chunk) (out []chunk) {
	for i := 0; i < len(chunks); {
		c := chunks[i]
		if c.call == nil {
			out = append(out, c)
			i++
			continue
		}
		whole := *c.call
		for i++; i < len(chunks) && chunks[i].call != nil && chunks[i].call.Name == ""; i++ {
			whole.Arguments += chunks[i].call.Arguments
			c.more++
		}
		c.call = &whole
		var object map[string]any
		c.mute = json.Unmarshal([]byte(whole.Arguments), &object) != nil || !req.Offers(whole.Name)
		out = append(out, c)
	}
	return out
}
