package index

import (
	"hash/maphash"
	"iter"
	"slices"
	"strings"
	"time"
)

// Index is the files of one folder at one moment. Immutable; the zero value is
// the index of no folder.
//
// Inv: every folder with a file in or below it is in shards under its own path,
// is named in its parent's subs, and no other folder is.
type Index struct {
	root   string
	rules  *rules
	shards [shardCount]map[string]*folder // by the hash of the folder's path
	stats  Stats
	hand   string // where the memory bound goes on looking
}

// folder is one directory: its files by name, and the names of the folders in it
// with a slash behind, which is how they sort among paths.
type folder struct {
	files []*Entry
	subs  []string
}

// A change copies the shards and folders that it touches, so there are many.
const shardCount = 256

var shardSeed = maphash.MakeSeed()

func shardOf(dir string) int { return int(maphash.String(shardSeed, dir) % shardCount) }

// Stats are figures about an Index.
type Stats struct {
	Files   int           // listed
	Held    int           // of these, with content in memory
	Bytes   int64         // of content in memory
	Binary  int           // known and not listed
	Large   int           // the same, above Options.MaxFile
	Skipped int           // unreadable, vanished or no regular file, at the last whole scan
	Scan    time.Duration // of the last whole scan
}

// Stats returns the figures of ix.
func (ix *Index) Stats() Stats { return ix.stats }

// Root is the folder as it was given to Scan.
func (ix *Index) Root() string { return ix.root }

func split(rel string) (dir, base string) {
	i := strings.LastIndexByte(rel, '/')
	return rel[:max(i, 0)], rel[i+1:]
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

func (ix *Index) folder(dir string) *folder { return ix.shards[shardOf(dir)][dir] }

func (d *folder) find(base string) (int, bool) {
	return slices.BinarySearchFunc(d.files, base, func(e *Entry, base string) int {
		_, name := split(e.Rel)
		return strings.Compare(name, base)
	})
}

// Get is the entry at rel (slash separated, relative to the folder), binary and
// large files included. It counts as a use for the memory bound.
func (ix *Index) Get(rel string) (*Entry, bool) {
	e, ok := ix.peek(rel)
	if ok && !e.used.Load() {
		e.used.Store(true)
	}
	return e, ok
}

// Has reports whether rel is listed.
func (ix *Index) Has(rel string) bool {
	e, ok := ix.peek(rel)
	return ok && e.listed()
}

func (ix *Index) peek(rel string) (*Entry, bool) {
	dir, base := split(rel)
	d := ix.folder(dir)
	if d == nil {
		return nil, false
	}
	i, ok := d.find(base)
	if !ok {
		return nil, false
	}
	return d.files[i], true
}

// All yields the listed files in the order of their paths.
func (ix *Index) All() iter.Seq[*Entry] { return ix.Under("") }

// Texts is All with the files that are too large to be listed: text that a reader
// of everything should know it did not see.
func (ix *Index) Texts() iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		ix.walk("", func(e *Entry) bool { return e.Kind == Binary || yield(e) })
	}
}

// Under yields the listed files in or below dir, in the order of their paths.
func (ix *Index) Under(dir string) iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		ix.walk(dir, func(e *Entry) bool { return !e.listed() || yield(e) })
	}
}

// walk visits all entries in or below dir in the order of their paths.
func (ix *Index) walk(dir string, yield func(*Entry) bool) bool {
	d := ix.folder(dir)
	if d == nil {
		return true
	}
	files, subs := d.files, d.subs
	for len(files) > 0 || len(subs) > 0 {
		if len(subs) > 0 {
			sub := join(dir, subs[0])
			if len(files) == 0 || files[0].Rel > sub {
				if !ix.walk(sub[:len(sub)-1], yield) {
					return false
				}
				subs = subs[1:]
				continue
			}
		}
		if !yield(files[0]) {
			return false
		}
		files = files[1:]
	}
	return true
}

// Dir lists the listed files directly in dir, by name.
func (ix *Index) Dir(dir string) []*Entry {
	d := ix.folder(dir)
	if d == nil {
		return nil
	}
	list := make([]*Entry, 0, len(d.files))
	for _, e := range d.files {
		if e.listed() {
			list = append(list, e)
		}
	}
	return list
}

// Change is one step from an Index to the next.
type Change struct {
	Rel   string
	Entry *Entry // nil: the file or the whole folder at Rel is gone
}

// With is ix with the changes applied in order. It costs in proportion to the
// folders touched, not to the files of the index, unless the memory bound has
// to look for contents to drop.
func (ix *Index) With(changes ...Change) *Index {
	if len(changes) == 0 {
		return ix
	}
	b := edit(ix)
	for _, c := range changes {
		if c.Entry == nil {
			b.remove(c.Rel)
		} else {
			b.put(c.Entry)
		}
	}
	b.bound()
	return b.ix
}

// builder makes the next Index; what it has copied is its own to change.
type builder struct {
	ix     *Index
	shards [shardCount]bool
	dirs   map[*folder]bool
}

func edit(ix *Index) *builder {
	next := *ix
	return &builder{ix: &next, dirs: map[*folder]bool{}}
}

// shard is the own copy of the shard that dir belongs to.
func (b *builder) shard(dir string) map[string]*folder {
	i := shardOf(dir)
	if !b.shards[i] {
		own := make(map[string]*folder, len(b.ix.shards[i])+1)
		for k, v := range b.ix.shards[i] {
			own[k] = v
		}
		b.ix.shards[i], b.shards[i] = own, true
	}
	return b.ix.shards[i]
}

// own is the own copy of an existing folder, nil if there is none.
func (b *builder) own(dir string) *folder {
	d := b.ix.folder(dir)
	if d == nil || b.dirs[d] {
		return d
	}
	d = &folder{files: slices.Clone(d.files), subs: slices.Clone(d.subs)}
	b.shard(dir)[dir], b.dirs[d] = d, true
	return d
}

// make is the own copy of dir, created with its parents where it is new; a file
// in the way is removed.
func (b *builder) make(dir string) *folder {
	if d := b.own(dir); d != nil {
		return d
	}
	if dir != "" {
		parent, name := split(dir)
		up := b.make(parent)
		b.drop(up, name)
		if i, ok := slices.BinarySearch(up.subs, name+"/"); !ok {
			up.subs = slices.Insert(up.subs, i, name+"/")
		}
	}
	d := &folder{}
	b.shard(dir)[dir], b.dirs[d] = d, true
	return d
}

func (b *builder) put(e *Entry) {
	if b.ix.folder(e.Rel) != nil {
		b.remove(e.Rel)
	}
	dir, base := split(e.Rel)
	d := b.make(dir)
	i, ok := d.find(base)
	if ok {
		b.count(d.files[i], -1)
		d.files[i] = e
	} else {
		d.files = slices.Insert(d.files, i, e)
	}
	b.count(e, 1)
}

// drop removes the file base from d, an own folder.
func (b *builder) drop(d *folder, base string) {
	if i, ok := d.find(base); ok {
		b.count(d.files[i], -1)
		d.files = slices.Delete(d.files, i, i+1)
	}
}

// remove takes the file or folder at rel away, and folders that become empty.
func (b *builder) remove(rel string) {
	if b.ix.folder(rel) != nil {
		b.clear(rel)
	}
	dir, base := split(rel)
	if d := b.ix.folder(dir); d == nil {
		return
	} else if _, ok := d.find(base); ok {
		b.drop(b.own(dir), base)
	}
	b.prune(dir)
}

// clear takes everything below dir away, and dir from its parent.
func (b *builder) clear(dir string) {
	d := b.ix.folder(dir)
	for _, e := range d.files {
		b.count(e, -1)
	}
	subs := d.subs
	delete(b.shard(dir), dir)
	for _, sub := range subs {
		b.clear(join(dir, sub[:len(sub)-1]))
	}
	b.unlink(dir)
}

func (b *builder) unlink(dir string) {
	if dir == "" {
		return
	}
	parent, name := split(dir)
	if up := b.own(parent); up != nil {
		if i, ok := slices.BinarySearch(up.subs, name+"/"); ok {
			up.subs = slices.Delete(up.subs, i, i+1)
		}
	}
}

// prune removes dir, and then the folders above it, as long as they are empty.
func (b *builder) prune(dir string) {
	for {
		d := b.ix.folder(dir)
		if d == nil || len(d.files)+len(d.subs) > 0 {
			return
		}
		delete(b.shard(dir), dir)
		if dir == "" {
			return
		}
		b.unlink(dir)
		dir, _ = split(dir)
	}
}

// count adds e to the figures n times.
func (b *builder) count(e *Entry, n int) {
	st := &b.ix.stats
	switch e.Kind {
	case Binary:
		st.Binary += n
		return
	case Large:
		st.Large += n
		return
	}
	st.Files += n
	if e.Held {
		st.Held += n
		st.Bytes += int64(n) * int64(len(e.Text))
	}
}

// bound keeps the contents within the memory that Options allow, and reports
// whether it had to. It goes round the files
// like the hand of a clock: one that was read since the last round is spared
// once, the others lose their content. It clears a little more than it must, so
// that not every change goes looking.
func (b *builder) bound() bool {
	limit := b.ix.rules.opts.limit()
	if b.ix.stats.Bytes <= limit {
		return false
	}
	goal := limit - limit/16
	var held []*Entry
	b.ix.walk("", func(e *Entry) bool {
		if e.Held {
			held = append(held, e)
		}
		return true
	})
	start := 0
	for start < len(held) && held[start].Rel <= b.ix.hand {
		start++
	}
	spared := make([]*Entry, 0, len(held))
	for round := range 2 {
		ring := spared
		if round == 0 {
			ring = slices.Concat(held[start:], held[:start])
		}
		for _, e := range ring {
			if b.ix.stats.Bytes <= goal {
				return true
			}
			if round == 0 && e.used.Swap(false) {
				spared = append(spared, e)
				continue
			}
			b.put(e.without())
			b.ix.hand = e.Rel
		}
	}
	return true
}
