package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParsePlace(t *testing.T) {
	odd := filepath.Join(t.TempDir(), "odd.go:3")
	if err := os.WriteFile(odd, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		arg  string
		want place
		err  string
	}{
		{arg: "a.go", want: place{file: "a.go"}},
		{arg: "a.go:3", want: place{"a.go", 3, 0, 0, 0}},
		{arg: "a.go:3:5", want: place{"a.go", 3, 5, 0, 0}},
		{arg: "a.go:3-7", want: place{"a.go", 3, 0, 7, 0}},
		{arg: "a.go:3:5-7:2", want: place{"a.go", 3, 5, 7, 2}},
		{arg: "a.go:3-7:2", want: place{"a.go", 3, 0, 7, 2}},
		{arg: "a.go:3:5-7", want: place{"a.go", 3, 5, 7, 0}},
		{arg: "a.go:3:5-3:5", want: place{"a.go", 3, 5, 3, 5}},
		{arg: `C:\x\a.go`, want: place{file: `C:\x\a.go`}},
		{arg: `C:\x\a.go:3:5`, want: place{`C:\x\a.go`, 3, 5, 0, 0}},
		{arg: "C:/x/a.go:3-4", want: place{"C:/x/a.go", 3, 0, 4, 0}},
		{arg: "dir/with-1/a-2.go:1", want: place{"dir/with-1/a-2.go", 1, 0, 0, 0}},
		{arg: "a:b:3", want: place{"a:b", 3, 0, 0, 0}},
		{arg: odd, want: place{file: odd}},
		{arg: "new\nline.go:3-4", want: place{"new\nline.go", 3, 0, 4, 0}},
		{arg: "a.go:", want: place{file: "a.go:"}},
		{arg: "a.go:x", want: place{file: "a.go:x"}},
		{arg: "", err: "the file is empty"},
		{arg: "a.go:0", err: "0 is not a line"},
		{arg: "a.go:3:0", err: "0 is not a line or column"},
		{arg: "a.go:7-3", err: "the end comes before"},
		{arg: "a.go:3:5-3:4", err: "the end comes before"},
		{arg: "a.go:99999999999", err: "is not a line"},
	}
	for _, tt := range tests {
		t.Run(tt.arg, func(t *testing.T) {
			got, err := parsePlace(tt.arg)
			if tt.err != "" {
				checkUsage(t, err, tt.err)
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("%+v %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func checkUsage(t *testing.T, err error, want string) {
	t.Helper()
	var usage *usageError
	if !errors.As(err, &usage) || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want a usage error that says %q", err, want)
	}
}

func TestSpan(t *testing.T) {
	const src = "one\r\n\t two\n\nfür\nlast"
	tests := []struct {
		place string
		want  string // the text of the span
		start int    // of an empty one
		err   string
	}{
		{place: "f", want: src},
		{place: "f:1", want: "one"},
		{place: "f:2", want: "two"},
		{place: "f:3", start: 11},
		{place: "f:5", want: "last"},
		{place: "f:1-2", want: "one\r\n\t two"},
		{place: "f:2:1-2:3", want: "\t "},
		{place: "f:1:2", start: 1},
		{place: "f:1:4", start: 3},
		{place: "f:2:3-4", want: "two\n\nfür"},
		{place: "f:1-4:2", want: "one\r\n\t two\n\nf"},
		{place: "f:6", err: "f has 5 lines, there is no line 6"},
		{place: "f:1-9", err: "there is no line 9"},
		{place: "f:1:5", err: "line 1 of f has 4 columns, there is no column 5"},
		{place: "f:4:3", err: "is inside a character"},
	}
	for _, tt := range tests {
		t.Run(tt.place, func(t *testing.T) {
			p, err := parsePlace(tt.place)
			if err != nil {
				t.Fatal(err)
			}
			s, err := p.span(src)
			if tt.err != "" {
				checkUsage(t, err, tt.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := src[s.Start:s.End]; got != tt.want || tt.want == "" && s.Start != tt.start {
				t.Errorf("%q at %d, want %q at %d", got, s.Start, tt.want, tt.start)
			}
		})
	}
}

func TestParseMessage(t *testing.T) {
	const output = "# pkg\n./a.go:7:2: undefined: x\r\nb.go:9: late\nC:\\c.go:1:1: windows\n"
	tests := []struct {
		file, message string
		want          place
		err           string
	}{
		{"", "undefined: x", place{"./a.go", 7, 2, 0, 0}, ""},
		{"a.go", "undefined: x", place{"./a.go", 7, 2, 0, 0}, ""},
		{"b.go", "late", place{"b.go", 9, 0, 0, 0}, ""},
		{`C:\c.go`, "windows", place{`C:\c.go`, 1, 1, 0, 0}, ""},
		{"d.go", "", place{}, "no line of the input reads d.go:LINE:COLUMN: MESSAGE"},
	}
	for _, tt := range tests {
		got, message, err := parseMessage(output, tt.file)
		if tt.err != "" {
			checkUsage(t, err, tt.err)
			continue
		}
		if err != nil || got != tt.want || message != tt.message {
			t.Errorf("%s: %+v %q %v", tt.file, got, message, err)
		}
	}
}

func FuzzPlace(f *testing.F) {
	f.Add("a.go:3:5-7:2", "one\ntwo\n")
	f.Add("a:1-2", "\r\r\n\u00fc")
	f.Add(":1:1", "")
	f.Fuzz(func(t *testing.T, arg, src string) {
		p, err := parsePlace(arg)
		if err != nil {
			return
		}
		s, err := p.span(src)
		if err == nil && (s.Start < 0 || s.End < s.Start || s.End > len(src)) {
			t.Errorf("%q in %q: %+v", arg, src, s)
		}
		_, _, _ = parseMessage(src, "") // it must not panic
	})
}

func TestProjectRoot(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "repo", "a", "b")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(deep, "x.go")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := projectRoot(file); got != deep {
		t.Errorf("without a repository: %s", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "repo", ".git"), []byte("gitdir: x"), 0o600); err != nil { // a worktree has a file there
		t.Fatal(err)
	}
	for _, at := range []string{file, deep, filepath.Join(dir, "repo")} {
		if got, want := projectRoot(at), filepath.Join(dir, "repo"); got != want {
			t.Errorf("projectRoot(%s) = %s, want %s", at, got, want)
		}
	}
}
