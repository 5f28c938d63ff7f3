package lsp

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/workspace"
)

// inline lists the messages that are handled on the read loop, in wire order:
// they change what later messages see, do no IO and take microseconds. A message
// that is not listed is a call, which is pinned to a snapshot and then released,
// or a notification that nobody handles.
//
// A slow entry here stalls everything, cancels included. initialize is the one
// that reads files (the configuration): nothing can follow it before its answer.
func inline(method string) bool {
	switch method {
	case protocol.MethodInitialize,
		protocol.MethodInitialized,
		protocol.MethodExit,
		protocol.MethodSetTrace,
		protocol.MethodCancelRequest,
		protocol.MethodProgress,
		protocol.MethodWindowWorkDoneProgressCancel,
		protocol.MethodTextDocumentDidOpen,
		protocol.MethodTextDocumentDidChange,
		protocol.MethodTextDocumentWillSave,
		protocol.MethodTextDocumentDidSave,
		protocol.MethodTextDocumentDidClose,
		protocol.MethodNotebookDocumentDidOpen,
		protocol.MethodNotebookDocumentDidChange,
		protocol.MethodNotebookDocumentDidSave,
		protocol.MethodNotebookDocumentDidClose,
		protocol.MethodWorkspaceDidChangeConfiguration,
		protocol.MethodWorkspaceDidChangeWorkspaceFolders,
		protocol.MethodWorkspaceDidChangeWatchedFiles,
		protocol.MethodWorkspaceDidCreateFiles,
		protocol.MethodWorkspaceDidRenameFiles,
		protocol.MethodWorkspaceDidDeleteFiles:
		return true
	}
	return false
}

// pinned is what a call sees of the world: the snapshot at its place in the wire
// order and the moment at which it came.
type pinned struct {
	snap     *workspace.Snapshot
	received time.Time
}

type (
	callFunc   func(ctx context.Context, at pinned, params []byte) (any, error)
	notifyFunc func(params []byte) error
)

// call makes a handler of a typed method.
func call[P any, R any](f func(context.Context, pinned, *P) (R, error)) callFunc {
	return func(ctx context.Context, at pinned, params []byte) (any, error) {
		p := new(P)
		if len(params) == 0 {
			return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "invalid params: there are none")
		}
		if err := decode(params, p); err != nil {
			return nil, err
		}
		return f(ctx, at, p)
	}
}

// notify makes a handler of a typed method.
func notify[P any](f func(*P) error) notifyFunc {
	return func(params []byte) error {
		p := new(P)
		if err := decode(params, p); err != nil {
			return err
		}
		return f(p)
	}
}

// decode reads params; what can't be read is InvalidParams.
func decode(params []byte, v any) error {
	if len(params) == 0 {
		params = []byte("{}")
	}
	if err := (codec{}).Unmarshal(params, v); err != nil {
		return jsonrpc2.Errorf(jsonrpc2.InvalidParams, "invalid params: %v", err)
	}
	return nil
}

// handle is the connection's handler. It runs on the read loop until it releases
// the message.
func (s *Server) handle(ctx context.Context, req *jsonrpc2.Request) (any, error) {
	at := pinned{received: time.Now()}
	s.used.Store(true)
	method := req.Method()
	if !req.IsCall() {
		s.handleNotification(method, req.Params())
		return nil, nil // an error here would end the session
	}
	s.asked.Add(1)
	if err := s.gate.call(method); err != nil {
		return nil, wireError(err)
	}
	if inline(method) {
		return s.handleCall(ctx, at, method, req.Params())
	}
	at.snap = s.snapshot()
	cctx, forget, ok := s.track(req.ID())
	if !ok {
		return nil, wireError(context.Canceled)
	}
	defer forget()
	jsonrpc2.Async(ctx)
	// The read loop goes on and overwrites what method points to; Async has cloned req.
	return s.handleCall(cctx, at, req.Method(), req.Params())
}

// handleCall runs the handler of a call; whatever happens in it becomes its one answer.
func (s *Server) handleCall(ctx context.Context, at pinned, method string, params []byte) (result any, err error) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("panic in a request", "method", method, "panic", r, "stack", string(debug.Stack()))
			result, err = nil, jsonrpc2.Errorf(jsonrpc2.InternalError, "internal error in %s: %v", method, r)
		}
	}()
	h, ok := s.callHandlers[method]
	if !ok {
		return nil, jsonrpc2.Errorf(jsonrpc2.MethodNotFound, "method %q is not supported", method)
	}
	result, err = h(ctx, at, params)
	if err != nil {
		s.log.Debug("request failed", "method", method, "err", err)
		return nil, wireError(err)
	}
	return result, nil
}

// handleNotification runs the handler of a notification. Its errors are logged:
// there is nobody to answer.
func (s *Server) handleNotification(method string, params []byte) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("panic in a notification", "method", method, "panic", r, "stack", string(debug.Stack()))
		}
	}()
	if !s.gate.notification(method) {
		s.log.Debug("notification out of place", "method", method)
		return
	}
	h, ok := s.notifyHandlers[method]
	if !ok {
		if !strings.HasPrefix(method, "$/") {
			s.log.Debug("notification ignored", "method", method)
		}
		return
	}
	if err := h(params); err != nil {
		s.log.Warn("notification failed", "method", method, "err", err)
	}
}

// track gives a call a context that $/cancelRequest ends. It hangs under the
// server's life, not under the connection's request, whose end is not signalled.
// It is not ok once the session is ending.
func (s *Server) track(id jsonrpc2.ID) (ctx context.Context, forget func(), ok bool) {
	s.callsMu.Lock()
	defer s.callsMu.Unlock()
	if s.inFlight == nil {
		return nil, nil, false
	}
	ctx, cancel := context.WithCancel(s.life)
	s.inFlight[id] = cancel
	s.calls.Add(1)
	return ctx, func() {
		s.callsMu.Lock()
		delete(s.inFlight, id)
		s.callsMu.Unlock()
		cancel()
		s.calls.Done()
	}, true
}

// endCalls takes no more calls and waits for those under way.
func (s *Server) endCalls() {
	s.callsMu.Lock()
	s.inFlight = nil
	s.callsMu.Unlock()
	s.calls.Wait()
}

func (s *Server) cancelRequest(p *protocol.CancelParams) error {
	var id jsonrpc2.ID
	switch v := p.ID.(type) {
	case protocol.Integer:
		id = jsonrpc2.NewNumberID(int64(v))
	case protocol.String:
		id = jsonrpc2.NewStringID(string(v))
	default:
		return fmt.Errorf("request id %v is neither a number nor a string", p.ID)
	}
	s.callsMu.Lock()
	cancel := s.inFlight[id]
	s.callsMu.Unlock()
	if cancel != nil {
		cancel()
	}
	return nil
}
