package workspace

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hob-ls/hob/workspace/index"
)

// Options configure a Workspace. The zero value works.
type Options struct {
	MaxFile   int64    // bytes; larger files are not listed; 0 means 1 MiB
	MaxMemory int64    // bytes of text held, in all roots together; 0 means 512 MiB
	Ignore    []string // doublestar globs: names, or paths relative to a root where they hold a slash
	Exclude   []string // names that never leave the disk (privacy.exclude): globs as in Ignore, in any case
	NoWatch   bool     // look at the disk only once, and where DiskChanged says so
	Log       *slog.Logger

	// Remote names the file system of a folder that others may change without a word to
	// this system, so that it is looked at at intervals; "" if it can be watched. Nil
	// knows the usual ones.
	Remote func(dir string) string

	// These are called from goroutines of the workspace, and must not wait for it.
	Notice   func(text string) // what the user should know: a folder that can't be watched
	Watching func()            // Polled may give other folders now
	Progress func(p Progress)  // of scans, for each root about ten times a second and at the end
	Changed  func()            // the newest snapshot has what was found on disk
}

func (o Options) maxMemory() int64 {
	if o.MaxMemory <= 0 {
		return 512 << 20
	}
	return o.MaxMemory
}

// errClosed is what Apply says after Close.
var errClosed = errors.New("the workspace is closed")

// Workspace is the mutable holder of snapshots.
//
// What happens to it:
//
//	editor -> Apply ------------------------------> publish
//	          Apply(RootAdd, DiskChanged) -> root --> publish
//	disk ---> watch --------------------->  root --> publish
//
// Every publish is under mu, derives the next Snapshot from the current one and
// does no IO; the goroutines of a root do the IO before it.
type Workspace struct {
	env    *env
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	snap   atomic.Pointer[Snapshot]

	filtering atomic.Bool // the filters of searches are being made

	mu      sync.Mutex    // held to publish; guards what follows
	waiting int           // roots whose first scan is not done
	ready   chan struct{} // closed while waiting is 0
	closed  bool
}

// New makes an empty workspace. Close, or the end of ctx, ends its goroutines.
func New(ctx context.Context, opts Options) *Workspace {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	exclude, err := newExcluder(opts.Exclude)
	if err != nil {
		opts.Log.Error("excluding files", "error", err)
	}
	w := &Workspace{env: &env{opts: opts, exclude: exclude}, ready: make(chan struct{})}
	close(w.ready)
	w.ctx, w.cancel = context.WithCancel(ctx)
	w.env.run = w.run
	w.snap.Store(&Snapshot{env: w.env})
	return w
}

// Snapshot never blocks and never allocates.
func (w *Workspace) Snapshot() *Snapshot { return w.snap.Load() }

// Ready is closed when the first scan of every root known so far is done.
func (w *Workspace) Ready() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ready
}

// run starts a task that ends before Close returns; false if it is too late for that.
func (w *Workspace) run(task func(ctx context.Context)) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.ctx.Err() != nil {
		return false
	}
	w.wg.Go(func() { task(w.ctx) })
	return true
}

// expect counts a root whose scan is to come; mu is held.
func (w *Workspace) expect() {
	if w.waiting == 0 {
		w.ready = make(chan struct{})
	}
	w.waiting++
}

func (w *Workspace) arrived() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting--; w.waiting == 0 {
		close(w.ready)
	}
}

// Close stops watching and waits for the background work to end.
func (w *Workspace) Close() error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.cancel()
	w.wg.Wait()
	for _, doc := range w.Snapshot().docs {
		doc.session.close()
	}
	return nil
}

// draft is the next Snapshot while it is being made; mu is held for its life.
type draft struct {
	Snapshot
	changed bool
	ownDocs bool // docs is a copy already
}

func (w *Workspace) draft() *draft { return &draft{Snapshot: *w.snap.Load()} }

func (d *draft) setDoc(key string, doc *document) {
	if !d.ownDocs {
		next := make(map[string]*document, len(d.docs)+1)
		maps.Copy(next, d.docs)
		d.docs, d.ownDocs = next, true
	}
	if doc == nil {
		delete(d.docs, key)
	} else {
		d.docs[key] = doc
	}
	d.changed = true
}

// setRoots takes over a slice that nobody else has, and brings the documents in
// line with it.
func (d *draft) setRoots(roots []*rootState) {
	slices.SortFunc(roots, func(a, b *rootState) int { return strings.Compare(a.key(), b.key()) })
	d.roots, d.changed = roots, true
	docs := make(map[string]*document, len(d.docs))
	for _, doc := range d.docs {
		key := d.canon(doc.path)
		doc = doc.strays(doc.stray, d.indexed(key))
		docs[key] = doc.onDisk(d.indexed(key) || doc.stray, d.RootOf(key))
		docs[key] = docs[key].exclude(d.excludes(key) || d.excludes(doc.path))
	}
	d.docs, d.ownDocs = docs, true
}

// indexed reports whether an index knows a file at path (canonical).
func (s *Snapshot) indexed(path string) bool {
	r, rel := s.owner(path)
	return r != nil && r.ix.Has(rel)
}

// publish makes the draft the current snapshot.
func (w *Workspace) publish(d *draft) {
	if !d.changed {
		return
	}
	next := d.Snapshot
	next.seq++
	w.snap.Store(&next)
}

// setIndex publishes what a root found on the disk.
func (w *Workspace) setIndex(r *root, real string, ix *index.Index) {
	if w.putIndex(r, real, ix) && w.env.opts.Changed != nil {
		w.env.opts.Changed()
	}
}

func (w *Workspace) putIndex(r *root, real string, ix *index.Index) (changed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.draft()
	roots := slices.Clone(d.roots)
	i := slices.IndexFunc(roots, func(s *rootState) bool { return s.live == r })
	if i < 0 {
		return false // removed meanwhile
	}
	roots[i] = &rootState{dir: r.dir, real: real, ix: ix, live: r}
	d.setRoots(roots)
	w.publish(d)
	return d.changed
}

// Stats are figures for people.
type Stats struct {
	Files, Held int   // listed files; those with content in memory
	Bytes       int64 // of text held
	Open        int
	Scanning    bool
	Scan        time.Duration // of the last whole scan, the longest of all roots
	Watch       string        // "fsnotify", "polling", "off", with the reason where degraded
}

// Polled lists the folders that can't be watched, sorted: what others change in them is seen
// late, unless DiskChanged tells of it. Those that are gone are not among them.
func (w *Workspace) Polled() []string {
	var dirs []string
	for _, r := range w.Snapshot().roots {
		if _, polled := r.live.polled(r.live.watchState()); polled {
			dirs = append(dirs, r.dir)
		}
	}
	return dirs
}

// Stats are figures for people. A file in two roots counts twice.
func (w *Workspace) Stats() Stats {
	s := w.Snapshot()
	st := Stats{Open: len(s.docs), Watch: "off"}
	for _, r := range s.roots {
		if r.ix != nil {
			is := r.ix.Stats()
			st.Files += is.Files
			st.Held += is.Held
			st.Bytes += is.Bytes
			st.Scan = max(st.Scan, is.Scan)
		}
		st.Scanning = st.Scanning || r.live.scanning.Load() > 0
		state := r.live.watchState()
		if strings.HasPrefix(state, "polling") && len(s.roots) > 1 {
			state += " (" + r.dir + ")"
		}
		if st.Watch == "off" || strings.HasPrefix(state, "polling") {
			st.Watch = state
		}
	}
	return st
}
