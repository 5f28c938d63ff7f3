package text

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDiff(t *testing.T) {
	tests := []struct {
		name, a, b string
		want       []Edit
	}{
		{"equal", "a\nb\n", "a\nb\n", nil},
		{"empty", "", "", nil},
		{"from empty", "", "a\n", []Edit{{Span{0, 0}, "a\n"}}},
		{"to empty", "a\n", "", []Edit{{Span{0, 2}, ""}}},
		{"one character", "one\ntwo\nthree\n", "one\ntwx\nthree\n", []Edit{{Span{6, 7}, "x"}}},
		{"two places", "a\nb\nc\nd\n", "a\nB\nc\nD\n", []Edit{{Span{2, 3}, "B"}, {Span{6, 7}, "D"}}},
		{"added line", "a\nc\n", "a\nb\nc\n", []Edit{{Span{2, 2}, "b\n"}}},
		{"removed line", "a\nb\nc\n", "a\nc\n", []Edit{{Span{2, 4}, ""}}},
		{"final line end added", "a", "a\n", []Edit{{Span{1, 1}, "\n"}}},
		{"final line end removed", "a\n", "a", []Edit{{Span{1, 2}, ""}}},
		{"accents share a byte", "x\né\n", "x\nè\n", []Edit{{Span{2, 4}, "è"}}},
		{"astral characters share three bytes", "😀", "😁", []Edit{{Span{0, 4}, "😁"}}},
		{"tails share a byte", "\u00e9", "\u0169", []Edit{{Span{0, 2}, "\u0169"}}},
		{"line end style", "a\r\nb\r\n", "a\nb\n", []Edit{{Span{1, 6}, "\nb\n"}}},
		{"text before a line end pair", "a\r\n", "ab\r\n", []Edit{{Span{1, 1}, "b"}}},
		{"moved block", "1\n2\n3\n4\n", "3\n4\n1\n2\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Diff(tt.a, tt.b)
			if tt.want != nil && !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			checkDiff(t, tt.a, tt.b)
		})
	}
}

// checkDiff checks that the diff of a and b is exact and cuts nothing, and returns it.
func checkDiff(t *testing.T, a, b string) []Edit {
	t.Helper()
	edits := Diff(a, b)
	got, err := Apply(a, edits)
	if err != nil || got != b {
		t.Fatalf("diff of %.200q and %.200q: %.200v gives %.200q, %v", a, b, edits, got, err)
	}
	shift := 0
	for _, e := range edits {
		for _, off := range []int{e.Span.Start, e.Span.End} {
			if cuts(a, off) {
				t.Fatalf("diff of %.200q and %.200q: %v cuts a rune or a line end of the first", a, b, e)
			}
		}
		for _, off := range []int{e.Span.Start + shift, e.Span.Start + shift + len(e.New)} {
			if cuts(b, off) {
				t.Fatalf("diff of %.200q and %.200q: %v cuts a rune or a line end of the second", a, b, e)
			}
		}
		shift += len(e.New) - e.Span.Len()
	}
	return edits
}

// source is a text of n lines that look like code: many are alike, most are not.
func source(n int, seed uint64) string {
	rnd := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	for i := range n {
		switch rnd.IntN(4) {
		case 0:
			b.WriteString("\t}\n")
		case 1:
			b.WriteString("\n")
		default:
			fmt.Fprintf(&b, "\tvalue%d := compute(%d, %q)\n", i, rnd.IntN(1e6), "naïve 😀")
		}
	}
	return b.String()
}

// changed is src with n single lines changed, removed or doubled.
func changed(src string, n int) string {
	rnd := rand.New(rand.NewPCG(7, 7))
	lines := strings.SplitAfter(src, "\n")
	for range n {
		i := rnd.IntN(len(lines))
		switch rnd.IntN(3) {
		case 0:
			lines[i] = "// changed\n" + lines[i]
		case 1:
			lines[i] = ""
		default:
			lines[i] = strings.Replace(lines[i], "compute", "calculate", 1)
		}
	}
	return strings.Join(lines, "")
}

func TestDiffSmall(t *testing.T) {
	src := source(2000, 1)
	for _, n := range []int{1, 10, 100, 500, 1500} {
		edits := checkDiff(t, src, changed(src, n))
		size := 0
		for _, e := range edits {
			size += e.Span.Len() + len(e.New)
		}
		if len(edits) > n || size > n*60 {
			t.Errorf("%d changed lines: %d edits of %d bytes", n, len(edits), size)
		}
	}
}

// TestDiffBounded compares texts that have nothing, or nothing but commonplaces, in
// common. The limit is generous for a slow machine and the race detector: a
// quadratic search over these would take minutes.
func TestDiffBounded(t *testing.T) {
	const n = 40000
	same := strings.Repeat("}\n", n)
	for _, tt := range []struct{ name, a, b string }{
		{"unrelated", source(n, 1), source(n, 2)},
		{"no line in common", strings.Repeat("a\n", n), strings.Repeat("b\n", n)},
		{"one long line", strings.Repeat("ab", n), strings.Repeat("ba", n)},
		{"fewer of the same", same, same[:n] + "x\n" + same[:n/2]},
		{"alternating", strings.Repeat("a\nb\n", n/2), strings.Repeat("b\na\na\n", n/3)},
		{"reversed order", lines(n, 1), lines(n, -1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			checkDiff(t, tt.a, tt.b)
			if d := time.Since(start); d > time.Minute {
				t.Errorf("took %v", d)
			}
		})
	}
}

// lines is n numbered lines, counted upwards or downwards.
func lines(n, step int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintln(&b, i*step+max(0, -step*n))
	}
	return b.String()
}

func FuzzDiff(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nx\nc\n")
	f.Add("", "x")
	f.Add("a\r\nb\rc", "a\nb\r\r\nc\n")
	f.Add("é😀\xff", "è😁\xff\xff")
	f.Fuzz(func(t *testing.T, a, b string) { checkDiff(t, a, b) })
}

func TestEOL(t *testing.T) {
	tests := []struct{ src, want string }{
		{"", "\n"},
		{"a", "\n"},
		{"a\n", "\n"},
		{"a\r\n", "\r\n"},
		{"a\rb\r", "\r"},
		{"a\r\nb\nc\r\n", "\r\n"},
		{"a\r\nb\nc\n", "\n"},
		{"a\r\nb\n", "\n"},
		{"a\r\nb\r", "\r\n"},
		{"\n\r", "\n"},
	}
	for _, tt := range tests {
		if got := EOL(tt.src); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.src, got, tt.want)
		}
	}
}

func TestWithEOL(t *testing.T) {
	const mixed = "a\nb\r\nc\rd\r\r\n\n"
	tests := []struct{ src, eol, want string }{
		{"", "\r\n", ""},
		{"a", "\r\n", "a"},
		{mixed, "\n", "a\nb\nc\nd\n\n\n"},
		{mixed, "\r\n", "a\r\nb\r\nc\r\nd\r\n\r\n\r\n"},
		{mixed, "\r", "a\rb\rc\rd\r\r\r"},
		{"a\r\nb", "\r\n", "a\r\nb"},
		{"a\nb", "\n", "a\nb"},
		{"a\nb", " ", "a b"},
	}
	for _, tt := range tests {
		if got := WithEOL(tt.src, tt.eol); got != tt.want {
			t.Errorf("%q with %q: got %q, want %q", tt.src, tt.eol, got, tt.want)
		}
	}
}

func TestIndent(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"empty", "", ""},
		{"flat", "a\nb\n", ""},
		{"tabs", "a {\n\tb\n\t\tc\n}\n", "\t"},
		{"two", "a:\n  b:\n    c\n  d\n", "  "},
		{"four", "def a():\n    if b:\n        c\n\n    d\n", "    "},
		{"crlf", "a:\r\n  b:\r\n    c\r\n", "  "},
		{"eight", "a\n        b\n", "        "},
		{"comment stars", "/*\n * x\n * y\n */\nfn a() {\n    b\n}\n", "    "},
		{"stars alone", "/*\n * x\n */\n", ""},
		{"blank lines with spaces", "a {\n  b\n     \n  c\n}\n", "  "},
		{"continuations are rarer", "a {\n  b(c,\n    d)\n  e {\n    f\n  }\n  g(1,\n       2)\n}\n", "  "},
		{"tabs and a few spaces", "a\n\tb\n\tc\n\td\n  e\n", "\t"},
		{"spaces and a stray tab", "a\n  b\n  c\n  d\n\te\n", "  "},
		{"fragment", "    a\n    b {\n      c\n    }\n", "  "},
		{"fragment without a step", "    a\n    b\n", "    "},
	}
	for _, tt := range tests {
		if got := Indent(tt.src); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func BenchmarkApplyRange10k(b *testing.B) {
	src := source(10000, 1)
	x := NewLineIndex(src)
	for _, line := range []uint32{0, 5000, 9999} {
		b.Run(fmt.Sprintf("line%d", line), func(b *testing.B) {
			r := RangeEdit{Start: Position{line, 1}, End: Position{line, 1}, New: "x"}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, _, err := ApplyRange(src, x, r, UTF16); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLineIndex10k(b *testing.B) {
	src := source(10000, 1)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		NewLineIndex(src)
	}
}

func BenchmarkDiff10k(b *testing.B) {
	src := source(10000, 1)
	for name, next := range map[string]string{
		"1 line": changed(src, 1), "100 lines": changed(src, 100), "3000 lines": changed(src, 3000), "unrelated": source(10000, 2),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Diff(src, next)
			}
		})
	}
}

func BenchmarkRebase1000(b *testing.B) {
	var edits, since []Edit
	for i := range 1000 {
		edits = append(edits, Edit{Span{i * 100, i*100 + 10}, "new"})
		since = append(since, Edit{Span{50, 50}, "x"})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Rebase(edits, since); err != nil {
			b.Fatal(err)
		}
	}
}

// Between two edits in whole lines stands a line that is in both texts.
func TestDiffLines(t *testing.T) {
	for _, tc := range []struct{ a, b string }{
		{"", ""},
		{"", "a"},
		{"a\nb\nc\n", "a\nB\nc\n"},
		{"a\nb", "a\nb\n"},
		{"a\r\nb\r\n", "a\r\nx\r\nb\r\n"},
		{"a\nb\nc\nd\n", "x\na\nc\ny\n"},
		{"é\n", "è\n"},
		{"a\n\n\nb", "a\nb"},
	} {
		edits := DiffLines(tc.a, tc.b)
		got, err := Apply(tc.a, edits)
		if err != nil || got != tc.b {
			t.Errorf("%q to %q: %q, %v", tc.a, tc.b, got, err)
		}
		x, end := NewLineIndex(tc.a), -1
		for _, e := range edits {
			for _, off := range []int{e.Span.Start, e.Span.End} {
				if off != len(tc.a) && x.LineSpan(x.Line(off)).Start != off {
					t.Errorf("%q to %q: %v does not hold whole lines", tc.a, tc.b, e)
				}
			}
			if e.Span.Start <= end {
				t.Errorf("%q to %q: %v touches the edit before it", tc.a, tc.b, e)
			}
			end = e.Span.End
		}
	}
}

func TestHull(t *testing.T) {
	for _, tc := range []struct {
		span, want Span
		since      []Edit
	}{
		{Span{2, 5}, Span{2, 5}, nil},
		{Span{2, 5}, Span{3, 6}, []Edit{{Span{2, 2}, "x"}}},
		{Span{2, 5}, Span{2, 5}, []Edit{{Span{5, 5}, "x"}}},
		{Span{2, 5}, Span{2, 6}, []Edit{{Span{3, 3}, "x"}}},
		{Span{2, 5}, Span{1, 5}, []Edit{{Span{1, 3}, "xy"}}},
		{Span{2, 5}, Span{2, 5}, []Edit{{Span{4, 7}, "x"}}},
		{Span{2, 5}, Span{0, 1}, []Edit{{Span{0, 9}, "x"}}},
		{Span{2, 2}, Span{1, 1}, []Edit{{Span{1, 3}, ""}}},
		{Span{2, 5}, Span{4, 8}, []Edit{{Span{0, 0}, "xx"}, {Span{5, 5}, "y"}}},
	} {
		if got := Hull(tc.span, tc.since); got != tc.want {
			t.Errorf("Hull(%v, %v) = %v, want %v", tc.span, tc.since, got, tc.want)
		}
	}
}

func TestRebaseIn(t *testing.T) {
	spans := []Span{{2, 4}, {6, 6}}
	edits := []Edit{{Span{1, 1}, "a"}, {Span{2, 2}, "b"}, {Span{3, 4}, ""}, {Span{4, 4}, "c"}, {Span{6, 6}, "d"}}
	since := []Edit{{Span{2, 2}, "<"}, {Span{5, 5}, ">"}, {Span{0, 0}, "__"}}
	moved, got, err := RebaseIn(spans, edits, since)
	if err != nil {
		t.Fatal(err)
	}
	if want := []Span{{5, 7}, {10, 10}}; !slices.Equal(moved, want) {
		t.Errorf("spans %v, want %v", moved, want)
	}
	want := []Edit{{Span{3, 3}, "a"}, {Span{5, 5}, "b"}, {Span{6, 7}, ""}, {Span{7, 7}, "c"}, {Span{10, 10}, "d"}}
	if !slices.Equal(got, want) {
		t.Errorf("edits %v, want %v", got, want)
	}
	if _, _, err := RebaseIn(spans, edits, []Edit{{Span{3, 3}, "x"}}); !errors.Is(err, ErrOverlap) {
		t.Errorf("typing inside: %v", err)
	}
	if _, _, err := RebaseIn(nil, []Edit{{Span{2, 4}, "x"}}, []Edit{{Span{3, 3}, "x"}}); !errors.Is(err, ErrOverlap) {
		t.Errorf("typing inside an edit of no span: %v", err)
	}
}
