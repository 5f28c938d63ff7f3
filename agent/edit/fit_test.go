package edit

import (
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace/text"
)

func TestWithEnds(t *testing.T) {
	for _, c := range []struct{ name, original, body, eol, want string }{
		{"uniform", "a\r\nb\r\n", "a\nc\n", "\r\n", "a\r\nc\r\n"},
		{"stay", "a\r\nb\nc\r\n", "a\nx\nc\n", "\n", "a\r\nx\nc\r\n"},
		{"new lines", "a\r\nb\nc\n", "a\nb\nnew\nc\n", "\r\n", "a\r\nb\nnew\r\nc\n"},
		{"gone", "a\r\nb\nc\r\nd", "a\nd", "\n", "a\r\nd"},
		{"old Mac", "a\rb\nc\r\n", "a\nx\nc\n", "\n", "a\nx\nc\n"},
		{"all new", "a\r\nb\n", "x\ny\n", "\n", "x\ny\n"},
		{"nothing there", "", "x\ny\n", "\r\n", "x\r\ny\r\n"},
	} {
		if got := withEnds(c.body, c.original, c.eol); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Whatever the line ends were, the text is the new one, and lines that were not
// changed are as they were.
func FuzzWithEnds(f *testing.F) {
	f.Add("a\r\nb\nc\r", "a\nx\n")
	f.Add("\r\r\n\n\r", "\n\n")
	f.Fuzz(func(t *testing.T, original, body string) {
		body = text.WithEOL(body, "\n")
		got := withEnds(body, original, "\n")
		if text.WithEOL(got, "\n") != body {
			t.Errorf("%q in place of %q became %q", body, original, got)
		}
		if plain := text.WithEOL(original, "\n"); plain == body && strings.Contains(original, "\n") && got != original && strings.Count(original, "\r") == strings.Count(original, "\r\n") {
			t.Errorf("%q was changed to %q", original, got)
		}
	})
}
