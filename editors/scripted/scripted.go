package scripted

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/hob-ls/hob/agent/model/modeltest"
)

// Model is a scripted model server that can go away and come back at its address.
type Model struct {
	// URL is its address.
	URL string

	script modeltest.Script

	mu     sync.Mutex // guards server
	server *modeltest.Server
}

// Start starts the server. What it says is told by calls.
func Start(script modeltest.Script) (*Model, error) {
	server, err := modeltest.New(script)
	if err != nil {
		return nil, err
	}
	script.Addr = strings.TrimPrefix(server.URL, "http://")
	return &Model{URL: server.URL, script: script, server: server}, nil
}

// Close ends the server.
func (m *Model) Close() { m.Server().Close() }

// Left counts the replies that nobody asked for.
func (m *Model) Left() int { return m.Server().Left() }

// Server is the server as it runs now, for tests in Go.
func (m *Model) Server() *modeltest.Server {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.server
}

// reopen starts it again where it was.
func (m *Model) reopen() error {
	server, err := modeltest.New(m.script)
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.server = server
	m.mu.Unlock()
	return nil
}

// call is one line of the test.
type call struct {
	ID    int
	Op    string
	Name  string // of a gate
	Count int
	Reply modeltest.Reply
}

// Serve takes the one connection of a test and answers its calls until it ends
// or l is closed.
func (m *Model) Serve(ctx context.Context, l net.Listener) {
	conn, err := l.Accept()
	if err != nil {
		return // the test never called
	}
	defer func() { _ = conn.Close() }() // the test has ended
	dec, results := json.NewDecoder(conn), make(chan map[string]any)
	done := make(chan struct{})
	defer close(done)
	go func() {
		enc := json.NewEncoder(conn)
		for {
			select {
			case r := <-results:
				_ = enc.Encode(r) // the test may have ended
			case <-done:
				return
			}
		}
	}()
	for {
		var c call
		if err := dec.Decode(&c); err != nil {
			return
		}
		answer := func() {
			value, err := m.answer(ctx, c)
			r := map[string]any{"id": c.ID, "value": value}
			if err != nil {
				r["error"] = err.Error()
			}
			select {
			case results <- r:
			case <-done:
			}
		}
		if strings.HasPrefix(c.Op, "wait") {
			go answer()
		} else {
			answer()
		}
	}
}

func (m *Model) answer(ctx context.Context, c call) (any, error) {
	server := m.Server()
	switch c.Op {
	case "reply": // what it says next
		server.Script(c.Reply)
		return nil, nil
	case "release":
		server.Release(c.Name)
		return nil, nil
	case "wait_gate":
		return nil, server.WaitGate(ctx, c.Name)
	case "wait_cancelled":
		return nil, server.WaitCancelled(ctx, c.Count)
	case "cancelled": // how many were given up so far
		var n int
		err := server.Wait(ctx, func(st modeltest.State) bool { n = st.Cancelled; return true })
		return n, err
	case "wait_listed": // somebody knows what models there are
		return nil, server.Wait(ctx, func(st modeltest.State) bool { return st.Shows > 0 })
	case "chats": // the prompts so far
		prompts := []string{}
		for _, r := range server.Chats() {
			prompts = append(prompts, r.Prompt())
		}
		return prompts, nil
	case "left": // replies that nobody asked for
		return server.Left(), nil
	case "close":
		server.Close()
		return nil, nil
	case "open":
		return nil, m.reopen()
	}
	return nil, fmt.Errorf("there is no op %q", c.Op)
}
