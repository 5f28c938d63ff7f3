package workspace

import (
	"context"

	"github.com/hob-ls/hob/workspace/syntax"
)

// ImportOf is an import statement that means a file of the workspace.
type ImportOf struct {
	In     *File // that holds the statement
	Import syntax.Import
	Path   string // of the file that is meant
}

// Imports lists the imports of f that mean files of the workspace, in the order
// of its text; one that means a folder, as in Go, is there once for each file.
func (s *Snapshot) Imports(f *File) []ImportOf {
	r := newResolver(s)
	var out []ImportOf
	for _, i := range f.importList() {
		for _, p := range r.resolve(f.Path, f.Language, i) {
			out = append(out, ImportOf{f, i, p})
		}
	}
	return out
}

// Importers lists the imports that mean f, in the order in which Related ranks the
// files that hold them; at most those of a hundred files. The only error is that
// of ctx.
func (s *Snapshot) Importers(ctx context.Context, f *File) ([]ImportOf, error) {
	rank := newRanking(s, f)
	if err := rank.far(ctx); err != nil {
		return nil, err
	}
	var out []ImportOf
	for _, rel := range rank.best(0) {
		for _, i := range rel.File.importList() {
			if rank.means(rel.File.Path, rel.File.Language, i, f.Path) {
				out = append(out, ImportOf{rel.File, i, f.Path})
			}
		}
	}
	return out, nil
}
