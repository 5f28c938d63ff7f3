package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Create writes a new file inside a root, with the folders above it. It never
// replaces a file: one that exists is an error that wraps fs.ErrExist. The file
// appears whole or not at all, and the workspace reads it like any other change.
func (w *Workspace) Create(path, content string) error {
	path, err := w.Snapshot().Confine(path)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("creating %s: %w", dir, err)
	}
	if err := writeNew(dir, path, content); err != nil {
		return fmt.Errorf("creating %s: %w", path, err)
	}
	return w.Apply(Change{Kind: DiskChanged, Path: path})
}

// writeNew writes beside the target and links the result into place: unlike a
// rename, a link fails where a file has appeared meanwhile.
func writeNew(dir, path, content string) (err error) {
	tmp, err := os.CreateTemp(dir, ".hob-*")
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, os.Remove(tmp.Name()))
	}()
	_, err = tmp.WriteString(content)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	err = os.Link(tmp.Name(), path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without links: exclusive, if not all at once.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	return errors.Join(err, f.Close())
}
