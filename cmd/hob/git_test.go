package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommittedStartsNothing: a repository that was cloned in part, or says so of
// itself, names the program that fetches the rest. Nobody has agreed to run that.
func TestCommittedStartsNothing(t *testing.T) {
	dir := t.TempDir()
	run := func(at string, args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", at, "-c", "user.name=t", "-c", "user.email=t@t"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	up, down, mark := filepath.Join(dir, "up"), filepath.Join(dir, "down"), filepath.Join(dir, "mark")
	run(dir, "init", "-q", up)
	if err := os.WriteFile(filepath.Join(up, "a.go"), []byte("package a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	run(up, "add", ".")
	run(up, "commit", "-qm", "x")
	run(up, "config", "uploadpack.allowFilter", "true")
	run(dir, "clone", "-q", "--no-checkout", "--filter=blob:none", "file://"+filepath.ToSlash(up), down)
	run(down, "config", "remote.origin.uploadpack", "touch '"+mark+"'; git-upload-pack")

	all := func(string, string) bool { return true }
	texts, err := committed(t.Context(), down, all)
	if err == nil || !strings.Contains(err.Error(), "git can't read the last commit") {
		t.Errorf("%q, %v", texts, err)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("the repository had a program started")
	}
	if texts, err = committed(t.Context(), up, all); err != nil || texts["a.go"] != "package a\n" {
		t.Errorf("of a whole repository: %q, %v", texts, err)
	}

	// Started by a hook, or as the editor of a commit, of another repository.
	run(dir, "init", "-q", mark)
	t.Setenv("GIT_DIR", filepath.Join(mark, ".git"))
	if texts, err = committed(t.Context(), up, all); err != nil || texts["a.go"] != "package a\n" {
		t.Errorf("beside another repository: %q, %v", texts, err)
	}
}
