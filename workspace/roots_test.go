package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hob-ls/hob/workspace/text"
)

// TestRootsInRoots: whichever of the roots come and go, each file is there once,
// under the deepest root it is in.
func TestRootsInRoots(t *testing.T) {
	top := tempDir(t)
	inner := filepath.Join(top, "inner")
	a := put(t, filepath.Join(top, "a.txt"), "a")
	b := put(t, filepath.Join(inner, "b.txt"), "b")
	c := put(t, filepath.Join(inner, "deep", "c.txt"), "c")
	w := open(t, Options{}, top, inner, filepath.Join(inner, "deep"))
	root := func(path string) string {
		t.Helper()
		f, err := w.Snapshot().File(path)
		if err != nil {
			t.Fatal(err)
		}
		return f.Root
	}
	paths := func(want ...string) {
		t.Helper()
		if got := slices.Collect(w.Snapshot().Paths()); !slices.Equal(got, want) {
			t.Errorf("paths %q, want %q", got, want)
		}
	}
	paths(a, b, c)
	if root(a) != top || root(b) != inner || root(c) != filepath.Join(inner, "deep") {
		t.Errorf("roots %q %q %q", root(a), root(b), root(c))
	}
	apply(t, w, Change{Kind: DocOpen, Path: c, Version: 1, Text: "unsaved"})
	apply(t, w, Change{Kind: RootRemove, Path: filepath.Join(inner, "deep")})
	paths(a, b, c)
	if root(c) != inner || content(t, w.Snapshot(), c) != "unsaved" {
		t.Errorf("the document is in %q", root(c))
	}
	apply(t, w, Change{Kind: RootRemove, Path: top})
	paths(b, c)
	if _, err := w.Snapshot().File(a); !errors.Is(err, ErrOutside) {
		t.Errorf("a file of a root that was removed: %v", err)
	}
	apply(t, w, Change{Kind: RootRemove, Path: inner})
	paths(c) // still open
	if f, err := w.Snapshot().File(c); err != nil || f.Root != "" {
		t.Errorf("a document outside of all roots: %+v %v", f, err)
	}
	apply(t, w, Change{Kind: RootAdd, Path: top}, Change{Kind: RootAdd, Path: top})
	<-w.Ready()
	paths(a, b, c)
	if root(c) != top {
		t.Errorf("the document is in %q", root(c))
	}
	apply(t, w, Change{Kind: DocClose, Path: c})
	if got := content(t, w.Snapshot(), c); got != "c" {
		t.Errorf("after closing: %q", got)
	}
	if err := w.Apply(Change{Kind: RootRemove, Path: inner}); err == nil {
		t.Error("a root that is none was removed")
	}
}

// TestTwoWays: the same files through two roots, one of them behind a link. A
// document that is open through one is not open through the other, as its editor
// sees it; on disk both are the same.
func TestTwoWays(t *testing.T) {
	real := tempDir(t)
	put(t, filepath.Join(real, "sub", "f.txt"), "disk")
	link := filepath.Join(tempDir(t), "link")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	w := open(t, Options{}, real, link)
	watching(t, w)
	one, two := filepath.Join(real, "sub", "f.txt"), filepath.Join(link, "sub", "f.txt")
	for _, p := range []string{one, two} {
		if got := content(t, w.Snapshot(), p); got != "disk" {
			t.Errorf("%s: %q", p, got)
		}
	}
	apply(t, w, Change{Kind: DocOpen, Path: two, Version: 1, Text: "unsaved"})
	if content(t, w.Snapshot(), two) != "unsaved" || content(t, w.Snapshot(), one) != "disk" {
		t.Error("the document is not where it was opened")
	}
	apply(t, w, Change{Kind: DocClose, Path: two})
	put(t, one, "changed")
	eventually(t, "the change, both ways", func() bool {
		return content(t, w.Snapshot(), one) == "changed" && content(t, w.Snapshot(), two) == "changed"
	})
	apply(t, w, Change{Kind: RootRemove, Path: real})
	// What is left is reached by either name.
	if content(t, w.Snapshot(), one) != "changed" || content(t, w.Snapshot(), two) != "changed" {
		t.Error("after one root was removed")
	}
}

// TestNeverOnDisk: a document that is only in the editor.
func TestNeverOnDisk(t *testing.T) {
	dir := tempDir(t)
	w := open(t, Options{NoWatch: true}, dir)
	doc := filepath.Join(dir, "new", "file.go")
	apply(t, w, Change{Kind: DocOpen, Path: doc, Version: 1, Text: "package p\n"})
	f, err := w.Snapshot().File(doc)
	if err != nil || f.OnDisk || !w.Snapshot().Has(doc) || !slices.Equal(w.Snapshot().Dir(filepath.Dir(doc)), []string{doc}) {
		t.Fatalf("%+v %v", f, err)
	}
	apply(t, w, Change{Kind: DocEdit, Path: doc, Version: 2, Edits: []text.RangeEdit{typed(0, 8, 9, "q")}})
	apply(t, w, Change{Kind: DocClose, Path: doc})
	if _, err := w.Snapshot().File(doc); !errors.Is(err, ErrNotFound) || w.Snapshot().Has(doc) {
		t.Errorf("after closing: %v", err)
	}
	if err := w.Apply(Change{Kind: DocClose, Path: doc}); !errors.Is(err, ErrNotOpen) {
		t.Errorf("closing again: %v", err)
	}
	// Saved, and removed while it is open.
	apply(t, w, Change{Kind: DocOpen, Path: doc, Version: 1, Text: "package p\n"})
	put(t, doc, "package p\n")
	apply(t, w, Change{Kind: DiskChanged, Path: doc})
	eventually(t, "the file on disk", func() bool { f, err := w.Snapshot().File(doc); return err == nil && f.OnDisk })
	if err := os.RemoveAll(filepath.Dir(doc)); err != nil {
		t.Fatal(err)
	}
	apply(t, w, Change{Kind: DiskChanged, Path: doc})
	eventually(t, "no file on disk", func() bool { f, err := w.Snapshot().File(doc); return err == nil && !f.OnDisk })
	if got := content(t, w.Snapshot(), doc); got != "package p\n" {
		t.Errorf("%q", got)
	}
}

// TestRootComesAndGoes: a root that is deleted, a file in its place, and the
// folder again, with all that was known of it.
func TestRootComesAndGoes(t *testing.T) {
	dir := filepath.Join(tempDir(t), "root")
	f := put(t, filepath.Join(dir, "f.txt"), "one")
	w := open(t, Options{}, dir)
	watching(t, w)
	apply(t, w, Change{Kind: DocOpen, Path: filepath.Join(dir, "open.txt"), Version: 1, Text: "open"})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	eventually(t, "an empty root", func() bool { return !w.Snapshot().Has(f) })
	if content(t, w.Snapshot(), filepath.Join(dir, "open.txt")) != "open" {
		t.Error("the open document went with it")
	}
	put(t, dir, "a file")
	put(t, filepath.Join(filepath.Dir(dir), "beside"), "x")
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	put(t, f, "two")
	eventually(t, "the root that is back", func() bool {
		now, err := w.Snapshot().File(f)
		return err == nil && now.Text == "two"
	})
	watching(t, w)
	put(t, f, "three")
	eventually(t, "watching it", func() bool { return content(t, w.Snapshot(), f) == "three" })
}
