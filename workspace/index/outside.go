package index

import (
	"hash/maphash"
	"path/filepath"
	"slices"
)

// source is a file that says what is listed, and that no event about the folder
// itself tells of: git's configuration and index, the user's global excludes,
// ignore files above the folder.
type source struct {
	path  string
	sum   uint64 // of its text; 0 where there is none
	index *repo  // only set for an index of git: whose
	dir   string // only set with index: the top of that repository, relative
}

var sourceSeed = maphash.MakeSeed()

func sumOf(path string) uint64 {
	text, err := readSmall(path)
	if err != nil {
		return 0
	}
	return maphash.String(sourceSeed, text) | 1
}

// watches notes the sources of the rules of a repository, or of a folder in none.
func (r *rules) watches(rp *repo, c *gitConfig, dir string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, path := range append(slices.Clone(c.files), excludes(rp, c)...) {
		r.addSource(path)
	}
	if rp != nil {
		r.sources = append(r.sources, source{path: filepath.Join(rp.gitDir, "index"), index: rp, dir: dir})
	}
}

// addSource is watches for one file; mu is held.
func (r *rules) addSource(path string) {
	if !slices.ContainsFunc(r.sources, func(s source) bool { return s.path == path }) {
		r.sources = append(r.sources, source{path: path, sum: sumOf(path)})
	}
}

// Sources lists the files (absolute) that the rules come from, besides those
// whose changes Refresh is told of: where one changes, Stale may be true.
func (ix *Index) Sources() []string {
	paths := make([]string, len(ix.rules.sources))
	for i, s := range ix.rules.sources {
		paths[i] = s.path
	}
	return paths
}

// Stale looks at the Sources on the disk and reports whether they say something
// else now, so that a Rescan is due. An index of git that merely learned of files
// that are listed anyway is not something else.
func (ix *Index) Stale() bool {
	for _, s := range ix.rules.sources {
		if s.index == nil {
			if s.sum != sumOf(s.path) {
				return true
			}
			continue
		}
		if ix.keepsOther(s) {
			return true
		}
	}
	return false
}

// keepsOther reports whether the index of git at s tracks an ignored file that it
// did not track, or no longer tracks one.
func (ix *Index) keepsOther(s source) bool {
	r := ix.rules
	tracked := map[string]bool{}
	for rel := range r.inside(s.index.tracked(loadConfig(s.index)), s.dir) {
		tracked[rel] = true
		if !r.kept[rel] && !ix.Has(rel) && r.onlyGit(rel) {
			return true
		}
	}
	for rel := range r.kept {
		if _, here := r.owner(rel); here == s.dir && !tracked[rel] && ix.Has(rel) {
			return true
		}
	}
	return false
}

// onlyGit reports whether it is a rule of git alone that hides the file at rel.
func (r *rules) onlyGit(rel string) bool {
	git, never := r.above(rel)
	if never {
		return false
	}
	g, never := r.verdict(rel, false)
	return !never && (git || g)
}

// owner is the repository that rel is in, of those that the rules know.
func (r *rules) owner(rel string) (rp *repo, dir string) {
	for _, s := range r.sources {
		in := s.dir == "" || len(rel) > len(s.dir) && rel[:len(s.dir)] == s.dir && rel[len(s.dir)] == '/'
		if s.index != nil && in && (rp == nil || len(s.dir) > len(dir)) {
			rp, dir = s.index, s.dir
		}
	}
	return rp, dir
}
