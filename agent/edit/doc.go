// Package edit turns what a model wrote into the text that belongs in the
// buffer, or into a reason why it does not.
//
// It is pure: no IO, no clock, no editor. A [Parser] is fed the reply piece by
// piece, at any chunk boundary, knows what it must become (a [Target]), says as
// soon as the answer is structurally complete, and at the end gives the new text
// or an [Error]. Instructions and parser stand side by side in this package, so
// that what is asked for is what is understood.
package edit
