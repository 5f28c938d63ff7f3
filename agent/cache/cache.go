package cache

import "context"

// Cache keeps values by key. Safe for concurrent use; a value must not be changed
// once it was put or got. Methods return when ctx ends, having done nothing.
type Cache interface {
	// Get is the value put last under that key, if it is still there.
	Get(ctx context.Context, key string) ([]byte, bool)
	// Put keeps a value, or not, for as long as the cache thinks fit.
	Put(ctx context.Context, key string, value []byte)
	// Delete makes Get find nothing under that key until the next Put.
	Delete(ctx context.Context, key string)
}

// Stats counts what a cache did.
type Stats struct {
	Hits, Misses uint64
	Entries      int   // at the moment; an estimate
	Bytes        int64 // at the moment; an estimate
}
