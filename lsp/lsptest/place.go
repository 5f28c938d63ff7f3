package lsptest

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/workspace/text"
)

// current is the text of a file as the user sees it.
func (r *run) current(name string) (string, error) {
	if content, _, open := r.client.Text(r.path(name)); open {
		return content, nil
	}
	data, err := os.ReadFile(r.path(name))
	return string(data), err
}

var rawPlace = regexp.MustCompile(`^(\d+):(\d+)(?:-(\d+):(\d+))?$`)

// place reads a PLACE at the head of args and returns what follows it.
func (r *run) place(name string, args []Field) (lsp.Range, []Field, error) {
	if len(args) == 0 {
		return lsp.Range{}, nil, fmt.Errorf("a place is missing")
	}
	if m := rawPlace.FindStringSubmatch(args[0].Value); m != nil {
		return rawRange(m), args[1:], nil
	}
	content, err := r.current(name)
	if err != nil {
		return lsp.Range{}, nil, err
	}
	word, args := args[0].Value, args[1:]
	var span text.Span
	switch word {
	case "start":
	case "end":
		span = text.Span{Start: len(content), End: len(content)}
	case "all":
		span = text.Span{End: len(content)}
	case "over", "before", "after":
		if len(args) == 0 {
			return lsp.Range{}, nil, fmt.Errorf("%s what?", word)
		}
		what := args[0].Value
		args = args[1:]
		if n := strings.Count(content, what); n != 1 || what == "" {
			return lsp.Range{}, nil, fmt.Errorf("%q is in %s %d times, want once", what, name, n)
		}
		span.Start = strings.Index(content, what)
		span.End = span.Start + len(what)
		switch word {
		case "before":
			span.End = span.Start
		case "after":
			span.Start = span.End
		}
	default:
		return lsp.Range{}, nil, fmt.Errorf("unknown place %q", word)
	}
	return r.wire(content, span), args, nil
}

func rawRange(m []string) lsp.Range {
	var n [4]uint32
	for i, s := range m[1:] {
		v, _ := strconv.ParseUint(s, 10, 32) // digits by the pattern, 0 where absent
		n[i] = uint32(v)
	}
	out := lsp.Range{Start: lsp.Position{Line: n[0], Character: n[1]}, End: lsp.Position{Line: n[2], Character: n[3]}}
	if m[3] == "" {
		out.End = out.Start
	}
	return out
}

// wire is a span in the positions of the session.
func (r *run) wire(content string, span text.Span) lsp.Range {
	lines, enc := text.NewLineIndex(content), r.client.Encoding()
	return lsp.Range{Start: lsp.Position(lines.Position(span.Start, enc)), End: lsp.Position(lines.Position(span.End, enc))}
}
