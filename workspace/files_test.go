package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hob-ls/hob/workspace/text"
)

func TestKindsOfFiles(t *testing.T) {
	dir, other := tempDir(t), tempDir(t)
	for name, text := range map[string]string{
		"ok.txt": "fine", "bin": "a\x00b", "latin1.txt": "caf\xe9", "large.txt": strings.Repeat("x", 100), "largebin": strings.Repeat("\x00", 100),
		".env": "SECRET=1", "sub/.env.local": "SECRET=1", "keys/deep/k.txt": "SECRET=1", "ignored.o": "x", ".gitignore": "*.o\n", "skip/me.txt": "x",
	} {
		put(t, filepath.Join(dir, name), text)
	}
	put(t, filepath.Join(other, "secret.txt"), "other")
	for to, at := range map[string]string{"ok.txt": "good-link", ".env": "env-link", filepath.Join(other, "secret.txt"): "out-link", "nothing": "dangling", "sub": "dir-link", "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(dir, at)); err != nil {
			t.Fatal(err)
		}
	}
	w := open(t, Options{NoWatch: true, MaxFile: 50, Ignore: []string{"skip/**"}, Exclude: []string{".env*", "keys", "[bad"}}, dir)
	s := w.Snapshot()
	for name, want := range map[string]error{
		"ok.txt": nil, "bin": ErrBinary, "latin1.txt": ErrBinary, "large.txt": ErrTooLarge, "largebin": ErrBinary, ".env": ErrExcluded,
		"sub/.env.local": ErrExcluded, "keys/deep/k.txt": ErrExcluded, "ignored.o": ErrNotFound, "skip/me.txt": ErrNotFound, "none": ErrNotFound, "sub": ErrNotFound,
		"good-link": nil, "env-link": ErrExcluded, "out-link": ErrOutside, "dangling": ErrOutside, "dir-link": ErrNotFound, "loop": ErrOutside,
		"../" + filepath.Base(other) + "/secret.txt": ErrOutside, ".ENV": ErrExcluded,
	} {
		f, err := s.File(filepath.Join(dir, name))
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		if err == nil && f.Text != "fine" {
			t.Errorf("%s: %q", name, f.Text)
		}
	}
	var got []string
	for p := range s.Paths() {
		rel, _ := filepath.Rel(dir, p)
		got = append(got, rel)
		if !s.Has(p) {
			t.Errorf("listed, but Has denies %s", p)
		}
	}
	want := []string{".gitignore", "dangling", "dir-link", "env-link", "good-link", "latin1.txt", "loop", "ok.txt", "out-link"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Paths:\n%s", diff)
	}
	for _, p := range []string{"bin", ".env", "none"} {
		if s.Has(filepath.Join(dir, p)) {
			t.Errorf("Has %s", p)
		}
	}
	// An excluded document stays excluded when the user opens it.
	for _, p := range []string{filepath.Join(dir, ".env"), filepath.Join(other, "keys", "k")} {
		apply(t, w, Change{Kind: DocOpen, Path: p, Text: "SECRET=2"})
		if _, err := w.Snapshot().File(p); !errors.Is(err, ErrExcluded) {
			t.Errorf("open and excluded: %v", err)
		}
		if w.Snapshot().Has(p) || slices.Contains(slices.Collect(w.Snapshot().Paths()), p) || len(w.Snapshot().Dir(other)) > 0 {
			t.Error("an excluded document is listed")
		}
		apply(t, w, Change{Kind: DocEdit, Path: p, Version: 1, Edits: []text.RangeEdit{{Whole: true, New: "SECRET=3"}}})
		if _, err := w.Snapshot().File(p); !errors.Is(err, ErrExcluded) {
			t.Errorf("edited and excluded: %v", err)
		}
	}
}

func TestRoots(t *testing.T) {
	top := tempDir(t)
	for _, f := range []string{"w/a", "w/z", "w/sub/b", "w/sub/deep/c", "w-x/d", "w.y/e", "v/f"} {
		put(t, filepath.Join(top, f), f)
	}
	put(t, filepath.Join(top, "w", ".gitignore"), "onlysub\n")
	put(t, filepath.Join(top, "w", "sub", ".hobignore"), "hidden\n")
	put(t, filepath.Join(top, "w", "sub", "hidden"), "h")
	at := func(p string) string { return filepath.Join(top, p) }
	w := open(t, Options{NoWatch: true}, at("w-x"), at("w/sub"), at("w"), at("v"))
	if err := os.Symlink(at("v"), at("link")); err != nil {
		t.Fatal(err)
	}
	list := func() []string {
		var got []string
		for p := range w.Snapshot().Paths() {
			rel, _ := filepath.Rel(top, p)
			got = append(got, rel)
		}
		return got
	}
	want := []string{"v/f", "w-x/d", "w/.gitignore", "w/a", "w/sub/.hobignore", "w/sub/b", "w/sub/deep/c", "w/z"}
	if diff := cmp.Diff(want, list()); diff != "" {
		t.Errorf("four roots:\n%s", diff)
	}
	for p, root := range map[string]string{"w/a": "w", "w/sub/b": "w/sub", "w/sub/deep/c": "w/sub", "v/f": "v"} {
		if f, err := w.Snapshot().File(at(p)); err != nil || f.Root != at(root) {
			t.Errorf("%s: %+v %v", p, f, err)
		}
	}
	for i, all := 0, slices.Collect(w.Snapshot().Paths()); i < len(all); i++ {
		var first []string // a reader may stop anywhere
		for p := range w.Snapshot().Paths() {
			if first = append(first, p); len(first) > i {
				break
			}
		}
		if !slices.Equal(first, all[:i+1]) {
			t.Errorf("stopped after %d: %q", i, first)
		}
	}
	apply(t, w, Change{Kind: RootRemove, Path: at("w/sub")}, Change{Kind: RootRemove, Path: at("v")}, Change{Kind: RootAdd, Path: at("link")}, Change{Kind: RootAdd, Path: at("link")})
	<-w.Ready()
	want = []string{"link/f", "w-x/d", "w/.gitignore", "w/a", "w/sub/.hobignore", "w/sub/b", "w/sub/deep/c", "w/z"}
	if diff := cmp.Diff(want, list()); diff != "" {
		t.Errorf("after changes:\n%s", diff)
	}
	// A root that is a link answers to both of its names, with one of them.
	for _, p := range []string{"link/f", "v/f"} {
		if f, err := w.Snapshot().File(at(p)); err != nil || f.Path != at("link/f") || !w.Snapshot().Has(at(p)) {
			t.Errorf("%s: %+v %v", p, f, err)
		}
	}
	// An editor that resolves links keeps its own name for its document.
	apply(t, w, Change{Kind: DocOpen, Path: at("v/f"), Version: 7, Text: "open"})
	if f, err := w.Snapshot().File(at("link/f")); err != nil || f.Version != 7 || f.Path != at("v/f") {
		t.Errorf("%+v %v", f, err)
	}
	if diff := cmp.Diff(want, list()); diff != "" {
		t.Errorf("with a document under its other name:\n%s", diff)
	}
	if st := w.Stats(); st.Open != 1 || st.Files != 8 || st.Held != 8 || st.Watch != "off" || st.Scanning || st.Bytes == 0 {
		t.Errorf("%+v", st)
	}
}
