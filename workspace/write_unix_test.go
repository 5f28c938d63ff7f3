//go:build unix

package workspace

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestCreateHeedsUmask: who keeps their files to themselves has new ones of Hob's
// kept, too; who shares them with a group shares these.
func TestCreateHeedsUmask(t *testing.T) {
	dir := tempDir(t)
	w := open(t, Options{NoWatch: true}, dir)
	for name, mask := range map[string]int{"private.go": 0o077, "shared.go": 0o002} {
		old := syscall.Umask(mask)
		err := w.Create(filepath.Join(dir, name), "package a\n")
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		fi, err := os.Stat(filepath.Join(dir, name))
		if want := os.FileMode(0o666 &^ mask); err != nil || fi.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", name, fi.Mode(), err, want)
		}
	}
}
