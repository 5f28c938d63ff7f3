package watch

import (
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// What follows watches Options.Extra. It is the process goroutine's.

// watchExtra brings the watched folders of the extra files up to date. One that
// can't be watched is left alone: these files hardly ever change.
func (w *Watcher) watchExtra() {
	if w.sys == nil || w.opts.Extra == nil {
		return
	}
	files, dirs := map[string]struct{}{}, map[string]struct{}{}
	for _, path := range w.opts.Extra() {
		files[path] = struct{}{}
		dirs[filepath.Dir(path)] = struct{}{}
	}
	for dir := range w.extraDirs {
		if _, still := dirs[dir]; still {
			continue
		}
		if _, own := w.dirs[dir]; !own {
			_ = w.sys.Remove(dir) // the system may have dropped it by itself
		}
	}
	w.extra = files
	w.extraDirs = map[string]struct{}{}
	for dir := range dirs {
		if _, own := w.dirs[dir]; !own {
			if err := w.sys.Add(dir); err != nil {
				w.opts.Log.Debug("watch: folder of an extra file not watched", "dir", dir, "error", err)
				continue
			}
		}
		w.extraDirs[dir] = struct{}{}
	}
}

// isExtra notes an event about an extra file, and reports whether that is all
// there is to it.
func (w *Watcher) isExtra(g *gathering, ev fsnotify.Event) bool {
	if _, ok := w.extra[ev.Name]; ok && ev.Op != fsnotify.Chmod {
		g.extra = true
	}
	dir := filepath.Dir(ev.Name)
	if _, ok := w.extraDirs[ev.Name]; ok && (ev.Has(fsnotify.Remove) || ev.Has(fsnotify.Rename)) {
		delete(w.extraDirs, ev.Name)
		g.extra = true
		_, own := w.dirs[ev.Name]
		return !own
	}
	if _, ok := w.extraDirs[dir]; !ok {
		return false
	}
	_, own := w.dirs[dir]
	return !own && ev.Name != w.root
}
