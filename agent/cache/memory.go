package cache

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// overhead is what an entry costs beside its key and value, roughly.
const overhead = 128

// Memory is a cache in this process, bounded in bytes and in the age of its
// values. Which go first when it is full depends on how often and how lately they
// were asked for.
type Memory struct {
	most         int64
	c            *otter.Cache[string, []byte]
	hits, misses atomic.Uint64
}

var _ Cache = (*Memory)(nil)

// NewMemory makes a cache of at most that many bytes, keys and bookkeeping
// included, whose values are forgotten a fixed time after they were put. It fails
// if either is not positive. The caller must call Close.
func NewMemory(bytes int64, ttl time.Duration) (*Memory, error) {
	if bytes <= 0 || ttl <= 0 {
		return nil, fmt.Errorf("a cache of %d bytes for %v keeps nothing; both must be more than 0", bytes, ttl)
	}
	c, err := otter.New(&otter.Options[string, []byte]{
		MaximumWeight:    uint64(bytes),
		Weigher:          weight,
		ExpiryCalculator: otter.ExpiryWriting[string, []byte](ttl),
	})
	if err != nil {
		return nil, fmt.Errorf("making a cache in memory: %w", err)
	}
	return &Memory{most: bytes, c: c}, nil
}

func weight(key string, value []byte) uint32 {
	return uint32(min(int64(len(key)+len(value)+overhead), math.MaxUint32))
}

// Get is the value under that key, unless it is too old.
func (m *Memory) Get(ctx context.Context, key string) ([]byte, bool) {
	if ctx.Err() != nil {
		return nil, false
	}
	v, ok := m.c.GetIfPresent(key)
	if ok {
		m.hits.Add(1)
	} else {
		m.misses.Add(1)
	}
	return v, ok
}

// Put keeps a value. One that would need more than a quarter of the cache is not
// kept, for it would drive out too much, and what was there is forgotten.
func (m *Memory) Put(ctx context.Context, key string, value []byte) {
	if ctx.Err() != nil {
		return
	}
	if int64(weight(key, value)) > m.most/4 {
		m.c.Invalidate(key)
		return
	}
	m.c.Set(key, value)
}

// Delete forgets a value.
func (m *Memory) Delete(ctx context.Context, key string) {
	if ctx.Err() == nil {
		m.c.Invalidate(key)
	}
}

// Stats counts since the start.
func (m *Memory) Stats() Stats {
	m.c.CleanUp()
	return Stats{
		Hits: m.hits.Load(), Misses: m.misses.Load(),
		Entries: m.c.EstimatedSize(), Bytes: int64(m.c.WeightedSize()),
	}
}

// Close forgets everything and ends what runs in the background.
func (m *Memory) Close() {
	m.c.InvalidateAll()
	m.c.StopAllGoroutines()
}
