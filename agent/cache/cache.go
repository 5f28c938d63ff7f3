// Package cache keeps values that can be had again at a cost, first of all the
// replies of models: a job that is repeated on unchanged code answers at once.
//
// A [Cache] may lose anything at any time and never fails: what it can't read or
// keep is as if it were not there. Keys carry a version of what they stand for,
// so that values which another version of Hob wrote are not found. [Memory] is in
// this process; caches that outlive it have the same interface.
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
