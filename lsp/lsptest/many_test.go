package lsptest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
)

// tenFiles writes and opens ten files with one function each.
func tenFiles(t testing.TB, f *fixture) []string {
	t.Helper()
	paths := make([]string, 10)
	for i := range paths {
		paths[i] = filepath.Join(filepath.Dir(f.main), fmt.Sprintf("f%d.go", i))
		content := fmt.Sprintf("package main\n\nfunc f%d() int {\n\treturn 0\n}\n", i)
		if err := os.WriteFile(paths[i], []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := f.Open(paths[i], nil); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

// function is the selection of the function in such a file.
var function = lsp.Range{Start: lsp.Position{Line: 2}, End: lsp.Position{Line: 4, Character: 1}}

// tenEdits begins an edit of the function in each file.
func tenEdits(t *testing.T, f *fixture, paths []string) []*client.Request {
	t.Helper()
	requests := make([]*client.Request, len(paths))
	for i, path := range paths {
		var err error
		requests[i], err = f.Begin("workspace/executeCommand", map[string]any{"command": "hob.edit", "arguments": []any{
			lsp.JobParams{URI: client.URI(path), Range: &function, Prompt: fmt.Sprintf("return number %d.", i), Wait: true},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return requests
}

// Ten jobs at once on a model with one slot: none is lost, each lands in its own
// file, and the menu answers meanwhile.
func TestTenJobsAtOnce(t *testing.T) {
	var replies []modeltest.Reply
	for i := range 10 {
		replies = append(replies, modeltest.Reply{
			Last: fmt.Sprintf("return number %d.", i), Text: fmt.Sprintf("```go\nfunc f%d() int {\n\treturn %d\n}\n```", i, 100+i),
			Gates: []modeltest.Gate{{Name: "go", After: 2}},
		})
	}
	f := newFixture(t, modeltest.Script{Replies: replies}, nil)
	paths := tenFiles(t, f)
	requests := tenEdits(t, f, paths)
	if err := f.model.WaitGate(t.Context(), "go"); err != nil {
		t.Fatal(err)
	}
	for i := range 50 { // while one writes and nine wait
		if _, err := f.CodeActions(t.Context(), paths[i%10], function, nil, true, nil); err != nil {
			t.Fatalf("menu %d: %v", i, err)
		}
	}
	if s := f.model.State(); s.Running != 1 || s.Complete > 1 { // preloading may be complete
		t.Errorf("while held: %+v", s.Stats)
	}
	f.model.Release("go")
	for i, r := range requests {
		res, err := r.Job(t.Context())
		if err != nil || res.Status != "applied" {
			t.Fatalf("job %d: %+v, %v", i, res, err)
		}
		if content, _, _ := f.Text(paths[i]); content != fmt.Sprintf("package main\n\nfunc f%d() int {\n\treturn %d\n}\n", i, 100+i) {
			t.Errorf("file %d is %q", i, content)
		}
	}
	if left := f.model.Left(); left != 0 {
		t.Errorf("%d replies left", left)
	}
	f.end(t)
}

// Whatever is cancelled, and when, every command is answered once and the others land.
func TestTenJobsHalfCancelled(t *testing.T) {
	var replies []modeltest.Reply
	for i := range 10 {
		replies = append(replies, modeltest.Reply{
			Last: fmt.Sprintf("return number %d.", i), Text: fmt.Sprintf("```go\nfunc f%d() int {\n\treturn %d\n}\n```", i, 100+i),
			Gates: []modeltest.Gate{{Name: fmt.Sprintf("go%d", i), After: 1}},
		})
	}
	f := newFixture(t, modeltest.Script{Replies: replies}, nil)
	paths := tenFiles(t, f)
	requests := tenEdits(t, f, paths)
	for i := 1; i < 10; i += 2 {
		if err := requests[i].Cancel(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10 {
		f.model.Release(fmt.Sprintf("go%d", i))
	}
	for i, r := range requests {
		res, err := r.Job(t.Context())
		if err != nil {
			t.Fatalf("job %d: %v", i, err)
		}
		content, _, _ := f.Text(paths[i])
		applied := strings.Contains(content, fmt.Sprintf("return %d", 100+i))
		if want := "applied"; i%2 == 0 && (res.Status != want || !applied) {
			t.Errorf("job %d: %+v, text %q", i, res, content)
		}
		// A cancelled job may have been quicker than its cancellation, but must tell the truth.
		if i%2 == 1 && (res.Status == "applied") != applied {
			t.Errorf("job %d is %s, text %q", i, res.Status, content)
		}
	}
	f.end(t)
}

// A storm of changes and menus between the two sides loses nothing.
func TestStorm(t *testing.T) {
	f := newFixture(t, explains(), nil)
	const n = 1000
	requests := make([]*client.Request, 0, n/10)
	for i := range n {
		at := lsp.Position{Line: uint32(i)}
		if err := f.Change(f.main, insertAt(at, fmt.Sprintf("// %d 🦊\n", i))); err != nil {
			t.Fatal(err)
		}
		if i%10 == 0 {
			r, err := f.Begin("textDocument/codeAction", map[string]any{
				"textDocument": map[string]string{"uri": client.URI(f.main)}, "range": lsp.Range{Start: at, End: at},
				"context": map[string]any{"diagnostics": []any{}, "triggerKind": 1},
			})
			if err != nil {
				t.Fatal(err)
			}
			requests = append(requests, r)
		}
	}
	deadline := time.After(Deadline)
	for i, r := range requests {
		select {
		case <-r.Done():
		case <-deadline:
			t.Fatalf("menu %d of %d is not answered", i, len(requests))
		}
		if err := r.Wait(t.Context(), nil); err != nil {
			t.Errorf("menu %d: %v", i, err)
		}
	}
	content, version, _ := f.Text(f.main)
	if version != n+1 || !strings.HasSuffix(content, mainGo) {
		t.Errorf("version %d, text ends %q", version, content[max(0, len(content)-100):])
	}
	f.answers(t) // the server's text is at the same version, or this is refused
	f.end(t)
}
