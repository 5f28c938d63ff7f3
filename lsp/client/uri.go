package client

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// scheme matches what starts a URI; one letter would be a drive of Windows.
var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+:`)

// URI is the file URI of an absolute path; what is a URI already stays as it is.
func URI(path string) string {
	if scheme.MatchString(path) {
		return path
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// Path is the absolute path of a file URI; a URI of another scheme stays as it is.
func Path(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", fmt.Errorf("URI %q: %w", uri, err)
	}
	switch {
	case u.Scheme == "":
		return "", fmt.Errorf("%q is no URI", uri)
	case u.Scheme != "file":
		return uri, nil
	case u.Host != "" || !strings.HasPrefix(u.Path, "/"):
		return "", fmt.Errorf("file URI %q has no absolute path on this machine", uri)
	}
	path := u.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/")
	}
	return filepath.FromSlash(path), nil
}
