package syntax

import "github.com/hob-ls/hob/workspace/text"

// Code is src with its comments and strings blanked, but for line ends and the
// first byte of each string, which becomes a double quote. It is as long as src,
// so that a place in one is the same place in the other. In a language whose
// comments and strings are not known, it is src.
func Code(language, src string) string { return string(lex(language, src).mask) }

// Comments lists the comments of src, in order.
func Comments(language, src string) []text.Span { return lex(language, src).comments }
