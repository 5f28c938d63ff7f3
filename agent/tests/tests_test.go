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

// project is a workspace with these files.
func project(t testing.TB, files map[string]string) (*workspace.Snapshot, string) {
	t.Helper()
	ws, root := workspacetest.Project(t, workspace.Options{NoWatch: true}, files)
	return ws.Snapshot(), root
}

func find(t *testing.T, snap *workspace.Snapshot, path string) (*Place, error) {
	t.Helper()
	f, err := snap.File(path)
	if err != nil {
		t.Fatal(err)
	}
	sym := syntax.Symbol{}
	if outline := f.Outline(); len(outline) > 0 {
		sym = outline[0]
	}
	return Find(snap, f, sym)
}

func TestFind(t *testing.T) {
	const vitest, jest = `{"devDependencies":{"vitest":"3"}}`, `{"devDependencies":{"jest":"29"}}`
	type files = map[string]string
	for _, tt := range []struct {
		name, source string
		files        files
		want         string // "" for a refusal
		framework    string
	}{
		{"go", "a/a.go", files{"a/a.go": "package a\n"}, "a/a_test.go", "Go's testing package"},
		{"vitest, beside", "src/a.ts", files{"package.json": vitest, "src/a.ts": "", "src/b.ts": "", "src/b.test.ts": ""}, "src/a.test.ts", "vitest"},
		{"jest, __tests__", "src/a.tsx", files{"package.json": jest, "src/a.tsx": "", "src/__tests__/b.test.tsx": ""}, "src/__tests__/a.test.tsx", "jest"},
		{"spec, tests folder", "src/x/a.ts", files{"package.json": vitest, "src/x/a.ts": "", "tests/b.spec.ts": ""}, "tests/x/a.spec.ts", "vitest"},
		{"the one that exists", "src/a.ts", files{"package.json": vitest, "src/a.ts": "", "tests/a.spec.ts": "", "src/b.test.ts": "", "src/c.test.ts": ""}, "tests/a.spec.ts", "vitest"},
		{"mocha", "a.js", files{"package.json": `{"devDependencies":{"mocha":"10"}}`, "a.js": ""}, "a.test.js", "mocha"},
		{"node", "a.mjs", files{"package.json": `{"scripts":{"test":"node --test"}}`, "a.mjs": ""}, "a.test.mjs", "node:test"},
		{"a package of a workspace", "pkg/a/src/a.ts", files{"package.json": "{}", "pkg/a/package.json": vitest, "pkg/a/src/a.ts": ""}, "pkg/a/src/a.test.ts", "vitest"},
		{"no framework", "a.ts", files{"package.json": "{}", "a.ts": ""}, "", ""},
		{"no package.json", "a.ts", files{"a.ts": ""}, "", ""},
		{"pytest", "shop/a.py", files{"shop/a.py": ""}, "tests/test_a.py", "pytest"},
		{"pytest, beside", "shop/a.py", files{"shop/a.py": "", "shop/b_test.py": ""}, "shop/a_test.py", "pytest"},
		{"pytest, mirrored", "shop/cart/a.py", files{"shop/cart/a.py": "", "tests/cart/test_b.py": ""}, "tests/cart/test_a.py", "pytest"},
		{"unittest", "a.py", files{"a.py": "", "tests/test_b.py": "import unittest\n"}, "tests/test_a.py", "unittest"},
		{"rust", "src/lib.rs", files{"src/lib.rs": "fn a() {}\n"}, "src/lib.rs", "Rust's test functions"},
		{"java", "src/main/java/a/A.java", files{"src/main/java/a/A.java": "package a;\nclass A {}\n"}, "src/test/java/a/ATest.java", "JUnit 5"},
		{"junit 4", "src/main/java/a/A.java", files{"pom.xml": "<artifactId>junit</artifactId>", "src/main/java/a/A.java": "package a;\nclass A {}\n"}, "src/test/java/a/ATest.java", "JUnit 4"},
		{"java elsewhere", "A.java", files{"A.java": "class A {}\n"}, "", ""},
		{"a test", "a_test.go", files{"a_test.go": "package a\n"}, "", ""},
		{"a language without", "a.lua", files{"a.lua": "function f() end\n"}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			snap, root := project(t, tt.files)
			p, err := find(t, snap, filepath.Join(root, filepath.FromSlash(tt.source)))
			var refused *Error
			if tt.want == "" {
				if !errors.As(err, &refused) || refused.Hint == "" {
					t.Fatalf("got %+v, %v", p, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := filepath.Join(root, filepath.FromSlash(tt.want)); p.Path != want || p.Framework != tt.framework {
				t.Errorf("got %s in %s", p.Framework, p.Path)
			}
			if _, exists := tt.files[tt.want]; exists != (p.File != nil) {
				t.Errorf("exists: %v", p.File != nil)
			}
		})
	}
}

// Whatever a reply holds, every line of the test file stays, in order, and none of
// its tests comes twice.
func TestMergeKeepsWhatIsThere(t *testing.T) {
	for _, tt := range []struct{ name, source, test, old, reply, want string }{
		{"go, crlf", "a.go", "a_test.go", "package a\r\n\r\nimport \"testing\"\r\n\r\nfunc TestA(t *testing.T) {}\r\n", "func TestA(t *testing.T) { panic(1) }\n\nfunc TestB(t *testing.T) {\n\tfmt.Println()\n}\n", "TestB"},
		{"go, a helper is there", "a.go", "a_test.go", "package a\n\nimport \"testing\"\n\nfunc check(t *testing.T) {}\n", "func check(t *testing.T) { panic(1) }\n\nfunc TestB(t *testing.T) { check(t) }\n", "TestB"},
		{"unittest class", "a.py", "tests/test_a.py", "import unittest\n\n\nclass TestA(unittest.TestCase):\n    def test_one(self):\n        pass\n\n\nif __name__ == \"__main__\":\n    unittest.main()\n", "class TestA(unittest.TestCase):\n    def test_one(self):\n        raise 1\n\n    def test_two(self):\n        self.assertTrue(True)\n", "test_two"},
		{"it beside the only describe", "a.ts", "a.test.ts", "describe(\"a\", () => {\n  it(\"one\", () => {});\n});\n", "it(\"one\", () => { x(); });\nit(\"two\", () => {\n  expect(1).toBe(1);\n});\n", "two"},
		{"another describe", "a.ts", "a.test.ts", "describe(\"a\", () => {\n  it(\"one\", () => {});\n});\n", "describe(\"b\", () => {\n  test.each([1])('two', () => {\n    expect(1).toBe(1);\n  });\n  it('three', () => {});\n});\n", "three"},
		{"comments above describes", "a.ts", "a.test.ts", "// about a\ndescribe(\"a\", () => {\n  it(\"one\", () => {});\n});\n", "// more\ndescribe(\"a\", { timeout: 1 }, () => {\n  it(\"two\", () => {});\n});\n", "two"},
		{"an empty file", "a.ts", "a.test.ts", "", "describe(\"b\", () => {\n  it('three', () => {});\n});\n", "three"},
		{"rust, bare functions", "src/lib.rs", "", "", "#[test]\nfn b() {\n    assert!(true);\n}\n", "b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{"package.json": `{"devDependencies":{"jest":"29"}}`, tt.source: "fn a() {}\n"}
			switch filepath.Ext(tt.source) {
			case ".go":
				files[tt.source] = "package a\n"
			case ".py", ".ts":
				files[tt.source] = ""
			}
			if tt.test != "" {
				files[tt.test] = tt.old
			} else {
				tt.old = files[tt.source]
			}
			snap, root := project(t, files)
			p, err := find(t, snap, filepath.Join(root, filepath.FromSlash(tt.source)))
			if err != nil {
				t.Fatal(err)
			}
			m, err := p.Merge(t.Context(), snap, tt.reply)
			if err != nil {
				t.Fatal(err)
			}
			now, err := text.Apply(tt.old, m.Edits)
			if err != nil {
				t.Fatal(err)
			}
			rest := now
			for line := range strings.Lines(tt.old) {
				if strings.HasPrefix(line, "import ") {
					continue // may have become a block
				}
				at := strings.Index(rest, line)
				if at < 0 {
					t.Fatalf("%q is gone from\n%s", line, now)
				}
				rest = rest[at+len(line):]
			}
			if got := strings.Join(m.Added, " "); got != tt.want && !strings.HasSuffix(got, tt.want) {
				t.Errorf("added %q", got)
			}
			if n := syntax.Problems(p.Language, now); n > 0 || strings.Contains(tt.old, "\r\n") && strings.Count(now, "\n") != strings.Count(now, "\r\n") {
				t.Errorf("%d syntax errors in\n%q", n, now)
			}
			if strings.Contains(now, "panic(1)") || strings.Contains(now, "raise 1") || strings.Contains(now, "x();") {
				t.Errorf("what was there came again:\n%s", now)
			}
			f := *p.File
			f.Text = now
			again := *p
			again.File = &f
			var refused *Refused
			if m, err := again.Merge(t.Context(), snap, tt.reply); !errors.As(err, &refused) || refused.Again == "" {
				t.Errorf("a second time: %+v, %v", m, err)
			}
		})
	}
}
