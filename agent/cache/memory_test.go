package cache

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func memory(t testing.TB, bytes int64, ttl time.Duration) *Memory {
	t.Helper()
	m, err := NewMemory(bytes, ttl)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func TestMemory(t *testing.T) {
	m := memory(t, 1<<20, time.Hour)
	ctx := t.Context()
	want := func(key, value string, has bool) {
		t.Helper()
		if v, ok := m.Get(ctx, key); ok != has || string(v) != value {
			t.Errorf("Get(%q) = %q, %v", key, v, ok)
		}
	}
	want("a", "", false)
	m.Put(ctx, "a", []byte("1"))
	m.Put(ctx, "", []byte("no key is a key"))
	want("a", "1", true)
	want("", "no key is a key", true)
	m.Put(ctx, "a", []byte("2"))
	want("a", "2", true)
	m.Delete(ctx, "a")
	m.Delete(ctx, "a")
	want("a", "", false)
	m.Put(ctx, "a", nil)
	want("a", "", true)

	m.Put(ctx, "", make([]byte, 1<<19))
	want("", "", false) // too large, and what it replaces is gone

	over, cancel := context.WithCancel(ctx)
	cancel()
	m.Put(over, "b", []byte("x"))
	m.Delete(over, "a")
	want("b", "", false)
	want("a", "", true)
	if _, ok := m.Get(over, "a"); ok {
		t.Error("got something though the context has ended")
	}
	if s := m.Stats(); s.Hits != 5 || s.Misses != 4 || s.Entries != 1 {
		t.Errorf("%+v", s)
	}
}

func TestMemoryAge(t *testing.T) {
	m := memory(t, 1<<20, 30*time.Millisecond)
	begin := time.Now() // before Put, so that no age is told shorter than it is
	m.Put(t.Context(), "a", []byte("1"))
	for {
		_, ok := m.Get(t.Context(), "a") // asking does not make it younger
		age := time.Since(begin)
		if !ok {
			if age < 30*time.Millisecond {
				t.Errorf("gone after %v", age)
			}
			return
		}
		if age > 10*time.Second {
			t.Fatalf("still there after %v", age)
		}
	}
}

// TestMemoryBound: however much is put by how many, the cache stays within its
// bytes, and what is found is what was put.
func TestMemoryBound(t *testing.T) {
	const most = 256 << 10
	m := memory(t, most, time.Hour)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 1))
			for range 5000 {
				key := fmt.Sprint(r.IntN(500))
				if v, ok := m.Get(t.Context(), key); ok && !strings.HasPrefix(string(v), key+":") {
					t.Errorf("%q has %q", key, v[:10])
				}
				m.Put(t.Context(), key, []byte(key+":"+strings.Repeat("x", r.IntN(4000))))
				if r.IntN(10) == 0 {
					m.Delete(t.Context(), key)
				}
			}
		})
	}
	wg.Wait()
	if s := m.Stats(); s.Bytes > most || s.Entries == 0 || s.Hits == 0 {
		t.Errorf("%+v", s)
	}
}

func TestMemoryOptions(t *testing.T) {
	for _, x := range []struct {
		bytes int64
		ttl   time.Duration
	}{{0, time.Hour}, {-1, time.Hour}, {1, 0}, {1, -1}} {
		if m, err := NewMemory(x.bytes, x.ttl); err == nil || m != nil || !strings.Contains(err.Error(), "more than 0") {
			t.Errorf("%+v: %v", x, err)
		}
	}
}

func BenchmarkMemoryGet(b *testing.B) {
	m := memory(b, 64<<20, time.Hour)
	m.Put(b.Context(), "key", make([]byte, 4000))
	for b.Loop() {
		if _, ok := m.Get(b.Context(), "key"); !ok {
			b.Fatal("gone")
		}
	}
}
