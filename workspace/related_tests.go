package workspace

import (
	"path/filepath"
	"slices"
	"strings"
)

// testFolders are where tests are kept apart.
var testFolders = []string{"__tests__", "tests", "test", "spec"}

// isTest reports whether the file at path is a test by its name.
func isTest(path string) bool {
	name, ext := splitExt(path)
	switch ext {
	case ".go":
		return strings.HasSuffix(name, "_test")
	case ".py":
		return strings.HasPrefix(name, "test_") || strings.HasSuffix(name, "_test")
	}
	return strings.HasSuffix(name, ".test") || strings.HasSuffix(name, ".spec") || filepath.Base(filepath.Dir(path)) == "__tests__"
}

func splitExt(path string) (name, ext string) {
	ext = filepath.Ext(path)
	return strings.TrimSuffix(filepath.Base(path), ext), ext
}

// tests ranks what f tests, if it is a test, else its tests.
func (r *ranking) tests() {
	name, ext := splitExt(r.f.Path)
	if isTest(r.f.Path) {
		for _, p := range r.testedBy(name, ext) {
			r.add(p, rankTested, "what it tests")
		}
		return
	}
	for _, p := range r.testsOf(name, ext) {
		r.add(p, rankTest, "its test")
	}
}

// scriptTestExts are the extensions between which a test and its source may differ.
var scriptTestExts = []string{".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs", ".vue", ".svelte"}

// testsOf lists the tests of the file that is called name and ext.
func (r *ranking) testsOf(name, ext string) []string {
	switch r.family {
	case "go":
		return r.those(r.dir, name+"_test"+ext)
	case "python":
		return r.inTestFolders("test_"+name+".py", name+"_test.py")
	case "script":
		var names, inside []string
		for _, e := range scriptTestExts {
			names = append(names, name+".test"+e, name+".spec"+e)
			inside = append(inside, name+e)
		}
		return append(r.those(filepath.Join(r.dir, "__tests__"), inside...), r.inTestFolders(names...)...)
	}
	return nil
}

// inTestFolders lists the files of these names beside f, or in a test folder of
// its own or of a folder above it, there in the same place or at the top.
func (r *ranking) inTestFolders(names ...string) []string {
	found := r.those(r.dir, names...)
	for at := r.dir; r.within(at); at = filepath.Dir(at) {
		rest, _ := below(at, r.dir)
		_, inner, _ := strings.Cut(rest, "/") // tests/x for src/x
		places := []string{rest}
		for _, p := range []string{inner, ""} {
			if !slices.Contains(places, p) {
				places = append(places, p)
			}
		}
		for _, folder := range testFolders {
			for _, p := range places {
				found = append(found, r.those(filepath.Join(at, folder, filepath.FromSlash(p)), names...)...)
			}
		}
		if filepath.Dir(at) == at {
			break
		}
	}
	return found
}

// testedBy lists what the test that is called name and ext is about.
func (r *ranking) testedBy(name, ext string) []string {
	switch r.family {
	case "go":
		name = strings.TrimSuffix(name, "_test")
		for name != "" { // snapshot_storm_test.go may be one of many about snapshot.go
			if found := r.those(r.dir, name+ext); len(found) > 0 {
				return found
			}
			name = name[:max(0, strings.LastIndexByte(name, '_'))]
		}
	case "python":
		return r.outsideTestFolders(strings.TrimSuffix(strings.TrimPrefix(name, "test_"), "_test") + ".py")
	case "script":
		name = strings.TrimSuffix(strings.TrimSuffix(name, ".test"), ".spec")
		names := []string{name + ext}
		for _, e := range scriptTestExts {
			names = append(names, name+e)
		}
		return r.outsideTestFolders(names...)
	}
	return nil
}

// outsideTestFolders lists the files of these names beside f, and where the test
// folders around it have their counterparts.
func (r *ranking) outsideTestFolders(names ...string) []string {
	found := r.those(r.dir, names...)
	rest := ""
	for at := r.dir; r.within(at) && filepath.Dir(at) != at; at = filepath.Dir(at) {
		if up := filepath.Dir(at); slices.Contains(testFolders, filepath.Base(at)) {
			for _, src := range []string{"", "src", "lib"} {
				found = append(found, r.those(filepath.Join(up, src, rest), names...)...)
			}
		}
		rest = filepath.Join(filepath.Base(at), rest)
	}
	return found
}

// those lists the files of these names that are in dir, each once.
func (r *ranking) those(dir string, names ...string) (found []string) {
	for _, name := range names {
		if p := filepath.Join(dir, name); p != r.f.Path && r.has(p) && !slices.Contains(found, p) {
			found = append(found, p)
		}
	}
	return found
}
