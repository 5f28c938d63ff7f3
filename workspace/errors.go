package workspace

import "errors"

// Errors of this package, matched with errors.Is.
var (
	ErrNotFound = errors.New("no such file in the workspace")
	ErrOutside  = errors.New("outside the workspace")
	ErrExcluded = errors.New("excluded by privacy.exclude")
	ErrTooLarge = errors.New("larger than index.max_file")
	ErrBinary   = errors.New("not a text file")
	ErrNotOpen  = errors.New("document is not open")
)
