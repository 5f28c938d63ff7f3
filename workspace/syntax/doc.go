// Package syntax reads the shape of source files: which language a path is in,
// the outline of a file, the symbol around a place, and whether a text has
// syntax errors. It tolerates broken code: what can be read is reported.
//
// With cgo the grammars of tree-sitter do the work; without it go/parser and
// line patterns do. Both sides give the same types and are tested alike. The
// patterns are in both builds: they go by indentation where brackets don't add
// up, and so find what a grammar loses behind an unclosed brace.
package syntax
