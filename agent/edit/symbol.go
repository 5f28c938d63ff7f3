package edit

import (
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
)

// cutSymbol is the first rung of cut.
func (p *Parser) cutSymbol(s string) (string, bool) {
	name := declared(p.t.Original)
	if name == "" || strings.Count(s, "\n") < strings.Count(strings.TrimSpace(p.t.Original), "\n") || !hasWord(s, name) {
		return "", false
	}
	around := p.around()
	if !slices.ContainsFunc(significant(s), func(l string) bool { return around[l] && telling([]string{l}) }) {
		return "", false // nothing of the file beside the region: nothing is parsed
	}
	own, sole := soleSymbol(p.t.Language, p.t.Original)
	if !sole {
		return "", false
	}
	outline := syntax.Outline(p.t.Language, s)
	found := -1
	for i, sym := range outline {
		if sym.Name == own.Name {
			if found >= 0 {
				return "", false // overloads, or a field of the same name
			}
			found = i
		}
	}
	if found < 0 || !p.knownBeside(s, outline, found, around) {
		return "", false
	}
	span := outline[found].Span
	if d := outline[found].Doc; d.Len() > 0 && d.End <= span.Start {
		inRegion := strings.Contains(p.t.Before, strings.TrimSpace(s[d.Start:d.End]))
		if !inRegion {
			span.Start = d.Start
		}
	}
	return s[lineStart(s, span.Start):lineEnd(s, span.End)], true
}

// around holds the lines of code of the file outside of the region.
func (p *Parser) around() map[string]bool {
	out := make(map[string]bool)
	for l := range lines(p.t.Before) {
		out[l] = true
	}
	for l := range lines(p.t.After) {
		out[l] = true
	}
	return out
}

// knownBeside reports whether the reply holds, beside the symbol at index found,
// something the file has outside the region: a declaration by its first line, or
// the file's own first line.
func (p *Parser) knownBeside(s string, outline []syntax.Symbol, found int, around map[string]bool) bool {
	first := significant(s)[0]
	if before := significant(p.t.Before); len(before) > 0 && first == before[0] && telling(before[:1]) {
		return true
	}
	for i, sym := range outline {
		if i == found || outline[found].Span.Contains(sym.Span) {
			continue
		}
		l, _, _ := strings.Cut(s[sym.Span.Start:], "\n")
		if l = strings.TrimSpace(l); telling([]string{l}) && around[l] {
			return true
		}
	}
	return false
}

// soleSymbol is the one declaration that a text consists of, comments aside.
func soleSymbol(language, s string) (syntax.Symbol, bool) {
	var own syntax.Symbol
	n := 0
	for _, sym := range syntax.Outline(language, s) {
		if sym.Parent < 0 {
			own, n = sym, n+1
		}
	}
	if n != 1 {
		return own, false
	}
	span := own.Span
	if own.Doc.Len() > 0 && own.Doc.Start < span.Start {
		span.Start = own.Doc.Start
	}
	return own, onlyComments(s[:span.Start]) && onlyComments(strings.Trim(s[span.End:], "; \t\r\n"))
}

func onlyComments(s string) bool {
	for l := range lines(s) {
		if !isCommentLine(l) {
			return false
		}
	}
	return true
}

func lineStart(s string, off int) int {
	i := strings.LastIndexByte(s[:off], '\n') + 1
	if blank(s[i:off]) {
		return i
	}
	return off
}

// lineEnd includes what closes a declaration on its last line, and the line end.
func lineEnd(s string, off int) int {
	i := strings.IndexByte(s[off:], '\n')
	if i < 0 {
		i = len(s) - off - 1
	}
	if strings.Trim(s[off:off+i+1], " \t\r\n;,") == "" {
		return off + i + 1
	}
	return off
}

// declared is the name that the first line of code of a text declares, "" if it
// declares none: the word after the keywords.
func declared(s string) string {
	for l := range lines(s) {
		if isCommentLine(l) || l[0] == '@' {
			continue
		}
		seen := false
		if rest, ok := strings.CutPrefix(l, "func ("); ok { // a Go method: past the receiver
			if _, after, ok := strings.Cut(rest, ")"); ok {
				l = "func " + after
			}
		}
		for w := range strings.FieldsFuncSeq(l, func(r rune) bool { return r < 0x80 && !isWordByte(byte(r)) }) {
			if !keywords[w] {
				if seen {
					return w
				}
				return ""
			}
			seen = true
		}
		return ""
	}
	return ""
}

// hasWord reports whether s holds word with no letter or digit beside it.
func hasWord(s, word string) bool {
	for i := 0; ; {
		j := strings.Index(s[i:], word)
		if j < 0 {
			return false
		}
		j += i
		end := j + len(word)
		if (j == 0 || !isWordByte(s[j-1])) && (end == len(s) || !isWordByte(s[end])) {
			return true
		}
		i = end
	}
}
