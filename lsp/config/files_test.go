package config

import (
	"os"
	"path/filepath"
	"testing"
)

// A stamp is another when a file comes, grows or goes, and the same otherwise.
func TestStamp(t *testing.T) {
	dir := t.TempDir()
	in := Inputs{UserFile: filepath.Join(dir, "user.toml"), Roots: []string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}}
	put := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	last := Stamp(in)
	if last != "" {
		t.Errorf("%q of no files", last)
	}
	for _, step := range []struct {
		name  string
		do    func()
		other bool
	}{
		{"the user's file comes", func() { put(in.UserFile, "a") }, true},
		{"a file of a folder comes", func() { put(filepath.Join(dir, "b", ".hob", "config.toml"), "a") }, true},
		{"nothing", func() {}, false},
		{"another file", func() { put(filepath.Join(dir, "b", ".hob", "other.toml"), "a") }, false},
		{"it grows", func() { put(in.UserFile, "ab") }, true},
		{"it goes", func() { _ = os.Remove(in.UserFile) }, true},
	} {
		step.do()
		now := Stamp(in)
		if (now != last) != step.other {
			t.Errorf("%s: %q, then %q", step.name, last, now)
		}
		last = now
	}
	if got := Stamp(Inputs{Env: []string{"HOME=relative"}}); got != "" {
		t.Errorf("%q where there is no home", got)
	}
}
