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
	case <-time.After(time.Minute):
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
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("not within a minute: %s", what)
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

// TestDocumentHandle: a handle is the state it was taken from, whatever comes
// after, and its File is the one that the snapshot gives.
func TestDocumentHandle(t *testing.T) {
	w := open(t, Options{Exclude: []string{".env"}})
	doc := "/x/y.txt"
	apply(t, w, Change{Kind: DocOpen, Path: doc, Version: 1, Text: "one\ntwo\n"}, Change{Kind: DocOpen, Path: "/x/.env", Text: "SECRET=1"})
	s := w.Snapshot()
	d, ok := s.Document(doc)
	if !ok {
		t.Fatal("no document")
	}
	apply(t, w, Change{Kind: DocEdit, Path: doc, Version: 2, Edits: []text.RangeEdit{typed(0, 0, 3, "ONE")}})
	apply(t, w, Change{Kind: DocClose, Path: doc})
	f, err := s.File(doc)
	if err != nil || d.File() != f || f.Text != "one\ntwo\n" || d.Version() != 1 {
		t.Errorf("%v, %+v", err, f)
	}
	if _, ok := w.Snapshot().Document(doc); ok {
		t.Error("a closed document is still there")
	}
	if _, ok := s.Document("/x/.env"); ok {
		t.Error("an excluded document is handed out")
	}
}
