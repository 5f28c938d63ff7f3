// Package watch tells which paths below a folder changed on the disk. It is the
// only package that knows fsnotify.
//
// One [Watcher] watches one folder with everything in it:
//
//	system --events--> drain --pending--> process --Batch--> handler
//
// The drain goroutine does nothing but empty the channel of the system, so that
// its queue does not overflow while a handler works. The process goroutine keeps
// the set of watched folders right (a new folder is watched first and read
// afterwards, so that nothing made in between is missed), waits until it is
// quiet for a moment, though never longer than the maximum latency, and hands
// over one [Batch] after the other, in order.
//
// Inv: a change is never lost without a Rescan being handed over after it.
// Overflow of the system's queue, floods and folders that can't be watched end
// in a Rescan; where watching is impossible altogether the Watcher asks for a
// Rescan at intervals and says so in State.
package watch
