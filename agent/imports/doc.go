// Package imports finds out what new code must import and writes it where the
// file keeps its imports, so that no model has to.
//
// [Settle] moves the import statements that a model wrote into its code to the
// head of the file, and adds what the code uses and nothing provides: packages of
// Go's standard library and of the module by the name in "strings.Cut", exported
// names of the workspace and React's hooks in TypeScript and JavaScript, modules
// of Python. It goes by names, so it adds only what can be one thing: a name that
// could be declared anywhere in the file, or found in two places, is left alone.
//
// It reads the snapshot and does nothing else.
package imports
