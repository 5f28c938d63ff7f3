package client

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
)

// Request is a call on its way to the server.
type Request struct {
	c      *Client
	id     int64
	method string
	done   chan struct{} // closed once result or err is set
	result json.RawMessage
	err    error
}

// Begin sends a request without waiting for its answer.
func (c *Client) Begin(method string, params any) (*Request, error) {
	raw, err := encode(params)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	r := &Request{c: c, method: method, done: make(chan struct{})}
	c.mu.Lock()
	if c.pending == nil {
		c.mu.Unlock()
		return nil, ErrClosed
	}
	c.lastID++
	r.id = c.lastID
	c.pending[r.id] = r
	c.mu.Unlock()
	return r, c.send(&message{ID: strconv.AppendInt(nil, r.id, 10), Method: method, Params: raw})
}

// Done is closed when the answer is there.
func (r *Request) Done() <-chan struct{} { return r.done }

// Wait is the answer, decoded into result where that is not nil. A refusal is
// *Error; a session that ended is ErrClosed.
func (r *Request) Wait(ctx context.Context, result any) error {
	select {
	case <-r.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	if r.err != nil || result == nil {
		return r.err
	}
	if raw, ok := result.(*json.RawMessage); ok {
		*raw = r.result
		return nil
	}
	if err := json.Unmarshal(r.result, result); err != nil {
		return fmt.Errorf("answer to %s: %w", r.method, err)
	}
	return nil
}

// Cancel sends $/cancelRequest. The answer still comes.
func (r *Request) Cancel() error {
	return r.c.Notify(context.Background(), "$/cancelRequest", map[string]int64{"id": r.id})
}

// Call sends a request and waits for its answer. When ctx ends it cancels the
// request and returns at once.
func (c *Client) Call(ctx context.Context, method string, params, result any) error {
	r, err := c.Begin(method, params)
	if err != nil {
		return err
	}
	err = r.Wait(ctx, result)
	if err != nil && ctx.Err() != nil {
		_ = r.Cancel() // ctx's error is what the caller must know
	}
	return err
}

// Notify sends a notification.
func (c *Client) Notify(_ context.Context, method string, params any) error {
	raw, err := encode(params)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return c.send(&message{Method: method, Params: raw})
}

// SendRaw writes bytes as they are, for tests of what no client should send;
// Frame makes a well-framed message of a body.
func (c *Client) SendRaw(data []byte) error {
	c.mu.Lock()
	c.raw = true
	c.mu.Unlock()
	return c.write(data)
}

// Frame puts the header of the base protocol before a body.
func Frame(body string) []byte { return frame([]byte(body)) }

func (c *Client) send(m *message) error {
	m.Version = "2.0"
	body, err := encode(m)
	if err != nil {
		return err
	}
	return c.write(frame(body))
}

func (c *Client) write(data []byte) error {
	select {
	case <-c.done:
		return ErrClosed
	default:
	}
	ok := c.out.push(func() {
		if _, err := c.rwc.Write(data); err != nil {
			c.log.Debug("write to the server", "err", err) // the read loop sees the end too
		}
	})
	if !ok {
		return ErrClosed
	}
	return nil
}

// response takes the answer to one of our requests.
func (c *Client) response(m *message) {
	id, err := strconv.ParseInt(string(m.ID), 10, 64)
	c.mu.Lock()
	r := c.pending[id]
	delete(c.pending, id)
	expected := c.raw
	c.mu.Unlock()
	if err != nil || r == nil {
		if expected {
			c.notifyHook("", mustEncode(m))
		} else {
			c.violation("response to request %s, which is not waiting for one", m.ID)
		}
		return
	}
	r.result = m.Result
	if m.Error != nil {
		r.err = m.Error
	}
	close(r.done)
}

func mustEncode(v any) json.RawMessage {
	raw, err := encode(v)
	if err != nil {
		panic(err) // values of this package only
	}
	return raw
}
