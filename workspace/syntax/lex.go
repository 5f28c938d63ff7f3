package syntax

import (
	"strings"
	"unicode/utf8"

	"github.com/hob-ls/hob/workspace/text"
)

// lexed is a text with its comments and strings told apart.
type lexed struct {
	// mask is the text with comments and strings blanked, but for line ends and the
	// first byte of a string, which is a double quote. Same length as the text.
	mask     []byte
	comments []text.Span
	strings  []text.Span
	open     faults // comments and strings without an end
}

// markLen is the length of the byte order mark that src begins with, 0 without one.
func markLen(src string) int {
	if strings.HasPrefix(src, text.Mark) {
		return len(text.Mark)
	}
	return 0
}

// maxTemplates bounds how deep template strings may lie in one another.
const maxTemplates = 40

type lexer struct {
	*lexis
	src   string
	out   lexed
	depth int
}

// lex tells comments and strings of src from its code. A language that is not in lexes
// has none.
func lex(language, src string) lexed {
	x := lexes[language]
	if x == nil {
		x = &lexis{}
	}
	l := &lexer{lexis: x, src: src, out: lexed{mask: []byte(src)}}
	l.blank(0, markLen(src))
	for i := 0; i < len(src); {
		i = l.code(i, false)
	}
	return l.out
}

// code reads code from i on to the end; with inTemplate to the brace that ends the
// code inside a template string.
func (l *lexer) code(i int, inTemplate bool) int {
	braces := 0
	for i < len(l.src) {
		if next := l.token(i); next > i {
			i = next
			continue
		}
		if inTemplate {
			switch l.src[i] {
			case '{':
				braces++
			case '}':
				if braces == 0 {
					return i
				}
				braces--
			}
		}
		i++
	}
	return i
}

// token reads the comment or string at i and returns its end, i if there is none.
func (l *lexer) token(i int) int {
	rest := l.src[i:]
	if l.tricks.lua {
		if end := l.luaLong(i); end > i {
			return end
		}
	}
	if l.block[0] != "" && strings.HasPrefix(rest, l.block[0]) {
		return l.blockComment(i)
	}
	for _, open := range l.line {
		if strings.HasPrefix(rest, open) {
			end := strings.IndexAny(rest, "\r\n")
			if end < 0 {
				end = len(rest)
			}
			return l.comment(i, i+end)
		}
	}
	if end := l.trick(i); end != i {
		return max(end, i+1)
	}
	for _, q := range l.quotes {
		if strings.HasPrefix(rest, q.open) && !l.noQuote(i) {
			return l.quoted(i, i+len(q.open), q)
		}
	}
	return i
}

// trick reads what only some languages have.
func (l *lexer) trick(i int) int {
	c := l.src[i]
	switch {
	case l.tricks.template && c == '`':
		return l.template(i)
	case (l.tricks.template || l.tricks.slashes) && c == '/':
		return l.regexp(i)
	case l.tricks.heredoc && c == '<':
		return l.heredoc(i)
	case l.tricks.grave && c == '`':
		return i + 2
	case l.tricks.rust && c == 'r', l.tricks.cpp && c == 'R':
		return l.raw(i)
	case l.tricks.tick && c == '\'' && !oneChar(l.src[i:]):
		return i + 1
	case l.tricks.csharp && c == '@':
		return l.verbatim(i)
	case l.tricks.zig && strings.HasPrefix(l.src[i:], `\\`):
		return l.stringTo(i, i+strings.IndexAny(l.src[i:]+"\n", "\r\n"))
	case l.tricks.url && c == '(' && strings.EqualFold(lastWord(l.src[:i]), "url"):
		return l.address(i)
	}
	return i
}

// noQuote reports whether the quote at i is an apostrophe: in the text of JSX, in a number of C++.
func (l *lexer) noQuote(i int) bool {
	if i == 0 || l.src[i] != '\'' || !isWord(l.src[i-1]) {
		return false
	}
	if l.tricks.cpp {
		start := i
		for start > 0 && (isWord(l.src[start-1]) || l.src[start-1] == '\'') {
			start--
		}
		return l.src[start] >= '0' && l.src[start] <= '9'
	}
	if !l.tricks.template {
		return false
	}
	switch lastWord(l.src[:i]) {
	case "return", "case", "from", "import", "in", "of", "typeof", "default", "as", "else", "throw", "await", "yield", "extends":
		return false
	}
	return true
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

func lastWord(s string) string {
	start := len(s)
	for start > 0 && isWord(s[start-1]) {
		start--
	}
	return s[start:]
}

// oneChar reports whether s begins with a character in single quotes.
func oneChar(s string) bool {
	if len(s) < 3 {
		return false
	}
	if s[1] == '\\' {
		return true
	}
	_, size := utf8.DecodeRuneInString(s[1:])
	return len(s) > 1+size && s[1+size] == '\'' && s[1] != '\''
}

func (l *lexer) comment(start, end int) int {
	l.out.comments = append(l.out.comments, text.Span{Start: start, End: end})
	l.blank(start, end)
	return end
}

func (l *lexer) stringTo(start, end int) int {
	l.out.strings = append(l.out.strings, text.Span{Start: start, End: end})
	l.blank(start, end)
	l.out.mask[start] = '"'
	return end
}

func (l *lexer) blank(start, end int) {
	for i := start; i < end; i++ {
		if c := l.out.mask[i]; c != '\n' && c != '\r' {
			l.out.mask[i] = ' '
		}
	}
}

func (l *lexer) blockComment(start int) int {
	i, depth := start+len(l.block[0]), 1
	for i < len(l.src) {
		switch {
		case strings.HasPrefix(l.src[i:], l.block[1]):
			i += len(l.block[1])
			if depth--; depth == 0 {
				return l.comment(start, i)
			}
		case l.nested && strings.HasPrefix(l.src[i:], l.block[0]):
			depth++
			i += len(l.block[0])
		default:
			i++
		}
	}
	l.out.open.add(start)
	return l.comment(start, i)
}

// quoted reads a string whose text begins at i. One without an end stops at the end of its line.
func (l *lexer) quoted(start, i int, q quote) int {
	escape := byte('\\')
	if l.tricks.grave {
		escape = '`'
	}
	for i < len(l.src) {
		c := l.src[i]
		switch {
		case q.escape && c == escape && i+1 < len(l.src):
			i += 2
			if escape == '\\' && l.src[i-1] == '\r' && i < len(l.src) && l.src[i] == '\n' {
				i++
			}
		case strings.HasPrefix(l.src[i:], q.end):
			return l.stringTo(start, i+len(q.end))
		case (c == '\n' || c == '\r') && !q.lines:
			l.out.open.add(start)
			return l.stringTo(start, i)
		default:
			i++
		}
	}
	l.out.open.add(start)
	return l.stringTo(start, min(i, len(l.src)))
}

// template reads a template string; the code inside ${} stays code.
func (l *lexer) template(start int) int {
	from, i := start, start+1
	for i < len(l.src) {
		switch {
		case l.src[i] == '\\':
			i += 2
		case l.src[i] == '`':
			return l.stringTo(from, i+1)
		case l.depth < maxTemplates && strings.HasPrefix(l.src[i:], "${"):
			l.stringTo(from, i+2)
			l.depth++
			i = l.code(i+2, true)
			l.depth--
			from = i
			if i == len(l.src) {
				l.out.open.add(start)
				return i
			}
			i++
		default:
			i++
		}
	}
	l.out.open.add(start)
	return l.stringTo(from, len(l.src))
}

// regexp reads a regular expression literal of JavaScript or Groovy: a slash where a value may start.
func (l *lexer) regexp(start int) int {
	before := trimRight(l.src, 0, start)
	if before > 0 {
		c := l.src[before-1]
		switch {
		case isWord(c):
			switch lastWord(l.src[:before]) {
			case "return", "case", "typeof", "in", "of", "await", "yield", "throw", "else", "do", "void", "delete", "assert":
			default:
				return start
			}
		// After these a slash divides, or it ends a JSX tag.
		case strings.IndexByte(")]}\"'`<>", c) >= 0 && !strings.HasSuffix(l.src[:before], "=>") && !strings.HasSuffix(l.src[:before], "->"),
			strings.HasSuffix(l.src[:before], "++"), strings.HasSuffix(l.src[:before], "--"):
			return start
		}
	}
	class := false
	for i := start + 1; i < len(l.src); i++ {
		switch l.src[i] {
		case '\\':
			i++
		case '[':
			class = l.tricks.template // a slash ends the others wherever it stands
		case ']':
			class = false
		case '\n', '\r':
			return start
		case '/':
			if !class {
				return l.stringTo(start, i+1)
			}
		}
	}
	return start
}
