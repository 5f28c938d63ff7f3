package syntax

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

// Kind is what a Symbol is.
type Kind string

// The kinds of symbols.
const (
	Function  Kind = "function"
	Method    Kind = "method"
	Class     Kind = "class" // also a Rust impl, a Java enum or record, a C++ struct
	Interface Kind = "interface"
	Type      Kind = "type" // also a struct or an enum of the other languages
	Constant  Kind = "constant"
	Variable  Kind = "variable"
	Module    Kind = "module" // namespace, mod, package block
)

// Symbol is one declaration of a file. Within an outline, the spans of two
// symbols are disjoint, one inside the other, or (names declared together, as in
// Go's "const a, b = 1, 2") the same. Name is the text of Ident.
type Symbol struct {
	Name   string
	Kind   Kind
	Span   text.Span // the whole declaration with decorators and export keywords, without its doc comment
	Doc    text.Span // the doc comment that belongs to it (for Python the docstring inside); empty if none
	Body   text.Span // the body with its braces or, in Python and Lua, its block of statements; empty if it has none
	Ident  text.Span // the identifier; the keyword default where an exported function has no name
	Parent int       // index of the enclosing symbol in the outline, -1 at top level
}

// maxSource bounds what the grammars are given: they take about 5 ms for 100 kB
// of code, and a lot more for what is no code at all.
const maxSource = 2 << 20

// Outline lists the symbols of src in order of their start, parents before
// children. A language without grammar or patterns has none. Symbols inside the
// bodies of functions are not listed.
//
// Where src has syntax errors, what the grammar lost (an unclosed brace swallows all that
// follows) is found again by line patterns, so that a broken function costs at
// most itself.
func Outline(language, src string) []Symbol {
	if len(src) <= maxSource {
		if syms, broken, ok := grammarOutline(language, src); ok {
			return mended(language, src, syms, broken)
		}
	}
	return normalize(patternOutline(language, src), src)
}

// mended is the outline of src of which a grammar found syms, with what it lost
// if it is broken.
func mended(language, src string, syms []Symbol, broken bool) []Symbol {
	syms = normalize(syms, src)
	if broken {
		syms = normalize(merge(syms, normalize(patternOutline(language, src), src), src), src)
	}
	return syms
}

// Problems counts the syntax errors of src: of a grammar, the places it could not read and
// the tokens it missed. Where the language has no grammar it counts brackets and
// quotes that do not match, outside comments and strings; for prose, markup and
// unknown languages that is 0. Compare counts of one language and build only.
func Problems(language, src string) int { return problems(language, src).count }

// FirstProblem is the offset of the first of the Problems. The grammar says where
// it could not go on, which is seldom before the mistake and often behind it.
func FirstProblem(language, src string) (at int, found bool) {
	f := problems(language, src)
	return f.first, f.count > 0
}

func problems(language, src string) faults {
	if len(src) <= maxSource {
		if f, ok := grammarProblems(language, src); ok {
			return f
		}
	}
	return unbalanced(language, src)
}

// maxSignature bounds what Signature gives, in bytes.
const maxSignature = 120

// Signature is the first line of a declaration of src, without the brace it ends
// with; of a long one the beginning, with a mark.
func Signature(src string, sym Symbol) string {
	line, _, _ := strings.Cut(src[sym.Span.Start:sym.Span.End], "\n")
	line = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), "{"))
	if len(line) <= maxSignature {
		return line
	}
	n := maxSignature
	for n > 0 && line[n]&0xC0 == 0x80 { // never inside a rune
		n--
	}
	return line[:n] + "…"
}

// Enclosing is the innermost symbol whose Span (with its Doc) holds s.
func Enclosing(outline []Symbol, s text.Span) (Symbol, bool) {
	best, found := -1, false
	for i, sym := range outline {
		if !whole(sym).Contains(s) {
			continue
		}
		// A child beats its parent even where they are equally long; the first of several
		// names declared together stands for all of them.
		if !found || whole(sym).Len() < whole(outline[best]).Len() || sym.Parent == best {
			best, found = i, true
		}
	}
	if !found {
		return Symbol{Parent: -1}, false
	}
	return outline[best], true
}

// whole is the span of a symbol with its doc comment.
func whole(sym Symbol) text.Span {
	s := sym.Span
	if sym.Doc.Len() > 0 {
		s.Start = min(s.Start, sym.Doc.Start)
		s.End = max(s.End, sym.Doc.End)
	}
	return s
}

// normalize holds the promises of Symbol whatever the front ends found: order,
// nesting, parents, names. A symbol that would reach across the end of another is cut there;
// one that then lost its identifier is dropped.
func normalize(syms []Symbol, src string) []Symbol {
	slices.SortStableFunc(syms, func(a, b Symbol) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(b.Span.End, a.Span.End))
	})
	full := text.Span{Start: 0, End: len(src)}
	out := syms[:0]
	var open []int // the symbols around the current place, outermost first
	for _, sym := range syms {
		for len(open) > 0 && out[open[len(open)-1]].Span.End <= sym.Span.Start {
			open = open[:len(open)-1]
		}
		sym.Parent = -1
		if n := len(open); n > 0 {
			around := out[open[n-1]]
			sym.Span.End = min(sym.Span.End, around.Span.End)
			sym.Parent = open[n-1]
			if sym.Span == around.Span {
				sym.Parent = around.Parent
			}
		}
		if !full.Contains(sym.Span) || sym.Span.Len() <= 0 || sym.Ident.Len() <= 0 || !sym.Span.Contains(sym.Ident) {
			continue
		}
		if sym.Body.Len() <= 0 || !sym.Span.Contains(sym.Body) {
			sym.Body = text.Span{}
		}
		if sym.Doc.Len() <= 0 || !full.Contains(sym.Doc) || !sym.Span.Contains(sym.Doc) && sym.Doc.End > sym.Span.Start {
			sym.Doc = text.Span{}
		}
		sym.Name = src[sym.Ident.Start:sym.Ident.End]
		out = append(out, sym)
		open = append(open, len(out)-1)
	}
	return out
}

// merge adds to the outline of a grammar, which got lost in broken code, the symbols that
// line patterns see there and it does not, at their level and with their body, and
// ends what reaches over them.
func merge(grammar, patterns []Symbol, src string) []Symbol {
	known := make(map[text.Span]Symbol, len(grammar))
	for _, sym := range grammar {
		known[sym.Ident] = sym
	}
	lost := make(map[text.Span]bool)
	patterns = slices.DeleteFunc(patterns, func(sym Symbol) bool {
		was, ok := known[sym.Ident]
		if ok && (was.Parent < 0 || sym.Parent >= 0) && (was.Body.Len() > 0 || sym.Body.Len() == 0) {
			return true
		}
		lost[sym.Ident] = true
		return false
	})
	grammar = slices.DeleteFunc(grammar, func(sym Symbol) bool { return lost[sym.Ident] })
	return overlay(grammar, patterns, src)
}

// overlay is both outlines, in no order; what of base reaches over a symbol of over, which
// is in order, ends before it. Of the parents in over only counts whether there are some.
func overlay(base, over []Symbol, src string) []Symbol {
	out := slices.Clone(over)
	var starts, tops []int // where the symbols of over begin, all of them and those of the top level
	for _, sym := range over {
		starts = append(starts, whole(sym).Start)
		if sym.Parent < 0 {
			tops = append(tops, whole(sym).Start)
		}
	}
	for _, sym := range base {
		cuts := starts
		switch sym.Kind {
		case Class, Interface, Module, Type:
			cuts = tops // members may well be inside
		}
		// The first of those inside sym is where it has to end.
		i, _ := slices.BinarySearch(cuts, sym.Ident.End)
		if i < len(cuts) && cuts[i] < sym.Span.End {
			sym.Span.End = trimRight(src, sym.Ident.End, cuts[i])
			sym.Body.End = min(sym.Body.End, sym.Span.End)
		}
		out = append(out, sym)
	}
	return out
}

// trimRight is end without the white space before it, but not before start.
func trimRight[T string | []byte](src T, start, end int) int {
	for end > start && isSpace(src[end-1]) {
		end--
	}
	return end
}

// skipSpace is the first place from i on, up to end, that is no white space.
func skipSpace[T string | []byte](src T, i, end int) int {
	for i < end && isSpace(src[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// docAbove is the run of comments that ends on the line right above start, or at
// its line: comments with nothing but white space beside them and no blank line
// between. comments are in order; those from start on are not looked at.
func docAbove(src string, comments []text.Span, start int) text.Span {
	n, _ := slices.BinarySearchFunc(comments, start, func(c text.Span, at int) int { return cmp.Compare(c.Start, at) })
	doc := text.Span{Start: start, End: start}
	for i := n - 1; i >= 0; i-- {
		c := comments[i]
		c.End = trimRight(src, c.Start, c.End) // some grammars count the line end in
		if c.End > doc.Start || !adjoins(src[c.End:doc.Start]) || !startsLine(src, c.Start) {
			break
		}
		if doc.Len() == 0 {
			doc.End = c.End
		}
		doc.Start = c.Start
	}
	if doc.Len() == 0 {
		return text.Span{}
	}
	return doc
}

// adjoins reports whether gap is white space with at most one line end.
func adjoins(gap string) bool {
	ends := 0
	for i := range len(gap) {
		if !isSpace(gap[i]) {
			return false
		}
		if gap[i] == '\n' || gap[i] == '\r' && (i+1 == len(gap) || gap[i+1] != '\n') {
			ends++
		}
	}
	return ends <= 1
}

// startsLine reports whether only blanks precede off on its line.
func startsLine(src string, off int) bool {
	for off > 0 && (src[off-1] == ' ' || src[off-1] == '\t') {
		off--
	}
	return off == markLen(src) || off == 0 || src[off-1] == '\n' || src[off-1] == '\r'
}
