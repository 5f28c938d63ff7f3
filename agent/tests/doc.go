// Package tests knows where a project keeps its tests and how new ones get into a
// file without touching those that are there.
//
// [Find] goes by what is there: the test file of a source where there is one, else
// the framework and the habits of the project's other tests. [Place.Merge] takes a
// model's tests apart and puts into the file what is new: imports at its head,
// tests at its end or inside the group that they belong to. Names that the file has
// already are left out, so an old test is never replaced.
//
// It reads the snapshot and does nothing else.
package tests
