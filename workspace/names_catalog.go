package workspace

import (
	"context"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/hob-ls/hob/workspace/index"
	"github.com/hob-ls/hob/workspace/syntax"
)

// catalog is what takes a look at every file to know: what each declares and what
// it imports. It goes along from snapshot to snapshot, whichever asks next, and
// learns anew only what differs. It keeps no text and no index alive.
type catalog struct {
	once   sync.Once
	turn   chan struct{} // holds a token while nobody is at it; guards what follows
	roots  map[string]*shelf
	naming chan struct{} // closed when the reading of names that was begun last is over; nil before the first
}

// shelf is the part of the catalog about one root.
type shelf struct {
	ix        weak.Pointer[index.Index] // that facts are about
	facts     []*facts                  // in the order of the listing
	declares  []declaring               // what they declare, once all is known; nil until somebody asks
	importers map[string][]*facts       // by the words of importWords, sorted by path
	last      time.Time                 // the newest of the files' times
}

// facts are what is known about one file on disk. But for what is learned once,
// under the catalog's turn, they are immutable.
type facts struct {
	path, rel string
	language  string
	family    string // of the language
	stem      string // of the path
	test      bool   // a test by its name
	entry     weak.Pointer[index.Entry]
	size      int64
	mod       time.Time
	looked    bool // imports are known
	imports   []syntax.Import
	names     []declared
	named     bool // names are known
}

func (f *facts) compare(path string) int { return strings.Compare(f.path, path) }

// enter waits for the catalog and brings it to the state of s. The caller must
// leave, unless there is an error, which is that of ctx.
func (c *catalog) enter(ctx context.Context, s *Snapshot) error {
	if err := c.wait(ctx); err != nil {
		return err
	}
	for dir := range c.roots {
		if !slices.ContainsFunc(s.roots, func(r *rootState) bool { return r.dir == dir }) {
			delete(c.roots, dir)
		}
	}
	for _, r := range s.roots {
		if r.ix == nil {
			delete(c.roots, r.dir)
			continue
		}
		sh := c.roots[r.dir]
		if sh == nil {
			sh = &shelf{importers: map[string][]*facts{}}
			c.roots[r.dir] = sh
		}
		if sh.ix.Value() != r.ix {
			sh.follow(r)
		}
	}
	return nil
}

// wait is enter without looking at what is in it.
func (c *catalog) wait(ctx context.Context) error {
	c.once.Do(func() {
		c.turn, c.roots = make(chan struct{}, 1), map[string]*shelf{}
		c.turn <- struct{}{}
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-c.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *catalog) leave() { c.turn <- struct{}{} }

// follow brings the shelf to the index of r; both list files in the same order.
func (sh *shelf) follow(r *rootState) {
	old := sh.facts
	next := make([]*facts, 0, len(old))
	for e := range r.ix.All() {
		if e.Kind != index.Text {
			continue
		}
		for len(old) > 0 && old[0].rel < e.Rel {
			sh.forget(old[0])
			old = old[1:]
		}
		if len(old) > 0 && old[0].rel == e.Rel {
			f := old[0]
			old = old[1:]
			if f.entry.Value() == e {
				next = append(next, f)
				continue
			}
			sh.forget(f)
			if !e.Held && f.size == e.Size && f.mod.Equal(e.ModTime) {
				// Only its content left the memory: what is known stays true.
				same := *f
				same.entry = weak.Make(e)
				sh.note(&same)
				next = append(next, &same)
				continue
			}
		}
		language := syntax.LanguageOf(e.Path)
		next = append(next, &facts{
			path: e.Path, rel: e.Rel, language: language, family: familyOf(language), stem: stem(e.Path), test: isTest(e.Path),
			entry: weak.Make(e), size: e.Size, mod: e.ModTime,
		})
	}
	for _, f := range old {
		sh.forget(f)
	}
	sh.facts, sh.declares, sh.ix, sh.last = next, nil, weak.Make(r.ix), time.Time{}
	for _, f := range next {
		if f.mod.After(sh.last) {
			sh.last = f.mod
		}
	}
}

// note enters the imports of f, forget takes them out.
func (sh *shelf) note(f *facts) {
	for _, i := range f.imports {
		for _, word := range importWords(f.path, f.language, i) {
			l := sh.importers[word]
			if i, found := slices.BinarySearchFunc(l, f.path, (*facts).compare); !found {
				sh.importers[word] = slices.Insert(l, i, f)
			}
		}
	}
}

func (sh *shelf) forget(f *facts) {
	for _, i := range f.imports {
		for _, word := range importWords(f.path, f.language, i) {
			l := slices.DeleteFunc(sh.importers[word], func(o *facts) bool { return o == f })
			if sh.importers[word] = l; len(l) == 0 {
				delete(sh.importers, word)
			}
		}
	}
}

// learnImports reads the imports of the files whose content is held and that were
// not looked at yet.
func (c *catalog) learnImports(ctx context.Context, s *Snapshot) error {
	for _, r := range s.roots {
		sh := c.roots[r.dir]
		if sh == nil {
			continue
		}
		var todo []*facts
		for _, f := range sh.facts {
			if !f.looked && hasImports(f.language) {
				todo = append(todo, f)
			}
		}
		err := parallel(ctx, len(todo), func(n int) {
			f := todo[n]
			e := f.entry.Value()
			if e == nil || !e.Held {
				return
			}
			f.imports, f.looked = cloneImports(syntax.ImportsOf(f.language, e.Text)), true
		})
		for _, f := range todo {
			if f.looked {
				sh.note(f)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cloneImports is a copy that keeps no text of a file alive.
func cloneImports(list []syntax.Import) []syntax.Import {
	for i := range list {
		m := &list[i]
		m.Path, m.Local = strings.Clone(m.Path), strings.Clone(m.Local)
		for j := range m.Names {
			m.Names[j] = strings.Clone(m.Names[j])
		}
	}
	return list
}

// diskFile is f as s has it on disk: held, or read now; nil if it is gone.
func (s *Snapshot) diskFile(r *rootState, f *facts) *File {
	e := f.entry.Value()
	if e == nil {
		return nil
	}
	if !e.Held {
		now, err := r.ix.Read(e)
		if err != nil {
			return nil
		}
		e = now
	}
	file, err := fromDisk(r.dir, e)
	if err != nil {
		return nil
	}
	return file
}

// all is the facts of every file on disk that s lists and no open document is laid over.
func (c *catalog) all(s *Snapshot) iter.Seq2[*rootState, *facts] {
	return func(yield func(*rootState, *facts) bool) {
		for _, r := range s.roots {
			if sh := c.roots[r.dir]; sh != nil {
				for _, f := range sh.facts {
					if s.speaks(r, f.path) && !yield(r, f) {
						return
					}
				}
			}
		}
	}
}

// declaring is the names of one file, and the letters of each.
type declaring struct {
	path    string
	names   []declared
	letters []letters
}

// declaring lists what the files of the shelf declare; their names are known. The
// list is made once: nothing in it changes, so that callers may keep it.
func (sh *shelf) declaring() []declaring {
	if sh.declares != nil {
		return sh.declares
	}
	files, names := 0, 0
	for _, f := range sh.facts {
		if len(f.names) > 0 {
			files++
			names += len(f.names)
		}
	}
	sh.declares = make([]declaring, 0, files)
	all := make([]letters, 0, names) // close together: most names are passed over by their letters alone
	for _, f := range sh.facts {
		if len(f.names) == 0 {
			continue
		}
		from := len(all)
		for _, d := range f.names {
			all = append(all, lettersOf(d.name))
		}
		sh.declares = append(sh.declares, declaring{f.path, f.names, all[from:]})
	}
	return sh.declares
}

// speaks reports whether what the index of r says about path is what s says.
func (s *Snapshot) speaks(r *rootState, path string) bool {
	if s.docs[path] != nil {
		return false
	}
	if len(s.roots) == 1 {
		return true
	}
	o, _ := s.owner(path)
	return o == r && !s.excludes(path)
}

// documents are the open documents that may be shown, by path.
func (s *Snapshot) documents() []*File {
	list := make([]*File, 0, len(s.docs))
	for _, d := range s.docs {
		if !d.excluded {
			list = append(list, d.File())
		}
	}
	slices.SortFunc(list, func(a, b *File) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// parallel calls do for 0 to n-1, on as many goroutines as there are processors,
// and returns when all of them ended: with the error of ctx when that ended
// before the work was done.
func parallel(ctx context.Context, n int, do func(i int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	wg.Wait()
	if int(next.Load()) < n {
		return ctx.Err()
	}
	return nil
}
