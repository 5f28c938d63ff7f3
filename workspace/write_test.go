package workspace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestCreate(t *testing.T) {
	root := t.TempDir()
	w := New(t.Context(), Options{})
	defer func() { _ = w.Close() }()
	if err := w.Apply(Change{Kind: RootAdd, Path: root}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, "src", "new", "a.txt")
	if err := w.Create(path, "one\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "one\n" {
		t.Fatalf("file is %q, %v", got, err)
	}
	if err := w.Create(path, "two\n"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second time: %v, want fs.ErrExist", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "one\n" {
		t.Errorf("the file was replaced: %q", got)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	for _, bad := range []string{filepath.Join(filepath.Dir(root), "outside.txt"), filepath.Join(root, ".git", "config"), filepath.Join(root, "a\x00b")} {
		if err := w.Create(bad, "x"); err == nil {
			t.Errorf("Create(%q) was allowed", bad)
		}
	}
}
