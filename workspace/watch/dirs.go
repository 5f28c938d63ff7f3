package watch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What follows keeps the set of watched folders right. Only the process
// goroutine comes here.

func (w *Watcher) note(g *gathering, path string) {
	if g.rescan != "" {
		return
	}
	g.paths[path] = struct{}{}
	if len(g.paths) > w.opts.Flood {
		g.rescan = "many changes at once"
		clear(g.paths)
	}
}

// addTree watches dir and all folders in it, and notes what it finds there:
// the system told nobody about what was made before the watch.
func (w *Watcher) addTree(g *gathering, dir string) {
	if _, ok := w.dirs[dir]; ok || w.ctx.Err() != nil {
		return
	}
	if dir != w.root && w.opts.Skip(dir) {
		return
	}
	if err := w.sys.Add(dir); err != nil {
		if fatal(err) {
			w.fallBack(g, reason(err), false)
			return
		}
		// It is gone again, or something else is in its place, or nobody can look
		// inside.
		w.opts.Log.Debug("watch: folder not watched", "dir", dir, "error", err)
		return
	}
	w.dirs[dir] = struct{}{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		w.opts.Log.Debug("watch: folder not read", "dir", dir, "error", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		w.note(g, path)
		if e.IsDir() {
			w.addTree(g, path)
		}
		if w.sys == nil {
			return
		}
	}
}

// forget stops watching path and what is below it: it was removed, or lives
// under another name now, under which it is added again.
func (w *Watcher) forget(path string) {
	if _, ok := w.dirs[path]; !ok {
		return
	}
	below := path + string(filepath.Separator)
	for dir := range w.dirs {
		if dir == path || strings.HasPrefix(dir, below) {
			delete(w.dirs, dir)
			_ = w.sys.Remove(dir) // the system may have dropped it by itself
		}
	}
	w.verify = true
}

// verifyDirs adds again what the system does not watch under the name we know.
// A folder that was found under its new name before the event about its old one
// was processed shares its watch with the old name, and lost it with that.
func (w *Watcher) verifyDirs(g *gathering) {
	watched := map[string]struct{}{}
	for _, dir := range w.sys.WatchList() {
		watched[dir] = struct{}{}
	}
	var lost []string
	for dir := range w.dirs {
		if _, ok := watched[dir]; !ok {
			lost = append(lost, dir)
		}
	}
	slices.Sort(lost)
	for _, dir := range lost {
		w.forget(dir)
	}
	w.verify = false
	for _, dir := range lost {
		// Where the parent is not watched any more there is nothing left to add.
		if _, ok := w.dirs[filepath.Dir(dir)]; w.sys != nil && (ok || dir == w.root) {
			w.note(g, dir)
			w.addTree(g, dir)
		}
	}
}

// resyncDirs drops folders that are skipped now and adds those that are not any
// more.
func (w *Watcher) resyncDirs(g *gathering) {
	if w.sys == nil {
		return
	}
	defer w.watchExtra()
	for dir := range w.dirs {
		if dir != w.root && w.opts.Skip(dir) {
			w.forget(dir)
		}
	}
	before := len(w.dirs)
	for _, dir := range w.sorted() {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if e.IsDir() && w.sys != nil {
				w.addTree(g, filepath.Join(dir, e.Name()))
			}
		}
	}
	if len(w.dirs) > before {
		g.rescan = "more folders are watched"
		clear(g.paths)
	}
}

func (w *Watcher) sorted() []string {
	dirs := make([]string, 0, len(w.dirs))
	for dir := range w.dirs {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	return dirs
}
