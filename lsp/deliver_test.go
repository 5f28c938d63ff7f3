package lsp

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model"
)

// at returns a model that writes goAdd, but calls f before the first piece.
func at(f func()) *scripted {
	says := saying(goAdd)
	return &scripted{chat: func(ctx context.Context, req model.Request, on func(model.Delta) error) (model.Reply, error) {
		f()
		return says.chat(ctx, req, on)
	}}
}

func TestTypingMeanwhile(t *testing.T) {
	for _, c := range []struct {
		name   string
		typed  Range
		text   string
		status string
		code   int
		want   func(string) string
	}{
		{"before", span(0, 0, 0, 0), "// 1\n// 2\n", "applied", 0, func(s string) string {
			return "// 1\n// 2\n" + strings.Replace(s, "return 0", "return a + b", 1)
		}},
		{"after", span(7, 13, 7, 13), " x()", "applied", 0, func(s string) string {
			return strings.Replace(strings.Replace(s, "return 0", "return a + b", 1), "{}\n", "{ x()}\n", 1)
		}},
		{"inside", span(4, 8, 4, 9), "1", "failed", -32801, func(s string) string {
			return strings.Replace(s, "return 0", "return 1", 1)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e *editor
			opts := with(at(func() { e.typing(c.typed, c.text) }))
			var p *peer
			p, e = session(t, opts, nil)
			m := p.execute("hob.edit", addParams(e.path, true))
			if res := p.resultOf(m); res.Status != c.status || m.code() != c.code {
				t.Errorf("code %d, result %+v %+v", m.code(), res, res.Error)
			}
			if want := c.want(goSource); e.now() != want {
				t.Errorf("text is %q, want %q", e.now(), want)
			}
		})
	}
}

// The text moves right when the edit arrives: the editor refuses the version,
// and the server computes it once more.
func TestMovedWhileSending(t *testing.T) {
	p, e := session(t, with(saying(goAdd)), nil)
	first := true
	p.on("workspace/applyEdit", func(params json.RawMessage) any {
		if first {
			first = false
			e.typing(span(0, 0, 0, 0), "// typed\n")
		}
		return e.apply(params)
	})
	if res := p.resultOf(p.execute("hob.edit", addParams(e.path, true))); res.Status != "applied" {
		t.Errorf("result %+v", res)
	}
	if want := "// typed\n" + strings.Replace(goSource, "return 0", "return a + b", 1); e.now() != want || len(e.edits) != 2 {
		t.Errorf("after %d edits the text is %q", len(e.edits), e.now())
	}
}

func TestAppliedButNotThere(t *testing.T) {
	caps := strings.Replace(string(fullCaps), `{`, `{"x":0,`, 1)
	for _, c := range []struct {
		name, client string
		types        bool
		status       string
		code         int
	}{
		{"Neovim after its user said no", "Neovim", false, "declined", 0},
		{"an editor that does not tell", "Other", false, "applied", 0},
		{"skipped for a version that moved", "Neovim", true, "failed", -32801},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			root := project(t, map[string]string{"a.go": goSource})
			p := start(t, with(saying(goAdd)))
			m := p.call("initialize", map[string]any{
				"clientInfo": map[string]any{"name": c.client}, "capabilities": json.RawMessage(caps),
				"workspaceFolders": []any{map[string]any{"uri": uriOf(root), "name": "x"}},
			})
			if m.Error != nil {
				t.Fatal(m.Error)
			}
			p.notify("initialized", map[string]any{})
			e := p.editing(filepath.Join(root, "a.go"), "go", goSource)
			p.on("workspace/applyEdit", func(json.RawMessage) any {
				if c.types {
					e.typing(span(0, 0, 0, 0), "// x\n")
				}
				return map[string]any{"applied": true}
			})
			m = p.execute("hob.edit", addParams(e.path, true))
			if res := p.resultOf(m); res.Status != c.status || m.code() != c.code {
				t.Errorf("code %d, result %+v %+v", m.code(), res, res.Error)
			}
		})
	}
}

func TestDeclinedAndReturned(t *testing.T) {
	p, e := session(t, with(saying(goAdd)), nil)
	p.on("workspace/applyEdit", func(json.RawMessage) any { return map[string]any{"applied": false, "failureReason": "read-only"} })
	if res := p.resultOf(p.execute("hob.edit", addParams(e.path, true))); res.Status != "declined" || !strings.Contains(res.Why, "read-only") {
		t.Errorf("result %+v", res)
	}
	params := addParams(e.path, true)
	no := false
	params.Apply = &no
	res := p.resultOf(p.execute("hob.edit", params))
	if res.Status != "returned" || !strings.Contains(string(res.Edit), `"version":1`) || !strings.Contains(string(res.Edit), "a + b") {
		t.Errorf("result %+v %s", res, res.Edit)
	}
	if e.now() != goSource {
		t.Errorf("text is %q", e.now())
	}
}

// Without annotations the server asks by itself.
func TestConfirm(t *testing.T) {
	plain := json.RawMessage(`{"workspace":{"applyEdit":true,"workspaceEdit":{"documentChanges":true}},"experimental":{"hob":true}}`)
	for answer, status := range map[string]string{"Apply": "applied", "Discard": "declined", "": "declined"} {
		p, e := session(t, with(saying(goAdd)), plain)
		p.on("window/showMessageRequest", func(params json.RawMessage) any {
			if !strings.Contains(string(params), "a.go") {
				t.Errorf("asked %s", params)
			}
			if answer == "" {
				return nil
			}
			return map[string]any{"title": answer}
		})
		params := addParams(e.path, true)
		params.Confirm = true
		if res := p.resultOf(p.execute("hob.edit", params)); res.Status != status {
			t.Errorf("%q: result %+v", answer, res)
		}
		if changed := e.now() != goSource; changed != (status == "applied") {
			t.Errorf("%q: text is %q", answer, e.now())
		}
	}
}

// A client that can't create files is asked, and the server writes.
func TestCreateOnDisk(t *testing.T) {
	plain := json.RawMessage(`{"workspace":{"applyEdit":true,"workspaceEdit":{"documentChanges":true}},"experimental":{"hob":true}}`)
	root := project(t, map[string]string{
		"package.json": `{"dependencies":{"react":"18"}}`, "src/App.tsx": "export function App() {\n  return <main />;\n}\n",
	})
	p := start(t, Options{})
	p.initialize(root, plain)
	p.on("window/showMessageRequest", func(json.RawMessage) any { return map[string]any{"title": "Write"} })
	res := p.resultOf(p.execute("hob.component", JobParams{
		URI: uriOf(filepath.Join(root, "src", "App.tsx")), Prompt: "a button with a label", Name: "Button", Tier: "instant", Wait: true,
	}))
	if res.Status != "applied" || res.Tier != "instant" {
		t.Fatalf("result %+v %+v", res, res.Error)
	}
	var found []string
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if strings.HasPrefix(filepath.Base(path), "Button.") {
			found = append(found, path)
		}
		return err
	})
	if err != nil || len(found) != 1 {
		t.Fatalf("found %q, %v", found, err)
	}
	if b, err := os.ReadFile(found[0]); err != nil || !strings.Contains(string(b), "Button") {
		t.Errorf("wrote %q, %v", b, err)
	}
}

// The document is deleted, on disk and in the editor, while the model writes.
func TestDeletedMeanwhile(t *testing.T) {
	var p *peer
	var e *editor
	gone := make(chan struct{})
	p, e = session(t, with(at(func() {
		if err := os.Remove(e.path); err != nil {
			t.Error(err)
		}
		p.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uriOf(e.path)}})
		p.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": uriOf(e.path), "type": 3}}})
		// The removal is read in the background: wait until no job could start on the file.
		for limit := time.Now().Add(patience); time.Now().Before(limit); {
			if m := p.execute("hob.explain", JobParams{URI: uriOf(e.path), Model: "none/none"}); m.Error != nil && strings.Contains(m.Error.Message, "not a file") {
				break
			}
		}
		close(gone)
	})), nil)
	m := p.execute("hob.edit", addParams(e.path, true))
	<-gone
	if res := p.resultOf(m); res.Status != "failed" || res.Error.Kind != "stale" {
		t.Errorf("result %+v %+v", res, res.Error)
	}
}
