package ollama

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/hob-ls/hob/agent/model"
)

// Options configure a Provider. Only URL is needed.
type Options struct {
	Name      string        // in the configuration; "" means "ollama"
	URL       string        // "http://127.0.0.1:11434", or as OLLAMA_HOST has it: "host", "host:port", ":port"
	KeepAlive time.Duration // how long models stay loaded after a request; 0 means 30 minutes, negative for ever
	First     time.Duration // longest wait for the first byte of an answer, loading included; 0 means 5 minutes
	Stall     time.Duration // longest wait for any later token; 0 means a minute
	Log       *slog.Logger  // nil means none
	Dial      model.Dial    // nil means the network of this machine
}

// Provider is one Ollama server.
type Provider struct {
	keepAlive time.Duration
	wire      *model.Wire

	mu     sync.Mutex         // guards what follows
	shown  map[string]*traits // by digest: what /api/show told
	byName map[string]*traits // by canonical name: the newest known
}

var _ model.Provider = (*Provider)(nil)

// New makes a provider; it fails only if the URL is not one. Nothing is sent yet.
func New(opts Options) (*Provider, error) {
	p := &Provider{
		keepAlive: cmp.Or(opts.KeepAlive, 30*time.Minute),
		shown:     map[string]*traits{},
		byName:    map[string]*traits{},
	}
	name := cmp.Or(opts.Name, "ollama")
	var err error
	p.wire, err = model.NewWire(model.Peer{
		Name: name, URL: opts.URL, Port: "11434",
		First: opts.First, Stall: opts.Stall, Log: opts.Log, Dial: opts.Dial,
		Kind:    "Ollama",
		Address: "set providers." + name + ".url to the address of an Ollama server",
		Start:   "start Ollama: `ollama serve`",
		Thought: p.thought,
		Refuse:  p.refuse,
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Name is the endpoint's name in the configuration.
func (p *Provider) Name() string { return p.wire.Name }

// URL is where it sends requests, without a slash at the end.
func (p *Provider) URL() string { return p.wire.Where() }

// Close closes the connections that are idle. Requests under way go on.
func (p *Provider) Close() { p.wire.Close() }

// refused maps an error that the server wrote; status is 0 in the middle of a stream.
func (p *Provider) refused(name string, status int, text string) error {
	return p.wire.Rejected(name, status, text, "`ollama pull "+name+"`", "check that this server may be used from here")
}

// refuse maps an answer that is not 200.
func (p *Provider) refuse(name string, status int, body []byte) error {
	var e struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &e) != nil || e.Error == "" {
		return nil //nolint:nilerr // not Ollama's form: the caller has words for that
	}
	return p.refused(name, status, e.Error)
}
