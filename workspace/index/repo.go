package index

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
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
// info/exclude.
func baseRules(r repo, inRepo bool, dir string) *level {
	var l *level
	if text, err := readSmall(excludesFile(r, inRepo)); err == nil {
		l = l.down(dir, text, "")
	}
	if inRepo {
		if text, err := readSmall(filepath.Join(r.common, "info", "exclude")); err == nil {
			l = l.down(dir, text, "")
		}
	}
	return l
}

// excludesFile is where the user's global excludes are: core.excludesFile of the
// configuration, the nearest file winning, else git's default place.
func excludesFile(r repo, inRepo bool) string {
	home, _ := os.UserHomeDir() // without a home there are no global excludes
	xdg := os.Getenv("XDG_CONFIG_HOME")
	if xdg == "" && home != "" {
		xdg = filepath.Join(home, ".config")
	}
	configs := []string{filepath.Join(home, ".gitconfig"), filepath.Join(xdg, "git", "config")}
	if global, ok := os.LookupEnv("GIT_CONFIG_GLOBAL"); ok {
		configs = []string{global}
	}
	if inRepo {
		configs = append([]string{filepath.Join(r.common, "config")}, configs...)
	}
	if os.Getenv("GIT_CONFIG_NOSYSTEM") == "" && runtime.GOOS != "windows" {
		configs = append(configs, "/etc/gitconfig")
	}
	for _, path := range configs {
		src, err := readSmall(path)
		if err != nil {
			continue
		}
		if v, ok := configValue(src, "core", "excludesfile"); ok {
			switch {
			case strings.HasPrefix(v, "~/"):
				v = filepath.Join(home, v[2:])
			case v != "" && !filepath.IsAbs(v) && inRepo:
				v = filepath.Join(r.top, v)
			}
			return v
		}
	}
	return filepath.Join(xdg, "git", "ignore")
}

// configValue finds the last value of section.key in a git configuration.
// Subsections, includes and continued lines are beyond it.
func configValue(src, section, key string) (value string, ok bool) {
	in := false
	for line := range strings.SplitSeq(src, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			name, _, _ := strings.Cut(line[1:], "]")
			in = strings.EqualFold(strings.TrimSpace(name), section)
			continue
		}
		if !in || line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		k, v, has := strings.Cut(line, "=")
		if has && strings.EqualFold(strings.TrimSpace(k), key) {
			value, ok = unquote(strings.TrimSpace(v)), true
		}
	}
	return value, ok
}

// unquote removes quotes, escapes and a trailing comment from a value.
func unquote(v string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && i+1 < len(v):
			i++
			switch v[i] {
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			default:
				b.WriteByte(v[i])
			}
		case (c == '#' || c == ';') && !quoted:
			return strings.TrimRight(b.String(), " \t")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// tracked lists the paths in git's index, relative to the top of the working
// tree; links to other repositories (submodules) are left out. A file that can't
// be understood tracks nothing.
func (r repo) tracked() []string {
	src, _, err := readFile(filepath.Join(r.gitDir, "index"), 1<<30)
	if err != nil {
		return nil
	}
	hash := 20
	if cfg, err := readSmall(filepath.Join(r.common, "config")); err == nil {
		if v, _ := configValue(cfg, "extensions", "objectformat"); strings.EqualFold(v, "sha256") {
			hash = 32
		}
	}
	return parseTracked(src, hash)
}

// parseTracked reads versions 2 to 4 of git's index format, whose object names
// have hash bytes.
func parseTracked(src string, hash int) []string {
	if len(src) < 12 || src[:4] != "DIRC" {
		return nil
	}
	u32 := func(off int) uint32 { return binary.BigEndian.Uint32([]byte(src[off : off+4])) }
	version, count := u32(4), int(u32(8))
	if version < 2 || version > 4 {
		return nil
	}
	var paths []string
	const modeAt, modeType, gitlink = 24, 0xF000, 0xE000
	pos, prev := 12, ""
	for range count {
		head := pos + 40 + hash + 2
		if head > len(src) {
			return nil
		}
		mode := u32(pos + modeAt)
		if version >= 3 && src[head-2]&0x40 != 0 {
			head += 2 // extended flags
		}
		path, next, ok := trackedPath(src, pos, head, version, prev)
		if !ok {
			return nil
		}
		if mode&modeType != gitlink && !strings.HasSuffix(path, "/") {
			paths = append(paths, path)
		}
		pos, prev = next, path
	}
	return paths
}

// trackedPath reads the path at head of the entry that starts at pos.
func trackedPath(src string, pos, head int, version uint32, prev string) (path string, next int, ok bool) {
	if version == 4 {
		// A varint says how much of the previous path's end to cut.
		cut := 0
		for i := 0; ; i++ {
			if head >= len(src) || i > 4 {
				return "", 0, false
			}
			c := src[head]
			head++
			if i > 0 {
				cut++
			}
			cut = cut<<7 | int(c&0x7f)
			if c&0x80 == 0 {
				break
			}
		}
		if cut > len(prev) {
			return "", 0, false
		}
		prev = prev[:len(prev)-cut]
	} else {
		prev = ""
	}
	if head > len(src) {
		return "", 0, false
	}
	n := strings.IndexByte(src[head:], 0)
	if n < 0 {
		return "", 0, false
	}
	path = prev + src[head:head+n]
	if version == 4 {
		return path, head + n + 1, true
	}
	// Entries are padded with 1 to 8 NULs to a multiple of eight.
	return path, pos + (head+n-pos+8)&^7, true
}
