package lsp

import (
	"context"
	"errors"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/lsp/config"
	"github.com/hob-ls/hob/workspace"
)

// initialize runs on the read loop: nothing can follow it before its answer. It
// reads the configuration files, starts no scan and asks no endpoint.
func (s *Server) initialize(_ context.Context, _ pinned, params []byte) (any, error) {
	client, err := readClient(params)
	if err != nil {
		s.gate.reopen()
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "invalid params: %v", err)
	}
	s.setupMu.Lock()
	defer s.setupMu.Unlock()
	if s.life.Err() != nil {
		return nil, context.Canceled // the session ends before it began
	}
	s.client = client
	s.settings.follow(nil, pathsOf(client.roots))
	loaded := s.load()
	s.wsOptions = workspaceOptions(&loaded.Config, s.log)
	s.ws = workspace.New(s.life, s.watched(s.wsOptions))
	s.engines.use(s, loaded.Config)
	s.foreign.use(s, MCPServers(&loaded.Config)) // none starts yet, but a job may come before the next reading
	s.log.Info("session", "client", client.name, "encoding", encodingName(client.encoding), "roots", client.roots)
	return &protocol.InitializeResult{
		ServerInfo:   protocol.ServerInfo{Name: "hob", Version: protocol.NewOptional(s.opts.Version)},
		Capabilities: s.capabilities(),
	}, nil
}

// capabilities advertise what routes understands, and to each client only what
// it can use.
func (s *Server) capabilities() protocol.ServerCapabilities {
	yes, no := true, false
	incremental := protocol.TextDocumentSyncKindIncremental
	c := protocol.ServerCapabilities{
		PositionEncoding: protocol.PositionEncodingKind(encodingName(s.client.encoding)),
		TextDocumentSync: &protocol.TextDocumentSyncOptions{
			OpenClose: &yes, Change: &incremental, Save: &protocol.SaveOptions{IncludeText: &no},
		},
		CodeActionProvider:     &protocol.CodeActionOptions{CodeActionKinds: actionKinds(), ResolveProvider: &no},
		ExecuteCommandProvider: protocol.ExecuteCommandOptions{Commands: commandIDs()},
		Workspace: &protocol.WorkspaceOptions{
			WorkspaceFolders: &protocol.WorkspaceFoldersServerCapabilities{Supported: &yes, ChangeNotifications: protocol.Boolean(true)},
		},
	}
	if s.client.content {
		c.Workspace.TextDocumentContent = &protocol.TextDocumentContentOptions{Schemes: []string{contentScheme}}
	}
	return c
}

// initialized starts what the session does by itself.
func (s *Server) initialized(*protocol.InitializedParams) error {
	if s.started {
		return errors.New("initialized a second time")
	}
	s.started = true
	if s.ws == nil {
		return nil // the session ended before it began
	}
	for _, u := range s.client.roots {
		path, err := pathOf(u)
		if err == nil {
			err = s.ws.Apply(workspace.Change{Kind: workspace.RootAdd, Path: path})
		}
		if err != nil {
			s.log.Warn("workspace folder not followed", "uri", u, "err", err)
		}
	}
	if !s.opts.Brief {
		stamp := config.Stamp(s.sources()) // before they are read for use
		s.goBackground(func(ctx context.Context) { s.watchConfig(ctx, stamp) })
		s.goBackground(s.beginForeign)
	}
	s.goBackground(s.keepConfigured)
	s.wakeSettings()
	s.goBackground(s.board.publish)
	s.goBackground(s.keepOutlines)
	s.goBackground(func(ctx context.Context) { s.keepWarm(ctx, (*engine).renewEvery) })
	s.goBackground(s.keepWatched)
	if pid := s.client.processID; pid > 0 && alive(pid) {
		s.goBackground(func(ctx context.Context) { s.watchParent(ctx, pid) })
	}
	return nil
}

// shutdown has moved the gate already; what runs is cancelled before the answer.
func (s *Server) shutdown(context.Context, pinned, []byte) (any, error) {
	s.jobs.Close()
	return nil, nil
}

// exit ends the session: Serve does the rest, for the connection can't be closed
// from its own read loop.
func (s *Server) exit([]byte) error {
	select {
	case <-s.exited:
	default:
		close(s.exited)
	}
	return nil
}

// parentPoll is how often the editor's process is looked at. Most editors close
// the stream when they die; this is for those whose children hold it open.
const parentPoll = 2 * time.Second

// watchParent ends the session when the editor's process is gone. A process that
// can't be seen from the start (an editor outside this container) is not watched.
func (s *Server) watchParent(ctx context.Context, pid int) {
	tick := time.NewTicker(parentPoll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if !alive(pid) {
				s.log.Info("the editor's process is gone", "pid", pid)
				s.end(ErrNoShutdown)
				return
			}
		}
	}
}
