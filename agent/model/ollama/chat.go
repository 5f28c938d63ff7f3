package ollama

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
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
	body, err := json.Marshal(p.chatRequest(req, think))
	if err != nil {
		return model.Reply{}, p.failed("the request to %s can't be written as JSON: %v", p.URL(), err)
	}
	sent := time.Now()
	s, err := p.open(ctx, "/api/chat", body, req.Model)
	if err != nil {
		return model.Reply{}, err
	}
	reply := model.Reply{Usage: model.Usage{Cached: -1}}
	err = s.lines(func(b []byte) error {
		var l chatLine
		if err := json.Unmarshal(b, &l); err != nil {
			return p.notOllama(err)
		}
		if l.Error != "" {
			return p.refused(req.Model, 0, l.Error)
		}
		if l.Message.Content != "" || l.Message.Thinking != "" {
			if reply.First == 0 {
				reply.First = time.Since(sent)
			}
			reply.Usage.Output++
			if err := on(model.Delta{Text: l.Message.Content, Thinking: l.Message.Thinking}); err != nil {
				return callbackError{err}
			}
		}
		if !l.Done {
			return nil
		}
		if l.DoneReason == "" { // the runner died; the server ends the stream as if all were well
			return p.incomplete(req.Model, nil)
		}
		finish(&reply, l)
		return errDone
	})
	reply.Wall = time.Since(sent)
	var cb callbackError
	switch {
	case errors.Is(err, errDone) && ctx.Err() == nil:
		return reply, nil
	case errors.As(err, &cb) && errors.Is(cb.error, model.ErrStop):
		reply.Stopped = true
		// The server tells its own figures only at the end.
		reply.Prefill, reply.Decode = reply.First, reply.Wall-reply.First
		return reply, nil
	case errors.As(err, &cb):
		return model.Reply{}, cb.error
	}
	return model.Reply{}, s.diagnose(err)
}

// callbackError is an error of the caller's own, not of the stream.
type callbackError struct{ error }

func (e callbackError) Unwrap() error { return e.error }

// errDone ends the reading after the done line.
var errDone = errors.New("done")

func finish(r *model.Reply, l chatLine) {
	r.Length = l.DoneReason == "length"
	r.Usage.Prompt = l.PromptEvalCount
	r.Usage.Output = cmp.Or(l.EvalCount, r.Usage.Output)
	r.Load, r.Prefill, r.Decode = l.LoadDuration, l.PromptEvalDuration, l.EvalDuration
}

// chatRequest sets exactly the options that Hob decides. Any other would make
// the server load the model again for us, or for others after us.
func (p *Provider) chatRequest(req model.Request, think *api.ThinkValue) *api.ChatRequest {
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
		messages[i] = api.Message{Role: string(m.Role), Content: m.Content}
	}
	return &api.ChatRequest{
		Model:     req.Model,
		Messages:  messages,
		Stream:    &yes,
		Truncate:  &no, // too long a prompt is an error, not an answer to half of it
		KeepAlive: &api.Duration{Duration: cmp.Or(req.KeepAlive, p.opts.KeepAlive)},
		Think:     think,
		Options:   options,
	}
}

// showTimeout bounds how long a chat waits to learn what its model can.
const showTimeout = 5 * time.Second

// think is what to send so that the model does not think; nil for a model that
// can't, which must not be sent anything.
func (p *Provider) think(ctx context.Context, name string) (*api.ThinkValue, error) {
	t := p.known(name)
	if t == nil {
		soon, cancel := context.WithTimeout(ctx, min(showTimeout, p.opts.First))
		defer cancel()
		var err error
		if t, err = p.show(soon, name); err != nil {
			var e *model.Error
			if errors.As(err, &e) && (e.Kind == model.Failed || e.Kind == model.Timeout) && ctx.Err() == nil {
				p.opts.Log.Warn("ollama: the capabilities of a model are unknown", "model", name, "error", err)
				return nil, nil // the chat itself may work, and says better what is wrong if not
			}
			return nil, err
		}
		p.learn(name, t)
	}
	switch {
	case !slices.Contains(t.capabilities, "thinking"):
		return nil, nil
	case t.family == "gptoss" || t.family == "gpt-oss": // knows levels only
		return &api.ThinkValue{Value: "low"}, nil
	}
	return &api.ThinkValue{Value: false}, nil
}

// Load makes a model resident with that context size, generating nothing. It
// returns when the model is loaded.
func (p *Provider) Load(ctx context.Context, name string, numCtx int) error {
	no := false
	req := &api.GenerateRequest{
		Model:     name,
		Stream:    &no,
		KeepAlive: &api.Duration{Duration: p.opts.KeepAlive},
	}
	if numCtx > 0 {
		req.Options = map[string]any{"num_ctx": numCtx}
	}
	body, err := json.Marshal(req)
	if err != nil {
		return p.failed("the request to %s can't be written as JSON: %v", p.URL(), err)
	}
	s, err := p.open(ctx, "/api/generate", body, name)
	if err != nil {
		return err
	}
	err = s.lines(func(b []byte) error {
		var l chatLine
		if err := json.Unmarshal(bytes.TrimSpace(b), &l); err != nil {
			return p.notOllama(err)
		}
		if l.Error != "" {
			return p.refused(name, 0, l.Error)
		}
		if l.Done {
			return errDone
		}
		return nil
	})
	if errors.Is(err, errDone) && ctx.Err() == nil {
		return nil
	}
	return s.diagnose(err)
}
