package lsp

import (
	"sync/atomic"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// phase is where a session stands. It only moves forward, on the read loop.
type phase int32

const (
	fresh   phase = iota // nothing but initialize and exit is taken
	serving              // initialize was accepted
	closing              // shutdown was accepted: nothing but exit is taken
)

// gate holds messages to the order that the protocol asks for. Its methods run
// on the read loop, so a shutdown that is answered concurrently is still seen by
// the exit right behind it.
type gate struct {
	at   atomic.Int32
	left atomic.Bool // exit came: nothing is taken any more
}

func (g *gate) phase() phase { return phase(g.at.Load()) }

// orderly reports whether shutdown came before the end.
func (g *gate) orderly() bool { return g.phase() == closing }

// call says why a request can't be taken now, and moves the session on.
func (g *gate) call(method string) error {
	if g.left.Load() {
		return jsonrpc2.Errorf(jsonrpc2.InvalidRequest, "%s after exit", method)
	}
	switch g.phase() {
	case fresh:
		if method != protocol.MethodInitialize {
			return jsonrpc2.Errorf(jsonrpc2.ServerNotInitialized, "%s before initialize", method)
		}
		g.at.Store(int32(serving))
	case serving:
		switch method {
		case protocol.MethodInitialize:
			return jsonrpc2.Errorf(jsonrpc2.InvalidRequest, "initialize a second time")
		case protocol.MethodShutdown:
			g.at.Store(int32(closing))
		}
	default:
		return jsonrpc2.Errorf(jsonrpc2.InvalidRequest, "%s after shutdown", method)
	}
	return nil
}

// reopen takes back an initialize that failed, so that the editor may try again.
func (g *gate) reopen() { g.at.CompareAndSwap(int32(serving), int32(fresh)) }

// notification reports whether a notification is taken now, and notes the exit.
func (g *gate) notification(method string) bool {
	if method == protocol.MethodExit {
		g.left.Store(true)
		return true
	}
	return g.phase() == serving && !g.left.Load()
}
