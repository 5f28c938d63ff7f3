package mcp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// The handshake with sessions is what every server of today answers. A server
// that knows only the newer one says so, and gets it with the next start.
const (
	firstVersion = "2025-11-25"
	laterVersion = "" // the newest
)

const (
	listPause   = 250 * time.Millisecond // between two lists, whatever a server says has changed
	steadyAfter = time.Minute            // a server that was up so long starts anew without delay
	maxTools    = 128                    // of one server
	maxCalls    = 8                      // at once, to one server
)

// server keeps one configured server up.
type server struct {
	config  Config
	opts    Options
	log     *slog.Logger
	slots   chan struct{} // calls under way
	settled chan struct{} // closed when it is up, or has failed, for the first time
	stop    context.CancelFunc
	over    chan struct{}   // closed when it has ended for good
	rush    <-chan struct{} // closed when it gets no more time to end

	mu      sync.Mutex // guards what follows
	state   State
	session *sdk.ClientSession // nil unless up
	list    []*offer
	version string // of the protocol, to begin with
	once    sync.Once
}

func newServer(c Config, opts Options, rush <-chan struct{}) *server {
	return &server{
		config: c, opts: opts, log: opts.Log.With("server", c.Name), version: firstVersion,
		slots: make(chan struct{}, maxCalls), settled: make(chan struct{}), over: make(chan struct{}), rush: rush,
		state: State{Name: c.Name, Phase: Starting, Since: time.Now()},
	}
}

// current is the state, for keeping.
func (s *server) current() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// offers are the tools of a server that is up.
func (s *server) offers() []*offer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list
}

// set changes the state; what it was at is over.
func (s *server) set(next State) {
	next.Name, next.Since = s.config.Name, time.Now()
	s.mu.Lock()
	s.state = next
	if next.Phase != Up {
		s.session, s.list = nil, nil
	}
	s.mu.Unlock()
	if next.Phase != Starting {
		s.once.Do(func() { close(s.settled) })
	}
	s.opts.Changed()
}

// run starts the server again and again until ctx ends.
func (s *server) run(ctx context.Context) {
	delay := s.opts.FirstDelay
	for ctx.Err() == nil {
		began := time.Now()
		err := s.live(ctx)
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > steadyAfter {
			delay = s.opts.FirstDelay
		}
		s.log.Warn("an MCP server is not up", "error", err, "again in", delay)
		s.set(State{Phase: Waiting, Problem: err.Error(), Next: time.Now().Add(delay)})
		if !sleep(ctx, delay) {
			break
		}
		delay = min(2*delay, s.opts.LastDelay)
		s.set(State{Phase: Starting, Problem: err.Error()})
	}
	s.set(State{Phase: Ended})
}

var (
	errStart = errors.New("it did not answer in time")
	errGone  = errors.New("it has ended or closed the connection")
)

// live is one life of the server; its error says why it ended.
func (s *server) live(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	transport, watch, end, err := s.transport()
	if err != nil {
		return err
	}
	defer end()
	changed := make(chan struct{}, 1)
	client := sdk.NewClient(&sdk.Implementation{Name: "hob", Version: s.opts.Version}, &sdk.ClientOptions{
		Capabilities: &sdk.ClientCapabilities{}, // it can ask us for nothing
		KeepAlive:    s.opts.KeepAlive, KeepAliveFailureThreshold: 2,
		MultiRoundTrip: &sdk.MultiRoundTripOptions{Disabled: true},
		ToolListChangedHandler: func(context.Context, *sdk.ToolListChangedRequest) {
			select {
			case changed <- struct{}{}:
			default: // one more list says it all
			}
		},
	})
	late := time.AfterFunc(s.opts.StartTimeout, func() { cancel(errStart) })
	defer late.Stop()
	session, err := client.Connect(ctx, transport, &sdk.ClientSessionOptions{ProtocolVersion: s.version})
	if err != nil {
		s.learn(err)
		return s.because(ctx, watch, fmt.Errorf("no session: %w", err))
	}
	defer func() { _ = session.Close() }() // it may have ended by itself
	if err := s.relist(ctx, session); err != nil {
		return s.because(ctx, watch, err)
	}
	late.Stop()
	gone := make(chan error, 1)
	go func() { gone <- session.Wait() }()
	for {
		select {
		case err := <-gone:
			if err != nil {
				return s.because(ctx, watch, fmt.Errorf("%w: %w", errGone, err))
			}
			return s.because(ctx, watch, errGone)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-changed:
		}
		if !sleep(ctx, listPause) {
			return context.Cause(ctx)
		}
		listing, stop := context.WithTimeout(ctx, s.opts.StartTimeout)
		err := s.relist(listing, session)
		stop()
		if err != nil {
			return s.because(ctx, watch, err)
		}
	}
}

// because is the error that says most of why something failed.
func (s *server) because(ctx context.Context, watch func() error, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errStart) {
		return fmt.Errorf("%w (%v)", errStart, s.opts.StartTimeout)
	}
	if said := (*jsonrpc.Error)(nil); s.config.URL == "" && errors.As(err, &said) { // it ended because we left
		return fmt.Errorf("it refuses: %s", clipLine(said.Message, 200))
	}
	if seen := watch(); seen != nil {
		return seen
	}
	return err
}

// learn has the newer handshake tried where a server knows no other.
func (s *server) learn(err error) {
	var refused *jsonrpc.Error
	if errors.As(err, &refused) && s.version == firstVersion {
		s.version = laterVersion
	} else {
		s.version = firstVersion
	}
}

// transport makes the stream to the server. watch gives what was seen wrong with
// it; end frees what the session's end does not.
func (s *server) transport() (t sdk.Transport, watch func() error, end func(), err error) {
	if s.config.URL != "" {
		client, end := newHTTPClient()
		return &sdk.StreamableClientTransport{Endpoint: s.config.URL, HTTPClient: client, MaxRetries: 1, MaxEventSize: maxMessage}, func() error { return nil }, end, nil
	}
	p, err := start(s.config, &lineLog{log: s.opts.Log, name: s.config.Name}, s.rush, s.opts.grace)
	if err != nil {
		return nil, nil, nil, err
	}
	return p, p.problem, func() { _ = p.Close() }, nil
}

// relist asks for the tools and makes them the server's.
func (s *server) relist(ctx context.Context, session *sdk.ClientSession) error {
	var list []*offer
	var refused []string
	names := map[string]bool{}
	count := 0
	for t, err := range session.Tools(ctx, nil) {
		if err != nil {
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				err = errStart
			}
			return fmt.Errorf("its tools can't be listed: %w", err)
		}
		if count++; count > maxTools {
			refused = append(refused, fmt.Sprintf("all after the first %d", maxTools))
			break
		}
		o, err := newOffer(s.config, t)
		if err == nil && names[o.name] {
			err = errors.New("another one has that name")
		}
		if err != nil {
			refused = append(refused, fmt.Sprintf("%.60q: %v", t.Name, err))
			continue
		}
		names[o.name] = true
		list = append(list, o)
	}
	if len(refused) > 0 {
		s.log.Warn("tools of an MCP server are not used", "tools", strings.Join(refused, "; "))
	}
	state := State{Phase: Up, Refused: refused}
	for _, o := range list {
		state.Tools = append(state.Tools, o.name)
	}
	if r := session.InitializeResult(); r != nil && r.ServerInfo != nil {
		state.Title = clipLine(r.ServerInfo.Name+" "+r.ServerInfo.Version, 80)
	}
	s.mu.Lock()
	s.session, s.list = session, list
	s.mu.Unlock()
	s.set(state)
	s.log.Info("an MCP server is up", "title", state.Title, "tools", state.Tools)
	return nil
}
