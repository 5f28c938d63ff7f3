package edit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// The ways in which a model wraps a right answer. whole says that it gives the
// file around the region as well.
var wrappers = []struct {
	name string
	wrap func(before, region, after string) string
}{
	{"fence", func(_, r, _ string) string { return "```go\n" + r + "```\n" }},
	{"tilde", func(_, r, _ string) string { return "~~~~\n" + r + "~~~~\n" }},
	{"chatter", func(_, r, _ string) string {
		return "Sure! Here is the updated code:\n\n```go\n" + r + "```\n\nI changed **one** thing.\n"
	}},
	{"unclosed", func(_, r, _ string) string { return "```go\n" + r }},
	{"thinking", func(_, r, _ string) string { return "<think>\nHm.\n```go\nx\n```\n</think>\n```go\n" + r + "```\n" }},
	{"bare", func(_, r, _ string) string { return r }},
	{"bare with prose", func(_, r, _ string) string {
		return "Here is the new code:\n\n" + r + "\nThis should do what you asked for.\n"
	}},
	{"crlf", func(_, r, _ string) string { return "```go\r\n" + strings.ReplaceAll(r, "\n", "\r\n") + "```\r\n" }},
	{"spaces", func(_, r, _ string) string { return "```go\n" + tabsToSpaces(r) + "```\n" }},
	{"margin", func(_, r, _ string) string { return "```go\n" + toMargin(r) + "```\n" }},
	{"deeper", func(_, r, _ string) string {
		return "```go\n\t" + strings.ReplaceAll(strings.TrimSuffix(r, "\n"), "\n", "\n\t") + "\n```\n"
	}},
	{"trimmed", func(_, r, _ string) string { return strings.TrimSpace(r) }},
	{"in a list", func(_, r, _ string) string {
		return "1. Change it:\n\n   ```go\n   " + strings.ReplaceAll(strings.TrimSuffix(r, "\n"), "\n", "\n   ") + "\n   ```\n"
	}},
	{"numbers", func(_, r, _ string) string {
		var b strings.Builder
		for i, l := range strings.Split(strings.TrimSuffix(r, "\n"), "\n") {
			fmt.Fprintf(&b, "%3d | %s\n", i+41, l)
		}
		return "```go\n" + b.String() + "```\n"
	}},
	{"whole file", func(b, r, a string) string { return "```go\n" + b + r + a + "```\n" }},
	{"lines before", func(b, r, _ string) string { return "```go\n" + lastLines(b, 4) + r + "```\n" }},
	{"lines after", func(_, r, a string) string { return "```go\n" + r + firstLines(a, 4) + "```\n" }},
	{"lines around", func(b, r, a string) string { return "```go\n" + lastLines(b, 4) + r + firstLines(a, 4) + "```\n" }},
}

func tabsToSpaces(s string) string {
	lines := strings.SplitAfter(s, "\n")
	for i, l := range lines {
		n := len(l) - len(strings.TrimLeft(l, "\t"))
		lines[i] = strings.Repeat("    ", n) + l[n:]
	}
	return strings.Join(lines, "")
}

func toMargin(s string) string {
	in := indentOf(s)
	lines := strings.SplitAfter(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, in)
	}
	return strings.Join(lines, "")
}

func lastLines(s string, n int) string {
	lines := strings.SplitAfter(strings.TrimSuffix(s, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "") + "\n"
}

func firstLines(s string, n int) string {
	lines := strings.SplitAfter(s, "\n")
	return strings.Join(lines[:min(n, len(lines))], "")
}

// A right answer in any wrapping gives the file that was meant, or a refusal, but
// never another file: shown on the functions of this package and on the lines
// inside them.
func TestIntent(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	right, refused := 0, map[string]int{}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		src := string(data)
		if strings.Contains(src, "testing\"") {
			continue
		}
		for _, sym := range syntax.Outline("go", src) {
			if sym.Kind != syntax.Function && sym.Kind != syntax.Method || strings.Count(src[sym.Body.Start:sym.Body.End], "\n") < 3 {
				continue
			}
			inner := text.Span{Start: strings.IndexByte(src[sym.Body.Start:], '\n') + 1 + sym.Body.Start, End: lineStartAt(src[:sym.Body.End])}
			for _, region := range []text.Span{{Start: sym.Span.Start, End: sym.Span.End + 1}, inner} {
				before, original, after := src[:region.Start], src[region.Start:region.End], src[region.End:]
				meant := original + "\tprintln(original)\n"
				if region != inner {
					meant = strings.TrimSuffix(original, "}\n") + "\tprintln(original)\n}\n"
				}
				for _, w := range wrappers {
					target := Target{Language: "go", Before: before, Original: original, After: after}
					_, got, err := chunked(target, []string{w.wrap(before, meant, after)}, true)
					switch {
					case err != nil:
						refused[w.name]++
						if testing.Verbose() {
							t.Logf("%s %s, inner %v, %s: %v", name, sym.Name, region == inner, w.name, err)
						}
					case got != meant:
						t.Errorf("%s %s, inner %v, %s:\n%s\nwant\n%s", name, sym.Name, region == inner, w.name, got, meant)
					default:
						right++
					}
				}
			}
		}
	}
	total := 0
	for _, n := range refused {
		total += n
	}
	t.Logf("%d right, %d refused: %v", right, total, refused)
	if right < 1000 || total*20 > right {
		t.Errorf("%d right, %d refused: %v", right, total, refused)
	}
}
