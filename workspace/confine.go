package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"
)

// Confine is the one gate for paths: it returns path absolute, cleaned and with
// the symbolic links of its existing part resolved, if that lies in a root and
// is neither excluded nor an odd name (NUL, reserved names, "..", .git);
// otherwise an error that wraps ErrOutside or ErrExcluded. It looks at the disk
// but reads no file.
func (s *Snapshot) Confine(path string) (string, error) {
	if err := plausible(path); err != nil {
		return "", err
	}
	path = filepath.Clean(path)
	// The name as it was given is judged as well as what it leads to.
	for _, r := range s.roots {
		if rel, ok := below(r.dir, path); ok {
			if err := s.allowed(path, rel); err != nil {
				return "", err
			}
		}
	}
	real, err := resolve(path)
	if err != nil {
		return "", err
	}
	inside := false
	for _, r := range s.roots {
		dir, err := filepath.EvalSymlinks(r.dir)
		if err != nil {
			continue // a root that is gone holds nothing
		}
		if rel, ok := below(dir, real); ok {
			inside = true
			if err := s.allowed(path, rel); err != nil {
				return "", err
			}
		}
	}
	if !inside {
		return "", fmt.Errorf("%s: %w", path, ErrOutside)
	}
	return real, nil
}

// plausible refuses what can't be a path of a file to work on.
func plausible(path string) error {
	switch {
	case strings.IndexByte(path, 0) >= 0:
		return fmt.Errorf("%q holds a NUL: %w", path, ErrOutside)
	case !filepath.IsAbs(path):
		return fmt.Errorf("%q is not absolute: %w", path, ErrOutside)
	}
	for elem := range strings.FieldsFuncSeq(path, isSeparator) {
		if elem == ".." {
			return fmt.Errorf("%q has a '..': %w", path, ErrOutside)
		}
	}
	return nil
}

func isSeparator(r rune) bool { return r == '/' || r == filepath.Separator }

// below is path relative to dir, slash separated and "" for dir itself. Both are
// clean.
func below(dir, path string) (rel string, ok bool) {
	head := dir
	if !strings.HasSuffix(head, string(filepath.Separator)) {
		head += string(filepath.Separator)
	}
	switch {
	case len(path) >= len(head) && sameName(path[:len(head)], head):
		return filepath.ToSlash(path[len(head):]), true
	case sameName(path, dir):
		return "", true
	}
	return "", false
}

// sameName compares as the usual file system of the platform does.
func sameName(a, b string) bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return strings.EqualFold(a, b)
	}
	return a == b
}

// allowed judges the part of a path below a root.
func (s *Snapshot) allowed(path, rel string) error {
	for elem := range strings.SplitSeq(rel, "/") {
		switch {
		case isGit(elem):
			return fmt.Errorf("%s is in git's own folder: %w", path, ErrOutside)
		case reserved(elem):
			return fmt.Errorf("%s: the name %q is reserved on some systems: %w", path, elem, ErrOutside)
		}
	}
	if s.env.exclude.match(rel) {
		return fmt.Errorf("%s: %w", path, ErrExcluded)
	}
	return nil
}

// isGit reports whether some file system takes elem for ".git": case, trailing
// dots and spaces, streams, short names and characters that count for nothing.
func isGit(elem string) bool {
	elem, _, _ = strings.Cut(elem, ":")
	elem = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.TrimRight(elem, ". "))
	return strings.EqualFold(elem, ".git") || strings.EqualFold(elem, "git~1")
}

// reserved reports whether elem names a device on Windows. Refused everywhere:
// what is made here may be checked out there.
func reserved(elem string) bool {
	name, _, _ := strings.Cut(elem, ".")
	name, _, _ = strings.Cut(name, ":")
	name = strings.ToUpper(strings.TrimRight(name, " "))
	switch name {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	for _, prefix := range []string{"COM", "LPT"} {
		if n, ok := strings.CutPrefix(name, prefix); ok {
			switch n {
			case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
				return true
			}
		}
	}
	return false
}

// resolve follows the symbolic links in the part of path that exists. A link to
// nothing is refused: what is made through it would land where it points to.
func resolve(path string) (string, error) {
	rest := ""
	for at := path; ; {
		real, err := filepath.EvalSymlinks(at)
		if err == nil {
			if rest != "" {
				if fi, err := os.Stat(real); err != nil || !fi.IsDir() {
					return "", fmt.Errorf("%s: %s is not a folder: %w", path, at, ErrOutside)
				}
			}
			return filepath.Join(real, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%s can't be resolved (%w): %w", path, err, ErrOutside)
		}
		if _, err := os.Lstat(at); err == nil {
			return "", fmt.Errorf("%s: %s is a link to nothing: %w", path, at, ErrOutside)
		}
		parent := filepath.Dir(at)
		if parent == at {
			return "", fmt.Errorf("%s: %w", path, ErrOutside)
		}
		rest = filepath.Join(filepath.Base(at), rest)
		at = parent
	}
}
