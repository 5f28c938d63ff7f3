// Package plan decides what a refactoring over several files may touch, and
// reads the plan that a model proposes.
//
// Everything that a program can do is done by it, for small models do the rest
// badly: [Find] looks up the names of the instruction in the workspace and, by
// the references to them, fixes the [Targets]: the only files a plan may name,
// whatever any text in them says. [Targets.Map] is the part of the repository
// that the planning model is shown, [Schema] the form its answer is forced into,
// and [Targets.Read] the check of that answer against the real files and symbols.
// What has to change wherever a symbol is used is one step for the model: Read finds
// the places.
// A pure rename of a symbol needs no model at all where every reference is
// certain: [Renaming] says so, [Rename] does it.
//
// Inv: a Step names an existing file of the targets and, for an edit, an existing
// region of it; two steps never share text; a new file lies in a folder that a
// target is in.
package plan
