package index

import (
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
	mu       sync.Mutex // guards both while a scan fills them; then they are read-only
	kept     map[string]bool
	keptDirs map[string]bool
}

func newRules(real string, opts Options) *rules {
	r := &rules{opts: opts, real: real, kept: map[string]bool{}, keptDirs: map[string]bool{}}
	rp, ok := findRepo(real)
	if ok && r.adopt(rp) {
		return r
	}
	// No repository, or one that ignores this folder: its own files only.
	r.inRepo, r.prefix = false, ""
	r.own.Store("", baseRules(repo{}, false, ""))
	r.enter("")
	return r
}

// adopt takes the rules of the repository around the folder, unless they ignore
// the folder itself.
func (r *rules) adopt(rp repo) bool {
	r.inRepo = true
	l := baseRules(rp, true, "")
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
	r.keep(rp, "")
	return true
}

// keep notes what a repository whose top is at dir tracks.
func (r *rules) keep(rp repo, dir string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, path := range rp.tracked() {
		path, ok := strings.CutPrefix(path, r.prefix)
		if ok && path != "" {
			r.kept[join(dir, path)] = true
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
func (r *rules) enterRepo(dir string, rp repo) {
	l := baseRules(rp, true, dir)
	if l == nil {
		l = &level{}
	}
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
	return r.at(parent).ignored(r.prefix+rel, dir)
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
