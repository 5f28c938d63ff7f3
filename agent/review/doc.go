// Package review turns what voices say about code into findings: a place, a
// severity and a sentence.
//
// A model is never asked for line numbers, for small ones can't count: it quotes
// the line that it means, in the form of [Schema], and [Read] finds the quote in
// the region that was shown. A finding whose quote is not there points at nothing
// and is dropped. [Merge] makes one of what several voices say of one place.
//
// Inv: every finding lies in the region that was asked about.
package review
