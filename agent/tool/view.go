package tool

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/hob-ls/hob/workspace"
)

// View is what tools look at. All but Snapshot may be missing.
type View struct {
	Snapshot    *workspace.Snapshot
	Diagnostics Diagnostics
	Limits      Limits
	// Refresh is asked, before a file is read, for a snapshot that has it as it
	// is on disk now. Jobs have none: they look at one moment.
	Refresh func(path string) *workspace.Snapshot
}

// Diagnostics are problems that others found: compilers, linters, language servers.
type Diagnostics interface {
	// Diagnostics lists those of the file at path (absolute, as the snapshot
	// names it); "" means of all files.
	Diagnostics(path string) []Diagnostic
}

// Diagnostic is one problem. Line and Column count from 0; Column in bytes.
type Diagnostic struct {
	Path                            string
	Line, Column                    int
	Severity, Source, Code, Message string // Severity is "error", "warning", "information" or "hint"
}

// view is a View with what its tools share.
type view struct {
	View
	snap  *workspace.Snapshot
	roots []root
}

// root is a workspace folder and how results name it.
type root struct{ dir, name string }

func newView(v View) *view {
	out := &view{View: v, snap: v.Snapshot}
	for _, dir := range v.Snapshot.Roots() {
		out.roots = append(out.roots, root{dir: dir, name: filepath.Base(dir)})
	}
	for i, r := range out.roots {
		for j := range i {
			if out.roots[j].name == r.name { // two of one name are told apart by all of it
				out.roots[i].name, out.roots[j].name = filepath.ToSlash(r.dir), filepath.ToSlash(out.roots[j].dir)
			}
		}
	}
	return out
}

// errs that a model can do something about.
var (
	errNoFile  = errors.New("there is no such file; list or glob shows what there is")
	errOutside = errors.New("not a path of this workspace")
	errBinary  = errors.New("not a text file")
	errLarge   = errors.New("too large to be read")
)

// show names a path: relative to its root, which comes first where there are several.
func (v *view) show(p string) string {
	if len(v.roots) == 1 {
		if rel, ok := within(v.roots[0].dir, p); ok {
			return rel
		}
	}
	best := root{}
	for _, r := range v.roots {
		if _, ok := within(r.dir, p); ok && len(r.dir) > len(best.dir) {
			best = r
		}
	}
	if best.dir == "" {
		return filepath.ToSlash(p)
	}
	rel, _ := within(best.dir, p)
	return path.Join(best.name, rel)
}

// within is p relative to dir, "." for dir itself.
func within(dir, p string) (rel string, ok bool) {
	if p == dir {
		return ".", true
	}
	if !strings.HasSuffix(dir, string(filepath.Separator)) {
		dir += string(filepath.Separator)
	}
	rel, ok = strings.CutPrefix(p, dir)
	return filepath.ToSlash(rel), ok
}

// resolve turns what a model calls a file or folder into an absolute path that
// was confined. Of several roots the first that has it counts; where none has it,
// the path in the first comes with the error.
func (v *view) resolve(name string) (string, error) {
	name = strings.TrimPrefix(strings.TrimSpace(name), "file://")
	if strings.IndexByte(name, 0) >= 0 {
		return "", fmt.Errorf("%q: %w", clip(name, 80), errOutside)
	}
	for _, elem := range strings.Split(filepath.ToSlash(name), "/") {
		if elem == ".." {
			return "", fmt.Errorf("%s: %w: '..' is not allowed", clip(name, 80), errOutside)
		}
	}
	var candidates []string
	if filepath.IsAbs(name) {
		candidates = []string{filepath.Clean(name)}
	} else {
		rel := filepath.FromSlash(path.Clean(filepath.ToSlash(name)))
		for _, r := range v.roots {
			candidates = append(candidates, filepath.Join(r.dir, rel))
			if first, rest, _ := strings.Cut(filepath.ToSlash(rel), "/"); first == r.name {
				candidates = append(candidates, filepath.Join(r.dir, filepath.FromSlash(rest)))
			}
		}
	}
	first, err := "", fmt.Errorf("%s: %w", clip(name, 80), errNoFile)
	for _, c := range candidates {
		if _, bad := v.snap.Confine(c); bad != nil {
			err = v.told(name, bad)
			continue
		}
		if len(candidates) == 1 || v.snap.Has(c) || v.isFolder(c) {
			return c, nil
		}
		if first == "" {
			first = c
		}
	}
	return first, err
}

// isFolder reports whether listed files lie below dir.
func (v *view) isFolder(dir string) bool {
	for _, r := range v.roots {
		if r.dir == dir {
			return true
		}
	}
	for p := range v.snap.Under(dir) {
		if v.visible(p) {
			return true
		}
	}
	return false
}

// told is an error of the workspace in words for a model, naming no other path
// than the model did.
func (v *view) told(name string, err error) error {
	name = clip(name, 80)
	switch {
	case errors.Is(err, workspace.ErrExcluded):
		return fmt.Errorf("%s: the user keeps this file to themselves", name)
	case errors.Is(err, workspace.ErrOutside):
		return fmt.Errorf("%s: %w", name, errOutside)
	case errors.Is(err, workspace.ErrTooLarge):
		return fmt.Errorf("%s: %w", name, errLarge)
	case errors.Is(err, workspace.ErrBinary):
		return fmt.Errorf("%s: %w", name, errBinary)
	}
	return fmt.Errorf("%s: %w", name, errNoFile)
}

// file is the file that a model calls name.
func (v *view) file(name string) (*workspace.File, error) {
	p, err := v.resolve(name)
	if v.Refresh != nil && p != "" {
		if v.snap = v.Refresh(p); err != nil {
			p, err = v.resolve(name)
		}
	}
	if err != nil {
		return nil, err
	}
	f, err := v.snap.File(p)
	if err != nil {
		return nil, v.told(name, err)
	}
	if !v.visible(f.Path) {
		return nil, v.told(name, workspace.ErrNotFound)
	}
	return f, nil
}

// visible reports whether a path that the snapshot lists is for tools: an open
// document is listed even if it is ignored or outside of every root.
func (v *view) visible(p string) bool {
	doc, ok := v.snap.Document(p)
	if !ok {
		return true
	}
	if f := doc.File(); f.Root == "" {
		return false
	} else if f.OnDisk {
		_, err := v.snap.Saved(p)
		return !errors.Is(err, workspace.ErrNotFound)
	}
	return true // not saved yet: nothing can ignore it
}
