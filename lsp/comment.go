package lsp

import (
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// marker begins an instruction in a comment: "// hob: a table with sortable columns".
const marker = "hob:"

// commentForms are the comments in which an instruction is understood, in every
// language: a wrong guess needs a line that holds such a comment with "hob:" in it.
var commentForms = []struct{ open, end string }{
	{"{/*", "*/}"}, {"/*", "*/"}, {"<!--", "-->"}, {"//", ""}, {"#", ""}, {"--", ""}, {";;", ""},
}

// maxComment bounds how many lines an instruction may have.
const maxComment = 20

// instruction is a hob: comment: what it says and the lines it covers, without
// the last line end.
type instruction struct {
	prompt string
	span   text.Span
}

// instructionAt is the hob: comment that covers the line of offset off.
func instructionAt(f *workspace.File, off int) (instruction, bool) {
	here := f.Lines().Line(off)
	for first := here; first >= 0 && first > here-maxComment; first-- {
		in, last, ok := commentFrom(f, first)
		if ok && last >= here {
			return in, true
		}
		if !ok && first < here && !isComment(lineOf(f, first)) && !strings.Contains(lineOf(f, first), "*") {
			break
		}
	}
	return instruction{}, false
}

// instructionIn is the first hob: comment of a span.
func instructionIn(f *workspace.File, s text.Span) (instruction, bool) {
	for line := f.Lines().Line(s.Start); line <= f.Lines().Line(s.End); line++ {
		if in, _, ok := commentFrom(f, line); ok {
			return in, true
		}
	}
	return instruction{}, false
}

// commentFrom reads the hob: comment that starts on a line of its own.
func commentFrom(f *workspace.File, first int) (in instruction, last int, ok bool) {
	line := strings.TrimSpace(lineOf(f, first))
	for _, form := range commentForms {
		body, found := strings.CutPrefix(line, form.open)
		if !found {
			continue
		}
		body, found = cutMarker(body)
		if !found {
			return in, 0, false
		}
		var words []string
		if form.end == "" {
			words, last = lineComment(f, first, body, form.open)
		} else if words, last, found = blockComment(f, first, body, form.end); !found {
			return in, 0, false
		}
		in.prompt = strings.Join(words, " ")
		in.span = text.Span{Start: f.Lines().LineSpan(first).Start, End: f.Lines().LineSpan(last).Start + len(lineOf(f, last))}
		return in, last, in.prompt != ""
	}
	return in, 0, false
}

// lineComment goes on over the line comments below.
func lineComment(f *workspace.File, first int, body, open string) (words []string, last int) {
	words = appendWords(words, body)
	for last = first; last+1 < f.Lines().Lines() && last-first < maxComment; last++ {
		next, more := strings.CutPrefix(strings.TrimSpace(lineOf(f, last+1)), open)
		if _, again := cutMarker(next); !more || again {
			break
		}
		words = appendWords(words, next)
	}
	return words, last
}

// blockComment goes on to the end of the comment, which must end its line.
func blockComment(f *workspace.File, first int, body, end string) (words []string, last int, ok bool) {
	for last = first; last < f.Lines().Lines() && last-first < maxComment; last++ {
		if last > first {
			body = strings.TrimPrefix(strings.TrimSpace(lineOf(f, last)), "* ")
		}
		if i := strings.Index(body, end); i >= 0 {
			return appendWords(words, body[:i]), last, strings.TrimSpace(body[i+len(end):]) == ""
		}
		words = appendWords(words, body)
	}
	return nil, 0, false
}

func cutMarker(body string) (string, bool) {
	body = strings.TrimLeft(body, " \t*!")
	if len(body) < len(marker) || !strings.EqualFold(body[:len(marker)], marker) {
		return "", false
	}
	return body[len(marker):], true
}

func appendWords(words []string, s string) []string {
	if s = strings.TrimSpace(s); s == "" {
		return words
	}
	return append(words, s)
}

func isComment(line string) bool {
	line = strings.TrimSpace(line)
	for _, form := range commentForms {
		if strings.HasPrefix(line, form.open) {
			return true
		}
	}
	return false
}

// lineOf is a line without its line end.
func lineOf(f *workspace.File, line int) string {
	s := f.Lines().LineSpan(line)
	return strings.TrimRight(f.Text[s.Start:s.End], "\r\n")
}
