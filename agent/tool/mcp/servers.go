package mcp

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hob-ls/hob/agent/tool"
)

// Config is one server, from the user's own configuration: a command or a URL.
type Config struct {
	Name    string
	Command string
	Args    []string
	Env     map[string]string // beside the few variables that every server gets
	URL     string            // of a streamable HTTP endpoint
}

// same reports whether a server of c would be one of d.
func (c Config) same(d Config) bool {
	return c.Name == d.Name && c.Command == d.Command && c.URL == d.URL && slices.Equal(c.Args, d.Args) && maps.Equal(c.Env, d.Env)
}

// Confirmer asks the user. args are what the model wants to hand over. An error
// means that nobody could be asked.
type Confirmer interface {
	Confirm(ctx context.Context, server, tool string, args json.RawMessage) (bool, error)
}

// Options configure Start. The zero value works, but without Confirm no tool can
// be used.
type Options struct {
	Version  string
	Confirm  Confirmer
	StateDir string // what the user allowed is remembered here; "" remembers it until Close
	Log      *slog.Logger
	Limits   tool.Limits // of results

	CallTimeout  time.Duration // of a call, without the time that the user takes to agree; 0 means 30 s
	StartTimeout time.Duration // from starting a server to its list of tools; 0 means 30 s
	KeepAlive    time.Duration // between two pings; a server that misses two of them is started again; 0 means 30 s
	FirstDelay   time.Duration // before a server is started again; doubles up to LastDelay; 0 means 1 s
	LastDelay    time.Duration // 0 means 5 min

	grace time.Duration // of a server whose input was closed, to end; 0 means graceEOF

	Changed func() // called when a State is another; must not block, nor call Servers
}

func (o Options) filled() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.CallTimeout = cmp.Or(o.CallTimeout, 30*time.Second)
	o.StartTimeout = cmp.Or(o.StartTimeout, 30*time.Second)
	o.KeepAlive = cmp.Or(o.KeepAlive, 30*time.Second)
	o.FirstDelay = cmp.Or(o.FirstDelay, time.Second)
	o.LastDelay = cmp.Or(o.LastDelay, 5*time.Minute)
	o.grace = cmp.Or(o.grace, graceEOF)
	if o.Changed == nil {
		o.Changed = func() {}
	}
	o.Limits.Bytes = cmp.Or(o.Limits.Bytes, 16<<10)
	return o
}

// Phase is what a server is at.
type Phase string

// The phases.
const (
	Starting Phase = "starting"
	Up       Phase = "up"
	Waiting  Phase = "waiting" // to be started again
	Ended    Phase = "ended"
)

// State is a server for people.
type State struct {
	Name    string
	Phase   Phase
	Tools   []string // as models call them, while it is up
	Refused []string // tools that are not used, each with its reason
	Problem string   // why it is not up
	Title   string   // name and version, as it says itself
	Since   time.Time
	Next    time.Time // Waiting: when it is started again
}

// Servers are the running servers.
type Servers struct {
	opts    Options
	consent *consent
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	wg      sync.WaitGroup // of the servers
	rush    chan struct{}  // closed when those that still end get no more time
	rushed  sync.Once

	mu     sync.Mutex // guards what follows
	list   []*server  // by name
	closed bool
}

// Start starts the servers in the background and keeps them up until Close.
func Start(configs []Config, opts Options) *Servers {
	opts = opts.filled()
	s := &Servers{opts: opts, consent: newConsent(opts), rush: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.Use(configs)
	return s
}

// Use makes configs the servers. One whose configuration is as before stays as it
// is; others end in the background, and what has their name starts after that.
// Tools of a server that has ended say so.
func (s *Servers) Use(configs []Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	before := map[string]*server{}
	for _, sv := range s.list {
		before[sv.config.Name] = sv
	}
	s.list = nil
	for _, c := range slices.SortedFunc(slices.Values(configs), func(a, b Config) int { return strings.Compare(a.Name, b.Name) }) {
		old := before[c.Name]
		delete(before, c.Name)
		if old != nil && old.config.same(c) {
			s.list = append(s.list, old)
			continue
		}
		s.list = append(s.list, s.launch(c, old))
	}
	for _, old := range before {
		old.stop()
	}
}

// launch starts a server as soon as old, the one of its name, has ended.
func (s *Servers) launch(c Config, old *server) *server {
	sv := newServer(c, s.opts, s.rush)
	ctx, stop := context.WithCancel(s.ctx)
	sv.stop = stop
	s.wg.Go(func() {
		defer close(sv.over)
		if old != nil {
			old.stop()
			<-old.over
		}
		sv.run(ctx)
	})
	return sv
}

// Close ends all servers and waits for them. They have a few seconds to end by
// themselves; those that have not when ctx ends are killed.
func (s *Servers) Close(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	defer context.AfterFunc(ctx, func() { s.rushed.Do(func() { close(s.rush) }) })()
	s.wg.Wait()
}

// servers are those of now.
func (s *Servers) servers() []*server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list
}

// States tells of every server, by name.
func (s *Servers) States() []State {
	var out []State
	for _, sv := range s.servers() {
		out = append(out, sv.current())
	}
	return out
}

// Settled waits until every server that wanted accepts by its name, nil for all, is
// up or has failed once.
func (s *Servers) Settled(ctx context.Context, wanted func(server string) bool) error {
	for _, sv := range s.servers() {
		if wanted != nil && !wanted(sv.config.Name) {
			continue
		}
		select {
		case <-sv.settled:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Tools are those of the servers that are up now, sorted by name. What the user
// allowed counts for workspace, an absolute path.
func (s *Servers) Tools(workspace string) []tool.Tool {
	var out []tool.Tool
	for _, sv := range s.servers() {
		for _, o := range sv.offers() {
			out = append(out, o.tool(sv, s.consent, workspace))
		}
	}
	slices.SortStableFunc(out, func(a, b tool.Tool) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(out, func(a, b tool.Tool) bool { return a.Name == b.Name })
}
