package workspace

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// TestSearchPathological: expressions that make backtracking engines run for years end in
// time with what is there, or are cut and say so.
func TestSearchPathological(t *testing.T) {
	dir := tempDir(t)
	put(t, filepath.Join(dir, "line.txt"), strings.Repeat("a", 200_000)+"!\naaa\n")
	s := open(t, Options{NoWatch: true}, dir).Snapshot()
	for _, tt := range []struct {
		pattern string
		matches int
	}{
		{`(a+)+$`, 1}, {`(a|aa)+$`, 1}, {`(a|a?)+b`, 0}, {`([a-z]+)*=`, 0}, {`(.*)(.*)(.*)(.*)(.*)x`, 0}, {`^(a?){30}a{3}$`, 1}, {`(x+x+)+y`, 0},
	} {
		begin := time.Now()
		rep, err := s.Search(t.Context(), Query{Pattern: tt.pattern, Regexp: true, Timeout: 5 * time.Second}, func(Hit) error { return nil })
		if err != nil || rep.Cut == CutNone && rep.Matches != tt.matches {
			t.Errorf("%s: %+v, %v; want %d matches", tt.pattern, rep, err, tt.matches)
		}
		if took := time.Since(begin); took > time.Minute { // those engines would take years
			t.Errorf("%s: %v", tt.pattern, took)
		}
		t.Logf("%s: %v %s", tt.pattern, time.Since(begin), rep.Cut)
	}
}

// TestColumns compares the counting by eight with that of the standard library.
func TestColumns(t *testing.T) {
	for _, line := range []string{"", "short", strings.Repeat("ascii only ", 9), strings.Repeat("0123456é", 5) + "😀tail of it", "\xff01234567\x80" + strings.Repeat("x", 20)} {
		c := columns{line: line}
		for col := 0; col <= len(line); col++ {
			if col < len(line) && !utf8.RuneStart(line[col]) {
				continue
			}
			want := 0
			for _, r := range line[:col] {
				want += utf16.RuneLen(r)
			}
			if got := c.utf16(col); got != want {
				t.Errorf("%q: column %d is %d, want %d", line, col, got, want)
			}
			if got := (&columns{line: line}).utf16(col); got != want {
				t.Errorf("%q: column %d at once is %d, want %d", line, col, got, want)
			}
		}
	}
}
