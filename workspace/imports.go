package workspace

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
)

// imports is what the file says it imports, read once.
func (f *File) importList() []syntax.Import {
	d := f.derived
	if d == nil {
		return syntax.ImportsOf(f.Language, f.Text)
	}
	d.importsOnce.Do(func() { d.imports = syntax.ImportsOf(f.Language, f.Text) })
	return d.imports
}

// hasImports reports whether imports of the language can be resolved.
func hasImports(language string) bool {
	switch familyOf(language) {
	case "go", "script", "python", "c":
		return true
	}
	return false
}

// resolver finds the files that imports mean. It asks the listing of one snapshot
// and reads nothing but go.mod, go.work, tsconfig.json, package.json and
// pnpm-workspace.yaml files; what those say is remembered by folder. For one goroutine.
type resolver struct {
	snap    *Snapshot
	modules map[string]*goModule
	scripts map[string]*scriptConfig
	members map[string]*members
}

func newResolver(s *Snapshot) *resolver {
	return &resolver{snap: s, modules: map[string]*goModule{}, scripts: map[string]*scriptConfig{}, members: map[string]*members{}}
}

// has reports whether the snapshot lists the file at path.
func (r *resolver) has(path string) bool {
	if d := r.snap.docs[path]; d != nil {
		return !d.excluded
	}
	root, rel := r.snap.owner(path)
	return root != nil && root.ix.Has(rel) && (len(r.snap.roots) == 1 || !r.snap.excludes(path))
}

// file is the file at path, nil if there is none to be read.
func (r *resolver) file(path string) *File {
	if !r.has(path) {
		return nil
	}
	f, err := r.snap.File(path)
	if err != nil {
		return nil
	}
	return f
}

// within reports whether dir is a root or in one.
func (r *resolver) within(dir string) bool { return r.snap.rootOf(dir) != nil }

// nearest asks dir and then the folders above it, within the roots, for the first
// that has something; known remembers the answer for each of them.
func nearest[T any](r *resolver, known map[string]*T, dir string, ask func(dir string) *T) (got *T) {
	var passed []string
	for at := dir; r.within(at); at = filepath.Dir(at) {
		var ok bool
		if got, ok = known[at]; ok {
			break
		}
		passed = append(passed, at)
		if got = ask(at); got != nil || filepath.Dir(at) == at {
			break
		}
	}
	for _, at := range passed {
		known[at] = got
	}
	return got
}

// resolve lists the files that an import in the file at path means: none where it
// leads out of the workspace. In Go they are the files of the package but its tests.
func (r *resolver) resolve(path, language string, i syntax.Import) []string {
	dir := filepath.Dir(path)
	switch familyOf(language) {
	case "go":
		if to := r.goDir(dir, i.Path); to != "" {
			return r.goFiles(to)
		}
	case "script":
		if to := r.script(dir, i.Path); to != "" {
			return []string{to}
		}
	case "python":
		return r.python(dir, i)
	case "c":
		return r.include(dir, i.Path)
	}
	return nil
}

// goFiles lists the files of the package in dir, without tests.
func (r *resolver) goFiles(dir string) []string {
	return slices.DeleteFunc(r.snap.Dir(dir), func(p string) bool {
		return filepath.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go")
	})
}

// means reports whether the import leads to the file at to. The answer is that of
// resolve, without a listing of Go packages.
func (r *resolver) means(path, language string, i syntax.Import, to string) bool {
	if familyOf(language) == "go" {
		return r.goDir(filepath.Dir(path), i.Path) == filepath.Dir(to) && filepath.Ext(to) == ".go" && !strings.HasSuffix(to, "_test.go")
	}
	return slices.Contains(r.resolve(path, language, i), to)
}

// include is the header that a quoted include means: beside the file, or below a
// folder above it or the include folder of one.
func (r *resolver) include(dir, name string) []string {
	name = filepath.FromSlash(name)
	if p := filepath.Join(dir, name); r.has(p) {
		return []string{p}
	}
	for at := dir; r.within(at); at = filepath.Dir(at) {
		for _, p := range []string{filepath.Join(at, name), filepath.Join(at, "include", name), filepath.Join(at, "src", name)} {
			if r.has(p) {
				return []string{p}
			}
		}
		if filepath.Dir(at) == at {
			break
		}
	}
	return nil
}

// importWords are the words by which the catalog finds an import again: whatever
// file it means, importedAs of that holds one of them.
func importWords(path, language string, i syntax.Import) []string {
	dir := filepath.Dir(path)
	switch familyOf(language) {
	case "go":
		return []string{i.Path[strings.LastIndexByte(i.Path, '/')+1:]}
	case "script", "c":
		spec := withoutQuery(i.Path)
		if dots := spec == "." || spec == ".." || strings.HasSuffix(spec, "/.") || strings.HasSuffix(spec, "/.."); dots {
			return []string{stem(filepath.Join(dir, filepath.FromSlash(spec)))}
		}
		return []string{stem(spec)}
	case "python":
		words := []string{i.Path[strings.LastIndexByte(i.Path, '.')+1:]}
		if words[0] == "" { // dots only: the package itself
			words[0] = filepath.Base(pythonUp(dir, i.Path))
		}
		return append(words, i.Names...)
	}
	return nil
}

// importedAs are the words by which imports may name the file at path.
func (r *resolver) importedAs(path, language string) []string {
	dir := filepath.Dir(path)
	words := []string{stem(path)}
	switch familyOf(language) {
	case "go":
		to := r.goImportPath(dir)
		return []string{to[strings.LastIndexByte(to, '/')+1:]}
	case "python":
		if words[0] == "__init__" {
			words[0] = filepath.Base(dir)
		}
		return words
	}
	if words[0] == "index" {
		words = append(words, stem(dir))
	}
	if familyOf(language) == "script" {
		words = append(words, r.packageWords(path)...)
	}
	return append(words, r.aliases(path)...)
}

// stem is the last part of a path, up to its first dot that is not at its start.
func stem(path string) string {
	base := path[strings.LastIndexAny(path, `/\`)+1:]
	if i := strings.IndexByte(base, '.'); i > 0 {
		return base[:i]
	}
	return base
}
