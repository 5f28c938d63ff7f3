package index

import (
	"iter"
	"path/filepath"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"
)

// rules decide which files of a folder are listed. They are filled during a scan
// and do not change afterwards: changed ignore files mean a new scan.
type rules struct {
	opts   Options
	real   string // the folder with its links resolved
	prefix string // from the top of the repository to the folder: "" or ends in a slash
	inRepo bool

	own sync.Map // folder -> *level, for each folder whose level is not its parent's

	// Tracked files that the walk did not find, because an ignore rule hides
	// them (or they are deleted), and the folders above these.
	mu       sync.Mutex // guards what follows while a scan fills it; then it is read-only
	kept     map[string]bool
	keptDirs map[string]bool

	tracked map[string]bool // only of repositories with core.ignoreCase
	twins   map[string]bool // the same in small letters
	filled  map[string]bool // folders with tracked files in or below them
	sources []source
}

func newRules(real string, opts Options) *rules {
	r := &rules{opts: opts, real: real, kept: map[string]bool{}, keptDirs: map[string]bool{}, tracked: map[string]bool{}, twins: map[string]bool{}, filled: map[string]bool{}}
	rp, ok := findRepo(real)
	if ok && r.adopt(&rp) {
		return r
	}
	// No repository, or one that ignores this folder: its own files only.
	r.inRepo, r.prefix, r.sources = false, "", nil
	c := loadConfig(nil)
	r.own.Store("", baseRules(nil, c, ""))
	r.watches(nil, c, "")
	r.enter("")
	return r
}

// adopt takes the rules of the repository around the folder, unless they ignore
// the folder itself.
func (r *rules) adopt(rp *repo) bool {
	r.inRepo = true
	c := loadConfig(rp)
	l := baseRules(rp, c, "")
	if rel, err := filepath.Rel(rp.top, r.real); err != nil {
		return false
	} else if rel != "." {
		r.prefix = filepath.ToSlash(rel) + "/"
	}
	l = l.down("", ignoreText(rp.top, ".gitignore"), ignoreText(rp.top, ".hobignore"))
	for i := range len(r.prefix) {
		if r.prefix[i] != '/' {
			continue
		}
		dir := r.prefix[:i]
		if git, hob := l.ignored(dir, true); git || hob {
			return false
		}
		abs := filepath.Join(rp.top, filepath.FromSlash(dir))
		l = l.down(dir, ignoreText(abs, ".gitignore"), ignoreText(abs, ".hobignore"))
	}
	r.own.Store("", l)
	r.watches(rp, c, "")
	for dir := r.real; dir != rp.top && dir != filepath.Dir(dir); {
		dir = filepath.Dir(dir)
		r.addSource(filepath.Join(dir, ".gitignore"))
		r.addSource(filepath.Join(dir, ".hobignore"))
	}
	r.keep(rp, c, "")
	return true
}

// keep notes what a repository whose top is at dir tracks.
func (r *rules) keep(rp *repo, c *gitConfig, dir string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fold := c.ignoreCase()
	for rel := range r.inside(rp.tracked(c), dir) {
		r.kept[rel] = true
		if fold {
			r.tracked[rel], r.twins[lowerASCII(rel)] = true, true
		}
		for up, _ := split(rel); up != dir && !r.filled[up]; up, _ = split(up) {
			r.filled[up] = true
			if fold {
				r.twins[lowerASCII(up)+"/"] = true
			}
		}
	}
}

// tracksIn reports whether git tracks files in or below the folder at rel: then it
// looks inside, though a repository of its own may be there.
func (r *rules) tracksIn(rel string) bool {
	return r.filled[rel] || len(r.twins) > 0 && r.twins[lowerASCII(rel)+"/"]
}

// twin reports whether git takes the file at rel for another one that it tracks:
// with core.ignoreCase a name in another case is the same name.
func (r *rules) twin(rel string) bool {
	return len(r.twins) > 0 && !r.tracked[rel] && r.twins[lowerASCII(rel)]
}

// inside yields the tracked paths of a repository at dir that lie in the folder,
// relative to it.
func (r *rules) inside(tracked []string, dir string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, path := range tracked {
			path, ok := strings.CutPrefix(path, r.prefix)
			if ok && path != "" && !yield(join(dir, path)) {
				return
			}
		}
	}
}

// settle ends the filling: listed are the files that the walk found.
func (r *rules) settle(listed func(rel string) bool) {
	for rel := range r.kept {
		if listed(rel) {
			delete(r.kept, rel)
			continue
		}
		for dir, _ := split(rel); dir != "" && !r.keptDirs[dir]; dir, _ = split(dir) {
			r.keptDirs[dir] = true
		}
	}
}

func (r *rules) abs(rel string) string {
	return filepath.Join(r.real, filepath.FromSlash(rel))
}

// at is the level inside dir.
func (r *rules) at(dir string) *level {
	for {
		if l, ok := r.own.Load(dir); ok {
			return l.(*level)
		}
		if dir == "" {
			return nil
		}
		dir, _ = split(dir)
	}
}

// enter reads the ignore files of dir before anything in it is looked at. It
// reports whether there were any.
func (r *rules) enter(dir string) bool {
	up := r.at(dir)
	abs := r.abs(dir)
	l := up.down(r.prefix+dir, ignoreText(abs, ".gitignore"), ignoreText(abs, ".hobignore"))
	if l == up {
		return false
	}
	r.own.Store(dir, l)
	return true
}

// enterRepo starts the rules of a repository of its own inside a folder that is
// in none.
func (r *rules) enterRepo(dir string, rp *repo) {
	c := loadConfig(rp)
	l := baseRules(rp, c, dir)
	r.watches(rp, c, dir)
	r.keep(rp, c, dir)
	// Ignore rules of git end at the border of its repository, ours do not.
	root := l
	for root.parent != nil {
		root = root.parent
	}
	root.parent, root.border = r.at(dir), true
	r.own.Store(dir, l)
}

// verdict says about the one path rel, whose parents are not left out: whether
// git ignores it, and whether it is to be left out in any case.
func (r *rules) verdict(rel string, dir bool) (git, never bool) {
	parent, base := split(rel)
	if strings.EqualFold(base, ".git") || r.hidden(rel, dir) {
		return false, true
	}
	git, never = r.at(parent).ignored(r.prefix+rel, dir)
	return git || !dir && r.twin(rel), never
}

// hidden reports what the caller wants to see nothing of.
func (r *rules) hidden(rel string, dir bool) bool {
	if r.opts.Exclude != nil && r.opts.Exclude(rel) {
		return true
	}
	_, base := split(rel)
	for _, glob := range r.opts.Ignore {
		glob, dirOnly := strings.CutSuffix(glob, "/")
		if dirOnly && !dir {
			continue
		}
		name := rel
		if !strings.Contains(glob, "/") {
			name = base
		}
		if ok, err := doublestar.Match(strings.TrimPrefix(glob, "/"), name); err == nil && ok {
			return true
		}
	}
	return false
}

// above sums up the verdicts of the folders above rel.
func (r *rules) above(rel string) (git, never bool) {
	for i := range len(rel) {
		if rel[i] != '/' {
			continue
		}
		g, n := r.verdict(rel[:i], true)
		if n {
			return false, true
		}
		git = git || g
	}
	return git, false
}

// skipDir reports whether nothing in the folder at rel is listed.
func (r *rules) skipDir(rel string) bool {
	up, never := r.above(rel)
	if never {
		return true
	}
	git, never := r.verdict(rel, true)
	return never || (up || git) && !r.keptDirs[rel]
}

// skipFile reports whether the file at rel is not listed.
func (r *rules) skipFile(rel string) bool {
	up, never := r.above(rel)
	if never {
		return true
	}
	git, never := r.verdict(rel, false)
	return never || (up || git) && !r.kept[rel]
}
