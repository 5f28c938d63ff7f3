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
	ends []int32 // for each opening bracket of mask, where its stretch ends; see match
	syms []Symbol
	open []around // the symbols around the current line, outermost first
	deco int      // where the decorators above the current line start, or -1
}

// around is an open symbol.
type around struct {
	sym     int
	indent  int
	holds   bool
	members bool // it holds methods
}

func newMatcher(language, src string) *matcher {
	m := &matcher{language: language, src: src, lexed: lex(language, src), deco: -1}
	m.ends = bracketEnds(m.mask)
	return m
}

// bracketEnds finds for each opening bracket the place after its partner: 0 if it
// has none. A closing bracket takes the unclosed ones inside its stretch along; those
// end right before it.
func bracketEnds(mask []byte) []int32 {
	ends := make([]int32, len(mask))
	var open []int32
	var count [256]int // of each kind in open
	for i, c := range mask {
		switch c {
		case '(', '[', '{':
			open = append(open, int32(i))
			count[c]++
		case ')', ']', '}':
			for want := partner(c); count[want] > 0; {
				top := open[len(open)-1]
				open = open[:len(open)-1]
				count[mask[top]]--
				if mask[top] == want {
					ends[top] = int32(i) + 1
					break
				}
				ends[top] = int32(i)
			}
		}
	}
	return ends
}

// patternOutline is the outline of src by line patterns, nil for languages without any.
func patternOutline(language, src string) []Symbol {
	table := rules[language]
	if table == nil {
		return nil
	}
	m := newMatcher(language, src)
	skip := 0 // lines before it belong to a decorator or a finished statement
	lines := text.NewLineIndex(src)
	for i := range lines.Lines() {
		line := lines.LineSpan(i)
		at := skipSpace(m.mask, line.Start, line.End)
		if at == line.End || at < skip || m.mask[at] == '"' {
			continue
		}
		indent := width(src[line.Start:at])
		if loc := accessLabel.FindIndex(m.mask[at:]); loc != nil {
			if at = skipSpace(m.mask, at+loc[1], line.End); at == line.End {
				continue
			}
		}
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
		if m.syms[top.sym].Span.End > at && (indent > top.indent || m.sound(top) || !m.declares(at, n > 1 && m.open[n-2].members)) {
			return
		}
		sym := &m.syms[top.sym]
		if sym.Span.End > at {
			end := at
			if m.deco >= 0 {
				end = m.deco
			}
			sym.Span.End = max(m.trim(sym.Span.Start, end), sym.Ident.End)
			sym.Body.End = min(sym.Body.End, sym.Span.End)
		}
		m.open = m.open[:n-1]
	}
}

// sound reports whether a symbol ends with a brace at its own indentation, so
// that its brackets can be trusted.
func (m *matcher) sound(a around) bool {
	body := m.syms[a.sym].Body
	return body.Len() > 0 && m.mask[body.Start] == '{' && m.closed(body.Start) && m.mask[body.End-1] == '}' &&
		startsLine(m.src, body.End-1) && m.lineIndent(body.End-1) == a.indent
}

// declares reports whether a declaration starts at, or with members a member whose line opens its body.
func (m *matcher) declares(at int, members bool) bool {
	if r := decorated[m.language]; r != nil && r.Match(m.mask[at:]) {
		return true
	}
	for _, r := range rules[m.language] {
		if r.kind == "" || r.where == member && !(members && m.opensBody(at)) {
			continue
		}
		if loc := r.re.FindSubmatchIndex(m.mask[at:]); loc != nil && !m.isReserved(at, loc) {
			return true
		}
	}
	return false
}

// opensBody reports whether the line of at ends with an opening brace.
func (m *matcher) opensBody(at int) bool {
	end := bytes.IndexByte(m.mask[at:], '\n')
	if end < 0 {
		end = len(m.mask) - at
	}
	end = trimRight(m.mask, at, at+end)
	return m.mask[end-1] == '{'
}

// isReserved reports whether a match names a keyword or begins with one.
func (m *matcher) isReserved(at int, loc []int) bool {
	n := len(loc)
	if name := string(m.mask[at+loc[n-2] : at+loc[n-1]]); calls[name] {
		return true
	}
	end := at
	for end < len(m.mask) && isWord(m.mask[end]) {
		end++
	}
	return reserved[string(m.mask[at:end])]
}

func (m *matcher) match(table []rule, at, indent int) {
	inType := len(m.open) > 0 && m.open[len(m.open)-1].members
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
		m.open = append(m.open, around{len(m.syms) - 1, indent, r.holds, r.holds && sym.Kind != Module})
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
	if end := int(m.ends[i]); end > i {
		return end
	}
	return len(m.mask)
}

// closed reports whether the bracket at i has an end.
func (m *matcher) closed(i int) bool { return m.ends[i] > 0 }

// trim is end without the blanks before it, but with a string that ends there, of
// which the mask shows only the first byte.
func (m *matcher) trim(start, end int) int {
	end = trimRight(m.mask, start, end)
	if end > start && m.mask[end-1] == '"' {
		end = max(end, m.stringEnd(end-1))
	}
	return end
}

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
