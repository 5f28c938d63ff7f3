package plan

import (
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
)

// lookUp finds a symbol by its name or its first line as the outline shows them, else by
// what models make of them: "Store.Save", "(*Store[T]).Save", "Store::save(id)".
func lookUp(f *workspace.File, name string) (syntax.Symbol, error) {
	outline := f.Outline()
	name, _, _ = strings.Cut(strings.TrimSpace(name), "  [") // which the map adds to a line
	outer, own := split(name)
	found := matching(outline, func(sym syntax.Symbol) bool {
		return sym.Name == name || syntax.Signature(f.Text, sym) == name
	})
	if len(found) == 0 {
		found = matching(outline, func(sym syntax.Symbol) bool {
			return sym.Name == own && (outer == "" || belongs(f, outline, sym, outer))
		})
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return syntax.Symbol{}, problem("%s declares no %q; it declares %s.", f.Rel(), name, declared(outline))
	}
	return syntax.Symbol{}, problem("%s declares %q %d times: say which, as in TYPE.%s.", f.Rel(), name, len(found), own)
}

func matching(outline []syntax.Symbol, fits func(syntax.Symbol) bool) []syntax.Symbol {
	var found []syntax.Symbol
	for _, sym := range outline {
		if fits(sym) {
			found = append(found, sym)
		}
	}
	return found
}

// split parts a name, qualified or as it is declared.
func split(name string) (outer, own string) {
	name = strings.TrimSpace(strings.TrimPrefix(strings.ReplaceAll(name, "::", "."), "func "))
	if !strings.Contains(name, "operator") { // of C++, whose name has such brackets
		name = strings.TrimSpace(withoutTypes(name))
	}
	if i := strings.IndexByte(name[min(1, len(name)):], '('); i >= 0 { // of what it takes
		name = strings.TrimSpace(name[:i+1])
	}
	if receiver, rest, ok := strings.Cut(name, ")"); ok && strings.HasPrefix(name, "(") { // of Go
		fields := strings.Fields(receiver)
		return strings.Trim(fields[len(fields)-1], "(*& "), strings.TrimLeft(rest, ". ")
	}
	name = name[strings.LastIndexByte(name, ' ')+1:] // what comes before it says what it is
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", name
	}
	return strings.Trim(name[:i], "*& "), name[i+1:]
}

// withoutTypes leaves out the parameters of types: [T], <T>.
func withoutTypes(name string) string {
	var b strings.Builder
	depth := 0
	for _, r := range name {
		switch r {
		case '[', '<':
			depth++
		case ']', '>':
			depth--
		default:
			if depth <= 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// belongs reports whether a symbol is in, or is a method of, what is called outer.
func belongs(f *workspace.File, outline []syntax.Symbol, sym syntax.Symbol, outer string) bool {
	if sym.Parent >= 0 && outline[sym.Parent].Name == outer {
		return true
	}
	head := f.Text[sym.Span.Start:sym.Ident.Start] // "func (s *Store) "
	spans, _ := syntax.Occurrences(f.Language, head, outer)
	return len(spans) > 0
}
