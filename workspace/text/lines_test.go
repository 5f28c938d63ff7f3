package text

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

var encodings = []Encoding{UTF16, UTF8, UTF32}

func TestCountLines(t *testing.T) {
	for src, want := range map[string]int{"": 0, "a": 1, "a\n": 1, "a\r\nb": 2, "\n\n": 2} {
		if got := CountLines(src); got != want {
			t.Errorf("%q: %d, want %d", src, got, want)
		}
	}
}

func TestLines(t *testing.T) {
	tests := []struct {
		src  string
		want []string
	}{
		{"", []string{""}},
		{"a", []string{"a"}},
		{"a\n", []string{"a\n", ""}},
		{"a\r", []string{"a\r", ""}},
		{"a\r\n", []string{"a\r\n", ""}},
		{"\n\n", []string{"\n", "\n", ""}},
		{"a\rb\nc\r\nd", []string{"a\r", "b\n", "c\r\n", "d"}},
		{"\r\r\n\n\r", []string{"\r", "\r\n", "\n", "\r", ""}},
		{"\u2028x\n\u0085y\v\fz", []string{"\u2028x\n", "\u0085y\v\fz"}}, // LSP knows three line ends only
	}
	for _, tt := range tests {
		x := NewLineIndex(tt.src)
		if x.Lines() != len(tt.want) {
			t.Errorf("%q: %d lines, want %d", tt.src, x.Lines(), len(tt.want))
			continue
		}
		off := 0
		for i, want := range tt.want {
			s := x.LineSpan(i)
			if s.Start != off || tt.src[s.Start:s.End] != want {
				t.Errorf("%q line %d: got %v %q, want %q", tt.src, i, s, tt.src[s.Start:s.End], want)
			}
			for o := s.Start; o < s.End; o++ {
				if x.Line(o) != i {
					t.Errorf("%q offset %d: line %d, want %d", tt.src, o, x.Line(o), i)
				}
			}
			off = s.End
		}
		if x.Line(-3) != 0 || x.Line(len(tt.src)+3) != len(tt.want)-1 {
			t.Errorf("%q: lines of offsets outside are not clamped", tt.src)
		}
		if got := x.LineSpan(-1); got != (Span{}) {
			t.Errorf("%q: line -1 is %v", tt.src, got)
		}
		if got := x.LineSpan(len(tt.want)); got != (Span{len(tt.src), len(tt.src)}) {
			t.Errorf("%q: the line after the last is %v", tt.src, got)
		}
	}
	var zero LineIndex
	if zero.Lines() != 1 || zero.Line(7) != 0 || zero.LineSpan(0) != (Span{}) {
		t.Error("the zero index is not that of the empty text")
	}
}

func TestOffset(t *testing.T) {
	const src = "aé😀b\r\n\xff\xf0\x9fz\n\nend" // line 0: a 1, é 2, 😀 4, b 1 bytes; line 1: three bad bytes and z
	tests := []struct {
		line, char uint32
		enc        Encoding
		want       int
		err        error
		down       bool // the position is inside a rune and comes back as its start
	}{
		{0, 0, UTF16, 0, nil, false},
		{0, 1, UTF16, 1, nil, false},
		{0, 2, UTF16, 3, nil, false},
		{0, 3, UTF16, 3, nil, true},
		{0, 4, UTF16, 7, nil, false},
		{0, 5, UTF16, 8, nil, false},
		{0, 2, UTF8, 1, nil, true},
		{0, 3, UTF8, 3, nil, false},
		{0, 4, UTF8, 3, nil, true},
		{0, 6, UTF8, 3, nil, true},
		{0, 7, UTF8, 7, nil, false},
		{0, 8, UTF8, 8, nil, false},
		{0, 3, UTF32, 7, nil, false},
		{0, 4, UTF32, 8, nil, false},
		{1, 0, UTF16, 10, nil, false},
		{1, 1, UTF16, 11, nil, false},
		{1, 2, UTF8, 12, nil, false},
		{1, 3, UTF32, 13, nil, false},
		{1, 4, UTF16, 14, nil, false},
		{2, 0, UTF16, 15, nil, false},
		{3, 3, UTF16, 19, nil, false},
		{4, 1, UTF16, 0, ErrRange, false},
		{5, 0, UTF8, 0, ErrRange, false},
		{4294967295, 4294967295, UTF32, 0, ErrRange, false},
	}
	x := NewLineIndex(src)
	for _, tt := range tests {
		p := Position{tt.line, tt.char}
		got, err := x.Offset(p, tt.enc)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%v in %v: got %d, %v; want %d, %v", p, tt.enc, got, err, tt.want, tt.err)
			continue
		}
		if back := x.Position(got, tt.enc); err == nil && !tt.down && back != p {
			t.Errorf("%v in %v: comes back as %v", p, tt.enc, back)
		}
	}
}

func TestOffsetClamps(t *testing.T) {
	for _, enc := range encodings {
		for _, src := range []string{"ab\r\ncd", "ab\rcd", "ab\ncd"} {
			x := NewLineIndex(src)
			for _, char := range []uint32{2, 3, 4, 5, 4294967295} {
				if got, err := x.Offset(Position{0, char}, enc); got != 2 || err != nil {
					t.Errorf("%q character %d in %v: got %d, %v; want the end of the line, 2", src, char, enc, got, err)
				}
			}
			// The end of an unterminated last line, written as the line after it.
			if got, err := x.Offset(Position{2, 0}, enc); got != len(src) || err != nil {
				t.Errorf("%q after the last line: got %d, %v", src, got, err)
			}
		}
	}
}

func TestPositionInside(t *testing.T) {
	x := NewLineIndex("é😀\r\nx")
	for _, tt := range []struct {
		off  int
		want Position
	}{
		{-5, Position{0, 0}},
		{1, Position{0, 0}}, // inside é
		{4, Position{0, 1}}, // inside 😀
		{6, Position{0, 3}},
		{7, Position{0, 3}}, // between \r and \n
		{8, Position{1, 0}},
		{99, Position{1, 1}},
	} {
		if got := x.Position(tt.off, UTF16); got != tt.want {
			t.Errorf("offset %d: got %v, want %v", tt.off, got, tt.want)
		}
	}
}

func TestLineIndexEdit(t *testing.T) {
	tests := []struct {
		src  string
		edit Edit
	}{
		{"a\nb\n", Edit{Span{1, 2}, ""}},
		{"a\nb\n", Edit{Span{0, 4}, ""}},
		{"", Edit{Span{0, 0}, "a\nb"}},
		{"a\r", Edit{Span{2, 2}, "\n"}},          // completes a \r\n
		{"a\nb", Edit{Span{1, 1}, "\r"}},         // the same from the other side
		{"a\r\nb", Edit{Span{2, 2}, "x"}},        // parts one
		{"a\r\nb", Edit{Span{1, 2}, ""}},         // leaves the \n
		{"a\r\nb", Edit{Span{2, 3}, ""}},         // leaves the \r
		{"a\rxx\nb\nc", Edit{Span{2, 4}, ""}},    // joins two line ends into one
		{"1\n2\n3\n4\n", Edit{Span{2, 5}, "\n"}}, // fewer lines after
		{"1\n2\n3\n4\n", Edit{Span{8, 8}, "5"}},
		{"a\n", Edit{Span{0, 9}, "out of range"}},
		{"a\n", Edit{Span{2, 1}, "reversed"}},
	}
	for _, tt := range tests {
		next, err := Apply(tt.src, []Edit{tt.edit})
		if err != nil {
			next = "what\never"
		}
		checkIndex(t, NewLineIndex(tt.src).Edit(tt.edit, next), next)
	}
}

// checkIndex compares x with the index of src made from scratch, line by line.
func checkIndex(t *testing.T, x *LineIndex, src string) {
	t.Helper()
	want := NewLineIndex(src)
	if x.src != src || x.Lines() != want.Lines() {
		t.Fatalf("index of %q: %d lines of %q, want %d", src, x.Lines(), x.src, want.Lines())
	}
	for i := range want.Lines() {
		if x.LineSpan(i) != want.LineSpan(i) {
			t.Fatalf("index of %q: line %d is %v, want %v", src, i, x.LineSpan(i), want.LineSpan(i))
		}
	}
}

// naiveLines cuts src at line ends the slow way.
func naiveLines(src string) []string {
	src = strings.ReplaceAll(src, "\r\n", "\x00")
	var lines []string
	start := 0
	for i := range len(src) {
		if src[i] == '\x00' || src[i] == '\n' || src[i] == '\r' {
			lines = append(lines, src[start:i+1])
			start = i + 1
		}
	}
	lines = append(lines, src[start:])
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], "\x00", "\r\n")
	}
	return lines
}

func FuzzLineIndex(f *testing.F) {
	f.Add("a\r\nb\rc\n", 2, 1, "\n")
	f.Add("é😀\xff\xf0\x9f\r", 3, 4, "\r")
	f.Add("", 0, 0, "x\ny")
	f.Fuzz(func(t *testing.T, src string, at, size int, repl string) { checkLineIndex(t, src, at, size, repl) })
}

// checkLineIndex compares an index of src, and one after an edit, with what a plain
// look at the bytes gives.
func checkLineIndex(t *testing.T, src string, at, size int, repl string) {
	t.Helper()
	x := NewLineIndex(src)
	if !strings.Contains(src, "\x00") {
		lines := naiveLines(src)
		if x.Lines() != len(lines) {
			t.Fatalf("%q: %d lines, want %d", src, x.Lines(), len(lines))
		}
		for i, want := range lines {
			if s := x.LineSpan(i); src[s.Start:s.End] != want {
				t.Fatalf("%q line %d: got %q, want %q", src, i, src[s.Start:s.End], want)
			}
		}
	}
	// Ranging over a string visits the rune boundaries, bad bytes one by one.
	for off := range src + "." {
		if off > 0 && off < len(src) && src[off-1] == '\r' && src[off] == '\n' {
			continue
		}
		for _, enc := range encodings {
			p := x.Position(off, enc)
			if got, err := x.Offset(p, enc); got != off || err != nil {
				t.Fatalf("%q offset %d in %v: %v comes back as %d, %v", src, off, enc, p, got, err)
			}
		}
	}
	for _, enc := range encodings {
		got, err := x.Offset(Position{uint32(at), uint32(size)}, enc)
		if err == nil && (got < 0 || got > len(src) || !utf8.RuneStart((src + ".")[got]) && utf8.ValidString(src)) {
			t.Fatalf("%q: %d:%d in %v is offset %d", src, uint32(at), uint32(size), enc, got)
		}
		x.Position(at, enc)
	}
	e := Edit{Span{at, at + size}, repl}
	next, err := Apply(src, []Edit{e})
	if err != nil {
		x.Edit(e, src)
		return
	}
	checkIndex(t, x.Edit(e, next), next)
}
