package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/agent/cache"
	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/lsp/config"
)

// settings is what the editor said about the configuration.
type settings struct {
	mu     sync.Mutex      // guards what follows
	pushed json.RawMessage // section hob of the last didChangeConfiguration
	pulled json.RawMessage // section hob of the last workspace/configuration
	told   string          // the problems last shown
	roots  []string        // the workspace folders that there are now

	wake chan struct{} // one place: a change while one is being read leads to one more round
}

// section is the part of a client's settings that is Hob's: the value of the key
// "hob", or all of it where the client sends Hob's keys at top level.
func section(v json.RawMessage) json.RawMessage {
	var m map[string]json.RawMessage
	if json.Unmarshal(v, &m) != nil || len(m) == 0 {
		return nil
	}
	if hob, ok := m["hob"]; ok {
		return hob
	}
	return v
}

// merge lays over upon base, object by object.
func merge(base, over json.RawMessage) json.RawMessage {
	var b, o map[string]json.RawMessage
	if len(over) == 0 || string(over) == "null" {
		return base
	}
	if json.Unmarshal(over, &o) != nil {
		return over // a value counts whole
	}
	if json.Unmarshal(base, &b) != nil || b == nil {
		return over
	}
	for k, v := range o {
		if string(v) != "null" {
			b[k] = merge(b[k], v)
		}
	}
	return json.RawMessage(raw(b))
}

// load reads the configuration from all sources as they are now.
func (s *Server) load() *config.Loaded { return config.Load(s.sources()) }

// sources are what the configuration is read from.
func (s *Server) sources() config.Inputs {
	in := s.opts.Config
	s.settings.mu.Lock()
	in.Client = merge(section(s.client.options), merge(s.settings.pushed, s.settings.pulled))
	in.Roots = slices.Concat(in.Roots, s.settings.roots)
	s.settings.mu.Unlock()
	return in
}

// follow notes workspace folders that went and that came: their files are sources.
func (s *settings) follow(removed, added []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	roots := slices.DeleteFunc(slices.Clone(s.roots), func(path string) bool { return slices.Contains(removed, path) })
	for _, path := range added {
		if !slices.Contains(roots, path) {
			roots = append(roots, path)
		}
	}
	s.roots = roots
}

// configPoll is how often the files of the configuration are looked at. They lie
// in folders that nobody else has a reason to watch.
const configPoll = 2 * time.Second

// watchConfig has the configuration read again when the files of its sources are
// others than at the stamp used. One that is still being written to waits for the next look.
func (s *Server) watchConfig(ctx context.Context, used string) {
	last := used
	tick := time.NewTicker(configPoll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := config.Stamp(s.sources())
		if now != used && now == last {
			used = now
			s.wakeSettings()
		}
		last = now
	}
}

// didChangeConfiguration takes what was pushed; where the client answers
// workspace/configuration the push only says that there is something to ask for.
func (s *Server) didChangeConfiguration(p *protocol.DidChangeConfigurationParams) error {
	s.settings.mu.Lock()
	s.settings.pushed = slices.Clone(section(json.RawMessage(p.Settings)))
	s.settings.mu.Unlock()
	s.wakeSettings()
	return nil
}

func (s *Server) wakeSettings() {
	select {
	case s.settings.wake <- struct{}{}:
	default:
	}
}

// keepConfigured renews the configuration whenever it may have changed.
func (s *Server) keepConfigured(ctx context.Context) {
	for first := true; ; {
		select {
		case <-ctx.Done():
			return
		case <-s.settings.wake:
		}
		if s.client.configuration {
			s.pull(ctx)
		}
		loaded := s.load()
		newPool := s.engines.use(s, loaded.Config)
		s.foreign.use(s, MCPServers(&loaded.Config))
		s.tellProblems(loaded.Problems)
		s.tellRestart(&loaded.Config)
		s.board.changed()
		if newPool || first {
			s.goBackground(s.warmUp)
		}
		first = false
	}
}

// pullTimeout bounds how long the editor may take to answer with its settings.
const pullTimeout = 10 * time.Second

// pull asks the editor for its section hob.
func (s *Server) pull(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	name := "hob"
	got, err := s.editor.Configuration(ctx, &protocol.ConfigurationParams{Items: []protocol.ConfigurationItem{{Section: &name}}})
	if err != nil || len(got) == 0 {
		s.log.Warn("asking the editor for its settings", "err", err)
		return
	}
	s.settings.mu.Lock()
	s.settings.pulled = slices.Clone(json.RawMessage(got[0]))
	s.settings.mu.Unlock()
}

// maxProblems bounds how many problems one message names; the log has all.
const maxProblems = 5

// tellProblems shows the problems of the configuration, once, and logs them.
func (s *Server) tellProblems(problems []config.Problem) {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.String()
	}
	all := strings.Join(lines, "\n")
	s.settings.mu.Lock()
	known := s.settings.told == all
	s.settings.told = all
	s.settings.mu.Unlock()
	if known {
		return
	}
	for _, line := range lines {
		s.log.Warn("configuration", "problem", line)
	}
	if len(lines) == 0 {
		return // all is well again
	}
	if n := len(lines) - maxProblems; n > 0 {
		lines = append(lines[:maxProblems], fmt.Sprintf("and %d more, see the log", n))
	}
	s.showMessage(protocol.MessageTypeWarning, "Hob: "+strings.Join(lines, "\n"))
}

// tellRestart says so, once, when a change needs another session: what the
// workspace holds is decided when it is opened.
func (s *Server) tellRestart(c *config.Config) {
	if s.restartTold || reflect.DeepEqual(workspaceOptions(c, s.log), s.wsOptions) {
		return
	}
	s.restartTold = true
	s.showMessage(protocol.MessageTypeInfo, "Hob: changed settings of index and privacy.exclude count after a restart of the language server")
}

// engine is what runs jobs under one configuration.
type engine struct {
	cfg   config.Config
	agent *agent.Agent
	pool  *sharedPool
}

// sharedPool is closed when the last engine has left it and its last job ended.
type sharedPool struct {
	*model.Pool
	users   sync.WaitGroup
	replies *cache.Memory // nil if turned off
}

func newSharedPool(cfg *config.Config, s *Server) *sharedPool {
	opts := model.PoolOptions{Slots: map[string]int{}, Log: s.log}
	for name, p := range cfg.Providers {
		if opts.Slots[name] = p.Parallel; p.Parallel == 0 {
			opts.Slots[name] = model.Learn
		}
	}
	if s.opts.StateDir != "" {
		opts.Figures = filepath.Join(s.opts.StateDir, FiguresFile)
	}
	p := &sharedPool{}
	if cfg.Cache.Memory > 0 && cfg.Cache.TTL > 0 {
		replies, err := cache.NewMemory(int64(cfg.Cache.Memory), time.Duration(cfg.Cache.TTL))
		if err != nil {
			s.log.Warn("no cache of replies", "err", err)
		} else {
			p.replies, opts.Cache = replies, replies
		}
	}
	p.Pool = model.NewPool(s.opts.Providers(cfg), opts)
	return p
}

// end closes the pool and what it keeps.
func (p *sharedPool) end() {
	p.Close()
	if p.replies != nil {
		p.replies.Close()
	}
}

// engines holds the engine for new jobs; running ones keep theirs.
type engines struct {
	mu     sync.Mutex // guards what follows
	now    *engine
	closed bool
	old    sync.WaitGroup // pools that wait for their last job
}

// use makes an engine for a configuration, unless it is the one in use. A change
// that touches no endpoint keeps the pool with its catalog and queue. newPool
// says that the endpoints must be asked again.
func (e *engines) use(s *Server, cfg config.Config) (newPool bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.now != nil && reflect.DeepEqual(e.now.cfg, cfg) {
		return false
	}
	next := &engine{cfg: cfg}
	samePool := e.now != nil && e.now.cfg.Privacy.AllowRemote == cfg.Privacy.AllowRemote &&
		reflect.DeepEqual(e.now.cfg.Providers, cfg.Providers) && e.now.cfg.Cache == cfg.Cache
	if samePool {
		next.pool = e.now.pool
	} else {
		next.pool = newSharedPool(&cfg, s)
	}
	opts := agentOptions(&cfg, next.pool.Pool, s)
	if e.now == nil {
		next.agent = agent.New(opts)
	} else {
		next.agent = e.now.agent.Reconfigure(opts)
		if !samePool {
			e.retire(e.now.pool)
		}
	}
	e.now = next
	s.log.Info("configuration in use", "models", cfg.Models)
	return !samePool
}

func (e *engines) retire(p *sharedPool) {
	e.old.Go(func() {
		p.users.Wait()
		p.end()
	})
}

// acquire is the engine for a new job and the function that gives it back.
func (e *engines) acquire() (*engine, func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.now == nil || e.closed {
		return nil, func() {}
	}
	e.now.pool.users.Add(1)
	return e.now, e.now.pool.users.Done
}

// close closes the pools; the jobs must have ended.
func (e *engines) close() {
	e.mu.Lock()
	e.closed = true
	if e.now != nil {
		e.retire(e.now.pool)
	}
	e.mu.Unlock()
	e.old.Wait()
}

func agentOptions(c *config.Config, pool *model.Pool, s *Server) agent.Options {
	return agent.Options{
		Pool: pool,
		Models: map[agent.Tier]string{
			agent.Fast: c.Models.Fast, agent.Balanced: c.Models.Balanced, agent.Quality: c.Models.Quality,
		},
		Budgets: map[string]time.Duration{
			"edit":      time.Duration(c.Budgets.Edit) * time.Second,
			"component": time.Duration(c.Budgets.Component) * time.Second,
			"refactor":  time.Duration(c.Budgets.Refactor) * time.Second,
		},
		AllowRemote: c.Privacy.AllowRemote,
		Foreign:     s.foreignTools,
		Log:         s.log,
	}
}
