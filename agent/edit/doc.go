// Package edit turns what a model wrote into the text that belongs in the
// buffer, or into a reason why it does not.
//
// It is pure: no IO, no clock, no editor. A [Parser] is fed the reply piece by
// piece, at any chunk boundary, knows what it must become (a [Target]), says as
// soon as the answer is structurally complete, and at the end gives the new text
// or an [Error]. Instructions and parser stand side by side in this package, so
// that what is asked for is what is understood.
//
// A reply passes these stages:
//
//	scan    lines into fenced blocks and the rest; thinking is dropped
//	choose  the block (or unfenced code) that is the answer
//	strip   line numbers, a file name on top, escapes
//	cut     the region out of a reply that holds more of the file
//	guard   size, conflict markers, placeholders, a declaration lost
//	fit     line ends, indentation and blank lines of the place it goes to
//	guard   syntax no worse than before
//
// A reply may also say what changes: search/replace blocks or a patch. Then pieces
// take the place of cut and fit: the lines that each names are looked for in the
// region by a ladder of rungs, of which each lets them differ a little more (white space at
// the ends, indentation, punctuation, single characters) and each must find one
// place. [Parser.Inexact] says how far down it went.
//
// Inv: nothing is made up. Every line of the result is a line of the reply, as it
// came or without the escapes it came with, or of the original where the reply left it
// alone, but for the white space at its ends. Where a reply can be read in two ways it
// is refused, and the [Error] tells the model which form would have been understood.
package edit
