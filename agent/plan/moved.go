package plan

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// Moved is a file that goes to another place, or what of it does.
type Moved struct {
	Was, To string                // absolute
	Package func(dir string) bool // Python: whether a folder is a package
}

// Specifier is how a file at from says To where spec said Was; false where that is
// not certain.
func (m Moved) Specifier(language, spec, from string) (string, bool) {
	if language == "python" {
		return m.module(spec, from)
	}
	return m.relative(spec, from)
}

// relative is a path such as "./button". It keeps its form: with or without the end
// of the file's name, or with that of what a script is compiled to, and with index
// left out.
func (m Moved) relative(old, from string) (string, bool) {
	if !strings.HasPrefix(old, "./") && !strings.HasPrefix(old, "../") {
		return "", false
	}
	rel, err := filepath.Rel(filepath.Dir(from), m.To)
	if err != nil {
		return "", false
	}
	spec := filepath.ToSlash(rel)
	if !strings.HasPrefix(spec, ".") {
		spec = "./" + spec
	}
	own, bare := filepath.Ext(m.Was), strings.TrimSuffix(filepath.Base(m.Was), filepath.Ext(m.Was))
	switch end := filepath.Ext(old); {
	case end == "", bare == filepath.Base(old):
		spec = strings.TrimSuffix(spec, filepath.Ext(spec)) // as it was: without its end
	case end != own && bare+end == filepath.Base(old):
		spec = strings.TrimSuffix(spec, filepath.Ext(spec)) + end
	}
	if filepath.Base(old) != "index" {
		spec = strings.TrimSuffix(spec, "/index")
	}
	return spec, true
}

var pythonWord = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// module is a dotted name such as "pkg.store" or "..store", if it names Was itself
// and not a package that Was lies in.
func (m Moved) module(old, from string) (string, bool) {
	was, to := strings.TrimSuffix(m.Was, ".py"), strings.TrimSuffix(m.To, ".py")
	if was == m.Was || to == m.To || filepath.Base(was) == "__init__" || filepath.Base(to) == "__init__" {
		return "", false
	}
	dotted := strings.TrimLeft(old, ".")
	path := filepath.FromSlash(strings.ReplaceAll(dotted, ".", "/"))
	root, ok := strings.CutSuffix(was, string(filepath.Separator)+path)
	if dotted == "" || !ok {
		return "", false
	}
	if dotted == old {
		return dots("", root, to)
	}
	// Up to a folder that holds both; from there on down.
	dir, ups := filepath.Dir(from), "."
	for !strings.HasPrefix(to, dir+string(filepath.Separator)) {
		if up := filepath.Dir(dir); up != dir {
			dir, ups = up, ups+"."
			continue
		}
		return "", false
	}
	if len(ups) > 1 && !m.Package(dir) {
		return "", false
	}
	return dots(ups, dir, to)
}

// dots is the module at path, seen from dir.
func dots(prefix, dir, path string) (string, bool) {
	rel, ok := strings.CutPrefix(path, dir+string(filepath.Separator))
	if !ok {
		return "", false
	}
	words := strings.Split(filepath.ToSlash(rel), "/")
	for _, w := range words {
		if !pythonWord.MatchString(w) {
			return "", false
		}
	}
	return prefix + strings.Join(words, "."), true
}

// Respell writes spec instead of old in the imports of src. false where there are
// none, or where one binds the name of the module itself, which the code after it
// goes by: import a.b in Python.
func Respell(language, src, old, spec string) (string, bool) {
	var found []syntax.Import
	for _, i := range syntax.ImportsOf(language, src) {
		if i.Path != old {
			continue
		}
		if language == "python" && i.Local == "" && !isFrom(src, i) {
			return src, false
		}
		found = append(found, i)
	}
	for n := len(found) - 1; n >= 0; n-- {
		s := found[n].Span
		next := spec
		if language != "python" {
			next = src[s.Start:s.Start+1] + spec + src[s.End-1:s.End] // in its quotes
		}
		src = src[:s.Start] + next + src[s.End:]
	}
	return src, len(found) > 0
}

// isFrom reports whether an import of Python takes names from the module.
func isFrom(src string, i syntax.Import) bool {
	before := strings.TrimRight(src[:i.Span.Start], " \t\\\r\n")
	return strings.HasSuffix(before, "from")
}

// Take has the imports of src that take names from old take them from spec instead;
// the others stay. taken are the names that some import took. It is not sure where an
// import of old has another form, so that nobody knows what it takes.
func Take(language, src, old, spec string, names map[string]bool) (next string, taken int, sure bool) {
	sure = true
	list := syntax.ImportsOf(language, src)
	for n := len(list) - 1; n >= 0; n-- {
		if list[n].Path != old {
			continue
		}
		t, ok := takingOf(language, src, list[n])
		if !ok {
			sure = false
			continue
		}
		var moved, kept []string
		for _, item := range t.items {
			switch name := imported(item); {
			case name == "*":
				sure = false
				kept = append(kept, item)
			case names[name]:
				moved = append(moved, item)
			default:
				kept = append(kept, item)
			}
		}
		taken += len(moved)
		switch {
		case len(moved) == 0:
		case len(kept) == 0:
			src = src[:t.spec.Start] + spec + src[t.spec.End:]
		default:
			src = src[:t.list.Start] + t.join(kept) + src[t.list.End:t.end] + t.again(src, spec, moved) + src[t.end:]
		}
	}
	return src, taken, sure
}

// taking is an import statement that takes names from a module.
type taking struct {
	items  []string
	list   text.Span // of the items
	spec   text.Span // of the specifier, without quotes
	end    int       // of the statement
	before string    // what it begins with: "import {", or in Python "  from "
	python bool
	wide   bool   // an item a line
	eol    string // of the file
}

var (
	scriptTaking = regexp.MustCompile(`(?:import|export)(?:\s+type)?\s*\{([^{}]*)\}\s*from\s*$`)
	pythonTaking = regexp.MustCompile(`^[ \t]+import[ \t]+(?:\(([^()#\\]*)\)|([^\n#(\\;]+))`)
)

func takingOf(language, src string, i syntax.Import) (t taking, ok bool) {
	if language == "python" {
		return pythonTakingOf(src, i)
	}
	const most = 4000 // bytes that a statement may take
	from := max(0, i.Span.Start-most)
	m := scriptTaking.FindStringSubmatchIndex(src[from:i.Span.Start])
	if m == nil {
		return t, false
	}
	t.list = text.Span{Start: from + m[2], End: from + m[3]}
	if list := src[t.list.Start:t.list.End]; strings.Contains(list, "//") || strings.Contains(list, "/*") {
		return t, false // which name a comment belongs to nobody knows
	}
	t.spec = text.Span{Start: i.Span.Start + 1, End: i.Span.End - 1}
	t.end = i.Span.End
	if strings.HasPrefix(src[t.end:], ";") {
		t.end++
	}
	t.before = src[from+m[0] : t.list.Start]
	t.split(src)
	return t, true
}

func pythonTakingOf(src string, i syntax.Import) (t taking, ok bool) {
	start := strings.LastIndexByte(src[:i.Span.Start], '\n') + 1
	m := pythonTaking.FindStringSubmatchIndex(src[i.Span.End:])
	if m == nil || strings.TrimSpace(src[start:i.Span.Start]) != "from" {
		return t, false
	}
	at := 2
	if m[2] < 0 {
		at = 4
	}
	t.python = true
	t.list = text.Span{Start: i.Span.End + m[at], End: i.Span.End + m[at+1]}
	t.list.End = t.list.Start + len(strings.TrimRight(src[t.list.Start:t.list.End], " \t\r"))
	t.spec, t.end = i.Span, t.list.End
	if at == 2 {
		t.end = i.Span.End + m[1]
	}
	t.before = src[start:i.Span.Start]
	t.split(src)
	return t, true
}

func (t *taking) split(src string) {
	body := src[t.list.Start:t.list.End]
	t.wide = strings.Contains(body, "\n")
	t.eol = text.EOL(src)
	for item := range strings.SplitSeq(body, ",") {
		if item = strings.TrimSpace(item); item != "" {
			t.items = append(t.items, item)
		}
	}
}

// imported is the name that an item takes: "a" of "a", "a as b", "type a".
func imported(item string) string {
	words := strings.Fields(item)
	if len(words) > 1 && words[0] == "type" && words[1] != "as" {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// join is a list of items in the form of the statement.
func (t *taking) join(items []string) string {
	switch {
	case t.wide && t.python:
		return t.lines(items, "    ")
	case t.wide:
		return t.lines(items, "  ")
	case t.python:
		return strings.Join(items, ", ")
	}
	return " " + strings.Join(items, ", ") + " "
}

func (t *taking) lines(items []string, indent string) string {
	return t.eol + indent + strings.Join(items, ","+t.eol+indent) + "," + t.eol
}

// again is the statement once more, on a line of its own, for items of spec.
func (t *taking) again(src, spec string, items []string) string {
	if t.python {
		return t.eol + t.before + spec + " import " + strings.Join(items, ", ")
	}
	quote := src[t.spec.Start-1 : t.spec.Start]
	return t.eol + t.before + " " + strings.Join(items, ", ") + " } from " + quote + spec + quote + src[t.spec.End+1:t.end]
}
