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
//	strip   line numbers, a file name on top, the signs of a patch
//	cut     the region out of a reply that holds more of the file
//	guard   size, conflict markers, placeholders, a declaration lost
//	fit     line ends, indentation and blank lines of the place it goes to
//	guard   syntax no worse than before
//
// Inv: nothing is made up. Every line of the result is a line of the reply, or of
// the original where a patch left it alone, but for the white space at its ends.
// Where a reply can be read in two ways it is refused.
package edit
