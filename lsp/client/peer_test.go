package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hob-ls/hob/workspace/text"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// peer is a server made of what a test tells it to say.
type peer struct {
	t        *testing.T
	conn     net.Conn
	in       chan *message            // what the client sent, but for answers
	answers  map[string]chan *message // by id, for calls of the peer
	encoding string
	lastID   int
	mute     map[string]bool // methods that get no answer
}

func newPeer(t *testing.T, conn net.Conn) *peer {
	return &peer{t: t, conn: conn, in: make(chan *message, 1000), answers: map[string]chan *message{}, encoding: "utf-16", mute: map[string]bool{}}
}

// run reads until the stream ends; initialize and shutdown are answered here.
func (p *peer) run() {
	defer close(p.in)
	defer func() { _ = p.conn.Close() }()
	r := bufio.NewReader(p.conn)
	for {
		m, err := readMessage(r)
		if err != nil {
			return
		}
		switch {
		case m.Method == "initialize":
			p.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"capabilities":{"positionEncoding":%q,"textDocumentSync":{"openClose":true,"change":2}}}}`, m.ID, p.encoding))
		case m.Method == "shutdown" && !p.mute["shutdown"]:
			p.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":null}`, m.ID))
		case m.Method == "exit":
			return
		case m.Method == "":
			p.in <- m
		default:
			p.in <- m
		}
	}
}

func (p *peer) send(body string) {
	if _, err := p.conn.Write(Frame(body)); err != nil {
		p.t.Logf("peer: %v", err)
	}
}

func (p *peer) notify(method, params string) {
	p.send(fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":%s}`, method, params))
}

// begin sends a call and returns its id.
func (p *peer) begin(method, params string) string {
	p.lastID++
	id := fmt.Sprintf(`"s%d"`, p.lastID)
	p.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, id, method, params))
	return id
}

// next is the next message of the client that ok accepts; others are dropped.
func (p *peer) next(what string, ok func(*message) bool) *message {
	p.t.Helper()
	deadline := time.After(time.Minute)
	for {
		select {
		case m, open := <-p.in:
			if !open {
				p.t.Fatalf("the stream ended before %s", what)
			}
			if ok(m) {
				return m
			}
		case <-deadline:
			p.t.Fatalf("no %s came", what)
		}
	}
}

func (p *peer) answer(id string) *message {
	p.t.Helper()
	return p.next("answer to "+id, func(m *message) bool { return m.Method == "" && string(m.ID) == id })
}

func (p *peer) method(name string) *message {
	p.t.Helper()
	return p.next(name, func(m *message) bool { return m.Method == name })
}

// session is a client with a peer and a workspace folder.
type session struct {
	*peer
	c    *Client
	root string
}

func start(t *testing.T, opts Options) *session {
	t.Helper()
	here, there := net.Pipe()
	p := newPeer(t, there)
	for name, enc := range encodings {
		if enc == opts.Encoding && name != "" {
			p.encoding = name
		}
	}
	root := t.TempDir()
	opts.Roots = []string{root}
	go p.run()
	c, err := Start(t.Context(), here, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Abort() })
	p.method("initialized")
	return &session{peer: p, c: c, root: root}
}

func (s *session) path(name string) string { return filepath.Join(s.root, name) }

func (s *session) open(name, content string) string {
	s.t.Helper()
	path := s.path(name)
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		s.t.Fatal(err)
	}
	if err := s.c.Open(path, nil); err != nil {
		s.t.Fatal(err)
	}
	s.method("textDocument/didOpen")
	return path
}

// apply sends an edit in which $NAME stands for the URI of a file.
func (s *session) apply(edit string) applyResult {
	s.t.Helper()
	id := s.begin("workspace/applyEdit", `{"edit":`+s.expand(edit)+`}`)
	return s.result(id)
}

func (s *session) expand(text string) string {
	return os.Expand(text, func(name string) string { return URI(s.path(name)) })
}

func (s *session) result(id string) applyResult {
	s.t.Helper()
	m := s.answer(id)
	if m.Error != nil {
		s.t.Fatalf("applyEdit: %v", m.Error)
	}
	var r applyResult
	if err := json.Unmarshal(m.Result, &r); err != nil {
		s.t.Fatal(err)
	}
	return r
}

// barrier returns when the client has read everything sent so far.
func (s *session) barrier() {
	s.t.Helper()
	s.answer(s.begin("workspace/workspaceFolders", `{}`))
}

func (s *session) wantText(path, want string, version int32) {
	s.t.Helper()
	got, v, open := s.c.Text(path)
	if !open || got != want || v != version {
		s.t.Errorf("%s is %q at version %d (open %v), want %q at %d", filepath.Base(path), got, v, open, want, version)
	}
}

// wantViolations wants each of subs in one violation, in order, and no others.
func (s *session) wantViolations(subs ...string) {
	s.t.Helper()
	got := s.c.Violations()
	for i := range max(len(got), len(subs)) {
		switch {
		case i >= len(subs):
			s.t.Errorf("violation %q was not expected", got[i])
		case i >= len(got):
			s.t.Errorf("no violation with %q", subs[i])
		case !strings.Contains(got[i], subs[i]):
			s.t.Errorf("violation %q, want one with %q", got[i], subs[i])
		}
	}
}

func at(l1, c1, l2, c2 uint32, s string) text.RangeEdit {
	return text.RangeEdit{Start: text.Position{Line: l1, Character: c1}, End: text.Position{Line: l2, Character: c2}, New: s}
}

func closeSession(t *testing.T, c *Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		t.Fatal(err)
	}
}
