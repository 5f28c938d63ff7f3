package ollama

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/hob-ls/hob/agent/model"
)

// chatLine is a line of a chat: what Hob reads of api.ChatResponse, and the
// error that may come instead of it.
type chatLine struct {
	Message struct {
		Content  string `json:"content"`
		Thinking string `json:"thinking"`
		Calls    []struct {
			ID       string `json:"id"`
			Function struct {
				Index     int                 `json:"index"`
				Name      string              `json:"name"`
				Arguments model.WireArguments `json:"arguments"`
			} `json:"function"`
		} `json:"tool_calls"`
	} `json:"message"`
	Done       bool   `json:"done"`
	DoneReason string `json:"done_reason"`
	Error      string `json:"error"`
	api.Metrics
}

// Chat streams one reply. See model.Provider.
func (p *Provider) Chat(ctx context.Context, req model.Request, on func(model.Delta) error) (model.Reply, error) {
	think, err := p.think(ctx, req.Model)
	if err != nil {
		return model.Reply{}, err
	}
	r, err := p.chatRequest(req, think)
	if err != nil {
		return model.Reply{}, err
	}
	body, err := p.wire.Marshal(r)
	if err != nil {
		return model.Reply{}, err
	}
	return p.wire.Chat(ctx, req, model.Exchange{Path: "api/chat", Body: body, Line: func(b []byte, reply *model.Reply) (model.Delta, model.Progress, error) {
		var d model.Delta
		l, err := p.line(req.Model, b)
		if err != nil {
			return d, model.More, err
		}
		d = l.delta()
		switch {
		case !l.Done:
			return d, model.More, nil
		case l.DoneReason == "": // the runner died; the server ends the stream as if all were well
			return d, model.More, p.wire.Incomplete(req.Model, nil)
		}
		reply.Length = l.DoneReason == "length"
		reply.Usage.Prompt, reply.Usage.Output = l.PromptEvalCount, l.EvalCount
		reply.Load, reply.Prefill, reply.Decode = l.LoadDuration, l.PromptEvalDuration, l.EvalDuration
		return d, model.Done, nil
	}}, on)
}

// delta is what a line brings. A call is always whole.
func (l *chatLine) delta() model.Delta {
	d := model.Delta{Text: l.Message.Content, Thinking: l.Message.Thinking}
	for _, c := range l.Message.Calls {
		f := c.Function
		d.Calls = append(d.Calls, model.Fragment{Index: f.Index, ID: c.ID, Name: f.Name, Arguments: string(f.Arguments)})
	}
	return d
}

// line reads one line of a stream.
func (p *Provider) line(name string, b []byte) (l chatLine, err error) {
	if err := json.Unmarshal(b, &l); err != nil {
		return l, p.wire.Stranger(err)
	}
	if l.Error != "" {
		return l, p.refused(name, 0, l.Error)
	}
	return l, nil
}

// chatRequest is api.ChatRequest with tools as they are: the type of the API
// would lose parts of their schemas.
type chatRequest struct {
	api.ChatRequest
	Tools []wireTool `json:"tools,omitempty"`
}

type wireTool struct {
	Type     string       `json:"type"` // "function"
	Function wireFunction `json:"function"`
}

type wireFunction struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters"`
}

// message is a turn as Ollama takes it.
func message(m model.Message) (api.Message, error) {
	out := api.Message{Role: string(m.Role), Content: m.Content, ToolName: m.Tool, ToolCallID: m.CallID}
	for i, c := range m.Calls {
		call := api.ToolCall{ID: c.ID, Function: api.ToolCallFunction{Index: i, Name: c.Name}}
		if err := json.Unmarshal(c.Object(), &call.Function.Arguments); err != nil {
			return out, err
		}
		out.ToolCalls = append(out.ToolCalls, call)
	}
	return out, nil
}

// chatRequest sets exactly the options that Hob decides. Any other would make
// the server load the model again for us, or for others after us.
func (p *Provider) chatRequest(req model.Request, think *api.ThinkValue) (*chatRequest, error) {
	yes, no := true, false
	options := map[string]any{"temperature": req.Temperature}
	if req.NumCtx > 0 {
		options["num_ctx"] = req.NumCtx
	}
	if req.MaxTokens > 0 {
		options["num_predict"] = req.MaxTokens
	}
	if len(req.Stop) > 0 {
		options["stop"] = req.Stop
	}
	messages := make([]api.Message, len(req.Messages))
	for i, m := range req.Messages {
		var err error
		if messages[i], err = message(m); err != nil {
			return nil, p.wire.Failed("a call of %s can't be sent back to %s: %v", m.Calls[0].Name, req.Model, err)
		}
	}
	out := &chatRequest{ChatRequest: api.ChatRequest{
		Model:     req.Model,
		Messages:  messages,
		Stream:    &yes,
		Truncate:  &no, // too long a prompt is an error, not an answer to half of it
		KeepAlive: &api.Duration{Duration: cmp.Or(req.KeepAlive, p.keepAlive)},
		Think:     think,
		Format:    req.Format,
		Options:   options,
	}}
	for _, t := range req.Tools {
		out.Tools = append(out.Tools, wireTool{"function", wireFunction{t.Name, t.Description, t.Parameters()}})
	}
	return out, nil
}

// showTimeout bounds how long a chat waits to learn what its model can.
const showTimeout = 5 * time.Second

// think is what to send so that the model does not think; nil for a model that
// can't, which must not be sent anything.
func (p *Provider) think(ctx context.Context, name string) (*api.ThinkValue, error) {
	t := p.known(name)
	if t == nil {
		soon, cancel := context.WithTimeout(ctx, min(showTimeout, p.wire.First))
		defer cancel()
		var err error
		if t, err = p.show(soon, name); err != nil {
			var e *model.Error
			if errors.As(err, &e) && (e.Kind == model.Failed || e.Kind == model.Timeout) && ctx.Err() == nil {
				p.wire.Log.Warn("ollama: the capabilities of a model are unknown", "model", name, "error", err)
				return nil, nil // the chat itself may work, and says better what is wrong if not
			}
			return nil, err
		}
		p.learn(name, t)
	}
	switch {
	case !slices.Contains(t.capabilities, "thinking"):
		return nil, nil
	case t.levels():
		return &api.ThinkValue{Value: "low"}, nil
	}
	return &api.ThinkValue{Value: false}, nil
}

// levels reports whether the model can think less but not think nothing.
func (t *traits) levels() bool { return t.family == "gptoss" || t.family == "gpt-oss" }

// thought says once that a model thinks though it was told not to.
func (p *Provider) thought(name string) {
	if t := p.known(name); t == nil || !t.levels() {
		p.wire.Log.Warn("ollama: a model thinks before it answers though it was told not to, which takes its time", "model", name)
	}
}

// Load makes a model resident with that context size, generating nothing. It
// returns when the model is loaded.
func (p *Provider) Load(ctx context.Context, name string, numCtx int) error {
	no := false
	req := &api.GenerateRequest{
		Model:     name,
		Stream:    &no,
		KeepAlive: &api.Duration{Duration: p.keepAlive},
	}
	if numCtx > 0 {
		req.Options = map[string]any{"num_ctx": numCtx}
	}
	body, err := p.wire.Marshal(req)
	if err != nil {
		return err
	}
	return p.wire.Each(ctx, "api/generate", body, name, func(b []byte) (bool, error) {
		l, err := p.line(name, b)
		return l.Done, err
	})
}

// show asks for the traits of one model.
func (p *Provider) show(ctx context.Context, name string) (*traits, error) {
	var r api.ShowResponse
	if err := p.wire.Ask(ctx, http.MethodPost, "api/show", &api.ShowRequest{Model: name}, name, &r); err != nil {
		return nil, err
	}
	t := &traits{family: r.Details.Family, remote: r.RemoteHost != "" || r.RemoteModel != ""}
	for _, c := range r.Capabilities {
		t.capabilities = append(t.capabilities, string(c))
	}
	if n, ok := r.ModelInfo["general.parameter_count"].(float64); ok {
		t.params = int64(n)
	}
	if arch, ok := r.ModelInfo["general.architecture"].(string); ok {
		if n, ok := r.ModelInfo[arch+".context_length"].(float64); ok {
			t.context = int(n)
		}
	}
	return t, nil
}
