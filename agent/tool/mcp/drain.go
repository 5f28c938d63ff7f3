package mcp

import (
	"context"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// draining is a transport that holds back the end of its input until what was
// asked before it is answered: hob mcp < requests prints the answers.
type draining struct{ sdk.Transport }

func (t draining) Connect(ctx context.Context) (sdk.Connection, error) {
	c, err := t.Transport.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &drainingConn{Connection: c, pending: map[jsonrpc.ID]bool{}, idle: make(chan struct{}), closed: make(chan struct{})}, nil
}

type drainingConn struct {
	sdk.Connection
	once   sync.Once
	closed chan struct{} // by Close

	mu      sync.Mutex          // guards what follows
	pending map[jsonrpc.ID]bool // requests without an answer; one whose id is in use gets none
	ended   bool
	drained bool          // idle is closed
	idle    chan struct{} // closed when all has ended and nothing is pending
}

func (c *drainingConn) Read(ctx context.Context) (jsonrpc.Message, error) {
	msg, err := c.Connection.Read(ctx)
	if err != nil {
		c.note(func() { c.ended = true })
		select {
		case <-c.idle:
		case <-c.closed:
		case <-ctx.Done():
		}
		return nil, err
	}
	if r, ok := msg.(*jsonrpc.Request); ok && r.IsCall() {
		c.note(func() { c.pending[r.ID] = true })
	}
	return msg, nil
}

func (c *drainingConn) Write(ctx context.Context, msg jsonrpc.Message) error {
	err := c.Connection.Write(ctx, msg)
	if r, ok := msg.(*jsonrpc.Response); ok {
		c.note(func() { delete(c.pending, r.ID); c.ended = c.ended || err != nil })
	}
	return err
}

func (c *drainingConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Connection.Close()
}

// note takes in what happened.
func (c *drainingConn) note(what func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	what()
	if c.ended && len(c.pending) == 0 && !c.drained {
		c.drained = true
		close(c.idle)
	}
}
