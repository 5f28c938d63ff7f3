package model

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Peer is what tells one kind of server from another, for a Wire.
type Peer struct {
	Name  string        // the endpoint's name in the configuration
	URL   string        // "http://127.0.0.1:11434", "host", "host:port", ":port"
	Port  string        // for a URL that is a bare host
	First time.Duration // longest wait for the first byte of an answer, loading included; 0 means 5 minutes
	Stall time.Duration // longest wait for any later line, a token; 0 means a minute
	Log   *slog.Logger  // nil means none
	Dial  Dial          // nil means the network of this machine

	Kind    string                 // what should answer there: "Ollama", "an OpenAI-compatible server"
	Product func() string          // the name for people; nil means Kind
	Address string                 // hint where something else answers: what the URL should be
	Start   string                 // hint where nothing answers on this machine: how to start it
	Header  func(http.Header)      // adds to every request; nil adds nothing
	Thought func(modelName string) // a model thinks though it was told not to; called once per model. nil ignores it

	// Refuse maps an answer that is not 200; nil means that no such server wrote it.
	Refuse func(modelName string, status int, body []byte) error
}

// Dial opens a connection, as net.Dialer.DialContext does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Wire is how providers talk to their servers: one HTTP client which follows no
// redirect, uses no proxy for the loopback and gives up a server that is silent;
// and the words for what goes wrong. Safe for concurrent use.
type Wire struct {
	Peer
	Base   *url.URL
	Client *http.Client

	mu      sync.Mutex
	thought map[string]bool // guarded by mu: the models that Peer.Thought was told of
}

// NewWire fails only if the URL is not one. Nothing is sent yet.
func NewWire(peer Peer) (*Wire, error) {
	base, err := parseURL(peer)
	if err != nil {
		return nil, err
	}
	peer.First = cmp.Or(peer.First, 5*time.Minute)
	peer.Stall = cmp.Or(peer.Stall, time.Minute)
	if peer.Log == nil {
		peer.Log = slog.New(slog.DiscardHandler)
	}
	if peer.Product == nil {
		peer.Product = func() string { return peer.Kind }
	}
	if peer.Header == nil {
		peer.Header = func(http.Header) {}
	}
	if peer.Thought == nil {
		peer.Thought = func(string) {}
	}
	if peer.Dial == nil {
		peer.Dial = (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	transport := &http.Transport{
		DialContext:         peer.Dial,
		TLSHandshakeTimeout: 5 * time.Second,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     90 * time.Second,
		DisableCompression:  true, // a compressed stream is not flushed line by line
		ForceAttemptHTTP2:   true,
	}
	if !loopback(base.Hostname()) {
		transport.Proxy = http.ProxyFromEnvironment
	}
	return &Wire{
		Peer: peer,
		Base: base,
		Client: &http.Client{
			Transport: transport,
			// A redirect could carry the user's code, or a key, to another machine.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		thought: map[string]bool{},
	}, nil
}

// Where is the address of the server, without a slash at the end.
func (w *Wire) Where() string { return strings.TrimSuffix(w.Base.Redacted(), "/") }

// Close closes the connections that are idle. Requests under way go on.
func (w *Wire) Close() { w.Client.CloseIdleConnections() }

// Thinks reports whether a model was seen thinking though it was told not to.
func (w *Wire) Thinks(modelName string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.thought[modelName]
}

// thinks notes that a model thinks, and says so the first time.
func (w *Wire) thinks(modelName string) {
	w.mu.Lock()
	known := w.thought[modelName]
	w.thought[modelName] = true
	w.mu.Unlock()
	if !known {
		w.Thought(modelName)
	}
}

// Ask does a request whose answer is one JSON value; in is nil for none. The path
// is below the base, or below the root of the server if it starts with a slash.
// name is the model that the question is about, "" for none.
func (w *Wire) Ask(ctx context.Context, method, path string, in any, name string, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = w.Marshal(in); err != nil {
			return err
		}
	}
	req, err := w.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	resp, err := w.Client.Do(req)
	if err != nil {
		return w.Broke(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end, or given up
	data, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return w.Broke(ctx, err)
	}
	if resp.StatusCode != http.StatusOK {
		return w.status(name, resp.StatusCode, data)
	}
	if err := json.Unmarshal(data, out); err != nil {
		return w.Stranger(err)
	}
	return nil
}

// Marshal is the body of a request.
func (w *Wire) Marshal(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, w.Failed("the request to %s can't be written as JSON: %v", w.Where(), err)
	}
	return b, nil
}

func (w *Wire) request(ctx context.Context, method, path string, body []byte) (*http.Request, error) {
	u := w.Base.JoinPath(path)
	if strings.HasPrefix(path, "/") {
		root := *w.Base
		root.Path, root.RawPath = path, ""
		u = &root
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, w.Failed("no request to %s can be made: %v", w.Where(), err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", "hob")
	w.Header(req.Header)
	// Sent again when a connection kept from before turns out to be closed: net/http
	// takes the key, which it does not send, for leave to do so with a POST, too.
	req.Header["Idempotency-Key"] = []string{}
	return req, nil
}

// parseURL reads a URL, or a bare address.
func parseURL(peer Peer) (*url.URL, error) {
	bad := func(why string) error {
		return fmt.Errorf("the URL of %s, %q, %s; it should look like http://127.0.0.1:%s", peer.Kind, peer.URL, why, peer.Port)
	}
	full := strings.TrimSpace(peer.URL)
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
		port = peer.Port
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
