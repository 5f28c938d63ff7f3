package lsp

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hob-ls/hob/agent/tool/mcp/mcptest"
)

func TestMain(m *testing.M) {
	mcptest.Main()
	goleak.VerifyTestMain(m)
}

// patience bounds every wait of these tests; it is never slept.
const patience = time.Minute

// message is anything that came from the server.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int             `json:"code"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
	} `json:"error"`
}

// code is the code of an error response, 0 for a result.
func (m message) code() int {
	if m.Error == nil {
		return 0
	}
	return m.Error.Code
}

// peer is the other end of a session: it speaks raw JSON-RPC and answers what it
// is told to.
type peer struct {
	t      testing.TB
	conn   net.Conn
	server *Server
	served chan error // what Serve returned

	mu      sync.Mutex
	last    int
	got     []message // everything, in order
	more    chan struct{}
	answers map[string]func(json.RawMessage) any // to the server's requests; nil keeps silent
	ended   bool
}

// refused is an answer that is an error.
type refused struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func start(t testing.TB, opts Options) *peer {
	t.Helper()
	near, far := net.Pipe()
	p := &peer{t: t, conn: near, served: make(chan error, 1), more: make(chan struct{}), answers: map[string]func(json.RawMessage) any{}}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Config.UserFile == "" && opts.Config.Env == nil {
		opts.Config.Env = []string{"XDG_CONFIG_HOME=" + t.TempDir()}
	}
	// Nothing is left behind because a machine stands still for a moment.
	opts.goodbye = cmp.Or(opts.goodbye, patience/2)
	p.server = newServer(context.Background(), opts)
	go func() { p.served <- p.server.serve(context.Background(), far) }()
	read := make(chan struct{})
	go func() { defer close(read); p.read() }()
	t.Cleanup(func() {
		_ = near.Close()
		select {
		case <-p.served:
		case <-time.After(patience):
			t.Error("Serve did not return")
		}
		<-read
	})
	return p
}

func (p *peer) read() {
	in := bufio.NewReader(p.conn)
	for {
		_, body, err := readFrame(in)
		if err != nil {
			p.mu.Lock()
			p.ended = true
			close(p.more)
			p.more = make(chan struct{})
			p.mu.Unlock()
			return
		}
		var m message
		if err := json.Unmarshal(body, &m); err != nil {
			p.t.Errorf("the server sent %q: %v", body, err)
			continue
		}
		p.mu.Lock()
		p.got = append(p.got, m)
		close(p.more)
		p.more = make(chan struct{})
		answer := p.answers[m.Method]
		p.mu.Unlock()
		if m.Method != "" && m.ID != nil {
			go p.answer(m, answer)
		}
	}
}

// answer answers a request of the server; without instructions with null.
func (p *peer) answer(m message, f func(json.RawMessage) any) {
	reply := map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": nil}
	if f != nil {
		switch v := f(m.Params).(type) {
		case refused:
			delete(reply, "result")
			reply["error"] = v
		case silence:
			return
		default:
			reply["result"] = v
		}
	}
	p.send(reply)
}

// silence is the answer that never comes.
type silence struct{}

func (p *peer) on(method string, f func(json.RawMessage) any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[method] = f
}

func (p *peer) send(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		p.t.Error(err)
		return
	}
	p.raw(string(b))
}

// raw sends body as one message, whatever it is.
func (p *peer) raw(body string) {
	if _, err := fmt.Fprintf(p.conn, "Content-Length: %d\r\n\r\n%s", len(body), body); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		p.t.Logf("writing: %v", err)
	}
}

func (p *peer) notify(method string, params any) {
	p.send(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
}

// begin sends a request and gives its id.
func (p *peer) begin(method string, params any) string {
	p.mu.Lock()
	p.last++
	id := fmt.Sprint(p.last)
	p.mu.Unlock()
	m := map[string]any{"jsonrpc": "2.0", "id": json.RawMessage(id), "method": method}
	if params != nil {
		m["params"] = params
	}
	p.send(m)
	return id
}

// await waits for the first message, old or new, that want takes.
func (p *peer) await(what string, want func(message) bool) message {
	p.t.Helper()
	limit := time.After(patience)
	for seen := 0; ; {
		p.mu.Lock()
		for ; seen < len(p.got); seen++ {
			if want(p.got[seen]) {
				m := p.got[seen]
				p.mu.Unlock()
				return m
			}
		}
		more, ended := p.more, p.ended
		p.mu.Unlock()
		if ended {
			p.t.Fatalf("the stream ended without %s", what)
		}
		select {
		case <-more:
		case <-limit:
			p.t.Fatalf("no %s", what)
		}
	}
}

func (p *peer) reply(id string) message {
	p.t.Helper()
	return p.await("answer to "+id, func(m message) bool { return m.Method == "" && string(m.ID) == id })
}

func (p *peer) call(method string, params any) message {
	p.t.Helper()
	return p.reply(p.begin(method, params))
}

// count is how many messages that want takes have come.
func (p *peer) count(want func(message) bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, m := range p.got {
		if want(m) {
			n++
		}
	}
	return n
}

// awaitCount waits until n messages that want takes have come.
func (p *peer) awaitCount(what string, want func(message) bool, n int) {
	p.t.Helper()
	p.await(what, func(m message) bool {
		if want(m) {
			n--
		}
		return n == 0
	})
}

func is(method string) func(message) bool {
	return func(m message) bool { return m.Method == method }
}

// initialize opens a session; caps replaces the capabilities of a capable client.
func (p *peer) initialize(root string, caps any) message {
	p.t.Helper()
	if caps == nil {
		caps = fullCaps
	}
	params := map[string]any{"processId": nil, "capabilities": caps}
	if root != "" {
		params["workspaceFolders"] = []any{map[string]any{"uri": uriOf(root), "name": "test"}}
	}
	m := p.call("initialize", params)
	if m.Error != nil {
		p.t.Fatalf("initialize: %+v", *m.Error)
	}
	p.notify("initialized", map[string]any{})
	return m
}

// fullCaps are the capabilities of a client that can everything.
var fullCaps = json.RawMessage(`{
	"general": {"positionEncodings": ["utf-8", "utf-16"]},
	"window": {"workDoneProgress": true, "showDocument": {"support": true}},
	"workspace": {
		"applyEdit": true, "workspaceFolders": true, "textDocumentContent": {},
		"workspaceEdit": {"documentChanges": true, "resourceOperations": ["create"], "changeAnnotationSupport": {}}
	},
	"textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}, "tagSupport": {"valueSet": [1]}}},
	"experimental": {"hob": {"preview": true, "input": true}}
}`)

// goodbye ends a session in order and gives what Serve returned.
func (p *peer) goodbye() error {
	p.t.Helper()
	if m := p.call("shutdown", nil); m.Error != nil {
		p.t.Errorf("shutdown: %+v", *m.Error)
	}
	p.notify("exit", nil)
	return p.returned()
}

// returned waits for Serve's end.
func (p *peer) returned() error {
	p.t.Helper()
	select {
	case err := <-p.served:
		p.served <- err
		return err
	case <-time.After(patience):
		p.t.Fatal("Serve did not return")
		return nil
	}
}

// project makes a folder of files.
func project(t testing.TB, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (p *peer) open(path, language, text string) {
	p.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": uriOf(path), "languageId": language, "version": 1, "text": text,
	}})
}

// change replaces a range of line and character pairs.
func (p *peer) change(path string, version int, r Range, text string) {
	p.notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": uriOf(path), "version": version},
		"contentChanges": []any{map[string]any{"range": r, "text": text}},
	})
}

func span(l1, c1, l2, c2 uint32) Range {
	return Range{Start: Position{Line: l1, Character: c1}, End: Position{Line: l2, Character: c2}}
}

// forget drops what came, so that long benchmarks don't search through it.
func (p *peer) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = nil
}
