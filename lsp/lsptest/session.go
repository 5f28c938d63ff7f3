package lsptest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/ollama"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/lsp/config"
)

// Session is the whole server in this process and an editor connected to it by
// pipes.
type Session struct {
	*client.Client
	served chan error
	err    error
}

// Setup says how a Session starts.
type Setup struct {
	ModelURL   string            // of the model server
	ConfigFile string            // the user's configuration, which must exist
	Flags      map[string]string // further flags of the command line
	Log        io.Writer         // the server's log, nil for none
	StateDir   string            // "" keeps nothing beyond the session
	Unwatched  bool              // the workspace is on a file system that can't be watched
	Editor     client.Options
}

// Start runs the server and connects the editor. The server outlives ctx.
func Start(ctx context.Context, s Setup) (*Session, error) {
	here, there, err := pipes()
	if err != nil {
		return nil, err
	}
	flags := map[string]string{"providers.ollama.url": s.ModelURL}
	for k, v := range s.Flags {
		flags[k] = v
	}
	opts := lsp.Options{
		Version: "test", Log: slog.New(slog.DiscardHandler), Providers: Providers,
		Config: config.Inputs{UserFile: s.ConfigFile, Flags: flags}, StateDir: s.StateDir,
	}
	if s.Unwatched {
		opts.Remote = func(string) string { return "nfs" }
	}
	if s.Log != nil {
		opts.Log = slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	out := &Session{served: make(chan error, 1)}
	go func() { out.served <- lsp.Serve(context.WithoutCancel(ctx), there, opts) }()
	if out.Client, err = client.Start(ctx, here, s.Editor); err != nil {
		return nil, errors.Join(err, <-out.served) // the client closed the stream
	}
	return out, nil
}

// Served waits for the end of the server and says how it ended.
func (s *Session) Served(ctx context.Context) error {
	if s.served == nil {
		return s.err
	}
	select {
	case s.err = <-s.served:
		s.served = nil
		return s.err
	case <-ctx.Done():
		return errors.New("the server does not end")
	}
}

// End ends the session in order and waits for the server.
func (s *Session) End(ctx context.Context) error {
	return errors.Join(s.Close(ctx), s.Served(ctx))
}

// Providers makes the real providers of a configuration, which must be Ollama's.
func Providers(c *config.Config) []model.Provider {
	var out []model.Provider
	for name, p := range c.Providers {
		provider, err := ollama.New(ollama.Options{Name: name, URL: p.URL, KeepAlive: time.Duration(p.KeepAlive)})
		if err != nil {
			continue // a scenario about it sees that the model is not reachable
		}
		out = append(out, provider)
	}
	return out
}

// Ready waits for the end of the first scan of the workspace.
func (s *Session) Ready(ctx context.Context) error {
	for {
		raw, err := s.Execute(ctx, "hob.stats")
		if err != nil {
			return err
		}
		var stats struct {
			Workspace struct {
				Scan float64 `json:"scan_ms"`
			} `json:"workspace"`
		}
		if err := json.Unmarshal(raw, &stats); err != nil {
			return err
		}
		if stats.Workspace.Scan > 0 {
			return nil
		}
	}
}
