package mcp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hob-ls/hob/agent/tool"
	"github.com/hob-ls/hob/workspace"
)

// ServeOptions configure Serve.
type ServeOptions struct {
	Version   string
	Workspace *workspace.Workspace // the caller's; it has no roots yet
	Roots     []string             // absolute; none means those of the client, else Fallback
	Fallback  string               // absolute; "" for none
	Log       *slog.Logger

	fresh time.Duration // how long a call waits for what was just written; 0 means freshTimeout
}

// served are the tools that other agents get.
var served = []string{"glob", "list", "outline", "read", "references", "related", "search", "symbols"}

// serveLimits are wider than a small model's: agents bring models with room.
var serveLimits = tool.Limits{Bytes: 256 << 10, Lines: 4000, Entries: 1000}

const (
	serveTimeout = time.Minute // of one call
	rootsTimeout = 5 * time.Second
	freshTimeout = 100 * time.Millisecond
	stampTrusted = 2 * time.Second // younger stamps of files may be those of two writes
)

const instructions = "Hob holds this workspace in memory, as it is on disk now. Prefer search, symbols and references over reading many files; paths are relative to the workspace."

// Serve answers one client on rwc until it leaves (nil) or ctx ends (its error).
// It closes rwc. Nothing but protocol is written.
func Serve(ctx context.Context, rwc io.ReadWriteCloser, opts ServeOptions) error {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &indexServer{opts: opts, ws: opts.Workspace, ctx: ctx, settled: make(chan struct{})}
	defer s.wg.Wait()
	defer cancel()
	if len(opts.Roots) > 0 {
		s.settle(opts.Roots)
	}
	server := sdk.NewServer(&sdk.Implementation{Name: "hob", Title: "Hob's workspace index", Version: opts.Version}, &sdk.ServerOptions{
		Instructions:            instructions,
		Capabilities:            &sdk.ServerCapabilities{Tools: &sdk.ToolCapabilities{}},
		InitializedHandler:      func(_ context.Context, r *sdk.InitializedRequest) { s.initialized(r.Session) },
		RootsListChangedHandler: func(_ context.Context, r *sdk.RootsListChangedRequest) { s.initialized(r.Session) },
	})
	tools := tool.Live(s.view, served...)
	run := tool.NewExecutor(tools, tool.Options{Timeout: serveTimeout, Log: opts.Log})
	no := false
	for _, t := range tools {
		server.AddTool(&sdk.Tool{
			Name: t.Name, Description: t.Description, InputSchema: t.Schema,
			Annotations: &sdk.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: &no, OpenWorldHint: &no},
		}, func(ctx context.Context, r *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
			if !s.greeted.Load() { // the newest protocol has no sessions, and no roots that a server may ask for
				s.settle(nil)
			}
			out := run.Do(ctx, tool.Call{Name: r.Params.Name, Args: r.Params.Arguments})
			return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: out.Text}}, IsError: out.Err != nil}, nil
		})
	}
	err := server.Run(ctx, draining{&sdk.IOTransport{Reader: rwc, Writer: rwc, MaxLineLength: maxMessage}})
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) {
		return nil // the client has left without waiting
	}
	return fmt.Errorf("mcp: %w", err)
}

// indexServer is a session of Serve.
type indexServer struct {
	opts    ServeOptions
	ws      *workspace.Workspace
	ctx     context.Context
	wg      sync.WaitGroup
	greeted atomic.Bool   // the client has begun a session
	settled chan struct{} // closed when the roots are known

	mu    sync.Mutex // guards what follows
	known bool       // settled is closed
	roots []string   // of the workspace
}

// initialized asks the client for its roots, if they count and it has any.
func (s *indexServer) initialized(ss *sdk.ServerSession) {
	if s.greeted.Store(true); len(s.opts.Roots) > 0 {
		return
	}
	params := ss.InitializeParams()
	if params == nil || params.Capabilities == nil || params.Capabilities.RootsV2 == nil {
		s.settle(nil)
		return
	}
	// Not here: the answer can't be read before this handler returns.
	s.wg.Go(func() {
		ctx, cancel := context.WithTimeout(s.ctx, rootsTimeout)
		defer cancel()
		res, err := ss.ListRoots(ctx, nil)
		if err != nil {
			s.opts.Log.Warn("the client does not tell its roots", "error", err)
			s.settle(nil)
			return
		}
		var dirs []string
		for _, r := range res.Roots {
			dir, err := folderOf(r.URI)
			if err != nil {
				s.opts.Log.Warn("a root of the client is not used", "uri", r.URI, "error", err)
				continue
			}
			dirs = append(dirs, dir)
		}
		s.settle(dirs)
	})
}

// folderOf is the folder that a root's URI names.
func folderOf(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", err
	}
	if u.Scheme != "file" || u.Host != "" && u.Host != "localhost" {
		return "", errors.New("not a file of this machine")
	}
	dir := u.Path
	if runtime.GOOS == "windows" {
		dir = strings.TrimPrefix(dir, "/")
	}
	dir, err = filepath.EvalSymlinks(filepath.FromSlash(dir))
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() || !filepath.IsAbs(dir) {
		return "", errors.New("not a folder")
	}
	return dir, nil
}

// settle makes dirs the roots, or the fallback where there are none.
func (s *indexServer) settle(dirs []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(dirs) == 0 {
		if s.known {
			return
		}
		if s.opts.Fallback != "" {
			dirs = []string{s.opts.Fallback}
		}
	}
	var changes []workspace.Change
	for _, old := range s.roots {
		if !slices.Contains(dirs, old) {
			changes = append(changes, workspace.Change{Kind: workspace.RootRemove, Path: old})
		}
	}
	for _, dir := range dirs {
		changes = append(changes, workspace.Change{Kind: workspace.RootAdd, Path: dir})
	}
	if err := s.ws.Apply(changes...); err != nil {
		s.opts.Log.Error("the roots can't be used", "error", err)
	}
	s.roots = dirs
	if !s.known {
		s.known = true
		close(s.settled)
		s.wg.Go(s.warm)
	}
}

// warm has names learned before somebody asks for them: the first time it takes
// seconds in a large workspace.
func (s *indexServer) warm() {
	select {
	case <-s.ws.Ready():
		_, _ = s.ws.Snapshot().Names(s.ctx, "main", 1) // only the end of ctx ends it
	case <-s.ctx.Done():
	}
}

// view is what a call looks at: the newest snapshot, after the first scan.
func (s *indexServer) view(ctx context.Context) (tool.View, error) {
	select {
	case <-s.settled:
	case <-ctx.Done():
		return tool.View{}, errors.New("the client has not told its roots yet")
	}
	select {
	case <-s.ws.Ready():
	case <-ctx.Done():
		return tool.View{}, errors.New("the workspace is still being read; try again")
	}
	snap := s.ws.Snapshot()
	if len(snap.Roots()) == 0 {
		return tool.View{}, errors.New("there is no workspace: start the server with a folder, as in hob mcp DIR, or have the client offer one as a root")
	}
	return tool.View{Snapshot: snap, Limits: serveLimits, Refresh: func(path string) *workspace.Snapshot { return s.refresh(ctx, path) }}, nil
}

// refresh gives a snapshot that has the file at path as it is on disk now. The
// watching would get there, too, but a client may write and read at once.
func (s *indexServer) refresh(ctx context.Context, path string) *workspace.Snapshot {
	same := func(snap *workspace.Snapshot) bool {
		info, err := os.Stat(path)
		f, ferr := snap.Saved(path)
		if err == nil && ferr == nil {
			if !info.ModTime().Equal(f.ModTime) || time.Since(info.ModTime()) > stampTrusted {
				return info.ModTime().Equal(f.ModTime)
			}
			now, err := os.ReadFile(path)
			return err == nil && string(now) == f.Text
		}
		return (err != nil) == errors.Is(ferr, workspace.ErrNotFound) || err == nil && info.IsDir()
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(s.opts.fresh, freshTimeout))
	defer cancel()
	snap, _ := s.ws.Refresh(ctx, path, same) // else it is ignored, or changes all the time
	return snap
}
