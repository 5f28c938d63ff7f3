//go:build cgo

package syntax

import (
	sitter "github.com/tree-sitter/go-tree-sitter"

	"github.com/hob-ls/hob/workspace/text"
)

// proseSpans is the text between the tags of JSX, which no lexer can tell from
// code; ok is false where the grammar can't either, because src has errors.
func proseSpans(language, src string) (spans []text.Span, ok bool) {
	get := grammars[language]
	if get == nil {
		return nil, false
	}
	parsed := parseTree(get(), src, func(root *sitter.Node) {
		ok = !root.HasError()
		c := root.Walk()
		defer c.Close()
		for {
			if n := c.Node(); n.Kind() == "jsx_text" {
				spans = append(spans, spanOf(n))
			}
			if c.GotoFirstChild() || c.GotoNextSibling() {
				continue
			}
			for c.GotoParent() {
				if c.GotoNextSibling() {
					break
				}
			}
			if c.Depth() == 0 {
				return
			}
		}
	})
	return spans, ok && parsed
}
