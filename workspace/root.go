package workspace

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/hob-ls/hob/workspace/index"
	"github.com/hob-ls/hob/workspace/watch"
)

// root is the background side of a workspace folder: it scans, watches, and
// reads what changed.
type root struct {
	w      *Workspace
	dir    string
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{} // holds one token while queue has something new

	mu    sync.Mutex
	queue map[string]struct{} // guarded by mu: relative paths that DiskChanged named

	scanning atomic.Int32
	current  atomic.Pointer[index.Index] // nil while there is none; written under work
	watcher  atomic.Pointer[watch.Watcher]

	work sync.Mutex // one look at the disk at a time
}

func newRoot(w *Workspace, dir string) *root {
	r := &root{w: w, dir: dir, wake: make(chan struct{}, 1), queue: map[string]struct{}{}}
	r.ctx, r.cancel = context.WithCancel(w.ctx)
	return r
}

// run is the goroutine of the root, until its context ends.
func (r *root) run() {
	defer r.cancel()
	r.rescan()
	r.w.arrived()
	if !r.w.env.opts.NoWatch && r.ctx.Err() == nil {
		// The lock keeps the first batch back until the watcher is known here.
		r.work.Lock()
		watcher := watch.New(r.ctx, r.dir, r.handle, watch.Options{Skip: r.skip, Log: r.w.env.opts.Log})
		r.watcher.Store(watcher)
		r.work.Unlock()
		defer watcher.Close()
	}
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-r.wake:
			r.refresh(r.take())
		}
	}
}

func (r *root) watchState() string {
	if w := r.watcher.Load(); w != nil {
		return w.State()
	}
	if r.w.env.opts.NoWatch {
		return "off"
	}
	return "starting"
}

// skip reports for the watcher that a folder holds nothing that is listed.
func (r *root) skip(dir string) bool {
	ix := r.current.Load()
	rel, ok := below(r.dir, dir)
	return ok && ix != nil && ix.SkipDir(rel)
}

// changed queues a path that DiskChanged named; it does not block.
func (r *root) changed(rel string) {
	r.mu.Lock()
	r.queue[rel] = struct{}{}
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default: // a token is there already
	}
}

func (r *root) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	rels := make([]string, 0, len(r.queue))
	for rel := range r.queue {
		rels = append(rels, rel)
	}
	clear(r.queue)
	return rels
}

// handle is the watcher's handler.
func (r *root) handle(b watch.Batch) {
	if b.Rescan {
		r.rescan()
		return
	}
	rels := make([]string, 0, len(b.Paths))
	for _, path := range b.Paths {
		if rel, ok := below(r.dir, path); ok {
			rels = append(rels, rel)
		}
	}
	r.refresh(rels)
}

// refresh looks at some paths.
func (r *root) refresh(rels []string) {
	r.work.Lock()
	defer r.work.Unlock()
	ix := r.current.Load()
	if ix == nil {
		r.scan()
		return
	}
	next, err := ix.Refresh(r.ctx, rels)
	switch {
	case errors.Is(err, index.ErrRules):
		r.scan()
	case err == nil && next != ix:
		r.set(next)
	}
}

// rescan looks at everything.
func (r *root) rescan() {
	r.work.Lock()
	defer r.work.Unlock()
	r.scan()
}

// scan is rescan with work held.
func (r *root) scan() {
	r.scanning.Add(1)
	defer r.scanning.Add(-1)
	var next *index.Index
	var err error
	if ix := r.current.Load(); ix != nil {
		next, err = ix.Rescan(r.ctx)
	} else {
		next, err = index.Scan(r.ctx, r.dir, r.options())
	}
	if r.ctx.Err() != nil {
		return
	}
	if err != nil {
		// The folder is not there, or can't be read: it holds nothing until the
		// watcher finds it back.
		r.w.env.opts.Log.Warn("a workspace folder can't be read", "root", r.dir, "error", err)
		next = nil
	}
	r.set(next)
	if watcher := r.watcher.Load(); watcher != nil {
		watcher.Resync() // other ignore rules mean other folders to watch
	}
}

func (r *root) options() index.Options {
	o := r.w.env.opts
	return index.Options{MaxFile: o.MaxFile, MaxMemory: o.MaxMemory, Ignore: o.Ignore, Exclude: r.w.env.exclude.one}
}

func (r *root) set(ix *index.Index) {
	r.current.Store(ix)
	real, err := filepath.EvalSymlinks(r.dir)
	if err != nil {
		real = r.dir
	}
	r.w.setIndex(r, real, ix)
}
