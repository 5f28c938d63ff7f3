// Package cache keeps values that can be had again at a cost, first of all the
// replies of models: a job that is repeated on unchanged code answers at once.
//
// A [Cache] may lose anything at any time and never fails: what it can't read or
// keep is as if it were not there. Keys carry a version of what they stand for,
// so that values which another version of Hob wrote are not found. [Memory] is in
// this process; caches that outlive it have the same interface.
package cache
