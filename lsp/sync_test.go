package lsp

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace/text"
)

// Changes land in wire order while requests between them run beside: the text
// at the end is the sum of all, and each request sees the text at its place.
func TestChangesInOrder(t *testing.T) {
	root := project(t, map[string]string{"a.txt": ""})
	path := filepath.Join(root, "a.txt")
	p := start(t, Options{})
	p.initialize(root, nil)
	p.open(path, "plaintext", "")
	var want strings.Builder
	var ids []string
	for i := range 500 {
		line := fmt.Sprintf("%d\n", i)
		p.change(path, i+2, span(uint32(i), 0, uint32(i), 0), line)
		want.WriteString(line)
		if i%10 == 0 {
			ids = append(ids, p.begin("textDocument/codeAction", map[string]any{
				"textDocument": map[string]any{"uri": uriOf(path)}, "range": span(uint32(i+1), 0, uint32(i+1), 0), "context": map[string]any{"diagnostics": []any{}},
			}))
		}
	}
	for _, id := range ids {
		// The line exists only from its change on: a request that saw an older text offers nothing.
		if m := p.reply(id); m.Error != nil || !strings.Contains(string(m.Result), "hob.generate") {
			t.Fatalf("request %s: %s %+v", id, m.Result, m.Error)
		}
	}
	m := p.call("workspace/executeCommand", map[string]any{"command": "hob.stats"})
	if !strings.Contains(string(m.Result), `"open":1`) {
		t.Errorf("stats are %s", m.Result)
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
}

// openOne is a session with a.go open, and explain asks for a job on it.
func openOne(t *testing.T) (p *peer, path string, explain func() message) {
	t.Helper()
	root := project(t, map[string]string{"a.go": "package a\n"})
	path = filepath.Join(root, "a.go")
	p = start(t, with(saying("x")))
	p.initialize(root, nil)
	p.open(path, "go", "package a\n")
	return p, path, func() message {
		return p.call("workspace/executeCommand", map[string]any{"command": "hob.explain", "arguments": []any{JobParams{URI: uriOf(path)}}})
	}
}

// outOfStep checks that a job was refused, as its document is not the editor's.
func outOfStep(t *testing.T, m message) {
	t.Helper()
	if m.code() != -32801 || !strings.Contains(m.Error.Message, "open the file again") {
		t.Errorf("a job was not refused: %+v", m)
	}
}

// A change of an older version is not made, and so the text is not the editor's any
// more: that must not go unnoticed.
func TestOlderVersion(t *testing.T) {
	p, path, explain := openOne(t)
	p.change(path, 5, span(0, 0, 0, 0), "// a\n")
	p.change(path, 2, span(0, 0, 0, 0), "// b\n")
	p.change(path, 6, span(0, 0, 0, 0), "// c\n")
	p.await("message", is("window/showMessage"))
	outOfStep(t, explain())
	p.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uriOf(path)}})
	p.open(path, "go", "package a\n")
	if m := explain(); m.Error != nil {
		t.Errorf("after it was opened again: %+v", *m.Error)
	}
}

// A change that does not fit is told once, jobs on the document are refused, and
// a whole text mends it.
func TestOutOfStep(t *testing.T) {
	p, path, explain := openOne(t)
	p.change(path, 2, span(50, 0, 51, 0), "nowhere")
	p.change(path, 3, span(0, 0, 0, 0), "more")
	shown := p.await("message", is("window/showMessage"))
	if !strings.Contains(string(shown.Params), "a.go") {
		t.Errorf("shown %s", shown.Params)
	}
	outOfStep(t, explain())
	menu := p.call("textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": uriOf(path)}, "range": span(0, 0, 0, 3), "context": map[string]any{"diagnostics": []any{}},
	})
	if string(menu.Result) != "[]" {
		t.Errorf("the menu offers %s", menu.Result)
	}
	p.notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": uriOf(path), "version": 4},
		"contentChanges": []any{map[string]any{"text": "package a\n\nvar x = 1\n"}},
	})
	if m := explain(); m.Error != nil {
		t.Errorf("after a whole text: %+v", *m.Error)
	}
	if n := p.count(is("window/showMessage")); n != 1 {
		t.Errorf("told %d times", n)
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
}

func TestPastVersions(t *testing.T) {
	s := newServer(t.Context(), Options{})
	defer s.jobs.Close()
	b, err := json.Marshal(map[string]any{"capabilities": fullCaps})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.initialize(t.Context(), pinned{}, b); err != nil {
		t.Fatal(err)
	}
	defer func() { s.end(errOver); s.engines.close(); _ = s.ws.Close() }()
	path := filepath.Join(t.TempDir(), "a.txt")
	s.handleOpenForTest(t, path, "0")
	for v := int32(2); v < 30; v++ {
		s.handleChangeForTest(t, path, v, fmt.Sprint(v))
	}
	for v := int32(0); v < 31; v++ {
		f := s.docs.past(path, v)
		if known := v >= 29-maxPast && v < 29; (f != nil) != known {
			t.Errorf("version %d: known %v, want %v", v, f != nil, known)
		} else if known && f.Text != fmt.Sprint(v) {
			t.Errorf("version %d is %q", v, f.Text)
		}
	}
	if s.client.encoding != text.UTF8 {
		t.Errorf("encoding is %v", s.client.encoding)
	}
}
