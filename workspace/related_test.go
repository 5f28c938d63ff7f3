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

// TestRelatedManyImporters: of a file that is imported everywhere the importers in its own
// folder are told first, and which others are does not depend on what was learned when.
func TestRelatedManyImporters(t *testing.T) {
	dir := tempDir(t)
	const many = maxLooked + 200
	write := func(from, to int) {
		for i := from; i < to; i++ {
			put(t, filepath.Join(dir, "a", fmt.Sprintf("v%04d.ts", i)), "import utils from '../z/utils'\n")
		}
	}
	utils := put(t, filepath.Join(dir, "z/utils.ts"), "export default 1\n")
	put(t, filepath.Join(dir, "z/near.ts"), "import utils from './utils'\n")
	put(t, filepath.Join(dir, "z/other.ts"), "import utils from '../elsewhere/utils'\n")
	write(many/2, many)
	related := func(s *Snapshot) string {
		f, err := s.File(utils)
		if err != nil {
			t.Fatal(err)
		}
		list, err := s.Related(t.Context(), f, 0)
		if err != nil {
			t.Fatal(err)
		}
		return withoutRecent(lines(dir, list))
	}
	w := open(t, Options{NoWatch: true}, dir)
	before := related(w.Snapshot())
	write(0, many/2)
	apply(t, w, Change{Kind: DiskChanged, Path: filepath.Join(dir, "a")})
	eventually(t, "all are listed", func() bool { return w.Stats().Files == many+3 })
	got, want := related(w.Snapshot()), related(open(t, Options{NoWatch: true}, dir).Snapshot())
	if got != want || got == before {
		t.Errorf("learned at once and in two steps (-want +got)\n%s", cmp.Diff(want, got))
	}
	if !strings.HasPrefix(got, "z/near.ts: imports this\na/v0000.ts: imports this\n") {
		t.Errorf("the nearest come first, got\n%.200s", got)
	}
	if n := strings.Count(got, "imports this"); n != maxImporters {
		t.Errorf("%d importers are told", n)
	}
	if strings.Contains(got, "z/other.ts: imports this") {
		t.Error("another file of that name is meant")
	}
}
