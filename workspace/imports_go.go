package workspace

import (
	"path"
	"path/filepath"
	"strings"
)

// goDeclared is what a Go file declares at top level, methods not included.
type goDeclared struct {
	pkg   string // of the package clause
	names []string
}

// goDeclared is read from the beginnings of lines, which is all that gofmt'ed code
// needs: a parser would take a hundred times as long, and files are compared with
// many others.
func (f *File) goDeclared() goDeclared {
	d := f.derived
	if d == nil {
		return goDeclaredIn(f.Text)
	}
	d.goDeclOnce.Do(func() { d.goDecl = goDeclaredIn(f.Text) })
	return d.goDecl
}

func goDeclaredIn(src string) (out goDeclared) {
	group := false // in a parenthesized var, const or type
	for len(src) > 0 {
		var line string
		line, src, _ = strings.Cut(src, "\n")
		if group {
			switch {
			case strings.HasPrefix(line, ")"):
				group = false
			case len(line) > 1 && line[0] == '\t' && isNameByte(line[1]):
				for rest := line[1:]; ; {
					name := nameAtStart(rest)
					out.names = append(out.names, name)
					after, more := strings.CutPrefix(rest[len(name):], ", ")
					if rest = after; !more || nameAtStart(rest) == "" {
						break
					}
				}
			}
			continue
		}
		word := nameAtStart(line)
		rest := strings.TrimLeft(line[len(word):], " \t")
		switch word {
		case "package":
			if out.pkg == "" {
				out.pkg = nameAtStart(rest)
			}
		case "func", "type", "var", "const":
			if strings.HasPrefix(rest, "(") {
				group = word != "func" && !strings.Contains(rest, ")")
			} else if name := nameAtStart(rest); name != "" {
				out.names = append(out.names, name)
			}
		}
	}
	return out
}

func nameAtStart(s string) string {
	n := 0
	for n < len(s) && isNameByte(s[n]) {
		n++
	}
	return s[:n]
}

// goModule is what a go.mod says, and which modules are at hand by a go.work.
type goModule struct {
	places []goPlace // the longest path first
}

// goPlace is a folder with the packages below an import path.
type goPlace struct{ path, dir string }

// moduleOf is the module around dir, nil where there is none.
func (r *resolver) moduleOf(dir string) *goModule {
	return nearest(r, r.modules, dir, func(dir string) *goModule {
		f := r.file(filepath.Join(dir, "go.mod"))
		if f == nil {
			return nil
		}
		m := &goModule{}
		r.readGoMod(m, f.Text, dir, true)
		for up := dir; r.within(up); up = filepath.Dir(up) {
			if work := r.file(filepath.Join(up, "go.work")); work != nil {
				for _, use := range directives(work.Text, "use") {
					at := filepath.Join(up, filepath.FromSlash(unquoted(use[0])))
					if f := r.file(filepath.Join(at, "go.mod")); f != nil && at != dir {
						r.readGoMod(m, f.Text, at, false)
					}
				}
				break
			}
		}
		return m
	})
}

// readGoMod enters the module of a go.mod in dir, and what it replaces by folders
// if it is the main one.
func (r *resolver) readGoMod(m *goModule, src, dir string, main bool) {
	for _, d := range directives(src, "module") {
		m.places = append(m.places, goPlace{unquoted(d[0]), dir})
	}
	if !main {
		return
	}
	for _, d := range directives(src, "replace") { // old [version] => new [version]
		for i, word := range d {
			if word == "=>" && i > 0 && i+1 < len(d) {
				if to := unquoted(d[i+1]); strings.HasPrefix(to, "./") || strings.HasPrefix(to, "../") {
					m.places = append(m.places, goPlace{unquoted(d[0]), filepath.Join(dir, filepath.FromSlash(to))})
				}
			}
		}
	}
}

// directives lists the words after each use of a directive of go.mod and go.work,
// those in parentheses line by line; none of them is empty.
func directives(src, name string) (out [][]string) {
	group := ""
	for line := range strings.Lines(src) {
		line, _, _ = strings.Cut(line, "//")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case group != "" && words[0] == ")":
			group = ""
		case group != "":
			if group == name {
				out = append(out, words)
			}
		case len(words) == 2 && words[1] == "(":
			group = words[0]
		case len(words) > 1 && words[0] == name:
			out = append(out, words[1:])
		}
	}
	return out
}

func unquoted(s string) string { return strings.Trim(s, "\"`") }

// goDir is the folder of the package that an import in dir means, "" if it is none
// of the workspace.
func (r *resolver) goDir(dir, importPath string) string {
	m := r.moduleOf(dir)
	if m == nil {
		return ""
	}
	best := goPlace{}
	for _, p := range m.places {
		if rest, ok := strings.CutPrefix(importPath, p.path); ok && (rest == "" || rest[0] == '/') && len(p.path) > len(best.path) {
			best = p
		}
	}
	if best.path == "" {
		return ""
	}
	return filepath.Join(best.dir, filepath.FromSlash(strings.TrimPrefix(importPath, best.path)))
}

// goImportPath is how other packages import the one in dir, "" if they can't.
func (r *resolver) goImportPath(dir string) string {
	m := r.moduleOf(dir)
	if m == nil {
		return ""
	}
	for _, p := range m.places {
		if rel, ok := below(p.dir, dir); ok {
			return path.Join(p.path, rel)
		}
	}
	return ""
}
