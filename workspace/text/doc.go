// Package text is the arithmetic of edits: byte spans, edits, positions in the
// three encodings of LSP, line indexes, line diffs and the rebase of one set of
// edits over another.
//
// Everything here is pure and knows nothing of files, editors or models. Inside
// Hob all places are byte offsets into UTF-8; [Position] exists only so that the
// language server can convert at its edge.
//
// Two shapes of edit lists occur, and each function says which it takes:
//
//   - simultaneous: all spans are offsets into the same text, ascending and not
//     overlapping (what an LSP TextEdit[] means);
//   - sequential: each edit applies to what the one before it left (what the
//     contentChanges of a didChange mean, and what a document's history is).
package text
