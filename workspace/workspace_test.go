package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hob-ls/hob/workspace/text"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open makes a workspace over roots and waits for the first scan.
func open(tb testing.TB, opts Options, roots ...string) *Workspace {
	tb.Helper()
	w := New(context.Background(), opts)
	tb.Cleanup(func() {
		if err := w.Close(); err != nil {
			tb.Error(err)
		}
	})
	for _, dir := range roots {
		apply(tb, w, Change{Kind: RootAdd, Path: dir})
	}
	select {
	case <-w.Ready():
	case <-time.After(30 * time.Second):
		tb.Fatal("the first scan takes too long")
	}
	return w
}

func apply(tb testing.TB, w *Workspace, changes ...Change) {
	tb.Helper()
	if err := w.Apply(changes...); err != nil {
		tb.Fatal(err)
	}
}

func put(tb testing.TB, path, content string) string {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

// tempDir is a temporary folder without links in its name.
func tempDir(tb testing.TB) string {
	tb.Helper()
	dir, err := filepath.EvalSymlinks(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	return dir
}

func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("not within 20 s: %s", what)
		}
	}
}

func typed(line, from, to uint32, s string) text.RangeEdit {
	return text.RangeEdit{Start: text.Position{Line: line, Character: from}, End: text.Position{Line: line, Character: to}, New: s}
}

func content(tb testing.TB, s *Snapshot, path string) string {
	tb.Helper()
	f, err := s.File(path)
	if err != nil {
		tb.Fatal(err)
	}
	return f.Text
}

func TestDocuments(t *testing.T) {
	dir := tempDir(t)
	a := put(t, filepath.Join(dir, "sub", "a.go"), "package disk\n")
	w := open(t, Options{NoWatch: true}, dir)

	f, err := w.Snapshot().File(a)
	if err != nil {
		t.Fatal(err)
	}
	if f.Text != "package disk\n" || f.Open || !f.OnDisk || f.Language != "go" || f.Root != dir || f.Rel() != "sub/a.go" {
		t.Errorf("on disk: %+v", f)
	}
	if again, _ := w.Snapshot().File(a); again != f {
		t.Error("a second look at the same file made another File")
	}

	before := w.Snapshot()
	apply(t, w, Change{Kind: DocOpen, Path: a, Version: 3, Language: "golang", Text: "one\ntwo\n"})
	s := w.Snapshot()
	if s.Seq() <= before.Seq() {
		t.Error("Seq did not grow")
	}
	if got := content(t, before, a); got != "package disk\n" {
		t.Errorf("an older snapshot changed to %q", got)
	}
	f, _ = s.File(a)
	if f.Text != "one\ntwo\n" || !f.Open || !f.OnDisk || f.Version != 3 || f.Language != "golang" || f.Root != dir {
		t.Errorf("open: %+v", f)
	}
	apply(t, w, Change{Kind: DocEdit, Path: a, Version: 4, Edits: []text.RangeEdit{typed(1, 0, 3, "2"), typed(0, 0, 0, "🙂 ")}},
		Change{Kind: DocEdit, Path: a, Version: 5, Edits: []text.RangeEdit{typed(0, 3, 4, "O")}})
	if got := content(t, w.Snapshot(), a); got != "🙂 One\n2\n" {
		t.Errorf("after edits: %q", got)
	}
	if got := content(t, s, a); got != "one\ntwo\n" {
		t.Errorf("an older snapshot changed to %q", got)
	}
	if got := w.Snapshot().Dir(filepath.Join(dir, "sub")); !slices.Equal(got, []string{a}) {
		t.Errorf("Dir: %q", got)
	}
	apply(t, w, Change{Kind: DocClose, Path: a})
	if got := content(t, w.Snapshot(), a); got != "package disk\n" {
		t.Errorf("after close: %q", got)
	}
}

func TestDocumentErrors(t *testing.T) {
	var logged bytes.Buffer
	w := open(t, Options{Log: slog.New(slog.NewTextHandler(&logged, nil))})
	doc := "/x/y.txt"
	for _, kind := range []ChangeKind{DocEdit, DocClose} {
		if err := w.Apply(Change{Kind: kind, Path: doc}); !errors.Is(err, ErrNotOpen) {
			t.Errorf("kind %d on a closed document: %v", kind, err)
		}
	}
	apply(t, w, Change{Kind: DocOpen, Path: doc, Version: 2, Text: "a\nb\n"})
	was := w.Snapshot()
	err := w.Apply(Change{Kind: DocEdit, Path: doc, Version: 3, Edits: []text.RangeEdit{typed(0, 0, 1, "X"), typed(99, 0, 0, "Y")}})
	if !errors.Is(err, text.ErrRange) {
		t.Errorf("a line outside: %v", err)
	}
	if f, _ := w.Snapshot().File(doc); f.Text != "a\nb\n" || f.Version != 2 {
		t.Errorf("a failed edit left %+v", f)
	}
	if w.Snapshot() != was {
		t.Error("a failed edit published a snapshot")
	}
	apply(t, w, Change{Kind: DocEdit, Path: doc, Version: 1, Edits: []text.RangeEdit{typed(0, 0, 1, "old")}})
	if got := content(t, w.Snapshot(), doc); got != "a\nb\n" {
		t.Errorf("an edit of an older version was applied: %q", got)
	}
	if !strings.Contains(logged.String(), "older version is ignored") {
		t.Errorf("the ignored edit was not logged: %s", &logged)
	}
	// One bad change does not keep the others away.
	err = w.Apply(Change{Kind: DocClose, Path: "/nope"}, Change{Kind: DocEdit, Path: doc, Version: 4, Edits: []text.RangeEdit{{Whole: true, New: "all"}}})
	if !errors.Is(err, ErrNotOpen) || content(t, w.Snapshot(), doc) != "all" {
		t.Errorf("%v, %q", err, content(t, w.Snapshot(), doc))
	}
	apply(t, w, Change{Kind: DocOpen, Path: doc, Version: 1, Text: "again"})
	if f, _ := w.Snapshot().File(doc); f.Text != "again" || f.Version != 1 || f.Language != "plaintext" && f.Language != "" {
		t.Errorf("opened again: %+v", f)
	}
	for _, c := range []Change{{Kind: 99, Path: doc}, {Kind: DocOpen}, {Kind: RootAdd, Path: "rel"}, {Kind: RootRemove, Path: "/none"}} {
		if w.Apply(c) == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}

func TestOnDiskOfUnlistedDocuments(t *testing.T) {
	dir, other := tempDir(t), tempDir(t)
	put(t, filepath.Join(dir, ".gitignore"), "build\n")
	ignored := put(t, filepath.Join(dir, "build", "x.go"), "x")
	outside := put(t, filepath.Join(other, "y.go"), "y")
	fresh := filepath.Join(dir, "new.go")
	w := open(t, Options{}, dir)
	for _, p := range []string{ignored, outside, fresh} {
		apply(t, w, Change{Kind: DocOpen, Path: p, Text: "t", Language: "go"})
	}
	is := func(p string) bool { f, err := w.Snapshot().File(p); return err == nil && f.OnDisk && f.Open }
	eventually(t, "ignored file known to be on disk", func() bool { return is(ignored) && is(outside) })
	if is(fresh) {
		t.Error("a new document counts as on disk")
	}
	if got, want := slices.Collect(w.Snapshot().Paths()), []string{filepath.Join(dir, ".gitignore"), ignored, fresh, outside}; len(got) != 4 || !slices.IsSorted(got) || !slices.Contains(got, want[1]) {
		t.Errorf("Paths: %q", got)
	}
	put(t, fresh, "saved")
	eventually(t, "saved document on disk", func() bool { return is(fresh) })
	if got := content(t, w.Snapshot(), fresh); got != "t" {
		t.Errorf("the disk won over the open document: %q", got)
	}
	if f, err := w.Snapshot().File(outside); err != nil || f.Root != "" || f.Rel() != "y.go" {
		t.Errorf("outside: %+v %v", f, err)
	}
	apply(t, w, Change{Kind: DocClose, Path: outside})
	if _, err := w.Snapshot().File(outside); !errors.Is(err, ErrOutside) {
		t.Errorf("closed document outside: %v", err)
	}
}

func TestSince(t *testing.T) {
	dir := tempDir(t)
	path := put(t, filepath.Join(dir, "a.txt"), "disk\n")
	w := open(t, Options{NoWatch: true}, dir)
	var states []*File
	note := func() {
		f, err := w.Snapshot().File(path)
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, f)
	}
	check := func() {
		t.Helper()
		now := content(t, w.Snapshot(), path)
		for i, f := range states {
			edits, err := w.Snapshot().Since(f)
			if err != nil {
				t.Fatal(err)
			}
			got := f.Text
			for _, e := range edits {
				if got, err = text.Apply(got, []text.Edit{e}); err != nil {
					t.Fatalf("state %d: %v", i, err)
				}
			}
			if got != now {
				t.Fatalf("state %d leads to %q, want %q", i, got, now)
			}
		}
	}
	note()
	apply(t, w, Change{Kind: DocOpen, Path: path, Version: 1, Text: "abc\ndef\n"})
	note()
	for i := range 3 * maxHistory {
		e := typed(uint32(i%2), 0, uint32(i%2), fmt.Sprint(i%10))
		if i%97 == 0 {
			e = typed(0, 1, 1, "\n")
		}
		if i == maxHistory {
			e = text.RangeEdit{Whole: true, New: "fresh\nstart\n"}
		}
		apply(t, w, Change{Kind: DocEdit, Path: path, Version: int32(i + 2), Edits: []text.RangeEdit{e}})
		if i%1000 == 0 || i > 3*maxHistory-3 {
			note()
		}
	}
	check()
	last := states[len(states)-2]
	if edits, _ := w.Snapshot().Since(last); len(edits) != 1 || edits[0].New == "" {
		t.Errorf("one keystroke since, but %+v", edits)
	}
	old := w.Snapshot()
	apply(t, w, Change{Kind: DocEdit, Path: path, Version: 1 << 30, Edits: []text.RangeEdit{typed(0, 0, 0, "later")}})
	if edits, err := old.Since(states[len(states)-1]); err != nil || len(edits) != 0 {
		t.Errorf("a later edit shows in an older snapshot: %+v %v", edits, err)
	}
	// Beyond the bound in bytes.
	apply(t, w, Change{Kind: DocEdit, Path: path, Version: 1<<30 + 1, Edits: []text.RangeEdit{{Whole: true, New: strings.Repeat("x\n", maxHistoryBytes)}}})
	apply(t, w, Change{Kind: DocEdit, Path: path, Version: 1<<30 + 2, Edits: []text.RangeEdit{{Whole: true, New: "small\n"}}})
	check()
	note()
	apply(t, w, Change{Kind: DocClose, Path: path})
	check()
	apply(t, w, Change{Kind: DocOpen, Path: path, Version: 1, Text: "reopened"})
	check()
	apply(t, w, Change{Kind: RootRemove, Path: dir}, Change{Kind: DocClose, Path: path})
	if _, err := w.Snapshot().Since(states[0]); !errors.Is(err, ErrOutside) {
		t.Errorf("gone: %v", err)
	}
}

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
	want := []string{".gitignore", "dangling", "dir-link", "env-link", "good-link", "large.txt", "latin1.txt", "loop", "ok.txt", "out-link"}
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

func TestCloseEndsEverything(t *testing.T) {
	dir := tempDir(t)
	for i := range 200 {
		put(t, filepath.Join(dir, fmt.Sprint(i%10), fmt.Sprint(i)), "x")
	}
	for i := range 20 {
		ctx, cancel := context.WithCancel(context.Background())
		w := New(ctx, Options{})
		apply(t, w, Change{Kind: RootAdd, Path: dir}, Change{Kind: DocOpen, Path: filepath.Join(dir, "none")})
		if i%2 == 0 {
			<-w.Ready()
		}
		if i%3 == 0 {
			cancel() // instead of Close: Ready must come true all the same
			<-w.Ready()
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if w.Apply(Change{Kind: RootAdd, Path: dir}) == nil {
			t.Error("a closed workspace takes changes")
		}
		cancel()
	}
}

// TestReaders: snapshots may be read by anyone while everything changes.
func TestReaders(t *testing.T) {
	dir := tempDir(t)
	doc := put(t, filepath.Join(dir, "doc.go"), "package p\n")
	w := open(t, Options{}, dir)
	apply(t, w, Change{Kind: DocOpen, Path: doc, Version: 1, Text: "a\nb\nc\n"})
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var first *File
			for {
				select {
				case <-stop:
					return
				default:
				}
				s := w.Snapshot()
				f, err := s.File(doc)
				if err != nil {
					t.Error(err)
					return
				}
				if first == nil {
					first = f
				}
				edits, err := s.Since(first)
				if err != nil {
					t.Error(err)
					return
				}
				got := first.Text
				for _, e := range edits {
					if got, err = text.Apply(got, []text.Edit{e}); err != nil {
						t.Error(err)
						return
					}
				}
				if got != f.Text {
					t.Errorf("Since leads to %q, want %q", got, f.Text)
					return
				}
				_ = f.Lines().Lines()
				for p := range s.Paths() {
					if f, err := s.File(p); err == nil {
						_, _ = f.Lines(), s.Dir(filepath.Dir(p))
					}
				}
			}
		})
	}
	for i := range 300 {
		apply(t, w, Change{Kind: DocEdit, Path: doc, Version: int32(i + 2), Edits: []text.RangeEdit{typed(1, 0, uint32(i%2), fmt.Sprint(i%7))}})
		p := filepath.Join(dir, fmt.Sprint("d", i%5), fmt.Sprint("f", i%17))
		if i%3 == 2 {
			_ = os.RemoveAll(filepath.Dir(p)) // may be gone
		} else {
			put(t, p, fmt.Sprint(i))
		}
	}
	close(stop)
	wg.Wait()
}
