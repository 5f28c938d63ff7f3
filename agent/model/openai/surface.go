package openai

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/hob-ls/hob/agent/model"
)

// surface is a kind of server.
type surface int

const (
	unknown  surface = iota // not asked yet
	lmStudio                // tells with /api/v0/models what is loaded; loads by itself
	llamaServer
	vllm
	ollamaV1
	other // LiteLLM, a cloud service, anything
)

func (s surface) product(name string) string {
	switch s {
	case lmStudio:
		return "LM Studio"
	case llamaServer:
		return "llama-server"
	case vllm:
		return "vLLM"
	case ollamaV1:
		return "Ollama"
	}
	return "the server of " + name
}

// quiet is what turns thinking off: every server has its own way, and none
// complains of it in the way of another but the strict ones, for which see field.
func (s surface) quiet(r *chatRequest) {
	switch s {
	case ollamaV1:
		r.ReasoningEffort = "none"
	default:
		no := false
		r.Template = &templateKwargs{EnableThinking: &no}
	}
}

// serves reports whether the server has its models loaded all the time.
func (s surface) serves() bool { return s == llamaServer || s == vllm }

// detectTimeout bounds how long a chat waits to learn what server it talks to.
const detectTimeout = 3 * time.Second

// listed is one entry of /v1/models, with what some servers add.
type listed struct {
	ID          string `json:"id"`
	OwnedBy     string `json:"owned_by"`
	MaxModelLen int    `json:"max_model_len"` // vLLM
	Meta        struct {
		Context int   `json:"n_ctx_train"`
		Params  int64 `json:"n_params"`
		Size    int64 `json:"size"`
	} `json:"meta"` // llama-server
}

// props is what llama-server tells about itself.
type props struct {
	Slots    int `json:"total_slots"`
	Settings *struct {
		NumCtx int `json:"n_ctx"`
	} `json:"default_generation_settings"`
	Template struct {
		Tools bool `json:"supports_tools"` // where it is false, tools are dropped silently
	} `json:"chat_template_caps"`
}

// studio is one entry of LM Studio's /api/v0/models.
type studio struct {
	ID      string `json:"id"`
	Type    string `json:"type"` // "llm", "vlm", "embeddings"
	Arch    string `json:"arch"`
	State   string `json:"state"` // "loaded", "not-loaded"
	Context int    `json:"max_context_length"`
	NumCtx  int    `json:"loaded_context_length"`

	Capabilities []string `json:"capabilities"` // "tool_use"
}

// known is the surface if it was found out.
func (p *Provider) known() surface {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.surface
}

// models asks for the list that every such server has.
func (p *Provider) models(ctx context.Context) ([]listed, error) {
	var v struct {
		Data *[]listed `json:"data"`
	}
	if err := p.wire.Ask(ctx, http.MethodGet, "models", nil, "", &v); err != nil {
		return nil, err
	}
	if v.Data == nil {
		return nil, p.wire.Stranger(errors.New("it lists no models"))
	}
	return *v.Data, nil
}

// detect finds out what server it is, and remembers it if every question was answered.
func (p *Provider) detect(ctx context.Context, list []listed) surface {
	if s := p.known(); s != unknown {
		return s
	}
	for _, m := range list {
		switch m.OwnedBy {
		case "llamacpp":
			return p.found(llamaServer)
		case "vllm":
			return p.found(vllm)
		}
	}
	sure := true
	for _, try := range []struct {
		surface
		ask func(context.Context) (bool, error)
	}{
		{lmStudio, func(ctx context.Context) (bool, error) { v, err := p.studio(ctx); return len(v) > 0, err }},
		{llamaServer, func(ctx context.Context) (bool, error) { v, err := p.props(ctx); return v.Settings != nil, err }},
		{ollamaV1, p.isOllama},
	} {
		yes, err := try.ask(ctx)
		if yes {
			return p.found(try.surface)
		}
		var e *model.Error
		answered := err == nil || errors.As(err, &e) && e.Kind != model.Unreachable && e.Kind != model.Timeout
		sure = sure && answered // if not as that server does, it is another
	}
	if !sure {
		return unknown
	}
	return p.found(other)
}

func (p *Provider) found(s surface) surface {
	p.wire.Log.Debug("an endpoint is known", "endpoint", p.opts.Name, "server", s.product(p.opts.Name))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.surface = s
	return s
}

func (p *Provider) studio(ctx context.Context) ([]studio, error) {
	var v struct {
		Data []studio `json:"data"`
	}
	err := p.wire.Ask(ctx, http.MethodGet, p.root()+"/api/v0/models", nil, "", &v)
	if err == nil && (len(v.Data) == 0 || v.Data[0].State == "") {
		return nil, nil
	}
	return v.Data, err
}

func (p *Provider) props(ctx context.Context) (v props, err error) {
	err = p.wire.Ask(ctx, http.MethodGet, p.root()+"/props", nil, "", &v)
	return v, err
}

func (p *Provider) isOllama(ctx context.Context) (bool, error) {
	var v struct {
		Models *[]struct{} `json:"models"`
	}
	err := p.wire.Ask(ctx, http.MethodGet, p.root()+"/api/tags", nil, "", &v)
	return err == nil && v.Models != nil, err
}

// root is the path of the server itself, whose API the base is.
func (p *Provider) root() string {
	path := strings.TrimSuffix(p.wire.Base.Path, "/")
	return strings.TrimSuffix(path, "/v1")
}
