package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.lsp.dev/jsonrpc2"

	"github.com/hob-ls/hob/workspace/text"
)

// habit is how an editor behaves where editors differ.
type habit struct {
	name     string
	caps     string
	late     bool // holds changes back for a while
	answers  bool // answers an edit before it tells of the change that it made
	pretends bool // calls an edit applied which it skipped
	refuses  bool // refuses some edits for no reason
}

// modelEditor is an editor with one document, which knows of every byte where it
// came from. It does one thing at a time: what the server sent waits until the
// schedule has it looked at.
type modelEditor struct {
	t testing.TB
	habit
	enc    text.Encoding
	rng    *rand.Rand
	server *Server

	mu    sync.Mutex  // guards inbox, ended, closed
	inbox []*question // calls of the server that are not answered yet, oldest first
	ended map[string]JobResult

	uri     string
	open    bool
	version int32
	text    string
	ids     []int // of each byte of text
	lastID  int
	undo    []string
	past    []string          // by version
	held    []json.RawMessage // changes that the server does not know of
	closed  int               // how often the document was closed
	jobs    map[string]*modelJob
	trace   []string
}

// modelJob is a job as the editor can judge it.
type modelJob struct {
	id       string
	region   []int  // the bytes that the model was asked about
	was, now string // their text, and the model's
	closed   int
	chance   bool         // what the editor skipped came about by the user's own typing
	allowed  map[int]bool // reviewed in part: the bytes that may go
	applied  int
	gate     chan struct{}
	opened   bool
	cancel   bool
}

func (e *modelEditor) note(format string, args ...any) {
	e.trace = append(e.trace, fmt.Sprintf(format, args...))
}

func (e *modelEditor) fail(format string, args ...any) {
	e.t.Helper()
	e.t.Errorf("%s\n%s", fmt.Sprintf(format, args...), strings.Join(e.trace, "\n"))
}

// question is a call of the server that waits for its answer.
type question struct {
	method string
	params json.RawMessage
	job    string
	answer chan any // the result, or an error
	closed int      // modelEditor.closed when it came: versions begin anew with every opening
}

// jobKey is the key of the job's name in the contexts of its calls.
type jobKey struct{}

// modelConn is the server's side of the connection, without a wire: the library's
// own shares channels between sessions, which a bubble of synctest does not bear.
type modelConn struct {
	jsonrpc2.Conn
	e *modelEditor
}

func (c modelConn) Call(ctx context.Context, method string, params, result any) (id jsonrpc2.ID, err error) {
	q := &question{method: method, answer: make(chan any, 1)}
	q.job, _ = ctx.Value(jobKey{}).(string)
	if q.params, err = (codec{}).Marshal(params); err != nil {
		return id, err
	}
	c.e.mu.Lock()
	q.closed = c.e.closed
	c.e.inbox = append(c.e.inbox, q)
	c.e.mu.Unlock()
	select {
	case <-ctx.Done():
		c.e.mu.Lock()
		c.e.inbox = slices.DeleteFunc(c.e.inbox, func(o *question) bool { return o == q })
		c.e.mu.Unlock()
		return id, ctx.Err()
	case answer := <-q.answer:
		if err, ok := answer.(error); ok {
			return id, err
		}
		return id, codec{}.Unmarshal(raw(answer), result)
	}
}

func (c modelConn) Notify(_ context.Context, method string, params any) error {
	if method != methodJobDone {
		return nil
	}
	var res JobResult
	b, err := codec{}.Marshal(params)
	if err == nil {
		err = json.Unmarshal(b, &res)
	}
	if err != nil {
		c.e.t.Error(err)
	}
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	if _, twice := c.e.ended[res.Job]; twice {
		c.e.t.Errorf("job %s ended twice", res.Job)
	}
	c.e.ended[res.Job] = res
	return nil
}

// notify is a notification on the read loop.
func (e *modelEditor) notify(method string, params any) {
	e.server.handleNotification(method, raw(params))
}

// change is what both the user and the server do to the text: simultaneous edits.
func (e *modelEditor) change(edits []text.Edit) {
	x := text.NewLineIndex(e.text)
	var changes []map[string]any
	for _, ed := range slices.Backward(edits) {
		changes = append(changes, map[string]any{"range": rangeOf(x, ed.Span, e.enc), "text": ed.New})
		// What a change puts back are the bytes that were there.
		least := text.Replacement(e.text[ed.Span.Start:ed.Span.End], ed.New)
		fresh := make([]int, len(least.New))
		for i := range fresh {
			e.lastID++
			fresh[i] = e.lastID
		}
		e.ids = slices.Replace(e.ids, ed.Span.Start+least.Span.Start, ed.Span.Start+least.Span.End, fresh...)
	}
	e.undo = append(e.undo, e.text)
	next, err := text.Apply(e.text, edits)
	if err != nil {
		e.fail("the model editor is wrong: %v", err)
	}
	e.text = next
	e.version++
	e.past = append(e.past, e.text)
	e.held = append(e.held, json.RawMessage(raw(map[string]any{
		"textDocument": map[string]any{"uri": e.uri, "version": e.version}, "contentChanges": changes,
	})))
}

// flush tells the server what it does not know yet.
func (e *modelEditor) flush() {
	for _, params := range e.held {
		e.notify("textDocument/didChange", params)
	}
	e.held = nil
}

// typed flushes, unless the editor is one that waits.
func (e *modelEditor) typed() {
	if !e.late || e.rng.IntN(3) == 0 {
		e.flush()
	}
}

func (e *modelEditor) doOpen() {
	e.open, e.version, e.past = true, 1, []string{"", e.text}
	e.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": e.uri, "languageId": "plaintext", "version": 1, "text": e.text,
	}})
}

func (e *modelEditor) doClose() {
	e.flush()
	e.open = false
	e.mu.Lock()
	e.closed++
	e.mu.Unlock()
	e.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": e.uri}})
}

// place is a random place between two characters.
func (e *modelEditor) place() int {
	off := e.rng.IntN(len(e.text) + 1)
	for off > 0 && off < len(e.text) && (e.text[off]&0xC0 == 0x80 || e.text[off-1] == '\r') {
		off--
	}
	return off
}

func (e *modelEditor) span(most int) text.Span {
	a := e.place()
	b := a
	for b < len(e.text) && b-a < most && e.rng.IntN(8) > 0 {
		b++
	}
	for b > a && b < len(e.text) && (e.text[b]&0xC0 == 0x80 || e.text[b-1] == '\r') {
		b--
	}
	return text.Span{Start: a, End: b}
}

var words = []string{"a", "b", "x := y", "\n", "\n", "\r\n", "é", "𝒙", "\t", "  ", "func f() {\n", "}\n", "ไทย", ""}

func (e *modelEditor) words(n int) string {
	var b strings.Builder
	for range e.rng.IntN(n + 1) {
		b.WriteString(words[e.rng.IntN(len(words))])
	}
	return b.String()
}

// take gives the oldest call of the server.
func (e *modelEditor) take() *question {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.inbox) == 0 {
		return nil
	}
	q := e.inbox[0]
	e.inbox = e.inbox[1:]
	return q
}

// look answers the oldest call of the server.
func (e *modelEditor) look() bool {
	m := e.take()
	if m == nil {
		return false
	}
	switch m.method {
	case "workspace/applyEdit":
		e.applyEdit(m)
	case methodReview:
		e.review(m)
	case "window/showMessageRequest":
		e.choose(m)
	default:
		m.answer <- nil
	}
	synctest.Wait()
	return true
}

func (e *modelEditor) choose(m *question) {
	var p struct {
		Actions []struct {
			Title string `json:"title"`
		}
	}
	if err := json.Unmarshal(m.params, &p); err != nil {
		e.fail("%v", err)
	}
	if n := e.rng.IntN(len(p.Actions) + 1); n < len(p.Actions) && p.Actions[n].Title != showButton {
		e.note("chooses %s", p.Actions[n].Title)
		m.answer <- p.Actions[n]
		return
	}
	e.note("chooses nothing")
	m.answer <- nil
}
