package lsp

import (
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace"
)

// TestChangedSpans: what differs from the last commit, in whole declarations. The
// line ends that git has, and the working tree has not, are no difference.
func TestChangedSpans(t *testing.T) {
	const was = "package a\n\nfunc A() int {\n\treturn 1\n}\n\nfunc B() int {\n\treturn 2\n}\n\nfunc C() int {\n\treturn 3\n}\n"
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	for _, c := range []struct {
		name, was, now string
		want           []string
	}{
		{"nothing", was, was, nil},
		{"line ends alone", was, crlf(was), nil},
		{"one function", was, strings.Replace(was, "2", "22", 1), []string{"func B() int {\n\treturn 22\n}"}},
		{"one function, with other line ends", was, crlf(strings.Replace(was, "2", "22", 1)), []string{"func B() int {\r\n\treturn 22\r\n}"}},
		{"one function, with plain line ends now", crlf(was), strings.Replace(was, "2", "22", 1), []string{"func B() int {\n\treturn 22\n}"}},
		{"all of a new file", "", "package a\n", []string{"package a\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &workspace.File{Path: "/a/a.go", Language: "go", Text: c.now}
			var got []string
			for _, s := range changedSpans(f, c.was) {
				got = append(got, c.now[s.Start:s.End])
			}
			if strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
