package ollama

import (
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
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
	Stall     time.Duration // longest wait for any later byte; 0 means a minute
	Log       *slog.Logger  // nil means none
}

// Provider is one Ollama server.
type Provider struct {
	opts Options
	base *url.URL
	http *http.Client

	mu     sync.Mutex         // guards what follows
	shown  map[string]*traits // by digest: what /api/show told
	byName map[string]*traits // by canonical name: the newest known
}

var _ model.Provider = (*Provider)(nil)

// New makes a provider; it fails only if the URL is not one. Nothing is sent yet.
func New(opts Options) (*Provider, error) {
	base, err := parseURL(opts.URL)
	if err != nil {
		return nil, err
	}
	opts.Name = cmp.Or(opts.Name, "ollama")
	opts.KeepAlive = cmp.Or(opts.KeepAlive, 30*time.Minute)
	opts.First = cmp.Or(opts.First, 5*time.Minute)
	opts.Stall = cmp.Or(opts.Stall, time.Minute)
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     90 * time.Second,
		DisableCompression:  true, // a compressed stream is not flushed line by line
		ForceAttemptHTTP2:   true,
	}
	if !loopback(base.Hostname()) {
		transport.Proxy = http.ProxyFromEnvironment
	}
	return &Provider{
		opts: opts,
		base: base,
		http: &http.Client{
			Transport: transport,
			// A redirect could carry the user's code to another machine.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		shown:  map[string]*traits{},
		byName: map[string]*traits{},
	}, nil
}

// Name is the endpoint's name in the configuration.
func (p *Provider) Name() string { return p.opts.Name }

// URL is where it sends requests, without a slash at the end.
func (p *Provider) URL() string { return strings.TrimSuffix(p.base.String(), "/") }

// Close closes the connections that are idle. Requests under way go on.
func (p *Provider) Close() { p.http.CloseIdleConnections() }

// parseURL reads a URL, or an address as OLLAMA_HOST has it.
func parseURL(s string) (*url.URL, error) {
	bad := func(why string) error {
		return fmt.Errorf("the URL of Ollama, %q, %s; it should look like http://127.0.0.1:11434", s, why)
	}
	full := strings.TrimSpace(s)
	bare := !strings.Contains(full, "://")
	if bare {
		full = "http://" + full
	}
	u, err := url.Parse(full)
	switch {
	case err != nil:
		return nil, bad("is not one")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, bad("is neither http nor https")
	case u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return nil, bad("is not the address of a server")
	}
	host, port := u.Hostname(), u.Port()
	if bare && port == "" {
		port = "11434"
	}
	switch host { // addresses to listen on, not to call
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	if port != "" {
		u.Host = net.JoinHostPort(host, port)
	} else if strings.Contains(host, ":") {
		u.Host = "[" + host + "]"
	} else {
		u.Host = host
	}
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
