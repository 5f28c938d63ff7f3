package index

import (
	"os"
	"path/filepath"
	"strings"
)

// repo is the git repository a folder lies in.
type repo struct {
	top    string // of the working tree
	gitDir string // this working tree's: holds the index
	common string // shared by all working trees: holds config and info/exclude
}

// openRepo returns the repository whose working tree starts at dir, if one does.
func openRepo(dir string) (repo, bool) {
	git := filepath.Join(dir, ".git")
	fi, err := os.Stat(git)
	if err != nil {
		return repo{}, false
	}
	if !fi.IsDir() {
		data, err := readSmall(git)
		target, ok := strings.CutPrefix(strings.TrimRight(data, "\r\n"), "gitdir: ")
		if err != nil || !ok {
			return repo{}, false
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		git = target
	}
	r := repo{top: dir, gitDir: git, common: git}
	if data, err := readSmall(filepath.Join(git, "commondir")); err == nil {
		r.common = strings.TrimSpace(data)
		if !filepath.IsAbs(r.common) {
			r.common = filepath.Join(git, r.common)
		}
	}
	// What git itself asks of a repository before it believes in it.
	if _, err := os.Lstat(filepath.Join(git, "HEAD")); err != nil {
		return repo{}, false
	}
	for _, need := range []string{"objects", "refs"} {
		if fi, err := os.Stat(filepath.Join(r.common, need)); err != nil || !fi.IsDir() {
			return repo{}, false
		}
	}
	return r, true
}

// findRepo returns the repository that dir (absolute) lies in.
func findRepo(dir string) (repo, bool) {
	for {
		if r, ok := openRepo(dir); ok {
			return r, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return repo{}, false
		}
		dir = parent
	}
}

// maxIgnoreFile bounds what is read of configuration and ignore files.
const maxIgnoreFile = 8 << 20

func readSmall(path string) (string, error) {
	text, _, err := readFile(path, maxIgnoreFile)
	return text, err
}

// baseRules is the level above the first .gitignore of a repository whose top is
// at dir: the user's global excludes and, stronger, the repository's
// info/exclude. rp is nil outside of repositories.
func baseRules(rp *repo, c *gitConfig, dir string) *level {
	l := &level{fold: c.ignoreCase()}
	for _, path := range excludes(rp, c) {
		if text, err := readSmall(path); err == nil {
			l = l.down(dir, text, "")
		}
	}
	return l
}

// excludes are the files that baseRules reads, weakest first.
func excludes(rp *repo, c *gitConfig) []string {
	var paths []string
	if path := c.excludesFile(); path != "" {
		paths = append(paths, path)
	}
	if rp != nil {
		paths = append(paths, filepath.Join(rp.common, "info", "exclude"))
	}
	return paths
}
