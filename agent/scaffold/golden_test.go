package scaffold

import (
	"errors"
	"flag"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hob-ls/hob/workspace"
)

var update = flag.Bool("update", false, "rewrite the expected files")

// memory is a tree in memory below /p.
type memory struct {
	files map[string]string
	paths []string
	dirs  map[string][]string
}

func newMemory(files map[string]string) *memory {
	m := &memory{files: map[string]string{}}
	for name, text := range files {
		m.files[filepath.Join("/p", name)] = text
	}
	m.paths = slices.Sorted(maps.Keys(m.files))
	m.dirs = map[string][]string{}
	for _, p := range m.paths {
		m.dirs[filepath.Dir(p)] = append(m.dirs[filepath.Dir(p)], p)
	}
	return m
}

func (m *memory) Roots() []string         { return []string{"/p"} }
func (m *memory) Has(path string) bool    { _, ok := m.files[path]; return ok }
func (m *memory) Paths() iter.Seq[string] { return slices.Values(m.paths) }

func (m *memory) File(path string) (*workspace.File, error) {
	text, ok := m.files[path]
	if !ok {
		return nil, workspace.ErrNotFound
	}
	return &workspace.File{Path: path, Root: "/p", Text: text}, nil
}

func (m *memory) Dir(dir string) []string { return m.dirs[dir] }

func (m *memory) Confine(path string) (string, error) {
	if !within("/p", filepath.Clean(path)) {
		return "", workspace.ErrOutside
	}
	return filepath.Clean(path), nil
}

// goldenCase is one file of testdata/cases: the request in the comment
// ("prompt: …"), the project in in/, what is expected in out/ and report.
type goldenCase struct {
	request Request
	project map[string]string
	archive *txtar.Archive
}

func readCase(t testing.TB, file string) goldenCase {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := goldenCase{project: map[string]string{}, archive: a}
	for line := range strings.SplitSeq(string(a.Comment), "\n") {
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "prompt":
			c.request.Prompt = value
		case "name":
			c.request.Name = value
		case "dir":
			c.request.Dir = value
		case "":
		default:
			t.Fatalf("%s: unknown line %q", file, line)
		}
	}
	for _, f := range a.Files {
		if name, ok := strings.CutPrefix(f.Name, "in/"); ok {
			c.project[name] = string(f.Data)
		}
	}
	return c
}

func caseFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	return files
}

// run plans and writes, and lists every file below out/ with a report of the rest.
func run(tr tree, r Request) []txtar.File {
	var report strings.Builder
	note := func(key string, values ...string) {
		for _, v := range values {
			report.WriteString(key + ": " + v + "\n")
		}
	}
	out := []txtar.File{}
	p, err := plan(tr, r)
	if err == nil {
		note("facts", strings.Join(p.Facts, ", "))
		note("sibling", strings.TrimPrefix(p.Sibling, "/p/"))
		var files []File
		var left []string
		if files, left, err = component(tr, p, r.Prompt); err == nil {
			for _, f := range files {
				out = append(out, txtar.File{Name: "out/" + strings.TrimPrefix(f.Path, "/p/"), Data: []byte(f.Text)})
			}
			note("left", left...)
		}
	}
	if e := new(Error); errors.As(err, &e) {
		note("error", e.Kind+": "+e.Message, e.Hint)
	}
	return append(out, txtar.File{Name: "report", Data: []byte(report.String())})
}

func TestGolden(t *testing.T) {
	for _, file := range caseFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			c := readCase(t, file)
			got := run(newMemory(c.project), c.request)
			if *update {
				c.archive.Files = slices.DeleteFunc(c.archive.Files, func(f txtar.File) bool { return !strings.HasPrefix(f.Name, "in/") })
				c.archive.Files = append(c.archive.Files, got...)
				if err := os.WriteFile(file, txtar.Format(c.archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want := map[string]string{}
			for _, f := range c.archive.Files {
				if !strings.HasPrefix(f.Name, "in/") {
					want[f.Name] = string(f.Data)
				}
			}
			have := map[string]string{}
			for _, f := range got {
				have[f.Name] = string(f.Data)
			}
			if d := cmp.Diff(want, have); d != "" {
				t.Error(d)
			}
		})
	}
}
