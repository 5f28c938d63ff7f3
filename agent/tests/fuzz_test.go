package tests

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
	"github.com/hob-ls/hob/workspace/workspacetest"
)

// fuzzed are the languages of FuzzMerge: a source, the test file beside it, and
// what is in the source.
var fuzzed = []struct{ language, source, test, text string }{
	{"go", "a/a.go", "a/a_test.go", "package a\n\nfunc A() int { return 1 }\n"},
	{"python", "shop/b.py", "shop/test_b.py", "def b():\n    return 1\n"},
	{"typescript", "src/c.ts", "src/c.test.ts", "export const c = 1;\n"},
	{"rust", "src/lib.rs", "src/lib.rs", "fn d() {}\n"},
	{"java", "src/main/java/e/E.java", "src/test/java/e/ETest.java", "package e;\nclass E {}\n"},
}

// FuzzMerge: whatever a model wrote and whatever the test file holds, putting one
// into the other does not panic; what comes of it can be applied, parses no worse
// than before, and keeps what stood there.
func FuzzMerge(f *testing.F) {
	files := map[string]string{"package.json": `{"devDependencies":{"vitest":"3"}}`, "go.mod": "module example.com/m\n"}
	for _, l := range fuzzed {
		files[l.source] = l.text
	}
	ws, root := workspacetest.Project(f, workspace.Options{NoWatch: true}, files)
	snap := ws.Snapshot()
	for lang, seeds := range [][][2]string{
		{
			{"package a\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {}\n", "package a\n\nimport \"fmt\"\n\nfunc TestA(t *testing.T) {}\n\nfunc TestB(t *testing.T) { fmt.Println(A()) }\n"},
			{"package a_test\r\n\r\nimport (\r\n\t\"testing\"\r\n)\r\n", "func TestB(t *testing.T) { strings.ToUpper(\"\") }\n"},
			{"", "package a\n\nfunc TestB(t *testing.T) {}\n"},
		},
		{
			{"import unittest\n\n\nclass TestB(unittest.TestCase):\n    def test_one(self):\n        pass\n\n\nif __name__ == \"__main__\":\n    unittest.main()\n", "class TestB(unittest.TestCase):\n    def test_two(self):\n        pass\n"},
			{"from shop.b import b\n", "import os\n\ndef test_b():\n    assert b() == 1 and os.sep\n"},
		},
		{
			{"// about c\ndescribe(\"c\", () => {\n  it(\"one\", () => {});\n});\n", "// more\ndescribe('c', () => {\n  it('two', () => { expect(c).toBe(1); });\n});\n"},
			{"import { it } from 'vitest';\nit(`one`, () => {});\n", "import { c } from './c';\ntest.each([1])('two', () => {});\nconst x = 1;\n"},
			{"describe(\"a\", () => {});\ndescribe(\"b\", () => { it(\"x\", f) });", "describe(\"b\", () => { it(\"y\", f) });\n"},
		},
		{
			{"fn d() {}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn one() {}\n}\n", "#[cfg(test)]\nmod tests {\n    #[test]\n    fn two() { d(); }\n}\n"},
			{"fn d() {}", "#[test]\nfn two() {}\n"},
		},
		{
			{"package e;\n\nimport org.junit.jupiter.api.Test;\n\nclass ETest {\n    @Test\n    void one() {}\n}\n", "package e;\n\nimport java.util.List;\n\nclass ETest {\n    @Test\n    void two() { List.of(); }\n}\n"},
		},
	} {
		for _, s := range seeds {
			f.Add(uint8(lang), s[0], s[1])
		}
	}
	f.Fuzz(func(t *testing.T, lang uint8, old, reply string) {
		l := fuzzed[int(lang)%len(fuzzed)]
		path := filepath.Join(root, filepath.FromSlash(l.test))
		p := &Place{Path: path, Language: l.language, Framework: "vitest", source: workspacetest.File(t, snap, l.source), pkg: "a"}
		if old != "" {
			p.File = &workspace.File{Path: path, Root: root, Language: l.language, Text: old}
		}
		m, err := p.Merge(t.Context(), snap, reply)
		var refused *Refused
		if errors.As(err, &refused) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if old == "" {
			if syntax.Problems(l.language, reply) == 0 && syntax.Problems(l.language, m.Text) > 0 {
				t.Fatalf("the new file does not parse:\n%s", m.Text)
			}
			return
		}
		now, err := text.Apply(old, m.Edits)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Added) == 0 || syntax.Problems(l.language, now) > syntax.Problems(l.language, old) {
			t.Fatalf("added %q, and worse than before:\n%s", m.Added, now)
		}
		if syntax.Problems(l.language, old) > 0 {
			return // where its imports end can't be said
		}
		for _, e := range m.Edits {
			if gone := old[e.Span.Start:e.Span.End]; strings.TrimSpace(gone) != "" && e.Span.End > syntax.Imports(l.language, old).End {
				t.Fatalf("%q is gone from\n%s", gone, now)
			}
		}
	})
}
