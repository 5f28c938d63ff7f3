package lsp

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/lsp/config"
	"github.com/hob-ls/hob/lsp/journal"
	"github.com/hob-ls/hob/workspace"
)

// Server is one session with one editor. Fields without a lock are written
// before the goroutines that read them start, or on the read loop in initialize,
// before which nothing else is taken.
type Server struct {
	opts Options
	log  *slog.Logger

	// life is the context of everything the session starts; it ends before Serve
	// returns. Jobs hang under it and not under their requests.
	life context.Context
	end  context.CancelCauseFunc
	// background is what runs beside requests and jobs.
	background   sync.WaitGroup
	backgroundMu sync.Mutex // guards ended and adding to background
	ended        bool

	gate   gate
	exited chan struct{} // closed by exit
	conn   jsonrpc2.Conn
	editor protocol.Client // the standard calls to the editor

	callHandlers   map[string]callFunc
	notifyHandlers map[string]notifyFunc
	calls          sync.WaitGroup                     // requests under way
	asked          atomic.Int64                       // requests so far
	callsMu        sync.Mutex                         // guards inFlight and adding to calls
	inFlight       map[jsonrpc2.ID]context.CancelFunc // nil once the session is ending

	setupMu   sync.Mutex  // held by initialize, for an end that comes meanwhile
	client    *clientInfo // from initialize
	started   bool        // initialized came; only the read loop uses it
	ws        *workspace.Workspace
	docs      documents
	engines   engines
	jobs      *agent.Jobs[*JobResult]
	board     board    // what the running jobs are doing
	bars      bars     // their progress bars
	contents  contents // hob: documents
	journal   *journal.Journal
	react     reactCache
	outlines  outlines
	outlining chan struct{} // holds one element while a menu has an outline read
	findings  findings      // what is published
	watching  watching
	settings  settings // the editor's configuration
	foreign   foreign  // the user's MCP servers

	byAction  map[agent.Action]*command // the commands that start jobs; the table itself can't be asked by its own functions
	used      atomic.Bool               // the editor sent something since models were kept loaded last
	foresight foresight                 // what may come next

	wsOptions   workspace.Options // with which ws was opened
	restartTold bool              // only keepConfigured uses it
}

// newServer makes the session; the connection is set before its first message.
func newServer(ctx context.Context, opts Options) *Server {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Providers == nil {
		opts.Providers = noProviders
	}
	s := &Server{
		opts: opts, log: opts.Log, client: &clientInfo{},
		exited:   make(chan struct{}),
		inFlight: map[jsonrpc2.ID]context.CancelFunc{},
	}
	s.life, s.end = context.WithCancelCause(ctx)
	s.jobs = agent.NewJobs[*JobResult](s.life)
	s.journal = journal.New(opts.journalDir(), opts.Log)
	s.docs.init()
	s.outlines.init()
	s.outlining = make(chan struct{}, 1)
	s.watching.wake = make(chan struct{}, 1)
	s.settings.wake = make(chan struct{}, 1)
	s.board.init(s)
	s.byAction = map[agent.Action]*command{}
	for i, c := range commands {
		if c.action != "" {
			s.byAction[c.action] = &commands[i]
		}
	}
	s.routes()
	return s
}

// routes is the table of what the server understands. Capabilities advertise
// exactly this; a test holds the two together.
func (s *Server) routes() {
	s.callHandlers = map[string]callFunc{
		protocol.MethodInitialize:                   s.initialize,
		protocol.MethodShutdown:                     s.shutdown,
		protocol.MethodTextDocumentCodeAction:       call(s.codeAction),
		protocol.MethodWorkspaceExecuteCommand:      call(s.executeCommand),
		protocol.MethodWorkspaceTextDocumentContent: call(s.textDocumentContent),
	}
	s.notifyHandlers = map[string]notifyFunc{
		protocol.MethodInitialized:                        notify(s.initialized),
		protocol.MethodExit:                               s.exit,
		protocol.MethodSetTrace:                           ignore,
		protocol.MethodProgress:                           ignore,
		protocol.MethodCancelRequest:                      notify(s.cancelRequest),
		protocol.MethodWindowWorkDoneProgressCancel:       notify(s.progressCancel),
		protocol.MethodTextDocumentDidOpen:                notify(s.didOpen),
		protocol.MethodTextDocumentDidChange:              notify(s.didChange),
		protocol.MethodTextDocumentDidSave:                notify(s.didSave),
		protocol.MethodTextDocumentDidClose:               notify(s.didClose),
		protocol.MethodWorkspaceDidChangeConfiguration:    notify(s.didChangeConfiguration),
		protocol.MethodWorkspaceDidChangeWorkspaceFolders: notify(s.didChangeWorkspaceFolders),
		protocol.MethodWorkspaceDidChangeWatchedFiles:     notify(s.didChangeWatchedFiles),
	}
}

func ignore([]byte) error { return nil }

// snapshot is the newest state of the workspace; nil before initialize.
func (s *Server) snapshot() *workspace.Snapshot {
	if s.ws == nil {
		return nil
	}
	return s.ws.Snapshot()
}

// goBackground runs f beside the requests until the session ends.
// It does not if the session has ended already.
func (s *Server) goBackground(f func(ctx context.Context)) (started bool) {
	s.backgroundMu.Lock()
	defer s.backgroundMu.Unlock()
	if !s.ended {
		s.background.Go(func() { f(s.life) })
	}
	return !s.ended
}

// endBackground starts nothing more and waits for what runs.
func (s *Server) endBackground() {
	s.backgroundMu.Lock()
	s.ended = true
	s.backgroundMu.Unlock()
	s.background.Wait()
}

// workspaceOptions are the parts of the configuration that the workspace keeps
// for its life.
func workspaceOptions(c *config.Config, log *slog.Logger) workspace.Options {
	return workspace.Options{
		MaxFile: int64(c.Index.MaxFile), MaxMemory: int64(c.Index.MaxMemory),
		Ignore: c.Index.Ignore, Exclude: c.Privacy.Exclude, Log: log,
	}
}
