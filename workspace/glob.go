package workspace

import "iter"

// Glob lists, sorted, the paths of Paths that the globs want; they are those of
// Query.Include and Query.Exclude. A malformed glob is ErrQuery.
func (s *Snapshot) Glob(include, exclude []string) (iter.Seq[string], error) {
	in, err := newGlobs(include)
	if err != nil {
		return nil, err
	}
	out, err := newGlobs(exclude)
	if err != nil {
		return nil, err
	}
	return func(yield func(string) bool) {
		choose := chooser{in: in, out: out}
		for path, rel := range s.under("") {
			if choose.wants(rel) && !yield(path) {
				return
			}
		}
	}, nil
}

// Saved is the file at path (absolute) as the index has it from the disk, under
// whatever an editor has open there. Errors are those of File; a file that is
// ignored or not saved yet is ErrNotFound.
func (s *Snapshot) Saved(path string) (*File, error) {
	if err := plausible(path); err != nil {
		return nil, err
	}
	return s.onDisk(s.canon(path))
}
