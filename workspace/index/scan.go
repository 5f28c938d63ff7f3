package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/charlievieth/fastwalk"
)

// Options say what of a folder is listed and held.
type Options struct {
	MaxFile   int64                 // bytes; larger files are not listed; 0 means 1 MiB
	MaxMemory int64                 // bytes of content held; 0 means 512 MiB
	Ignore    []string              // doublestar globs: by name, or relative to the folder where they hold a slash
	Exclude   func(rel string) bool // files and folders that are neither listed nor read
	Room      func() int64          // bytes of content that may be held now, where others share MaxMemory; nil means all of it
	Progress  *Progress             // counts what Scan and Rescan do; nil for nobody to know
}

// Progress counts what a scan has done. It only ever grows: what one scan did is
// the difference.
type Progress struct {
	Found atomic.Int64 // files that the walk came by and that are to be listed
	Done  atomic.Int64 // of these, read or left as they were
	Bytes atomic.Int64 // read
}

func (o Options) limit() int64 {
	if o.Room != nil {
		return min(o.MaxMemory, max(0, o.Room()))
	}
	return o.MaxMemory
}

func (o Options) withDefaults() Options {
	if o.MaxFile <= 0 {
		o.MaxFile = 1 << 20
	}
	if o.MaxMemory <= 0 {
		o.MaxMemory = 512 << 20
	}
	return o
}

// Scan walks root (absolute) and reads its text files in parallel. Files that
// can't be read are counted and left out; the only errors are the end of ctx and
// a root that is no readable folder.
func Scan(ctx context.Context, root string, opts Options) (*Index, error) {
	return scan(ctx, root, opts.withDefaults(), nil)
}

// Rescan is Scan again. Files whose size, times and identity did not change are
// taken over without being read. The memory of past reads is kept.
func (ix *Index) Rescan(ctx context.Context) (*Index, error) {
	return scan(ctx, ix.root, ix.rules.opts, ix)
}

func scan(ctx context.Context, root string, opts Options, prev *Index) (*Index, error) {
	begin := time.Now()
	root = filepath.Clean(root)
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, fmt.Errorf("scan: %w", err)
	}
	r := newRules(real, opts)
	w := &walker{rules: r, root: root, prev: prev, fill: true, room: opts.limit()}
	if err := w.run(ctx, ""); err != nil {
		return nil, fmt.Errorf("scan %s: %w", root, err)
	}
	b := edit(&Index{root: root, rules: r})
	w.addTo(b)
	r.settle(func(rel string) bool { _, ok := b.ix.peek(rel); return ok })
	w.keepTracked(b)
	b.bound()
	b.ix.stats.Skipped = int(w.skipped.Load())
	b.ix.stats.Scan = time.Since(begin)
	return b.ix, ctx.Err()
}

// walker lists what is below a folder and reads it.
type walker struct {
	rules *rules
	root  string // as it was given
	prev  *Index // entries to take over where nothing changed; may be nil
	fill  bool   // read ignore files on the way; else finding unknown ones is an error

	room    int64 // bytes of content that may still be held
	held    atomic.Int64
	skipped atomic.Int64
	changed atomic.Bool // ignore files or repositories that the rules don't know

	mu    sync.Mutex
	found []*Entry // guarded by mu
}

// job is a file on its way from the walk to the readers.
type job struct {
	rel string
	typ fs.FileMode
}

// run walks start (relative) and fills found. The walk itself is cheap; reading
// is spread over the processors.
func (w *walker) run(ctx context.Context, start string) error {
	jobs := make(chan job, 1024)
	var wg sync.WaitGroup
	for range max(4, 2*runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			var mine []*Entry
			for j := range jobs {
				if ctx.Err() != nil {
					continue // drain, so that the walk is not blocked
				}
				if e := w.load(j.rel, j.typ); e != nil {
					mine = append(mine, e)
				}
				w.progress().done()
			}
			w.mu.Lock()
			w.found = append(w.found, mine...)
			w.mu.Unlock()
		})
	}
	err := w.walk(ctx, start, jobs)
	close(jobs)
	wg.Wait()
	if err == nil {
		err = ctx.Err()
	}
	slices.SortFunc(w.found, func(a, b *Entry) int { return strings.Compare(a.Rel, b.Rel) })
	return err
}

func (w *walker) walk(ctx context.Context, start string, jobs chan<- job) error {
	top := w.rules.abs(start)
	if fi, err := os.Lstat(top); err != nil {
		return err
	} else if !fi.IsDir() {
		return fmt.Errorf("%s is not a folder", top)
	}
	conf := fastwalk.Config{NumWorkers: fastwalk.DefaultNumWorkers()}
	return fastwalk.Walk(&conf, top, func(path string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if path == top {
			return err // an unreadable top is an error; anything below is only skipped
		}
		if err != nil {
			// Not fs.SkipDir: fastwalk takes that for the end of the whole walk here.
			w.skipped.Add(1)
			return nil //nolint:nilerr // counted, and left out
		}
		rel := filepath.ToSlash(path[len(w.rules.real):])
		rel = strings.TrimPrefix(rel, "/")
		if d.IsDir() {
			if !w.enter(rel) {
				return fs.SkipDir
			}
			return nil
		}
		// While the rules are filled, tracked files that are ignored wait for
		// keepTracked; afterwards the rules know them.
		if git, never := w.rules.verdict(rel, false); never || git && (w.fill || !w.rules.kept[rel]) {
			return nil
		}
		w.progress().found()
		select {
		case jobs <- job{rel, d.Type()}:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// enter decides about the folder at rel, and learns its rules before anything in
// it is looked at.
func (w *walker) enter(rel string) bool {
	if git, never := w.rules.verdict(rel, true); git || never {
		return false
	}
	rp, nested := openRepo(w.rules.abs(rel))
	if nested && w.rules.inRepo {
		if !w.rules.tracksIn(rel) {
			return false // git lists only its name
		}
		nested = false
	}
	if !w.fill {
		if nested || w.rules.unknown(rel) {
			w.changed.Store(true)
		}
		return true
	}
	if nested {
		w.rules.enterRepo(rel, &rp)
	}
	w.rules.enter(rel)
	return true
}

// load makes the entry of a file, nil if it can't be read or is none.
func (w *walker) load(rel string, typ fs.FileMode) *Entry {
	real := w.rules.abs(rel)
	var old *Entry
	if w.prev != nil {
		old, _ = w.prev.peek(rel)
	}
	if old != nil || typ&fs.ModeSymlink != 0 {
		fi, err := os.Lstat(real)
		if err != nil {
			w.skipped.Add(1)
			return nil
		}
		typ = fi.Mode().Type()
		if typ&fs.ModeSymlink != 0 {
			link := &Entry{
				Path: w.path(rel), Rel: rel, Kind: Link,
				Size: fi.Size(), ModTime: fi.ModTime(), id: idOf(fi),
			}
			return link.succeeds(old)
		}
		if old != nil && old.Kind != Link && old.same(fi) {
			w.held.Add(int64(len(old.Text)))
			return old
		}
	}
	if !typ.IsRegular() {
		w.skipped.Add(1)
		return nil
	}
	return w.read(rel, old)
}

// progress is where to count: scans count, looks at single folders do not.
func (w *walker) progress() *Progress {
	if !w.fill {
		return nil
	}
	return w.rules.opts.Progress
}

func (p *Progress) found() {
	if p != nil {
		p.Found.Add(1)
	}
}

func (p *Progress) done() {
	if p != nil {
		p.Done.Add(1)
	}
}

func (p *Progress) read(n int) {
	if p != nil {
		p.Bytes.Add(int64(n))
	}
}

func (w *walker) path(rel string) string {
	return filepath.Join(w.root, filepath.FromSlash(rel))
}

func (w *walker) read(rel string, old *Entry) *Entry {
	hold := w.held.Load() < w.room
	e, err := readEntry(w.rules.abs(rel), w.path(rel), rel, w.rules.opts.MaxFile, hold)
	if err != nil {
		w.skipped.Add(1)
		return nil
	}
	w.held.Add(int64(len(e.Text)))
	w.progress().read(len(e.Text))
	return e.succeeds(old)
}

func (w *walker) addTo(b *builder) {
	for _, e := range w.found {
		b.put(e)
	}
}

// keepTracked adds the files that git lists because they are tracked, though a
// rule ignores them.
func (w *walker) keepTracked(b *builder) {
	for rel := range w.rules.kept {
		if w.rules.skipFile(rel) {
			continue
		}
		typ, err := lstatBelow(w.rules.real, rel)
		if err != nil || typ.IsDir() {
			continue // deleted, or hidden by a link or folder: nothing to list
		}
		if e := w.load(rel, typ); e != nil {
			b.put(e)
		}
	}
}

// errBehindLink: a folder on the way to a path is no real folder.
var errBehindLink = errors.New("not below real folders")

// lstatBelow is the type of what is at rel below top, if no symbolic link is on
// the way there.
func lstatBelow(top, rel string) (fs.FileMode, error) {
	for i := range len(rel) {
		if rel[i] != '/' {
			continue
		}
		fi, err := os.Lstat(filepath.Join(top, filepath.FromSlash(rel[:i])))
		if err != nil {
			return 0, err
		}
		if !fi.IsDir() {
			return 0, errBehindLink
		}
	}
	fi, err := os.Lstat(filepath.Join(top, filepath.FromSlash(rel)))
	if err != nil {
		return 0, err
	}
	return fi.Mode().Type(), nil
}
