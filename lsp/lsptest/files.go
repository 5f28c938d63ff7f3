package lsptest

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// gone is the text of a file that the scenario had and that is no more. No file
// of a scenario can hold it, for it is no UTF-8.
const gone = "\xff gone"

// changed lists the files that are not as the scenario's workspace section has
// them: the text of the editor where a document is open, else that of the disk.
func (r *run) changed() (map[string]string, []string, error) {
	now := map[string]string{}
	err := filepath.WalkDir(r.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(r.dir, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		now[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if r.client != nil {
		for _, path := range r.client.Documents() {
			if rel, err := filepath.Rel(r.dir, path); err == nil && filepath.IsLocal(rel) {
				now[filepath.ToSlash(rel)], _, _ = r.client.Text(path)
			}
		}
	}
	out := map[string]string{}
	for name, content := range now {
		if before, ok := r.Files[name]; !ok || before != content {
			out[name] = content
		}
	}
	for name := range r.Files {
		if _, ok := now[name]; !ok && !r.removed[name] {
			out[name] = gone
		}
	}
	return out, slices.Sorted(maps.Keys(out)), nil
}
