//go:build cgo

package syntax

/*
#include <stddef.h>

// Declared here as the library declares it; its header is not on our path.
void ts_set_allocator(void *(*)(size_t), void *(*)(size_t, size_t), void *(*)(void *, size_t), void (*)(void *));

static void hob_plain_allocator(void) { ts_set_allocator(NULL, NULL, NULL, NULL); }
*/
import "C"

// The Go binding routes every allocation of the parsers through a callback into Go, which only
// calls malloc again: a fifth of the time of a parse. Asking the library for its
// default, the same malloc, is safe at any time; it runs after the binding's init.
func init() { C.hob_plain_allocator() }
