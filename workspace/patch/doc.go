// Package patch writes changes of files as unified diffs, for people to read and
// for git apply to take.
//
//	patch.File{From: "a.go", To: "a.go", Before: old, After: new}.String()
package patch
