package scaffold

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

// project is what the manifests above a folder say.
type project struct {
	dir        string // of package.json; the root if there is none
	deps       map[string]string
	typescript bool
	jsx        string // the jsx setting of tsconfig.json
	width      int    // line width of the formatter
}

func (p *project) has(dep string) bool { _, ok := p.deps[dep]; return ok }

// react is the major version of React in the manifest, "" if it names none.
func (p *project) react() string {
	v := strings.TrimLeft(p.deps["react"], "^~>=v ")
	n := 0
	for n < len(v) && v[n] >= '0' && v[n] <= '9' {
		n++
	}
	return v[:n]
}

// runner is the test runner of the project: "vitest", "jest" or "".
func (p *project) runner() string {
	switch {
	case p.has("vitest"):
		return "vitest"
	case p.has("jest"), p.has("react-scripts"), p.has("@jest/globals"):
		return "jest"
	}
	return ""
}

// readProject reads the nearest manifests from dir up to root.
func readProject(t tree, root, dir string) *project {
	p := &project{dir: root, width: 80}
	if f := nearest(t, root, dir, "package.json"); f != "" {
		p.dir = filepath.Dir(f)
		p.deps = readDeps(t, f)
	}
	_, typed := p.deps["typescript"]
	p.typescript = typed
	for _, name := range []string{"tsconfig.app.json", "tsconfig.json"} {
		if f := nearest(t, root, dir, name); f != "" {
			p.typescript = true
			if p.jsx == "" {
				p.jsx = jsonString(readText(t, f), "jsx")
			}
		}
	}
	for _, name := range []string{".prettierrc", ".prettierrc.json"} {
		if f := nearest(t, root, dir, name); f != "" {
			var c struct{ PrintWidth int }
			if json.Unmarshal([]byte(readText(t, f)), &c) == nil && c.PrintWidth >= 40 {
				p.width = c.PrintWidth
			}
		}
	}
	return p
}

// readDeps merges every dependency section; a manifest that can't be read has none.
func readDeps(t tree, path string) map[string]string {
	var m struct{ PeerDependencies, DevDependencies, Dependencies map[string]string }
	if json.Unmarshal([]byte(readText(t, path)), &m) != nil {
		return nil
	}
	out := map[string]string{}
	for _, deps := range []map[string]string{m.PeerDependencies, m.DevDependencies, m.Dependencies} {
		for k, v := range deps {
			out[k] = v
		}
	}
	return out
}

// nearest is the closest file of that name from dir up to root, "" if there is none.
func nearest(t tree, root, dir, name string) string {
	for {
		if f := filepath.Join(dir, name); t.Has(f) {
			return f
		}
		if up := filepath.Dir(dir); dir != root && up != dir && within(root, up) {
			dir = up
			continue
		}
		return ""
	}
}

// jsonString finds "key": "value" in JSON with comments, which tsconfig.json is.
func jsonString(src, key string) string {
	_, rest, ok := strings.Cut(src, `"`+key+`"`)
	if !ok {
		return ""
	}
	rest = strings.TrimLeft(rest, ": \t\r\n")
	if !strings.HasPrefix(rest, `"`) {
		return ""
	}
	v, _, _ := strings.Cut(rest[1:], `"`)
	return v
}

// readText is the text of a file, "" if it can't be had: a habit that can't be
// read is a habit not known.
func readText(t tree, path string) string {
	if path == "" || !t.Has(path) {
		return ""
	}
	f, err := t.File(path)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(f.Text, text.Mark) // which JSON and the first line of a program must not begin with
}

// within reports whether path is dir or lies in it.
func within(dir, path string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// taken finds what already stands at path: a listed file, one that differs only
// in case (the same file on many disks), or one on disk that is not listed.
func taken(t tree, path string) string {
	if t.Has(path) {
		return path
	}
	for _, f := range t.Dir(filepath.Dir(path)) {
		if strings.EqualFold(filepath.Base(f), filepath.Base(path)) {
			return f
		}
	}
	if _, err := os.Lstat(path); err == nil {
		return path
	}
	return ""
}
