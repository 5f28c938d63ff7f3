package openai

import (
	"cmp"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/hob-ls/hob/agent/model"
)

// Options configure a Provider. Only URL is needed.
type Options struct {
	Name      string        // in the configuration; "" means "openai"
	URL       string        // of the API: "http://127.0.0.1:1234/v1"; a bare host means its /v1
	APIKeyEnv string        // name of the environment variable that holds the key; "" sends none
	KeepAlive time.Duration // how long LM Studio keeps a model that it loads for us; 0 means 30 minutes
	First     time.Duration // longest wait for the first byte of an answer, loading included; 0 means 5 minutes
	Stall     time.Duration // longest wait for any later token; 0 means a minute
	Log       *slog.Logger  // nil means none
	Dial      model.Dial    // nil means the network of this machine
}

// Provider is one OpenAI-compatible server.
type Provider struct {
	opts Options
	wire *model.Wire

	mu      sync.Mutex         // guards what follows
	surface surface            // unknown until it was found out
	slots   int                // requests that the server says it serves at once; 0 if it does not say
	refused map[string][]field // by model: what its requests must not have
}

var _ model.Provider = (*Provider)(nil)

// New makes a provider; it fails only if the URL is not one. Nothing is sent yet.
func New(opts Options) (*Provider, error) {
	opts.Name = cmp.Or(opts.Name, "openai")
	opts.KeepAlive = cmp.Or(opts.KeepAlive, 30*time.Minute)
	p := &Provider{opts: opts, refused: map[string][]field{}}
	var err error
	p.wire, err = model.NewWire(model.Peer{
		Name: opts.Name, URL: opts.URL, Port: "1234",
		First: opts.First, Stall: opts.Stall, Log: opts.Log, Dial: opts.Dial,
		Kind:    "an OpenAI-compatible server",
		Product: p.product,
		Address: "set providers." + opts.Name + ".url to the address of its API, which mostly ends in /v1",
		Start:   "start the server of " + opts.Name + " (LM Studio: `lms server start`; llama.cpp: `llama-server -m MODEL.gguf`; vLLM: `vllm serve MODEL`), or check providers." + opts.Name + ".url",
		Header:  p.header,
		Thought: p.thought,
		Refuse:  p.refuse,
	})
	if err != nil {
		return nil, err
	}
	if p.wire.Base.Path == "" || p.wire.Base.Path == "/" {
		p.wire.Base.Path = "/v1"
	}
	return p, nil
}

// Name is the endpoint's name in the configuration.
func (p *Provider) Name() string { return p.opts.Name }

// URL is where it sends requests, without a slash at the end.
func (p *Provider) URL() string { return p.wire.Where() }

// Close closes the connections that are idle. Requests under way go on.
func (p *Provider) Close() { p.wire.Close() }

// Slots is how many requests the server says it serves at once, 0 if it did not
// say so yet.
func (p *Provider) Slots() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.slots
}

// key is what the configured variable holds now, "" for none.
func (p *Provider) key() string {
	if p.opts.APIKeyEnv == "" {
		return ""
	}
	return strings.TrimSpace(os.Getenv(p.opts.APIKeyEnv))
}

func (p *Provider) header(h http.Header) {
	if k := p.key(); k != "" {
		h.Set("Authorization", "Bearer "+k)
	}
}

// product is the server's name for people.
func (p *Provider) product() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.surface.product(p.opts.Name)
}

// thought says once that a model thinks.
func (p *Provider) thought(name string) {
	p.wire.Log.Warn("a model thinks before it answers though it was told not to, which takes its time",
		"endpoint", p.opts.Name, "server", p.product(), "model", name)
}

// wireError is an error as these servers write it: an object, or mere text.
type wireError struct{ Text string }

// UnmarshalJSON reads either.
func (e *wireError) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		e.Text = text
		return nil
	}
	var o struct {
		Message string          `json:"message"`
		Type    string          `json:"type"`
		Code    json.RawMessage `json:"code"`
	}
	if err := json.Unmarshal(b, &o); err != nil {
		return err
	}
	e.Text = cmp.Or(o.Message, o.Type, string(o.Code))
	if code := strings.Trim(string(o.Code), `"`); strings.HasPrefix(code, "context_") {
		e.Text += " (" + code + ")"
	}
	return nil
}

// refuse maps an answer that is not 200; nil if no such server wrote it.
func (p *Provider) refuse(name string, status int, body []byte) error {
	var v struct {
		Error   *wireError `json:"error"`
		Object  string     `json:"object"` // "error": an older way of vLLM
		Message string     `json:"message"`
		Detail  any        `json:"detail"` // FastAPI's own
	}
	if json.Unmarshal(body, &v) != nil {
		if status == http.StatusUnauthorized || status == http.StatusForbidden {
			return p.rejected(name, status, http.StatusText(status)) // a proxy before it, as it seems
		}
		return nil
	}
	switch {
	case v.Error != nil && v.Error.Text != "":
		return p.rejected(name, status, v.Error.Text)
	case v.Message != "":
		return p.rejected(name, status, v.Message)
	case v.Detail != nil && status != http.StatusNotFound: // at 404 it says that there is no such path
		text, _ := json.Marshal(v.Detail) // it came from JSON
		return p.rejected(name, status, strings.Trim(string(text), `"`))
	}
	return nil
}

// rejected maps an error that the server wrote; status is 0 in the middle of a stream.
func (p *Provider) rejected(name string, status int, text string) error {
	if k := p.key(); k != "" {
		text = strings.ReplaceAll(text, k, "…")
	}
	err := p.wire.Rejected(name, status, text, p.missingHint(name), p.deniedHint())
	var e *model.Error
	if errors.As(err, &e) && e.Err == nil && (status == http.StatusBadRequest || status == http.StatusUnprocessableEntity) {
		e.Err = errBadRequest
	}
	return err
}

// errBadRequest is the cause of an error that says our request is no good.
var errBadRequest = errors.New("the server refused a field of the request")

func (p *Provider) missingHint(name string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.surface {
	case lmStudio:
		return "`lms get " + name + "`, or name a model that `lms ls` lists"
	case ollamaV1:
		return "`ollama pull " + name + "`"
	case llamaServer, vllm:
		return "name the model that " + p.surface.product("") + " serves, as `hob doctor` lists it, or start it with this one"
	}
	return "name a model that " + p.opts.Name + " has, as `hob doctor` lists them"
}

func (p *Provider) deniedHint() string {
	setting := "providers." + p.opts.Name + ".api_key_env"
	switch env := p.opts.APIKeyEnv; {
	case env == "":
		return "set " + setting + " to the name of an environment variable that holds the key"
	case p.key() == "":
		return "the environment variable " + env + ", which " + setting + " names, is empty where Hob runs"
	default:
		return "check the key in the environment variable " + env + ", which " + setting + " names"
	}
}
