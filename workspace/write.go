package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Op is one step of a Commit. A file that only gets another text is none: that is
// for the editor to do.
//
//	Text        Path is made, with the folders above it, and must not exist
//	Was         Path is deleted
//	both, To    Path is moved to To, where nothing may be, and may get another text
type Op struct {
	Path, To string
	Was      *string // the text that must be on disk
	Text     *string // the text that will be
}

// ErrChanged says that a file on disk is not what it was.
var ErrChanged = errors.New("was changed on disk meanwhile")

// Create writes a new file inside a root, with the folders above it. It never
// replaces a file: one that exists is an error that wraps fs.ErrExist. The file
// appears whole or not at all, and the workspace reads it like any other change.
func (w *Workspace) Create(path, content string) error {
	c, err := w.Commit(Op{Path: path, Text: &content})
	if err != nil {
		return fmt.Errorf("creating %s: %w", path, err)
	}
	return c.Keep()
}

// Commit does all of ops on disk, in order, or nothing: every new text is written
// beside its place before the first file is touched, so that a full disk is found
// in time, and what was done before a step failed is taken back. Each file
// changes whole or not at all. Errors wrap ErrOutside, ErrExcluded, ErrChanged,
// ErrNotFound and fs.ErrExist. The workspace reads what changed like any other
// change. The caller ends the commit by Keep or Undo.
func (w *Workspace) Commit(ops ...Op) (*Commit, error) { return w.commit(ops, nil) }

func (w *Workspace) commit(ops []Op, fault func(path string) error) (*Commit, error) {
	c := &Commit{w: w, fault: fault}
	for _, op := range ops {
		if err := c.stage(op); err != nil {
			return nil, errors.Join(err, c.Undo())
		}
	}
	for _, s := range c.steps {
		if err := s.do(c); err != nil {
			return nil, errors.Join(err, c.Undo())
		}
	}
	return c, c.tell()
}

// Exists reports whether something is at path on disk now, be it listed or not.
func (w *Workspace) Exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Commit is a change of files on disk that can still be taken back; the zero
// value is one of nothing.
type Commit struct {
	w     *Workspace
	steps []*opStep
	dirs  []string // folders that were made, outermost first
	undo  []func() error
	spare []string                // files to be removed at the end
	fault func(path string) error // tests: fails before a file is made or moved
}

// opStep is one Op that was checked and whose new text is written.
type opStep struct {
	path, to string // resolved; to is "" for a file that is deleted
	fresh    string // the spare file that holds the new text; "" where the text stays
	backup   string // a spare name for the old file; "" where there is none
}

// Keep ends the commit: the old files are forgotten.
func (c *Commit) Keep() error {
	c.undo, c.dirs = nil, nil
	return c.sweep()
}

// Undo takes back what was done and ends the commit.
func (c *Commit) Undo() error {
	var errs []error
	for _, f := range slices.Backward(c.undo) {
		errs = append(errs, f())
	}
	c.undo = nil
	errs = append(errs, c.sweep())
	for _, dir := range slices.Backward(c.dirs) {
		_ = os.Remove(dir) // somebody may have put a file there
	}
	c.dirs = nil
	return errors.Join(append(errs, c.tell())...)
}

func (c *Commit) sweep() error {
	var errs []error
	for _, path := range c.spare {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	c.spare = nil
	return errors.Join(errs...)
}

// tell has the workspace read what may have changed.
func (c *Commit) tell() error {
	if len(c.steps) == 0 {
		return nil
	}
	changes := make([]Change, 0, 2*len(c.steps))
	for _, s := range c.steps {
		changes = append(changes, Change{Kind: DiskChanged, Path: s.path})
		if s.to != "" && s.to != s.path {
			changes = append(changes, Change{Kind: DiskChanged, Path: s.to})
		}
	}
	return c.w.Apply(changes...)
}

// stage checks an op and writes its new text beside its place.
func (c *Commit) stage(op Op) error {
	if op.Was == nil && op.Text == nil || (op.To != "") != (op.Was != nil && op.Text != nil) {
		return fmt.Errorf("%s: an operation that neither makes nor moves nor deletes", op.Path)
	}
	s := &opStep{}
	snap := c.w.Snapshot()
	var err error
	if s.path, err = snap.Confine(op.Path); err != nil {
		return err
	}
	switch {
	case op.To != "":
		if s.to, err = snap.Confine(op.To); err != nil {
			return err
		}
	case op.Text != nil:
		s.to = s.path
	}
	var mode fs.FileMode // 0: as the user has new files
	if op.Was != nil {
		if mode, err = stillIs(s.path, *op.Was); err != nil {
			return err
		}
		if s.backup, err = c.name(filepath.Dir(s.path)); err != nil {
			return err
		}
	}
	if op.Text != nil {
		if err := c.folder(filepath.Dir(s.to)); err != nil {
			return err
		}
	}
	if op.Text != nil && (op.Was == nil || *op.Was != *op.Text) {
		if s.fresh, err = c.write(filepath.Dir(s.to), *op.Text, mode); err != nil {
			return fmt.Errorf("writing %s: %w", s.to, err)
		}
	}
	c.steps = append(c.steps, s)
	return nil
}

// stillIs checks the text of a file and gives its mode.
func stillIs(path, want string) (fs.FileMode, error) {
	fi, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%s: %w", path, ErrNotFound)
	}
	if err != nil {
		return 0, err
	}
	if !fi.Mode().IsRegular() || fi.Size() != int64(len(want)) {
		return 0, fmt.Errorf("%s %w", path, ErrChanged)
	}
	now, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	if string(now) != want {
		return 0, fmt.Errorf("%s %w", path, ErrChanged)
	}
	return fi.Mode().Perm(), nil
}

// folder makes a folder and those above it, and notes which.
func (c *Commit) folder(dir string) error {
	var missing []string
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		missing = append(missing, at)
	}
	for _, at := range slices.Backward(missing) {
		if err := os.Mkdir(at, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("creating %s: %w", at, err)
		}
		c.dirs = append(c.dirs, at)
	}
	return nil
}

// temporary is the pattern of the files that a commit makes beside others.
const temporary = ".hob-*"

// name reserves the name of a spare file in dir.
func (c *Commit) name(dir string) (string, error) {
	f, err := os.CreateTemp(dir, temporary)
	if err != nil {
		return "", err
	}
	c.spare = append(c.spare, f.Name())
	return f.Name(), f.Close()
}

// write makes a spare file with a text, down to the disk.
func (c *Commit) write(dir, content string, mode fs.FileMode) (string, error) {
	if err := c.fails(dir); err != nil {
		return "", err
	}
	name, err := c.name(dir)
	if err != nil {
		return "", err
	}
	flags := os.O_WRONLY
	if mode == 0 { // a temporary file is its owner's alone: make it anew, as others are made
		if err := os.Remove(name); err != nil {
			return "", err
		}
		flags |= os.O_CREATE | os.O_EXCL
	}
	f, err := os.OpenFile(name, flags, 0o666)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(content)
	if err == nil && mode != 0 {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	return name, errors.Join(err, f.Close())
}

func (c *Commit) fails(path string) error {
	if c.fault == nil {
		return nil
	}
	return c.fault(path)
}

// do changes the disk. Every change is noted before the next, so that it can be
// taken back; a file that moves has two names for a moment, and never none.
func (s *opStep) do(c *Commit) error {
	if s.to != "" {
		from := s.fresh
		if from == "" {
			from = s.path
		}
		if err := c.place(from, s.to); err != nil {
			return err
		}
	}
	if s.backup != "" {
		return c.move(s.path, s.backup)
	}
	return nil
}

// move renames a file over a spare one.
func (c *Commit) move(from, to string) error {
	if err := c.fails(from); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	c.undo = append(c.undo, func() error { return os.Rename(to, from) })
	return nil
}

// place gives a file a second name: unlike a rename, a link fails where a file
// has appeared meanwhile.
func (c *Commit) place(from, to string) error {
	if err := c.fails(to); err != nil {
		return err
	}
	err := os.Link(from, to)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = copyNew(from, to) // a file system without links: exclusive, if not all at once
	}
	if err != nil {
		return err
	}
	c.undo = append(c.undo, func() error { return os.Remove(to) })
	return nil
}

func copyNew(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if _, err = f.Write(content); err != nil {
		return errors.Join(err, f.Close(), os.Remove(to))
	}
	return f.Close()
}
