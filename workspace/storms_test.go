package workspace

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var storms = flag.Int("storms", 0, "rounds of random storms; 0 means as many as fit into the usual time")

// soon waits until the workspace equals the disk and says how long after the last
// write that was. The goal is a second; a machine that does other things at the
// same time, and the race detector, are given more before it is a failure.
func soon(tb testing.TB, w *Workspace, dir string) {
	tb.Helper()
	last := time.Now()
	want := disk(tb, dir) // the disk is quiet now
	for {
		diff := cmp.Diff(want, held(w.Snapshot()))
		if diff == "" {
			tb.Logf("equal %v after the last write", time.Since(last).Round(time.Millisecond))
			return
		}
		if time.Since(last) > 15*time.Second {
			tb.Fatalf("disk (-) and workspace (+) differ, %+v:\n%s", w.Stats(), diff)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestManyStorms is the property: after any storm index and disk are equal. One
// workspace lives through hundreds of short storms, each of which starts from
// what the one before left. go test -run ManyStorms -storms 5000 looks longer.
func TestManyStorms(t *testing.T) {
	dir := tempDir(t)
	w := open(t, Options{}, dir)
	watching(t, w)
	rounds, begin, limit := *storms, time.Now(), 8*time.Second
	if rounds == 0 {
		rounds = 300
	} else {
		limit = time.Hour
	}
	worst, done := time.Duration(0), 0
	for seed := range rounds {
		if time.Since(begin) > limit {
			break
		}
		var wg sync.WaitGroup
		for worker := range 2 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(seed), uint64(100+worker)))
				storm(r, dir, 1+r.IntN(60))
			})
		}
		wg.Wait()
		last := time.Now()
		want := disk(t, dir)
		for diff := "?"; diff != ""; {
			if diff = cmp.Diff(want, held(w.Snapshot())); diff != "" {
				if time.Since(last) > 15*time.Second {
					t.Fatalf("round %d: disk (-) and workspace (+) differ, %+v:\n%s", seed, w.Stats(), diff)
				}
				time.Sleep(time.Millisecond)
			}
		}
		worst = max(worst, time.Since(last))
		done++
	}
	if done < 20 {
		t.Errorf("only %d storms in %v", done, limit)
	}
	t.Logf("%d storms, the slowest equal after %v", done, worst.Round(time.Millisecond))
}

// TestCheckout goes between two commits that have little in common.
func TestCheckout(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	dir := tempDir(t)
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@t"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q", "-b", "one")
	for i := range 700 {
		put(t, filepath.Join(dir, fmt.Sprint("a", i%40), fmt.Sprint("b", i%3), fmt.Sprint(i)), fmt.Sprint("one ", i))
	}
	put(t, filepath.Join(dir, ".gitignore"), "*.o\n")
	git("add", ".")
	git("commit", "-qm", "one")
	git("checkout", "-q", "-b", "two")
	git("rm", "-rq", "a0", "a1", "a2", "a3")
	for i := range 700 {
		put(t, filepath.Join(dir, fmt.Sprint("a", i%37), fmt.Sprint("c", i%5), fmt.Sprint(i)), fmt.Sprint("two ", i))
	}
	if err := os.RemoveAll(filepath.Join(dir, "a1")); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "a1"), "a file where a folder was")
	put(t, filepath.Join(dir, ".gitignore"), "*.p\n")
	git("add", ".")
	git("commit", "-qm", "two")
	w := open(t, Options{}, dir)
	watching(t, w)
	for _, branch := range []string{"one", "two", "one", "two"} {
		git("checkout", "-q", branch)
		soon(t, w, dir)
	}
}

// TestInstall makes what a package manager makes: thousands of small files in
// deep folders, first in a place of its own and then moved; ignored and not.
func TestInstall(t *testing.T) {
	dir := tempDir(t)
	put(t, filepath.Join(dir, ".gitignore"), "node_modules/\n")
	w := open(t, Options{}, dir)
	watching(t, w)
	install := func(top string) {
		t.Helper()
		for i := range 400 {
			pkg := filepath.Join(top, ".tmp", fmt.Sprint("pkg", i))
			for _, f := range []string{"package.json", "index.js", "lib/a.js", "lib/deep/b.js", "node_modules/dep/index.js"} {
				put(t, filepath.Join(pkg, f), fmt.Sprint(i, f))
			}
			if err := os.Rename(pkg, filepath.Join(top, fmt.Sprint("pkg", i))); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, top := range []string{"vendor", "node_modules"} {
		install(filepath.Join(dir, top))
		soon(t, w, dir)
	}
	put(t, filepath.Join(dir, ".gitignore"), "pkg1*\n")
	soon(t, w, dir)
	if err := os.RemoveAll(filepath.Join(dir, "vendor")); err != nil {
		t.Fatal(err)
	}
	soon(t, w, dir)
	put(t, filepath.Join(dir, "node_modules", "pkg2", "index.js"), "after it all")
	soon(t, w, dir)
}

// TestBuild writes thousands of files over and over, as a build does, and removes
// them.
func TestBuild(t *testing.T) {
	dir := tempDir(t)
	w := open(t, Options{}, dir)
	watching(t, w)
	for round := range 3 {
		for i := range 2000 {
			put(t, filepath.Join(dir, "out", fmt.Sprint(i%30), fmt.Sprint(i, ".gen")), fmt.Sprint(round, i))
		}
	}
	soon(t, w, dir)
	if err := os.RemoveAll(filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	soon(t, w, dir)
}
