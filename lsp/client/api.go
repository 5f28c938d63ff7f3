package client

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"time"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/workspace/text"
)

// Options say what kind of editor this is. The zero value offers everything Hob
// can use: UTF-8, versioned documentChanges, resource operations, annotations,
// work-done progress, experimental.hob with preview and input.
type Options struct {
	Name         string
	Roots        []string
	Encoding     text.Encoding   // the only one offered
	Capabilities json.RawMessage // replaces the built-in client capabilities whole
	Settings     json.RawMessage // initializationOptions and section "hob"
	WriteThrough bool            // applied edits are saved to disk at once (a terminal, not an editor)
	Log          *slog.Logger

	// Hooks, each optional, called on the read loop: they must not block on the client.
	Progress    func(Progress)                                 // work-done progress
	JobProgress func(lsp.JobProgress)                          // hob/jobProgress
	JobDone     func(lsp.JobResult)                            // hob/jobDone
	Status      func(lsp.Status)                               // hob/status
	Message     func(level int, text string)                   // window/showMessage, showMessageRequest
	Choose      func(text string, actions []string) string     // answer to showMessageRequest; "" dismisses
	Input       func(title, placeholder string) (string, bool) // hob/input
	Review      func(Edit) bool                                // asked before an edit is applied; false declines it
	Notify      func(method string, params json.RawMessage)    // everything that came, for tests
}

// Progress is one $/progress of kind begin, report or end.
type Progress struct {
	Token, Kind, Title, Message string
	Percentage                  *uint32
	Cancellable                 bool
}

// Edit is a workspace edit as it came.
type Edit struct {
	Label        string
	Raw          json.RawMessage // the WorkspaceEdit
	Files        []string        // absolute paths it touches
	NeedsConfirm bool            // some annotation asks for confirmation
}

// Action is one entry of the code action menu.
type Action struct {
	Title, Kind string
	Command     string
	Arguments   []json.RawMessage
	Preferred   bool
	Tags        []int
}

// Diagnostic is one diagnostic of a code action's context.
type Diagnostic struct {
	Range    lsp.Range `json:"range"`
	Severity int       `json:"severity,omitempty"`
	Source   string    `json:"source,omitempty"`
	Code     string    `json:"code,omitempty"`
	Message  string    `json:"message"`
}

// Error is a ResponseError.
type Error struct {
	Code    int
	Message string
	Data    json.RawMessage
}

func (e *Error) Error() string { return e.Message }

// Timings are what Start measured.
type Timings struct{ Initialize time.Duration }

// Client is one session.
type Client struct{}

// Start speaks initialize and initialized on rwc and returns a running session.
func Start(ctx context.Context, rwc io.ReadWriteCloser, opts Options) (*Client, error) { panic("todo") }

// Timings are what Start measured.
func (c *Client) Timings() Timings { panic("todo") }

// Capabilities are the server's, raw.
func (c *Client) Capabilities() json.RawMessage { panic("todo") }

// Open opens the file at path from disk, or with the given text where text is not nil.
func (c *Client) Open(path string, text *string) error { panic("todo") }

// Change sends one didChange with these sequential edits (positions in the session's encoding).
func (c *Client) Change(path string, edits ...text.RangeEdit) error { panic("todo") }

// Save writes the document to disk and sends didSave.
func (c *Client) Save(path string) error { panic("todo") }

// CloseDoc sends didClose.
func (c *Client) CloseDoc(path string) error { panic("todo") }

// Text is the document as this editor has it, and its version.
func (c *Client) Text(path string) (content string, version int32, open bool) { panic("todo") }

// Undo takes back the last applied workspace edit as one step, with a didChange.
func (c *Client) Undo(path string) error { panic("todo") }

// CodeActions opens the menu. only filters kinds, invoked says that the user asked for it.
func (c *Client) CodeActions(ctx context.Context, path string, r lsp.Range, only []string, invoked bool, diags []Diagnostic) ([]Action, error) {
	panic("todo")
}

// Execute runs workspace/executeCommand. A refusal is *Error.
func (c *Client) Execute(ctx context.Context, command string, args ...any) (json.RawMessage, error) {
	panic("todo")
}

// Job runs a job command and waits for its result, also when it failed: only a
// session that broke, or a refusal before a job existed, is an error.
func (c *Client) Job(ctx context.Context, command string, p lsp.JobParams) (*lsp.JobResult, error) {
	panic("todo")
}

// Call and Notify send anything.
func (c *Client) Call(ctx context.Context, method string, params, result any) error { panic("todo") }

// Notify sends a notification.
func (c *Client) Notify(ctx context.Context, method string, params any) error { panic("todo") }

// CancelProgress sends window/workDoneProgress/cancel.
func (c *Client) CancelProgress(token string) error { panic("todo") }

// Close speaks shutdown and exit, closes the stream and waits for the read loop.
func (c *Client) Close(ctx context.Context) error { panic("todo") }

// Done is closed when the server's side of the stream ended.
func (c *Client) Done() <-chan struct{} { panic("todo") }
