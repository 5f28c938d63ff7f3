package index

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// setting is one line of a git configuration.
type setting struct {
	section string // in small letters
	sub     string
	key     string // in small letters
	value   string
	bare    bool // a key without "=": true
}

// gitConfig is all settings that hold for a repository, weakest first: of several
// of one name the last one counts.
type gitConfig struct {
	settings []setting
	files    []string // all that were looked for, there or not
	repo     *repo    // nil outside of repositories
	home     string
	urls     []string // of remotes, for conditions about them
}

// loadConfig reads what git would read for rp: the files of the system, the user
// and the repository, with what they include.
func loadConfig(rp *repo) *gitConfig {
	home, _ := os.UserHomeDir() // without a home it has no files there
	c := &gitConfig{repo: rp, home: home}
	paths := c.places()
	for _, path := range paths {
		c.read(path, 0)
	}
	for _, s := range c.settings {
		if s.section == "remote" && s.sub != "" && s.key == "url" {
			c.urls = append(c.urls, s.value)
		}
	}
	if len(c.urls) > 0 {
		// Conditions about remotes can only be judged when all of these are known.
		c.settings, c.files = nil, nil
		for _, path := range paths {
			c.read(path, 0)
		}
	}
	return c
}

// places are the files that git starts from, weakest first.
func (c *gitConfig) places() []string {
	var paths []string
	if v := os.Getenv("GIT_CONFIG_NOSYSTEM"); (v == "" || !truth(v)) && runtime.GOOS != "windows" {
		system := "/etc/gitconfig"
		if v, ok := os.LookupEnv("GIT_CONFIG_SYSTEM"); ok {
			system = v
		}
		paths = append(paths, system)
	}
	if global, ok := os.LookupEnv("GIT_CONFIG_GLOBAL"); ok {
		paths = append(paths, global)
	} else {
		if xdg := c.xdg(); xdg != "" {
			paths = append(paths, filepath.Join(xdg, "config"))
		}
		if c.home != "" {
			paths = append(paths, filepath.Join(c.home, ".gitconfig"))
		}
	}
	if c.repo != nil {
		paths = append(paths, filepath.Join(c.repo.common, "config"), filepath.Join(c.repo.gitDir, "config.worktree"))
	}
	return paths
}

// xdg is the folder of git below XDG_CONFIG_HOME, "" where there is no home.
func (c *gitConfig) xdg() string {
	if xdg := os.Getenv("XDG_CONFIG_HOME"); xdg != "" {
		return filepath.Join(xdg, "git")
	}
	if c.home == "" {
		return ""
	}
	return filepath.Join(c.home, ".config", "git")
}

// maxIncludes is how deep configurations may include one another, as in git.
const maxIncludes = 10

func (c *gitConfig) read(path string, depth int) {
	if path == "" || depth > maxIncludes {
		return
	}
	if filepath.Base(path) == "config.worktree" && depth == 0 {
		if on, ok := c.get("extensions", "worktreeconfig"); !ok || !truth(on) {
			return
		}
	}
	c.files = append(c.files, path)
	src, err := readSmall(path)
	if err != nil {
		return
	}
	for _, s := range parseConfig(src) {
		c.settings = append(c.settings, s)
		if s.key != "path" || s.bare {
			continue
		}
		if s.section == "include" && s.sub == "" || s.section == "includeif" && c.holds(s.sub, path) {
			c.read(c.expand(s.value, filepath.Dir(path)), depth+1)
		}
	}
}

// expand makes a path of a setting absolute.
func (c *gitConfig) expand(path, dir string) string {
	switch {
	case path == "" || filepath.IsAbs(path):
		return path
	case path == "~" || strings.HasPrefix(path, "~/"):
		return filepath.Join(c.home, path[1:])
	}
	return filepath.Join(dir, path)
}

// holds judges the condition of an includeIf in the file at path.
func (c *gitConfig) holds(condition, path string) bool {
	kind, glob, ok := strings.Cut(condition, ":")
	if !ok || glob == "" {
		return false
	}
	if kind == "hasconfig" {
		if glob, ok = strings.CutPrefix(glob, "remote.*.url:"); !ok {
			return false
		}
		for _, url := range c.urls {
			if wildmatch(openEnd(glob), url, wmPath) {
				return true
			}
		}
		return false
	}
	if c.repo == nil {
		return false
	}
	switch kind {
	case "gitdir":
		return c.inGitDir(glob, path, wmPath)
	case "gitdir/i":
		return c.inGitDir(glob, path, wmPath|wmFold)
	case "onbranch":
		head, err := readSmall(filepath.Join(c.repo.gitDir, "HEAD"))
		branch, ok := strings.CutPrefix(strings.TrimSpace(head), "ref: refs/heads/")
		return err == nil && ok && wildmatch(openEnd(glob), branch, wmPath)
	}
	return false
}

// openEnd makes a pattern that ends in a slash mean all that is below.
func openEnd(glob string) string {
	if strings.HasSuffix(glob, "/") {
		return glob + "**"
	}
	return glob
}

func (c *gitConfig) inGitDir(glob, path string, flags wmFlags) bool {
	head := "" // of the pattern, compared as it is
	glob = openEnd(glob)
	switch {
	case strings.HasPrefix(glob, "~/"):
		glob = filepath.ToSlash(c.home) + glob[1:]
	case strings.HasPrefix(glob, "./"):
		dir := filepath.Dir(path)
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
		head, glob = filepath.ToSlash(dir)+"/", glob[2:]
	case !filepath.IsAbs(glob):
		glob = "**/" + glob
	}
	dirs := []string{c.repo.gitDir}
	if real, err := filepath.EvalSymlinks(c.repo.gitDir); err == nil && real != c.repo.gitDir {
		dirs = append(dirs, real)
	}
	for _, dir := range dirs {
		dir = filepath.ToSlash(dir)
		if len(dir) < len(head) || !sameText(dir[:len(head)], head, flags&wmFold != 0) {
			continue
		}
		if wildmatch(glob, dir[len(head):], flags) {
			return true
		}
	}
	return false
}

// get is the value that counts for section.key.
func (c *gitConfig) get(section, key string) (value string, ok bool) {
	for i := len(c.settings) - 1; i >= 0; i-- {
		if s := c.settings[i]; s.section == section && s.sub == "" && s.key == key {
			if s.bare {
				return "true", true
			}
			return s.value, true
		}
	}
	return "", false
}

// truth reads a boolean as git does.
func truth(v string) bool {
	switch strings.ToLower(v) {
	case "", "false", "no", "off", "0":
		return false
	}
	return true
}

// excludesFile is where the user's global excludes are: core.excludesFile, else
// git's default place; "" for none.
func (c *gitConfig) excludesFile() string {
	if v, ok := c.get("core", "excludesfile"); ok {
		top := "" // outside of repositories there is nothing to be relative to
		if c.repo != nil {
			top = c.repo.top
		}
		return c.expand(v, top)
	}
	if xdg := c.xdg(); xdg != "" {
		return filepath.Join(xdg, "ignore")
	}
	return ""
}

// ignoreCase reports whether patterns match in any case.
func (c *gitConfig) ignoreCase() bool {
	v, ok := c.get("core", "ignorecase")
	return ok && truth(v)
}
