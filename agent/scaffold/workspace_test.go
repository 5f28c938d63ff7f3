package scaffold

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/workspacetest"
)

// opened writes a project to disk and opens it in a real workspace.
func opened(t testing.TB, files map[string]string) (root string, s *workspace.Snapshot) {
	t.Helper()
	w, root := workspacetest.Project(t, workspace.Options{}, files)
	return root, w.Snapshot()
}

// In a real workspace a component comes out as in the golden case of the same project.
func TestInWorkspace(t *testing.T) {
	c := readCase(t, "testdata/cases/demo.txtar")
	root, s := opened(t, c.project)
	p, err := PlanComponent(s, c.request)
	if err != nil {
		t.Fatal(err)
	}
	files, left, err := Component(s, p, c.request.Prompt)
	if err != nil || len(left) > 0 {
		t.Fatal(left, err)
	}
	want := map[string]string{}
	for _, f := range c.archive.Files {
		if name, ok := strings.CutPrefix(f.Name, "out/"); ok {
			want[filepath.Join(root, name)] = string(f.Data)
		}
	}
	for _, f := range files {
		if want[f.Path] != f.Text {
			t.Errorf("%s differs from the golden file:\n%s", f.Path, f.Text)
		}
		delete(want, f.Path)
	}
	if len(want) > 0 {
		t.Errorf("not written: %v", want)
	}
}

func TestWorkspaceRefuses(t *testing.T) {
	outside := t.TempDir()
	root, s := opened(t, map[string]string{".gitignore": "ignored/\n", "package.json": `{"dependencies":{"react":"18"}}`, "ignored/Button.jsx": "mine"})
	if err := os.Symlink(outside, filepath.Join(root, "away")); err != nil {
		t.Fatal(err)
	}
	for dir, kind := range map[string]string{"away": kindRefusedPath, "away/deep": kindRefusedPath, outside: kindRefusedPath, ".git": kindRefusedPath, "ignored": kindBadRequest} {
		_, err := PlanComponent(s, Request{Prompt: "a button", Dir: dir})
		if e := new(Error); !errors.As(err, &e) || e.Kind != kind {
			t.Errorf("%s: got %v, want %s", dir, err, kind)
		}
	}
}

// BenchmarkInWorkspace is the whole instant tier over a real snapshot of 4,000 files.
func BenchmarkInWorkspace(b *testing.B) {
	c := readCase(b, "testdata/cases/demo.txtar")
	for i := range 4000 {
		ext := []string{".ts", ".tsx", ".css", ".md"}[i%4]
		c.project[fmt.Sprintf("src/features/f%d/Part%d%s", i%100, i, ext)] = "export function Part() {\n  return null;\n}\n"
	}
	_, s := opened(b, c.project)
	for b.Loop() {
		p, err := PlanComponent(s, c.request)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := Component(s, p, c.request.Prompt); err != nil {
			b.Fatal(err)
		}
	}
}
