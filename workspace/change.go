package workspace

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/hob-ls/hob/workspace/text"
)

// ChangeKind says what a Change is.
type ChangeKind uint8

// The kinds of changes.
const (
	DocOpen     ChangeKind = iota + 1 // Path, Version, Language, Text
	DocEdit                           // Path, Version, Edits, Encoding
	DocClose                          // Path
	RootAdd                           // Path; the folder is scanned in the background
	RootRemove                        // Path
	DiskChanged                       // Path: created, written, removed or renamed on disk; read in the background
)

// Change is the only way to change a Workspace; editor and disk speak it alike.
type Change struct {
	Kind     ChangeKind
	Path     string
	Version  int32            // only set for DocOpen, DocEdit
	Language string           // only set for DocOpen; "" means by the name
	Text     string           // only set for DocOpen
	Edits    []text.RangeEdit // only set for DocEdit: sequential
	Encoding text.Encoding    // only set for DocEdit
}

// Apply applies changes in order and publishes one new snapshot. It does no IO:
// scans and reads that a change asks for run in the background and arrive as
// further snapshots. A change that fails changes nothing and does not keep the
// others from being applied; the errors are joined. They wrap ErrNotOpen for a
// document that is not open and text.ErrRange for an edit outside of it.
func (w *Workspace) Apply(changes ...Change) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errClosed
	}
	d := w.draft()
	var errs []error
	for _, c := range changes {
		if err := w.apply(d, c); err != nil {
			errs = append(errs, err)
		}
	}
	w.publish(d)
	return errors.Join(errs...)
}

func (w *Workspace) apply(d *draft, c Change) error {
	if c.Path == "" {
		return errors.New("a change without a path")
	}
	switch c.Kind {
	case DocOpen:
		return w.open(d, c)
	case DocEdit:
		return w.edit(d, c)
	case DocClose:
		key := d.canon(c.Path)
		doc := d.docs[key]
		if doc == nil {
			return fmt.Errorf("close %s: %w", c.Path, ErrNotOpen)
		}
		d.setDoc(key, nil)
		w.retire(doc.session)
		return nil
	case RootAdd:
		return w.addRoot(d, c.Path)
	case RootRemove:
		return w.removeRoot(d, c.Path)
	case DiskChanged:
		w.diskChanged(d, c.Path)
		return nil
	}
	return fmt.Errorf("%s: a change of unknown kind %d", c.Path, c.Kind)
}

func (w *Workspace) open(d *draft, c Change) error {
	key := d.canon(c.Path)
	if was := d.docs[key]; was != nil {
		w.env.opts.Log.Warn("a document was opened twice", "path", c.Path)
		w.retire(was.session)
	}
	doc := openDocument(c, filepath.Clean(c.Path), d.RootOf(key), &w.env.trees)
	doc = doc.exclude(d.excludes(key)).onDisk(d.indexed(key), doc.root)
	d.setDoc(key, doc)
	if !doc.on {
		w.look(doc)
	}
	return nil
}

func (w *Workspace) edit(d *draft, c Change) error {
	key := d.canon(c.Path)
	doc := d.docs[key]
	if doc == nil {
		return fmt.Errorf("edit %s: %w", c.Path, ErrNotOpen)
	}
	if c.Version < doc.version {
		w.env.opts.Log.Warn("an edit of an older version is ignored: the client mixed up its messages",
			"path", c.Path, "version", c.Version, "current", doc.version)
		return nil
	}
	next, err := doc.edit(c)
	if err != nil {
		return err
	}
	d.setDoc(key, next)
	return nil
}

// retire frees what the session of a closed document holds. In the background: an outline
// may be being read, and the editor does not wait for that.
func (w *Workspace) retire(s *session) {
	w.wg.Go(s.close)
}

// look finds out in the background whether an open document that no index lists
// is on disk: it may be ignored, or lie outside every root.
func (w *Workspace) look(doc *document) {
	path, session := doc.path, doc.session
	w.wg.Go(func() {
		fi, err := os.Stat(path)
		is := err == nil && fi.Mode().IsRegular()
		w.mu.Lock()
		defer w.mu.Unlock()
		d := w.draft()
		key := d.canon(path)
		now := d.docs[key]
		if now == nil || now.session != session {
			return
		}
		if next := now.strays(is, d.indexed(key)).onDisk(is || d.indexed(key), now.root); next != now {
			d.setDoc(key, next)
			w.publish(d)
		}
	})
}

func (w *Workspace) addRoot(d *draft, path string) error {
	if !filepath.IsAbs(path) {
		return fmt.Errorf("add %q: a workspace folder needs an absolute path", path)
	}
	path = filepath.Clean(path)
	if slices.ContainsFunc(d.roots, func(r *rootState) bool { return r.dir == path }) {
		return nil
	}
	r := newRoot(w, path)
	d.setRoots(append(slices.Clone(d.roots), &rootState{dir: path, real: path, live: r}))
	w.expect()
	w.wg.Go(r.run)
	return nil
}

func (w *Workspace) removeRoot(d *draft, path string) error {
	path = filepath.Clean(path)
	i := slices.IndexFunc(d.roots, func(r *rootState) bool { return r.dir == path })
	if i < 0 {
		return fmt.Errorf("remove %s: no such workspace folder", path)
	}
	d.roots[i].live.cancel()
	d.setRoots(slices.Delete(slices.Clone(d.roots), i, i+1))
	return nil
}

// diskChanged passes the word on to every root that the path is in.
func (w *Workspace) diskChanged(d *draft, path string) {
	path = filepath.Clean(path)
	for _, r := range d.roots {
		rel, ok := below(r.dir, path)
		if !ok {
			rel, ok = below(r.real, path)
		}
		if ok {
			r.live.changed(rel)
		}
	}
	if doc := d.docs[d.canon(path)]; doc != nil && (doc.stray || !d.indexed(d.canon(path))) {
		w.look(doc)
	}
}
