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
	return &drainingConn{Connection: c, idle: make(chan struct{}), closed: make(chan struct{})}, nil
}

type drainingConn struct {
	sdk.Connection
	once   sync.Once
	closed chan struct{} // by Close

	mu      sync.Mutex // guards what follows
	pending int        // requests without an answer
	ended   bool
	drained bool          // idle is closed
	idle    chan struct{} // closed when all has ended and nothing is pending
}

func (c *drainingConn) Read(ctx context.Context) (jsonrpc.Message, error) {
	msg, err := c.Connection.Read(ctx)
	if err != nil {
		c.count(0, true)
		select {
		case <-c.idle:
		case <-c.closed:
		case <-ctx.Done():
		}
		return nil, err
	}
	if r, ok := msg.(*jsonrpc.Request); ok && r.IsCall() {
		c.count(1, false)
	}
	return msg, nil
}

func (c *drainingConn) Write(ctx context.Context, msg jsonrpc.Message) error {
	err := c.Connection.Write(ctx, msg)
	if _, ok := msg.(*jsonrpc.Response); ok {
		c.count(-1, err != nil)
	}
	return err
}

func (c *drainingConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Connection.Close()
}

func (c *drainingConn) count(n int, ended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending += n
	c.ended = c.ended || ended
	if c.ended && c.pending <= 0 && !c.drained {
		c.drained = true
		close(c.idle)
	}
}
