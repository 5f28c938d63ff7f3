package agent

import (
	"fmt"
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// ScopeKind is what a job is about.
type ScopeKind string

// The kinds of scope, by growing effort.
const (
	LineScope      ScopeKind = "lines"
	SymbolScope    ScopeKind = "symbol"
	SelectionScope ScopeKind = "selection"
	InsertionScope ScopeKind = "insertion"
	NewFileScope   ScopeKind = "new file"
	FileScope      ScopeKind = "file"
	ProjectScope   ScopeKind = "project" // several files: a plan
)

// Scope is the measured size of a job; the router sees nothing else of it.
type Scope struct {
	Action Action
	Kind   ScopeKind
	Lines  int // of the target now
	Bytes  int

	PromptTokens int // expected, for predictions
	OutputTokens int // expected
}

// Sizes from which a rewrite stops being simple, in lines. Small models keep a
// region whole up to about the first; past the second they need the largest.
const (
	mediumLines  = 120
	complexLines = 400
)

// Tier is the fixed tier of a scope: simple is fast, medium balanced, complex quality.
func (s Scope) Tier() Tier {
	switch {
	case s.Action == Component, s.Kind == InsertionScope:
		return Fast
	case s.Kind == ProjectScope:
		return Quality
	case s.Action == Review:
		return Balanced
	case s.Action == Explain:
		if s.Lines > complexLines {
			return Balanced
		}
		return Fast
	case s.Lines > complexLines:
		return Quality
	case s.Lines > mediumLines, s.Kind == FileScope, s.Action == Implement, s.Action == Test: // what is there says little about the work
		return Balanced
	}
	return Fast
}

// budget is the name of the configured budget for the scope.
func (s Scope) budget() string {
	switch {
	case s.Action == Component:
		return "component"
	case s.Kind == ProjectScope:
		return "refactor"
	}
	return "edit"
}

// String is the scope in the words of a result's why: "one symbol, 24 lines".
func (s Scope) String() string {
	switch s.Kind {
	case NewFileScope:
		return "one new file"
	case InsertionScope:
		return "an insertion"
	case ProjectScope:
		return "several files"
	case LineScope:
		return plural(s.Lines, "line")
	}
	return fmt.Sprintf("one %s, %s", s.Kind, plural(s.Lines, "line"))
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// target is where a job works. Shown is what the prompt marks as the region, the
// same for every action on the same place so that one prefill serves them all;
// Region is what the reply replaces.
type target struct {
	Scope  Scope
	Shown  text.Span
	Region text.Span
	Symbol syntax.Symbol
}

// maxFixLines bounds the symbol that a fix rewrites; a larger one is fixed by
// the lines around the diagnostic.
const maxFixLines = 60

// locate finds the target of req in f.
func locate(req Request, f *workspace.File) (target, *Error) {
	if req.Span.Start < 0 || req.Span.End > len(f.Text) || req.Span.Start > req.Span.End {
		return target{}, &Error{Kind: BadRequest, Message: "the range lies outside " + f.Rel(), Hint: "select a range inside the document"}
	}
	symbol, inSymbol := syntax.Enclosing(f.Outline(), trimBlank(f.Text, req.Span))
	t := target{Symbol: symbol}
	switch req.Action {
	case Generate:
		t.Scope.Kind = InsertionScope
		t.Region = insertion(f, req.Span)
		t.Shown = t.Region
	case Document:
		if !inSymbol {
			return target{}, &Error{Kind: BadRequest, Message: "there is no symbol to document here", Hint: "place the cursor on a function, type or class"}
		}
		t.Scope.Kind = SymbolScope
		t.Shown = wholeLines(f, symbol.Span)
		var bad *Error
		if t.Region, bad = docRegion(f, symbol); bad != nil {
			return target{}, bad
		}
	case Test:
		if !inSymbol {
			return target{}, &Error{Kind: BadRequest, Message: "there is no symbol to test here", Hint: "place the cursor on a function, method or class"}
		}
		t.Scope.Kind = SymbolScope
		t.Shown = wholeLines(f, symbol.Span)
		t.Region = t.Shown
	case Implement:
		if bad := implementable(f, symbol, inSymbol); bad != nil {
			return target{}, bad
		}
		t.Scope.Kind = SymbolScope
		t.Shown = wholeLines(f, symbol.Span)
		t.Region = t.Shown
	default:
		t.Scope.Kind, t.Shown = region(req, f, symbol, inSymbol)
		t.Region = t.Shown
	}
	t.Scope.Action = req.Action
	t.Scope.Bytes = t.Shown.Len()
	t.Scope.Lines = text.CountLines(f.Text[t.Shown.Start:t.Shown.End])
	return t, nil
}

// region is the span that a rewrite, a fix or an explanation is about.
func region(req Request, f *workspace.File, symbol syntax.Symbol, inSymbol bool) (ScopeKind, text.Span) {
	whole := text.Span{End: len(f.Text)}
	if req.Action == Fix {
		lines := wholeLines(f, req.Span)
		if !inSymbol {
			return LineScope, around(f, lines, 3)
		}
		if s := wholeLines(f, symbol.Span); text.CountLines(f.Text[s.Start:s.End]) <= maxFixLines {
			return SymbolScope, s
		}
		return LineScope, around(f, lines, 10)
	}
	if req.Span.Len() > 0 {
		s := wholeLines(f, req.Span)
		switch {
		case s == whole:
			return FileScope, s
		case inSymbol && s == wholeLines(f, symbol.Span):
			return SymbolScope, s
		}
		return SelectionScope, s
	}
	if inSymbol {
		return SymbolScope, wholeLines(f, symbol.Span)
	}
	return FileScope, whole
}

// insertion is where generated code goes: in the place of what is selected (a
// hob: comment) or of a blank line, else as lines after the cursor's line.
func insertion(f *workspace.File, s text.Span) text.Span {
	if s.Len() > 0 {
		return wholeLines(f, s)
	}
	line := f.Lines().LineSpan(f.Lines().Line(s.Start))
	if body := strings.TrimRight(f.Text[line.Start:line.End], "\r\n"); strings.TrimSpace(body) == "" {
		return text.Span{Start: line.Start, End: line.Start + len(body)}
	}
	return text.Span{Start: line.End, End: line.End}
}

// docRegion is the place of the doc comment: the present one, with its lines where
// it has them to itself, or the spot for a new one, above the symbol or, in Python, at
// the head of its body.
func docRegion(f *workspace.File, symbol syntax.Symbol) (text.Span, *Error) {
	if doc := symbol.Doc; doc.Len() > 0 {
		if ownLines(f, doc) {
			return wholeLines(f, doc), nil
		}
		for f.Language != "python" && doc.End < len(f.Text) && (f.Text[doc.End] == ' ' || f.Text[doc.End] == '\t') {
			doc.End++
		}
		return doc, nil
	}
	if f.Language == "python" && symbol.Body.Len() > 0 {
		// The body's span may begin at its first statement: the docstring goes on the line before it.
		at := firstNonBlank(f.Text, symbol.Body.Start)
		start := f.Lines().LineSpan(f.Lines().Line(at)).Start
		if strings.TrimSpace(f.Text[start:at]) != "" {
			return text.Span{}, &Error{Kind: BadRequest, Message: "the body of " + symbol.Name + " is on the line of its name, where no docstring fits", Hint: "put the body on a line of its own"}
		}
		return text.Span{Start: start, End: start}, nil
	}
	start := wholeLines(f, symbol.Span).Start
	return text.Span{Start: start, End: start}, nil
}

// wholeLines widens s to whole lines, line ends included. A span that ends at
// the start of a line, as selections by line do, does not reach into that line.
func wholeLines(f *workspace.File, s text.Span) text.Span {
	x := f.Lines()
	first, last := x.Line(s.Start), x.Line(s.End)
	if last > first && x.LineSpan(last).Start == s.End {
		last--
	}
	return text.Span{Start: x.LineSpan(first).Start, End: x.LineSpan(last).End}
}

// around widens a span of whole lines by n lines on both sides.
func around(f *workspace.File, s text.Span, n int) text.Span {
	x := f.Lines()
	first := max(0, x.Line(s.Start)-n)
	last := min(x.Lines()-1, x.Line(max(s.Start, s.End-1))+n)
	return text.Span{Start: x.LineSpan(first).Start, End: x.LineSpan(last).End}
}

// trimBlank narrows a selection to what is in it, so that blank lines around a
// function do not hide that the function was meant. A cursor stays a cursor.
func trimBlank(src string, s text.Span) text.Span {
	if s.Len() == 0 {
		return s
	}
	body := src[s.Start:s.End]
	trimmed := strings.TrimSpace(body)
	if trimmed == "" {
		return s
	}
	start := s.Start + strings.Index(body, trimmed)
	return text.Span{Start: start, End: start + len(trimmed)}
}

func firstNonBlank(src string, off int) int {
	for off < len(src) && strings.IndexByte(" \t\r\n", src[off]) >= 0 {
		off++
	}
	return off
}
