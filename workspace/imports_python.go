package workspace

import (
	"path/filepath"
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
)

// python lists the files that an import in dir means: the module, and the modules
// among the names taken from a package. A package is its __init__.py; that is left
// out where all names taken from it are modules.
func (r *resolver) python(dir string, i syntax.Import) []string {
	name := strings.TrimLeft(i.Path, ".")
	if len(name) < len(i.Path) {
		return r.pythonIn(pythonUp(dir, i.Path), name, i.Names)
	}
	// Where Python would look is up to how the program is started: the folders above
	// are tried, the nearest last, for the top of a package is rarely inside one.
	var tops []string
	for at := dir; r.within(at); at = filepath.Dir(at) {
		tops = append(tops, at, filepath.Join(at, "src"), filepath.Join(at, "lib"))
		if filepath.Dir(at) == at {
			break
		}
	}
	for n := len(tops) - 3; n >= 0; n -= 3 {
		for _, top := range tops[n : n+3] {
			if found := r.pythonIn(top, name, i.Names); len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// pythonUp is the folder that the dots at the start of a module name mean.
func pythonUp(dir, name string) string {
	for n := 1; n < len(name) && name[n] == '.'; n++ {
		dir = filepath.Dir(dir)
	}
	return dir
}

// pythonIn is python for a module below top, "" for the package there.
func (r *resolver) pythonIn(top, name string, names []string) (found []string) {
	at := filepath.Join(top, strings.ReplaceAll(name, ".", string(filepath.Separator)))
	if name != "" {
		if p := r.pythonFile(at); p != "" {
			return []string{p}
		}
	}
	for _, n := range names {
		if p := r.pythonFile(filepath.Join(at, n)); p != "" {
			found = append(found, p)
		} else if p := filepath.Join(at, n, "__init__.py"); r.has(p) {
			found = append(found, p)
		}
	}
	if p := filepath.Join(at, "__init__.py"); len(found) < len(names) || len(names) == 0 {
		if r.has(p) {
			found = append(found, p)
		}
	}
	return found
}

// pythonFile is the module at a path without extension, "" if it is none.
func (r *resolver) pythonFile(at string) string {
	for _, ext := range []string{".py", ".pyi"} {
		if r.has(at + ext) {
			return at + ext
		}
	}
	return ""
}
