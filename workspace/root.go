package workspace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
	tight    atomic.Bool                 // another root needs some of the memory
	progress index.Progress              // of all scans so far
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
		watcher := watch.New(r.ctx, r.dir, r.handle, watch.Options{
			Skip: r.skip, Extra: r.sources, State: r.notice, Log: r.w.env.opts.Log, Remote: r.w.env.opts.Remote,
		})
		r.watcher.Store(watcher)
		r.work.Unlock()
		r.tellWatching() // it may have told of its state before it was known here
		defer watcher.Close()
	}
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-r.wake:
			if rels := r.take(); len(rels) > 0 {
				r.refresh(rels)
			}
			if r.tight.Swap(false) {
				r.trim()
			}
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

// sources are the files that the watcher is to watch besides the folder.
func (r *root) sources() []string {
	if ix := r.current.Load(); ix != nil {
		return ix.Sources()
	}
	return nil
}

// polled reports whether a state of the watcher is that of a folder that can't be watched,
// and why. That it is gone is no such thing: it is watched again as soon as it is back.
func (r *root) polled(state string) (why string, is bool) {
	if why, is = strings.CutPrefix(state, "polling: "); !is {
		return "", false
	}
	_, err := os.Stat(r.dir)
	return why, err == nil
}

func (r *root) tellWatching() {
	if tell := r.w.env.opts.Watching; tell != nil {
		tell()
	}
}

// notice tells the user when the folder can't be watched.
func (r *root) notice(state string) {
	r.tellWatching()
	why, is := r.polled(state)
	if !is || r.w.env.opts.Notice == nil {
		return
	}
	r.w.env.opts.Notice(fmt.Sprintf("Changes that other programs make in %s show up late: it is looked at every few seconds only, because it can't be watched (%s).", r.dir, why))
}

// changed queues a path that DiskChanged named; it does not block.
func (r *root) changed(rel string) {
	r.mu.Lock()
	r.queue[rel] = struct{}{}
	r.mu.Unlock()
	r.signal()
	if watcher := r.watcher.Load(); watcher != nil {
		watcher.Poke()
	}
}

func (r *root) signal() {
	select {
	case r.wake <- struct{}{}:
	default: // a token is there already
	}
}

// room is how much text the root may hold: what the others leave of
// Options.MaxMemory, and at least its share. It takes no lock.
func (r *root) room() int64 {
	s, all := r.w.Snapshot(), r.w.env.opts.maxMemory()
	rest := all
	for _, o := range s.roots {
		if o.live != r {
			rest -= o.live.bytes()
		}
	}
	return max(rest, all/int64(max(1, len(s.roots))))
}

// bytes is the text that the root holds.
func (r *root) bytes() int64 {
	if ix := r.current.Load(); ix != nil {
		return ix.Stats().Bytes
	}
	return 0
}

// share asks the other roots to give up what they hold beyond their share, if all
// of them hold too much together.
func (r *root) share() {
	s, all, sum := r.w.Snapshot(), r.w.env.opts.maxMemory(), int64(0)
	for _, o := range s.roots {
		sum += o.live.bytes()
	}
	if sum <= all {
		return
	}
	for _, o := range s.roots {
		if o.live != r && o.live.bytes() > o.live.room() {
			o.live.tight.Store(true)
			o.live.signal()
		}
	}
}

// trim gives up contents that there is no room for.
func (r *root) trim() {
	r.work.Lock()
	defer r.work.Unlock()
	if ix := r.current.Load(); ix != nil {
		if next := ix.Trim(); next != ix {
			r.set(next)
		}
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
func (r *root) handle(b watch.Batch) (changed bool) {
	before := r.published()
	defer func() { changed = r.published() != before }()
	if ix := r.current.Load(); b.Rescan || b.Extra && ix != nil && ix.Stale() {
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
	return
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
	defer r.report()()
	var next *index.Index
	var err error
	ix := r.current.Load()
	if ix != nil {
		next, err = ix.Rescan(r.ctx)
	} else {
		next, err = index.Scan(r.ctx, r.dir, r.options())
	}
	if r.ctx.Err() != nil {
		return
	}
	if err == nil && ix != nil && next.Same(ix) && next.Same(r.published()) {
		// Nothing to tell anybody; the rules may be others all the same.
		r.current.Store(next)
		r.resync()
		return
	}
	if err != nil {
		// The folder is not there, or can't be read: it holds nothing until the
		// watcher finds it back.
		r.w.env.opts.Log.Warn("a workspace folder can't be read", "root", r.dir, "error", err)
		next = nil
	}
	r.set(next)
	r.resync()
}

// published is what the current snapshot has of the root.
func (r *root) published() *index.Index {
	for _, s := range r.w.Snapshot().roots {
		if s.live == r {
			return s.ix
		}
	}
	return nil
}

// resync tells the watcher that other ignore rules may hold, which mean other
// folders and files to watch.
func (r *root) resync() {
	if watcher := r.watcher.Load(); watcher != nil {
		watcher.Resync()
	}
}

func (r *root) options() index.Options {
	o := r.w.env.opts
	return index.Options{
		MaxFile: o.MaxFile, MaxMemory: o.maxMemory(), Ignore: o.Ignore, Exclude: r.w.env.exclude.one,
		Room: r.room, Progress: &r.progress,
	}
}

func (r *root) set(ix *index.Index) {
	r.current.Store(ix)
	real, err := filepath.EvalSymlinks(r.dir)
	if err != nil {
		real = r.dir
	}
	r.w.setIndex(r, real, ix)
	r.share()
}
