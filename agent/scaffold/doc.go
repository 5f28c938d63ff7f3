// Package scaffold is the instant tier: generators that need no model.
//
// They do what a program can do for certain, in microseconds, in the habits of
// the project they find (file naming, exports, styles, tests), and say honestly
// what they left out.
package scaffold
