package workspace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hob-ls/hob/workspace/syntax"
)

func TestFit(t *testing.T) {
	for _, tt := range []struct {
		query, name string
		want        Fit // 0: does not fit
	}{
		{"NewSnapshot", "NewSnapshot", FitExact},
		{"newsnapshot", "NewSnapshot", FitExactFold},
		{"New", "NewSnapshot", FitPrefix},
		{"new", "NewSnapshot", FitPrefixFold},
		{"nsnap", "NewSnapshot", FitHumps},
		{"NS", "NewSnapshot", FitHumps},
		{"nwSnap", "NewSnapshot", FitSubsequence},
		{"nesh", "NewSnapshot", FitSubsequence},
		{"NWS", "NewSnapshot", 0},         // a capital of the query is one of the name
		{"snap", "NewSnapshot", FitHumps}, // from the start of a word
		{"apsh", "NewSnapshot", FitInside},
		{"hs", "HTTPServer", FitHumps},
		{"httpsrv", "HTTPServer", FitSubsequence},
		{"fbb", "foo_bar_baz", FitHumps},
		{"fbaz", "foo_bar_baz", FitHumps},
		{"fobaba", "foo_bar_baz", FitHumps},
		{"foobar", "foo_bar_baz", FitHumps},
		{"x9", "x_9", FitHumps},
		{"snapshotnew", "NewSnapshot", 0},
		{"longer", "long", 0},
		{"", "anything", FitPrefix},
		{"größe", "Größe", FitExactFold},
		{"z", strings.Repeat("a", 70) + "z", FitInside}, // beyond what humps look at
		{"az", strings.Repeat("ab", 40) + "z", FitSubsequence},
	} {
		q := parseQuery(tt.query)
		got, _ := q.match(tt.name)
		if q.letters&^lettersOf(tt.name) != 0 {
			if got != 0 {
				t.Errorf("%q would never be asked about %q, which fits", tt.query, tt.name)
			}
		}
		if got != tt.want {
			t.Errorf("%q fits %q as %d, want %d", tt.query, tt.name, got, tt.want)
		}
	}
}

func FuzzFit(f *testing.F) {
	f.Add("nwSnap", "NewWorkspaceSnapshot")
	f.Add("f_b", "foo_bar")
	f.Fuzz(func(t *testing.T, query, name string) {
		q := parseQuery(query)
		m, cost := q.match(name)
		if m != 0 && (q.letters&^lettersOf(name) != 0 || cost < 0) {
			t.Fatalf("%q fits %q as %d at %d, but the letters say no", query, name, m, cost)
		}
		whole := parseQuery(name)
		if whole.outer != "" || whole.text != name || name == "" {
			return
		}
		if m, _ := whole.match(name); m != FitExact {
			t.Fatalf("%q does not fit itself: %d", name, m)
		}
	})
}

func namesOf(dir string, list []Name) string {
	var b strings.Builder
	for _, n := range list {
		fmt.Fprintf(&b, "%s:%d %s %s", rel(dir, n.Path), n.Line+1, n.Kind, n.Name)
		if n.Container != "" {
			b.WriteString(" in " + n.Container)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func checkNames(t *testing.T, s *Snapshot, dir, query string, limit int, want string) {
	t.Helper()
	list, err := s.Names(t.Context(), query, limit)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, namesOf(dir, list)); d != "" {
		t.Errorf("%q (-want +got)\n%s", query, d)
	}
	for _, n := range list {
		f, err := s.File(n.Path)
		if err != nil || f.Text[n.Ident.Start:n.Ident.End] != n.Name || f.Lines().Line(n.Ident.Start) != n.Line {
			t.Errorf("%+v is not there: %v", n, err)
		}
	}
}

func TestNames(t *testing.T) {
	dir := tempDir(t)
	put(t, filepath.Join(dir, "store/store.go"), "package store\n\ntype Store[T any] struct{}\n\n// Get.\nfunc (s *Store[T]) Get() {}\n\nfunc GetAll() {}\n")
	put(t, filepath.Join(dir, "web/get.ts"), "export class Client {\r\n  get() {}\r\n}\r\nexport const getClient = () => 1\r\n")
	put(t, filepath.Join(dir, "tool/get.py"), "class Tool:\n    def get_all(self):\n        pass\n")
	put(t, filepath.Join(dir, "notes.md"), "# Get\n")
	w := open(t, Options{NoWatch: true}, dir)
	s := w.Snapshot()
	checkNames(t, s, dir, "get", 0, "web/get.ts:2 method get in Client\nstore/store.go:6 method Get in Store\n"+
		"tool/get.py:2 method get_all in Tool\nweb/get.ts:4 function getClient\nstore/store.go:8 function GetAll\n")
	checkNames(t, s, dir, "get", 2, "web/get.ts:2 method get in Client\nstore/store.go:6 method Get in Store\n")
	checkNames(t, s, dir, "Store.Get", 0, "store/store.go:6 method Get in Store\nstore/store.go:8 function GetAll\n")
	checkNames(t, s, dir, "Client::ge", 0, "web/get.ts:2 method get in Client\n")
	checkNames(t, s, dir, "gA", 0, "store/store.go:8 function GetAll\n")
	checkNames(t, s, dir, "nothing", 0, "")

	// Unsaved text counts, on disk unchanged files do not.
	path := filepath.Join(dir, "store/store.go")
	apply(t, w, Change{Kind: DocOpen, Path: path, Version: 1, Text: "package store\n\nfunc Gotten() {}\n"})
	checkNames(t, w.Snapshot(), dir, "got", 0, "store/store.go:3 function Gotten\n")
	checkNames(t, w.Snapshot(), dir, "Store.Got", 0, "store/store.go:3 function Gotten\n")
	checkNames(t, s, dir, "got", 0, "") // the old snapshot is what it was
	apply(t, w, Change{Kind: DocClose, Path: path})
	checkNames(t, w.Snapshot(), dir, "got", 0, "")

	// The disk changes: files that come, change and go.
	put(t, path, "package store\n\nfunc Late() {}\n")
	put(t, filepath.Join(dir, "a.go"), "package a\n\nfunc LateA() {}\n")
	if err := os.Remove(filepath.Join(dir, "web/get.ts")); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, filepath.Join(dir, "a.go"), filepath.Join(dir, "web/get.ts")} {
		apply(t, w, Change{Kind: DiskChanged, Path: p})
	}
	eventually(t, "the changes are seen", func() bool {
		s := w.Snapshot()
		f, err := s.File(path)
		return err == nil && strings.Contains(f.Text, "Late") && s.Has(filepath.Join(dir, "a.go")) && !s.Has(filepath.Join(dir, "web/get.ts"))
	})
	checkNames(t, w.Snapshot(), dir, "late", 0, "store/store.go:3 function Late\na.go:3 function LateA\n")
	checkNames(t, w.Snapshot(), dir, "client", 0, "")
	checkNames(t, s, dir, "client", 0, "web/get.ts:1 class Client\nweb/get.ts:4 function getClient\n")
}

// TestNamesNotHeld: contents that left the memory are read once, not for each query.
func TestNamesNotHeld(t *testing.T) {
	dir := tempDir(t)
	put(t, filepath.Join(dir, "a.go"), "package a\n\nfunc Alpha() {}\n")
	put(t, filepath.Join(dir, "b.go"), "package a\n\nfunc Beta() { Alpha() }\n")
	s := open(t, Options{NoWatch: true, MaxMemory: 1}, dir).Snapshot()
	checkNames(t, s, dir, "alph", 0, "a.go:3 function Alpha\n")
	if err := os.Remove(filepath.Join(dir, "a.go")); err != nil {
		t.Fatal(err)
	}
	list, err := s.Names(t.Context(), "alph", 0)
	if err != nil || len(list) != 1 {
		t.Errorf("got %v, %v: the name was known", list, err)
	}
	refs, err := s.References(t.Context(), "Alpha", "go", 0)
	if err != nil || len(refs) != 1 || filepath.Base(refs[0].Path) != "b.go" {
		t.Errorf("got %v, %v, want the use in the file that is still there", refs, err)
	}
}

// TestNamesNestedRoots: a file in two roots is there once.
func TestNamesNestedRoots(t *testing.T) {
	dir := tempDir(t)
	inner := filepath.Join(dir, "inner")
	put(t, filepath.Join(inner, "a.go"), "package a\n\nfunc Alpha() {}\n")
	put(t, filepath.Join(dir, "b.go"), "package b\n\nfunc AlphaB() {}\n")
	w := open(t, Options{NoWatch: true, Exclude: []string{"secret.go"}}, dir, inner)
	put(t, filepath.Join(dir, "secret.go"), "package b\n\nfunc AlphaSecret() {}\n")
	apply(t, w, Change{Kind: DocOpen, Path: filepath.Join(dir, "secret.go"), Version: 1, Text: "package b\n\nfunc AlphaSecret() {}\n"})
	checkNames(t, w.Snapshot(), dir, "alpha", 0, "inner/a.go:3 function Alpha\nb.go:3 function AlphaB\n")
	apply(t, w, Change{Kind: RootRemove, Path: dir})
	checkNames(t, w.Snapshot(), dir, "alpha", 0, "inner/a.go:3 function Alpha\n")
}

func TestReferences(t *testing.T) {
	dir := tempDir(t)
	put(t, filepath.Join(dir, "a.go"), "package a\n\n// Run runs.\nfunc Run() { Runner(\"Run\") }\n\nvar x, y = Run, a.Run\n")
	put(t, filepath.Join(dir, "b.go"), "package a\n\nfunc f() { Run() }\nvar s = \"open\n")
	put(t, filepath.Join(dir, "c.py"), "def Run(): pass\n")
	put(t, filepath.Join(dir, "d.txt"), "Run it\n")
	put(t, filepath.Join(dir, "e.ts"), "import { Run } from './run'\n")
	put(t, filepath.Join(dir, "f.jsx"), "Run()\n")
	w := open(t, Options{NoWatch: true}, dir)
	apply(t, w, Change{Kind: DocOpen, Path: filepath.Join(dir, "new.go"), Version: 1, Text: "package a\n\ntype T struct{ Run int }\n"})
	s := w.Snapshot()
	jsxSure := syntax.Problems("javascriptreact", "<a>'</a>") == 0 // a grammar is there to tell
	for _, tt := range []struct {
		language string
		limit    int
		want     string
	}{
		{"go", 0, "a.go:4 declaration\na.go:6 use\na.go:6 use\nb.go:3 use?\nnew.go:3 use\n"},
		{"go", 2, "a.go:4 declaration\na.go:6 use\n"},
		{"python", 0, "c.py:1 declaration\n"},
		{"javascript", 0, "e.ts:1 use\nf.jsx:1 use" + map[bool]string{false: "?"}[jsxSure] + "\n"},
		{"", 0, "a.go:4 declaration\na.go:6 use\na.go:6 use\nb.go:3 use?\nc.py:1 declaration\nd.txt:1 use?\ne.ts:1 use\nf.jsx:1 use" +
			map[bool]string{false: "?"}[jsxSure] + "\nnew.go:3 use\n"},
	} {
		refs, err := s.References(t.Context(), "Run", tt.language, tt.limit)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, r := range refs {
			kind := map[bool]string{true: "declaration", false: "use"}[r.Declaration] + map[bool]string{false: "?"}[r.Sure]
			fmt.Fprintf(&b, "%s:%d %s\n", rel(dir, r.Path), r.Line+1, kind)
		}
		if d := cmp.Diff(tt.want, b.String()); d != "" {
			t.Errorf("%q limit %d (-want +got)\n%s", tt.language, tt.limit, d)
		}
	}
}

// TestNamesCancelled: an end in the middle of the first look leaves what was
// learned, and the next call finds everything.
func TestNamesCancelled(t *testing.T) {
	dir := tempDir(t)
	for i := range 300 {
		put(t, filepath.Join(dir, fmt.Sprintf("f%d.go", i)), fmt.Sprintf("package a\n\nimport \"x/y\"\n\nfunc Name%d() { Other() }\n", i))
	}
	s := open(t, Options{NoWatch: true}, dir).Snapshot()
	f, err := s.File(filepath.Join(dir, "f1.go"))
	if err != nil {
		t.Fatal(err)
	}
	cut := 0
	for after := range 40 {
		for name, call := range map[string]func(context.Context) (int, error){
			"names": func(ctx context.Context) (int, error) { l, err := s.Names(ctx, "name", 0); return len(l), err },
			"references": func(ctx context.Context) (int, error) {
				l, err := s.References(ctx, "Other", "go", 0)
				return len(l), err
			},
			"related": func(ctx context.Context) (int, error) { l, err := s.Related(ctx, f, 0); return len(l) + 1, err },
		} {
			n, err := call(&countdown{Context: t.Context(), left: int64(after)})
			switch {
			case errors.Is(err, context.Canceled):
				cut++
			case err != nil || n != 300:
				t.Errorf("%s after %d looks at the context: %d found, %v", name, after, n, err)
			}
		}
	}
	if cut < 30 {
		t.Errorf("only %d calls were cut short", cut)
	}
	if list, err := s.Names(t.Context(), "name", 0); err != nil || len(list) != 300 {
		t.Errorf("got %d names, %v", len(list), err)
	}
}

// TestNamesInBackground: who does not wait for the first look finds it done later, and
// who asks after the end is told so.
func TestNamesInBackground(t *testing.T) {
	dir := tempDir(t)
	const files = 3 * 256
	for i := range files {
		put(t, filepath.Join(dir, fmt.Sprintf("f%d.go", i)), fmt.Sprintf("package a\n\nfunc Name%d() {}\n", i))
	}
	w := open(t, Options{NoWatch: true}, dir)
	s := w.Snapshot()
	ctx, cancel := context.WithCancel(t.Context())
	var once sync.Once
	stop := &calling{Context: ctx, done: func() { once.Do(cancel) }}
	if _, err := s.Names(stop, "name", 0); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v from a call that was cut short while it waited", err)
	}
	c := &s.env.catalog
	eventually(t, "all names are known though nobody waits", func() bool {
		if err := c.enter(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		defer c.leave()
		return len(c.unnamed(s)) == 0
	})
	if l, err := s.Names(t.Context(), "name", 0); err != nil || len(l) != files {
		t.Errorf("got %d, %v", len(l), err)
	}
	late := open(t, Options{NoWatch: true}, dir)
	s = late.Snapshot()
	if err := late.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Names(t.Context(), "name", 0); !errors.Is(err, errClosed) {
		t.Errorf("after the end: got %v", err)
	}
}

// calling is a context that calls done when somebody begins to wait for its end.
type calling struct {
	context.Context
	done func()
	n    atomic.Int64
}

func (c *calling) Done() <-chan struct{} {
	if c.n.Add(1) > 1 { // the first one is the wait for the turn
		c.done()
	}
	return c.Context.Done()
}

// countdown is a context that ends after it was asked so many times.
type countdown struct {
	context.Context
	left int64
}

func (c *countdown) Err() error {
	if atomic.AddInt64(&c.left, -1) < 0 {
		return context.Canceled
	}
	return nil
}
