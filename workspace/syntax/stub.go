package syntax

import (
	"regexp"
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

// IsStub reports whether sym, of an outline of src, is a function or method that
// is still to be written: its body is empty or holds only what stands in for code
// ("pass", "throw new Error('not implemented')", "todo!()"), or a comment in it
// says TODO. What is meant to have no body of its own, as an abstract method, is
// no stub.
func IsStub(language, src string, sym Symbol) bool {
	if sym.Kind != Function && sym.Kind != Method || meantEmpty.MatchString(src[sym.Span.Start:sym.Ident.Start]) {
		return false
	}
	from, body := sym.Ident.End, sym.Body
	if body.Len() == 0 {
		if language != "lua" || !luaEmpty.MatchString(Code(language, src[from:sym.Span.End])) {
			return false // declared, not defined
		}
		body = text.Span{Start: sym.Span.End, End: sym.Span.End}
	}
	if body.Start < from {
		return false
	}
	code := []byte(src[from:sym.Span.End])
	blank := func(s text.Span) {
		for i := max(0, s.Start); i < min(s.End, len(code)); i++ {
			code[i] = ' '
		}
	}
	for _, c := range Comments(language, string(code)) { // in Python, a body begins after its first comments
		if toDo.Match(code[c.Start:c.End]) {
			return true
		}
		blank(c)
	}
	blank(text.Span{Start: sym.Doc.Start - from, End: sym.Doc.End - from}) // the docstring of Python
	return standsIn(statements(language, string(code[body.Start-from:body.End-from])))
}

// statements are the lines of a body without its braces and the marks at their ends.
func statements(language, body string) []string {
	body = strings.TrimSpace(body)
	if strings.HasPrefix(body, "{") {
		body = strings.TrimSuffix(body[1:], "}")
	}
	var out []string
	for line := range strings.Lines(body) {
		if line = strings.TrimRight(strings.TrimSpace(line), "; \t"); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// mostLines is how many lines a body may have that ends in "not implemented": what
// comes before it only keeps a compiler quiet.
const mostLines = 4

func standsIn(lines []string) bool {
	if len(lines) == 0 {
		return true
	}
	all := strings.Join(lines, " ")
	if nothing.MatchString(all) {
		return true
	}
	return len(lines) <= mostLines && (notYet.MatchString(lines[len(lines)-1]) || notYet.MatchString(all))
}

var (
	// luaEmpty is what follows the name of a function that does nothing.
	luaEmpty = regexp.MustCompile(`^\s*\([^()]*\)\s*end$`)

	// meantEmpty stands before the name of what has no body on purpose.
	meantEmpty = regexp.MustCompile(`@(abc\.|typing\.|t\.)?(abstractmethod|overload)\b|\babstract\b`)

	// toDo is what a comment says of code that is to come.
	toDo = regexp.MustCompile(`\b(TODO|FIXME|XXX)\b|(?i:\b(implement me|not (yet )?implemented( yet)?|your code( goes)? here|to be implemented)\b)`)

	// nothing are statements that do nothing, or say that nothing was done, by
	// themselves.
	nothing = regexp.MustCompile(`^(pass|\.\.\.|(return )?(todo|unimplemented)!\s*[(\[{].*|raise NotImplementedError\b.*|return NotImplemented|TODO\(.*\)|` +
		`throw (new )?(\w+\.)*(NotImplemented(Error|Exception)|UnsupportedOperationException)\b.*|fatalError\(\)|(std::)?abort\(\)|assert\((0|false)\))$`)

	// notYet says in words that there is nothing yet, as an error of some kind.
	notYet = regexp.MustCompile(`(?i)^(return\b.*\b(errors\.new|errorf|reject|err)\b.*|panic!?\s*\(|(log\.)?fatal(f|error)?\s*\(|throw\b|raise\b|error\s*\(|die\b|abort\b|fail\w*\s*\(|assert\b).*` +
		"[\"'`][^\"'`]*" + `\b(not[ _-]?(yet[ _-]?)?(been[ _-]?)?implemented|unimplemented|implement me|to ?do|stub)\b`)
)
