package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/workspace/index"
	"github.com/hob-ls/hob/workspace/text"
)

// search is all matches as "rel:line:col", one-based, and the report.
func search(tb testing.TB, s *Snapshot, q Query) (places []string, rep Report) {
	tb.Helper()
	rep, err := s.Search(tb.Context(), q, func(m Hit) error {
		rel := m.Path
		for _, dir := range s.Roots() {
			if r, ok := below(dir, m.Path); ok {
				rel = r
			}
		}
		places = append(places, fmt.Sprintf("%s:%d:%d", rel, m.Line+1, m.Col+1))
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	if len(places) != rep.Matches {
		tb.Fatalf("%d matches given, %d reported", len(places), rep.Matches)
	}
	return places, rep
}

func expectPlaces(tb testing.TB, s *Snapshot, q Query, want ...string) Report {
	tb.Helper()
	got, rep := search(tb, s, q)
	if !slices.Equal(got, want) {
		tb.Errorf("%+v: %q, not %q", q, got, want)
	}
	return rep
}

func TestSearch(t *testing.T) {
	dir := tempDir(t)
	put(t, filepath.Join(dir, "a.go"), "package a\n\nfunc Needle() {}\n// needle\n")
	put(t, filepath.Join(dir, "b", "z.ts"), "needle();needle();")
	put(t, filepath.Join(dir, "b.txt"), "no such thing")
	put(t, filepath.Join(dir, "latin1.txt"), "caf\xe9 needle\r\n\xff needle")
	put(t, filepath.Join(dir, "bin"), "needle\x00needle")
	put(t, filepath.Join(dir, "utf16.txt"), "\xff\xfen\x00e\x00e\x00d\x00l\x00e\x00")
	put(t, filepath.Join(dir, ".gitignore"), "ignored\n")
	put(t, filepath.Join(dir, "ignored"), "needle")
	put(t, filepath.Join(dir, "large.txt"), strings.Repeat("needle\n", 2000))
	put(t, filepath.Join(dir, ".env"), "needle=secret")
	w := open(t, Options{NoWatch: true, MaxFile: 4096, Exclude: []string{".env"}}, dir)
	s := w.Snapshot()
	rep := expectPlaces(t, s, Query{Pattern: "needle"}, "a.go:4:4", "b/z.ts:1:1", "b/z.ts:1:10", "latin1.txt:1:6", "latin1.txt:2:3")
	if rep.Large != 1 || rep.Files != 5 || rep.Cut != CutNone {
		t.Errorf("report %+v", rep)
	}
	expectPlaces(t, s, Query{Pattern: "NEEDLE", Case: CaseInsensitive, Include: []string{"*.go"}}, "a.go:3:6", "a.go:4:4")
	expectPlaces(t, s, Query{Pattern: "Needle", Case: CaseSmart}, "a.go:3:6")
	expectPlaces(t, s, Query{Pattern: `^needle|le\(\);$`, Regexp: true}, "b/z.ts:1:1", "b/z.ts:1:14")
	expectPlaces(t, s, Query{Pattern: "needle", Exclude: []string{"b", "latin*"}}, "a.go:4:4")
	filtered(t, w)
	expectPlaces(t, s, Query{Pattern: `e+dle\b.*;`, Regexp: true}, "b/z.ts:1:2")
	expectPlaces(t, s, Query{Pattern: "needle", Word: true, Max: 3}, "a.go:4:4", "b/z.ts:1:1", "b/z.ts:1:10")
}

// TestSearchDocuments: the texts of the editor are what is searched.
func TestSearchDocuments(t *testing.T) {
	dir := tempDir(t)
	a := put(t, filepath.Join(dir, "a.go"), "needle on disk\n")
	put(t, filepath.Join(dir, "c.go"), "needle\n")
	w := open(t, Options{NoWatch: true, Exclude: []string{"*.pem"}}, dir)
	filtered(t, w)
	unsaved, outside := filepath.Join(dir, "b.go"), filepath.Join(tempDir(t), "x.go")
	apply(t, w,
		Change{Kind: DocOpen, Path: a, Version: 1, Text: "in the editor\n"},
		Change{Kind: DocOpen, Path: unsaved, Version: 1, Text: "\nneedle"},
		Change{Kind: DocOpen, Path: outside, Version: 1, Text: "needle"},
		Change{Kind: DocOpen, Path: filepath.Join(dir, "x.pem"), Version: 1, Text: "needle"})
	places, _ := search(t, w.Snapshot(), Query{Pattern: "needle", Exclude: []string{"x.go"}})
	if want := []string{"b.go:2:1", "c.go:1:1"}; !slices.Equal(places, want) {
		t.Errorf("%q, not %q", places, want)
	}
	if places, _ = search(t, w.Snapshot(), Query{Pattern: "needle", Include: []string{"x.*"}}); len(places) != 1 {
		t.Errorf("outside: %q", places)
	}
	before := w.Snapshot()
	apply(t, w, Change{Kind: DocEdit, Path: a, Version: 2, Edits: []text.RangeEdit{typed(0, 0, 0, "needle ")}})
	expectPlaces(t, w.Snapshot(), Query{Pattern: "needle", Include: []string{"a.go"}}, "a.go:1:1")
	expectPlaces(t, before, Query{Pattern: "needle", Include: []string{"a.go"}})
	apply(t, w, Change{Kind: DocClose, Path: a})
	expectPlaces(t, w.Snapshot(), Query{Pattern: "needle on", Include: []string{"a.go"}}, "a.go:1:1")
}

// TestSearchRoots: every file once, in order, whatever roots it is in.
func TestSearchRoots(t *testing.T) {
	dir, other := tempDir(t), tempDir(t)
	for _, rel := range []string{"a/x", "in/x", "in/deep/x", "z"} {
		put(t, filepath.Join(dir, filepath.FromSlash(rel)), "needle")
	}
	put(t, filepath.Join(other, "x"), "needle")
	w := open(t, Options{NoWatch: true}, other, dir, filepath.Join(dir, "in"))
	s := w.Snapshot()
	var paths []string
	if _, err := s.Search(t.Context(), Query{Pattern: "needle"}, func(m Hit) error {
		paths = append(paths, m.Path)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := slices.Collect(s.Paths()); !slices.Equal(paths, want) || len(want) != 5 {
		t.Errorf("%q, not %q", paths, want)
	}
}

func TestSearchHit(t *testing.T) {
	dir := tempDir(t)
	put(t, filepath.Join(dir, "f"), "one\r\n\r\n😀 é needle x\r\nlast\r\n")
	s := open(t, Options{NoWatch: true}, dir).Snapshot()
	var got []Hit
	if _, err := s.Search(t.Context(), Query{Pattern: "needle", Context: 2}, func(m Hit) error { got = append(got, m); return nil }); err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	m := got[0]
	f, err := s.File(m.Path)
	if err != nil || f.Text[m.Start:m.End] != "needle" {
		t.Fatal(f, err)
	}
	at := f.Lines().Position(m.Start, text.UTF16)
	if int(at.Line) != m.Line || int(at.Character) != m.Col16 || m.EndCol16 != m.Col16+6 || m.Col != 8 || m.EndCol != 14 {
		t.Errorf("%+v, and the line index says %v", m, at)
	}
	if m.Text != "😀 é needle x" || !slices.Equal(m.Before, []string{"one", ""}) || !slices.Equal(m.After, []string{"last"}) {
		t.Errorf("%+v", m)
	}
}

// TestSearchThroughDisk: contents that are not held are read, as they are now.
func TestSearchThroughDisk(t *testing.T) {
	dir := tempDir(t)
	for i := range 8 {
		put(t, filepath.Join(dir, fmt.Sprint("f", i)), fmt.Sprintf("text %d with needle\n", i))
	}
	s := open(t, Options{NoWatch: true, MaxMemory: 1}, dir).Snapshot()
	places, rep := search(t, s, Query{Pattern: "needle"})
	if len(places) != 8 || rep.Files != 8 {
		t.Fatalf("%q %+v", places, rep)
	}
	held := 0
	for e := range s.roots[0].ix.All() {
		if e.Held {
			held++
		}
	}
	if err := os.Remove(filepath.Join(dir, "f1")); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "f2"), "binary\x00needle")
	put(t, filepath.Join(dir, "f3"), strings.Repeat("x", 1<<20+1))
	places, rep = search(t, s, Query{Pattern: "needle"})
	if held == 0 && (len(places) != 5 || rep.Unread != 2 || rep.Large != 1) {
		t.Errorf("%q %+v", places, rep)
	}
}

func TestSearchLimits(t *testing.T) {
	dir := tempDir(t)
	for i := range 300 {
		put(t, filepath.Join(dir, fmt.Sprintf("f%03d", i)), strings.Repeat("needle in line\n", 10))
	}
	s := open(t, Options{NoWatch: true}, dir).Snapshot()
	for _, c := range []struct {
		q        Query
		n, clips int
		cut      Cut
		last     string
	}{
		{Query{Pattern: "needle"}, 3000, 0, CutNone, "f299:10:1"},
		{Query{Pattern: "needle", Max: 3000}, 3000, 0, CutNone, "f299:10:1"},
		{Query{Pattern: "needle", Max: 2999}, 2999, 0, CutLimit, "f299:9:1"},
		{Query{Pattern: "needle", Max: 7}, 7, 0, CutLimit, "f000:7:1"},
		{Query{Pattern: "needle", MaxPerFile: 3}, 900, 300, CutNone, "f299:3:1"},
		{Query{Pattern: "needle", MaxPerFile: 10}, 3000, 0, CutNone, "f299:10:1"},
		{Query{Pattern: "e", MaxPerFile: 2, Max: 599}, 599, -1, CutLimit, "f299:1:2"},
	} {
		for _, re := range []bool{false, true} {
			c.q.Regexp = re
			if re {
				c.q.Pattern += "(?:)"
			}
			places, rep := search(t, s, c.q)
			if len(places) != c.n || c.clips >= 0 && rep.Clipped != c.clips || rep.Cut != c.cut || places[len(places)-1] != c.last {
				t.Errorf("%+v: %d, last %s, %+v", c.q, len(places), places[len(places)-1], rep)
			}
		}
	}
}

func TestSearchEnds(t *testing.T) {
	dir := tempDir(t)
	for i := range 200 {
		put(t, filepath.Join(dir, fmt.Sprintf("f%03d", i)), strings.Repeat("aaaaaaaaab\n", 2000))
	}
	r := rand.New(rand.NewPCG(3, 4))
	dense := make([]byte, 900_000)
	for i := range dense {
		dense[i] = "abxyz=;+()"[r.IntN(10)]
	}
	put(t, filepath.Join(dir, "min.js"), string(dense))
	w := open(t, Options{NoWatch: true}, dir)
	s := w.Snapshot()
	all := Query{Pattern: ".", Regexp: true}

	failed := errors.New("enough")
	n := 0
	rep, err := s.Search(t.Context(), all, func(Hit) error {
		if n++; n == 1000 {
			return failed
		}
		return nil
	})
	if !errors.Is(err, failed) || rep.Matches != 999 {
		t.Errorf("an error of the caller: %+v, %v", rep, err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	n = 0
	rep, err = s.Search(ctx, all, func(Hit) error {
		if n++; n == 1000 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || rep.Matches < 1000 || rep.Matches > 2_000_000 {
		t.Errorf("cancelled: %+v, %v", rep, err)
	}
	if _, err = s.Search(ctx, all, func(Hit) error { t.Error("a match after the end"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}

	// Too much for the time: an automaton that never has states enough, and a
	// long line.
	slow := Query{Pattern: "(a|b|x|y|[^z])*(=|;).{300}(q|a)!", Regexp: true, Timeout: 20 * time.Millisecond}
	many := tempDir(t)
	for i := range 40 { // each takes a second
		put(t, filepath.Join(many, fmt.Sprint(i, ".js")), string(dense))
	}
	rep, err = open(t, Options{NoWatch: true}, many).Snapshot().Search(t.Context(), slow, func(Hit) error { return nil })
	if err != nil || rep.Cut != CutTime || rep.Files == 40 {
		t.Errorf("%+v, %v", rep, err)
	}
	rep, err = s.Search(t.Context(), Query{Pattern: "b$", Regexp: true, Timeout: time.Hour}, func(Hit) error { return nil })
	if err != nil || rep.Cut != CutNone || rep.Matches != 400_000 {
		t.Errorf("in time: %+v, %v", rep, err)
	}
}

func TestSearchBadQueries(t *testing.T) {
	s := open(t, Options{NoWatch: true}, tempDir(t)).Snapshot()
	for what, q := range map[string]Query{
		"empty":            {},
		"line end":         {Pattern: "a\nb"},
		"only a line end":  {Pattern: `\n`, Regexp: true},
		"syntax":           {Pattern: "a(", Regexp: true},
		"closing bracket":  {Pattern: "a)(b", Regexp: true},
		"lookahead":        {Pattern: "a(?=b)", Regexp: true},
		"too large":        {Pattern: "((a{100}b{100}){9}c{99}){9}[^x]{900}", Regexp: true},
		"too long":         {Pattern: strings.Repeat("a", 70_000)},
		"glob":             {Pattern: "a", Include: []string{"[a"}},
		"empty glob":       {Pattern: "a", Exclude: []string{"/"}},
		"negative":         {Pattern: "a", Max: -1},
		"invalid, folded":  {Pattern: "\xff", Case: CaseInsensitive},
		"invalid, regexp":  {Pattern: "\xff", Regexp: true},
		"repeated too far": {Pattern: "(x{1000}){1000}", Regexp: true},
	} {
		_, err := s.Search(t.Context(), q, func(Hit) error { return nil })
		if !errors.Is(err, ErrQuery) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestSearchFilters: they are made after a search, shared by later snapshots,
// and never hide what is there.
func TestSearchFilters(t *testing.T) {
	dir := tempDir(t)
	a := put(t, filepath.Join(dir, "a"), "first text")
	put(t, filepath.Join(dir, "b"), "other text")
	w := open(t, Options{NoWatch: true}, dir)
	entry := func(rel string) *index.Entry {
		e, _ := w.Snapshot().roots[0].ix.Get(rel)
		return e
	}
	eventually(t, "filters are made", func() bool {
		expectPlaces(t, w.Snapshot(), Query{Pattern: "needle"})
		return entry("a").Trigrams() != nil && entry("b").Trigrams() != nil
	})
	kept := entry("b").Trigrams()
	put(t, a, "now with a needle in it")
	apply(t, w, Change{Kind: DiskChanged, Path: a})
	eventually(t, "the change is seen", func() bool { return strings.Contains(entry("a").Text, "needle") })
	expectPlaces(t, w.Snapshot(), Query{Pattern: "needle"}, "a:1:12")
	if entry("b").Trigrams() != kept {
		t.Error("a filter was made twice")
	}
}

// TestSearchRipgrep compares with ripgrep over real code, where it is installed;
// the naive search needs nothing.
func TestSearchRipgrep(t *testing.T) {
	rg, err := exec.LookPath("rg")
	if err != nil {
		t.Log("ripgrep is not installed: compared with the naive search alone")
	}
	dir := filepath.Join(goSources(t), "net")
	w := open(t, Options{NoWatch: true}, dir)
	filtered(t, w)
	s := w.Snapshot()
	for _, c := range []struct {
		q    Query
		args []string
	}{
		{Query{Pattern: "Conn"}, []string{"-F"}},
		{Query{Pattern: "conn", Case: CaseInsensitive}, []string{"-F", "-i"}},
		{Query{Pattern: "err", Word: true}, []string{"-F", "-w"}},
		{Query{Pattern: `func \(\w+ \*?[A-Z]\w+\) \w+\(`, Regexp: true}, nil},
		{Query{Pattern: `[a-z]+[0-9]{2,}\b`, Regexp: true}, nil},
		{Query{Pattern: `^\s*return .*err$`, Regexp: true}, nil},
		{Query{Pattern: `(dial|listen)(tcp|udp)`, Regexp: true, Case: CaseInsensitive}, []string{"-i"}},
		{Query{Pattern: `[^\x00-\x7f]+`, Regexp: true}, nil},
	} {
		got := map[string][]string{} // by file
		for e := range s.roots[0].ix.All() {
			if e.Kind == index.Text && !strings.Contains(e.Text, "\r") {
				got[e.Path] = nil
			}
		}
		want := map[string][]string{}
		if _, err := s.Search(t.Context(), c.q, func(m Hit) error {
			if _, ok := got[m.Path]; ok {
				got[m.Path] = append(got[m.Path], fmt.Sprintf("%d:%d:%s", m.Line+1, m.Col+1, m.Text))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		checkNaive(t, s, c.q, got)
		if rg == "" {
			continue
		}
		args := append([]string{"--no-config", "-uuu", "-a", "--vimgrep", "-E", "none", "--null"}, c.args...)
		out, err := exec.Command(rg, append(args, "-e", c.q.Pattern, dir)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(out) {
			path, rest, ok := strings.Cut(strings.TrimSuffix(string(line), "\n"), "\x00")
			if !ok {
				t.Fatalf("rg printed %q", line)
			}
			if _, ok := got[path]; ok {
				want[path] = append(want[path], rest)
			}
		}
		for path, places := range got {
			if !slices.Equal(places, want[path]) {
				t.Errorf("%+v in %s: %d places, ripgrep has %d", c.q, path, len(places), len(want[path]))
			}
		}
	}
}

func checkNaive(t *testing.T, s *Snapshot, q Query, got map[string][]string) {
	if q.Word {
		return // takes too long on real files
	}
	for e := range s.roots[0].ix.All() {
		if _, ok := got[e.Path]; !ok {
			continue
		}
		want, _ := naive(q, e.Text)
		if len(want) != len(got[e.Path]) {
			t.Errorf("%+v in %s: %d places, the naive search has %d", q, e.Path, len(got[e.Path]), len(want))
		}
	}
}
