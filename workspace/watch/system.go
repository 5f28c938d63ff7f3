package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// system is the part of fsnotify that is used here.
type system interface {
	Add(dir string) error
	Remove(dir string) error
	WatchList() []string
	Events() <-chan fsnotify.Event
	Errors() <-chan error
	Close() error
}

type notify struct{ *fsnotify.Watcher }

func (n notify) Events() <-chan fsnotify.Event { return n.Watcher.Events }
func (n notify) Errors() <-chan error          { return n.Watcher.Errors }

func openSystem() (system, error) {
	w, err := fsnotify.NewBufferedWatcher(1024)
	if err != nil {
		return nil, err
	}
	return notify{w}, nil
}

// fatal reports whether an error is about watching as such and not about the one
// folder.
func fatal(err error) bool {
	for _, about := range []error{
		fs.ErrNotExist, fs.ErrPermission, syscall.ENOTDIR, syscall.ELOOP, syscall.ENAMETOOLONG, syscall.EIO, syscall.ESTALE,
	} {
		if errors.Is(err, about) {
			return false
		}
	}
	return true
}

// reason says for people why watching failed.
func reason(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return "too many folders for the system: raise fs.inotify.max_user_watches"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "too many watchers on the system: raise fs.inotify.max_user_instances"
	}
	return err.Error()
}

// start opens the system's watching and adds all folders. The batch is a Rescan,
// because nothing is known of the time before.
func (w *Watcher) start(g *gathering) {
	w.restart(g, "the watch begins")
}

// restart begins anew with everything.
func (w *Watcher) restart(g *gathering, why string) {
	w.stop()
	if _, err := os.Stat(w.root); err != nil {
		w.fallBack(g, "the folder can't be read: "+err.Error(), true)
		return
	}
	sys, err := w.opts.open()
	if err != nil {
		w.fallBack(g, reason(err), false)
		return
	}
	w.sys, w.interval, w.missing = sys, 0, false
	w.sysWG.Go(func() { w.drain(sys) })
	g.rescan = why // set first: what addTree finds need not be noted one by one
	clear(g.paths)
	w.addTree(g, w.root)
	if _, ok := w.dirs[w.root]; !ok && w.sys != nil {
		w.fallBack(g, "the folder can't be watched", true)
	}
	if w.sys == nil {
		return
	}
	w.watchExtra()
	if fs := w.opts.Remote(w.root); fs != "" {
		// What is changed here is still seen at once.
		w.beginPolling(fmt.Sprintf("%s tells nothing of what others change", fs))
		return
	}
	w.setState("fsnotify")
}

// stop closes the system and waits for its drain goroutine. What is pending is
// void: a Rescan must follow.
func (w *Watcher) stop() {
	if w.sys != nil {
		if err := w.sys.Close(); err != nil {
			w.opts.Log.Warn("watch: close", "error", err)
		}
		w.sysWG.Wait()
		w.sys = nil
	}
	clear(w.dirs)
	clear(w.extra)
	clear(w.extraDirs)
	w.verify, w.doubt = false, time.Time{}
	w.mu.Lock()
	w.pending, w.overflow = nil, false
	w.mu.Unlock()
}

// fallBack gives up watching for polling. missing says that it is worth trying
// again soon.
func (w *Watcher) fallBack(g *gathering, why string, missing bool) {
	w.stop()
	w.missing = missing
	w.beginPolling(why)
	g.rescan = why
	clear(g.paths)
}
