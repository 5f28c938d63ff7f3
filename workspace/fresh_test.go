package workspace

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hob-ls/hob/workspace/index"
)

// TestAddForced: git add -f changes nothing in the folder but git's own files,
// and lists a file all the same.
func TestAddForced(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	top := tempDir(t)
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = top
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q")
	put(t, filepath.Join(top, ".gitignore"), "*.o\n")
	put(t, filepath.Join(top, "sub", "a.txt"), "a")
	o := put(t, filepath.Join(top, "sub", "a.o"), "o")
	for _, dir := range []string{top, filepath.Join(top, "sub")} {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			w := open(t, Options{}, dir)
			watching(t, w)
			git("add", "-f", "sub/a.o")
			eventually(t, "the file that is tracked now", func() bool { return w.Snapshot().Has(o) })
			git("rm", "-q", "--cached", "sub/a.o")
			eventually(t, "the file that is not tracked any more", func() bool { return !w.Snapshot().Has(o) })
			put(t, filepath.Join(top, ".git", "info", "exclude"), "a.txt\n")
			eventually(t, "info/exclude", func() bool { return !w.Snapshot().Has(filepath.Join(top, "sub", "a.txt")) })
			put(t, filepath.Join(top, ".git", "info", "exclude"), "")
			eventually(t, "info/exclude again", func() bool { return w.Snapshot().Has(filepath.Join(top, "sub", "a.txt")) })
		})
	}
}

// TestRescanFindsNothing: nothing found is nothing published.
func TestRescanFindsNothing(t *testing.T) {
	dir := tempDir(t)
	for i := range 50 {
		put(t, filepath.Join(dir, fmt.Sprint(i%7), fmt.Sprint(i)), fmt.Sprint(i))
	}
	put(t, filepath.Join(dir, "bin"), "\x00")
	if err := os.Symlink("bin", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	w := open(t, Options{NoWatch: true}, dir)
	r := w.Snapshot().roots[0].live
	before := w.Snapshot()
	for range 3 {
		r.rescan()
	}
	if w.Snapshot() != before {
		t.Error("a look that found nothing made another snapshot")
	}
	f, err := before.File(filepath.Join(dir, "3", "3"))
	if err != nil {
		t.Fatal(err)
	}
	lines := f.Lines()
	put(t, f.Path, "3") // touched
	put(t, filepath.Join(dir, "new"), "n")
	r.rescan()
	if w.Snapshot() == before || !w.Snapshot().Has(filepath.Join(dir, "new")) {
		t.Fatal("a look that found something made no other snapshot")
	}
	now, err := w.Snapshot().File(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	if now.ModTime.Equal(f.ModTime) && now != f {
		t.Error("an unchanged file became another File")
	}
	if now.Lines() != lines || now.Hash() != f.Hash() {
		t.Error("what is derived from an unchanged text was not shared")
	}
	put(t, f.Path, "other")
	r.rescan()
	if now, _ = w.Snapshot().File(f.Path); now.Hash() == f.Hash() || now.Lines() == lines || now.Hash() != index.HashOf("other") {
		t.Error("what is derived from a changed text was shared")
	}
	if r.published() != r.current.Load() {
		t.Error("the snapshot is behind")
	}
}

// TestMemoryOfAllRoots: the bound is one for all, and shared fairly.
func TestMemoryOfAllRoots(t *testing.T) {
	dirs := []string{tempDir(t), tempDir(t), tempDir(t)}
	for _, dir := range dirs[:2] {
		for i := range 100 {
			put(t, filepath.Join(dir, fmt.Sprint(i)), strings.Repeat("x", 1000))
		}
	}
	put(t, filepath.Join(dirs[2], "small"), strings.Repeat("x", 1000))
	const most = 100_000
	w := open(t, Options{NoWatch: true, MaxMemory: most}, dirs[0])
	if st := w.Stats(); st.Bytes != most {
		t.Fatalf("one root alone: %+v", st)
	}
	for _, dir := range dirs[1:] {
		apply(t, w, Change{Kind: RootAdd, Path: dir})
	}
	<-w.Ready()
	eventually(t, "the memory is within its bound", func() bool { return w.Stats().Bytes <= most })
	st := w.Stats()
	if st.Files != 201 || st.Held < 50 {
		t.Errorf("%+v", st)
	}
	for _, r := range w.Snapshot().roots {
		if got := r.ix.Stats().Bytes; got < 1000 || r.dir != dirs[2] && got < most/4 {
			t.Errorf("%s holds %d", r.dir, got)
		}
	}
	for p := range w.Snapshot().Paths() {
		if got := content(t, w.Snapshot(), p); len(got) != 1000 {
			t.Errorf("%s has %d bytes", p, len(got))
		}
	}
}

// TestProgress: a scan tells how far it is, ends with all of it, and answers for
// open documents meanwhile.
func TestProgress(t *testing.T) {
	dir := tempDir(t)
	for i := range 300 {
		put(t, filepath.Join(dir, fmt.Sprint(i%9), fmt.Sprint(i)), "0123456789")
	}
	var mu sync.Mutex
	var told []Progress
	w := New(t.Context(), Options{NoWatch: true, Progress: func(p Progress) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, p)
	}})
	doc := filepath.Join(dir, "3", "3")
	apply(t, w, Change{Kind: RootAdd, Path: dir}, Change{Kind: DocOpen, Path: doc, Version: 1, Text: "unsaved"})
	if got := content(t, w.Snapshot(), doc); got != "unsaved" {
		t.Errorf("while it is scanned: %q", got)
	}
	<-w.Ready()
	mu.Lock()
	last := told[len(told)-1]
	mu.Unlock()
	if last != (Progress{Root: dir, Found: 300, Done: 300, Bytes: 3000, End: true}) {
		t.Errorf("%+v", last)
	}
	w.Snapshot().roots[0].live.rescan()
	mu.Lock()
	last = told[len(told)-1]
	mu.Unlock()
	if last.Found != 300 || last.Done != 300 || !last.End {
		t.Errorf("another scan counts anew: %+v", last)
	}
	if f, err := w.Snapshot().File(doc); err != nil || !f.OnDisk {
		t.Errorf("%+v, %v", f, err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

// TestNotice: the user is told of a folder that can't be watched, and not of one
// that is only gone.
func TestNotice(t *testing.T) {
	dir := tempDir(t)
	var mu sync.Mutex
	var told []string
	w := open(t, Options{NoWatch: true, Notice: func(text string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, text)
	}}, dir)
	r := w.Snapshot().roots[0].live
	for _, state := range []string{"starting", "fsnotify", "polling: nfs tells nothing of what others change"} {
		r.notice(state)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	r.notice("polling: the folder is gone")
	if len(told) != 1 || !strings.Contains(told[0], dir) || !strings.Contains(told[0], "nfs") {
		t.Errorf("%q", told)
	}
}

// TestFresh: a change that nobody told of is in the snapshot that is asked for.
func TestFresh(t *testing.T) {
	top := tempDir(t)
	path := put(t, filepath.Join(top, "a.go"), "package a\n")
	w := open(t, Options{NoWatch: true}, top)
	text := func(s *Snapshot) string {
		f, err := s.File(path)
		if err != nil {
			return err.Error()
		}
		return f.Text
	}
	for _, want := range []string{"package b\n", "package c // longer\n", "package d // longer\n"} {
		put(t, path, want)
		if s, ok := w.Fresh(t.Context(), path); !ok || text(s) != want {
			t.Errorf("%v, %q, want %q", ok, text(s), want)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if s, ok := w.Fresh(t.Context(), path); !ok || s.Has(path) {
		t.Errorf("%v, %q, though it is gone", ok, text(s))
	}
	put(t, path, "package e\n")
	if s, ok := w.Fresh(t.Context(), path); !ok || text(s) != "package e\n" {
		t.Errorf("%v, %q, though it is back", ok, text(s))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	put(t, path, "package f\n")
	if s, ok := w.Refresh(ended, path, func(*Snapshot) bool { return false }); ok || s == nil {
		t.Error("fresh, though nobody had the time")
	}
}
