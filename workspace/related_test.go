package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// project is a folder with the files of an archive, all written at one time, and
// the archive's comment.
func project(tb testing.TB, name string) (dir string, ar *txtar.Archive) {
	tb.Helper()
	ar, err := txtar.ParseFile(filepath.Join("testdata", "related", name))
	if err != nil {
		tb.Fatal(err)
	}
	dir = tempDir(tb)
	at := time.Now().Add(-time.Hour)
	for _, f := range ar.Files {
		p := put(tb, filepath.Join(dir, filepath.FromSlash(f.Name)), string(f.Data))
		if err := os.Chtimes(p, at, at); err != nil {
			tb.Fatal(err)
		}
	}
	return dir, ar
}

func rel(dir, path string) string {
	r, err := filepath.Rel(dir, path)
	if err != nil {
		return path
	}
	return filepath.ToSlash(r)
}

func lines(dir string, list []Relation) string {
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "%s: %s\n", rel(dir, r.File.Path), r.Why)
	}
	return b.String()
}

// TestRelated goes through archives whose comment says, for each file named after
// "#", what is related to it, best first, and for "near" without a look around.
func TestRelated(t *testing.T) {
	archives, err := filepath.Glob("testdata/related/*.txtar")
	if err != nil || len(archives) < 3 {
		t.Fatal(archives, err)
	}
	for _, name := range archives {
		t.Run(filepath.Base(name), func(t *testing.T) {
			dir, ar := project(t, filepath.Base(name))
			s := open(t, Options{NoWatch: true}, dir).Snapshot()
			cases := strings.Split(string(ar.Comment), "# ")[1:]
			for _, c := range cases {
				head, want, _ := strings.Cut(c, "\n")
				file, near := strings.CutSuffix(head, " near")
				f, err := s.File(filepath.Join(dir, filepath.FromSlash(file)))
				if err != nil {
					t.Fatal(err)
				}
				list := s.Near(f, 0)
				if !near {
					if list, err = s.Related(t.Context(), f, 0); err != nil {
						t.Fatal(err)
					}
				}
				want = strings.TrimRight(want, "\n") + "\n"
				if d := cmp.Diff(strings.TrimPrefix(want, "\n"), withoutRecent(lines(dir, list))); d != "" {
					t.Errorf("%s (-want +got)\n%s", head, d)
				}
			}
		})
	}
}

// withoutRecent leaves out what is there for its time only: a project just written.
func withoutRecent(list string) string {
	var kept []string
	for line := range strings.Lines(list) {
		if !strings.HasSuffix(line, ": changed recently\n") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}
