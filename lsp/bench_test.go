package lsp

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// goFile is a Go file of n lines in functions of five.
func goFile(n int) string {
	var b strings.Builder
	b.WriteString("package a\n")
	for i := range n / 5 {
		fmt.Fprintf(&b, "\n// f%d does it.\nfunc f%d(a, b int) int {\n\treturn a + b*%d\n}\n", i, i, i)
	}
	return b.String()
}

// quietServer is a server after initialize, without a connection.
func quietServer(b *testing.B, root string) *Server {
	b.Helper()
	s := newServer(b.Context(), Options{})
	params, err := json.Marshal(map[string]any{"capabilities": fullCaps})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.initialize(b.Context(), pinned{}, params); err != nil {
		b.Fatal(err)
	}
	if err := s.didChangeWorkspaceFolders(&protocol.DidChangeWorkspaceFoldersParams{Event: protocol.WorkspaceFoldersChangeEvent{
		Added: []protocol.WorkspaceFolder{{URI: uri.File(root)}},
	}}); err != nil {
		b.Fatal(err)
	}
	<-s.ws.Ready()
	b.Cleanup(func() {
		s.end(errOver)
		s.jobs.Close()
		s.engines.close()
		_ = s.ws.Close()
	})
	return s
}

// One keystroke in the middle of 10,000 lines, from the bytes of the message to
// the published snapshot.
func BenchmarkDidChange10k(b *testing.B) {
	root := project(b, nil)
	path := filepath.Join(root, "a.go")
	s := quietServer(b, root)
	s.handleOpenForTest(b, path, goFile(10_000))
	message := raw(map[string]any{
		"textDocument":   map[string]any{"uri": uriOf(path), "version": 2},
		"contentChanges": []any{map[string]any{"range": span(5000, 0, 5000, 0), "text": "x"}},
	})
	b.ReportAllocs()
	for b.Loop() {
		s.handleNotification(protocol.MethodTextDocumentDidChange, message)
	}
	if doc, _, _ := s.docs.get(path); doc.broken {
		b.Fatal("the document went out of step")
	}
}

// The menu on a 500-line file right after a keystroke, outline included.
func BenchmarkCodeAction(b *testing.B) {
	root := project(b, map[string]string{"package.json": `{"dependencies":{"react":"18"}}`})
	path := filepath.Join(root, "a.go")
	s := quietServer(b, root)
	s.handleOpenForTest(b, path, goFile(500))
	change := raw(map[string]any{
		"textDocument":   map[string]any{"uri": uriOf(path), "version": 2},
		"contentChanges": []any{map[string]any{"range": span(250, 0, 250, 0), "text": "\n"}},
	})
	menu := raw(map[string]any{
		"textDocument": map[string]any{"uri": uriOf(path)}, "range": span(3, 6, 3, 6), "context": map[string]any{"diagnostics": []any{}, "triggerKind": 1},
	})
	for _, typing := range []bool{false, true} {
		b.Run(fmt.Sprintf("typing=%v", typing), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if typing {
					s.handleNotification(protocol.MethodTextDocumentDidChange, change)
				}
				got, err := s.handleCall(b.Context(), pinned{snap: s.snapshot()}, protocol.MethodTextDocumentCodeAction, menu)
				if err != nil || len(got.([]protocol.CommandOrCodeAction)) < 3 {
					b.Fatal(got, err)
				}
			}
		})
	}
}

// A session from the first byte to the answer of initialize.
func BenchmarkInitialize(b *testing.B) {
	root := project(b, map[string]string{"a.go": "package a\n"})
	for b.Loop() {
		p := start(b, Options{})
		if m := p.call("initialize", map[string]any{"capabilities": fullCaps, "rootUri": uriOf(root)}); m.Error != nil {
			b.Fatal(m.Error)
		}
		b.StopTimer()
		p.notify("exit", nil)
		_ = p.returned() // without shutdown, as meant here
		b.StartTimer()
	}
}

// A whole job over a model that answers at once: what Hob and the wire cost.
func BenchmarkEditJob(b *testing.B) {
	p, e := session(b, with(saying(goAdd)), nil)
	params := addParams(e.path, true)
	no := false
	params.Apply = &no
	for b.Loop() {
		if res := p.resultOf(p.execute("hob.edit", params)); res.Status != "returned" {
			b.Fatalf("%+v %+v", res, res.Error)
		}
		p.forget()
	}
}
