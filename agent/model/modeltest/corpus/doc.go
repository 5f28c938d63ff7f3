// Package corpus reads what models wrote, in files, for the tests that show what
// becomes of it: those of the parser by itself and those through the whole server.
package corpus
