package workspace

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// TestOutlineFollows edits a document in many ways and compares its outline with that of
// the text alone, also through snapshots that are not the newest.
func TestOutlineFollows(t *testing.T) {
	w := open(t, Options{NoWatch: true})
	path := filepath.Join(t.TempDir(), "a.go")
	var src strings.Builder
	src.WriteString("package a\n")
	for i := range 40 {
		fmt.Fprintf(&src, "\n// Doc of F%d.\nfunc F%d() {\n\tx := %d\n}\n", i, i, i)
	}
	apply(t, w, Change{Kind: DocOpen, Path: path, Version: 1, Text: src.String()})
	r := rand.New(rand.NewPCG(3, 5))
	var older []*Snapshot
	for v := int32(2); v < 200; v++ {
		line := uint32(r.IntN(40)*5) + 3
		edits := []text.RangeEdit{typed(line, 0, 0, "// new\nvar v"+fmt.Sprint(v)+" = 1\n\n"), typed(line+3, 0, 0, "")}
		if v%3 == 0 {
			edits = []text.RangeEdit{typed(line, 0, 0, "\n")}
		}
		if v%17 == 0 {
			f, _ := w.Snapshot().File(path)
			edits = []text.RangeEdit{{Whole: true, New: f.Text + "\nfunc More" + fmt.Sprint(v) + "() {}\n"}}
		}
		apply(t, w, Change{Kind: DocEdit, Path: path, Version: v, Edits: edits})
		older = append(older, w.Snapshot())
		s := w.Snapshot()
		if v%5 == 0 {
			s = older[r.IntN(len(older))]
		}
		f, err := s.File(path)
		if err != nil {
			t.Fatal(err)
		}
		if syntax.Problems("go", f.Text) > 0 {
			continue // see syntax.TestReaderRandom
		}
		if diff := cmp.Diff(syntax.Outline("go", f.Text), f.Outline()); diff != "" {
			t.Fatalf("version %d: %s", v, diff)
		}
	}
}

// TestOutlineKeepsLastGood opens a comment that swallows the rest of the file.
func TestOutlineKeepsLastGood(t *testing.T) {
	w := open(t, Options{NoWatch: true})
	path := filepath.Join(t.TempDir(), "a.rs")
	apply(t, w, Change{Kind: DocOpen, Path: path, Version: 1, Text: "fn a() {\n}\n\nfn b() {\n}\n"})
	names := func() (out string) {
		f, err := w.Snapshot().File(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, sym := range f.Outline() {
			out += sym.Name + f.Text[sym.Body.Start:sym.Body.End] + " "
		}
		return out
	}
	if got := names(); got != "a{\n} b{\n} " {
		t.Fatalf("got %q", got)
	}
	apply(t, w, Change{Kind: DocEdit, Path: path, Version: 2, Edits: []text.RangeEdit{typed(2, 0, 0, "/* a comment\n")}})
	if got := names(); got != "a{\n} b{\n} " {
		t.Errorf("broken: got %q", got)
	}
	apply(t, w, Change{Kind: DocEdit, Path: path, Version: 3, Edits: []text.RangeEdit{typed(2, 12, 12, " */")}})
	if got := names(); got != "a{\n} b{\n} " {
		t.Errorf("mended: got %q", got)
	}
}

// TestOutlineClosed reads outlines of snapshots that outlive the document, and of many at
// once while documents come and go.
func TestOutlineClosed(t *testing.T) {
	w := open(t, Options{NoWatch: true})
	dir := t.TempDir()
	large := "package a\n" + strings.Repeat("// a comment of some length, so that few of them are enough\n", maxTrees/3/60)
	var wg sync.WaitGroup
	for n := range 6 {
		wg.Go(func() {
			path := filepath.Join(dir, fmt.Sprint("f", n, ".go"))
			for v := range int32(3) {
				apply(t, w, Change{Kind: DocOpen, Path: path, Version: v, Text: large + fmt.Sprintf("func F%d() {}\n", v)})
				s := w.Snapshot()
				check := func() {
					f, err := s.File(path)
					if err != nil {
						t.Error(err)
						return
					}
					if o := f.Outline(); len(o) != 1 || o[0].Name != fmt.Sprint("F", v) {
						t.Errorf("got %v", o)
					}
				}
				if v%2 == 0 {
					check()
				}
				if v != 1 { // else it is opened twice
					apply(t, w, Change{Kind: DocClose, Path: path})
				}
				check()
			}
		})
	}
	wg.Wait()
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if l := w.env.trees.list; len(l) != 0 {
		t.Errorf("%d trees are kept of documents that are closed", len(l))
	}
}

// TestTreesAreBounded fills the room for trees.
func TestTreesAreBounded(t *testing.T) {
	var tr trees
	a, b, c := &session{}, &session{}, &session{}
	if over := tr.note(a, maxTrees/2); over != nil {
		t.Error("a has room")
	}
	if over := tr.note(b, maxTrees/2); over != nil {
		t.Error("b has room")
	}
	tr.note(a, maxTrees/2) // used again
	if over := tr.note(c, 1); len(over) != 1 || over[0] != b {
		t.Errorf("b was used longest ago: %v", over)
	}
	if over := tr.note(c, maxTrees+1); len(over) != 2 || len(tr.list) != 0 {
		t.Errorf("a text too large for all of the room: %v, kept %v", over, tr.list)
	}
}

// BenchmarkOutlineAfterEdit is what a job on a text that changed a moment ago waits for.
func BenchmarkOutlineAfterEdit(b *testing.B) {
	for _, lines := range []int{500, 5000} {
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			w := open(b, Options{NoWatch: true})
			path := filepath.Join(b.TempDir(), "a.go")
			body := source(9)
			var src strings.Builder
			src.WriteString("package a\n")
			for i := 0; strings.Count(src.String(), "\n") < lines; i++ {
				fmt.Fprintf(&src, "\n// F%d does.\nfunc F%d() {\n%s}\n", i, i, body)
			}
			apply(b, w, Change{Kind: DocOpen, Path: path, Text: src.String()})
			b.ReportMetric(float64(src.Len()), "bytes")
			outline := func() {
				f, err := w.Snapshot().File(path)
				if err != nil {
					b.Fatal(err)
				}
				if len(f.Outline()) == 0 {
					b.Fatal("nothing")
				}
			}
			outline()
			e := []text.RangeEdit{typed(uint32(lines/2), 0, 0, "\t\t"), typed(uint32(lines/2), 0, 2, "")}
			for i := 0; b.Loop(); i++ {
				apply(b, w, Change{Kind: DocEdit, Path: path, Version: int32(i), Edits: e[i%2 : i%2+1]})
				outline()
			}
		})
	}
}
