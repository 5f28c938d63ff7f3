package text

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestApplyRange(t *testing.T) {
	at := func(l, c uint32) Position { return Position{l, c} }
	tests := []struct {
		name, src string
		r         RangeEdit
		enc       Encoding
		want      string
		edit      Edit
		err       error
	}{
		{"type", "ab\ncd\n", RangeEdit{Start: at(1, 1), End: at(1, 1), New: "x"}, UTF16, "ab\ncxd\n", Edit{Span{4, 4}, "x"}, nil},
		{"type into empty", "", RangeEdit{New: "x"}, UTF16, "x", Edit{Span{0, 0}, "x"}, nil},
		{"join lines", "ab\r\ncd", RangeEdit{Start: at(0, 2), End: at(1, 0)}, UTF16, "abcd", Edit{Span{2, 4}, ""}, nil},
		{"past the end of a line", "ab\r\ncd", RangeEdit{Start: at(0, 99), End: at(0, 99), New: "!"}, UTF16, "ab!\r\ncd", Edit{Span{2, 2}, "!"}, nil},
		{"after astral, utf-16", "😀b", RangeEdit{Start: at(0, 2), End: at(0, 3), New: "c"}, UTF16, "😀c", Edit{Span{4, 5}, "c"}, nil},
		{"after astral, utf-8", "😀b", RangeEdit{Start: at(0, 4), End: at(0, 5), New: "c"}, UTF8, "😀c", Edit{Span{4, 5}, "c"}, nil},
		{"after astral, utf-32", "😀b", RangeEdit{Start: at(0, 1), End: at(0, 2), New: "c"}, UTF32, "😀c", Edit{Span{4, 5}, "c"}, nil},
		{"the last line, written as up to the one after", "a\nb", RangeEdit{Start: at(1, 0), End: at(2, 0)}, UTF16, "a\n", Edit{Span{2, 3}, ""}, nil},
		{"reversed", "abc", RangeEdit{Start: at(0, 2), End: at(0, 1)}, UTF16, "ac", Edit{Span{1, 2}, ""}, nil},
		{"line past the end", "abc", RangeEdit{Start: at(3, 0), End: at(3, 0), New: "x"}, UTF16, "abc", Edit{}, ErrRange},
		{"end past the end", "abc", RangeEdit{Start: at(0, 0), End: at(2, 0), New: "x"}, UTF16, "abc", Edit{}, ErrRange},
		{"whole", "abc\ndef\n", RangeEdit{New: "abc\ndxf\n", Whole: true}, UTF16, "abc\ndxf\n", Edit{Span{5, 6}, "x"}, nil},
		{"whole, unchanged", "abc", RangeEdit{New: "abc", Whole: true}, UTF16, "abc", Edit{Span{3, 3}, ""}, nil},
		{"whole, now empty", "abc", RangeEdit{Whole: true, Start: at(9, 9)}, UTF16, "", Edit{Span{0, 3}, ""}, nil},
		{"cut: insert into a pair", "a😀b", RangeEdit{Start: at(0, 2), End: at(0, 2), New: "x"}, UTF16, "a\uFFFDx\uFFFDb", Edit{Span{1, 5}, "\uFFFDx\uFFFD"}, nil},
		{"cut: nothing changes", "a😀b", RangeEdit{Start: at(0, 2), End: at(0, 2)}, UTF16, "a😀b", Edit{Span{5, 5}, ""}, nil},
		{"cut: delete the low half", "a😀b", RangeEdit{Start: at(0, 2), End: at(0, 3)}, UTF16, "a\uFFFDb", Edit{Span{1, 5}, "\uFFFD"}, nil},
		{"cut: delete the high half", "a😀b", RangeEdit{Start: at(0, 1), End: at(0, 2)}, UTF16, "a\uFFFDb", Edit{Span{1, 5}, "\uFFFD"}, nil},
		{"cut: two halves meet", "\U0001F600-\U0001F701", RangeEdit{Start: at(0, 1), End: at(0, 4)}, UTF16, "\U0001F701", Edit{Span{0, 5}, ""}, nil},
		{"a line end becomes two", "ab\ncd\n", RangeEdit{Start: at(0, 2), End: at(1, 0), New: "\n\n"}, UTF16, "ab\n\ncd\n", Edit{Span{3, 3}, "\n"}, nil},
		{"a line end becomes two, utf-8", "ab\ncd\n", RangeEdit{Start: at(0, 2), End: at(1, 0), New: "\n\n"}, UTF8, "ab\n\ncd\n", Edit{Span{3, 3}, "\n"}, nil},
		{"a line end becomes two, \\r\\n", "ab\r\ncd", RangeEdit{Start: at(0, 2), End: at(1, 0), New: "\r\n\r\n"}, UTF16, "ab\r\n\r\ncd", Edit{Span{4, 4}, "\r\n"}, nil},
		{"an indented line is opened", "\tab\n\tcd\n", RangeEdit{Start: at(0, 3), End: at(1, 0), New: "\n\t\n"}, UTF16, "\tab\n\t\n\tcd\n", Edit{Span{4, 4}, "\t\n"}, nil},
		{"the line end becomes another", "ab\rcd", RangeEdit{Start: at(0, 2), End: at(1, 0), New: "\r\n"}, UTF16, "ab\r\ncd", Edit{Span{2, 3}, "\r\n"}, nil},
		{"two line ends become one", "ab\n\ncd", RangeEdit{Start: at(0, 2), End: at(2, 0), New: "\n"}, UTF16, "ab\ncd", Edit{Span{3, 4}, ""}, nil},
		{"a word within its line", "a = b + c\n", RangeEdit{Start: at(0, 0), End: at(1, 0), New: "a = x + c\n"}, UTF16, "a = x + c\n", Edit{Span{4, 5}, "x"}, nil},
		{"runes with a common byte", "aéb", RangeEdit{Start: at(0, 0), End: at(0, 3), New: "aèb"}, UTF16, "aèb", Edit{Span{1, 3}, "è"}, nil},
		{"put back", "abc", RangeEdit{Start: at(0, 0), End: at(0, 2), New: "ab"}, UTF16, "abc", Edit{Span{2, 2}, ""}, nil},
		{"cut: bytes of a rune", "aéb", RangeEdit{Start: at(0, 2), End: at(0, 3)}, UTF8, "a\xc3b", Edit{Span{2, 3}, ""}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, x, e, err := ApplyRange(tt.src, NewLineIndex(tt.src), tt.r, tt.enc)
			if got != tt.want || e != tt.edit || !errors.Is(err, tt.err) {
				t.Fatalf("got %q, %v, %v; want %q, %v, %v", got, e, err, tt.want, tt.edit, tt.err)
			}
			checkIndex(t, x, got)
		})
	}
	if got, x, _, err := ApplyRange("ab", nil, RangeEdit{End: at(0, 1)}, UTF8); got != "b" || x == nil || err != nil {
		t.Errorf("without an index: got %q, %v", got, err)
	}
}

// TestApplyRangeBesideRegion: what an editor sends wider than what was typed leaves
// a region alone, and what is typed right before or right after it is outside.
func TestApplyRangeBesideRegion(t *testing.T) {
	at := func(l, c uint32) Position { return Position{l, c} }
	const src, region = "one\n\nfunc f() {\n}\n\ntwo\n", "func f() {\n}\n"
	tests := []struct {
		name    string
		r       RangeEdit
		overlap bool
	}{
		{"opened below", RangeEdit{Start: at(3, 1), End: at(4, 0), New: "\n\n"}, false},
		{"opened below, indented", RangeEdit{Start: at(3, 1), End: at(4, 0), New: "\n\t\n"}, false},
		{"opened above, from the line before", RangeEdit{Start: at(1, 0), End: at(2, 0), New: "\n\n"}, false},
		{"opened above, at its start", RangeEdit{Start: at(2, 0), End: at(2, 0), New: "\n"}, false},
		{"typed at its start", RangeEdit{Start: at(2, 0), End: at(2, 0), New: "f"}, false},
		{"the line below taken away", RangeEdit{Start: at(3, 1), End: at(5, 0), New: "\n"}, false},
		{"the line above taken away", RangeEdit{Start: at(0, 3), End: at(2, 0), New: "\n"}, false},
		{"opened inside", RangeEdit{Start: at(2, 10), End: at(3, 0), New: "\n\n"}, true},
		{"joined with the line below", RangeEdit{Start: at(3, 1), End: at(4, 0), New: " "}, true},
		{"typed at its last character", RangeEdit{Start: at(3, 0), End: at(3, 1), New: "}}"}, true},
	}
	start := strings.Index(src, region)
	for _, tt := range tests {
		for _, enc := range encodings {
			next, _, e, err := ApplyRange(src, nil, tt.r, enc)
			if err != nil {
				t.Fatal(err)
			}
			s, err := RebaseSpan(Span{start, start + len(region)}, []Edit{e})
			if errors.Is(err, ErrOverlap) != tt.overlap {
				t.Errorf("%s in %v: %+v gives %v", tt.name, enc, e, err)
			}
			if err == nil && next[s.Start:s.End] != region {
				t.Errorf("%s in %v: the region is %q now", tt.name, enc, next[s.Start:s.End])
			}
		}
	}
}

// units is a text the way an editor holds it: one string per character of an
// encoding, halves of surrogate pairs marked.
func units(src string, enc Encoding) []string {
	var out []string
	for src != "" {
		r, size := utf8.DecodeRuneInString(src)
		one := src[:size]
		src = src[size:]
		switch {
		case enc == UTF8:
			for i := range len(one) {
				out = append(out, one[i:i+1])
			}
		case enc == UTF16 && r >= 0x10000:
			hi, lo := utf16.EncodeRune(r)
			out = append(out, fmt.Sprintf("half %x", hi), fmt.Sprintf("half %x", lo))
		default:
			out = append(out, one)
		}
	}
	return out
}

// joinUnits is the text of units: halves side by side are a rune, others U+FFFD.
func joinUnits(us []string) string {
	var b strings.Builder
	half := func(i int) (rune, bool) {
		if i >= len(us) || !strings.HasPrefix(us[i], "half ") {
			return 0, false
		}
		var r rune
		_, err := fmt.Sscanf(us[i], "half %x", &r)
		return r, err == nil
	}
	for i := 0; i < len(us); i++ {
		hi, ok := half(i)
		if !ok {
			b.WriteString(us[i])
			continue
		}
		lo, ok := half(i + 1)
		if r := utf16.DecodeRune(hi, lo); ok && r != utf8.RuneError {
			b.WriteRune(r)
			i++
			continue
		}
		b.WriteRune(utf8.RuneError)
	}
	return b.String()
}

// naiveRange is ApplyRange on units.
func naiveRange(src string, r RangeEdit, enc Encoding) (string, bool) {
	lines := naiveLines(src)
	offset := func(p Position) (int, bool) {
		if int(p.Line) == len(lines) && p.Character == 0 {
			return len(units(src, enc)), true
		}
		if int(p.Line) >= len(lines) {
			return 0, false
		}
		before := len(units(strings.Join(lines[:p.Line], ""), enc))
		content := len(units(strings.TrimRight(lines[p.Line], "\r\n"), enc))
		return before + min(int(p.Character), content), true
	}
	start, ok1 := offset(r.Start)
	end, ok2 := offset(r.End)
	if !ok1 || !ok2 {
		return "", false
	}
	if start > end {
		start, end = end, start
	}
	us := units(src, enc)
	next := append(append(append([]string{}, us[:start]...), units(r.New, enc)...), us[end:]...)
	return joinUnits(next), true
}

func FuzzApplyRange(f *testing.F) {
	f.Add("ab\r\ncd😀e\n", uint8(1), uint8(2), uint8(1), uint8(3), "x\n", uint8(0))
	f.Add("é\xff😀", uint8(0), uint8(2), uint8(0), uint8(3), "", uint8(0))
	f.Add("é\xff😀", uint8(0), uint8(2), uint8(0), uint8(4), "y", uint8(1))
	f.Add("a\rb", uint8(1), uint8(0), uint8(2), uint8(0), "\n", uint8(2))
	f.Fuzz(func(t *testing.T, src string, l1, c1, l2, c2 uint8, repl string, which uint8) {
		enc := encodings[int(which)%len(encodings)]
		if strings.Contains(src+repl, "\x00") {
			t.Skip() // naiveLines has a meaning of its own for it
		}
		r := RangeEdit{Start: Position{uint32(l1), uint32(c1)}, End: Position{uint32(l2), uint32(c2)}, New: repl}
		x := NewLineIndex(src)
		got, next, e, err := ApplyRange(src, x, r, enc)
		want, ok := naiveRange(src, r, enc)
		if !ok {
			if !errors.Is(err, ErrRange) || got != src || next != x {
				t.Fatalf("%q %v: got %q, %v; want ErrRange and no change", src, r, got, err)
			}
			return
		}
		if err != nil || got != want {
			t.Fatalf("%q %v in %v: got %q, %v; want %q", src, r, enc, got, err, want)
		}
		if again, err := Apply(src, []Edit{e}); again != got || err != nil {
			t.Fatalf("%q %v: the edit %v gives %q, %v; want %q", src, r, e, again, err, got)
		}
		checkIndex(t, next, got)
		whole, index, e, err := ApplyRange(src, x, RangeEdit{New: repl, Whole: true}, enc)
		if again, err2 := Apply(src, []Edit{e}); whole != repl || again != repl || err != nil || err2 != nil {
			t.Fatalf("%q whole %q: got %q, %v, %v", src, repl, whole, err, err2)
		}
		checkIndex(t, index, repl)
	})
}
