// Package index holds the files of one folder in memory: what git would list
// there (git ls-files -co --exclude-standard), less what .hobignore, the
// caller's globs and the caller's exclusions take away.
//
// An [Index] is an immutable value. [Scan] makes the first one, [Index.With]
// derives the next from a list of changes and shares everything that did not
// change, [Index.Refresh] reads changed paths from the disk, and [Index.Rescan]
// walks the folder again but reads only what changed. Readers need no lock and
// are never disturbed.
//
// Which files are listed follows git's own rules, implemented here and proven
// against git by a differential test: nested .gitignore files, info/exclude,
// core.excludesFile, tracked files that are ignored (read from git's index file,
// so that no program of a foreign repository is ever started), symbolic links
// listed and never followed, nested repositories left out, core.ignoreCase,
// split indexes, and what git's configuration includes. What the rules depend on
// beyond the folder itself is in [Index.Sources].
package index
