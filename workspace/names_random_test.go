package workspace

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/workspace/syntax"
)

// Names and References give what looking at every file gives, filters or not,
// whatever lies in what and is open, also after changes.
func TestNamesAndReferencesRandomly(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	words := []string{"Load", "load", "User", "userName", "x9", "HTTPServer", "snap_shot", "Größe", "a", "Item"}
	word := func() string { return words[rnd.IntN(len(words))] }
	source := func(ext string) string {
		var b strings.Builder
		for range rnd.IntN(4) {
			switch ext {
			case ".go":
				fmt.Fprintf(&b, "// %s\nfunc %s(%s int) { %s(%q) }\n\n", word(), word(), word(), word(), word())
			case ".ts":
				fmt.Fprintf(&b, "export class %s { %s() { return `${%s}` + \"%s\" } }\n", word(), word(), word(), word())
			default:
				fmt.Fprintf(&b, "%s %s\n", word(), word())
			}
		}
		return b.String()
	}
	exts := []string{".go", ".ts", ".txt"}
	name := func() string {
		path := []string{"", "in/", "in/deep/", "other/"}[rnd.IntN(4)]
		return path + fmt.Sprint("f", rnd.IntN(6)) + exts[rnd.IntN(len(exts))]
	}
	for range 8 {
		top := tempDir(t)
		for range 12 {
			n := name()
			put(t, filepath.Join(top, n), source(filepath.Ext(n)))
		}
		put(t, filepath.Join(top, "in", "go.mod"), "module m\n")
		w := open(t, Options{NoWatch: true}, []string{top, filepath.Join(top, "in")}[:1+rnd.IntN(2)]...)
		for range 3 {
			if rnd.IntN(2) == 0 {
				filtered(t, w)
			}
			s := w.Snapshot()
			for range 6 {
				language := []string{"", "go", "typescript"}[rnd.IntN(3)]
				look := word()
				got, err := s.References(t.Context(), look, language, 0)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(slowReferences(t, s, look, language), got); diff != "" {
					t.Fatalf("references of %s in %q:\n%s", look, language, diff)
				}
				query := look[:1+rnd.IntN(len(look))]
				names, err := s.Names(t.Context(), query, 0)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(slowNames(t, s, query), names); diff != "" {
					t.Fatalf("names for %q:\n%s", query, diff)
				}
			}
			n := name()
			path := filepath.Join(top, n)
			if _, ok := s.Document(path); ok {
				apply(t, w, Change{Kind: DocClose, Path: path})
			} else {
				apply(t, w, Change{Kind: DocOpen, Path: path, Language: syntax.LanguageOf(path), Text: source(filepath.Ext(n))})
			}
		}
	}
}

// everyFile is all files of a snapshot.
func everyFile(t *testing.T, s *Snapshot) (files []*File) {
	for p := range s.Paths() {
		f, err := s.File(p)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

func slowReferences(t *testing.T, s *Snapshot, name, language string) (out []Reference) {
	for _, f := range everyFile(t, s) {
		if language != "" && familyOf(f.Language) != familyOf(language) {
			continue
		}
		spans, sure := syntax.Occurrences(f.Language, f.Text, name)
		for _, span := range spans {
			declares := slices.ContainsFunc(f.Outline(), func(sym syntax.Symbol) bool { return sym.Ident == span })
			out = append(out, Reference{Path: f.Path, Span: span, Line: f.Lines().Line(span.Start), Declaration: declares, Sure: sure})
		}
	}
	return out
}

func slowNames(t *testing.T, s *Snapshot, query string) []Name {
	q := parseQuery(query)
	var all []found
	for _, f := range everyFile(t, s) {
		for _, d := range declaredIn(f.Text, f.Outline()) {
			if m, cost := q.match(d.name); m != 0 {
				all = append(all, found{Name{Path: f.Path, Name: d.name, Kind: d.kind, Container: d.outer, Ident: d.ident, Line: d.line, Fit: m}, cost})
			}
		}
	}
	slices.SortFunc(all, found.before)
	out := make([]Name, len(all))
	for i, f := range all {
		out[i] = f.Name
	}
	return out
}
