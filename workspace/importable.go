package workspace

import "github.com/hob-ls/hob/workspace/syntax"

// Imports lists what the file imports, read once; it must not be changed.
func (f *File) Imports() []syntax.Import { return f.importList() }

// GoPackage is the name in the package clause of a Go file, and what the file
// declares at the top level but for methods; it must not be changed.
func (f *File) GoPackage() (name string, declared []string) {
	d := f.goDeclared()
	return d.pkg, d.names
}

// GoImportPath is how other packages import the Go package in dir, "" if they can't.
func (s *Snapshot) GoImportPath(dir string) string { return newResolver(s).goImportPath(dir) }

// Resolve lists the files of the workspace that an import in f means.
func (s *Snapshot) Resolve(f *File, i syntax.Import) []string {
	return newResolver(s).resolve(f.Path, f.Language, i)
}

// IsTest reports whether the file at path is a test by its name or its folder.
func IsTest(path string) bool { return isTest(path) }
