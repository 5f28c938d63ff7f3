package syntax

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hob-ls/hob/workspace/text"
)

var update = flag.Bool("update", false, "write what was found as what is wanted")

// TestOutline runs the cases of testdata/outline with whatever this build reads code
// with. A case is a txtar file: the source, its outline, its imports. A section
// plain holds the outline for builds without grammars where line patterns give
// less; its lines then differ from those of outline, and both are checked in their build.
func TestOutline(t *testing.T) {
	files, err := filepath.Glob("testdata/outline/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			c := readCase(t, file)
			got := render(c.src, Outline(c.language, c.src))
			imports := Imports(c.language, c.src)
			got += "imports " + place(c.src, imports) + "\n"
			checkOutline(t, c.language, c.src)
			broken := strings.Contains(file, "broken")
			if n := Problems(c.language, c.src); broken != (n > 0) {
				t.Errorf("%d problems in %s", n, file)
			}
			if n := unbalanced(c.language, c.src).count; broken != (n > 0) {
				t.Errorf("%d brackets and quotes without a partner", n)
			}
			section := "outline"
			if _, ok := c.sections["plain"]; ok && !hasGrammar(c.language) {
				section = "plain"
			}
			if *update {
				c.write(t, file, section, got)
			} else if got != c.sections[section] {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.sections[section])
			}
		})
	}
}

// hasGrammar reports whether this build reads more of language than line patterns.
func hasGrammar(language string) bool {
	_, _, ok := grammarOutline(language, "")
	return ok
}

type outlineCase struct {
	archive  *txtar.Archive
	language string
	src      string
	sections map[string]string
}

func readCase(t *testing.T, file string) *outlineCase {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := &outlineCase{archive: a, sections: make(map[string]string)}
	head, _, _ := strings.Cut(string(a.Comment), "\n")
	c.language = strings.TrimPrefix(head, "language: ")
	for _, f := range a.Files {
		c.sections[f.Name] = string(f.Data)
	}
	c.src = c.sections["source"]
	return c
}

func (c *outlineCase) write(t *testing.T, file, section, data string) {
	t.Helper()
	for i, f := range c.archive.Files {
		if f.Name == section {
			c.archive.Files[i].Data = []byte(data)
			data = ""
		}
	}
	if data != "" {
		c.archive.Files = append(c.archive.Files, txtar.File{Name: section, Data: []byte(data)})
	}
	if err := os.WriteFile(file, txtar.Format(c.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// render writes one symbol a line: its kind, its name after those around it, and
// the lines and columns of its span, doc and body.
func render(src string, outline []Symbol) string {
	var b strings.Builder
	for _, sym := range outline {
		name := sym.Name
		for p := sym.Parent; p >= 0; p = outline[p].Parent {
			name = outline[p].Name + " > " + name
		}
		fmt.Fprintf(&b, "%s %s %s", sym.Kind, name, place(src, sym.Span))
		if sym.Doc.Len() > 0 {
			fmt.Fprintf(&b, " doc %s", place(src, sym.Doc))
		}
		if sym.Body.Len() > 0 {
			fmt.Fprintf(&b, " body %s", place(src, sym.Body))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// place is the first and the last character of a span, counted from 1.
func place(src string, s text.Span) string {
	if s.Len() == 0 {
		return "none"
	}
	x := text.NewLineIndex(src)
	from, to := x.Position(s.Start, text.UTF8), x.Position(s.End-1, text.UTF8)
	return fmt.Sprintf("%d:%d-%d:%d", from.Line+1, from.Character+1, to.Line+1, to.Character+1)
}

// checkOutline checks what Symbol promises of any outline.
func checkOutline(t *testing.T, language, src string) {
	t.Helper()
	checkSymbols(t, language, src, Outline(language, src))
}

func checkSymbols(t testing.TB, language, src string, outline []Symbol) {
	t.Helper()
	full := text.Span{Start: 0, End: len(src)}
	for i, sym := range outline {
		bad := func(what string) {
			t.Fatalf("%s: %s: symbol %d of %q:\n%s", language, what, i, src, render(src, outline))
		}
		switch {
		case !full.Contains(sym.Span) || sym.Span.Len() <= 0:
			bad("span outside the source")
		case !sym.Span.Contains(sym.Ident) || sym.Name == "" || sym.Name != src[sym.Ident.Start:sym.Ident.End]:
			bad("identifier")
		case sym.Body.Len() < 0 || sym.Body.Len() > 0 && !sym.Span.Contains(sym.Body):
			bad("body outside the span")
		case sym.Doc.Len() < 0 || sym.Doc.Len() > 0 && (!full.Contains(sym.Doc) || sym.Doc.Overlaps(sym.Span) && !sym.Span.Contains(sym.Doc)):
			bad("doc")
		case sym.Parent >= i || sym.Parent < -1:
			bad("parent comes after")
		case sym.Parent >= 0 && !outline[sym.Parent].Span.Contains(sym.Span):
			bad("outside its parent")
		case i > 0 && sym.Span.Start < outline[i-1].Span.Start:
			bad("order")
		}
		// Everything before that is not around it has ended.
		for j, other := range outline[:i] {
			if other.Span.Overlaps(sym.Span) && other.Span != sym.Span && !other.Span.Contains(sym.Span) {
				bad(fmt.Sprintf("crosses symbol %d", j))
			}
		}
	}
}
