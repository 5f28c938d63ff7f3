package index

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// asNobody runs the test again as a user who may not read everything, where the
// one at hand may. It reports whether the caller is that second run.
func asNobody(t *testing.T) bool {
	t.Helper()
	if os.Getuid() != 0 {
		return true
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "test")
	copyFile(t, self, program)
	for at := dir; at != os.TempDir() && at != filepath.Dir(at); at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o755); err != nil { //nolint:gosec // nobody must get to the program
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "HOME=/nonexistent")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
	return false
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755) //nolint:gosec // a program
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestUnreadable: what may not be read is counted and left out, and comes with
// the permission to read it.
func TestUnreadable(t *testing.T) {
	if !asNobody(t) {
		return
	}
	dir := t.TempDir()
	for _, f := range []string{"ok", "file", "dir/a", "list/a", "list/sub/b"} {
		write(t, dir, f, "text")
	}
	chmod := func(rel string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(filepath.Join(dir, rel), mode); err != nil {
			t.Fatal(err)
		}
	}
	chmod("file", 0)
	chmod("dir", 0)
	chmod("list", 0o444) // its names may be read, but nothing in it
	defer chmod("dir", 0o755)
	defer chmod("list", 0o755)
	ix := scanDir(t, dir)
	if diff := cmp.Diff([]string{"ok"}, list(ix)); diff != "" {
		t.Error(diff)
	}
	if n := ix.Stats().Skipped; n < 2 {
		t.Errorf("%d were skipped", n)
	}
	chmod("file", 0o644)
	chmod("dir", 0o755)
	chmod("list", 0o755)
	next, err := ix.Refresh(t.Context(), []string{"dir", "file", "list"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"dir/a", "file", "list/a", "list/sub/b", "ok"}, list(next)); diff != "" {
		t.Error(diff)
	}
	chmod("dir", 0)
	if next, err = next.Refresh(t.Context(), []string{"dir"}); err != nil || next.Has("dir/a") {
		t.Errorf("unreadable again: %v", err)
	}
	top := t.TempDir()
	if err := os.Chmod(top, 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(top, 0o755) //nolint:gosec // for the cleanup
	if _, err := Scan(t.Context(), top, Options{}); !errors.Is(err, os.ErrPermission) {
		t.Errorf("an unreadable root: %v", err)
	}
}

// TestEncodings: what is no UTF-8 is held as the bytes it is; UTF-16 has NULs, so
// that git calls it binary, and so do we.
func TestEncodings(t *testing.T) {
	dir := t.TempDir()
	var wide strings.Builder
	for _, u := range utf16.Encode([]rune("\uFEFFwide text")) {
		wide.WriteString(string([]byte{byte(u), byte(u >> 8)}))
	}
	write(t, dir, "utf16.txt", wide.String())
	write(t, dir, "latin1.txt", "caf\xe9")
	write(t, dir, "broken.txt", "a\xf0\x9fb\xc0\x80")
	write(t, dir, "bom.txt", "\uFEFFtext")
	ix := scanDir(t, dir)
	if diff := cmp.Diff([]string{"bom.txt", "broken.txt", "latin1.txt"}, list(ix)); diff != "" {
		t.Error(diff)
	}
	if e, ok := ix.Get("utf16.txt"); !ok || e.Kind != Binary || e.Held {
		t.Errorf("%+v", e)
	}
	if e, _ := ix.Get("broken.txt"); e.Text != "a\xf0\x9fb\xc0\x80" {
		t.Errorf("%q", e.Text)
	}
}

// TestLongPaths: folders nested until no system call takes the path at once.
func TestLongPaths(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "ok", "x")
	name := strings.Repeat("n", 250)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	depth := 0
	for range 20 {
		if os.Mkdir(name, 0o755) != nil || os.Chdir(name) != nil { //nolint:usetesting // t.Chdir takes whole paths
			break
		}
		depth++
		if err := os.WriteFile("f", []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if depth*250 < 4096 {
		t.Fatalf("only %d folders deep", depth)
	}
	if err := os.Chdir(here); err != nil { //nolint:usetesting // as above
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("rm", "-rf", filepath.Join(dir, name)).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	ix := scanDir(t, dir)
	st := ix.Stats()
	if !ix.Has("ok") || !ix.Has(name+"/f") || st.Files < 10 || st.Skipped == 0 {
		t.Errorf("%+v", st)
	}
	deep := strings.Repeat(name+"/", depth) + "f"
	if next, err := ix.Refresh(t.Context(), []string{deep}); err != nil || next != ix {
		t.Errorf("a path beyond the system: %v", err)
	}
}

// TestHugeIgnore: a megabyte of patterns makes a scan slow, not wrong, and it can
// be ended.
func TestHugeIgnore(t *testing.T) {
	isolate(t)
	dir := t.TempDir()
	bareRepo(t, dir, "")
	var b strings.Builder
	for i := 0; b.Len() < 1<<20-64; i++ {
		fmt.Fprintf(&b, "/gen/*/file%d.[ch]\nname%d\n!keep%d*\n", i, i, i)
	}
	write(t, dir, ".gitignore", b.String())
	for i := range 60 {
		write(t, dir, fmt.Sprintf("gen/x/file%d.c", i*300), "x")
		write(t, dir, fmt.Sprintf("sub/name%d", i*300), "x")
		write(t, dir, fmt.Sprintf("sub/plain%d", i), "x")
	}
	begin := time.Now()
	ix := checkGit(t, dir)
	if n := ix.Stats().Files; n != 61 {
		t.Errorf("%d files", n)
	}
	t.Logf("took %v", time.Since(begin))
	// More than is read of such a file: it counts as none rather than as a part,
	// and is itself too large to be listed.
	write(t, dir, ".gitignore", strings.Repeat("#", maxIgnoreFile+1)+"\n*\n")
	if n := scanDir(t, dir).Stats().Files; n != 180 {
		t.Errorf("%d files under an ignore file that is too large", n)
	}
}

// TestGrowing: files are written to, cut and replaced while they are read. Each
// scan ends, and what it holds is no mixture in length.
func TestGrowing(t *testing.T) {
	dir := t.TempDir()
	const limit = 1 << 16
	for i := range 20 {
		write(t, dir, fmt.Sprint(i), "x")
	}
	var stop atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; !stop.Load(); i++ {
			path := filepath.Join(dir, fmt.Sprint(i%20))
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
			if err != nil {
				continue
			}
			_, _ = f.WriteString(strings.Repeat("grow", 4000)) // a full disk is not what is tested
			if i%7 == 0 {
				_ = f.Truncate(1)
			}
			_ = f.Close()
			if i%11 == 0 {
				_ = os.Remove(path)
			}
			runtime.Gosched()
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for range 50 {
		ix, err := Scan(ctx, dir, Options{MaxFile: limit})
		if err != nil {
			t.Fatal(err)
		}
		for e := range ix.All() {
			if e.Held && int64(len(e.Text)) != e.Size || len(e.Text) > limit || !e.Held && e.Kind == Text {
				t.Errorf("%s: %d bytes of %d, kind %d", e.Rel, len(e.Text), e.Size, e.Kind)
			}
		}
	}
	stop.Store(true)
	<-done
	ix, err := Scan(ctx, dir, Options{MaxFile: limit})
	if err != nil {
		t.Fatal(err)
	}
	// Read within the time that stamps are not trusted: looked at again.
	write(t, dir, "0", "same size 1")
	if ix, err = ix.Rescan(ctx); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "0", "same size 2")
	if ix, err = ix.Rescan(ctx); err != nil {
		t.Fatal(err)
	}
	if e, _ := ix.Get("0"); e.Text != "same size 2" {
		t.Errorf("%q", e.Text)
	}
}

// TestDevices: a device is no file, and neither is a FIFO that nobody writes to.
func TestDevices(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "ok", "x")
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := 1
	if os.Getuid() == 0 && syscall.Mknod(filepath.Join(dir, "zero"), syscall.S_IFCHR|0o666, 1<<8|5) == nil {
		want++ // reading it would never end
	}
	for at, to := range map[string]string{"to-fifo": "fifo", "to-zero": "/dev/zero", ".gitignore": "fifo", "x": "y", "y": "x"} {
		if err := os.Symlink(to, filepath.Join(dir, at)); err != nil {
			t.Fatal(err)
		}
	}
	ix := scanDir(t, dir)
	if diff := cmp.Diff([]string{".gitignore", "ok", "to-fifo", "to-zero", "x", "y"}, list(ix)); diff != "" {
		t.Error(diff)
	}
	if n := ix.Stats().Skipped; n != want {
		t.Errorf("%d were skipped, not %d", n, want)
	}
	for _, rel := range []string{"to-fifo", "to-zero", "x"} {
		if e, _ := ix.Get(rel); e.Kind != Link {
			t.Errorf("%s: %+v", rel, e)
		}
		if _, err := ix.Read(&Entry{Rel: rel}); !errors.Is(err, ErrGone) {
			t.Errorf("reading %s: %v", rel, err)
		}
	}
}
