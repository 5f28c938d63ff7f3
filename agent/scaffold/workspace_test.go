package scaffold

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
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

// A component is for a project that has something for a browser, or nothing yet, or
// whose user says what they mean.
func TestForeignProject(t *testing.T) {
	program := map[string]string{"go.mod": "module a\n", "main.go": "package main\n", "README.md": "# A\n"}
	with := func(name, src string) map[string]string {
		m := maps.Clone(program)
		m[name] = src
		return m
	}
	for _, tt := range []struct {
		name    string
		files   map[string]string
		request Request
		path    string // "" where it is refused
	}{
		{"a program", program, Request{Prompt: "a button with a label"}, ""},
		{"a folder of it", program, Request{Prompt: "a button with a label", Dir: "web"}, ""},
		{"React is meant", program, Request{Prompt: "a React button with a label"}, "src/components/Button.jsx"},
		{"React is asked for", program, Request{Prompt: "a button with a label", Framework: "react"}, "src/components/Button.jsx"},
		{"a page beside it", with("web/index.html", "<p>\n"), Request{Prompt: "a button with a label"}, "src/components/Button.jsx"},
		{"a manifest beside it", with("web/package.json", "{}"), Request{Prompt: "a button with a label"}, "src/components/Button.jsx"},
		{"nothing yet", map[string]string{"README.md": "# A\n"}, Request{Prompt: "a button with a label"}, "src/components/Button.jsx"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root, s := opened(t, tt.files)
			p, err := PlanComponent(s, tt.request)
			if e := new(Error); tt.path == "" {
				if !errors.As(err, &e) || e.Kind != kindBadRequest || !strings.Contains(e.Message, "for a browser") || !strings.Contains(e.Hint, `"React"`) {
					t.Errorf("%v", err)
				}
			} else if err != nil || p.Path != filepath.Join(root, filepath.FromSlash(tt.path)) {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
}

// A manifest that begins with a byte order mark, as some editors write it, is read.
func TestManifestWithMark(t *testing.T) {
	_, s := opened(t, map[string]string{"package.json": "\ufeff" + `{"dependencies":{"react":"^18.2.0","typescript":"5"}}`})
	p, err := PlanComponent(s, Request{Prompt: "a button with a label"})
	if err != nil || !slices.Contains(p.Facts, "React 18") || p.Language != "typescriptreact" {
		t.Errorf("%+v, %v", p, err)
	}
}
