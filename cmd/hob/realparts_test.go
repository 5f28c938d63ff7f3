//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/ollama"
	"github.com/hob-ls/hob/agent/plan"
	"github.com/hob-ls/hob/agent/tool"
	"github.com/hob-ls/hob/lsp"
)

// TestRealRefactor has a real Ollama plan a change of three files, its decoding
// held to the schema, and write it with a second model.
func TestRealRefactor(t *testing.T) {
	ctx, s := realServer(t)
	const plan = `{"steps":[{"kind":"edit","file":"a/a.go","symbol":"Handle","what":"return two"},` +
		`{"kind":"edit","file":"b/b.go","symbol":"Handle","what":"return two"},{"kind":"edit","file":"c/c.go","symbol":"Handle","what":"return two"}]}`
	if err := s.Create(ctx, "hob-planner:1b", plan, 0); err != nil {
		t.Fatal(err)
	}
	// Its fence stays open, so that it is read to its end: see realComponent.
	if err := s.Create(ctx, "hob-coder:1b", "```go\nfunc Handle() int {\n\treturn 2\n}\n", 0); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		src := "package " + name + "\n\nfunc Handle() int {\n\treturn 1\n}\n"
		if err := os.WriteFile(filepath.Join(dir, name, name+".go"), []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tiers := []string{"HOB_MODELS_QUALITY=ollama/hob-planner:1b", "HOB_MODELS_BALANCED=ollama/hob-coder:1b", "HOB_MODELS_FAST=ollama/hob-coder:1b"}
	out := realHob(ctx, t, s, dir, tiers, "run", "refactor", "--prompt", "every Handle should return two", "--apply")
	for _, name := range []string{"a", "b", "c"} {
		if data, err := os.ReadFile(filepath.Join(dir, name, name+".go")); err != nil || !strings.Contains(string(data), "return 2") {
			t.Errorf("%s: %v\n%s", name, err, data)
		}
	}
	t.Log(out)
}

// TestRealLook has a model of a real Ollama call a tool natively before it answers
// a question, and holds others to the schema in which plans look around.
func TestRealLook(t *testing.T) {
	ctx, s := realServer(t)
	const call = "I look.\n<tool_call>\n{\"name\": \"references\", \"arguments\": {\"name\": \"Handle\"}}\n</tool_call>"
	if err := s.CreateCaller(ctx, "hob-caller:1b", call, "Serve calls it, in b.go."); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, src := range map[string]string{"a.go": "package a\n\nfunc Handle() int {\n\treturn 1\n}\n", "b.go": "package a\n\nfunc Serve() int { return Handle() }\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out := realHob(ctx, t, s, dir, nil, "run", "explain", "a.go:3-5", "--prompt", "Who calls this?", "--json")
	var res lsp.JobResult
	if err := json.Unmarshal([]byte(out), &res); err != nil {
		t.Fatal(err)
	}
	if res.Answer != "Serve calls it, in b.go." || len(res.Tools) != 1 || res.Tools[0].Name != "references" || res.Tools[0].Failed > 0 || !strings.Contains(res.Why, "looked around: 1 call") {
		t.Errorf("%s", out)
	}
	t.Log(out)

	p, err := ollama.New(ollama.Options{Name: "ollama", URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	union := tool.Union(plan.Schema, tool.Over(tool.View{}), 8)
	for i, c := range []struct {
		says  string
		taken bool
	}{
		{`{"look": [{"tool": "read", "args": {"path": "a.go", "start": 12}}, {"tool": "search", "args": {"pattern": "Handle"}}]}`, true},
		{`{"steps": [{"kind": "edit", "file": "a.go", "symbol": "Handle", "what": "return two"}]}`, true},
		{`{"look": [{"tool": "shell", "args": {"command": "ls"}}]}`, false},
	} {
		name := fmt.Sprintf("hob-held%d:1b", i)
		if err := s.Create(ctx, name, c.says, 0); err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		_, err := p.Chat(ctx, model.Request{Model: name, Messages: []model.Message{{Role: model.User, Content: "plan"}}, NumCtx: 2048, MaxTokens: 200, Format: union}, func(d model.Delta) error {
			said.WriteString(d.Text)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(said.String()); got == c.says != c.taken {
			t.Errorf("held to the schema, %s became %s", c.says, got)
		}
	}
}
