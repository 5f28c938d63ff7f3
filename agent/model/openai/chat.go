package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hob-ls/hob/agent/model"
)

// chatRequest is a request to chat/completions.
type chatRequest struct {
	Model               string          `json:"model"`
	Messages            []chatMessage   `json:"messages"`
	Stream              bool            `json:"stream"`
	StreamOptions       *streamOptions  `json:"stream_options,omitempty"`
	Temperature         *float64        `json:"temperature,omitempty"`
	MaxTokens           int             `json:"max_tokens,omitempty"`
	MaxCompletionTokens int             `json:"max_completion_tokens,omitempty"`
	Stop                []string        `json:"stop,omitempty"`
	CachePrompt         *bool           `json:"cache_prompt,omitempty"` // llama-server
	Template            *templateKwargs `json:"chat_template_kwargs,omitempty"`
	ReasoningEffort     string          `json:"reasoning_effort,omitempty"`
	Format              *responseFormat `json:"response_format,omitempty"`
	Tools               []chatTool      `json:"tools,omitempty"`
	TTL                 int             `json:"ttl,omitempty"` // LM Studio: seconds
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

type templateKwargs struct {
	EnableThinking *bool `json:"enable_thinking,omitempty"`
}

// responseFormat makes the reply follow a schema.
type responseFormat struct {
	Type   string     `json:"type"` // "json_schema"
	Schema jsonSchema `json:"json_schema"`
}

type jsonSchema struct {
	Name   string          `json:"name"` // needed and of no meaning
	Strict bool            `json:"strict"`
	Schema json.RawMessage `json:"schema"`
}

// field is a part of a request that some servers refuse and that can be done without.
type field string

// optional are those fields, with how to do without each.
var optional = []struct {
	field
	has  func(*chatRequest) bool
	drop func(*chatRequest)
}{
	{"stream_options", func(r *chatRequest) bool { return r.StreamOptions != nil }, func(r *chatRequest) { r.StreamOptions = nil }},
	{"chat_template_kwargs", func(r *chatRequest) bool { return r.Template != nil }, func(r *chatRequest) { r.Template = nil }},
	{"reasoning_effort", func(r *chatRequest) bool { return r.ReasoningEffort != "" }, func(r *chatRequest) { r.ReasoningEffort = "" }},
	{"response_format", func(r *chatRequest) bool { return r.Format != nil }, func(r *chatRequest) { r.Format = nil }},
	{"ttl", func(r *chatRequest) bool { return r.TTL != 0 }, func(r *chatRequest) { r.TTL = 0 }},
	{"cache_prompt", func(r *chatRequest) bool { return r.CachePrompt != nil }, func(r *chatRequest) { r.CachePrompt = nil }},
	{"temperature", func(r *chatRequest) bool { return r.Temperature != nil }, func(r *chatRequest) { r.Temperature = nil }},
	{"max_tokens", func(r *chatRequest) bool { return r.MaxTokens != 0 }, func(r *chatRequest) {
		r.MaxCompletionTokens, r.MaxTokens = r.MaxTokens, 0
	}},
}

// essential are the fields that are only left out when the server names them.
var essential = []field{"temperature", "max_tokens"}

func (p *Provider) request(s surface, req model.Request) *chatRequest {
	r := &chatRequest{
		Model:         req.Model,
		Stream:        true,
		StreamOptions: &streamOptions{IncludeUsage: true},
		Temperature:   &req.Temperature,
		MaxTokens:     req.MaxTokens,
		Stop:          req.Stop,
		Messages:      make([]chatMessage, len(req.Messages)),
	}
	for i, m := range req.Messages {
		r.Messages[i] = message(m)
	}
	for _, t := range req.Tools {
		r.Tools = append(r.Tools, chatTool{"function", chatFunction{Name: t.Name, Description: t.Description, Parameters: t.Parameters()}})
	}
	if len(req.Format) > 0 {
		r.Format = &responseFormat{"json_schema", jsonSchema{"reply", true, req.Format}}
	}
	s.quiet(r)
	switch s {
	case lmStudio:
		keep := p.opts.KeepAlive
		if req.KeepAlive != 0 {
			keep = req.KeepAlive
		}
		r.TTL = int(max(0, keep) / time.Second)
	case llamaServer:
		yes := true
		r.CachePrompt = &yes
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range optional {
		if slices.Contains(p.refused[req.Model], o.field) && o.has(r) {
			o.drop(r)
		}
	}
	return r
}

// Chat streams one reply. See model.Provider. The context size of a request is
// not sent: these servers have theirs.
func (p *Provider) Chat(ctx context.Context, req model.Request, on func(model.Delta) error) (model.Reply, error) {
	s, err := p.who(ctx)
	if err != nil {
		return model.Reply{}, err
	}
	r := p.request(s, req)
	heard := false
	send := func() (model.Reply, error) {
		body, err := p.wire.Marshal(r)
		if err != nil {
			return model.Reply{}, err
		}
		return p.wire.Chat(ctx, req, model.Exchange{Path: "chat/completions", Body: body, Line: p.reader(req.Model)}, func(d model.Delta) error {
			heard = true
			return on(d)
		})
	}
	reply, err := send()
	for first, dropped := err, []field(nil); errors.Is(err, errBadRequest) && !heard; {
		var e *model.Error
		if !errors.As(err, &e) || e.Kind != model.Failed {
			return reply, err
		}
		without := r.without(e.Message)
		if len(without) == 0 {
			return reply, first // what it says of the whole request is the better word
		}
		dropped = append(dropped, without...)
		if reply, err = send(); err == nil || !errors.Is(err, errBadRequest) {
			p.refuses(req.Model, dropped, first)
		}
	}
	return reply, err
}

// without takes out of the request the optional fields that an error names, or,
// if it names none, all that are not essential; and tells which.
func (r *chatRequest) without(text string) (out []field) {
	for _, named := range []bool{true, false} {
		for _, o := range optional {
			if !o.has(r) || named && !strings.Contains(text, string(o.field)) || !named && slices.Contains(essential, o.field) {
				continue
			}
			o.drop(r)
			out = append(out, o.field)
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// refuses notes that requests to a model must do without some fields.
func (p *Provider) refuses(name string, fields []field, err error) {
	p.mu.Lock()
	p.refused[name] = append(p.refused[name], fields...)
	p.mu.Unlock()
	p.wire.Log.Info("a server refuses fields of requests", "endpoint", p.opts.Name, "model", name, "fields", fields, "error", err)
}

// who is the surface, found out now if need be.
func (p *Provider) who(ctx context.Context) (surface, error) {
	if s := p.known(); s != unknown {
		return s, nil
	}
	soon, cancel := context.WithTimeout(ctx, min(detectTimeout, p.wire.First))
	defer cancel()
	list, err := p.models(soon)
	if err == nil {
		return p.detect(soon, list), nil
	}
	var e *model.Error
	if ctx.Err() == nil && errors.As(err, &e) && (e.Kind == model.Failed || e.Kind == model.Timeout) {
		p.wire.Log.Debug("what server an endpoint is remains unknown", "endpoint", p.opts.Name, "error", err)
		return unknown, nil // the chat itself may work, and says better what is wrong if not
	}
	return unknown, err
}

// chunk is one event of a stream, or the whole answer of a server that does not stream.
type chunk struct {
	Choices []struct {
		Delta   content `json:"delta"`
		Message content `json:"message"`
		Finish  string  `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		Prompt  int `json:"prompt_tokens"`
		Output  int `json:"completion_tokens"`
		Details *struct {
			Cached *int `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	} `json:"usage"`
	Timings *struct {
		Cached    int     `json:"cache_n"`
		Prompt    int     `json:"prompt_n"`
		PromptMS  float64 `json:"prompt_ms"`
		Output    int     `json:"predicted_n"`
		PredictMS float64 `json:"predicted_ms"`
	} `json:"timings"` // llama-server
	Error *wireError `json:"error"`
}

type content struct {
	Content   string     `json:"content"`
	Reasoning string     `json:"reasoning"`         // Ollama, newer vLLM
	Thoughts  string     `json:"reasoning_content"` // the others
	Calls     []fragment `json:"tool_calls"`
}

// reader reads the lines of one stream: each event is one line.
func (p *Provider) reader(name string) func([]byte, *model.Reply) (model.Delta, model.Progress, error) {
	finished := false
	return func(b []byte, reply *model.Reply) (d model.Delta, at model.Progress, err error) {
		data, ok := bytes.CutPrefix(b, []byte("data:"))
		switch {
		case ok:
			data = bytes.TrimSpace(data)
		case b[0] == '{': // no stream: an answer or an error as one value
			data = b
		case bytes.HasPrefix(b, []byte("error:")): // llama-server of old
			data = bytes.TrimSpace(b[len("error:"):])
			data = slices.Concat([]byte(`{"error":`), data, []byte("}"))
		case b[0] == ':' || bytes.HasPrefix(b, []byte("event:")) || bytes.HasPrefix(b, []byte("id:")) || bytes.HasPrefix(b, []byte("retry:")):
			return d, model.More, nil // a sign of life
		default:
			return d, model.More, p.wire.Stranger(errors.New("the stream has a line that is no event"))
		}
		if string(data) == "[DONE]" {
			if !finished {
				return d, model.More, p.wire.Incomplete(name, nil)
			}
			return d, model.Done, nil
		}
		var c chunk
		if err := json.Unmarshal(data, &c); err != nil {
			return d, model.More, p.wire.Stranger(err)
		}
		if c.Error != nil && !finished {
			return d, model.More, p.rejected(name, 0, c.Error.Text)
		}
		c.figures(reply)
		if len(c.Choices) > 0 {
			choice := c.Choices[0]
			d.Text = choice.Delta.Content + choice.Message.Content
			d.Thinking = choice.Delta.thinking() + choice.Message.thinking()
			d.Calls = append(choice.Delta.calls(), choice.Message.calls()...)
			switch choice.Finish {
			case "":
			case "abort", "error", "content_filter":
				return d, model.More, p.wire.Incomplete(name, errors.New("finish_reason "+choice.Finish))
			default:
				finished = true
				reply.Length = choice.Finish == "length"
			}
		}
		if finished {
			at = model.Complete
		}
		return d, at, nil
	}
}

func (c content) thinking() string {
	if c.Thoughts != "" {
		return c.Thoughts
	}
	return c.Reasoning
}

// figures notes what the server tells of its work.
func (c *chunk) figures(r *model.Reply) {
	if t := c.Timings; t != nil {
		r.Usage = model.Usage{Prompt: t.Cached + t.Prompt, Cached: t.Cached, Output: t.Output}
		r.Prefill = time.Duration(t.PromptMS * float64(time.Millisecond))
		r.Decode = time.Duration(t.PredictMS * float64(time.Millisecond))
	}
	if u := c.Usage; u != nil && u.Prompt+u.Output > 0 {
		r.Usage.Prompt, r.Usage.Output = u.Prompt, u.Output
		if u.Details != nil && u.Details.Cached != nil {
			r.Usage.Cached = *u.Details.Cached
		}
	}
}

// Load makes a model resident. Servers that load at the first request are sent
// one for a single token; the context size is theirs to choose.
func (p *Provider) Load(ctx context.Context, name string, _ int) error {
	s, err := p.who(ctx)
	if err != nil {
		return err
	}
	if s.serves() {
		list, err := p.models(ctx)
		if err == nil && !slices.ContainsFunc(list, func(l listed) bool { return l.ID == name }) {
			err = p.rejected(name, 404, "model not found")
		}
		return err
	}
	_, err = p.Chat(ctx, model.Request{Model: name, MaxTokens: 1, Messages: []model.Message{{Role: model.User, Content: "."}}},
		func(model.Delta) error { return nil })
	return err
}
