package workspacetest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hob-ls/hob/workspace"
)

// Project is a workspace of one new folder with these files, by slash path, after
// the first scan; root is the folder.
func Project(tb testing.TB, opts workspace.Options, files map[string]string) (w *workspace.Workspace, root string) {
	tb.Helper()
	root = Dir(tb)
	Write(tb, root, files)
	return Open(tb, opts, root), root
}

// Open is a workspace of folders after the first scan. It is not the test's context
// that ends it: what is cleaned up before it may still use it.
func Open(tb testing.TB, opts workspace.Options, dirs ...string) *workspace.Workspace {
	tb.Helper()
	w := workspace.New(context.Background(), opts)
	tb.Cleanup(func() {
		if err := w.Close(); err != nil {
			tb.Error(err)
		}
	})
	for _, dir := range dirs {
		Apply(tb, w, workspace.Change{Kind: workspace.RootAdd, Path: dir})
	}
	select {
	case <-w.Ready():
	case <-time.After(time.Minute):
		tb.Fatal("the first scan takes too long")
	}
	return w
}

// Apply changes a workspace.
func Apply(tb testing.TB, w *workspace.Workspace, changes ...workspace.Change) {
	tb.Helper()
	if err := w.Apply(changes...); err != nil {
		tb.Fatal(err)
	}
}

// File is the file of that slash path in the first folder of a snapshot.
func File(tb testing.TB, s *workspace.Snapshot, name string) *workspace.File {
	tb.Helper()
	f, err := s.File(filepath.Join(s.Roots()[0], filepath.FromSlash(name)))
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// Dir is a new folder without links in its name.
func Dir(tb testing.TB) string {
	tb.Helper()
	dir, err := filepath.EvalSymlinks(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	return dir
}

// Write writes files, by slash path, below dir.
func Write(tb testing.TB, dir string, files map[string]string) {
	tb.Helper()
	for name, text := range files {
		Put(tb, filepath.Join(dir, filepath.FromSlash(name)), text)
	}
}

// Put writes one file, in folders that are made where they are missing, and gives
// its path.
func Put(tb testing.TB, path, text string) string {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

// Files are the files of a txtar archive.
func Files(archive string) map[string]string {
	files := map[string]string{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		files[f.Name] = string(f.Data)
	}
	return files
}
