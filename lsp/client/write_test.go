package client

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An edit of which one file can't be saved changes no file, no document, and
// leaves nothing behind.
func TestWriteThroughAllOrNothing(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside.go")
	tests := map[string]struct {
		spoil func(path string) error
		want  string
	}{
		"read-only": {func(path string) error { return os.Chmod(path, 0o444) }, "read-only"},
		"folder": {func(path string) error {
			return os.WriteFile(filepath.Join(path, "x"), nil, 0o666)
		}, "not a regular file"},
		"link": {func(path string) error { return os.Symlink(outside, path) }, "not a regular file"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := start(t, Options{WriteThrough: true})
			s.open("a.go", "a\n")
			s.open("b.go", "b\n")
			if err := os.WriteFile(outside, []byte("outside\n"), 0o666); err != nil {
				t.Fatal(err)
			}
			spoiled := s.path("b.go")
			if name != "read-only" {
				if err := os.Remove(spoiled); err != nil {
					t.Fatal(err)
				}
			}
			if name == "folder" {
				if err := os.Mkdir(spoiled, 0o777); err != nil {
					t.Fatal(err)
				}
			}
			if err := tc.spoil(spoiled); err != nil {
				t.Fatal(err)
			}
			r := s.apply(`{"documentChanges":[
				{"kind":"create","uri":"${dir/new.go}"},
				{"textDocument":{"uri":"${dir/new.go}","version":null},"edits":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"newText":"new\n"}]},
				{"textDocument":{"uri":"${a.go}","version":1},"edits":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}},"newText":"changed"}]},
				{"textDocument":{"uri":"${b.go}","version":1},"edits":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}},"newText":"changed"}]}]}`)
			if r.Applied || !strings.Contains(r.FailureReason, tc.want) {
				t.Errorf("applied %v, because %q", r.Applied, r.FailureReason)
			}
			s.wantText(s.path("a.go"), "a\n", 1)
			s.wantText(s.path("b.go"), "b\n", 1)
			for path, want := range map[string]string{s.path("a.go"): "a\n", outside: "outside\n"} {
				if data, err := os.ReadFile(path); err != nil || string(data) != want {
					t.Errorf("%s: %q, %v", path, data, err)
				}
			}
			left, err := os.ReadDir(filepath.Dir(spoiled))
			if err != nil || len(left) != 2 {
				t.Errorf("left: %v, %v", left, err)
			}
			s.wantViolations()
		})
	}
}

// Where a file can't be moved, those that were deleted, made and moved before it are as
// they were.
func TestStepsAreTakenBack(t *testing.T) {
	s := start(t, Options{WriteThrough: true})
	for _, name := range []string{"a.go", "b.go", "c.go"} {
		if err := os.WriteFile(s.path(name), []byte(name), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(s.path("nowhere"), s.path("blocked")); err != nil {
		t.Fatal(err)
	}
	r := s.apply(`{"documentChanges":[
		{"kind":"delete","uri":"${a.go}"},
		{"kind":"create","uri":"${dir/new.go}"},
		{"kind":"create","uri":"${a.go}"},
		{"kind":"rename","oldUri":"${b.go}","newUri":"${dir/more/b.go}"},
		{"kind":"rename","oldUri":"${c.go}","newUri":"${blocked/c.go}"}]}`)
	if r.Applied || r.FailureReason == "" {
		t.Errorf("applied %v, because %q", r.Applied, r.FailureReason)
	}
	for _, name := range []string{"a.go", "b.go", "c.go"} {
		if data, err := os.ReadFile(s.path(name)); err != nil || string(data) != name {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	if left, err := os.ReadDir(s.root); err != nil || len(left) != 4 { // and the link
		t.Errorf("left: %v, %v", left, err)
	}
	s.wantViolations()
}

func TestWriteFileKeepsMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.sh")
	if err := os.WriteFile(path, []byte("old"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(path, "new"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
