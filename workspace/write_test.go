package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// onDisk is every file below dir with its text, and every folder.
func onDisk(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			out[path] = "folder"
			return err
		}
		b, err := os.ReadFile(path)
		out[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func committing(t *testing.T) (w *Workspace, root string, ops []Op) {
	root = t.TempDir()
	for name, content := range map[string]string{"old.txt": "old\n", "gone.txt": "gone\n", "same.txt": "same\n"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	w = New(t.Context(), Options{})
	t.Cleanup(func() { _ = w.Close() })
	if err := w.Apply(Change{Kind: RootAdd, Path: root}); err != nil {
		t.Fatal(err)
	}
	p := func(s string) *string { return &s }
	at := func(s string) string { return filepath.Join(root, s) }
	return w, root, []Op{
		{Path: at("a/b/new.txt"), Text: p("new\n")},
		{Path: at("old.txt"), To: at("a/moved.txt"), Was: p("old\n"), Text: p("changed\n")},
		{Path: at("same.txt"), To: at("c/same.txt"), Was: p("same\n"), Text: p("same\n")},
		{Path: at("gone.txt"), Was: p("gone\n")},
	}
}

func TestCommit(t *testing.T) {
	w, root, ops := committing(t)
	before := onDisk(t, root)
	c, err := w.Commit(ops...)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Undo(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, onDisk(t, root)); diff != "" {
		t.Errorf("after Undo (-before +now):\n%s", diff)
	}
	if c, err = w.Commit(ops...); err != nil {
		t.Fatal(err)
	}
	if err := c.Keep(); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"": "folder", "a": "folder", "a/b": "folder", "a/b/new.txt": "new\n", "a/moved.txt": "changed\n", "c": "folder", "c/same.txt": "same\n",
	}
	got := map[string]string{}
	for path, content := range onDisk(t, root) {
		got[filepath.ToSlash(strings.TrimPrefix(path[len(root):], string(filepath.Separator)))] = content
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after Keep (-want +got):\n%s", diff)
	}
	if fi, err := os.Stat(filepath.Join(root, "a", "moved.txt")); err != nil || fi.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", fi.Mode(), err)
	}
}

// Whatever step fails, a full disk included, the folder is as it was.
func TestCommitFails(t *testing.T) {
	w, root, ops := committing(t)
	before := onDisk(t, root)
	for n := 0; ; n++ {
		calls := 0
		c, err := w.commit(ops, func(path string) error {
			if calls++; calls == n+1 {
				return fmt.Errorf("%s: %w", path, syscall.ENOSPC)
			}
			return nil
		})
		if err == nil {
			if n < len(ops) {
				t.Errorf("only %d steps can fail", n)
			}
			if err := c.Undo(); err != nil {
				t.Error(err)
			}
			break
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("step %d: %v", n, err)
		}
		if diff := cmp.Diff(before, onDisk(t, root)); diff != "" {
			t.Errorf("step %d failed (-before +now):\n%s", n, diff)
		}
	}
}

func TestCommitRefuses(t *testing.T) {
	w, root, _ := committing(t)
	before := onDisk(t, root)
	p := func(s string) *string { return &s }
	at := func(s string) string { return filepath.Join(root, s) }
	first := Op{Path: at("first.txt"), Text: p("x")}
	for _, tc := range []struct {
		name string
		op   Op
		want error
	}{
		{"made already", Op{Path: at("old.txt"), Text: p("x")}, fs.ErrExist},
		{"moved over another", Op{Path: at("old.txt"), To: at("same.txt"), Was: p("old\n"), Text: p("old\n")}, fs.ErrExist},
		{"changed since, as long", Op{Path: at("old.txt"), Was: p("OLD\n")}, ErrChanged},
		{"changed since", Op{Path: at("old.txt"), Was: p("older\n")}, ErrChanged},
		{"vanished", Op{Path: at("none.txt"), Was: p("x")}, ErrNotFound},
		{"outside", Op{Path: filepath.Dir(root) + "/x", Text: p("x")}, ErrOutside},
		{"moved outside", Op{Path: at("old.txt"), To: filepath.Dir(root) + "/x", Was: p("old\n"), Text: p("old\n")}, ErrOutside},
		{"below a file", Op{Path: at("old.txt/x"), Text: p("x")}, ErrOutside},
	} {
		if _, err := w.Commit(first, tc.op); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
		if diff := cmp.Diff(before, onDisk(t, root)); diff != "" {
			t.Errorf("%s (-before +now):\n%s", tc.name, diff)
		}
	}
	if _, err := w.Commit(Op{Path: at("old.txt"), Was: p("old\n"), Text: p("x")}); err == nil {
		t.Error("an edit was taken for an operation")
	}
}
