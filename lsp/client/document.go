package client

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// document is an open document. Guarded by Client.docMu.
type document struct {
	key     string // path, or URI where it is no file
	version int32
	text    string
	lines   *text.LineIndex
	undo    []step
}

// step is what one undo takes back.
type step struct {
	before  string
	created bool // the step made the file
}

type docID struct {
	URI     string `json:"uri"`
	Version *int32 `json:"version,omitempty"`
}

type contentChange struct {
	Range *lsp.Range `json:"range,omitempty"`
	Text  string     `json:"text"`
}

// Open opens the file at path from disk, or with the given text where text is
// not nil. A path may be a URI of another scheme.
func (c *Client) Open(path string, content *string) error {
	if content == nil {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s := string(data)
		content = &s
	}
	c.docMu.Lock()
	defer c.docMu.Unlock()
	if c.docs[path] != nil {
		return fmt.Errorf("%s is open already", path)
	}
	_, err := c.openLocked(path, *content)
	return err
}

func (c *Client) openLocked(path, content string) (*document, error) {
	d := &document{key: path, version: 1, text: content, lines: text.NewLineIndex(content)}
	c.docs[path] = d
	return d, c.tell("textDocument/didOpen", map[string]any{
		"textDocument": map[string]any{
			"uri": URI(path), "languageId": languageOf(path), "version": d.version, "text": content,
		},
	})
}

// tell sends a notification about a document, at once or after the answer that
// has to come first. Holds docMu.
func (c *Client) tell(method string, params any) error {
	raw, err := encode(params) // now: what params point to changes
	if err != nil {
		return err
	}
	send := func() error { return c.Notify(context.Background(), method, raw) }
	if c.late == nil {
		return send()
	}
	*c.late = append(*c.late, send)
	return nil
}

func languageOf(path string) string {
	if id := syntax.LanguageOf(path); id != "" {
		return id
	}
	return "plaintext"
}

func (c *Client) document(path string) (*document, error) {
	if d := c.docs[path]; d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("%s is not open", path)
}

// Change sends one didChange with these sequential edits (positions in the
// session's encoding). The user's undo takes it back as one step.
func (c *Client) Change(path string, edits ...text.RangeEdit) error {
	c.docMu.Lock()
	defer c.docMu.Unlock()
	d, err := c.document(path)
	if err != nil {
		return err
	}
	before := d.text
	if err := c.changeLocked(d, edits); err != nil {
		return err
	}
	d.undo = append(d.undo, step{before: before})
	return nil
}

// changeLocked applies sequential edits and tells the server, as one version.
func (c *Client) changeLocked(d *document, edits []text.RangeEdit) error {
	next, lines := d.text, d.lines
	changes := make([]contentChange, len(edits))
	for i, e := range edits {
		var err error
		if next, lines, _, err = text.ApplyRange(next, lines, e, c.enc); err != nil {
			return fmt.Errorf("change of %s at %d:%d: %w", d.key, e.Start.Line, e.Start.Character, err)
		}
		changes[i] = contentChange{Text: e.New}
		if !e.Whole {
			changes[i].Range = &lsp.Range{Start: lsp.Position(e.Start), End: lsp.Position(e.End)}
		}
	}
	if c.whole {
		changes = []contentChange{{Text: next}}
	}
	d.text, d.lines = next, lines
	d.version++
	return c.tell("textDocument/didChange", map[string]any{
		"textDocument": docID{URI: URI(d.key), Version: &d.version}, "contentChanges": changes,
	})
}

// Save writes the document to disk and sends didSave.
func (c *Client) Save(path string) error {
	c.docMu.Lock()
	defer c.docMu.Unlock()
	d, err := c.document(path)
	if err != nil {
		return err
	}
	return c.saveLocked(d)
}

func (c *Client) saveLocked(d *document) error {
	if scheme.MatchString(d.key) {
		return fmt.Errorf("%s is no file", d.key)
	}
	if err := writeFile(d.key, d.text); err != nil {
		return err
	}
	return c.tellSaved(d)
}

func (c *Client) tellSaved(d *document) error {
	return c.tell("textDocument/didSave", map[string]any{"textDocument": docID{URI: URI(d.key)}})
}

// CloseDoc sends didClose; what was not saved is lost.
func (c *Client) CloseDoc(path string) error {
	c.docMu.Lock()
	defer c.docMu.Unlock()
	d, err := c.document(path)
	if err != nil {
		return err
	}
	return c.closeLocked(d)
}

func (c *Client) closeLocked(d *document) error {
	delete(c.docs, d.key)
	return c.tell("textDocument/didClose", map[string]any{"textDocument": docID{URI: URI(d.key)}})
}

// Text is the document as this editor has it, and its version.
func (c *Client) Text(path string) (content string, version int32, open bool) {
	c.docMu.Lock()
	defer c.docMu.Unlock()
	if d := c.docs[path]; d != nil {
		return d.text, d.version, true
	}
	return "", 0, false
}

// Documents lists the open documents, sorted.
func (c *Client) Documents() []string {
	c.docMu.Lock()
	defer c.docMu.Unlock()
	keys := make([]string, 0, len(c.docs))
	for k := range c.docs {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Undo takes back the last step of the document, a change of the user or an
// applied workspace edit, with one didChange. A file that the step created is
// closed and removed.
func (c *Client) Undo(path string) error {
	c.docMu.Lock()
	defer c.docMu.Unlock()
	d, err := c.document(path)
	if err != nil {
		return err
	}
	if len(d.undo) == 0 {
		return fmt.Errorf("%s has nothing to undo", path)
	}
	last := d.undo[len(d.undo)-1]
	d.undo = d.undo[:len(d.undo)-1]
	if last.created {
		if err := c.closeLocked(d); err != nil {
			return err
		}
		return os.Remove(d.key)
	}
	if last.before == d.text {
		return nil
	}
	return c.changeLocked(d, sequentialRanges(d.lines, text.Diff(d.text, last.before), c.enc))
}

// sequentialRanges turns simultaneous edits into content changes, last first, so
// that the position of none depends on another.
func sequentialRanges(lines *text.LineIndex, edits []text.Edit, enc text.Encoding) []text.RangeEdit {
	out := make([]text.RangeEdit, 0, len(edits))
	for _, e := range slices.Backward(edits) {
		out = append(out, text.RangeEdit{Start: lines.Position(e.Span.Start, enc), End: lines.Position(e.Span.End, enc), New: e.New})
	}
	return out
}

// Configure changes the section "hob" of the editor's settings.
func (c *Client) Configure(settings json.RawMessage) error {
	c.mu.Lock()
	c.settings = settings
	c.mu.Unlock()
	return c.Notify(context.Background(), "workspace/didChangeConfiguration",
		map[string]any{"settings": map[string]json.RawMessage{"hob": settings}})
}
