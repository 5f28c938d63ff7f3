package syntax

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hob-ls/hob/workspace/text"
)

func TestLanguageOf(t *testing.T) {
	for path, want := range map[string]string{
		"a.go": "go", "x/y/Button.tsx": "typescriptreact", "a.ts": "typescript", "a.d.mts": "typescript", "a.jsx": "javascriptreact",
		"a.cjs": "javascript", "A.PY": "python", "a.rs": "rust", "A.java": "java", "a.h": "c", "a.hpp": "cpp", "a.lua": "lua",
		"Makefile": "makefile", "docker/Dockerfile": "dockerfile", "Dockerfile.dev": "dockerfile", "go.mod": "go.mod", "CMakeLists.txt": "cmake",
		`C:\src\tsconfig.json`: "jsonc", "package.json": "json", "README.md": "markdown", "a.unknown": "", "": "", "noext": "", ".go": "go", "dir.go/file": "",
	} {
		if got := LanguageOf(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

func TestComment(t *testing.T) {
	for language, want := range map[string][2]string{
		"go": {"//", ""}, "python": {"#", ""}, "lua": {"--", ""}, "html": {"<!--", "-->"}, "css": {"/*", "*/"}, "json": {}, "plaintext": {}, "": {},
	} {
		if open, end := Comment(language); open != want[0] || end != want[1] {
			t.Errorf("%q: got %q, %q", language, open, end)
		}
	}
	for language := range rules {
		if open, _ := Comment(language); open == "" {
			t.Errorf("%s has symbols but no comments", language)
		}
	}
}

func TestEnclosing(t *testing.T) {
	const src = `import { a } from "a";

/** Doc of A. */
class A {
  one() {
    return 1;
  }
}

function two() {
  return 2;
}
`
	outline := Outline("typescript", src)
	for place, want := range map[string]string{
		"import": "", "Doc of A": "A", "class A": "A", "return 1": "one", "one()": "one", "  one": "A", "return 2": "two", "}\n\nfunction": "",
	} {
		i := strings.Index(src, place)
		got, ok := Enclosing(outline, text.Span{Start: i, End: i + len(place)})
		if ok != (want != "") || got.Name != want {
			t.Errorf("%q: got %q, %v; want %q", place, got.Name, ok, want)
		}
	}
	if sym, ok := Enclosing(outline, text.Span{Start: 0, End: len(src)}); ok || sym.Parent != -1 {
		t.Errorf("the whole text: got %v, %v", sym, ok)
	}
	end := strings.Index(src, "\n}\n\nfunction") + 1
	if sym, _ := Enclosing(outline, text.Span{Start: end, End: end}); sym.Name != "A" {
		t.Errorf("a cursor before the brace: got %q", sym.Name)
	}
}

// TestProblems compares sound texts, which have none, with broken ones. Both readers are
// asked: the grammar of the build, and the count of brackets and quotes.
func TestProblems(t *testing.T) {
	tests := []struct {
		language, src string
		broken        bool
		grammarOnly   bool // the brackets and quotes are all right
	}{
		{language: "go", src: "package a\n\nvar s = `raw { \" '`\nvar r = '{'\nvar e = '\\''\n"},
		{language: "go", src: "package a\n\nfunc f() {\n", broken: true},
		{language: "go", src: "package a\n\nvar s = \"x\n", broken: true},
		{language: "go", src: "package a\n\nfunc f( { return ) }\n", broken: true},
		{language: "go", src: "package a\n\nfunc 1() {}\n", broken: true, grammarOnly: true},
		{language: "typescript", src: "const s = `a ${b ? `x${'}'}` : \"{\"} c`;\nconst r = /[{(\"'`]/g;\nconst d = a / b / c;\n"},
		{language: "typescript", src: "const s = `a ${b`;\n", broken: true},
		{language: "typescript", src: "const a = 1 / (2;\n", broken: true},
		{language: "typescript", src: "const = 1;\n", broken: true, grammarOnly: true},
		{language: "typescriptreact", src: "const a = <p className=\"x\">Don't {b} <br /></p>;\n"},
		{language: "typescriptreact", src: "const a = <p>{b</p>;\n", broken: true},
		{language: "javascript", src: "if (x) { /* { */ // (\n}\n"},
		{language: "python", src: "s = '''{ \" ''' + \"\"\"( '\"\"\" # {\nt = 'it\\'s'\n"},
		{language: "python", src: "def f(:\n    pass\n", broken: true},
		{language: "python", src: "s = \"\"\"open\n", broken: true},
		{language: "python", src: "def f()\n    pass\n", broken: true, grammarOnly: true},
		{language: "rust", src: "fn f<'a>(x: &'a str) -> char { let c = '{'; let d = '\\''; let r = r#\"(\"#; c }\n"},
		{language: "rust", src: "fn f() { let x = (1; }\n", broken: true},
		{language: "rust", src: "/* a /* b */ fn f() {}\n", broken: true},
		{language: "java", src: "class A { String s = \"\"\"\n  { \"\n  \"\"\"; char c = '{'; }\n"},
		{language: "java", src: "class A { void f() { }\n", broken: true},
		{language: "c", src: "char c = '{'; int f(void) { return 1; } /* ( */\n"},
		{language: "c", src: "int f(void) { return 1;\n", broken: true},
		{language: "cpp", src: "auto s = R\"x({\" )\")x\"; int i = 1'000'000;\n"},
		{language: "cpp", src: "class A { void f() { };\n", broken: true},
		{language: "lua", src: "local s = [==[ end ]] ]==] -- (\n--[[ { ]]\nif s then f(s) elseif t then g() end\nrepeat f() until x\n"},
		{language: "lua", src: "local function f()\n  if x then\n  return 1\nend\n", broken: true},
		{language: "lua", src: "local s = 'x\n", broken: true},
		{language: "sql", src: "SELECT 'it''s (' AS a, \"b(\" -- (\nFROM t /* ( */ WHERE (x = 1);\n"},
		{language: "sql", src: "SELECT (1, 2;\n", broken: true},
		{language: "powershell", src: "<# ( #> if ($a) { 'x(' } # {\n"},
		{language: "powershell", src: "if ($a) {\n", broken: true},
		{language: "cmake", src: "set(a \"b\\\"(\") # (\n"},
		{language: "cmake", src: "if(a\n", broken: true},
	}
	for _, tt := range tests {
		if n := unbalanced(tt.language, tt.src).count; (n > 0) != (tt.broken && !tt.grammarOnly) {
			t.Errorf("%s: %d brackets and quotes without a partner in %q", tt.language, n, tt.src)
		}
		if tt.grammarOnly && !hasGrammar(tt.language) {
			continue
		}
		if n := Problems(tt.language, tt.src); (n > 0) != tt.broken {
			t.Errorf("%s: %d problems in %q", tt.language, n, tt.src)
		}
	}
	for language, src := range map[string]string{"markdown": "it's :) {", "": "(((", "json": `{"a": [1, "]"]}`, "css": "a { b: \"}\" /* { */ }"} {
		if n := Problems(language, src); n != 0 {
			t.Errorf("%q: %d problems in %q", language, n, src)
		}
	}
	if n := Problems("json", `{"a": [1}`); n == 0 {
		t.Error("json: an unclosed bracket is no problem")
	}
}

func TestImports(t *testing.T) {
	tests := []struct{ language, src, want string }{
		{"go", "package a\n\nfunc f() {}\n", ""},
		{"go", "package a\n\nimport \"a\"\n\nimport (\n\t\"b\"\n)\n\nvar x = 1\n", "import \"a\"\n\nimport (\n\t\"b\"\n)"},
		{"typescript", "/* license */\n'use strict';\n\nimport a from 'a';\n\n// types\nimport type { B } from \"b\"\n\nconst x = import('c');\n", "import a from 'a';\n\n// types\nimport type { B } from \"b\""},
		{"typescript", "const x = 1;\nimport a from 'a';\n", ""},
		{"python", "\"\"\"Doc.\n\nimport fake\n\"\"\"\nimport os\nfrom a import (\n    b,\n)\n\nx = 1\nimport late\n", "import os\nfrom a import (\n    b,\n)"},
		{"rust", "#![allow(x)]\nuse a::{\n    b,\n};\npub use c;\nfn main() {}\n", "use a::{\n    b,\n};\npub use c;"},
		{"c", "#pragma once\n#include <a.h>\n#include \"b.h\"\n\nint x;\n", "#include <a.h>\n#include \"b.h\""},
		{"lua", "local a = require('a')\nlocal b = require \"b\"\n\nlocal M = {}\n", "local a = require('a')\nlocal b = require \"b\""},
		{"markdown", "import x\n", ""},
		{"go", "", ""},
	}
	for _, tt := range tests {
		s := Imports(tt.language, tt.src)
		if got := tt.src[s.Start:s.End]; got != tt.want {
			t.Errorf("%s %q:\ngot  %q\nwant %q", tt.language, tt.src, got, tt.want)
		}
	}
}

// TestLineEnds reads the cases with other line ends: the same symbols at the same lines.
func TestLineEnds(t *testing.T) {
	for _, c := range sources(t) {
		for _, eol := range []string{"\r\n", "\n"} {
			src := text.WithEOL(c.src, eol)
			want, got := Outline(c.language, c.src), Outline(c.language, src)
			checkOutline(t, c.language, src)
			if a, b := listed(want), listed(got); !slices.Equal(a, b) {
				t.Errorf("%s with %q: got %v, want %v", c.language, eol, b, a)
			}
		}
	}
}

// TestByteOrderMark reads the cases with one before them: all is where it was, three
// bytes on.
func TestByteOrderMark(t *testing.T) {
	on := func(s text.Span) text.Span {
		if s.Len() > 0 {
			s.Start, s.End = s.Start+len(text.Mark), s.End+len(text.Mark)
		}
		return s
	}
	for _, c := range append(sources(t), source{"python", "import os\n\n# f does.\ndef f():\n  pass\n"}, source{"c", "#include \"a.h\"\n"}, source{"lua", "function f() end\n"}) {
		src := text.Mark + c.src
		want := Outline(c.language, c.src)
		for i := range want {
			sym := &want[i]
			sym.Span, sym.Doc, sym.Body, sym.Ident = on(sym.Span), on(sym.Doc), on(sym.Body), on(sym.Ident)
		}
		if got := Outline(c.language, src); !slices.Equal(got, want) {
			t.Errorf("%s: got %+v\nwant %+v in %q", c.language, got, want, c.src)
		}
		if got, want := Imports(c.language, src), on(Imports(c.language, c.src)); got != want {
			t.Errorf("%s: imports %v, want %v in %q", c.language, got, want, c.src)
		}
		if got, want := len(ImportsOf(c.language, src)), len(ImportsOf(c.language, c.src)); got != want {
			t.Errorf("%s: %d imports, want %d in %q", c.language, got, want, c.src)
		}
		if got, want := Problems(c.language, src), Problems(c.language, c.src); got != want {
			t.Errorf("%s: %d problems, want %d in %q", c.language, got, want, c.src)
		}
	}
	if found, _ := Occurrences("python", text.Mark+"foo = foo", "foo"); len(found) != 2 {
		t.Errorf("foo is found at %v", found)
	}
}

// TestSoundText: what is right in a language without a grammar is not taken for an
// error, or every edit that brings it would be refused.
func TestSoundText(t *testing.T) {
	for language, srcs := range map[string][]string{
		"scss":        {"@import url(//fonts.example.com/css);\na { background: url(http://example.com/a.png); &:hover { b: c; } // it's\n}\n", "a { b: url('//x/(') ; c: url($d + \"/(\"); }"},
		"less":        {"a { background: URL(https://example.com/a.png); }\n"},
		"css":         {"a { b: url(http://x.y/*.png); content: \"\\\"\"; }"},
		"julia":       {"\"\"\"\n    f(x)\n\nIt's the transpose (of x.\n\"\"\"\nf(x) = (x' * x)\ng = [a', b']\nc = '('\nd = '\\''\n#= a ( block =#\ns = \"two (\nlines\"\n"},
		"r":           {"f <- function(x) { x[[1]] } # it's\ns <- '('\n"},
		"terraform":   {"resource \"a\" \"b\" {\n  // it's\n  /* { */\n  x = <<EOT\nit's\nEOT\n}\n", "a = <<-E_1\r\n  case x) echo \"it's ($EOT\r\n  E_1\r\nb = [<<X\n{\nX\n, \"${f(\"b\")}\"]\n"},
		"csharp":      {"#region it's\nclass A {\n  string p = @\"C:\\dir\\\", q = $\"{f(\"b\")}\", v = @$\"say \"\"hi\"\" {{\nline\", w = $@\"(\";\n  char c = '\"', d = '\\'';\n  object @class = \"\"\"\n \" ( \"\"\";\n}\n"},
		"dart":        {"void f() {\n  var s = '''\nit's (\n''';\n  var r = r'\\', q = r\"(\\\";\n  var d = \"\"\"\n( \"\n\"\"\";\n}\n"},
		"php":         {"<p>Don't</p>\n<?php\nfunction f() { return 'it\\'s'; }\n$x = <<<EOT\nit's (\nEOT;\n?>\n"},
		"kotlin":      {"fun f(): String = \"${g(\"b\")}\"\nval c = '\"'\nval s = \"\"\"a \" b { \"\"\"\n"},
		"swift":       {"let a = \"\"\"\nit's \"x\" (\n\"\"\"\nlet b = #\"raw \" (\"#\nlet c = \"a \\(f(\"b\"))\"\n"},
		"scala":       {"val s = \"\"\"a \" (\"\"\"\nval c = '\"'\nval t = 'sym\ndef f = { 1 }\n"},
		"groovy":      {"def s = '''\nit's (\n'''\ndef g = \"${f('a')}\"\ndef t = \"\"\"\n( \"\n\"\"\"\n", "if (s =~ /it's \\/(\"/) { x = (a + b) / c / d }\nfile('a/b').each { it / 2 } // it's\nint n = x++ / (2 * z++ / 3)\ndef f = { -> /it's [/ }\nassert /(/ != s\n"},
		"zig":         {"const s =\n    \\\\it's \"(\n;\nconst c = '\\'';\n"},
		"sql":         {"select 'it''s', \"a\" -- it's (\nfrom t /* ( */\n"},
		"powershell":  {"$t = @'\nit's (\n'@\n$u = @\"\r\na \" (\r\n\"@\nfunction f { 'it''s' } # it's\n<# ( #>\n", "\"say `\"hi`\" (``\" + 'C:\\' + `\n \"C:\\dir\\\"\nWrite-Host `\"x `'\n", "$s = @\"\r\n```powershell\r\n$x\r\n```\r\n\"@\r\nif ($a) { }\r\n"},
		"cmake":       {"set(a \"b (\nc\") # it's (\nset(x [[ it's ( ]])\n"},
		"objective-c": {"@implementation A // it's\n- (NSString *)f { return @\"(\"; }\n#pragma mark - it's\n@end\n"},
		"toml":        {"a = 'C:\\' # it's\nb = '''\nit's (\n'''\n"},
	} {
		for _, src := range srcs {
			if f := unbalanced(language, src); f.count > 0 {
				t.Errorf("%s: %d errors in %q, the first before %q", language, f.count, src, src[f.first:])
			}
			if Problems(language, src+"(") == 0 && language != "php" {
				t.Errorf("%s: no error in %q", language, src+"(")
			}
		}
	}
}

func listed(outline []Symbol) []string {
	var out []string
	for _, sym := range outline {
		out = append(out, fmt.Sprint(sym.Kind, " ", sym.Name, " ", sym.Parent))
	}
	return out
}

type source struct{ language, src string }

// sources are the texts of the outline cases.
func sources(t testing.TB) []source {
	t.Helper()
	files, err := filepath.Glob("testdata/outline/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	var out []source
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(data)
		head, _, _ := strings.Cut(string(a.Comment), "\n")
		out = append(out, source{strings.TrimPrefix(head, "language: "), string(a.Files[0].Data)})
	}
	return out
}

// TestCutAnywhere cuts every case at every twelfth byte, as typing does, and checks
// that the outline keeps its promises and every symbol that ended a line or more before the cut at
// the top level is still there.
func TestCutAnywhere(t *testing.T) {
	for _, c := range sources(t) {
		full := Outline(c.language, c.src)
		for cut := 0; cut < len(c.src); cut += 12 {
			src := c.src[:cut]
			checkOutline(t, c.language, src)
			Problems(c.language, src)
			got := make(map[string]bool)
			for _, sym := range Outline(c.language, src) {
				got[sym.Name] = true
			}
			for _, sym := range full {
				if sym.Parent < 0 && sym.Kind == Function && sym.Span.End < cut-2 && !got[sym.Name] {
					t.Errorf("%s cut at %d: %s is lost:\n…%q", c.language, cut, sym.Name, src[max(0, cut-60):])
				}
			}
		}
	}
}

// TestParallel reads in many goroutines at once: parsers are shared.
func TestParallel(t *testing.T) {
	all := sources(t)
	want := make([][]string, len(all))
	for i, c := range all {
		want[i] = listed(Outline(c.language, c.src))
	}
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			for n := range all {
				i := (n + g) % len(all)
				if got := listed(Outline(all[i].language, all[i].src)); !slices.Equal(got, want[i]) {
					t.Errorf("%s: got %v, want %v", all[i].language, got, want[i])
				}
				Problems(all[i].language, all[i].src)
			}
		})
	}
	wg.Wait()
}

func FuzzOutline(f *testing.F) {
	languages := slices.Sorted(maps.Keys(rules))
	languages = append(languages, "json", "css", "toml", "kotlin", "markdown", "")
	for _, c := range sources(f) {
		f.Add(slices.Index(languages, c.language), c.src)
		f.Add(slices.Index(languages, c.language), c.src[len(c.src)/3:len(c.src)/2])
	}
	f.Add(0, "`${`${`${")
	f.Add(1, "'''\\")
	f.Fuzz(func(t *testing.T, n int, src string) {
		language := languages[int(uint(n)%uint(len(languages)))]
		if len(src) > 4<<10 {
			t.Skip()
		}
		checkOutline(t, language, src)
		if s := Imports(language, src); s.Start < 0 || s.End < s.Start || s.End > len(src) {
			t.Fatalf("%s %q: imports at %v", language, src, s)
		}
		if Problems(language, src) < 0 || unbalanced(language, src).count < 0 {
			t.Fatal("fewer than no problems")
		}
		for _, sym := range normalize(patternOutline(language, src), src) {
			if sym.Span.Len() <= 0 || sym.Span.End > len(src) {
				t.Fatalf("%s %q: %v", language, src, sym)
			}
		}
	})
}

// bigTypeScript is about n lines of TypeScript.
func bigTypeScript(t testing.TB, n int) string {
	for _, c := range sources(t) {
		if c.language == "typescriptreact" {
			return strings.Repeat(c.src, n/strings.Count(c.src, "\n")+1)
		}
	}
	t.Fatal("no sample")
	return ""
}

func BenchmarkOutline3000(b *testing.B) {
	src := bigTypeScript(b, 3000)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Outline("typescriptreact", src)
	}
}

// BenchmarkOutlineBroken3000 reads the same with an unclosed brace at the top.
func BenchmarkOutlineBroken3000(b *testing.B) {
	src := "function broken() {\n  if (a) {\n}\n\n" + bigTypeScript(b, 3000)
	for b.Loop() {
		Outline("typescriptreact", src)
	}
}

func BenchmarkPatterns3000(b *testing.B) {
	src := bigTypeScript(b, 3000)
	for b.Loop() {
		patternOutline("typescriptreact", src)
	}
}

func BenchmarkProblems3000(b *testing.B) {
	src := bigTypeScript(b, 3000)
	for b.Loop() {
		Problems("typescriptreact", src)
	}
}
