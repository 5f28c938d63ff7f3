package modeltest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"
)

// v1 registers the OpenAI-compatible API of the script's surface.
func (s *Server) v1(mux *http.ServeMux) {
	mux.HandleFunc("GET /v1/models", s.guarded(s.v1Models))
	mux.HandleFunc("POST /v1/chat/completions", s.guarded(s.v1Chat))
	switch s.script.Surface {
	case LlamaServer:
		mux.HandleFunc("GET /props", s.props)
	case LMStudio:
		mux.HandleFunc("GET /api/v0/models", s.guarded(s.v0Models))
	case VLLM:
		mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
			reply(w, http.StatusOK, map[string]string{"version": "0.11.0"})
		})
	}
}

// guarded refuses requests without the key.
func (s *Server) guarded(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); s.script.Key != "" && got != "Bearer "+s.script.Key {
			_, _ = io.Copy(io.Discard, r.Body) // so that the client reads the answer
			openai{}.fail(w, http.StatusUnauthorized, "Incorrect API key provided: "+got)
			return
		}
		h(w, r)
	}
}

func (s *Server) v1Models(w http.ResponseWriter, _ *http.Request) {
	s.change(func() { s.stats.Lists++ })
	owner := map[Surface]string{Ollama: "library", LlamaServer: "llamacpp", VLLM: "vllm", LMStudio: "organization_owner", LiteLLM: "openai"}[s.script.Surface]
	models := []map[string]any{}
	for _, m := range s.script.Models {
		m, _ = s.model(m.Name)
		entry := map[string]any{"id": m.Name, "object": "model", "created": 1_700_000_000, "owned_by": owner}
		switch s.script.Surface {
		case LlamaServer:
			entry["meta"] = map[string]any{"n_ctx_train": m.Context, "n_params": int64(parameters(m.Params)), "size": m.Bytes}
		case VLLM:
			entry["max_model_len"] = s.script.NumCtx
		}
		models = append(models, entry)
	}
	reply(w, http.StatusOK, map[string]any{"object": "list", "data": models})
}

func (s *Server) props(w http.ResponseWriter, _ *http.Request) {
	canCall := func(m Model) bool { return slices.Contains(m.Capabilities, "tools") }
	tools := slices.ContainsFunc(s.script.Models, canCall)
	reply(w, http.StatusOK, map[string]any{
		"default_generation_settings": map[string]any{"n_ctx": s.script.NumCtx},
		"total_slots":                 s.script.Slots,
		"model_path":                  "/models/model.gguf",
		"chat_template_caps":          map[string]any{"supports_tools": tools, "supports_tool_calls": tools},
	})
}

func (s *Server) v0Models(w http.ResponseWriter, _ *http.Request) {
	models := []map[string]any{}
	s.mu.Lock()
	alive := s.memory.alive(time.Now())
	for _, m := range s.script.Models {
		m, _ = s.model(m.Name)
		kind := "llm"
		if !slices.Contains(m.Capabilities, "completion") {
			kind = "embeddings"
		}
		entry := map[string]any{
			"id": m.Name, "object": "model", "type": kind, "arch": m.Family, "quantization": "Q4_K_M",
			"state": "not-loaded", "max_context_length": m.Context,
		}
		if slices.Contains(m.Capabilities, "tools") {
			entry["capabilities"] = []string{"tool_use"}
		}
		if i := slices.IndexFunc(alive, func(r *resident) bool { return r.name == canonical(m.Name) }); i >= 0 {
			entry["state"], entry["loaded_context_length"] = "loaded", alive[i].numCtx
		}
		models = append(models, entry)
	}
	s.mu.Unlock()
	reply(w, http.StatusOK, map[string]any{"object": "list", "data": models})
}

// v1Request is a chat/completions request in JSON, as far as it matters.
type v1Request struct {
	Model         string    `json:"model"`
	Messages      []Message `json:"messages"`
	Stream        bool      `json:"stream"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	MaxTokens           int             `json:"max_tokens"`
	MaxCompletionTokens int             `json:"max_completion_tokens"`
	Temperature         float64         `json:"temperature"`
	Stop                []any           `json:"stop"`
	TTL                 json.RawMessage `json:"ttl"`
	ReasoningEffort     string          `json:"reasoning_effort"`
	Tools               []Tool          `json:"tools"`
	Template            struct {
		EnableThinking *bool `json:"enable_thinking"`
	} `json:"chat_template_kwargs"`
	Format struct {
		Schema struct {
			Schema json.RawMessage `json:"schema"`
		} `json:"json_schema"`
	} `json:"response_format"`
}

func (s *Server) v1Chat(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	var req v1Request
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &req); err != nil {
		openai{}.fail(w, http.StatusBadRequest, err.Error())
		return
	}
	_ = json.Unmarshal(body, &fields) // it was valid just now
	for _, f := range slices.Sorted(maps.Keys(fields)) {
		if slices.Contains(s.script.Rejects, f) {
			openai{}.fail(w, http.StatusBadRequest, "body."+f+": Extra inputs are not permitted")
			return
		}
	}
	if len(req.Messages) == 0 {
		openai{}.fail(w, http.StatusBadRequest, "messages: at least one is needed")
		return
	}
	if id, stray := strayResult(req.Messages); stray {
		openai{}.fail(w, http.StatusBadRequest, fmt.Sprintf("messages with role 'tool' must answer a call of a message before them, and %q does not", id))
		return
	}
	s.handle(w, r, openai{surface: s.script.Surface, usage: req.StreamOptions.IncludeUsage}, s.v1Record(req, fields))
}

func (s *Server) v1Record(req v1Request, fields map[string]json.RawMessage) Request {
	off := false
	switch s.script.Surface {
	case Ollama:
		off = req.ReasoningEffort == "none"
	case LlamaServer, VLLM:
		off = req.Template.EnableThinking != nil && !*req.Template.EnableThinking
	}
	out := Request{
		Path: "/v1/chat/completions", Model: req.Model, Messages: req.Messages, Stream: req.Stream,
		Options: map[string]any{"temperature": req.Temperature}, KeepAlive: string(req.TTL),
		Truncate: s.script.Surface == Ollama, Fields: fields, Format: string(req.Format.Schema.Schema), Tools: req.Tools,
	}
	if n := cmp.Or(req.MaxCompletionTokens, req.MaxTokens); n > 0 {
		out.Options["num_predict"] = float64(n)
	}
	if len(req.Stop) > 0 {
		out.Options["stop"] = req.Stop
	}
	if off {
		out.Think = "false"
	}
	return out
}

// openai is the face of /v1.
type openai struct {
	surface Surface
	usage   bool // asked for
}

func (openai) contentType() string { return "text/event-stream" }

// event is one event of the stream, with one choice unless delta is nil.
func (f openai) event(x *exchange, delta map[string]any, finish any, more map[string]any) []byte {
	choices := []any{}
	if delta != nil {
		choices = append(choices, map[string]any{"index": 0, "delta": delta, "finish_reason": finish})
	}
	v := map[string]any{
		"id": fmt.Sprintf("chatcmpl-%d", x.rec.Seq), "object": "chat.completion.chunk",
		"created": time.Now().Unix(), "model": x.rec.Model, "choices": choices,
	}
	maps.Copy(v, more)
	return f.data(marshal(v))
}

func (openai) data(b []byte) []byte { return slices.Concat([]byte("data: "), b, []byte("\n\n")) }

// Ollama parses the calls out of the text, the others stream them.
func (f openai) holds() bool { return f.surface == Ollama }

func (f openai) chunk(x *exchange, c chunk) []byte {
	delta := map[string]any{"content": c.content}
	if c.call != nil {
		delta = map[string]any{"tool_calls": []wireCall{v1Call(c)}}
	}
	if c.thinking != "" {
		name := "reasoning_content"
		if f.surface == Ollama {
			name = "reasoning"
		}
		delta = map[string]any{name: c.thinking}
	}
	if x.rec.Chunks == 0 {
		delta["role"] = "assistant"
	}
	return f.event(x, delta, nil, nil)
}

func v1Call(c chunk) wireCall {
	w := wireCall{Index: &c.index, ID: c.call.ID, Function: wireFunction{Name: c.call.Name, Arguments: marshal(c.call.Arguments)}}
	if w.ID != "" {
		w.Type = "function"
	}
	return w
}

func (f openai) end(x *exchange, n figures) (out []byte) {
	if n.reason == "stop" && len(x.reply.Calls) > 0 {
		n.reason = "tool_calls"
	}
	if n.reason != "" {
		more := map[string]any{}
		if f.surface == LlamaServer {
			more["timings"] = map[string]any{
				"cache_n": n.cached, "prompt_n": n.prompt - n.cached, "prompt_ms": ms(n.prefill),
				"predicted_n": n.output, "predicted_ms": ms(n.decode),
			}
		}
		out = f.event(x, map[string]any{}, n.reason, more)
	}
	if f.usage {
		out = append(out, f.event(x, nil, nil, map[string]any{"usage": map[string]any{
			"prompt_tokens": n.prompt, "completion_tokens": n.output, "total_tokens": n.prompt + n.output,
			"prompt_tokens_details": map[string]any{"cached_tokens": n.cached},
		}})...)
	}
	return append(out, f.data([]byte("[DONE]"))...)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (f openai) garbage() []byte { return f.data([]byte("}{ this is no JSON")) }

func (f openai) error(text string) []byte {
	return f.data(marshal(map[string]any{"error": map[string]any{"message": text, "type": "server_error", "code": 500}}))
}

func (openai) fail(w http.ResponseWriter, status int, text string) {
	reply(w, status, map[string]any{"error": map[string]any{"message": text, "type": "error", "code": status}})
}
