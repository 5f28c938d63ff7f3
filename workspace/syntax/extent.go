package syntax

import (
	"bytes"
	"iter"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

// end finds where a declaration ends whose head was matched up to from, and its body.
func (m *matcher) end(r rule, at, from, indent int, sym *Symbol) int {
	switch r.shape {
	case indented:
		return m.indentedEnd(from, indent, sym)
	case ended:
		return m.luaEnd(at, sym)
	case statement:
		end := max(m.statementEnd(at, indent), sym.Ident.End)
		if r.value || r.kind == Function {
			m.functionValue(sym, end)
		} else if sym.Kind == Type || sym.Kind == Interface {
			sym.Body = m.typeBody(at, end)
		}
		return end
	}
	return m.blockEnd(sym, indent)
}

// typeBody is the braces of a type written as a statement: type T struct {...}, type
// T = {...}, typedef struct {...} T. Braces in a larger expression are no body.
func (m *matcher) typeBody(at, end int) text.Span {
	i := bytes.IndexByte(m.mask[at:end], '{')
	if i < 0 {
		return text.Span{}
	}
	body := text.Span{Start: at + i, End: m.closing(at + i)}
	eq := bytes.IndexByte(m.mask[at:body.Start], '=')
	if body.End > end || eq >= 0 && (skipSpace(m.mask, at+eq+1, end) != body.Start || trimRight(m.mask, at, end-btoi(m.mask[end-1] == ';')) != body.End) {
		return text.Span{}
	}
	return body
}

// blockEnd is the end of the first braces after the identifier that are in no
// parentheses, or of the semicolon before them.
func (m *matcher) blockEnd(sym *Symbol, indent int) int {
	for i := sym.Ident.End; i < len(m.mask); i++ {
		switch m.mask[i] {
		case '(', '[':
			i = m.closing(i) - 1
		case ';':
			return i + 1
		case '}':
			return i
		case '\n':
			// The line of a member without body and semicolon (abstract, in an interface) ends it.
			if next := skipSpace(m.mask, i, len(m.mask)); next == len(m.mask) || m.mask[next] != '{' && m.lineIndent(next) <= indent && m.declares(next, false) {
				return m.trim(sym.Ident.End, i)
			}
		case '{':
			end := m.closing(i)
			// A type that is written in braces: func f() struct{} {, function f(): {a: number} {.
			if next := skipSpace(m.mask, end, len(m.mask)); next < len(m.mask) && m.mask[next] == '{' && bytes.IndexByte(m.mask[end:next], '\n') < 0 {
				i = end - 1
				continue
			}
			sym.Body = text.Span{Start: i, End: end}
			if sym.Kind == Type || sym.Kind == Class {
				if next := skipSpace(m.mask, end, len(m.mask)); m.language != "rust" && next < len(m.mask) && m.mask[next] == ';' {
					return next + 1
				}
			}
			return end
		}
	}
	return m.trim(sym.Ident.End, len(m.mask))
}

// lineIndent is the indentation of the line on which at is the first non-blank.
func (m *matcher) lineIndent(at int) int {
	start := at
	for start > 0 && m.mask[start-1] != '\n' && m.mask[start-1] != '\r' {
		start--
	}
	return width(m.src[start:at])
}

// statementEnd is the end of a statement: its semicolon, or the end of a line outside
// brackets that neither it nor the next line continues.
func (m *matcher) statementEnd(from, indent int) int {
	for i := from; i < len(m.mask); i++ {
		switch m.mask[i] {
		case '(', '[', '{':
			i = m.closing(i) - 1
		case ')', ']', '}':
			return m.trim(from, i)
		case ';':
			return i + 1
		case '\n':
			last := trimRight(m.mask, from, i)
			next := skipSpace(m.mask, i, len(m.mask))
			if last > from && strings.IndexByte("=,([{&|?:+-*/<>.", m.mask[last-1]) >= 0 && next < len(m.mask) && m.lineIndent(next) > indent {
				continue
			}
			if next < len(m.mask) && m.lineIndent(next) > indent && strings.IndexByte("&|?:+*/.=<", m.mask[next]) >= 0 {
				continue
			}
			return m.trim(from, i)
		}
	}
	return m.trim(from, len(m.mask))
}

// functionValue looks whether the value of a statement that ends at end is a function, and
// finds its body.
func (m *matcher) functionValue(sym *Symbol, end int) {
	eq := sym.Ident.End
	if sym.Kind != Function { // else it is an export default, which has no "="
		for eq < end && (m.mask[eq] != '=' || m.mask[min(eq+1, end-1)] == '>') {
			if c := m.mask[eq]; c == '(' || c == '[' || c == '{' {
				eq = m.closing(eq) - 1
			}
			eq++
		}
		eq++
	}
	if eq >= end {
		return
	}
	from := skipSpace(m.mask, eq, end)
	if !arrow.Match(m.mask[from:end]) {
		return
	}
	body := m.functionBody(from, end)
	if body.Len() <= 0 {
		return
	}
	sym.Kind, sym.Body = Function, body
}

// functionBody is the body of the function expression or arrow function at from.
func (m *matcher) functionBody(from, end int) text.Span {
	// Past the name of a call around it: memo(function () {...}).
	i := from
	for i < end && (isWord(m.mask[i]) || m.mask[i] == '.') {
		i++
	}
	if i > from && i < end && m.mask[i] == '(' {
		switch string(m.mask[from:i]) {
		case "async", "function":
		default:
			inner := skipSpace(m.mask, i+1, end)
			if !arrow.Match(m.mask[inner:end]) {
				return text.Span{}
			}
			return m.functionBody(inner, min(end, m.closing(i)-1))
		}
	}
	isFunction := bytes.HasPrefix(m.mask[from:end], []byte("function")) || bytes.HasPrefix(m.mask[from:end], []byte("async function"))
	for i = from; i < end; i++ {
		switch {
		case m.mask[i] == '(' || m.mask[i] == '[':
			i = m.closing(i) - 1
		case isFunction && m.mask[i] == '{':
			return text.Span{Start: i, End: min(end, m.closing(i))}
		case m.mask[i] == '=' && i+1 < end && m.mask[i+1] == '>':
			start := skipSpace(m.mask, i+2, end)
			if start < end && m.mask[start] == '{' {
				return text.Span{Start: start, End: min(end, m.closing(start))}
			}
			return text.Span{Start: start, End: m.trim(start, end-btoi(m.mask[end-1] == ';'))}
		}
	}
	return text.Span{}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// indentedEnd is the end of the last line that is deeper than indent, after the
// colon that ends the head.
func (m *matcher) indentedEnd(from, indent int, sym *Symbol) int {
	i := from
	for i < len(m.mask) && m.mask[i] != ':' {
		switch m.mask[i] {
		case '(', '[', '{':
			if m.closed(i) {
				i = max(i+1, m.closing(i))
				continue
			}
		case '\n':
			return m.indentedBody(i, m.trim(from, i), indent, sym) // a broken head
		}
		i++
	}
	if i >= len(m.mask) {
		return m.trim(from, len(m.mask))
	}
	return m.indentedBody(i, i+1, indent, sym)
}

// indentedBody is the end of the block after the head, which ends at end; what is on a line
// with i belongs to it at any depth.
func (m *matcher) indentedBody(i, end, indent int, sym *Symbol) int {
	for at := skipSpace(m.mask, end, len(m.mask)); at < len(m.mask); at = skipSpace(m.mask, end, len(m.mask)) {
		if bytes.IndexByte(m.mask[i:at], '\n') >= 0 && bytes.IndexByte(m.mask[end:at], '\n') >= 0 && m.lineIndent(at) <= indent {
			break
		}
		if sym.Body.Len() == 0 {
			sym.Body.Start = at
		}
		end = m.logicalLineEnd(at)
		sym.Body.End = end
	}
	if sym.Body.Len() > 0 {
		end = m.trailingComments(end, indent)
		sym.Body.End = end
	}
	return end
}

// trailingComments is the end of the comments, deeper than indent, that follow a block.
func (m *matcher) trailingComments(end, indent int) int {
	next := skipSpace(m.mask, end, len(m.mask))
	n, _ := slices.BinarySearchFunc(m.comments, end, func(c text.Span, at int) int { return c.Start - at })
	for _, c := range m.comments[n:] {
		if c.Start > next || startsLine(m.src, c.Start) && m.lineIndent(c.Start) <= indent {
			break
		}
		if startsLine(m.src, c.Start) {
			end = c.End
		}
	}
	return end
}

// logicalLineEnd is the end of a Python line with what its brackets, strings and
// backslashes take along.
func (m *matcher) logicalLineEnd(at int) int {
	for i := at; i < len(m.mask); i++ {
		switch m.mask[i] {
		case '(', '[', '{':
			// Brackets that are never closed end with their line, lest they swallow the rest.
			if m.closed(i) {
				i = max(i, m.closing(i)-1)
			}
		case '"':
			if end := m.stringEnd(i); end > i {
				i = end - 1
			}
		case '\\':
			i++
		case '\n':
			return m.trim(at, i)
		}
	}
	return m.trim(at, len(m.mask))
}

// stringEnd is the end of the string that starts at i, i if there is none.
func (m *matcher) stringEnd(i int) int {
	lo, hi := 0, len(m.strings)
	for lo < hi {
		if mid := (lo + hi) / 2; m.strings[mid].Start < i {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(m.strings) && m.strings[lo].Start == i {
		return m.strings[lo].End
	}
	return i
}

// luaEnd is the end of the end keyword that belongs to the function keyword after at.
func (m *matcher) luaEnd(at int, sym *Symbol) int {
	depth, begun := 0, false
	for w := range words(m.mask, at) {
		word := string(m.mask[w.Start:w.End])
		depth += luaStep(word)
		if word == "function" && !begun {
			begun = true
			if i := bytes.IndexByte(m.mask[w.End:], '('); i >= 0 {
				sym.Body.Start = skipSpace(m.mask, m.closing(w.End+i), len(m.mask))
			}
		}
		if begun && depth <= 0 {
			sym.Body.End = m.trim(sym.Body.Start, w.Start)
			return w.End
		}
	}
	sym.Body.End = m.trim(at, len(m.mask))
	return sym.Body.End
}

// words yields the words of mask from a place on.
func words(mask []byte, from int) iter.Seq[text.Span] {
	return func(yield func(text.Span) bool) {
		for i := from; i < len(mask); {
			start := i
			for i < len(mask) && isWord(mask[i]) {
				i++
			}
			if i > start && !yield(text.Span{Start: start, End: i}) {
				return
			}
			if i == start {
				i++
			}
		}
	}
}
