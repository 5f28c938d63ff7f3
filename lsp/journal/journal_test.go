package journal

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func text(s string) *string { return &s }

func change(job string) Entry {
	return Entry{Job: job, Action: "edit", Files: []File{
		{Path: "/w/a.go", Before: text("old\n"), After: text("new \xf0\x9d\x92\x99\n")},
		{Path: "/w/b.go", After: text("")},
		{Path: "/w/c.go", To: "/w/d.go", Before: text("c"), After: text("c")},
		{Path: "/w/e.go", Before: text("e")},
	}}
}

func add(t *testing.T, j *Journal, e Entry) {
	t.Helper()
	save, err := j.Add(e)
	if err == nil {
		err = save()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func job(name string) func(*Entry) bool { return func(e *Entry) bool { return e.Job == name } }

func any(*Entry) bool { return true }

// What one session wrote, the next one reads.
func TestJournal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	j := New(dir, slog.New(slog.DiscardHandler))
	for _, name := range []string{"j1", "j2", "j3"} {
		add(t, j, change(name))
	}
	next := New(dir, j.log)
	for _, j := range []*Journal{j, next} {
		e, ok := j.Newest(any)
		if !ok || e.Job != "j3" {
			t.Fatalf("%v, %v", e, ok)
		}
		want := change("j3").Files
		for i := range e.Files {
			e.Files[i].BeforeHash, e.Files[i].AfterHash = "", ""
		}
		if diff := cmp.Diff(want, e.Files); diff != "" {
			t.Error(diff)
		}
	}
	// A job of this session comes before one of the same name of another.
	add(t, next, change("j1"))
	first, _ := next.Newest(job("j1"))
	next.Remove(first.ID)
	second, ok := next.Newest(job("j1"))
	if !ok || first.ID <= second.ID {
		t.Errorf("%v %v, then %v %v", first.ID, first.Job, second.ID, ok)
	}
	next.Remove(second.ID)
	if e, ok := New(dir, j.log).Newest(job("j1")); ok {
		t.Errorf("%v is still there", e.ID)
	}
	if runtime.GOOS == "windows" {
		return
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != 2 {
		t.Fatal(names, err)
	}
	for path, mode := range map[string]os.FileMode{dir: 0o700, names[0]: 0o600} {
		if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, fi.Mode(), err)
		}
	}
}

// Whatever happened to the file of an entry, it is either what was written or not there.
func TestBroken(t *testing.T) {
	dir := t.TempDir()
	j := New(dir, slog.New(slog.DiscardHandler))
	add(t, j, change("j1"))
	add(t, j, change("j2"))
	e, _ := j.Newest(any)
	whole, err := os.ReadFile(j.path(e.ID))
	if err != nil {
		t.Fatal(err)
	}
	broken := [][]byte{nil, []byte("{}"), []byte(strings.Replace(string(whole), "old", "olt", 1)), []byte(strings.Replace(string(whole), `"version":1`, `"version":2`, 1))}
	for n := 1; n < len(whole); n += 7 {
		broken = append(broken, whole[:n])
	}
	for _, data := range broken {
		if err := os.WriteFile(j.path(e.ID), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, ok := New(dir, j.log).Newest(any); !ok || got.Job != "j1" {
			t.Errorf("%.40q: %v, %v", data, got.Job, ok)
		}
	}
	for _, odd := range []string{"folder" + suffix, "x.txt"} {
		if err := os.Mkdir(filepath.Join(dir, odd), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if got, ok := New(dir, j.log).Newest(any); !ok || got.Job != "j1" {
		t.Errorf("%v, %v", got.Job, ok)
	}
}

// A full disk costs the file and nothing else.
func TestFullDisk(t *testing.T) {
	j := New(t.TempDir(), slog.New(slog.DiscardHandler))
	j.write = func(string, []byte) error { return syscall.ENOSPC }
	save, err := j.Add(change("j1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := save(); !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
	if e, ok := j.Newest(any); !ok || e.Job != "j1" {
		t.Errorf("%v, %v", e, ok)
	}
	j.Remove("none")
	below := New(filepath.Join(j.path("file"), "x"), j.log)
	if err := os.WriteFile(j.path("file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if save, err = below.Add(change("j1")); err != nil {
		t.Fatal(err)
	}
	if err := save(); err == nil {
		t.Error("a folder that can't be was written to")
	}
}

func TestBounds(t *testing.T) {
	dir := t.TempDir()
	j := New(dir, slog.New(slog.DiscardHandler))
	big := strings.Repeat("x", maxEntry)
	if _, err := j.Add(Entry{Job: "j1", Files: []File{{Path: "/a", Before: &big, After: text("y")}}}); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	for range maxEntries + 20 {
		add(t, j, change("j1"))
	}
	if n := len(j.names()); n > maxEntries || len(j.own) > maxEntries {
		t.Errorf("%d files, %d in memory", n, len(j.own))
	}
	half := big[:maxEntry/2]
	for range maxBytes/len(half) + 4 {
		add(t, j, Entry{Job: "j2", Files: []File{{Path: "/a", Before: &half, After: text("y")}}})
	}
	size := int64(0)
	for _, name := range j.names() {
		fi, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		size += fi.Size()
	}
	if size > maxBytes {
		t.Errorf("%d bytes", size)
	}
	// A week later all of it is gone with the next entry; what is not the journal's stays.
	other := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	j.now = func() time.Time { return time.Now().Add(maxAge + time.Hour) }
	add(t, j, change("j3"))
	if names := j.names(); len(names) != 1 {
		t.Errorf("%v", names)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}

func TestInMemory(t *testing.T) {
	j := New("", slog.New(slog.DiscardHandler))
	add(t, j, change("j1"))
	if _, ok := j.Newest(job("j1")); !ok {
		t.Error("not there")
	}
	e, _ := j.Newest(any)
	j.Remove(e.ID)
	if _, ok := j.Newest(any); ok {
		t.Error("still there")
	}
}
