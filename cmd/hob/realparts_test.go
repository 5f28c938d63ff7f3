//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
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
	if err := s.Create(ctx, "hob-coder:1b", "```go\nfunc Handle() int {\n\treturn 2\n}\n```\n", 0); err != nil {
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
