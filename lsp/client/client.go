package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/workspace/text"
)

// Options say what kind of editor this is. The zero value offers everything Hob
// can use: versioned documentChanges, resource operations, annotations,
// work-done progress, experimental.hob with preview and input, in UTF-16.
type Options struct {
	Name         string
	Roots        []string        // absolute
	Encoding     text.Encoding   // the only one the built-in capabilities offer
	Capabilities json.RawMessage // replaces the built-in client capabilities whole, encodings included
	Settings     json.RawMessage // initializationOptions and section "hob"
	WriteThrough bool            // applied edits are saved to disk at once (a terminal, not an editor)
	AnswerFirst  bool            // workspace/applyEdit is answered before the didChange it caused, as Neovim and eglot do
	Log          *slog.Logger

	// Hooks, each optional. Notifications call theirs on the read loop, where they
	// must not block on the client. Choose, Input, Decide, Plan and Review may take their time.
	Progress    func(Progress)                                            // work-done progress
	JobProgress func(lsp.JobProgress)                                     // hob/jobProgress
	JobDone     func(lsp.JobResult)                                       // hob/jobDone
	Status      func(lsp.Status)                                          // hob/status
	Message     func(level int, text string)                              // window/showMessage, showMessageRequest
	Show        func(uri string)                                          // window/showDocument
	Choose      func(text string, actions []string) string                // answer to showMessageRequest; "" dismisses
	Input       func(title, placeholder string) (string, bool)            // hob/input
	Decide      func(context.Context, lsp.ReviewParams) *lsp.ReviewResult // hob/review; nil declines, Moved says that the text is another; the context ends with the question
	Plan        func(lsp.PlanParams) []int                                // hob/plan: the steps to carry out
	Review      func(Edit) bool                                           // asked before an edit is applied; false declines it
	Failed      func(reason string)                                       // an edit could not be applied, and nothing of it was
	Pretend     func(Edit) bool                                           // true answers "applied" without applying, as Neovim does when its user says no
	Notify      func(method string, params json.RawMessage)               // every notification and call that came, and, after SendRaw, responses to no request of ours with method ""
}

// Timings are what Start measured.
type Timings struct{ Initialize time.Duration }

// ErrClosed says that the stream to the server has ended.
var ErrClosed = errors.New("the language server has ended the session")

// Client is one session. Safe for concurrent use.
type Client struct {
	opts    Options
	log     *slog.Logger
	rwc     io.ReadWriteCloser
	offers  offers
	enc     text.Encoding
	server  json.RawMessage // its capabilities
	whole   bool            // the server wants whole documents
	timings Timings

	out     *queue        // writes
	edits   *queue        // workspace/applyEdit
	dialogs *queue        // what a person answers
	done    chan struct{} // closed when the read loop ended

	mu         sync.Mutex // guards the following
	lastID     int64
	pending    map[int64]*Request
	inbound    map[string]*call // calls of the server that are not answered yet, by raw id
	tokens     map[string]*token
	registered map[string]registration // by id
	violations []string
	settings   json.RawMessage
	leaving    bool // Close or Abort was called: the end of the stream is no surprise
	aborted    bool
	raw        bool // something malformed was sent: a response without id is due

	docMu sync.Mutex // guards docs; held while their messages are queued, so that wire order is version order
	docs  map[string]*document
	late  *[]func() error // where document notifications wait while an edit is applied with AnswerFirst; guarded by docMu
}

// Start speaks initialize and initialized on rwc and returns a running session.
func Start(ctx context.Context, rwc io.ReadWriteCloser, opts Options) (*Client, error) {
	if opts.Name == "" {
		opts.Name = "hob client"
	}
	caps := opts.Capabilities
	if caps == nil {
		caps = BuiltinCapabilities(opts.Encoding)
	}
	o, err := readOffers(caps)
	if err != nil {
		return nil, fmt.Errorf("client capabilities: %w", err)
	}
	c := &Client{
		opts: opts, log: opts.Log, rwc: rwc, offers: o, settings: opts.Settings,
		out: newQueue(), edits: newQueue(), dialogs: newQueue(), done: make(chan struct{}),
		pending: map[int64]*Request{}, inbound: map[string]*call{}, tokens: map[string]*token{}, registered: map[string]registration{},
		docs: map[string]*document{},
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	go c.read()
	if err := c.initialize(ctx, caps); err != nil {
		_ = c.Abort() // the first error says more
		return nil, err
	}
	return c, nil
}

func (c *Client) initialize(ctx context.Context, caps json.RawMessage) error {
	params := struct {
		ProcessID    int               `json:"processId"`
		ClientInfo   map[string]string `json:"clientInfo"`
		RootURI      *string           `json:"rootUri"`
		Folders      []workspaceFolder `json:"workspaceFolders"`
		Capabilities json.RawMessage   `json:"capabilities"`
		Options      json.RawMessage   `json:"initializationOptions,omitempty"`
	}{os.Getpid(), map[string]string{"name": c.opts.Name}, nil, c.folders(), caps, c.opts.Settings}
	if len(params.Folders) > 0 {
		params.RootURI = &params.Folders[0].URI
	}
	var answer struct {
		Capabilities json.RawMessage `json:"capabilities"`
	}
	start := time.Now()
	if err := c.Call(ctx, "initialize", params, &answer); err != nil {
		return fmt.Errorf("initialize: %w", err)
	}
	c.timings.Initialize = time.Since(start)
	if err := c.readServer(answer.Capabilities); err != nil {
		return fmt.Errorf("initialize: %w", err)
	}
	return c.Notify(ctx, "initialized", struct{}{})
}

// readServer takes from the server's capabilities what decides how we speak.
func (c *Client) readServer(raw json.RawMessage) error {
	var caps struct {
		PositionEncoding string          `json:"positionEncoding"`
		Sync             json.RawMessage `json:"textDocumentSync"`
	}
	if err := json.Unmarshal(raw, &caps); err != nil {
		return fmt.Errorf("server capabilities: %w", err)
	}
	enc, ok := encodings[caps.PositionEncoding]
	if !ok || enc != text.UTF16 && !c.offers.encodings[enc] { // everyone must know UTF-16
		return fmt.Errorf("the server chose the position encoding %q, which was not offered", caps.PositionEncoding)
	}
	var kind int
	if json.Unmarshal(caps.Sync, &kind) != nil {
		var o struct {
			Change int `json:"change"`
		}
		_ = json.Unmarshal(caps.Sync, &o) // absent means no document sync, which kind 0 says too
		kind = o.Change
	}
	c.enc, c.server, c.whole = enc, raw, kind == 1
	return nil
}

// Timings are what Start measured.
func (c *Client) Timings() Timings { return c.timings }

// Capabilities are the server's, raw.
func (c *Client) Capabilities() json.RawMessage { return c.server }

// Encoding is the position encoding that was negotiated.
func (c *Client) Encoding() text.Encoding { return c.enc }

// Violations lists what the server did against the protocol, in order.
func (c *Client) Violations() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.violations...)
}

func (c *Client) violation(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	c.log.Warn("protocol violation", "what", s)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.violations = append(c.violations, s)
}

// Done is closed when the server's side of the stream ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// closeGrace is how long the server may take to close its side after exit.
const closeGrace = 20 * time.Second

// Close speaks shutdown and exit, waits for the server to close its side, and
// ends the session. Requests without an answer and progress without an end are
// violations.
func (c *Client) Close(ctx context.Context) error {
	c.leave()
	err := c.Call(ctx, "shutdown", nil, nil)
	if err == nil {
		return c.Leave(ctx)
	}
	_ = c.teardown() // the session's own error says more
	return err
}

// Leave is the second half of Close: exit, with or without a shutdown before it.
func (c *Client) Leave(ctx context.Context) error {
	c.leave()
	err := c.Notify(ctx, "exit", nil)
	if err == nil {
		grace := time.NewTimer(closeGrace)
		defer grace.Stop()
		select {
		case <-c.done:
		case <-grace.C:
			c.violation("the server did not close the stream after exit")
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	_ = c.teardown() // the session's own error says more
	c.reportLoose()
	return err
}

// leave notes that the end of the stream is no surprise from here on.
func (c *Client) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaving = true
}

// Abort ends the session as a crash would: the stream closes without a word.
func (c *Client) Abort() error {
	c.mu.Lock()
	c.leaving, c.aborted = true, true
	c.mu.Unlock()
	return c.teardown()
}

// Hangup closes this side of the stream alone, as an editor that dies while its
// server still writes. The stream must have CloseWrite.
func (c *Client) Hangup() error {
	half, ok := c.rwc.(interface{ CloseWrite() error })
	if !ok {
		return errors.New("this stream can't be closed by half")
	}
	c.mu.Lock()
	c.leaving, c.aborted = true, true
	c.mu.Unlock()
	closed := make(chan error, 1)
	if !c.out.push(func() { closed <- half.CloseWrite() }) { // after what is still to be written
		return ErrClosed
	}
	return <-closed
}

func (c *Client) teardown() error {
	err := c.rwc.Close() // a write that hangs ends with it
	<-c.done
	for _, q := range []*queue{c.edits, c.dialogs, c.out} {
		q.close()
		<-q.done
	}
	if errors.Is(err, os.ErrClosed) || errors.Is(err, io.ErrClosedPipe) {
		err = nil
	}
	return err
}

// reportLoose says what an orderly session must not leave behind.
func (c *Client) reportLoose() {
	c.mu.Lock()
	var loose []string
	for id, t := range c.tokens {
		if t.state == tokenBegun {
			loose = append(loose, "progress "+id+" has no end")
		}
	}
	c.mu.Unlock()
	for _, s := range loose {
		c.violation("%s", s)
	}
}

func (c *Client) read() {
	defer close(c.done)
	r := bufio.NewReader(c.rwc)
	var err error
	for {
		var m *message
		if m, err = readMessage(r); err != nil {
			break
		}
		if wrong := m.check(); wrong != "" {
			c.violation("malformed message: %s", wrong)
			continue
		}
		c.dispatch(m)
	}
	c.ended(err)
}

// ended fails what still waits.
func (c *Client) ended(err error) {
	c.mu.Lock()
	pending := c.pending
	c.pending = nil
	leaving, aborted := c.leaving, c.aborted
	c.mu.Unlock()
	switch {
	case aborted:
	case !leaving:
		c.violation("the server ended the stream by itself: %v", err)
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) && !errors.Is(err, os.ErrClosed):
		c.violation("the stream ended badly: %v", err)
	}
	for _, r := range pending {
		if leaving && !aborted {
			c.violation("request %d %s was never answered", r.id, r.method)
		}
		r.err = ErrClosed
		close(r.done)
	}
}
