package imports

import (
	_ "embed"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/hob-ls/hob/workspace/syntax"
)

//go:generate go run gen.go

//go:embed std.txt
var stdTable string

// std lists the packages of the standard library by name: path and exported names.
var std = sync.OnceValue(func() map[string][][]string {
	table := map[string][][]string{}
	for line := range strings.Lines(stdTable) {
		words := strings.Fields(line)
		table[words[1]] = append(table[words[1]], append(words[:1:1], words[2:]...))
	}
	return table
})

// goFamily imports packages of Go.
type goFamily struct{ want []goImport }

type goImport struct{ path, local string }

func (w goImport) String() string {
	if w.local != "" {
		return w.local + ` "` + w.path + `"`
	}
	return `"` + w.path + `"`
}

var (
	goStatement = regexp.MustCompile(`(?m)^import[ \t]*(?:\(([^()]*)\)|((?:[\w.]+[ \t]+)?"[^"\n]+"))[ \t]*(?:\r?\n)*`)
	goList      = regexp.MustCompile(`(?m)^import[ \t]*\(`)
	goSpec      = regexp.MustCompile(`(?m)^[ \t]*(?:([\w.]+)[ \t]+)?"([^"\n]+)"`)
	goSelector  = regexp.MustCompile(`\b([a-z_]\w*)\.([A-Z]\w*)`)
)

// lift takes import declarations out of the code.
func (g *goFamily) lift(j *job) {
	mask := syntax.Code("go", j.code)
	var out strings.Builder
	at := 0
	for _, m := range goStatement.FindAllStringSubmatchIndex(j.code, -1) {
		if !strings.HasPrefix(mask[m[0]:], "import") {
			continue // in a string or a comment
		}
		specs := j.code[max(m[2], m[4]):max(m[3], m[5])]
		for _, s := range goSpec.FindAllStringSubmatch(specs, -1) {
			g.wants(j, goImport{s[2], s[1]})
		}
		out.WriteString(j.code[at:m[0]])
		at = m[1]
	}
	j.code = out.String() + j.code[at:]
}

// wants notes an import, unless the file has it.
func (g *goFamily) wants(j *job, w goImport) {
	for _, i := range syntax.ImportsOf("go", j.before) {
		if i.Path == w.path && i.Local == w.local {
			return
		}
	}
	if !slices.Contains(g.want, w) {
		g.want = append(g.want, w)
		j.added = append(j.added, w.path)
	}
}

// needs adds the packages whose names stand before a selector in the code and
// nowhere else.
func (g *goFamily) needs(j *job) {
	uses := map[string][]string{}
	var order []string
	code := syntax.Code("go", j.code)
	for _, m := range goSelector.FindAllStringSubmatchIndex(code, -1) {
		name, member := code[m[2]:m[3]], code[m[4]:m[5]]
		if p := prev(code, m[0]); p == '.' || p == ')' && code[m[0]-1] == '.' {
			continue
		}
		if uses[name] == nil {
			if j.known(name) {
				continue
			}
			order = append(order, name)
		}
		uses[name] = append(uses[name], member)
	}
	if len(order) == 0 {
		return
	}
	imported := syntax.ImportsOf("go", j.whole())
	for _, name := range order {
		known := slices.ContainsFunc(imported, func(i syntax.Import) bool { return goLocal(i) == name }) ||
			slices.ContainsFunc(g.want, func(w goImport) bool { return goLocal(syntax.Import{Path: w.path, Local: w.local}) == name })
		if known || !qualifies(j.mask(), name) {
			continue
		}
		if w, ok := j.goPackage(name, uses[name], imported); ok {
			g.wants(j, w)
		}
	}
}

var versionSuffix = regexp.MustCompile(`^v[0-9]+$`)

// goLocal is the name by which an import is used, by its path where the statement
// gives none.
func goLocal(i syntax.Import) string {
	if i.Local != "" {
		return i.Local
	}
	dir, base := path.Split(i.Path)
	if versionSuffix.MatchString(base) && dir != "" {
		base = path.Base(dir)
	}
	base, _, _ = strings.Cut(base, ".")
	return strings.TrimSuffix(strings.TrimPrefix(base, "go-"), "-go")
}

// goPackage is the one package that name can mean, by what is used of it.
func (j *job) goPackage(name string, members []string, imported []syntax.Import) (goImport, bool) {
	dir := filepath.Dir(j.file.Path)
	var habit []string // imports of the package's other files
	for _, p := range j.snap.Dir(dir) {
		f, err := j.snap.File(p)
		if filepath.Ext(p) != ".go" || err != nil || p == j.file.Path {
			continue
		}
		if _, declared := f.GoPackage(); slices.Contains(declared, name) {
			return goImport{}, false // a variable of the package
		}
		for _, i := range f.Imports() {
			if goLocal(i) == name {
				habit = append(habit, goImport{i.Path, i.Local}.String())
			}
		}
	}
	// An import whose package is called otherwise than its path may be it.
	for _, i := range imported {
		for _, p := range j.snap.Resolve(j.file, i) {
			if f, err := j.snap.File(p); err == nil {
				if pkg, _ := f.GoPackage(); pkg == name {
					return goImport{}, false
				}
				break
			}
		}
	}
	if one := only(habit); one != "" {
		m := goSpec.FindStringSubmatch(one)
		return goImport{m[2], m[1]}, true
	}
	var found []string
	for _, p := range std()[name] {
		if holdsAll(p[1:], members) {
			found = append(found, p[0])
		}
	}
	if len(habit) == 0 {
		found = append(found, j.modulePackages(name, members)...)
	}
	one := only(found)
	return goImport{path: one}, one != ""
}

func holdsAll(sorted, all []string) bool {
	for _, s := range all {
		if !slices.Contains(sorted, s) {
			return false
		}
	}
	return true
}

// modulePackages lists the import paths of the packages of the workspace that are
// called name and declare all members.
func (j *job) modulePackages(name string, members []string) (found []string) {
	own := filepath.Dir(j.file.Path)
	dirs := map[string][]string{} // what they declare
	for p := range j.snap.Paths() {
		dir := filepath.Dir(p)
		if filepath.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") || dir == own || filepath.Base(dir) != name {
			continue
		}
		if f, err := j.snap.File(p); err == nil {
			if pkg, declared := f.GoPackage(); pkg == name {
				dirs[dir] = append(dirs[dir], declared...)
			}
		}
	}
	for dir, declared := range dirs {
		p := j.snap.GoImportPath(dir)
		if p == "" || !holdsAll(declared, members) || !visible(p, j.snap.GoImportPath(own)) {
			continue
		}
		found = append(found, p)
	}
	return found
}

// visible reports whether the package at p may be imported from the one at from.
func visible(p, from string) bool {
	i := strings.LastIndex("/"+p+"/", "/internal/")
	if i < 0 {
		return true
	}
	parent := strings.Trim(("/" + p)[:i], "/")
	return from == parent || strings.HasPrefix(from, parent+"/")
}

// add writes the imports into the head: into the group of their kind, sorted.
func (g *goFamily) add(head string) string {
	for _, w := range g.want {
		head = goAdd(head, w)
	}
	return head
}

func goAdd(head string, w goImport) string {
	mask := syntax.Code("go", head)
	if all := goList.FindAllStringIndex(mask, -1); len(all) > 0 {
		open := all[len(all)-1][1]
		if n := strings.IndexByte(mask[open:], ')'); n >= 0 {
			return head[:open] + goGroup(head[open:open+n], w) + head[open+n:]
		}
	}
	single := goStatement.FindAllStringIndex(head, -1)
	switch n := len(single); {
	case n == 0:
		return strings.TrimRight(head, "\n") + "\n\nimport " + w.String() + "\n"
	case n == 1 && !strings.Contains(head[single[0][0]:], `"C"`):
		s := strings.TrimRight(head[single[0][0]:single[0][1]], "\n")
		spec := strings.TrimSpace(strings.TrimPrefix(s, "import"))
		return head[:single[0][0]] + "import (" + goGroup("\n\t"+spec+"\n", w) + ")" + head[single[0][0]+len(s):]
	}
	last := single[len(single)-1]
	s := strings.TrimRight(head[:last[1]], "\n")
	return s + "\nimport " + w.String() + head[len(s):]
}

// goGroup adds a line to the specs between the parentheses.
func goGroup(specs string, w goImport) string {
	lines := strings.Split(strings.Trim(specs, "\n"), "\n")
	if strings.TrimSpace(specs) == "" {
		return "\n\t" + w.String() + "\n"
	}
	best, score := -1, -1 // the line of a group that w goes into
	for i, l := range lines {
		m := goSpec.FindStringSubmatch(l)
		if m == nil || isStd(m[2]) != isStd(w.path) {
			continue
		}
		if n := sharedParts(m[2], w.path); n > score {
			best, score = i, n
		}
	}
	line := "\t" + w.String()
	if best < 0 {
		if isStd(w.path) {
			return "\n" + line + "\n\n" + strings.Join(lines, "\n") + "\n"
		}
		return "\n" + strings.Join(lines, "\n") + "\n\n" + line + "\n"
	}
	from, to := best, best+1
	for from > 0 && strings.TrimSpace(lines[from-1]) != "" {
		from--
	}
	for to < len(lines) && strings.TrimSpace(lines[to]) != "" {
		to++
	}
	at := to
	for i := from; i < to; i++ {
		if m := goSpec.FindStringSubmatch(lines[i]); m != nil && m[2] > w.path {
			at = i
			break
		}
	}
	return "\n" + strings.Join(slices.Insert(lines, at, line), "\n") + "\n"
}

func isStd(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return !strings.Contains(first, ".")
}

func sharedParts(a, b string) int {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}
