package watch

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Batch is what changed since the batch before.
type Batch struct {
	Paths  []string // absolute, sorted, each once: created, written, renamed or removed
	Rescan bool     // anything may have changed: look at the whole folder; Paths is empty
	Reason string   // of a Rescan, for people
	Extra  bool     // one of Options.Extra may have changed; Paths tells nothing of it
}

// Options configure a Watcher; the zero value works.
type Options struct {
	Skip       func(dir string) bool // folders (absolute) that are not watched, nor anything in them
	Debounce   time.Duration         // a batch waits until it was quiet for so long; 0 means 10 ms
	MaxLatency time.Duration         // but no longer than this; 0 means 50 ms
	Flood      int                   // more paths than this become a Rescan; 0 means 1000
	Poll       time.Duration         // the shortest interval of polling; 0 means 2 s
	MaxPoll    time.Duration         // the longest one, while nothing changes; 0 means 30 s
	Extra      func() []string       // single files (absolute), inside or outside of the folder, that are watched too; asked again at Resync
	State      func(state string)    // called with every new State, on the goroutine of the handler
	Log        *slog.Logger

	Remote func(dir string) string // names the file system of dir if others may change it without a word to this system, else ""; nil knows the usual ones

	open func() (system, error) // tests put another system in place
}

func (o Options) withDefaults() Options {
	if o.Skip == nil {
		o.Skip = func(string) bool { return false }
	}
	if o.Debounce <= 0 {
		o.Debounce = 10 * time.Millisecond
	}
	if o.MaxLatency <= 0 {
		o.MaxLatency = 50 * time.Millisecond
	}
	if o.Flood <= 0 {
		o.Flood = 1000
	}
	if o.Poll <= 0 {
		o.Poll = 2 * time.Second
	}
	if o.MaxPoll <= 0 {
		o.MaxPoll = 30 * time.Second
	}
	if o.Remote == nil {
		o.Remote = remoteFS
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.open == nil {
		o.open = openSystem
	}
	return o
}

// Watcher watches one folder until Close or the end of its context.
type Watcher struct {
	root   string
	opts   Options
	handle func(Batch) bool
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	wake   chan struct{} // holds one token while pending has something new

	mu       sync.Mutex
	pending  []fsnotify.Event // guarded by mu: drained and not yet processed
	overflow bool             // guarded by mu: events were lost
	resync   bool             // guarded by mu: Resync was called
	poked    bool             // guarded by mu: Poke was called
	state    string           // guarded by mu

	// Only the process goroutine touches what follows.
	sys       system
	sysWG     sync.WaitGroup      // its drain goroutine
	dirs      map[string]struct{} // watched folders; Inv: up to root, with each one its parent
	interval  time.Duration       // of polling; 0 while the system tells of everything
	next      time.Time           // when to poll
	calm      time.Time           // no Rescan before this one, but for the first
	extra     map[string]struct{} // Options.Extra
	extraDirs map[string]struct{} // the folders of these that are watched, or are in dirs
	missing   bool                // root is not there
	verify    bool                // a watched folder was moved or removed
	doubt     time.Time           // when a watched folder was last renamed; zero if not since the last restart
}

// New watches root (absolute). The handler gets the batches one after the other
// on one goroutine; the first one is always a Rescan, handed over when
// everything is being watched. It says whether it found anything changed, which
// sets the pace of polling. Start of the watching is in the background.
func New(ctx context.Context, root string, handle func(Batch) (changed bool), opts Options) *Watcher {
	w := &Watcher{
		root: filepath.Clean(root), opts: opts.withDefaults(), handle: handle,
		wake: make(chan struct{}, 1), dirs: map[string]struct{}{}, state: "starting",
	}
	w.ctx, w.cancel = context.WithCancel(ctx)
	w.wg.Go(w.process)
	return w
}

// Close ends the watching and waits for its goroutines, and so for a handler at
// work.
func (w *Watcher) Close() {
	w.cancel()
	w.wg.Wait()
}

// State is "fsnotify", or "polling" with the reason, for people.
func (w *Watcher) State() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state
}

// Resync makes the watched folders those that Options.Skip lets through now. A
// Rescan follows if some were not watched before.
func (w *Watcher) Resync() {
	w.mu.Lock()
	w.resync = true
	w.mu.Unlock()
	w.signal()
}

func (w *Watcher) signal() {
	select {
	case w.wake <- struct{}{}:
	default: // a token is there already
	}
}

func (w *Watcher) setState(s string) {
	w.mu.Lock()
	changed := w.state != s
	w.state = s
	w.mu.Unlock()
	if changed {
		w.opts.Log.Info("watching", "root", w.root, "state", s)
		if w.opts.State != nil {
			w.opts.State(s)
		}
	}
}

// maxPending bounds the memory of what waits for a slow handler; beyond it is an
// overflow like the system's own.
const maxPending = 1 << 17

// drain empties the system's channels into pending.
func (w *Watcher) drain(sys system) {
	events, errs := sys.Events(), sys.Errors()
	for events != nil || errs != nil {
		select {
		case ev, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			if ev.Name == "" || ev.Op == 0 {
				continue // what fsnotify makes of housekeeping events
			}
			w.mu.Lock()
			if n := len(w.pending); n >= maxPending {
				w.pending, w.overflow = nil, true
			} else if n == 0 || w.pending[n-1] != ev {
				w.pending = append(w.pending, ev)
			}
			w.mu.Unlock()
		case err, ok := <-errs:
			if !ok {
				errs = nil
				continue
			}
			// An overflow, or a failure to read: either way events were lost.
			w.opts.Log.Warn("watching lost events", "root", w.root, "error", err)
			w.mu.Lock()
			w.overflow = true
			w.mu.Unlock()
		}
		w.signal()
	}
}

// take empties pending.
func (w *Watcher) take() (events []fsnotify.Event, overflow, resync, poked bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	events, overflow, resync, poked = w.pending, w.overflow, w.resync, w.poked
	w.pending, w.overflow, w.resync, w.poked = nil, false, false, false
	return events, overflow, resync, poked
}

// gathering is the batch that is being put together.
type gathering struct {
	paths  map[string]struct{}
	rescan string // the reason, if a Rescan it is
	extra  bool
	since  time.Time
}

func (g *gathering) empty() bool { return g.rescan == "" && len(g.paths) == 0 && !g.extra }

// process is the goroutine that owns the watched folders and calls the handler.
func (w *Watcher) process() {
	defer w.stop()
	g := &gathering{paths: map[string]struct{}{}}
	w.start(g)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		timer.Reset(w.delay(g))
		select {
		case <-w.ctx.Done():
			return
		case <-w.wake:
			w.gather(g)
			if g.empty() && !w.due() || w.delay(g) > 0 && time.Since(g.since) < w.opts.MaxLatency {
				continue
			}
		case <-timer.C:
		}
		switch {
		case g.rescan != "" && time.Now().Before(w.calm):
			continue
		case w.due():
			w.poll(g)
		case !g.empty():
		case w.doubtful() && time.Since(w.doubt) >= settle:
			w.restart(g, "folders were renamed")
		}
		w.deliver(g)
	}
}

// due reports whether it is time to poll.
func (w *Watcher) due() bool { return w.polling() && !time.Now().Before(w.next) }

// delay is how long to wait for more before something is to be done.
func (w *Watcher) delay(g *gathering) time.Duration {
	wait := time.Hour // nothing to do until something is signalled
	switch {
	case g.rescan != "" && time.Now().Before(w.calm):
		wait = time.Until(w.calm)
	case !g.empty():
		wait = min(w.opts.Debounce, w.opts.MaxLatency-time.Since(g.since))
	case w.doubtful():
		wait = settle - time.Since(w.doubt)
	}
	if w.polling() {
		wait = min(wait, time.Until(w.next))
	}
	return max(0, wait)
}

// settle is how long after the last rename of a folder everything is watched
// anew. While folders are renamed faster than their events are processed, the
// system may keep a folder under a name that it had in between, and tell of
// changes in it under that name: verifyDirs repairs most of it at once, and this
// the rest.
const settle = 250 * time.Millisecond

func (w *Watcher) doubtful() bool { return w.sys != nil && !w.doubt.IsZero() }

func (w *Watcher) deliver(g *gathering) {
	if g.empty() || w.ctx.Err() != nil {
		return
	}
	b := Batch{Rescan: g.rescan != "", Reason: g.rescan}
	if !b.Rescan {
		b.Paths = make([]string, 0, len(g.paths))
		for p := range g.paths {
			b.Paths = append(b.Paths, p)
		}
		slices.Sort(b.Paths)
	}
	b.Extra = g.extra
	g.rescan, g.extra = "", false
	clear(g.paths)
	begin := time.Now()
	changed := w.handle(b)
	took := time.Since(begin)
	if !b.Rescan {
		return
	}
	// A storm that goes on after a look at everything ends in another look: not
	// at once, or there would be nothing but looking.
	w.calm = time.Now().Add(min(took, maxCalm))
	if w.polling() {
		w.paced(took, changed)
	}
}

// maxCalm bounds how long a Rescan waits after the one before it.
const maxCalm = 200 * time.Millisecond

// gather processes what was drained.
func (w *Watcher) gather(g *gathering) {
	wasEmpty := g.empty()
	events, overflow, resync, poked := w.take()
	if poked && w.polling() {
		w.interval = w.opts.Poll
		w.next = time.Now()
	}
	switch {
	case overflow:
		// Renames among the lost events would leave folders watched under wrong
		// names for good: begin anew. The events at hand are about the old state.
		w.restart(g, "the system lost events")
		events = nil
	case resync:
		w.resyncDirs(g)
	}
	for _, ev := range events {
		if w.sys == nil || w.ctx.Err() != nil {
			break // polling sees everything
		}
		w.event(g, ev)
	}
	if w.verify && w.sys != nil {
		w.verifyDirs(g)
	}
	if wasEmpty {
		g.since = time.Now()
	}
}

// event brings the watched folders up to date and notes the path.
func (w *Watcher) event(g *gathering, ev fsnotify.Event) {
	if w.isExtra(g, ev) {
		return
	}
	if _, ok := w.dirs[ev.Name]; ok && ev.Has(fsnotify.Rename) {
		w.doubt = time.Now()
	}
	if ev.Has(fsnotify.Remove) || ev.Has(fsnotify.Rename) {
		w.forget(ev.Name)
		if ev.Name == w.root {
			if _, err := os.Lstat(w.root); err != nil {
				w.fallBack(g, "the folder is gone", true)
				return
			}
			// Another folder took its place already.
			w.restart(g, "the folder was replaced")
			return
		}
	}
	w.note(g, ev.Name)
	if _, ok := w.dirs[filepath.Dir(ev.Name)]; !ok && ev.Name != w.root {
		// The system uses a name that we don't: see verifyDirs.
		w.verify, w.doubt = true, time.Now()
	}
	if ev.Op == fsnotify.Write {
		return // what is written to is no folder
	}
	if fi, err := os.Lstat(ev.Name); err != nil || !fi.IsDir() {
		return
	}
	if ev.Has(fsnotify.Create) && ev.Name != w.root {
		// A folder renamed over an empty one replaces it without a word about the
		// old one: what we watch here may be gone.
		w.forget(ev.Name)
	}
	// Not only what was created: the system may have dropped a folder under its
	// new name because of an event about its old one.
	w.addTree(g, ev.Name)
}
