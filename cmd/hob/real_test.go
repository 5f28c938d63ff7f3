//go:build unix

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest/realollama"
)

// realComponent leaves its fence open, so that it is read to its end: Ollama 0.17.4 keeps
// the slot of a client that leaves at the very moment of the last token, for good, and
// this model says thousands of them a second.
const realComponent = "```tsx\nexport interface ButtonProps {\n  label: string;\n}\n\n// said by a real server\nexport function Button({ label }: ButtonProps) {\n  return <button type=\"button\">{label}</button>;\n}\n"

// realServer is a real Ollama for one test, which ends with its context.
func realServer(t *testing.T) (context.Context, *realollama.Server) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs a real server")
	}
	bin, err := realollama.Binary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	s, err := realollama.Start(ctx, bin, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return ctx, s
}

// realHob runs the program in a folder, which is its home as well, and gives what
// it prints.
func realHob(ctx context.Context, t *testing.T, s *realollama.Server, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(ctx, "hob", args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "OLLAMA_HOST="+s.URL, "HOME="+dir, "XDG_CONFIG_HOME=", "GORACE=atexit_sleep_ms=0"), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("hob %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}

// TestRealOllama runs the demo, a job and the doctor against a real Ollama,
// whose model says realComponent.
func TestRealOllama(t *testing.T) {
	ctx, s := realServer(t)
	if err := s.Create(ctx, "hob-coder:1b", realComponent, 0); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	hob := func(args ...string) string { t.Helper(); return realHob(ctx, t, s, dir, nil, args...) }
	out := hob("demo", "project")
	for _, want := range []string{"ollama/hob-coder:1b", "first token", "+// said by a real server", "tokens"} {
		if !strings.Contains(out, want) {
			t.Errorf("the demo does not say %q:\n%s", want, out)
		}
	}
	if data, err := os.ReadFile(filepath.Join(dir, "project", "src", "components", "Button.tsx")); err != nil || !strings.Contains(string(data), "said by a real server") {
		t.Errorf("%v\n%s", err, data)
	}
	if out := hob("run", "component", "project", "--dir", "project/src/other", "--prompt", "a button", "--name", "Button", "--json"); !strings.Contains(out, `"status": "returned"`) {
		t.Errorf("%s", out)
	}
	if out := hob("doctor"); !strings.Contains(out, "hob-coder:1b") || !strings.Contains(out, "loaded") {
		t.Errorf("%s", out)
	}
	t.Log(out)
}
