package syntax

import (
	"bytes"
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
		if loc := accessLabel.FindIndex(m.head(at)); loc != nil {
			if at = skipSpace(m.mask, at+loc[1], line.End); at == line.End {
				continue
			}
		}
		m.close(at, indent)
		if n := len(m.open); n > 0 && !m.open[n-1].holds {
			continue // inside the body of a function
		}
		if r := decorated[language]; r != nil {
			if loc := r.FindIndex(m.head(at)); loc != nil && !(language == "java" && bytes.HasPrefix(m.mask[at:], []byte("@interface"))) {
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
		if !m.match(table, at, indent) && len(m.open) == 0 && lexes[language].tricks.template {
			skip = max(skip, m.expressionEnd(at, line.End))
		}
		m.deco = -1
	}
	return m.syms
}

// maxHead bounds what the expressions look at: some can run over many lines.
const maxHead = 2 << 10

// head is the text from at on that a declaration's head has to be in.
func (m *matcher) head(at int) []byte { return m.mask[at:min(at+maxHead, len(m.mask))] }

// width is the width of blanks, tabs counted as four.
func width(blanks string) int {
	return len(blanks) - markLen(blanks) + 3*strings.Count(blanks, "\t")
}

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
	if r := decorated[m.language]; r != nil && r.Match(m.head(at)) {
		return true
	}
	for _, r := range rules[m.language] {
		if r.kind == "" || r.where == member && !(members && m.opensBody(at)) {
			continue
		}
		if loc := r.re.FindSubmatchIndex(m.head(at)); loc != nil && !m.isReserved(at, loc) {
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
	if calls[string(m.mask[at+loc[n-2]:at+loc[n-1]])] && m.mask[at+loc[1]-1] == '(' {
		return true
	}
	end := at
	for end < len(m.mask) && isWord(m.mask[end]) {
		end++
	}
	return reserved[string(m.mask[at:end])]
}

// expressionEnd is the end of the last brackets that the line of at, which is no
// declaration, opens and leaves open: what looks like a declaration in them is local.
// What "declare global" holds is not.
func (m *matcher) expressionEnd(at, lineEnd int) int {
	if bytes.HasPrefix(m.mask[at:], []byte("declare")) {
		return at
	}
	for i := at; i < lineEnd; i++ {
		if c := m.mask[i]; c != '(' && c != '[' && c != '{' || !m.closed(i) {
			continue
		}
		end := m.closing(i)
		// Brackets that end deeper than they began were closed by something else.
		if end > lineEnd && m.lineIndent(m.lineHead(end-1)) <= m.lineIndent(at) {
			return end
		}
		i = max(i, end-1)
	}
	return at
}

// lineHead is the first non-blank of the line of at.
func (m *matcher) lineHead(at int) int {
	start := at
	for start > 0 && m.mask[start-1] != '\n' && m.mask[start-1] != '\r' {
		start--
	}
	return skipSpace(m.mask, start, at)
}

// match adds the symbol that is declared at, if any, and reports whether there is one.
func (m *matcher) match(table []rule, at, indent int) bool {
	inType := len(m.open) > 0 && m.open[len(m.open)-1].members
	for _, r := range table {
		if r.where == member && !inType {
			continue
		}
		loc := r.re.FindSubmatchIndex(m.head(at))
		if loc == nil || m.isReserved(at, loc) {
			continue
		}
		n := len(loc)
		sym := Symbol{Kind: r.kind, Parent: -1, Ident: text.Span{Start: at + loc[n-2], End: at + loc[n-1]}}
		sym.Span = text.Span{Start: at, End: m.end(r, at, at+loc[1], indent, &sym)}
		if sym.Kind == "" || r.needBody && sym.Body.Len() == 0 {
			return false
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
		return true
	}
	return false
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
