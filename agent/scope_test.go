package agent

import (
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// marked cuts the « and » out of src: what stands between them is the selection,
// one « alone is the cursor.
func marked(t *testing.T, src string) (string, text.Span) {
	t.Helper()
	start := strings.Index(src, "«")
	if start < 0 {
		t.Fatalf("no « in %q", src)
	}
	src = strings.Replace(src, "«", "", 1)
	end := strings.Index(src, "»")
	if end < 0 {
		return src, text.Span{Start: start, End: start}
	}
	return strings.Replace(src, "»", "", 1), text.Span{Start: start, End: end}
}

const goFile = `package p

import "fmt"

// Hello greets.
func Hello(name string) {
	fmt.Println("hello", name)
}

func bare() int {
	return 1
}
`

func TestLocate(t *testing.T) {
	with := func(old, marks string) string { return strings.Replace(goFile, old, marks, 1) }
	for _, tt := range []struct {
		name, src string
		action    Action
		language  string
		kind      ScopeKind
		want      string // the region's text
		shown     string // the text of what is shown, if another
	}{
		{name: "part of a line becomes the line", action: Edit, src: with("Println", "«Print»ln"), kind: SelectionScope, want: "\tfmt.Println(\"hello\", name)\n"},
		{name: "a cursor means its symbol", action: Edit, src: with("Println", "«Println"), kind: SymbolScope, want: "func Hello(name string) {\n\tfmt.Println(\"hello\", name)\n}\n"},
		{name: "a selected symbol is a symbol", action: Edit, src: with("func bare() int {\n\treturn 1\n}\n", "«func bare() int {\n\treturn 1\n}\n»"), kind: SymbolScope, want: "func bare() int {\n\treturn 1\n}\n"},
		{name: "a selection by line does not reach into the next", action: Edit, src: with("import \"fmt\"\n", "«import \"fmt\"\n»"), kind: SelectionScope, want: "import \"fmt\"\n"},
		{name: "everything", action: Edit, src: "«" + goFile + "»", kind: FileScope, want: goFile},
		{name: "a cursor outside symbols means the file", action: Edit, src: with("import", "«import"), kind: FileScope, want: goFile},
		{name: "a fix takes the symbol", action: Fix, src: with("return 1", "return «1»"), kind: SymbolScope, want: "func bare() int {\n\treturn 1\n}\n"},
		{name: "a fix outside symbols takes lines around", action: Fix, src: with("\"fmt\"", "«\"fmt\"»"), kind: LineScope, want: "package p\n\nimport \"fmt\"\n\n// Hello greets.\nfunc Hello(name string) {\n"},
		{name: "generate fills a blank line", action: Generate, src: "a := 1\n\t«\nb := 2\n", language: "text", kind: InsertionScope, want: "\t"},
		{name: "generate goes after a full line", action: Generate, src: "a := «1\nb := 2\n", language: "text", kind: InsertionScope, want: ""},
		{name: "generate replaces a comment", action: Generate, src: "a\n\t«// hob: x»\nb\n", language: "text", kind: InsertionScope, want: "\t// hob: x\n"},
		{name: "document takes the comment", action: Document, src: with("Println", "«Println"), kind: SymbolScope, want: "// Hello greets.\n", shown: "func Hello(name string) {\n\tfmt.Println(\"hello\", name)\n}\n"},
		{name: "document finds the spot", action: Document, src: with("return 1", "«return 1"), kind: SymbolScope, want: "", shown: "func bare() int {\n\treturn 1\n}\n"},
		{name: "explain a selection", action: Explain, src: with("return 1", "«return 1»"), kind: SelectionScope, want: "\treturn 1\n"},
		{name: "CRLF", action: Edit, src: "one\r\nt«w»o\r\nthree\r\n", language: "text", kind: SelectionScope, want: "two\r\n"},
		{name: "no final newline", action: Edit, src: "one\nt«w»o", language: "text", kind: SelectionScope, want: "two"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src, span := marked(t, tt.src)
			if tt.language == "" {
				tt.language = "go"
			}
			f := &workspace.File{Path: "/w/a.go", Root: "/w", Text: src, Language: tt.language}
			got, err := locate(Request{Action: tt.action, Path: f.Path, Span: span}, f)
			if err != nil {
				t.Fatal(err)
			}
			if region := src[got.Region.Start:got.Region.End]; region != tt.want || got.Scope.Kind != tt.kind {
				t.Errorf("got %s %q, want %s %q", got.Scope.Kind, region, tt.kind, tt.want)
			}
			if tt.shown == "" {
				tt.shown = tt.want
			}
			if shown := src[got.Shown.Start:got.Shown.End]; shown != tt.shown {
				t.Errorf("shown is %q, want %q", shown, tt.shown)
			}
		})
	}
}

func TestLocateRefuses(t *testing.T) {
	f := &workspace.File{Path: "/w/a.go", Root: "/w", Text: "package p\n", Language: "go"}
	for name, req := range map[string]Request{
		"outside":   {Action: Edit, Span: text.Span{Start: 3, End: 99}},
		"negative":  {Action: Edit, Span: text.Span{Start: -1, End: 2}},
		"backwards": {Action: Edit, Span: text.Span{Start: 5, End: 2}},
		"no symbol": {Action: Document, Span: text.Span{Start: 2, End: 2}},
	} {
		if got, err := locate(req, f); err == nil || err.Kind != BadRequest || err.Hint == "" {
			t.Errorf("%s: got %+v, %+v; want bad_request with a hint", name, got, err)
		}
	}
}

func TestDocComment(t *testing.T) {
	for _, tt := range []struct{ name, language, src, reply, want string }{
		{
			"comment alone", "go", "package p\n\nfunc F«() {}\n",
			"// F does it.\n", "package p\n\n// F does it.\nfunc F() {}\n",
		},
		{
			"the symbol again", "go", "package p\n\nfunc F«() {}\n",
			"// F does it.\n// Twice.\nfunc F() { changed() }\n", "package p\n\n// F does it.\n// Twice.\nfunc F() {}\n",
		},
		{
			"an old comment is replaced", "go", "package p\n\n// Old.\nfunc F«() {}\n",
			"// New.\n", "package p\n\n// New.\nfunc F() {}\n",
		},
		{
			"indented method", "typescript", "class A {\n  m«() {\n    return 1\n  }\n}\n",
			"/**\n * Gives one.\n */\n", "class A {\n  /**\n   * Gives one.\n   */\n  m() {\n    return 1\n  }\n}\n",
		},
		{
			"python docstring", "python", "def f(x):\n    retur«n x\n",
			"\"\"\"Give x.\"\"\"\n", "def f(x):\n    \"\"\"Give x.\"\"\"\n    return x\n",
		},
		{
			"python function again", "python", "def f(x):\n    retur«n x\n",
			"def f(x):\n    \"\"\"Give x.\n\n    Always.\n    \"\"\"\n    return x\n", "def f(x):\n    \"\"\"Give x.\n\n    Always.\n    \"\"\"\n    return x\n",
		},
		{
			"CRLF", "go", "package p\r\n\r\nfunc F«() {}\r\n",
			"// F does it.\n// Twice.\n", "package p\r\n\r\n// F does it.\r\n// Twice.\r\nfunc F() {}\r\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src, span := marked(t, tt.src)
			f := &workspace.File{Path: "/w/a", Root: "/w", Text: src, Language: tt.language}
			target, bad := locate(Request{Action: Document, Path: f.Path, Span: span}, f)
			if bad != nil {
				t.Fatal(bad)
			}
			comment, err := docComment(f, target, tt.reply)
			if err != nil {
				t.Fatal(err)
			}
			if got := src[:target.Region.Start] + comment + src[target.Region.End:]; got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestDocCommentRefuses(t *testing.T) {
	src, span := marked(t, "package p\n\nfunc F«() {}\n")
	f := &workspace.File{Path: "/w/a.go", Root: "/w", Text: src, Language: "go"}
	target, bad := locate(Request{Action: Document, Path: f.Path, Span: span}, f)
	if bad != nil {
		t.Fatal(bad)
	}
	if got, err := docComment(f, target, "func F() {}\n"); err == nil {
		t.Errorf("got %q from a reply without a comment", got)
	}
}

func TestShrinks(t *testing.T) {
	for prompt, want := range map[string]bool{
		"remove the logging": true, "Simplify this": true, "dedupe": true, "delete dead code": true,
		"add a parameter": false, "rename x to y": false, "": false, "make it undeletable": false,
	} {
		if got := shrinks(Request{Prompt: prompt}); got != want {
			t.Errorf("%q: got %v", prompt, got)
		}
	}
}
