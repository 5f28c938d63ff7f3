package client

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// writes are files about to be replaced. The new texts are on the disk, beside
// their targets, before the first target is touched: where there is no room for
// them, or no right to write them, every file stays as it was.
type writes struct {
	files []pendingFile
	dirs  []string // folders that were made for them, outermost first
}

type pendingFile struct{ tmp, path string }

// prepare writes what path is to hold. Only a regular file, or none, can be
// replaced: a link or a folder that has taken its place is not what was opened.
func (w *writes) prepare(path, content string) error {
	was, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := w.makeDir(filepath.Dir(path)); err != nil {
			return err
		}
	case err != nil:
		return err
	case !was.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", path)
	}
	if was != nil && was.Mode().Perm()&0o222 == 0 {
		return fmt.Errorf("%s is read-only", path)
	}
	f, err := createBeside(path)
	if err != nil {
		return fmt.Errorf("%s can't be written: %w", path, cause(err))
	}
	w.files = append(w.files, pendingFile{tmp: f.Name(), path: path})
	_, err = f.WriteString(content)
	if err == nil && was != nil {
		keepOwner(f, was)
		err = f.Chmod(was.Mode().Perm())
	}
	if err == nil {
		err = f.Sync() // some systems notice a full disk only here
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s can't be written: %w", path, cause(err))
	}
	return nil
}

// cause is an error without the name of the file beside the target, which nobody knows.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// createBeside makes a new file in the folder of path, with the rights that the
// system gives new files there.
func createBeside(path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(beside(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// makeDir makes a folder with all above it and remembers which are new.
func (w *writes) makeDir(dir string) error {
	var missing []string
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(at); err == nil || at == filepath.Dir(at) { // a link that leads nowhere is there, too
			break
		}
		missing = append([]string{at}, missing...)
	}
	w.dirs = append(w.dirs, missing...)
	return os.MkdirAll(dir, 0o777)
}

// commit puts every file into its place.
func (w *writes) commit() error {
	for len(w.files) > 0 {
		f := w.files[0]
		if err := os.Rename(f.tmp, f.path); err != nil {
			w.drop()
			return err
		}
		w.files = w.files[1:]
	}
	return nil
}

// drop takes away what was prepared and not put into place.
func (w *writes) drop() {
	for _, f := range w.files {
		_ = os.Remove(f.tmp) // what can't be removed is a stray file and no harm
	}
	for i := range w.dirs {
		_ = os.Remove(w.dirs[len(w.dirs)-1-i]) // stays where somebody else uses it by now
	}
	w.files = nil
}

// writeNew makes path an empty file.
func (s *stage) writeNew(path string) error {
	_, err := os.Lstat(path)
	made := errors.Is(err, fs.ErrNotExist)
	var was []byte
	if !made {
		if was, err = os.ReadFile(path); err != nil {
			return err
		}
	}
	var w writes
	if err := w.prepare(path, ""); err != nil {
		w.drop()
		return err
	}
	if err := w.commit(); err != nil { // which drops
		return err
	}
	s.undo = append(s.undo, func() {
		if !made {
			_ = writeFile(path, string(was)) // it could be written a moment ago
			return
		}
		_ = os.Remove(path)
		w.drop()
	})
	return nil
}

// putAside takes path away, for good once all else is done.
func (s *stage) putAside(path string) error {
	aside := beside(path)
	if err := os.Rename(path, aside); err != nil {
		return err
	}
	s.undo = append(s.undo, func() { _ = os.Rename(aside, path) }) // it was there a moment ago
	s.last = append(s.last, func() { _ = os.RemoveAll(aside) })    // what can't be removed is a stray file and no harm
	return nil
}

// beside is a name in the folder of path that nobody has.
func beside(path string) string {
	for n := time.Now().UnixNano(); ; n++ {
		name := filepath.Join(filepath.Dir(path), ".hob-"+strconv.FormatInt(n, 36))
		if _, err := os.Lstat(name); err != nil {
			return name
		}
	}
}

// writeFile replaces a file as a whole or not at all, and keeps its mode.
func writeFile(path, content string) error {
	var w writes
	if err := w.prepare(path, content); err != nil {
		w.drop()
		return err
	}
	return w.commit()
}
