package plan

import (
	"fmt"
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
)

// Map is the repository as the planning model sees it: every target with why it
// is one and what it declares, within room bytes. Names of the instruction come
// with the number of times they stand in a symbol, for those are what has to
// change. What does not fit is counted.
func (t *Targets) Map(room int) string {
	var b strings.Builder
	for i, c := range t.Files {
		part := outline(c, true)
		if b.Len()+len(part) > room {
			part = outline(c, false)
		}
		if b.Len()+len(part) > room {
			fmt.Fprintf(&b, "(and %d more files)\n", len(t.Files)-i)
			break
		}
		b.WriteString(part)
	}
	return b.String()
}

// outline is one file of the map: all it declares at the top, or only what holds
// names of the instruction.
func outline(c Target, all bool) string {
	f := c.File
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n", f.Rel(), c.Why)
	for _, sym := range f.Outline() {
		marks := mentions(f, sym, c.Names)
		depth := 1
		if sym.Parent >= 0 {
			depth = 2
		}
		if marks == "" && (!all || depth > 1 && sym.Kind != syntax.Method) {
			continue
		}
		b.WriteString(strings.Repeat("  ", depth) + syntax.Signature(f.Text, sym) + marks + "\n")
	}
	return b.String()
}

// mentions says which names stand in a symbol, and how often.
func mentions(f *workspace.File, sym syntax.Symbol, names []string) string {
	var out []string
	src := f.Text[sym.Span.Start:sym.Span.End]
	for _, n := range names {
		if n == sym.Name || !strings.Contains(src, n) {
			continue
		}
		if spans, _ := syntax.Occurrences(f.Language, src, n); len(spans) > 0 {
			out = append(out, fmt.Sprintf("%s %d×", n, len(spans)))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "  [" + strings.Join(out, ", ") + "]"
}
