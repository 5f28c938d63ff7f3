package watch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a handler that remembers.
type recorder struct {
	mu      sync.Mutex
	batches []Batch
	seen    map[string]bool
}

func (r *recorder) handle(b Batch) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batches = append(r.batches, b)
	for _, p := range b.Paths {
		r.seen[p] = true
	}
	return true
}

func (r *recorder) rescans() (n int, last string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.batches {
		if b.Rescan {
			n, last = n+1, b.Reason
		}
	}
	return n, last
}

func (r *recorder) saw(paths ...string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range paths {
		if !r.seen[p] {
			return false
		}
	}
	return true
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

func start(t *testing.T, dir string, opts Options) (*Watcher, *recorder) {
	t.Helper()
	r := &recorder{seen: map[string]bool{}}
	w := New(t.Context(), dir, r.handle, opts)
	t.Cleanup(w.Close)
	eventually(t, "the first Rescan", func() bool { n, _ := r.rescans(); return n >= 1 })
	return w, r
}

// simulated runs a test with simulated time. It is for systems that a test makes:
// the machine's own is waited for in real time.
func simulated(t *testing.T, f func(t *testing.T, dir string)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { f(t, dir) })
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(path), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "sub", "old"))
	w, r := start(t, dir, Options{})
	if w.State() != "fsnotify" {
		t.Errorf("state is %q", w.State())
	}
	write(t, filepath.Join(dir, "new"))
	write(t, filepath.Join(dir, "sub", "old"))
	eventually(t, "create and write", func() bool { return r.saw(filepath.Join(dir, "new"), filepath.Join(dir, "sub", "old")) })
	if err := os.Remove(filepath.Join(dir, "sub", "old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "sub", "moved")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "rename", func() bool { return r.saw(filepath.Join(dir, "sub", "moved")) })
}

// TestNewFolders makes deep trees as fast as it can: what is made before a watch
// is in place must be reported all the same.
func TestNewFolders(t *testing.T) {
	dir := t.TempDir()
	_, r := start(t, dir, Options{Flood: 1 << 20})
	var all []string
	for i := range 30 {
		for j := range 5 {
			p := filepath.Join(dir, fmt.Sprint("d", i), "x", fmt.Sprint("e", j), "f")
			write(t, p)
			all = append(all, p)
		}
	}
	eventually(t, "all new files", func() bool { return r.saw(all...) })
}

// TestRenamedTree: watches of a moved folder must not keep reporting its old name.
func TestRenamedTree(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a", "b", "c", "f"))
	_, r := start(t, dir, Options{})
	from := "a"
	for i, to := range []string{"z", "a", "y/deep", "x/deep", "b", "c/d/e/f", "a"} {
		target := filepath.Join(dir, to)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, from), target); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the moved tree", func() bool { return r.saw(filepath.Join(target, "b", "c", "f")) })
		fresh := filepath.Join(target, "b", "c", fmt.Sprint("new", i))
		write(t, fresh)
		from = to
		eventually(t, "a file in the moved tree", func() bool { return r.saw(fresh) })
	}
}

// TestRenamedOver: a folder that takes the place of an empty one is watched,
// though the system says nothing of the one that went.
func TestRenamedOver(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a", "f"))
	if err := os.Mkdir(filepath.Join(dir, "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, r := start(t, dir, Options{})
	// Not os.Rename, which asks first.
	if err := syscall.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the moved folder", func() bool { return r.saw(filepath.Join(dir, "b", "f")) })
	write(t, filepath.Join(dir, "b", "g"))
	eventually(t, "a file in the moved folder", func() bool { return r.saw(filepath.Join(dir, "b", "g")) })
}

func TestSkipAndResync(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "skipped", "sub", "f"))
	var mu sync.Mutex
	skip := true
	w, r := start(t, dir, Options{Skip: func(d string) bool {
		mu.Lock()
		defer mu.Unlock()
		return skip && filepath.Base(d) == "skipped"
	}})
	write(t, filepath.Join(dir, "skipped", "sub", "g"))
	write(t, filepath.Join(dir, "mark"))
	eventually(t, "the mark", func() bool { return r.saw(filepath.Join(dir, "mark")) })
	if r.saw(filepath.Join(dir, "skipped", "sub", "g")) {
		t.Error("a skipped folder is watched")
	}
	mu.Lock()
	skip = false
	mu.Unlock()
	w.Resync()
	eventually(t, "a Rescan for the new folders", func() bool { n, _ := r.rescans(); return n >= 2 })
	h := filepath.Join(dir, "skipped", "sub", "h")
	write(t, h)
	eventually(t, "a file in a folder that is watched now", func() bool { return r.saw(h) })
}

func TestRootGoesAndComesBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "root")
	write(t, filepath.Join(dir, "f"))
	w, r := start(t, dir, Options{Poll: 5 * time.Millisecond})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	eventually(t, "polling", func() bool { return strings.HasPrefix(w.State(), "polling: the folder") })
	write(t, filepath.Join(dir, "g"))
	eventually(t, "watching again", func() bool { return w.State() == "fsnotify" })
	h := filepath.Join(dir, "h")
	write(t, h)
	eventually(t, "a file in the folder that came back", func() bool { return r.saw(h) })
}

func TestMissingRoot(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	w, _ := start(t, dir, Options{Poll: 5 * time.Millisecond})
	if !strings.HasPrefix(w.State(), "polling: ") {
		t.Errorf("state is %q", w.State())
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	eventually(t, "watching", func() bool { return w.State() == "fsnotify" })
}

// fake is a system whose events the test makes.
type fake struct {
	events chan fsnotify.Event
	errs   chan error
	add    func(string) error
	once   sync.Once
}

func newFake(add func(string) error) *fake {
	return &fake{events: make(chan fsnotify.Event), errs: make(chan error), add: add}
}

func (f *fake) Add(dir string) error          { return f.add(dir) }
func (f *fake) Remove(string) error           { return nil }
func (f *fake) WatchList() []string           { return nil }
func (f *fake) Events() <-chan fsnotify.Event { return f.events }
func (f *fake) Errors() <-chan error          { return f.errs }
func (f *fake) Close() error {
	f.once.Do(func() { close(f.events); close(f.errs) })
	return nil
}

func TestLimits(t *testing.T) {
	tests := []struct {
		name string
		open func() (system, error)
		want string
	}{
		{"no watcher", func() (system, error) { return nil, syscall.EMFILE }, "polling: too many watchers on the system: raise fs.inotify.max_user_instances"},
		{"no watch for the root", func() (system, error) {
			return newFake(func(string) error { return syscall.ENOSPC }), nil
		}, "polling: too many folders for the system: raise fs.inotify.max_user_watches"},
		{"no watch for a folder", func() (system, error) {
			return newFake(func(dir string) error {
				if filepath.Base(dir) == "sub" {
					return syscall.ENOSPC
				}
				return nil
			}), nil
		}, "polling: too many folders for the system: raise fs.inotify.max_user_watches"},
		{"not supported", func() (system, error) { return nil, errors.New("no such thing") }, "polling: no such thing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			simulated(t, func(t *testing.T, dir string) {
				write(t, filepath.Join(dir, "sub", "f"))
				w, r := start(t, dir, Options{open: tt.open})
				if w.State() != tt.want {
					t.Errorf("state is %q, want %q", w.State(), tt.want)
				}
				eventually(t, "Rescans at intervals", func() bool { n, _ := r.rescans(); return n >= 4 })
			})
		})
	}
}

func TestOverflowBeginsAnew(t *testing.T) {
	simulated(t, func(t *testing.T, dir string) {
		fakes := make(chan *fake, 8)
		_, r := start(t, dir, Options{open: func() (system, error) {
			f := newFake(func(string) error { return nil })
			fakes <- f
			return f, nil
		}})
		(<-fakes).errs <- fsnotify.ErrEventOverflow
		eventually(t, "a Rescan", func() bool {
			n, why := r.rescans()
			return n == 2 && why == "the system lost events"
		})
		second := <-fakes
		second.events <- fsnotify.Event{Name: filepath.Join(dir, "x"), Op: fsnotify.Write}
		eventually(t, "events of the new system", func() bool { return r.saw(filepath.Join(dir, "x")) })
	})
}

func TestFlood(t *testing.T) {
	simulated(t, func(t *testing.T, dir string) {
		f := newFake(func(string) error { return nil })
		_, r := start(t, dir, Options{Flood: 10, Debounce: time.Second, MaxLatency: time.Second, open: func() (system, error) { return f, nil }})
		for i := range 11 {
			f.events <- fsnotify.Event{Name: filepath.Join(dir, fmt.Sprint(i)), Op: fsnotify.Write}
		}
		eventually(t, "a Rescan", func() bool {
			n, why := r.rescans()
			return n == 2 && why == "many changes at once"
		})
		if r.saw(filepath.Join(dir, "1")) {
			t.Error("the paths of a flood came one by one")
		}
	})
}

// TestMaxLatency: a stream of events that never pauses is delivered all the same.
func TestMaxLatency(t *testing.T) {
	simulated(t, func(t *testing.T, dir string) {
		f := newFake(func(string) error { return nil })
		_, r := start(t, dir, Options{Debounce: time.Hour, MaxLatency: 20 * time.Millisecond, open: func() (system, error) { return f, nil }})
		path := filepath.Join(dir, "x")
		for begin := time.Now(); !r.saw(path); time.Sleep(time.Millisecond) {
			if time.Since(begin) > 25*time.Millisecond {
				t.Fatal("nothing was delivered")
			}
			f.events <- fsnotify.Event{Name: path, Op: fsnotify.Write}
		}
	})
}
