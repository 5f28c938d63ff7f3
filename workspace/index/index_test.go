package index

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func empty(opts Options) *Index {
	return &Index{root: "/r", rules: &rules{opts: opts.withDefaults(), real: "/r"}}
}

func file(rel, text string) *Entry {
	return &Entry{Path: "/r/" + rel, Rel: rel, Kind: Text, Held: true, Text: text, Size: int64(len(text))}
}

// TestWith compares random changes with a plain map, and older values with what
// they were.
func TestWith(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"a", "b", "a-b", "a.b", "c", "A"}
	path := func() string {
		p := names[r.IntN(len(names))]
		for range r.IntN(4) {
			p += "/" + names[r.IntN(len(names))]
		}
		return p
	}
	ix, model := empty(Options{}), map[string]string{}
	type state struct {
		ix    *Index
		model map[string]string
	}
	var states []state
	for i := range 4000 {
		var changes []Change
		for range 1 + r.IntN(4) {
			p := path()
			for k := range model {
				// A path is a file or a folder, and what was there before goes.
				if k == p || strings.HasPrefix(k, p+"/") {
					delete(model, k)
				}
			}
			if r.IntN(3) == 0 {
				changes = append(changes, Change{Rel: p})
				continue
			}
			for at, _ := split(p); at != ""; at, _ = split(at) {
				delete(model, at)
			}
			e := file(p, fmt.Sprint(i))
			if r.IntN(9) == 0 {
				e.Kind, e.Held, e.Text = Binary, false, ""
			}
			model[p] = e.Text
			changes = append(changes, Change{Rel: p, Entry: e})
		}
		ix = ix.With(changes...)
		if i%100 == 0 {
			states = append(states, state{ix, maps.Clone(model)})
		}
	}
	for n, s := range append(states, state{ix, model}) {
		var want []string
		var bytes int64
		for p, text := range s.model {
			e, ok := s.ix.Get(p)
			if !ok || e.Text != text {
				t.Fatalf("state %d: %s is %v, want %q", n, p, e, text)
			}
			if e.Kind != Binary {
				want = append(want, p)
				bytes += int64(len(text))
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, list(s.ix)); diff != "" {
			t.Fatalf("state %d:\n%s", n, diff)
		}
		st := s.ix.Stats()
		if st.Files != len(want) || st.Held != len(want) || st.Bytes != bytes || st.Binary != len(s.model)-len(want) {
			t.Fatalf("state %d: %+v, want %d files, %d bytes", n, st, len(want), bytes)
		}
		for _, dir := range []string{"", "a", "a/b", "none"} {
			for _, e := range s.ix.Dir(dir) {
				if d, _ := split(e.Rel); d != dir || !s.ix.Has(e.Rel) {
					t.Fatalf("Dir(%q) lists %s", dir, e.Rel)
				}
			}
		}
	}
}

func TestMemoryBound(t *testing.T) {
	ix := empty(Options{MaxMemory: 1000})
	text := strings.Repeat("x", 100)
	for i := range 30 {
		ix = ix.With(Change{Entry: file(fmt.Sprintf("f%02d", i), text)})
		if i > 0 {
			ix.Get("f00") // one that is read all the time stays
		}
		if st := ix.Stats(); st.Bytes > 1000 || st.Files != i+1 {
			t.Fatalf("after %d: %+v", i, st)
		}
	}
	if e, _ := ix.Get("f00"); !e.Held {
		t.Error("the file that is read most was dropped")
	}
	if st := ix.Stats(); st.Held < 5 {
		t.Errorf("too much was dropped: %+v", st)
	}

	dir := t.TempDir()
	for i := range 20 {
		write(t, dir, fmt.Sprint("g", i), fmt.Sprint(i, strings.Repeat("y", 98)))
	}
	ix, err := Scan(t.Context(), dir, Options{MaxMemory: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if st := ix.Stats(); st.Files != 20 || st.Bytes > 1000 || st.Held == 0 {
		t.Errorf("%+v", st)
	}
	for e := range ix.All() {
		if e.Held {
			continue
		}
		now, err := ix.Read(e)
		if err != nil || !strings.HasPrefix(now.Text, e.Rel[1:]) {
			t.Errorf("%s: %v %v", e.Rel, now, err)
		}
	}
}

// TestOddFiles: a scan takes what it can read and counts the rest.
func TestOddFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "ok.txt", "fine")
	write(t, dir, "empty", "")
	write(t, dir, "bin", strings.Repeat("x", sniffLen-1)+"\x00")
	write(t, dir, "late-nul", strings.Repeat("x", sniffLen)+"\x00")
	write(t, dir, "large", strings.Repeat("l", 20000))
	write(t, dir, "large-bin", "\x00"+strings.Repeat("l", 20000))
	write(t, dir, "noread/f", "x")
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.Symlink("loop", filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	opts := Options{MaxFile: 10000}
	ix, err := Scan(t.Context(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"empty", "late-nul", "loop", "noread/f", "ok.txt"}
	if diff := cmp.Diff(want, list(ix)); diff != "" {
		t.Error(diff)
	}
	if st := ix.Stats(); st.Skipped != 2 || st.Binary != 2 || st.Large != 1 || st.Held != 4 {
		t.Errorf("%+v", st)
	}
	if e, _ := ix.Get("large"); e.Kind != Large || e.Held || e.Size != 20000 {
		t.Errorf("%+v", e)
	}
	if _, err := ix.Read(&Entry{Rel: "fifo"}); !errors.Is(err, ErrGone) {
		t.Errorf("reading a FIFO: %v", err)
	}
	if _, err := Scan(t.Context(), filepath.Join(dir, "ok.txt"), opts); err == nil {
		t.Error("a file was scanned as a folder")
	}
	if _, err := Scan(t.Context(), filepath.Join(dir, "none"), opts); err == nil {
		t.Error("nothing was scanned as a folder")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Scan(ctx, dir, opts); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, rel := range []string{"fifo", "socket", "loop/x", "ok.txt/x", "none/x"} {
		if next, err := ix.Refresh(t.Context(), []string{rel}); err != nil || next != ix {
			t.Errorf("Refresh(%s): changed or %v", rel, err)
		}
	}
}

func TestHobignoreAndOptions(t *testing.T) {
	isolate(t)
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	for _, f := range []string{"a.txt", "b.log", "gen/x", "sub/gen/x", "sub/b.log", "sub/keep.log", "vendor/v", "secret/k", "x.min.js", "t.o"} {
		write(t, dir, f, "x")
	}
	write(t, dir, ".gitignore", "*.o\n*.txt\n")
	write(t, dir, ".hobignore", "*.log\n/gen\n!a.txt\n")
	write(t, dir, "sub/.hobignore", "!keep.log\n")
	git(t, dir, "add", "-f", "b.log", "t.o", "secret")
	ix, err := Scan(t.Context(), dir, Options{
		Ignore:  []string{"vendor/", "*.min.js", "sub/gen/**", "[malformed"},
		Exclude: func(rel string) bool { return rel == "secret" },
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{".gitignore", ".hobignore", "sub/.hobignore", "sub/keep.log", "t.o"}
	if diff := cmp.Diff(want, list(ix)); diff != "" {
		t.Error(diff)
	}
	for dir, skip := range map[string]bool{"": false, "gen": true, "sub": false, "vendor": true, "secret": true, ".git": true, "gen/deep": true, "sub/new": false} {
		if ix.SkipDir(dir) != skip {
			t.Errorf("SkipDir(%q) is %v", dir, !skip)
		}
	}
}

// TestOutsideRepositories: without a repository the ignore files count all the
// same, and a repository further down has rules of its own.
func TestOutsideRepositories(t *testing.T) {
	isolate(t)
	dir := t.TempDir()
	write(t, dir, ".gitignore", "*.tmp\n")
	write(t, dir, "a.tmp", "x")
	write(t, dir, "a.txt", "x")
	write(t, dir, "repo/b.tmp", "x")
	write(t, dir, "repo/b.o", "x")
	write(t, dir, "repo/c.o", "x")
	write(t, dir, "repo/.gitignore", "*.o\n")
	git(t, filepath.Join(dir, "repo"), "init", "-q")
	git(t, filepath.Join(dir, "repo"), "add", "-f", "c.o")
	want := []string{".gitignore", "a.txt", "repo/.gitignore", "repo/b.tmp", "repo/c.o"}
	if diff := cmp.Diff(want, list(scanDir(t, dir))); diff != "" {
		t.Error(diff)
	}
	// A folder that its repository ignores can be opened on its own.
	write(t, dir, "repo/out.o/x.o", "x")
	write(t, dir, "repo/out.o/y", "x")
	if diff := cmp.Diff([]string{"x.o", "y"}, list(scanDir(t, filepath.Join(dir, "repo", "out.o")))); diff != "" {
		t.Error(diff)
	}
}

func TestRefresh(t *testing.T) {
	isolate(t)
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	write(t, dir, ".gitignore", "*.o\nbuild/\n")
	write(t, dir, "a/b", "1")
	write(t, dir, "a/c/d", "1")
	write(t, dir, "build/kept", "1")
	git(t, dir, "add", "-f", "build/kept")
	ix := scanDir(t, dir)
	refresh := func(rels ...string) {
		t.Helper()
		next, err := ix.Refresh(t.Context(), rels)
		if err != nil {
			t.Fatal(err)
		}
		ix = next
	}
	same := func() {
		t.Helper()
		fresh := scanDir(t, dir)
		if diff := cmp.Diff(list(fresh), list(ix)); diff != "" {
			t.Error(diff)
		}
		for e := range fresh.All() {
			if got, _ := ix.Get(e.Rel); got == nil || got.Text != e.Text {
				t.Errorf("%s is %v, want %q", e.Rel, got, e.Text)
			}
		}
	}
	old := ix
	write(t, dir, "a/b", "22")
	write(t, dir, "a/x.o", "ignored")
	write(t, dir, "new/deep/file", "n")
	write(t, dir, "build/kept", "2")
	write(t, dir, "build/other", "2")
	refresh("a/b", "a/x.o", "new", "new/deep", "build/kept", "build/other", ".git/index")
	same()
	if e, _ := old.Get("a/b"); e.Text != "1" {
		t.Error("an older index changed")
	}
	if next, err := ix.Refresh(t.Context(), []string{"a/b", "a", "new/deep/file"}); err != nil || next != ix {
		t.Errorf("nothing changed, but the index did: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "a", "now a file")
	refresh("a/b", "a", "a/c/d")
	same()
	for _, rel := range []string{".gitignore", "x/.hobignore", "sub/.git", ""} {
		if _, err := ix.Refresh(t.Context(), []string{rel}); !errors.Is(err, ErrRules) {
			t.Errorf("Refresh(%q): %v", rel, err)
		}
	}
	write(t, dir, "fresh/.gitignore", "*\n")
	if _, err := ix.Refresh(t.Context(), []string{"fresh"}); !errors.Is(err, ErrRules) {
		t.Errorf("a folder with rules of its own: %v", err)
	}
	next, err := ix.Rescan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ix = next
	same()
}

// TestRefreshFileBecomesFolder: below a folder that is looked at, a file made room
// for a folder of its name.
func TestRefreshFileBecomesFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a/b", "a file")
	write(t, dir, "a/c/d", "in a folder")
	ix := scanDir(t, dir)
	for _, rel := range []string{"a/b", "a/c"} {
		if err := os.RemoveAll(filepath.Join(dir, rel)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "a/b/x/y", "now in a folder")
	write(t, dir, "a/c", "now a file")
	for _, rels := range [][]string{{"a"}, {"a", "a/b", "a/b/x/y", "a/c", "a/c/d"}, {"a/b/x/y", "a/c"}} {
		next, err := ix.Refresh(t.Context(), rels)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a/b/x/y", "a/c"}, list(next)); diff != "" {
			t.Errorf("%q: %s", rels, diff)
		}
	}
}
