package workspace

import (
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// excluder tells the names that never leave the disk.
type excluder struct{ patterns []string }

// newExcluder takes doublestar patterns. One without a slash is about names at
// any depth, one with a slash about the path relative to a root. Case does not
// count: some file systems don't see it either. A malformed pattern is an error,
// and is left out.
func newExcluder(patterns []string) (excluder, error) {
	var x excluder
	var bad []string
	for _, p := range patterns {
		p = strings.ToLower(strings.TrimPrefix(strings.TrimSuffix(p, "/"), "/"))
		switch {
		case p == "":
		case !doublestar.ValidatePattern(p):
			bad = append(bad, p)
		default:
			x.patterns = append(x.patterns, p)
		}
	}
	if bad != nil {
		return x, fmt.Errorf("privacy.exclude: malformed patterns %q", bad)
	}
	return x, nil
}

// match reports whether rel (slash separated, relative to a root), or a folder
// above it, is excluded.
func (x excluder) match(rel string) bool {
	if len(x.patterns) == 0 {
		return false
	}
	for end := 0; end < len(rel); end++ {
		if i := strings.IndexByte(rel[end:], '/'); i >= 0 {
			end += i
		} else {
			end = len(rel)
		}
		if x.one(rel[:end]) {
			return true
		}
	}
	return false
}

// one is match for the last element of rel alone, in any case.
func (x excluder) one(rel string) bool {
	if len(x.patterns) == 0 {
		return false
	}
	rel = strings.ToLower(rel)
	base := rel[strings.LastIndexByte(rel, '/')+1:]
	for _, p := range x.patterns {
		if doublestar.MatchUnvalidated(p, base) || strings.Contains(p, "/") && doublestar.MatchUnvalidated(p, rel) {
			return true
		}
	}
	return false
}
