package syntax

import "github.com/hob-ls/hob/workspace/text"

// Kind is what a Symbol is.
type Kind string

// The kinds of symbols.
const (
	Function  Kind = "function"
	Method    Kind = "method"
	Class     Kind = "class"
	Interface Kind = "interface"
	Type      Kind = "type"
	Constant  Kind = "constant"
	Variable  Kind = "variable"
	Module    Kind = "module" // namespace, mod, package block
)

// Symbol is one declaration of a file.
type Symbol struct {
	Name   string
	Kind   Kind
	Span   text.Span // the whole declaration with decorators and export keywords, without its doc comment
	Doc    text.Span // the doc comment that belongs to it (for Python the docstring inside); empty if none
	Body   text.Span // the body with its braces or, in Python, its indented block; empty if it has none
	Ident  text.Span // the identifier
	Parent int       // index of the enclosing symbol in the outline, -1 at top level
}

// LanguageOf is the LSP language id of a path by its name ("go", "typescript",
// "typescriptreact", "javascript", "javascriptreact", "python", "rust", "java",
// "c", "cpp", "lua", and the ids of common text formats), "" if unknown.
func LanguageOf(path string) string { panic("todo") }

// Outline lists the symbols of src in order of their start, parents before
// children. A language without grammar or patterns has none.
func Outline(language, src string) []Symbol { panic("todo") }

// Enclosing is the innermost symbol whose Span (with its Doc) holds s.
func Enclosing(outline []Symbol, s text.Span) (Symbol, bool) { panic("todo") }

// Problems counts the syntax errors of src. Where the language has no grammar it
// counts brackets and quotes that do not match, outside comments and strings.
func Problems(language, src string) int { panic("todo") }

// Comment is how language writes a line comment: ("//", ""), ("#", ""), ("<!--", "-->").
// Both are empty where it has none.
func Comment(language string) (open, end string) { panic("todo") }

// Imports is the span of the leading import block of src, empty if there is none.
func Imports(language, src string) text.Span { panic("todo") }
