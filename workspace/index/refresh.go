package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Errors of this package, matched with errors.Is.
var (
	// ErrRules: an ignore file or a repository changed, so that what is listed
	// must be found anew with Rescan.
	ErrRules = errors.New("the ignore rules changed")
	// ErrGone: the file is not there any more, or not what the index lists.
	ErrGone = errors.New("gone from the disk")
	// ErrBinary: what is on disk now is not text.
	ErrBinary = errors.New("not a text file")
	// ErrTooLarge: what is on disk now is above Options.MaxFile.
	ErrTooLarge = errors.New("larger than the limit")
)

// Refresh looks at the paths (relative, slash separated) on the disk and returns
// ix with what it found: changed, new and vanished files, whole folders too. It
// is ix itself where nothing changed. Errors: ErrRules and the end of ctx.
func (ix *Index) Refresh(ctx context.Context, rels []string) (*Index, error) {
	rels = slices.Clone(rels)
	slices.Sort(rels)
	var changes []Change
	done := "" // the last folder that was walked: everything below it is known
	for _, rel := range slices.Compact(rels) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if done != "" && strings.HasPrefix(rel, done+"/") {
			continue
		}
		c, dir, err := ix.look(ctx, rel)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c...)
		if dir {
			done = rel
		}
	}
	return ix.With(changes...), nil
}

// look finds the changes at rel; dir says that it walked a folder.
func (ix *Index) look(ctx context.Context, rel string) (changes []Change, dir bool, err error) {
	_, base := split(rel)
	if strings.HasPrefix(rel, ".git/") || strings.Contains(rel, "/.git/") {
		return nil, false, nil
	}
	if rel == "" || base == ".gitignore" || base == ".hobignore" || base == ".git" {
		return nil, false, ErrRules
	}
	typ, err := lstatBelow(ix.rules.real, rel)
	switch {
	case err != nil:
		return ix.gone(rel), false, nil //nolint:nilerr // whatever the reason, it can't be read
	case typ.IsDir():
		changes, err = ix.lookDir(ctx, rel)
		return changes, true, err
	case ix.rules.skipFile(rel):
		return ix.gone(rel), false, nil
	}
	w := &walker{rules: ix.rules, root: ix.root, prev: ix, room: ix.rules.opts.limit()}
	e := w.load(rel, typ)
	if e == nil {
		return ix.gone(rel), false, nil
	}
	if old, ok := ix.peek(rel); ok && (old == e || old.alike(e)) {
		return nil, false, nil
	}
	return []Change{{Rel: rel, Entry: e}}, false, nil
}

// alike reports whether nobody can tell the two states of a file apart.
func (e *Entry) alike(o *Entry) bool {
	return e.Kind == o.Kind && e.Size == o.Size && e.ModTime.Equal(o.ModTime) && e.id == o.id &&
		e.Held == o.Held && e.Text == o.Text
}

// Same reports whether nobody can tell ix and prev, an index it came from by
// Rescan, apart.
func (ix *Index) Same(prev *Index) bool {
	if prev == nil || ix.stats.Files != prev.stats.Files || ix.stats.Binary != prev.stats.Binary || ix.stats.Large != prev.stats.Large {
		return ix == prev
	}
	return ix.walk("", func(e *Entry) bool {
		old, ok := prev.peek(e.Rel)
		return ok && old == e
	})
}

// Trim is ix with the contents dropped that Options.Room has no room for; ix
// itself where there is room.
func (ix *Index) Trim() *Index {
	b := edit(ix)
	if !b.bound() {
		return ix
	}
	return b.ix
}

// gone is the change that removes whatever the index has at rel.
func (ix *Index) gone(rel string) []Change {
	if _, ok := ix.peek(rel); !ok && ix.folder(rel) == nil {
		return nil
	}
	// A folder takes its rules with it; another one may come in its place.
	return []Change{{Rel: rel}}
}

// lookDir compares a folder on the disk with the index.
func (ix *Index) lookDir(ctx context.Context, rel string) ([]Change, error) {
	if ix.rules.skipDir(rel) {
		return ix.gone(rel), nil
	}
	if ix.rules.keptDirs[rel] {
		return nil, ErrRules // holds tracked files that only a scan sorts out
	}
	w := &walker{rules: ix.rules, root: ix.root, prev: ix, room: ix.rules.opts.limit()}
	if !w.enter(rel) {
		return ix.gone(rel), nil
	}
	if err := w.run(ctx, rel); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return ix.gone(rel), nil // it vanished or became unreadable
	}
	if w.changed.Load() {
		return nil, ErrRules
	}
	var changes []Change
	if _, ok := ix.peek(rel); ok {
		changes = append(changes, Change{Rel: rel}) // a folder where a file was
	}
	// What is gone goes first: where a file was, there may be a folder now.
	seen := make(map[string]bool, len(w.found))
	for _, e := range w.found {
		seen[e.Rel] = true
	}
	ix.walk(rel, func(e *Entry) bool {
		if !seen[e.Rel] {
			changes = append(changes, Change{Rel: e.Rel})
		}
		return true
	})
	for _, e := range w.found {
		if old, ok := ix.peek(e.Rel); !ok || old != e && !old.alike(e) {
			changes = append(changes, Change{Rel: e.Rel, Entry: e})
		}
	}
	return changes, nil
}

// unknown reports whether the ignore files in dir are not those the rules know.
func (r *rules) unknown(dir string) bool {
	_, known := r.own.Load(dir)
	abs := r.abs(dir)
	return known || ignoreText(abs, ".gitignore") != "" || ignoreText(abs, ".hobignore") != ""
}

// SkipDir reports whether nothing in the folder at rel (relative) is listed, so
// that it needs no watching.
func (ix *Index) SkipDir(rel string) bool {
	return rel != "" && ix.rules.skipDir(rel)
}

// Read is the text of a listed file whose content is not held, from the disk as
// it is now. Errors wrap ErrGone, ErrBinary or ErrTooLarge.
func (ix *Index) Read(e *Entry) (*Entry, error) {
	typ, err := lstatBelow(ix.rules.real, e.Rel)
	if err != nil || !typ.IsRegular() {
		return nil, fmt.Errorf("%s: %w", e.Path, ErrGone)
	}
	now, err := readEntry(ix.rules.abs(e.Rel), e.Path, e.Rel, ix.rules.opts.MaxFile, true)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%w: %w", ErrGone, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", e.Path, ErrGone)
	case now.Kind == Binary:
		return nil, fmt.Errorf("%s: %w", e.Path, ErrBinary)
	case now.Kind == Large:
		return nil, fmt.Errorf("%s: %w", e.Path, ErrTooLarge)
	}
	return now, nil
}
