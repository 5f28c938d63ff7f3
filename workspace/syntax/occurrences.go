package syntax

import (
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

// Occurrences lists where the identifier name stands in src as a whole word, in
// order. Those in comments and strings are left out where the text of the
// language can be told from its code; sure says that it could be, for the whole of
// src: not where the language is unknown, a comment or a string has no end, or
// JSX mixes text and code and there is no grammar to part them.
func Occurrences(language, src, name string) (found []text.Span, sure bool) {
	sure = lexes[language] != nil
	if name == "" {
		return nil, sure
	}
	begin := markLen(src)
	for at := 0; ; {
		i := strings.Index(src[at:], name)
		if i < 0 {
			break
		}
		s := text.Span{Start: at + i, End: at + i + len(name)}
		if at = s.Start + 1; s.Start > begin && isWord(name[0]) && isWord(src[s.Start-1]) ||
			s.End < len(src) && isWord(name[len(name)-1]) && isWord(src[s.End]) {
			continue
		}
		found = append(found, s)
		at = s.End
	}
	if len(found) == 0 || !sure {
		return found, sure
	}
	l := lex(language, src)
	found = slices.DeleteFunc(found, func(s text.Span) bool { return string(l.mask[s.Start:s.End]) != name })
	if strings.HasSuffix(language, "react") && len(found) > 0 {
		prose, ok := proseSpans(language, src)
		found = slices.DeleteFunc(found, func(s text.Span) bool {
			for len(prose) > 0 && prose[0].End < s.End { // both are in order
				prose = prose[1:]
			}
			return len(prose) > 0 && prose[0].Start <= s.Start
		})
		sure = ok
	}
	return found, sure && l.open.count == 0
}
