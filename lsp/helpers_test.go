package lsp

import (
	"testing"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/hob-ls/hob/workspace/syntax"
)

// handleOpenForTest and handleChangeForTest call the handlers without a wire.
func (s *Server) handleOpenForTest(t testing.TB, path, body string) {
	t.Helper()
	s.gate.at.Store(int32(serving))
	err := s.didOpen(&protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{
		URI: uri.File(path), LanguageID: protocol.LanguageKind(syntax.LanguageOf(path)), Version: 1, Text: body,
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *Server) handleChangeForTest(t testing.TB, path string, version int32, body string) {
	t.Helper()
	p := &protocol.DidChangeTextDocumentParams{ContentChanges: []protocol.TextDocumentContentChangeEvent{
		&protocol.TextDocumentContentChangeWholeDocument{Text: body},
	}}
	p.TextDocument.URI, p.TextDocument.Version = uri.File(path), version
	if err := s.didChange(p); err != nil {
		t.Fatal(err)
	}
}
