package workspace

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/index"
	"github.com/hob-ls/hob/workspace/text"
)

// Snapshot is the workspace at one moment. Immutable.
type Snapshot struct {
	seq   uint64
	env   *env
	roots []*rootState         // sorted by key, so that a root comes before those in it
	docs  map[string]*document // open documents by the canonical form of their path
}

// env is what all snapshots of a workspace share.
type env struct {
	opts    Options
	exclude excluder
	run     func(task func(ctx context.Context)) bool // in the background, until the workspace closes; false if it did
	catalog catalog                                   // what names and related files are found with
	members memberCache                               // of the workspaces of package managers
	trees   trees                                     // of the open documents' outlines
}

// rootState is one root in one snapshot. Immutable.
type rootState struct {
	dir  string // absolute and clean, as it was given
	real string // with its links resolved; dir until that is known
	ix   *index.Index
	live *root // the goroutines behind it
}

// Seq grows with every change.
func (s *Snapshot) Seq() uint64 { return s.seq }

// Roots are the workspace folders, absolute and cleaned; a folder comes before
// those in it.
func (s *Snapshot) Roots() []string {
	dirs := make([]string, len(s.roots))
	for i, r := range s.roots {
		dirs[i] = r.dir
	}
	return dirs
}

// canon is path cleaned, and below its root as that was given even where path
// spells it with the links resolved: documents and files have one name each.
func (s *Snapshot) canon(path string) string {
	path = filepath.Clean(path)
	if s.rootOf(path) != nil {
		return path
	}
	var best *rootState
	for _, r := range s.roots {
		if _, ok := below(r.real, path); ok && (best == nil || len(r.real) > len(best.real)) {
			best = r
		}
	}
	if best == nil {
		return path
	}
	rel, _ := below(best.real, path)
	return filepath.Join(best.dir, filepath.FromSlash(rel))
}

// rootOf is the deepest root that path (clean) lies in, nil if none.
func (s *Snapshot) rootOf(path string) *rootState {
	var best *rootState
	for _, r := range s.roots {
		if _, ok := below(r.dir, path); ok && (best == nil || len(r.dir) > len(best.dir)) {
			best = r
		}
	}
	return best
}

// owner is the root whose index answers for path: the deepest one that was
// scanned already.
func (s *Snapshot) owner(path string) (r *rootState, rel string) {
	for _, c := range s.roots {
		if c.ix == nil {
			continue
		}
		if at, ok := below(c.dir, path); ok && (r == nil || len(c.dir) > len(r.dir)) {
			r, rel = c, at
		}
	}
	return r, rel
}

// RootOf is the deepest root that path (absolute) lies in, "" if none.
func (s *Snapshot) RootOf(path string) string {
	if r := s.rootOf(path); r != nil {
		return r.dir
	}
	return ""
}

// excludes reports whether privacy.exclude names path, for every root it is in;
// outside of all by its name alone.
func (s *Snapshot) excludes(path string) bool {
	in := false
	for _, r := range s.roots {
		if rel, ok := below(r.dir, path); ok {
			in = true
			if s.env.exclude.match(rel) {
				return true
			}
		}
	}
	path = strings.TrimPrefix(path, filepath.VolumeName(path))
	return !in && s.env.exclude.match(strings.TrimPrefix(filepath.ToSlash(path), "/"))
}

// File is the file at path (absolute): the open document, else what the index
// holds, else, for a listed file whose content is not held, read from disk.
// A symbolic link gives the file it leads to, if that is in the workspace.
// Errors wrap ErrNotFound, ErrOutside, ErrExcluded, ErrTooLarge or ErrBinary.
func (s *Snapshot) File(path string) (*File, error) {
	if d := s.docs[path]; d != nil && !d.excluded {
		return d.File(), nil
	}
	if err := plausible(path); err != nil {
		return nil, err
	}
	path = s.canon(path)
	if d := s.docs[path]; d != nil {
		if d.excluded {
			return nil, fmt.Errorf("%s: %w", path, ErrExcluded)
		}
		return d.File(), nil
	}
	f, err := s.onDisk(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// Document is an open document in one snapshot. Its text is put together when
// File is called: to remember a Document costs nothing, to read it costs a copy
// of its text, once. The zero Document is none.
type Document struct{ d *document }

// Document is the open document at path (absolute), if there is one that is not
// excluded.
func (s *Snapshot) Document(path string) (doc Document, ok bool) {
	if len(s.docs) == 0 {
		return Document{}, false
	}
	d := s.docs[path]
	if d == nil {
		d = s.docs[s.canon(path)]
	}
	if d == nil || d.excluded {
		return Document{}, false
	}
	return Document{d}, true
}

// Documents lists the paths of the open documents, sorted; excluded ones are none.
func (s *Snapshot) Documents() []string {
	var paths []string
	for path, d := range s.docs {
		if !d.excluded {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// Version is the document's own count of its changes.
func (d Document) Version() int32 { return d.d.version }

// File is the document as what Snapshot.File gives for it.
func (d Document) File() *File { return d.d.File() }

// onDisk is File for what is not open.
func (s *Snapshot) onDisk(path string) (*File, error) {
	if s.rootOf(path) == nil {
		return nil, ErrOutside
	}
	if s.excludes(path) {
		return nil, ErrExcluded
	}
	r, rel := s.owner(path)
	if r == nil {
		return nil, ErrNotFound
	}
	e, ok := r.ix.Get(rel)
	if !ok {
		return nil, ErrNotFound
	}
	switch e.Kind {
	case index.Binary:
		return nil, ErrBinary
	case index.Large:
		return nil, ErrTooLarge
	case index.Link:
		return s.follow(path)
	}
	if !e.Held {
		now, err := r.ix.Read(e)
		switch {
		case errors.Is(err, index.ErrTooLarge):
			return nil, ErrTooLarge
		case errors.Is(err, index.ErrBinary):
			return nil, ErrBinary
		case err != nil:
			return nil, ErrNotFound
		}
		e = now
	}
	return fromDisk(r.dir, e)
}

// follow is the file that the link at path leads to.
func (s *Snapshot) follow(path string) (*File, error) {
	real, err := s.Confine(path)
	if err != nil {
		return nil, err
	}
	if real == path {
		return nil, ErrNotFound // it is no link any more, and not yet known as what it is
	}
	target := s.canon(real)
	if d := s.docs[target]; d != nil && !d.excluded {
		return d.File(), nil
	}
	r, rel := s.owner(target)
	if r == nil {
		return nil, ErrNotFound
	}
	if e, ok := r.ix.Get(rel); !ok || e.Kind == index.Link {
		return nil, ErrNotFound
	}
	return s.onDisk(target)
}

// Has reports whether path is an open document or a listed file, reading nothing.
func (s *Snapshot) Has(path string) bool {
	path = s.canon(path)
	if d := s.docs[path]; d != nil {
		return !d.excluded
	}
	r, rel := s.owner(path)
	return r != nil && r.ix.Has(rel) && !s.excludes(path)
}

// Paths lists every file, sorted; open documents included, excluded ones not.
func (s *Snapshot) Paths() iter.Seq[string] { return keysOf(s.under("")) }

// Under lists the files of Paths that lie below the folder dir (absolute and clean,
// spelled as Paths does). It costs what lies there, not the whole workspace.
func (s *Snapshot) Under(dir string) iter.Seq[string] { return keysOf(s.under(dir)) }

func keysOf(seq iter.Seq2[string, string]) iter.Seq[string] {
	return func(yield func(string) bool) { seq(func(path, _ string) bool { return yield(path) }) }
}

// under lists files, sorted, each with its path relative to its root; dir is "" for
// all of them.
func (s *Snapshot) under(dir string) iter.Seq2[string, string] {
	return func(yield func(path, rel string) bool) {
		m := merge{snap: s, dir: dir, next: s.roots, yield: yield}
		m.docs = s.unlisted(func(path string) bool { rel, _ := below(dir, path); return dir == "" || rel != "" })
		for len(m.next) > 0 {
			if !m.root(m.next[0]) {
				return
			}
		}
		m.before("")
	}
}

// unlisted is the paths of open documents that no index lists and keep accepts.
func (s *Snapshot) unlisted(keep func(path string) bool) []string {
	var paths []string
	for path, d := range s.docs {
		if d.excluded || !keep(path) {
			continue
		}
		if r, rel := s.owner(path); r == nil || !r.ix.Has(rel) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// merge yields the listings of all roots and the unlisted documents as one
// sorted sequence. The paths of a root are one stretch of it, those of a root
// inside another one a stretch within that.
type merge struct {
	snap  *Snapshot
	dir   string       // what is listed; "" for everything
	next  []*rootState // those to come
	docs  []string     // not yet yielded
	yield func(path, rel string) bool
}

// before yields the documents that sort before path; all for "".
func (m *merge) before(path string) bool {
	for len(m.docs) > 0 && (path == "" || m.docs[0] < path) {
		doc := m.docs[0]
		if !m.yield(doc, (&File{Path: doc, Root: m.snap.docs[doc].root}).Rel()) {
			return false
		}
		m.docs = m.docs[1:]
	}
	return true
}

// root yields the files of r, which is the next root, and of the roots in it.
func (m *merge) root(r *rootState) bool {
	m.next = m.next[1:]
	for e := range m.entries(r) {
		for len(m.next) > 0 {
			inner := m.next[0]
			if _, ok := below(r.dir, inner.dir); !ok || inner.key() > e.Path {
				break
			}
			if !m.root(inner) {
				return false
			}
		}
		if !m.snap.listed(r, e) {
			continue
		}
		if !m.before(e.Path) || !m.yield(e.Path, e.Rel) {
			return false
		}
	}
	for len(m.next) > 0 {
		inner := m.next[0]
		if _, ok := below(r.dir, inner.dir); !ok {
			break
		}
		if !m.root(inner) {
			return false
		}
	}
	return true
}

// entries are those of a root that are below dir.
func (m *merge) entries(r *rootState) iter.Seq[*index.Entry] {
	none := func(func(*index.Entry) bool) {}
	if r.ix == nil {
		return none
	}
	if _, all := below(m.dir, r.dir); all || m.dir == "" {
		return r.ix.All()
	}
	rel, ok := below(r.dir, m.dir)
	if !ok {
		return none
	}
	return r.ix.Under(rel)
}

// key is where the files of r sort.
func (r *rootState) key() string { return r.dir + string(filepath.Separator) }

// listed reports whether r speaks for e, an entry of its index: where roots lie
// in one another the deepest one does, and all of them exclude.
func (s *Snapshot) listed(r *rootState, e *index.Entry) bool {
	if len(s.roots) == 1 {
		return true
	}
	o, _ := s.owner(e.Path)
	return o == r && !s.excludes(e.Path)
}

// Dir lists the files directly in dir, sorted.
func (s *Snapshot) Dir(dir string) []string {
	dir = s.canon(dir)
	paths := s.unlisted(func(path string) bool { return filepath.Dir(path) == dir })
	if r, rel := s.owner(dir); r != nil {
		for _, e := range r.ix.Dir(rel) {
			if s.listed(r, e) {
				paths = append(paths, e.Path)
			}
		}
	}
	slices.Sort(paths)
	return paths
}

// Since lists, as a sequence, the edits that turn f (a file of an older snapshot
// of the same workspace) into the same file here: from the document's history
// where it reaches back, else from a diff. The errors are those of File:
// ErrNotFound if it is gone.
func (s *Snapshot) Since(f *File) ([]text.Edit, error) {
	now, err := s.File(f.Path)
	if err != nil {
		return nil, err
	}
	if now == f || now.Text == f.Text && now.session != f.session {
		return nil, nil
	}
	if d := s.docs[s.canon(now.Path)]; d != nil && f.session != nil && d.session == f.session {
		if edits, ok := d.history.since(f.edits); ok {
			return edits, nil
		}
	}
	return text.Sequential(text.Diff(f.Text, now.Text)), nil
}
