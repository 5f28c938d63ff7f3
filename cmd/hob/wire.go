package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/ollama"
	"github.com/hob-ls/hob/agent/model/openai"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/lsp/config"
)

// serverOptions wire the server.
func (a *app) serverOptions() lsp.Options {
	return lsp.Options{Version: versionText(), Log: a.log, Config: a.inputs(), Providers: a.providers, StateDir: cmp.Or(a.state, stateDir()), OnBattery: onBattery, Committed: committed}
}

func onBattery() bool { return agent.OnBattery(os.DirFS("/sys/class/power_supply")) }

// stateDir is where Hob keeps what it learns about this machine; "" where there
// is no home.
func stateDir() string {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) { // so the XDG specification
		return filepath.Join(dir, "hob")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".local", "state", "hob")
}

// figuresFile is where sessions keep what they measured of the models.
func figuresFile() string {
	dir := stateDir()
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, lsp.FiguresFile)
}

// providers makes the endpoints of a configuration.
func (a *app) providers(c *config.Config) []model.Provider {
	var out []model.Provider
	for _, name := range slices.Sorted(maps.Keys(c.Providers)) {
		p, err := a.newProvider(name, c.Providers[name])
		if err != nil {
			a.log.Error("endpoint not used", "provider", name, "err", err)
			continue
		}
		out = append(out, p)
	}
	return out
}

// newProvider makes one endpoint.
func (a *app) newProvider(name string, p config.Provider) (model.Provider, error) {
	keep := time.Duration(p.KeepAlive)
	if keep == 0 { // "at once", while to the provider zero is its own default
		keep = time.Second
	}
	if p.Kind == "openai" {
		return openai.New(openai.Options{Name: name, URL: p.URL, APIKeyEnv: p.APIKeyEnv, KeepAlive: keep, Log: a.log})
	}
	return ollama.New(ollama.Options{Name: name, URL: p.URL, KeepAlive: keep, Log: a.log})
}

// session is an editor and its server in this process.
type session struct {
	*client.Client
	served chan struct{} // closed when the server has ended
}

// startSession runs the server that editors get on a pipe and connects a client
// to it. The server outlives ctx, so that a cancelled job can still say so.
func (a *app) startSession(ctx context.Context, opts client.Options) (*session, error) {
	here, there := net.Pipe()
	s := &session{served: make(chan struct{})}
	server := a.serverOptions()
	server.Brief = true
	go func() {
		defer close(s.served)
		if err := lsp.Serve(context.WithoutCancel(ctx), there, server); err != nil {
			a.log.Warn("the server ended badly", "err", err)
		}
	}()
	opts.Log = a.log
	c, err := client.Start(ctx, here, opts)
	if err != nil {
		_ = here.Close() // ends the server
		<-s.served
		return nil, fmt.Errorf("the language server did not start: %w", err)
	}
	s.Client = c
	return s, nil
}

// end says goodbye and waits for the server.
func (s *session) end() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := s.Close(ctx)
	select {
	case <-s.served:
	case <-ctx.Done():
	}
	return err
}

// errIndexLate says that the first scan takes too long.
var errIndexLate = errors.New("its files could not be read in time; run hob in a smaller folder, or leave folders out in a .hobignore")

// waitIndex waits until the server's first scan is done: a job about a project
// that is not known yet would take it for an empty one. It fails with errIndexLate
// after patience.
func waitIndex(ctx context.Context, c *client.Client, patience time.Duration) (lsp.WorkspaceStats, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errIndexLate)
	defer cancel()
	for {
		var stats lsp.Stats
		raw, err := c.Execute(ctx, "hob.stats")
		if err == nil {
			err = json.Unmarshal(raw, &stats)
		}
		if err != nil && ctx.Err() == nil {
			return stats.Workspace, fmt.Errorf("waiting for the index: %w", err)
		}
		if stats.Workspace.Scan > 0 {
			return stats.Workspace, nil
		}
		select {
		case <-ctx.Done():
			return stats.Workspace, context.Cause(ctx)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// projectRoot is the folder of the repository that holds path; where there is none,
// the nearest one with a .hob folder; else path's own folder. The user's home is no
// project, whatever lies in it.
func projectRoot(path string) string {
	dir := path
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		dir = filepath.Dir(path)
	}
	if at := above(dir, ".git"); at != "" {
		return at
	}
	home, err := os.UserHomeDir()
	if at := above(dir, ".hob"); at != "" && (err != nil || at != filepath.Clean(home)) {
		return at
	}
	return dir
}

// above is the nearest folder, from dir upwards, that holds name; "" if none does.
func above(dir, name string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, name)); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}
