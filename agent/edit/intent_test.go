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

// The ways in which a model says what changes.
var changers = []struct {
	name string
	wrap func(original, meant string) string
}{
	{"block", fenceIn},
	{"small block", func(o, m string) string { o, m = changed(o, m, 3); return fenceIn(o, m) }},
	{"block in spaces", func(o, m string) string { return fenceIn(tabsToSpaces(o), tabsToSpaces(m)) }},
	{"block, deeper", func(o, m string) string { return fenceIn(deeper(o), deeper(m)) }},
	{"block without end", func(o, m string) string {
		return strings.ReplaceAll(fenceIn(o, m), ">>>>>>> REPLACE\n", "")
	}},
	{"patch", func(o, m string) string { return patchOf(o, m, " ") }},
	{"patch, context without sign", func(o, m string) string { return patchOf(o, m, "") }},
}

func fenceIn(o, m string) string {
	return "```go\n<<<<<<< SEARCH\n" + o + "=======\n" + m + ">>>>>>> REPLACE\n```\n"
}

func deeper(s string) string {
	return "\t" + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n\t") + "\n"
}

// changed are the lines of two texts that differ, with some around them.
func changed(o, m string, context int) (string, string) {
	a, b := strings.SplitAfter(strings.TrimSuffix(o, "\n"), "\n"), strings.SplitAfter(strings.TrimSuffix(m, "\n"), "\n")
	head := max(0, commonPrefix(a, b)-context)
	return strings.Join(a[head:], "") + "\n", strings.Join(b[head:], "") + "\n"
}

func patchOf(o, m, sign string) string {
	o, m = changed(o, m, 3)
	a, b := splitLines(o), splitLines(m)
	head := commonPrefix(a, b)
	tail := commonSuffix(a[head:], b[head:])
	var s strings.Builder
	s.WriteString("```diff\n--- a/x.go\n+++ b/x.go\n@@ -10,7 +10,9 @@\n")
	for _, part := range []struct {
		sign  string
		lines []string
	}{{sign, a[:head]}, {"-", a[head : len(a)-tail]}, {"+", b[head : len(b)-tail]}, {sign, a[len(a)-tail:]}} {
		for _, l := range part.lines {
			s.WriteString(part.sign + l + "\n")
		}
	}
	return s.String() + "```\n"
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
	right, refused, seen := 0, map[string]int{}, 0
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
			if seen++; seen%5 != 0 { // a fifth of them shows it as well, in a fifth of the time
				continue
			}
			inner := text.Span{Start: strings.IndexByte(src[sym.Body.Start:], '\n') + 1 + sym.Body.Start, End: lineStartAt(src[:sym.Body.End])}
			for _, region := range []text.Span{{Start: sym.Span.Start, End: sym.Span.End + 1}, inner} {
				before, original, after := src[:region.Start], src[region.Start:region.End], src[region.End:]
				meant := original + "\tprintln(original)\n"
				if region != inner {
					meant = strings.TrimSuffix(original, "}\n") + "\tprintln(original)\n}\n"
				}
				try := func(wrapping, reply string) {
					target := Target{Language: "go", Before: before, Original: original, After: after}
					switch got, err := closed(target, reply); {
					case err != nil:
						refused[wrapping]++
						if testing.Verbose() {
							t.Logf("%s %s, inner %v, %s: %v", name, sym.Name, region == inner, wrapping, err)
						}
					case got != meant:
						t.Errorf("%s %s, inner %v, %s:\n%s\nwant\n%s", name, sym.Name, region == inner, wrapping, got, meant)
					default:
						right++
					}
				}
				for _, w := range wrappers {
					try(w.name, w.wrap(before, meant, after))
				}
				for _, w := range changers {
					try(w.name, w.wrap(original, meant))
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
