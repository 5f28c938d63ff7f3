package workspace

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hob-ls/hob/workspace/index"
)

// disk is what a fresh scan of dir finds, as path and content.
func disk(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	ix, err := index.Scan(context.Background(), dir, index.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	files := map[string]string{}
	for e := range ix.All() {
		files[e.Path] = e.Text
	}
	return files
}

// held is the same of a snapshot; links have no text of their own.
func held(s *Snapshot) map[string]string {
	files := map[string]string{}
	for p := range s.Paths() {
		files[p] = ""
		if f, err := s.File(p); err == nil && f.Path == p {
			files[p] = f.Text
		}
	}
	return files
}

// settled waits until the workspace equals the disk.
func settled(tb testing.TB, w *Workspace, dir string) {
	tb.Helper()
	var diff string
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if diff = cmp.Diff(disk(tb, dir), held(w.Snapshot())); diff == "" {
			return
		}
		if time.Now().After(deadline) {
			tb.Fatalf("disk (-) and workspace (+) differ, %+v:\n%s", w.Stats(), diff)
		}
	}
}

func watching(tb testing.TB, w *Workspace) {
	tb.Helper()
	eventually(tb, "watching", func() bool { return w.Stats().Watch == "fsnotify" })
}

func TestOutsideChanges(t *testing.T) {
	dir := tempDir(t)
	for _, f := range []string{"a.txt", "tree/x/1.txt", "tree/x/y/2.txt", "tree/3.txt"} {
		put(t, filepath.Join(dir, f), f)
	}
	at := func(p string) string { return filepath.Join(dir, p) }
	w := open(t, Options{}, dir)
	watching(t, w)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	steps := []struct {
		name string
		do   func()
		now  func(s *Snapshot) bool
	}{
		{"write", func() { put(t, at("a.txt"), "new") }, func(s *Snapshot) bool { return content(t, s, at("a.txt")) == "new" }},
		{"create", func() { put(t, at("p/q/r.txt"), "r") }, func(s *Snapshot) bool { return s.Has(at("p/q/r.txt")) }},
		{"rename a file", func() { must(os.Rename(at("a.txt"), at("p/b.txt"))) }, func(s *Snapshot) bool { return s.Has(at("p/b.txt")) && !s.Has(at("a.txt")) }},
		{"rename a tree", func() { must(os.Rename(at("tree"), at("p/tree2"))) }, func(s *Snapshot) bool { return s.Has(at("p/tree2/x/y/2.txt")) && !s.Has(at("tree/3.txt")) }},
		{"write in the renamed tree", func() { put(t, at("p/tree2/x/y/2.txt"), "two") }, func(s *Snapshot) bool { return content(t, s, at("p/tree2/x/y/2.txt")) == "two" }},
		{"ignore", func() { put(t, at(".gitignore"), "tree2/\n") }, func(s *Snapshot) bool { return !s.Has(at("p/tree2/3.txt")) }},
		{"write into the ignored", func() { put(t, at("p/tree2/new.txt"), "n"); put(t, at("mark"), "") }, func(s *Snapshot) bool { return s.Has(at("mark")) && !s.Has(at("p/tree2/new.txt")) }},
		{"ignore no more", func() { put(t, at(".gitignore"), "") }, func(s *Snapshot) bool { return s.Has(at("p/tree2/3.txt")) && s.Has(at("p/tree2/new.txt")) }},
		{"write in what was ignored", func() { put(t, at("p/tree2/x/1.txt"), "one") }, func(s *Snapshot) bool { return content(t, s, at("p/tree2/x/1.txt")) == "one" }},
		{"replace a folder by a file", func() { must(os.RemoveAll(at("p/tree2"))); put(t, at("p/tree2"), "file") }, func(s *Snapshot) bool { return s.Has(at("p/tree2")) && !s.Has(at("p/tree2/3.txt")) }},
		{"replace a file by a folder", func() { must(os.Remove(at("p/b.txt"))); put(t, at("p/b.txt/c"), "c") }, func(s *Snapshot) bool { return s.Has(at("p/b.txt/c")) && !s.Has(at("p/b.txt")) }},
		{"text becomes binary", func() { put(t, at("mark"), "\x00") }, func(s *Snapshot) bool { return !s.Has(at("mark")) }},
		{"rm -rf", func() { must(os.RemoveAll(at("p"))) }, func(s *Snapshot) bool { return len(slices.Collect(s.Paths())) == 1 }},
		{"the root goes", func() { must(os.RemoveAll(dir)) }, func(s *Snapshot) bool { return len(slices.Collect(s.Paths())) == 0 }},
		{"the root comes back", func() { put(t, at("back.txt"), "b") }, func(s *Snapshot) bool { return s.Has(at("back.txt")) }},
	}
	for _, step := range steps {
		begin := time.Now()
		step.do()
		eventually(t, step.name, func() bool { return step.now(w.Snapshot()) })
		t.Logf("%s: visible after %v", step.name, time.Since(begin))
	}
	settled(t, w, dir)
}

// TestDiskChanged: what an editor reports takes the same way, without watching.
func TestDiskChanged(t *testing.T) {
	dir := tempDir(t)
	a := put(t, filepath.Join(dir, "a.txt"), "a")
	w := open(t, Options{NoWatch: true}, dir)
	put(t, a, "changed")
	b := put(t, filepath.Join(dir, "x", "y", "b.txt"), "b")
	apply(t, w, Change{Kind: DiskChanged, Path: a}, Change{Kind: DiskChanged, Path: filepath.Join(dir, "x")}, Change{Kind: DiskChanged, Path: "/elsewhere"})
	eventually(t, "both changes", func() bool { return content(t, w.Snapshot(), a) == "changed" && w.Snapshot().Has(b) })
	put(t, filepath.Join(dir, ".hobignore"), "x\n")
	apply(t, w, Change{Kind: DiskChanged, Path: filepath.Join(dir, ".hobignore")})
	eventually(t, "new rules", func() bool { return !w.Snapshot().Has(b) })
	if err := os.Remove(a); err != nil {
		t.Fatal(err)
	}
	apply(t, w, Change{Kind: DiskChanged, Path: a})
	eventually(t, "removal", func() bool { return !w.Snapshot().Has(a) })
	// A file behind a link out of the root is not read, whatever is reported.
	out := tempDir(t)
	put(t, filepath.Join(out, "secret.txt"), "s")
	if err := os.Symlink(out, filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	apply(t, w, Change{Kind: DiskChanged, Path: filepath.Join(dir, "out", "secret.txt")}, Change{Kind: DiskChanged, Path: filepath.Join(dir, "out")})
	eventually(t, "the link", func() bool { return w.Snapshot().Has(filepath.Join(dir, "out")) })
	if w.Snapshot().Has(filepath.Join(dir, "out", "secret.txt")) {
		t.Error("a file outside the root is listed")
	}
}

// storm does random things to the files below dir, as fast as it can.
func storm(r *rand.Rand, dir string, n int) {
	names := []string{"a", "b", "c", "d", "e.txt", "f.o"}
	path := func() string {
		p := dir
		for range 1 + r.IntN(4) {
			p = filepath.Join(p, names[r.IntN(len(names))])
		}
		return p
	}
	// Failures (a file where a folder is wanted, a name taken) are part of it.
	for i := range n {
		switch p := path(); r.IntN(12) {
		case 0:
			_ = os.RemoveAll(p)
		case 1, 2:
			_ = syscall.Rename(p, path()) // not os.Rename, which spares folders
		case 3:
			_ = os.MkdirAll(p, 0o755)
		case 4:
			_ = os.Symlink("a", p)
		case 5:
			if r.IntN(8) == 0 {
				_ = os.WriteFile(filepath.Join(filepath.Dir(p), ".gitignore"), []byte([]string{"*.o\n", "c/\n", ""}[r.IntN(3)]), 0o644)
			}
		case 6:
			if f, err := os.OpenFile(p, os.O_APPEND|os.O_WRONLY, 0); err == nil {
				_, _ = f.WriteString("+")
				_ = f.Close()
			}
		default:
			_ = os.MkdirAll(filepath.Dir(p), 0o755)
			_ = os.WriteFile(p, fmt.Append(nil, i), 0o644)
		}
	}
}

// TestStorm compares everything at the end of random storms.
func TestStorm(t *testing.T) {
	rounds, n := 12, 600
	if testing.Short() {
		rounds = 3
	}
	for seed := range rounds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir := tempDir(t)
			w := open(t, Options{}, dir)
			var wg sync.WaitGroup
			for worker := range 2 {
				wg.Go(func() { storm(rand.New(rand.NewPCG(uint64(seed), uint64(worker))), dir, n) })
			}
			wg.Wait()
			begin := time.Now()
			settled(t, w, dir)
			t.Logf("equal after %v, %+v", time.Since(begin), w.Stats())
		})
	}
}

// TestTreesComeAndGo copies and moves whole trees, with more events than a batch
// takes one by one.
func TestTreesComeAndGo(t *testing.T) {
	dir, stage := tempDir(t), tempDir(t)
	for i := range 2500 {
		put(t, filepath.Join(stage, fmt.Sprint(i%50), fmt.Sprint(i%7), fmt.Sprint(i)), fmt.Sprint(i))
	}
	w := open(t, Options{}, dir)
	watching(t, w)
	if err := os.CopyFS(filepath.Join(dir, "copy"), os.DirFS(stage)); err != nil {
		t.Fatal(err)
	}
	settled(t, w, dir)
	if err := os.Rename(filepath.Join(dir, "copy"), filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	settled(t, w, dir)
	if err := filepath.WalkDir(filepath.Join(dir, "moved"), func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(p, "3") {
			return os.WriteFile(p, []byte("changed"), 0o644)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	settled(t, w, dir)
	if err := os.RemoveAll(filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	settled(t, w, dir)
}
