package client

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/workspace/text"
)

// Edit is a workspace edit as it came.
type Edit struct {
	Label        string
	Raw          json.RawMessage // the WorkspaceEdit
	Files        []string        // absolute paths it touches
	NeedsConfirm bool            // some annotation asks for confirmation
}

type wireEdit struct {
	Changes         map[string][]wireTextEdit `json:"changes"`
	DocumentChanges []json.RawMessage         `json:"documentChanges"`
	Annotations     map[string]wireAnnotation `json:"changeAnnotations"`
}

type wireAnnotation struct {
	Label             string  `json:"label"`
	NeedsConfirmation *bool   `json:"needsConfirmation"`
	Description       *string `json:"description"`
}

// wireTextEdit is a TextEdit, an AnnotatedTextEdit or a SnippetTextEdit.
type wireTextEdit struct {
	Range        *lsp.Range      `json:"range"`
	NewText      *string         `json:"newText"`
	AnnotationID *string         `json:"annotationId"`
	Snippet      json.RawMessage `json:"snippet"`
}

type wireDocumentEdit struct {
	TextDocument *struct {
		URI     string `json:"uri"`
		Version *int32 `json:"version"`
	} `json:"textDocument"`
	Edits []wireTextEdit `json:"edits"`
}

// wireOperation is a CreateFile, RenameFile or DeleteFile.
type wireOperation struct {
	Kind         string  `json:"kind"`
	URI          string  `json:"uri"`
	OldURI       string  `json:"oldUri"`
	NewURI       string  `json:"newUri"`
	AnnotationID *string `json:"annotationId"`
	Options      struct {
		Overwrite         bool `json:"overwrite"`
		IgnoreIfExists    bool `json:"ignoreIfExists"`
		Recursive         bool `json:"recursive"`
		IgnoreIfNotExists bool `json:"ignoreIfNotExists"`
	} `json:"options"`
}

// change is one step of a workspace edit, decoded and checked as far as that is
// possible without looking at documents.
type change struct {
	kind      string // "edit", "create", "rename", "delete"
	path      string
	to        string // rename
	version   *int32 // edit
	edits     []wireTextEdit
	overwrite bool
	ignore    bool // create: if it exists; delete: if it doesn't
	recursive bool
}

// plan is a workspace edit read.
type plan struct {
	changes []change
	confirm bool
}

// readEdit decodes a workspace edit. What the protocol or the announced
// capabilities forbid is an error: such an edit is not applied at all.
func (c *Client) readEdit(raw json.RawMessage) (*plan, error) {
	var w wireEdit
	if err := strict(raw, &w); err != nil {
		return nil, err
	}
	r := editReader{offers: c.offers, annotations: w.Annotations, used: map[string]bool{}}
	switch {
	case w.Annotations != nil && !c.offers.has("workspace.workspaceEdit.changeAnnotationSupport"):
		return nil, errors.New("changeAnnotations, which the client did not announce")
	case w.DocumentChanges != nil && w.Changes != nil:
		return nil, errors.New("both changes and documentChanges")
	case w.DocumentChanges != nil && !c.offers.documentChanges():
		return nil, errors.New("documentChanges, which the client did not announce")
	case w.Changes != nil && c.offers.documentChanges():
		return nil, errors.New("unversioned changes though the client announced documentChanges")
	}
	for _, uri := range slices.Sorted(maps.Keys(w.Changes)) {
		if err := r.text(uri, nil, w.Changes[uri]); err != nil {
			return nil, err
		}
	}
	for _, raw := range w.DocumentChanges {
		if err := r.documentChange(raw); err != nil {
			return nil, err
		}
	}
	for id := range w.Annotations {
		if !r.used[id] {
			return nil, fmt.Errorf("annotation %q is not used", id)
		}
	}
	return &r.plan, nil
}

type editReader struct {
	plan
	offers      offers
	annotations map[string]wireAnnotation
	used        map[string]bool
}

func (r *editReader) documentChange(raw json.RawMessage) error {
	var kind struct {
		Kind *string `json:"kind"`
	}
	if err := json.Unmarshal(raw, &kind); err != nil {
		return err
	}
	if kind.Kind != nil {
		return r.operation(raw)
	}
	var w wireDocumentEdit
	if err := strict(raw, &w); err != nil {
		return err
	}
	if w.TextDocument == nil {
		return fmt.Errorf("document change %.80s has neither kind nor textDocument", raw)
	}
	return r.text(w.TextDocument.URI, w.TextDocument.Version, w.Edits)
}

func (r *editReader) text(uri string, version *int32, edits []wireTextEdit) error {
	path, err := Path(uri)
	if err != nil {
		return err
	}
	for _, e := range edits {
		switch {
		case e.Snippet != nil && !r.offers.has("workspace.workspaceEdit.snippetEditSupport"):
			return errors.New("a snippet edit, which the client did not announce")
		case e.Snippet != nil:
			return errors.New("snippet edits are not applied by this client")
		case e.Range == nil || e.NewText == nil:
			return errors.New("a text edit needs range and newText")
		}
		if err := r.annotation(e.AnnotationID); err != nil {
			return err
		}
	}
	r.changes = append(r.changes, change{kind: "edit", path: path, version: version, edits: edits})
	return nil
}

func (r *editReader) operation(raw json.RawMessage) error {
	var w wireOperation
	if err := strict(raw, &w); err != nil {
		return err
	}
	if !r.offers.resource(w.Kind) {
		return fmt.Errorf("resource operation %q, which the client did not announce", w.Kind)
	}
	if err := r.annotation(w.AnnotationID); err != nil {
		return err
	}
	ch := change{
		kind: w.Kind, overwrite: w.Options.Overwrite, recursive: w.Options.Recursive,
		ignore: w.Options.IgnoreIfExists || w.Options.IgnoreIfNotExists,
	}
	from := w.URI
	if w.Kind == "rename" {
		from = w.OldURI
		to, err := Path(w.NewURI)
		if err != nil {
			return err
		}
		ch.to = to
	}
	path, err := Path(from)
	if err != nil {
		return err
	}
	ch.path = path
	r.changes = append(r.changes, ch)
	return nil
}

func (r *editReader) annotation(id *string) error {
	if id == nil {
		return nil
	}
	a, ok := r.annotations[*id]
	if !ok {
		return fmt.Errorf("annotationId %q has no entry in changeAnnotations", *id)
	}
	r.used[*id] = true
	r.confirm = r.confirm || a.NeedsConfirmation != nil && *a.NeedsConfirmation
	return nil
}

// files are the paths a plan touches, sorted.
func (p *plan) files() []string {
	var out []string
	for _, ch := range p.changes {
		out = append(out, ch.path)
		if ch.to != "" {
			out = append(out, ch.to)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// resolve turns the edits of one document into content changes, last first.
// Edits must not overlap, and must name places that exist exactly.
func resolve(lines *text.LineIndex, edits []wireTextEdit, enc text.Encoding) ([]text.RangeEdit, error) {
	type placed struct {
		text.Edit
		rng text.RangeEdit
	}
	all := make([]placed, 0, len(edits))
	for _, e := range edits {
		var span text.Span
		var err error
		if span.Start, err = exact(lines, text.Position(e.Range.Start), enc); err != nil {
			return nil, err
		}
		if span.End, err = exact(lines, text.Position(e.Range.End), enc); err != nil {
			return nil, err
		}
		if span.Len() < 0 {
			return nil, fmt.Errorf("range %v ends before it starts", *e.Range)
		}
		all = append(all, placed{
			text.Edit{Span: span, New: *e.NewText},
			text.RangeEdit{Start: text.Position(e.Range.Start), End: text.Position(e.Range.End), New: *e.NewText},
		})
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	for i := 1; i < len(all); i++ {
		if all[i].Span.Start < all[i-1].Span.End {
			return nil, fmt.Errorf("edits at %v and %v overlap", all[i-1].rng.Start, all[i].rng.Start)
		}
	}
	out := make([]text.RangeEdit, 0, len(all))
	for _, e := range slices.Backward(all) {
		out = append(out, e.rng)
	}
	return out, nil
}

// exact is the offset of a position that exists as it is, not only after being clamped.
func exact(lines *text.LineIndex, p text.Position, enc text.Encoding) (int, error) {
	off, err := lines.Offset(p, enc)
	if err != nil {
		return 0, fmt.Errorf("position %d:%d: %w", p.Line, p.Character, err)
	}
	if lines.Position(off, enc) != p {
		return 0, fmt.Errorf("position %d:%d lies inside a character or beyond the end of its line", p.Line, p.Character)
	}
	return off, nil
}
