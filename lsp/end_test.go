package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// Exit, a vanished editor and a closed stream end jobs down to the model.
func TestEndDuringJob(t *testing.T) {
	for name, end := range map[string]func(*peer){
		"shutdown and exit": func(p *peer) { p.begin("shutdown", nil); p.notify("exit", nil) },
		"exit":              func(p *peer) { p.notify("exit", nil) },
		"stream closed":     func(p *peer) { _ = p.conn.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			m, began, ended := hanging()
			p, e := session(t, with(m), nil)
			p.beginCommand("hob.edit", addParams(e.path, true))
			<-began
			end(p)
			err := p.returned()
			if orderly := name == "shutdown and exit"; orderly != (err == nil) || !orderly && !errors.Is(err, ErrNoShutdown) {
				t.Errorf("Serve returned %v", err)
			}
			select {
			case <-ended:
			default:
				t.Error("the model was not told")
			}
		})
	}
}

// A thousand messages in one go are all answered, in spite of jobs and cancels between.
func TestStorm(t *testing.T) {
	p, e := session(t, with(saying(goAdd)), nil)
	var ids []string
	for i := range 1000 {
		switch i % 5 {
		case 0:
			e.typing(span(7, 13, 7, 13), "x")
		case 1:
			ids = append(ids, p.beginCommand("hob.edit", addParams(e.path, true)))
		case 2:
			ids = append(ids, p.begin("workspace/executeCommand", map[string]any{"command": "hob.status"}))
		case 3:
			p.notify("$/cancelRequest", map[string]any{"id": json.RawMessage(ids[len(ids)-1])})
		case 4:
			ids = append(ids, p.begin("textDocument/codeAction", map[string]any{
				"textDocument": map[string]any{"uri": uriOf(e.path)}, "range": span(3, 6, 3, 6), "context": map[string]any{"diagnostics": []any{}},
			}))
		}
	}
	for _, id := range ids {
		p.reply(id)
	}
	seen := map[string]int{}
	p.mu.Lock()
	for _, m := range p.got {
		if m.Method == "" {
			seen[string(m.ID)]++
		}
	}
	p.mu.Unlock()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("request %s was answered %d times", id, n)
		}
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
}

// parked is a stream whose reader can't be woken, as a terminal's: Close does
// nothing to a Read under way.
type parked struct {
	in   *strings.Reader
	free chan struct{}
}

func (p *parked) Read(b []byte) (int, error) {
	if p.in.Len() > 0 {
		return p.in.Read(b)
	}
	<-p.free
	return 0, io.EOF
}
func (p *parked) Write(b []byte) (int, error) { return len(b), nil }
func (p *parked) Close() error                { return nil }

func TestReaderIsParked(t *testing.T) {
	frame := func(s string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(s), s) }
	session := frame(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}`) +
		frame(`{"jsonrpc":"2.0","method":"initialized","params":{}}`)
	exit := frame(`{"jsonrpc":"2.0","id":2,"method":"shutdown"}`) + frame(`{"jsonrpc":"2.0","method":"exit"}`)
	opts := Options{}
	opts.Config.Env = []string{"XDG_CONFIG_HOME=" + t.TempDir()}

	for name, c := range map[string]struct {
		in     string
		cancel bool
		want   error
	}{
		"exit":              {session + exit, false, nil},
		"context cancelled": {session, true, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			p := &parked{in: strings.NewReader(c.in), free: make(chan struct{})}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if c.cancel {
				cancel()
			}
			served := make(chan error, 1)
			go func() { served <- Serve(ctx, p, opts) }()
			select {
			case err := <-served:
				if !errors.Is(err, c.want) {
					t.Errorf("Serve returned %v", err)
				}
			case <-time.After(patience):
				t.Error("Serve waits for the reader")
			}
			close(p.free)
		})
	}
}

// An editor that reads nothing any more does not keep the session from ending.
func TestEditorReadsNothing(t *testing.T) {
	near, far := net.Pipe()
	opts := Options{}
	opts.Config.Env = []string{"XDG_CONFIG_HOME=" + t.TempDir()}
	served := make(chan error, 1)
	go func() { served <- Serve(t.Context(), far, opts) }()
	for _, body := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}`, `{"jsonrpc":"2.0","method":"initialized","params":{}}`,
		`{"jsonrpc":"2.0","id":2,"method":"shutdown"}`, `{"jsonrpc":"2.0","method":"exit"}`,
	} {
		if _, err := fmt.Fprintf(near, "Content-Length: %d\r\n\r\n%s", len(body), body); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-served:
		if err != nil {
			t.Errorf("Serve returned %v", err)
		}
	case <-time.After(patience):
		t.Error("Serve did not return")
	}
	_ = near.Close()
}

// A session that ends before its first message is handled starts nothing.
func TestEndBeforeInitialize(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := newServer(ctx, Options{})
	if _, err := s.initialize(ctx, pinned{}, []byte(`{"capabilities":{}}`)); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	if err := s.initialized(nil); err != nil {
		t.Error(err)
	}
	s.endBackground()
}
