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
	if _, ok := w.dirs[w.root]; ok && w.sys != nil {
		w.setState("fsnotify")
	} else if w.sys != nil {
		w.fallBack(g, "the folder can't be watched", true)
	}
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
	w.verify, w.doubt = false, time.Time{}
	w.mu.Lock()
	w.pending, w.overflow = nil, false
	w.mu.Unlock()
}

// fallBack gives up watching for polling. missing says that it is worth trying
// again soon.
func (w *Watcher) fallBack(g *gathering, why string, missing bool) {
	w.stop()
	w.interval, w.missing = w.opts.Poll, missing
	w.setState(fmt.Sprintf("polling: %s", why))
	g.rescan = why
	clear(g.paths)
}

// poll asks for a look at everything. A folder that was missing is watched as
// soon as it is back.
func (w *Watcher) poll(g *gathering) {
	if w.missing {
		if _, err := os.Stat(w.root); err == nil {
			w.restart(g, "the folder is back")
			return
		}
	}
	g.rescan = "polling"
}
