package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

type applyResult struct {
	Applied       bool   `json:"applied"`
	FailureReason string `json:"failureReason,omitempty"`
	FailedChange  *int   `json:"failedChange,omitempty"`
}

// applyEdit answers workspace/applyEdit: all of the edit or nothing of it.
func (c *Client) applyEdit(k *call) {
	var p struct {
		Label    *string         `json:"label"`
		Edit     json.RawMessage `json:"edit"`
		Metadata json.RawMessage `json:"metadata"`
	}
	if err := strict(k.params, &p); err != nil {
		k.bad(err)
		return
	}
	if p.Metadata != nil && !c.offers.has("workspace.workspaceEdit.metadataSupport") {
		k.bad(errors.New("metadata, which the client did not announce"))
		return
	}
	pl, err := c.readEdit(p.Edit)
	if err != nil {
		c.violation("workspace/applyEdit: %v", err)
		k.reply(applyResult{FailureReason: err.Error()})
		return
	}
	e := Edit{Raw: p.Edit, Files: pl.files(), NeedsConfirm: pl.confirm}
	if p.Label != nil {
		e.Label = *p.Label
	}
	if c.opts.Review != nil && k.waiting() && !c.opts.Review(e) {
		k.reply(applyResult{FailureReason: "declined by the user"})
		return
	}
	if c.opts.Pretend != nil && c.opts.Pretend(e) {
		k.reply(applyResult{Applied: true})
		return
	}
	c.applyNow(k, pl)
}

func (c *Client) applyNow(k *call, pl *plan) {
	c.docMu.Lock()
	defer c.docMu.Unlock()
	if !k.claim() { // cancelled: from here on it is too late for that
		return
	}
	var late []func() error
	if c.opts.AnswerFirst {
		c.late = &late
	}
	res := c.applyLocked(pl)
	c.late = nil
	if !res.Applied && c.opts.Failed != nil {
		c.opts.Failed(res.FailureReason)
	}
	k.answer(res)
	for _, send := range late {
		_ = send() // a session that ended is told nothing
	}
}

// applyLocked stages every change before it makes the first. Holds docMu.
func (c *Client) applyLocked(pl *plan) applyResult {
	s := stage{c: c, files: map[string]*staged{}}
	for i, ch := range pl.changes {
		if err := s.add(ch); err != nil {
			return applyResult{FailureReason: err.Error(), FailedChange: &i}
		}
	}
	if err := s.commit(); err != nil {
		return applyResult{FailureReason: err.Error()}
	}
	return applyResult{Applied: true}
}

// stage is the files of a workspace edit as they will be.
type stage struct {
	c     *Client
	files map[string]*staged
	steps []func() error

	undo []func() // what takes the steps back that were made
	last []func() // what is done when nothing can fail any more
}

// staged is one file. Its text is only read once somebody edits it.
type staged struct {
	path    string
	exists  bool
	loaded  bool
	created bool
	version int32 // of the open document before the edit, 0 if it is not open
	before  string
	text    string
	lines   *text.LineIndex
	touched bool // a document of the editor that gets an undo step
}

func (s *stage) file(path string) (*staged, error) {
	if f := s.files[path]; f != nil {
		return f, nil
	}
	f := &staged{path: path}
	if d := s.c.docs[path]; d != nil {
		f.exists, f.loaded, f.version = true, true, d.version
		f.before, f.text, f.lines = d.text, d.text, d.lines
	} else {
		if !s.c.inside(path) {
			s.c.violation("workspace/applyEdit: %s is neither open nor in a workspace folder", path)
			return nil, fmt.Errorf("%s is outside the workspace", path)
		}
		_, err := os.Lstat(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		f.exists = err == nil
	}
	s.files[path] = f
	return f, nil
}

// inside reports whether path lies in a workspace folder.
func (c *Client) inside(path string) bool {
	for _, root := range c.opts.Roots {
		if rel, err := filepath.Rel(root, path); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

func (s *stage) add(ch change) error {
	f, err := s.file(ch.path)
	if err != nil {
		return err
	}
	switch ch.kind {
	case "edit":
		return s.edit(f, ch)
	case "create":
		return s.create(f, ch)
	case "delete":
		return s.remove(f, ch)
	case "rename":
		return s.rename(f, ch)
	}
	return fmt.Errorf("unknown change %q", ch.kind)
}

func (s *stage) edit(f *staged, ch change) error {
	switch {
	case !f.exists:
		return fmt.Errorf("%s does not exist", f.path)
	case f.version == 0 && ch.version != nil:
		return fmt.Errorf("version %d of %s, which is not open", *ch.version, f.path)
	case f.version != 0 && ch.version != nil && *ch.version != f.version:
		return fmt.Errorf("%s is at version %d, the edit is for %d", f.path, f.version, *ch.version)
	case f.version != 0 && ch.version == nil && s.c.offers.documentChanges():
		s.c.violation("workspace/applyEdit: no version for %s, which is open", f.path)
	}
	if !f.loaded {
		data, err := os.ReadFile(f.path)
		if err != nil {
			return err
		}
		f.loaded, f.before, f.text, f.lines = true, string(data), string(data), text.NewLineIndex(string(data))
	}
	edits, err := resolve(f.lines, ch.edits, s.c.enc)
	if err != nil {
		s.c.violation("workspace/applyEdit: %s: %v", f.path, err)
		return fmt.Errorf("%s: %w", f.path, err)
	}
	for _, e := range edits {
		if f.text, f.lines, _, err = text.ApplyRange(f.text, f.lines, e, s.c.enc); err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
	}
	f.touched = true
	path := f.path
	s.steps = append(s.steps, func() error {
		d, err := s.c.openFileLocked(path)
		if err != nil || len(edits) == 0 {
			return err
		}
		return s.c.changeLocked(d, edits)
	})
	return nil
}

// openFileLocked is the document at path, opened from disk where it is not open.
func (c *Client) openFileLocked(path string) (*document, error) {
	if d := c.docs[path]; d != nil {
		return d, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return c.openLocked(path, string(data))
}

func (s *stage) create(f *staged, ch change) error {
	if f.exists && !ch.overwrite {
		if ch.ignore {
			return nil
		}
		return fmt.Errorf("%s exists already", f.path)
	}
	existed := f.exists
	f.exists, f.loaded, f.text, f.lines = true, true, "", text.NewLineIndex("")
	f.created = !existed
	path := f.path
	s.steps = append(s.steps, func() error {
		if d := s.c.docs[path]; d != nil {
			if err := s.c.changeLocked(d, []text.RangeEdit{{Whole: true}}); err != nil {
				return err
			}
		}
		return s.writeNew(path)
	})
	return nil
}

func (s *stage) remove(f *staged, ch change) error {
	if !f.exists {
		if ch.ignore {
			return nil
		}
		return fmt.Errorf("%s does not exist", f.path)
	}
	info, err := os.Stat(f.path)
	if err == nil && info.IsDir() && !ch.recursive {
		return fmt.Errorf("%s is a folder", f.path)
	}
	*f = staged{path: f.path}
	path := f.path
	s.steps = append(s.steps, func() error {
		if d := s.c.docs[path]; d != nil {
			if err := s.c.closeLocked(d); err != nil {
				return err
			}
		}
		return s.putAside(path)
	})
	return nil
}

func (s *stage) rename(f *staged, ch change) error {
	to, err := s.file(ch.to)
	if err != nil {
		return err
	}
	switch {
	case !f.exists:
		return fmt.Errorf("%s does not exist", f.path)
	case to.exists && ch.ignore:
		return nil
	case to.exists && !ch.overwrite:
		return fmt.Errorf("%s exists already", ch.to)
	}
	from := f.path
	*to = *f
	to.path, to.touched = ch.to, false
	*f = staged{path: from}
	if to.version != 0 {
		to.version = 1 // it is opened anew under its new name
	}
	s.steps = append(s.steps, func() error { return s.move(from, ch.to) })
	return nil
}

func (s *stage) move(from, to string) error {
	c, d := s.c, s.c.docs[from]
	for _, open := range []*document{d, c.docs[to]} {
		if open == nil {
			continue
		}
		if err := c.closeLocked(open); err != nil {
			return err
		}
	}
	var dirs writes
	s.undo = append(s.undo, dirs.drop)
	if err := dirs.makeDir(filepath.Dir(to)); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	s.undo = append(s.undo, func() { _ = os.Rename(to, from) }) // it was there a moment ago
	if d == nil {
		return nil
	}
	_, err := c.openLocked(to, d.text)
	return err
}

// commit makes the changes and one undo step per document. Where they are saved
// at once, the new texts are written first: an edit that can't be saved is not made,
// and the files that a part of it made, moved or deleted are as they were.
func (s *stage) commit() (err error) {
	var w writes
	defer w.drop()
	defer func() {
		if err != nil {
			for _, back := range slices.Backward(s.undo) {
				back()
			}
		}
	}()
	if s.c.opts.WriteThrough {
		for _, f := range s.files {
			if !f.touched {
				continue
			}
			if err := w.prepare(f.path, f.text); err != nil {
				return err
			}
		}
	}
	for _, step := range s.steps {
		if err := step(); err != nil {
			return err
		}
	}
	if err := w.commit(); err != nil {
		return err
	}
	w.dirs, s.undo = nil, nil // they hold the files now
	for _, do := range s.last {
		do()
	}
	for _, f := range s.files {
		d := s.c.docs[f.path]
		if !f.touched || d == nil {
			continue
		}
		d.undo = append(d.undo, step{before: f.before, created: f.created})
		if s.c.opts.WriteThrough {
			if err := s.c.tellSaved(d); err != nil {
				return err
			}
		}
	}
	return nil
}
