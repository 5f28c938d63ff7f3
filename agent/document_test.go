package agent

import (
	"strings"
	"testing"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/workspace/text"
)

func TestDocStyle(t *testing.T) {
	for _, tt := range []struct{ language, comment, want string }{
		{"go", "// A adds.", "// A adds."},
		{"rust", "// Adds.\n//\n// Twice.", "/// Adds.\n///\n/// Twice."},
		{"rust", "/// Adds.", "/// Adds."},
		{"rust", "//! Adds.", "//! Adds."},
		{"lua", "-- Adds.\n-- @param a", "--- Adds.\n--- @param a"},
		{"lua", "--[[ Adds. ]]", "--[[ Adds. ]]"},
		{"lua", "--- Adds.", "--- Adds."},
		{"python", "# Adds.", `"""Adds."""`},
		{"python", "# Adds.\n#\n# Twice.", "\"\"\"Adds.\n\nTwice.\n\"\"\""},
		{"python", `"""Adds."""`, `"""Adds."""`},
		{"typescript", "// Adds.\n//\n// @param a one", "/**\n * Adds.\n *\n * @param a one\n */"},
		{"javascriptreact", "/* Adds. */", "/** Adds. */"},
		{"java", "/**\n * Adds.\n */", "/**\n * Adds.\n */"},
		{"cpp", "// Adds.", "// Adds."},
	} {
		if got := docStyle(tt.language, tt.comment); got != tt.want {
			t.Errorf("%s: %q became %q, want %q", tt.language, tt.comment, got, tt.want)
		}
	}
}

// A comment that shares a line with code is replaced alone: the code stays.
func TestDocumentBesideCode(t *testing.T) {
	for _, tt := range []struct{ name, file, src, at, reply, want string }{
		{"before a function", "a.ts", "/** Adds. */ export function add(a: number) { return a }\n\nconst z = 1;\n", "add(", "/** Adds\n * one. */", "/** Adds\n * one. */\nexport function add(a: number) { return a }\n\nconst z = 1;\n"},
		{"before a method", "a.ts", "class A {\n  /** old */ limit() { return 5 }\n}\n", "limit", "/** The limit. */", "class A {\n  /** The limit. */\n  limit() { return 5 }\n}\n"},
		{"CRLF", "a.ts", "class A {\r\n\t/** old */\tlimit() { return 5 }\r\n}\r\n", "limit", "/** The limit. */", "class A {\r\n\t/** The limit. */\r\n\tlimit() { return 5 }\r\n}\r\n"},
		{"a line comment for a block", "a.go", "package a\n\n/* Old. */ func F() int { return 1 }\n", "F()", "// F is one.", "package a\n\n// F is one.\nfunc F() int { return 1 }\n"},
		{"a docstring on the line of its function", "a.py", "def f(): \"\"\"Old.\"\"\"\n\nx = 1\n", "f()", "\"\"\"New.\"\"\"", "def f(): \"\"\"New.\"\"\"\n\nx = 1\n"},
		{"a docstring and a statement", "a.py", "def f():\n    \"\"\"Old.\"\"\"; return 1\n", "f()", "\"\"\"New.\"\"\"", "def f():\n    \"\"\"New.\"\"\"; return 1\n"},
		{"a comment behind the colon", "a.py", "def f():  # note\n    return 1\n", "f()", "\"\"\"New.\"\"\"", "def f():  # note\n    \"\"\"New.\"\"\"\n    return 1\n"},
		{"a body on the line of the name", "a.py", "def f(): return 1\n", "f()", "\"\"\"New.\"\"\"", "the body of f is on the line of its name"},
		{"a body on the line of the last parameter", "a.py", "def f(\n    a): return 1\n", "f(", "\"\"\"New.\"\"\"", "the body of f is on the line of its name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{{Text: "```\n" + tt.reply + "\n```\n"}}}, map[string]string{tt.file: tt.src})
			at := strings.Index(tt.src, tt.at)
			res, err := w.do(t.Context(), Request{Action: Document, Path: tt.file, Span: text.Span{Start: at, End: at}})
			if err != nil {
				if !strings.HasPrefix(err.Error(), tt.want) {
					t.Error(err)
				}
				return
			}
			if len(res.Files) != 1 {
				t.Fatalf("%d files", len(res.Files))
			}
			if got, err := text.Apply(tt.src, res.Files[0].Edits); err != nil || got != tt.want {
				t.Errorf("%v\n%q\nwant\n%q", err, got, tt.want)
			}
		})
	}
}
