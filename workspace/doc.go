// Package workspace holds what the user is working on: folders on disk with the
// unsaved text of open documents over them.
//
// A [Workspace] has one writer at a time and any number of readers. Readers take
// a [Snapshot], a plain immutable value that never changes under them, costs
// nothing to take and is freed by the garbage collector. Every mutation, from
// the editor as from the disk, is a [Change] given to [Workspace.Apply].
//
// Invariants: a Snapshot has no method that mutates or blocks on a writer; an
// open document always wins over the disk; no path outside the roots is ever
// read or named.
package workspace
