package syntax

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/workspace/text"
)

// follower edits a text at random and checks what a Reader makes of it.
type follower struct {
	t        testing.TB
	language string
	src      string
	reader   *Reader
	good     []Symbol    // of the last sound text
	goodSrc  string      // that text
	since    []text.Edit // from it to src
}

func follow(t testing.TB, language, src string) *follower {
	f := &follower{t: t, language: language, src: src, reader: NewReader(language)}
	t.Cleanup(f.reader.Close)
	f.check(nil)
	return f
}

// sound reports whether this build finds no errors in src.
func sound(language, src string) bool {
	if _, broken, ok := grammarOutline(language, src); ok {
		return !broken
	}
	return unbalanced(language, src).count == 0
}

func (f *follower) edit(edits ...text.Edit) {
	f.t.Helper()
	for _, e := range edits {
		next, err := text.Apply(f.src, []text.Edit{e})
		if err != nil {
			f.t.Fatal(err)
		}
		f.src = next
	}
	f.since = append(f.since, edits...)
	f.check(edits)
}

func (f *follower) check(edits []text.Edit) {
	f.t.Helper()
	got := f.reader.Outline(f.src, edits)
	checkSymbols(f.t, f.language, f.src, got)
	if sound(f.language, f.src) {
		if diff := cmp.Diff(Outline(f.language, f.src), got); diff != "" {
			f.t.Fatalf("%s: after edits the outline of %q differs from that of the text alone:\n%s", f.language, f.src, diff)
		}
		f.good, f.goodSrc, f.since = got, f.src, nil
		return
	}
	for _, sym := range f.good {
		// A margin of a byte: what is right beside a symbol touches it.
		w := whole(sym)
		w.Start, w.End = max(0, w.Start-1), min(len(f.goodSrc), w.End+1)
		if _, err := text.RebaseSpan(w, f.since); err != nil {
			continue
		}
		ident, err := text.RebaseSpan(sym.Ident, f.since)
		if err != nil {
			f.t.Fatal(err)
		}
		if !slices.ContainsFunc(got, func(s Symbol) bool {
			return s.Ident == ident && s.Kind == sym.Kind && s.Name == sym.Name && s.Span.Len() == sym.Span.Len()
		}) {
			f.t.Fatalf("%s: %s (%v), which none of %v touched, is lost in:\n%s\n%s", f.language, sym.Name, sym, f.since, f.src, render(f.src, got))
		}
	}
}

// fragments are what edits put into a text, beside pieces of it.
var fragments = []string{
	"", "{", "}", "(", ")", "[", "]", "\"", "'", "`", "/*", "*/", "//", "#", "--[[", "]]", "\n", "\n\n", "\r\n", " ", "\t", ";", ":", "=", "ä", "😀", "\x00", "\xff",
	"func f() {}\n", "function f() {}\n", "def f():\n    pass\n", "fn f() {}\n", "class A {\n", "end\n", "if x {\n", "x = 1\n", "<div>", "</div>", "\"\"\"", "${",
}

// randomEdits makes edits of src out of the numbers that next gives; they may be several.
func randomEdits(src string, next func(n int) int) []text.Edit {
	var edits []text.Edit
	for range 1 + next(8)/7 {
		at := next(len(src) + 1)
		span := text.Span{Start: at, End: at}
		if next(2) == 0 {
			span.End = min(len(src), at+next(12))
		}
		e := text.Edit{Span: span}
		switch next(4) {
		case 0:
			from := next(len(src) + 1)
			e.New = src[from:min(len(src), from+next(60))]
		case 1, 2:
			e.New = fragments[next(len(fragments))]
		}
		edits = append(edits, e)
		src = src[:span.Start] + e.New + src[span.End:]
	}
	return edits
}

// TestReaderRandom edits all sample texts at random. Now and then all is undone, so that
// sound and broken texts take turns.
func TestReaderRandom(t *testing.T) {
	for n, c := range sources(t) {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		f := follow(t, c.language, c.src)
		for range 60 {
			before := f.src
			edits := randomEdits(f.src, func(n int) int { return r.IntN(max(1, n)) })
			f.edit(edits...)
			if r.IntN(4) > 0 {
				f.edit(text.Replacement(f.src, before))
			}
			if r.IntN(20) == 0 {
				f.edit(text.Replacement(f.src, c.src))
			}
			if r.IntN(20) == 0 {
				f.reader.Shed()
			}
		}
	}
}

// FuzzReader: a script of bytes edits one of the samples.
func FuzzReader(f *testing.F) {
	all := sources(f)
	for i := range all {
		f.Add(i, []byte("\x10\x00\x80\x01\x03\x02\x00\x20\x40\x01\x02\x11"))
	}
	f.Fuzz(func(t *testing.T, n int, script []byte) {
		if len(script) > 256 {
			t.Skip()
		}
		c := all[int(uint(n)%uint(len(all)))]
		fl := follow(t, c.language, c.src)
		for len(script) > 0 {
			next := func(n int) int {
				if n < 2 || len(script) == 0 {
					return 0
				}
				v := int(script[0])
				if script = script[1:]; n > 256 && len(script) > 0 {
					v, script = v<<8|int(script[0]), script[1:]
				}
				return v % n
			}
			fl.edit(randomEdits(fl.src, next)...)
		}
	})
}

// TestReaderKeeps hides good code behind an error that neither a grammar nor line patterns
// see through.
func TestReaderKeeps(t *testing.T) {
	hidden := 0
	for _, tt := range []struct{ language, src, at, insert string }{
		{"go", "package p\n\nfunc a() {\n}\n\n// B is kept.\nfunc b() {\n\tx()\n}\n\ntype T struct {\n\tf int\n}\n", "}\n", "\t/* open\n"},
		{"typescript", "function a() {\n}\n\nclass B {\n  one() {\n    return 1\n  }\n\n  two = () => {\n    return 2\n  }\n}\n", "}\n", "  const s = `open\n"},
		{"python", "def a():\n    pass\n\n\nclass B:\n    def one(self):\n        pass\n", "    pass\n", "    s = '''open\n"},
		{"rust", "fn a() {\n}\n\nstruct B { x: i32 }\n\nimpl B {\n    fn one() {}\n}\n", "}\n", "    /* open\n"},
		{"lua", "local function a()\n  x()\nend\n\nfunction b()\n  y()\nend\n", "end\n", "  s = [[open\n"},
	} {
		before := Outline(tt.language, tt.src)
		f := follow(t, tt.language, tt.src)
		i := strings.Index(tt.src, tt.at)
		f.edit(text.Edit{Span: text.Span{Start: i, End: i}, New: tt.insert})
		if sound(tt.language, f.src) {
			t.Fatalf("%s: no error in %q", tt.language, f.src)
		}
		var got []string
		for _, sym := range f.reader.Outline(f.src, nil) {
			got = append(got, sym.Name)
		}
		alone := Outline(tt.language, f.src)
		for _, sym := range before[1:] {
			if !slices.Contains(got, sym.Name) {
				t.Errorf("%s: %s is lost, of %v", tt.language, sym.Name, got)
			}
		}
		if len(alone) < len(got) {
			hidden++
		}
		f.edit(text.Edit{Span: text.Span{Start: i, End: i + len(tt.insert)}})
		if diff := cmp.Diff(before, f.reader.Outline(f.src, nil)); diff != "" {
			t.Errorf("%s: mended, and yet another outline:\n%s", tt.language, diff)
		}
	}
	if hidden == 0 {
		t.Error("the texts alone show as much: not what this is to test")
	}
}

// TestReaderAnyOrder reads texts that no edits are known between, older ones too, and with
// edits that lead elsewhere.
func TestReaderAnyOrder(t *testing.T) {
	r := NewReader("go")
	defer r.Close()
	texts := []string{"", "package p\n\nfunc a() {}\n", "package p\n\nfunc b() {}\n\nfunc a() {}\n", "", "package q\n"}
	wrong := []text.Edit{{Span: text.Span{Start: 3, End: 900}}, {New: "x"}}
	for range 3 {
		for i, src := range texts {
			for _, src := range []string{src, texts[(i*3+1)%len(texts)], src} {
				if diff := cmp.Diff(Outline("go", src), r.Outline(src, wrong)); diff != "" {
					t.Fatalf("%q: %s", src, diff)
				}
			}
		}
	}
	large := "package p\n" + strings.Repeat("// a comment\n", maxSource/13+1) + "func f() {}\n"
	for _, src := range []string{texts[1], large, texts[1]} {
		if diff := cmp.Diff(Outline("go", src), r.Outline(src, nil)); diff != "" {
			t.Fatal(diff)
		}
	}
}

// TestReaderClosed: a closed Reader answers, without keeping anything.
func TestReaderClosed(t *testing.T) {
	const src = "package p\n\nfunc a() {}\n"
	r := NewReader("go")
	r.Outline(src, nil)
	r.Close()
	r.Close()
	if got := r.Outline(src, nil); len(got) != 1 || r.src != "" || r.kept != nil {
		t.Errorf("got %v, kept %q", got, r.src)
	}
	// And one that is never closed takes nothing along: its memory is freed when it is garbage.
	for range 50 {
		NewReader("go").Outline(src, nil)
	}
	runtime.GC()
}

// TestReaderParallel uses one Reader from many goroutines.
func TestReaderParallel(t *testing.T) {
	r := NewReader("go")
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			src := "package p\n" + strings.Repeat("\nfunc a() {}\n", n)
			for i := range 50 {
				if got := r.Outline(src, nil); len(got) != n {
					t.Errorf("got %d symbols, want %d", len(got), n)
				}
				if i%20 == n {
					r.Shed()
				}
			}
		})
	}
	wg.Wait()
	r.Close()
}

// BenchmarkReader types and deletes in the middle of 500 lines, and reads the
// outline each time; alone is the outline without a Reader.
func BenchmarkReader(b *testing.B) {
	const lines = 500
	for _, c := range sources(b) {
		if c.language != "typescriptreact" && c.language != "go" && c.language != "python" || !sound(c.language, c.src) {
			continue
		}
		src := c.src
		for strings.Count(src, "\n") < lines {
			src += strings.ReplaceAll(c.src, "package ", "// package ")
		}
		mid := len(src)/2 + strings.Index(src[len(src)/2:], "\n") + 1
		comment, _ := Comment(c.language)
		long := src[:mid] + comment + " a comment\n" + src[mid:]
		b.Run(c.language, func(b *testing.B) {
			r := NewReader(c.language)
			defer r.Close()
			r.Outline(src, nil)
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				r.Outline([2]string{long, src}[i%2], nil)
			}
		})
		b.Run(c.language+"/alone", func(b *testing.B) {
			for b.Loop() {
				Outline(c.language, src)
			}
		})
	}
}
