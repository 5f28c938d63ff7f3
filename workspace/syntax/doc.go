// Package syntax reads the shape of source files: which language a path is in,
// the outline of a file, the symbol around a place, and whether a text has
// syntax errors. It tolerates broken code: what can be read is reported.
//
// With cgo the grammars of tree-sitter do the work; without it go/parser and
// line patterns do. Both sides give the same types and are tested alike.
package syntax
