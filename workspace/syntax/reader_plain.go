//go:build !cgo

package syntax

// tree is nothing without grammars: go/parser and line patterns read a text as a whole.
type tree struct{}

func (*tree) init(*Reader) {}
func (*tree) drop()        {}

func (*tree) outline(language, src string, _ []step) (syms []Symbol, broken, ok bool) {
	return grammarOutline(language, src)
}
