package lsp

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/workspace"
)

// document is an open document as the protocol sees it; its text is in the
// workspace.
type document struct {
	uri     string // as the client spells it
	version int32
	broken  bool                 // a change did not fit: the text is not the editor's any more
	past    []workspace.Document // the last versions before this one, newest last
}

// maxPast is how many versions of a document a request may lag behind.
const maxPast = 8

// documents are the open documents by path. The read loop writes, jobs read.
type documents struct {
	mu     sync.Mutex // guards what follows
	byPath map[string]document
	moved  chan struct{} // closed and replaced at every change
}

func (d *documents) init() {
	d.byPath = map[string]document{}
	d.moved = make(chan struct{})
}

// get is the open document at path, and a channel that is closed when any
// document changes after this call.
func (d *documents) get(path string) (doc document, open bool, moved <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	doc, open = d.byPath[path]
	return doc, open, d.moved
}

// set changes one document; nil closes it.
func (d *documents) set(path string, doc *document) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if doc == nil {
		delete(d.byPath, path)
	} else {
		d.byPath[path] = *doc
	}
	close(d.moved)
	d.moved = make(chan struct{})
}

// past is an older version of an open document, nil if it is not known any more.
func (d *documents) past(path string, version int32) *workspace.File {
	doc, _, _ := d.get(path)
	for _, old := range doc.past {
		if old.Version() == version {
			return old.File()
		}
	}
	return nil
}

// uri is how to name path to the client: as it does itself, if it has it open.
func (d *documents) uri(path string) string {
	if doc, open, _ := d.get(path); open {
		return doc.uri
	}
	return uriOf(path)
}

// didOpen and the methods after it run on the read loop and do no IO. Documents
// without a file are left alone: nothing can be done with them here.

func (s *Server) didOpen(p *protocol.DidOpenTextDocumentParams) error {
	path, err := pathOf(string(p.TextDocument.URI))
	if err != nil {
		s.log.Debug("document not followed", "err", err)
		return nil
	}
	err = s.ws.Apply(workspace.Change{
		Kind: workspace.DocOpen, Path: path, Version: p.TextDocument.Version,
		Language: strings.Clone(string(p.TextDocument.LanguageID)), Text: strings.Clone(p.TextDocument.Text),
	})
	s.docs.set(path, &document{uri: strings.Clone(string(p.TextDocument.URI)), version: p.TextDocument.Version, broken: err != nil})
	if err != nil {
		return fmt.Errorf("opening %s: %w", path, err)
	}
	s.outlines.touch(path)
	return nil
}

func (s *Server) didChange(p *protocol.DidChangeTextDocumentParams) error {
	path, err := pathOf(string(p.TextDocument.URI))
	if err != nil {
		return nil //nolint:nilerr // as in didOpen
	}
	doc, open, _ := s.docs.get(path)
	if !open {
		return fmt.Errorf("changing %s: %w", path, workspace.ErrNotOpen)
	}
	if p.TextDocument.Version <= doc.version {
		s.log.Warn("document version did not grow", "path", path, "from", doc.version, "to", p.TextDocument.Version)
	}
	edits, err := rangeEdits(p.ContentChanges)
	if p.TextDocument.Version < doc.version { // which text it is about nobody knows
		err = fmt.Errorf("it is older than version %d", doc.version)
	}
	// Only the last whole text counts, and it mends a document that was out of step.
	for i := len(edits) - 1; i > 0; i-- {
		if edits[i].Whole {
			edits = edits[i:]
			break
		}
	}
	mended := len(edits) > 0 && edits[0].Whole
	wasBroken := doc.broken
	doc.version = max(doc.version, p.TextDocument.Version)
	if old, ok := s.ws.Snapshot().Document(path); ok {
		doc.past = append(slices.Clone(doc.past[max(0, len(doc.past)-maxPast+1):]), old)
	}
	if err == nil && (!doc.broken || mended) {
		err = s.ws.Apply(workspace.Change{
			Kind: workspace.DocEdit, Path: path, Version: p.TextDocument.Version, Edits: edits, Encoding: s.client.encoding,
		})
		doc.broken = err != nil
	}
	doc.broken = doc.broken || err != nil
	s.docs.set(path, &doc)
	if err == nil {
		s.outlines.touch(path)
		return nil
	}
	if !wasBroken {
		s.showMessage(protocol.MessageTypeError, fmt.Sprintf(
			"Hob lost step with %s: a change does not fit its text. Close and open the file again.", filepath.Base(path)))
	}
	return fmt.Errorf("changing %s to version %d: %w", path, p.TextDocument.Version, err)
}

func (s *Server) didClose(p *protocol.DidCloseTextDocumentParams) error {
	path, err := pathOf(string(p.TextDocument.URI))
	if err != nil {
		return nil //nolint:nilerr // as in didOpen
	}
	s.docs.set(path, nil)
	s.outlines.touch(path)
	if err := s.ws.Apply(workspace.Change{Kind: workspace.DocClose, Path: path}); err != nil {
		return fmt.Errorf("closing %s: %w", path, err)
	}
	s.log.Debug("document closed", "path", path)
	return nil
}

func (s *Server) didSave(p *protocol.DidSaveTextDocumentParams) error {
	path, err := pathOf(string(p.TextDocument.URI))
	if err != nil {
		return nil //nolint:nilerr // as in didOpen
	}
	return s.ws.Apply(workspace.Change{Kind: workspace.DiskChanged, Path: path})
}
