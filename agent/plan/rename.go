package plan

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// renaming is an instruction that asks for nothing but another name.
var renaming = regexp.MustCompile("(?i)^\\s*(?:please\\s+)?rename\\s+(?:the\\s+)?(?:(?:function|func|method|type|struct|class|interface|component|constant|const|variable|hook)\\s+)?" +
	"[`'\"]?([A-Za-z_$][\\w$]*)[`'\"]?(?:\\(\\))?\\s+(?:to|into|as|->|→)\\s+[`'\"]?([A-Za-z_$][\\w$]*)[`'\"]?(?:\\(\\))?(?:\\s+(?:everywhere|in\\s+all\\s+files|across\\s+(?:the\\s+)?\\w+))?\\s*[.!]?\\s*$")

// Renaming reads an instruction that is a pure rename of a symbol.
func Renaming(instruction string) (from, to string, ok bool) {
	m := renaming.FindStringSubmatch(instruction)
	if m == nil || m[1] == m[2] {
		return "", "", false
	}
	return m[1], m[2], true
}

// Renamed is what a rename by program does.
type Renamed struct {
	Files map[string][]text.Edit // by path, in order
	Base  map[string]*workspace.File
}

// maxReferences bounds the places that are looked at for one name.
const maxReferences = 5000

// Rename renames a symbol everywhere, if every place is certain; why says, where
// it is not, what stands against it, and a model has to look. Certain means: one
// declaration at the top of one file, no other meaning of either name in the
// files of its language, every place code for sure, and no member access through
// anything but the package or module itself.
func Rename(ctx context.Context, snap *workspace.Snapshot, from, to string) (r *Renamed, why string, err error) {
	names, err := Declarations(ctx, snap, from)
	if err != nil {
		return nil, "", err
	}
	switch {
	case len(names) == 0:
		return nil, fmt.Sprintf("nothing declares %s", from), nil
	case len(names) > 1:
		return nil, fmt.Sprintf("%s is declared %d times", from, len(names)), nil
	case names[0].Container != "" || names[0].Kind == syntax.Method:
		return nil, fmt.Sprintf("%s belongs to %s, and others may have a member of that name", from, names[0].Container), nil
	}
	language := syntax.LanguageOf(names[0].Path)
	taken, err := snap.References(ctx, to, language, 1)
	if err != nil {
		return nil, "", err
	}
	if len(taken) > 0 {
		return nil, fmt.Sprintf("%s is in use already in %s", to, filepath.Base(taken[0].Path)), nil
	}
	refs, err := snap.References(ctx, from, language, maxReferences+1)
	if err != nil {
		return nil, "", err
	}
	if len(refs) > maxReferences {
		return nil, fmt.Sprintf("%s stands in more than %d places", from, maxReferences), nil
	}
	return replace(snap, names[0], refs, to)
}

// replace turns references into edits, unless one of them is in doubt.
func replace(snap *workspace.Snapshot, decl workspace.Name, refs []workspace.Reference, to string) (*Renamed, string, error) {
	r := &Renamed{Files: map[string][]text.Edit{}, Base: map[string]*workspace.File{}}
	for _, ref := range refs {
		f := r.Base[ref.Path]
		if f == nil {
			var err error
			if f, err = snap.File(ref.Path); err != nil {
				return nil, fmt.Sprintf("%s can't be read", filepath.Base(ref.Path)), nil //nolint:nilerr // a doubt, not a failure
			}
			r.Base[ref.Path] = f
		}
		if !ref.Sure {
			return nil, fmt.Sprintf("%s line %d may be a comment or a string", f.Rel(), ref.Line+1), nil
		}
		if doubt := doubtful(f, ref, decl); doubt != "" {
			return nil, fmt.Sprintf("%s line %d: %s", f.Rel(), ref.Line+1, doubt), nil
		}
		r.Files[ref.Path] = append(r.Files[ref.Path], text.Edit{Span: ref.Span, New: to})
	}
	r.inDoc(decl, to)
	return r, "", nil
}

// inDoc renames the symbol in its own doc comment as well: in Go that begins with
// its name.
func (r *Renamed) inDoc(decl workspace.Name, to string) {
	f := r.Base[decl.Path]
	if f == nil {
		return
	}
	sym, ok := syntax.Enclosing(f.Outline(), decl.Ident)
	if !ok || sym.Doc.Len() == 0 {
		return
	}
	word := regexp.MustCompile(`\b` + regexp.QuoteMeta(decl.Name) + `\b`)
	for _, at := range word.FindAllStringIndex(f.Text[sym.Doc.Start:sym.Doc.End], -1) {
		r.Files[decl.Path] = append(r.Files[decl.Path], text.Edit{Span: text.Span{Start: sym.Doc.Start + at[0], End: sym.Doc.Start + at[1]}, New: to})
	}
	slices.SortFunc(r.Files[decl.Path], func(a, b text.Edit) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
}

// doubtful looks at what is around a use: after a dot it is a member of
// something, before a colon or an equals sign it may be a key or a local.
func doubtful(f *workspace.File, ref workspace.Reference, decl workspace.Name) string {
	if ref.Path == decl.Path && ref.Span == decl.Ident {
		return ""
	}
	before := strings.TrimRight(f.Text[:ref.Span.Start], " \t")
	after := strings.TrimLeft(f.Text[ref.Span.End:], " \t")
	switch {
	case strings.HasSuffix(before, "..."), strings.HasSuffix(before, ".."): // spread
	case strings.HasSuffix(before, "."), strings.HasSuffix(before, "->"), strings.HasSuffix(before, "::"):
		if q := qualifier(before); q == "" || !isModule(f, q, decl) {
			return "it is a member of something there"
		}
	}
	if strings.HasPrefix(after, ":=") || strings.HasPrefix(after, ":") && !strings.HasPrefix(after, "::") && f.Language != "python" {
		return "it may be a key or a local there"
	}
	if strings.HasPrefix(after, "=") && !strings.HasPrefix(after, "==") && !strings.HasPrefix(after, "=>") {
		return "it is assigned there"
	}
	if shorthand(f, ref.Span) {
		return "it may be a property there, whose name others go by"
	}
	if ref.Declaration {
		return "it is declared there, too"
	}
	for _, w := range []string{"var", "let", "const", "func", "function", "class", "def", "fn", "type", "struct"} {
		if strings.HasSuffix(before, w) && ref.Path != decl.Path {
			return "it is declared there, too"
		}
	}
	return ""
}

var (
	moduleList = regexp.MustCompile(`(?:^|[^\w$.])(?:import|export)(?:\s+type)?(?:\s+[\w$]+\s*,)?\s*$`)
	valueAhead = regexp.MustCompile(`(?:[=(,:\[?&|]|(?:^|[^\w$.])(?:return|default|const|let|var))\s*$`)
	jsxAhead   = regexp.MustCompile(`[\w$-]=$`)
)

// shorthand reports whether a name of a script stands by itself among the members of
// an object or a pattern: "{ load, save }". It is the name of the member as well.
func shorthand(f *workspace.File, s text.Span) bool {
	switch f.Language {
	case "javascript", "javascriptreact", "typescript", "typescriptreact":
	default:
		return false
	}
	before, after := strings.TrimSpace(f.Text[:s.Start]), strings.TrimSpace(f.Text[s.End:])
	first, last := strings.HasSuffix(before, "{"), strings.HasPrefix(after, "}")
	if !first && !strings.HasSuffix(before, ",") || !last && !strings.HasPrefix(after, ",") {
		return false
	}
	code := syntax.Code(f.Language, f.Text)
	for at, depth := s.Start-1, 0; at >= 0; at-- {
		switch code[at] {
		case ')', ']', '}':
			depth++
		case '(', '[', '{':
			if depth--; depth >= 0 {
				continue
			}
			head := code[:at]
			switch {
			case code[at] != '{', moduleList.MatchString(head):
				return false
			case first && last: // in JSX braces stand around any value
				return valueAhead.MatchString(head) && (!strings.HasSuffix(f.Language, "react") || !jsxAhead.MatchString(head))
			}
			return true
		}
	}
	return false
}

// qualifier is the name before the dot that before ends with.
func qualifier(before string) string {
	before = strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(before, "::"), "->"), "."), " \t")
	i := strings.LastIndexFunc(before, func(r rune) bool {
		return r != '_' && r != '$' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	if i >= 0 && strings.ContainsRune(".>:)]", rune(before[i])) {
		return ""
	}
	return before[i+1:]
}

// isModule reports whether q names the package or module that decl is in: by the
// folder's name in Go, by the file's in Python. Other qualifiers stay in doubt.
func isModule(f *workspace.File, q string, decl workspace.Name) bool {
	switch f.Language {
	case "go":
		return q == filepath.Base(filepath.Dir(decl.Path))
	case "python":
		base := filepath.Base(decl.Path)
		return q == strings.TrimSuffix(base, filepath.Ext(base))
	}
	return false
}
