package syntax

import (
	"bytes"
	"iter"
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

// matcher finds the symbols of a text by line patterns. It goes by indentation as
// well as by brackets: a declaration that is no deeper than the one before it
// ends that, whatever its brackets say.
type matcher struct {
	language string
	src      string
	lexed
	syms []Symbol
	open []around // the symbols around the current line, outermost first
	deco int      // where the decorators above the current line start, or -1
}

// around is an open symbol.
type around struct {
	sym    int
	indent int
	holds  bool
}

// patternOutline is the outline of src by line patterns, nil for languages without any.
func patternOutline(language, src string) []Symbol {
	table := rules[language]
	if table == nil {
		return nil
	}
	m := &matcher{language: language, src: src, lexed: lex(language, src), deco: -1}
	skip := 0 // lines before it belong to a decorator or a finished statement
	lines := text.NewLineIndex(src)
	for i := range lines.Lines() {
		line := lines.LineSpan(i)
		at := skipSpace(m.mask, line.Start, line.End)
		if at == line.End || at < skip || m.mask[at] == '"' {
			continue
		}
		indent := width(src[line.Start:at])
		m.close(at, indent)
		if n := len(m.open); n > 0 && !m.open[n-1].holds {
			continue // inside the body of a function
		}
		if r := decorated[language]; r != nil {
			if loc := r.FindIndex(m.mask[at:]); loc != nil && !(language == "java" && bytes.HasPrefix(m.mask[at:], []byte("@interface"))) {
				if m.deco < 0 {
					m.deco = at
				}
				end := m.decoratorEnd(at, at+loc[1])
				if at = skipSpace(m.mask, end, line.End); at >= line.End {
					skip = end
					continue
				}
			}
		}
		m.match(table, at, indent)
		m.deco = -1
	}
	return m.syms
}

// width is the width of blanks, tabs counted as four.
func width(blanks string) int { return len(blanks) + 3*strings.Count(blanks, "\t") }

// close ends the open symbols that lie before at, and those that a line at this
// indentation can't be inside of.
func (m *matcher) close(at, indent int) {
	for n := len(m.open); n > 0; n = len(m.open) {
		top := m.open[n-1]
		if m.syms[top.sym].Span.End > at && (indent > top.indent || !m.declares(at)) {
			return
		}
		sym := &m.syms[top.sym]
		if sym.Span.End > at {
			end := at
			if m.deco >= 0 {
				end = m.deco
			}
			sym.Span.End = max(trimRight(m.mask, sym.Span.Start, end), sym.Ident.End)
			sym.Body.End = min(sym.Body.End, sym.Span.End)
		}
		m.open = m.open[:n-1]
	}
}

// declares reports whether a declaration starts at.
func (m *matcher) declares(at int) bool {
	if r := decorated[m.language]; r != nil && r.Match(m.mask[at:]) {
		return true
	}
	for _, r := range rules[m.language] {
		if r.where != anywhere || r.kind == "" {
			continue
		}
		if loc := r.re.FindSubmatchIndex(m.mask[at:]); loc != nil && !m.isReserved(at, loc) {
			return true
		}
	}
	return false
}

// isReserved reports whether a match names a keyword or begins with one.
func (m *matcher) isReserved(at int, loc []int) bool {
	n := len(loc)
	if name := string(m.mask[at+loc[n-2] : at+loc[n-1]]); reserved[name] || name == "function" {
		return true
	}
	end := at
	for end < len(m.mask) && isWord(m.mask[end]) {
		end++
	}
	return reserved[string(m.mask[at:end])]
}

func (m *matcher) match(table []rule, at, indent int) {
	var outer *Symbol
	if n := len(m.open); n > 0 {
		outer = &m.syms[m.open[n-1].sym]
	}
	inType := outer != nil && (outer.Kind == Class || outer.Kind == Interface || outer.Kind == Type)
	for _, r := range table {
		if r.where == member && !inType {
			continue
		}
		loc := r.re.FindSubmatchIndex(m.mask[at:])
		if loc == nil || m.isReserved(at, loc) {
			continue
		}
		n := len(loc)
		sym := Symbol{Kind: r.kind, Parent: -1, Ident: text.Span{Start: at + loc[n-2], End: at + loc[n-1]}}
		sym.Span = text.Span{Start: at, End: m.end(r, at, at+loc[1], indent, &sym)}
		if sym.Kind == "" || r.needBody && sym.Body.Len() == 0 {
			return
		}
		if sym.Kind == Function && inType {
			sym.Kind = Method
		}
		if m.deco >= 0 {
			sym.Span.Start = m.deco
		}
		sym.Doc = m.doc(sym)
		m.syms = append(m.syms, sym)
		m.open = append(m.open, around{len(m.syms) - 1, indent, r.holds})
		return
	}
}

// doc is the docstring in the body of a Python symbol, the comments above another.
func (m *matcher) doc(sym Symbol) text.Span {
	if m.language != "python" {
		return docAbove(m.src, m.comments, sym.Span.Start)
	}
	for _, s := range m.strings {
		if s.Start >= sym.Body.Start && s.End <= sym.Body.End {
			if strings.TrimLeft(m.src[sym.Body.Start:s.Start], "rRuU") == "" {
				return text.Span{Start: sym.Body.Start, End: s.End}
			}
			break
		}
	}
	return text.Span{}
}

// decoratorEnd is the end of a decorator whose name ends at end, with its arguments.
func (m *matcher) decoratorEnd(at, end int) int {
	if m.mask[at] == '#' || m.mask[at] == '[' {
		return m.closing(end - 1)
	}
	if end < len(m.mask) && m.mask[end] == '(' {
		return m.closing(end)
	}
	return end
}

// closing is the end of the bracketed stretch that starts at i; the end of the text if it is not closed.
func (m *matcher) closing(i int) int {
	depth := 0
	for ; i < len(m.mask); i++ {
		switch m.mask[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth <= 0 {
				return i + 1
			}
		}
	}
	return len(m.mask)
}

// end finds where a declaration ends whose head was matched up to from, and its body.
func (m *matcher) end(r rule, at, from, indent int, sym *Symbol) int {
	switch r.shape {
	case indented:
		return m.indentedEnd(from, indent, sym)
	case ended:
		return m.luaEnd(at, sym)
	case statement:
		end := m.statementEnd(sym.Ident.End, indent)
		if r.value || r.kind == Function {
			m.functionValue(sym, end)
		} else if i := bytes.IndexByte(m.mask[sym.Ident.End:end], '{'); i >= 0 && m.closing(sym.Ident.End+i) <= end {
			sym.Body = text.Span{Start: sym.Ident.End + i, End: m.closing(sym.Ident.End + i)}
		}
		return end
	}
	return m.blockEnd(sym, indent)
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
			if next := skipSpace(m.mask, i, len(m.mask)); next == len(m.mask) || m.mask[next] != '{' && m.lineIndent(next) <= indent && m.declares(next) {
				return trimRight(m.mask, sym.Ident.End, i)
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
	return trimRight(m.mask, sym.Ident.End, len(m.mask))
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
			return trimRight(m.mask, from, i)
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
			return last
		}
	}
	return trimRight(m.mask, from, len(m.mask))
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
			return text.Span{Start: start, End: trimRight(m.mask, start, end-btoi(m.mask[end-1] == ';'))}
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
			if i = m.closing(i); i == len(m.mask) {
				return from // the brackets of the head are not closed: only the name is sure
			}
		case '\n':
			return trimRight(m.mask, from, i)
		default:
			i++
		}
	}
	if i >= len(m.mask) {
		return from
	}
	end := i + 1
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
	return end
}

// logicalLineEnd is the end of a Python line with what its brackets, strings and
// backslashes take along.
func (m *matcher) logicalLineEnd(at int) int {
	for i := at; i < len(m.mask); i++ {
		switch m.mask[i] {
		case '(', '[', '{':
			// Brackets that are never closed end with their line, lest they swallow the rest.
			if end := m.closing(i); end < len(m.mask) || m.mask[len(m.mask)-1] == ')' {
				i = end - 1
			}
		case '"':
			if end := m.stringEnd(i); end > i {
				i = end - 1
			}
		case '\\':
			i++
		case '\n':
			return trimRight(m.mask, at, i)
		}
	}
	return m.trimEnd(at)
}

// trimEnd is the end of the text without trailing blanks, strings kept whole.
func (m *matcher) trimEnd(at int) int {
	end := trimRight(m.mask, at, len(m.mask))
	if n := len(m.strings); n > 0 {
		end = max(end, m.strings[n-1].End)
	}
	return end
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
			sym.Body.End = trimRight(m.src, sym.Body.Start, w.Start)
			return w.End
		}
	}
	return trimRight(m.mask, at, len(m.mask))
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
