package watch

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// TestRemote: on a file system that others change, what is changed here is seen
// at once, and the rest by looking.
func TestRemote(t *testing.T) {
	dir := t.TempDir()
	var told sync.Map
	w, r := start(t, dir, Options{
		Poll: 200 * time.Millisecond, MaxPoll: 200 * time.Millisecond, Remote: func(string) string { return "nfs" },
		State: func(state string) { told.Store(state, true) },
	})
	want := "polling: nfs tells nothing of what others change"
	if w.State() != want {
		t.Errorf("state is %q", w.State())
	}
	if _, ok := told.Load(want); !ok {
		t.Error("nobody was told")
	}
	f := filepath.Join(dir, "f")
	written := 0
	eventually(t, "a change made here", func() bool {
		// Once after every look: a change that the next look finds first is not told
		// by its path, and changes without a pause are left to that look.
		if n, _ := r.rescans(); n > written {
			written = n
			write(t, f)
		}
		return r.saw(f)
	})
	eventually(t, "looks at intervals", func() bool { n, why := r.rescans(); return n >= 4 && why == "polling" })
}

func TestRemoteFSOfThisMachine(t *testing.T) {
	if fs := remoteFS(t.TempDir()); fs != "" {
		t.Logf("the temporary folder is on %s", fs)
	}
	if fs := remoteFS(filepath.Join(t.TempDir(), "none")); fs != "" {
		t.Errorf("nothing is on %s", fs)
	}
}

// TestPace: looking becomes rare where nothing changes, frequent where something
// does, and never the only thing that is done.
func TestPace(t *testing.T) {
	w := &Watcher{opts: Options{Poll: time.Second, MaxPoll: 30 * time.Second}.withDefaults(), interval: time.Second}
	steps := []struct {
		took    time.Duration
		changed bool
		want    time.Duration
	}{
		{0, false, 1500 * time.Millisecond},
		{0, false, 2250 * time.Millisecond},
		{0, true, time.Second},
		{200 * time.Millisecond, true, 4 * time.Second},
		{200 * time.Millisecond, false, 6 * time.Second},
		{3 * time.Second, true, time.Minute},
		{0, false, 30 * time.Second},
		{0, false, 30 * time.Second},
		{0, true, time.Second},
	}
	for i, s := range steps {
		if w.paced(s.took, s.changed); w.interval != s.want {
			t.Errorf("step %d: %v, want %v", i, w.interval, s.want)
		}
	}
	w.interval, w.missing = time.Minute, true
	if w.paced(time.Minute, false); w.interval != time.Second {
		t.Errorf("a missing folder is looked for every %v", w.interval)
	}
}

func TestPoke(t *testing.T) {
	simulated(t, func(t *testing.T, dir string) {
		w, r := start(t, dir, Options{Poll: time.Hour, MaxPoll: time.Hour, open: func() (system, error) { return nil, os.ErrInvalid }})
		n, _ := r.rescans()
		w.Poke()
		eventually(t, "a look right away", func() bool { now, why := r.rescans(); return now > n && why == "polling" })
	})
}

// TestExtra: single files elsewhere are watched, the others beside them are not,
// and the list may change.
func TestExtra(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	one, two := filepath.Join(other, "one"), filepath.Join(other, "deep", "two")
	write(t, one)
	write(t, two)
	var extras atomic.Int64
	var mu sync.Mutex
	list := []string{one, filepath.Join(other, "missing", "x")}
	r := &recorder{seen: map[string]bool{}}
	w := New(t.Context(), dir, func(b Batch) bool {
		if b.Extra {
			extras.Add(1)
		}
		return r.handle(b)
	}, Options{Extra: func() []string {
		mu.Lock()
		defer mu.Unlock()
		return list
	}})
	t.Cleanup(w.Close)
	eventually(t, "the start", func() bool { n, _ := r.rescans(); return n >= 1 })
	step := func(what string, do func()) {
		t.Helper()
		n := extras.Load()
		do()
		eventually(t, what, func() bool { return extras.Load() > n })
	}
	step("a write", func() { write(t, one) })
	step("a rename over it, as git does", func() {
		write(t, one+".lock")
		if err := os.Rename(one+".lock", one); err != nil {
			t.Fatal(err)
		}
	})
	marked := func(name string) {
		mark := filepath.Join(dir, name)
		write(t, mark)
		eventually(t, name, func() bool { return r.saw(mark) })
	}
	marked("one") // what is on its way has come then
	mu.Lock()
	list = []string{two}
	mu.Unlock()
	w.Resync()
	n := extras.Load()
	eventually(t, "the new list", func() bool {
		write(t, two)
		return extras.Load() > n
	})
	marked("before")
	n = extras.Load()
	write(t, one)
	marked("after")
	if extras.Load() > n+1 { // the batch of the mark may have been cut in two
		t.Error("a file that is not on the list any more")
	}
	for p := range r.seen {
		if strings.HasPrefix(p, other) {
			t.Errorf("%s is reported as a path of the folder", p)
		}
	}
}

// TestFloodsRest: floods without end are not answered by looks without end.
func TestFloodsRest(t *testing.T) {
	simulated(t, func(t *testing.T, dir string) {
		f := newFake(func(string) error { return nil })
		var looks atomic.Int64
		const cost = 50 * time.Millisecond
		w := New(t.Context(), dir, func(b Batch) bool {
			looks.Add(1)
			time.Sleep(cost) // what looking at everything takes
			return true
		}, Options{Flood: 2, open: func() (system, error) { return f, nil }})
		t.Cleanup(w.Close)
		eventually(t, "the start", func() bool { return looks.Load() == 1 })
		begin := time.Now()
		for i := 0; time.Since(begin) < 10*cost; i++ {
			f.events <- fsnotify.Event{Name: filepath.Join(dir, string(rune('a'+i%26))), Op: fsnotify.Write}
			time.Sleep(time.Millisecond)
		}
		if n := looks.Load(); n < 3 || n > int64(time.Since(begin)/(2*cost))+2 {
			t.Errorf("%d looks in %v", n, time.Since(begin))
		}
		eventually(t, "a look after the last event", func() bool { return looks.Load() > 2 })
	})
}
