package lsp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/lsp/config"
)

// Options are what the process gives its server.
type Options struct {
	Version   string
	Log       *slog.Logger
	Config    config.Inputs // Client and Roots are filled in from the editor
	Providers func(*config.Config) []model.Provider
	StateDir  string      // keeps what was measured of the models and what jobs changed; "" forgets it with the session
	Brief     bool        // the session is for a job or two: MCP servers start with the first that may use tools
	OnBattery func() bool // nothing is loaded ahead then; nil means no

	// Committed gives, by path relative to root, the text at the last commit of the
	// files for which differs says yes; differs is told git's name of the blob. nil
	// means that nothing can be known of commits.
	Committed func(ctx context.Context, root string, differs func(rel, blob string) bool) (map[string]string, error)

	// Remote names the file system of a folder that can't be watched, "" of one that
	// can; nil asks the system.
	Remote func(dir string) string

	goodbye time.Duration // bounds the end of the session; 0 means the usual
}

// journalDir is where the journal is kept, "" for nowhere.
func (o *Options) journalDir() string {
	if o.StateDir == "" {
		return ""
	}
	return filepath.Join(o.StateDir, "journal")
}

func noProviders(*config.Config) []model.Provider { return nil }

// ErrNoShutdown is an end without shutdown: the editor sent exit, or vanished.
var ErrNoShutdown = errors.New("exit without shutdown")

// errOver is the cause with which the session's context ends.
var errOver = errors.New("the session is over")

// goodbye bounds the end of a session: jobs are cancelled, the last messages
// written and the stream closed within it, or left behind.
const goodbye = 800 * time.Millisecond

// Serve runs one session on rwc until exit, until the stream or ctx ends or
// until the editor's process is gone, and leaves nothing running but a read that
// can't be woken: closing rwc, which it does, ends that where the system allows.
// It returns nil after an orderly shutdown.
func Serve(ctx context.Context, rwc io.ReadWriteCloser, opts Options) error {
	return newServer(ctx, opts).serve(ctx, rwc)
}

func (s *Server) serve(ctx context.Context, rwc io.ReadWriteCloser) error {
	w := newWire(rwc, s.log)
	s.conn = jsonrpc2.NewConn(jsonrpc2.NewStream(w), jsonrpc2.WithCodec(codec{}))
	s.editor = protocol.ClientDispatcher(s.conn)
	s.conn.Go(context.WithoutCancel(ctx), s.handle)

	select {
	case <-s.exited:
	case <-w.ended:
		s.log.Info("the editor closed the stream")
	case <-s.life.Done(): // ctx ended, or the editor's process is gone
	}
	s.close(w)

	if s.gate.orderly() {
		return nil
	}
	if err := context.Cause(s.life); !errors.Is(err, errOver) {
		return err
	}
	if err := w.err(); err != nil {
		return fmt.Errorf("%w: %w", ErrNoShutdown, err)
	}
	return ErrNoShutdown
}

// close ends everything the session started, from the jobs down to the stream.
func (s *Server) close(w *wire) {
	limit := time.NewTimer(cmp.Or(s.opts.goodbye, goodbye))
	defer limit.Stop()
	deadline := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		select {
		case <-limit.C:
		case <-ended:
		}
		close(deadline)
	}()
	defer close(ended)

	s.end(errOver)
	foreign := make(chan struct{}) // closed when their servers have ended; they take longest
	go func() { defer close(foreign); s.foreign.close() }()
	s.within(deadline, "jobs", s.jobs.Close)
	s.within(deadline, "requests", s.endCalls)
	s.within(deadline, "background work", s.endBackground)
	s.within(deadline, "model pools", s.engines.close)
	s.within(deadline, "MCP servers", func() { <-foreign })
	s.setupMu.Lock() // an initialize that still runs ends first; a later one is refused
	ws := s.ws
	s.setupMu.Unlock()
	if ws != nil {
		s.within(deadline, "workspace", func() {
			if err := ws.Close(); err != nil {
				s.log.Warn("closing the workspace", "err", err)
			}
		})
	}
	// A handler's answer is sent after it returned, and not any more once the
	// connection was told to close: wait for the last of them.
	w.replied(int(s.asked.Load()), deadline)
	_ = w.Close()
	s.within(deadline, "connection", func() { _ = s.conn.Close() })
	w.finish(deadline)
}

// within waits for f until the deadline.
func (s *Server) within(deadline <-chan struct{}, what string, f func()) {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-deadline:
		s.log.Warn("did not end in time", "what", what)
	}
}
