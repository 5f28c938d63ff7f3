package syntax

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestImportsOf(t *testing.T) {
	for _, tt := range []struct {
		name, language, src string
		want                []string // path, or path as local, or path: names
	}{
		{"go", "go", `// Package p.
package p

import "fmt"
import (
	// a comment with "quotes"
	x "a.b/c"
	. "dot"
	_ "blank"; "same/line"
	` + "`raw`" + `
)

var s = "no import"
`, []string{"fmt", "a.b/c as x", "dot as .", "blank as _", "same/line", "raw"}},
		{"go broken below", "go", "package p\nimport \"a\"\nfunc f( {\n", []string{"a"}},
		{"go broken in the block", "go", "package p\nimport (\n\t\"a\n\t\"b\"\n)\n", []string{"b"}},
		{"go none", "go", "package p\n\nfunc f() { use(\"import\") }\n", nil},
		{"go without clause", "go", "import \"a\"\n", []string{"a"}},
		{"typescript", "typescript", `import a, { b as c } from "./a";
import type { T } from '../types'
import "./side.css";
export * from './all';
export { x } from "y";
const r = require('./r'), lazy = () => import("./lazy");
// import z from "./comment";
const s = 'import q from "./string"';
const t = ` + "`import(\"./template\")`" + `;
foo.require("./method"); obj.import("./m2"); from("./call");
import {
  many,
  lines,
} from
  "./far";
`, []string{"./a", "../types", "./side.css", "./all", "y", "./r", "./lazy", "./far"}},
		{"jsx", "typescriptreact", `import { B } from "./b"
export const A = () => <p title="from">import it from "here"</p>
`, []string{"./b", "here"}}, // JSX text is not told from code: nothing resolves there
		{"python", "python", `"""import docstring"""
from __future__ import annotations
import os, a.b.c as abc
from . import sibling, other as o
from ..pkg.mod import (
    One,  # a comment, with commas
    Two as Deux,
)
from x import *
try:
    import fast
except ImportError:
    from slow import \
        fast, \
        faster
s = "import nothing"
# import comment
x = 1; important = 2
try: import json; import yaml
if True: pass
`, []string{"__future__: annotations", "os", "a.b.c as abc", ".: sibling other", "..pkg.mod: One Two", "x", "fast", "slow: fast faster", "json", "yaml"}},
		{"python cut short", "python", "from a import (b,\n c", []string{"a: b c"}},
		{"c", "c", "#include <stdio.h>\n#include \"list.h\"\n#  include \"../util/x.h\" // why\n// #include \"no.h\"\nchar *s = \"#include\";\n", []string{"list.h", "../util/x.h"}},
		{"unknown", "haskell", "import Data.List", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, src := range []string{tt.src, strings.ReplaceAll(tt.src, "\n", "\r\n")} {
				var got []string
				for _, i := range ImportsOf(tt.language, src) {
					s := i.Path
					if i.Local != "" {
						s += " as " + i.Local
					}
					if len(i.Names) > 0 {
						s += ": " + strings.Join(i.Names, " ")
					}
					got = append(got, s)
					if text := src[i.Span.Start:i.Span.End]; !strings.Contains(text, i.Path) {
						t.Errorf("the span of %q holds %q", i.Path, text)
					}
				}
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Errorf("-want +got\n%s", d)
				}
			}
		})
	}
}

func TestOccurrences(t *testing.T) {
	for _, tt := range []struct {
		language, src, name string
		want                string // the lines of what is found
		sure                bool
	}{
		{"go", "package p\n// Foo\nvar Foo = \"Foo\"\nvar FooBar, aFoo = Foo(), Foo.Foo\n", "Foo", "3 4 4 4", true},
		{"go", "package p\nvar Foo = 1\nvar s = \"Foo\n", "Foo", "2", false},
		{"python", "def run():\n    '''run'''\n    run(rerun, run_all) # run\n", "run", "1 3", true},
		{"typescript", "const $a = 1\nconst s = `${$a} $a`; x$a; a\n", "$a", "1 2", true},
		{"", "foo (foo) food\nfoo", "foo", "1 1 2", false},
		{"go", "nothing here", "Foo", "", true},
		{"go", "x", "", "", true},
		{"go", "aaa aa aa", "aa", "1 1", true},
	} {
		found, sure := Occurrences(tt.language, tt.src, tt.name)
		var lines []string
		for _, s := range found {
			lines = append(lines, fmt.Sprint(strings.Count(tt.src[:s.Start], "\n")+1))
		}
		if got := strings.Join(lines, " "); got != tt.want || sure != tt.sure {
			t.Errorf("%s %q in %q: got %q %v, want %q %v", tt.language, tt.name, tt.src, got, sure, tt.want, tt.sure)
		}
	}
}

func TestOccurrencesJSX(t *testing.T) {
	src := "export const Button = () => <Button title=\"Button\">Button {Button}</Button>\n"
	found, sure := Occurrences("typescriptreact", src, "Button")
	if _, grammar := proseSpans("typescriptreact", src); grammar {
		if len(found) != 4 || !sure {
			t.Errorf("got %v %v, want the declaration, both tags and the value in braces, surely", found, sure)
		}
	} else if len(found) != 5 || sure {
		t.Errorf("got %v %v, want the text between the tags too, and no claim to be sure", found, sure)
	}
}

func FuzzImportsOf(f *testing.F) {
	for _, language := range []string{"go", "typescriptreact", "python", "c"} {
		f.Add(language, "package p\nimport (\n\t\"a\"\n)\nfrom .a import (b, c as d)\nimport x from './y'\n#include \"z.h\"\n", "a")
	}
	f.Fuzz(func(t *testing.T, language, src, name string) {
		last := 0
		for _, i := range ImportsOf(language, src) {
			if i.Span.Start < last || i.Span.End > len(src) || i.Span.Len() <= 0 {
				t.Fatalf("span %v after %d of %d", i.Span, last, len(src))
			}
			last = i.Span.Start
		}
		last = 0
		found, _ := Occurrences(language, src, name)
		for _, s := range found {
			if s.Start < last || src[s.Start:s.End] != name {
				t.Fatalf("%v is not %q", s, name)
			}
			last = s.End
		}
	})
}

func BenchmarkImportsOf(b *testing.B) {
	long := strings.Repeat("const answer = compute(1, 'two', x => x * 2) // and why\n", 200)
	for _, tt := range []struct{ language, src string }{
		{"go", "package p\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n" + long},
		{"typescript", "import a from './a'\nimport { b } from '../b'\n" + long},
		{"python", "import os\nfrom .a import b\n" + strings.ReplaceAll(long, "//", "#")},
	} {
		b.Run(tt.language, func(b *testing.B) {
			b.SetBytes(int64(len(tt.src)))
			for b.Loop() {
				if len(ImportsOf(tt.language, tt.src)) != 2 {
					b.Fatal("wrong imports")
				}
			}
		})
	}
}
