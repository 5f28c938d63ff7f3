package agent

import (
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// implementable says what is in the way of implementing a symbol.
func implementable(f *workspace.File, symbol syntax.Symbol, inSymbol bool) *Error {
	if !inSymbol || symbol.Kind != syntax.Function && symbol.Kind != syntax.Method {
		return &Error{Kind: BadRequest, Message: "there is no function to implement here", Hint: "place the cursor on a function whose body is empty or a stub"}
	}
	if !syntax.IsStub(f.Language, f.Text, symbol) {
		return &Error{Kind: BadRequest, Message: symbol.Name + " has a body already", Hint: "use Edit to change it, or write TODO where something is missing"}
	}
	return nil
}

// implementation is a reply in the place of the stub t: its signature and its
// documentation must be those of the stub.
func implementation(f *workspace.File, t target, reply string) (string, error) {
	stub := f.Text[t.Region.Start:t.Region.End]
	if code(f.Language, reply) == code(f.Language, stub) {
		return "", &Error{
			Kind: NoEdit, Message: "the reply leaves " + t.Symbol.Name + " a stub", Hint: "run it again, or choose a larger model",
			again: "Your code is the stub as it was. Write the body of " + t.Symbol.Name + ". Reply again with only the new text of the region in one fenced code block and nothing else.",
		}
	}
	whole := f.Text[:t.Region.Start] + reply + f.Text[t.Region.End:]
	want := head(f.Language, f.Text, t.Symbol)
	for _, sym := range syntax.Outline(f.Language, whole) {
		in := sym.Ident.Start >= t.Region.Start && sym.Ident.End <= t.Region.Start+len(reply)
		if !in || sym.Name != t.Symbol.Name || head(f.Language, whole, sym) != want {
			continue
		}
		whole = sameDoc(f, t.Symbol, whole, sym)
		return whole[t.Region.Start : len(whole)-(len(f.Text)-t.Region.End)], nil
	}
	return "", &Error{
		Kind: UnsafeEdit, Message: "the reply changes the signature of " + t.Symbol.Name, Hint: "run it again, or use Edit where another signature is wanted",
		again: "Your code changes the signature, which must stay as it is: " + want + ". Reply again with only the new text of the region in one fenced code block and nothing else.",
	}
}

// head is the signature of a symbol without comments and needless white space.
func head(language, src string, sym syntax.Symbol) string {
	end := sym.Body.Start
	if sym.Body.Len() == 0 {
		end = sym.Span.End
		if language == "lua" {
			end -= len("end")
		}
	}
	return code(language, src[sym.Span.Start:max(sym.Span.Start, end)])
}

// code is src without comments and needless white space.
func code(language, src string) string {
	var b strings.Builder
	at := 0
	for _, c := range syntax.Comments(language, src) {
		b.WriteString(src[at:c.Start] + " ")
		at = c.End
	}
	b.WriteString(src[at:])
	return strings.Join(strings.Fields(b.String()), " ")
}

// sameDoc gives sym, of the text whole, the docstring of the stub where the two
// differ: only Python has its documentation inside of the symbol.
func sameDoc(f *workspace.File, stub syntax.Symbol, whole string, sym syntax.Symbol) string {
	if stub.Doc.Len() == 0 || stub.Doc.Start < stub.Ident.End {
		return whole
	}
	doc := f.Text[stub.Doc.Start:stub.Doc.End]
	if sym.Doc.Len() > 0 && sym.Doc.Start > sym.Ident.End {
		return whole[:sym.Doc.Start] + doc + whole[sym.Doc.End:]
	}
	lines := wholeLines(f, stub.Doc)
	at := strings.LastIndexByte(whole[:firstNonBlank(whole, sym.Body.Start)], '\n') + 1
	return whole[:at] + strings.TrimRight(f.Text[lines.Start:lines.End], "\r\n") + text.EOL(f.Text) + whole[at:]
}
