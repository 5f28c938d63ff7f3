package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Stamp says how the files of the configuration stand on disk, without reading
// them: two that are equal mean that nothing was written in between.
func Stamp(in Inputs) string {
	var b strings.Builder
	for _, path := range files(in) {
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		_, _ = fmt.Fprintf(&b, "%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
	}
	return b.String()
}

// files are where Load looks for files.
func files(in Inputs) []string {
	var out []string
	if path := userFile(in); path != "" {
		out = append(out, path)
	}
	for _, dir := range in.Roots {
		out = append(out, filepath.Join(dir, filepath.FromSlash(WorkspaceFile)))
	}
	return out
}
