package workspace

import (
	"encoding/json"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"weak"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"

	"github.com/hob-ls/hob/workspace/index"
)

// packageJSON is what a package.json says about imports.
type packageJSON struct {
	name       string
	workspaces []string            // globs of the folders of member packages
	main       []string            // where the package itself may be, what fits best first
	exports    map[string][]string // the same by subpath, which may hold one star: ".", "./icons/*"
}

// packageJSON is what f says, which is a package.json; what could be read counts.
func (f *File) packageJSON() *packageJSON {
	d := f.derived
	if d == nil {
		return readPackageJSON(f.Text)
	}
	d.packageOnce.Do(func() { d.pkg = readPackageJSON(f.Text) })
	return d.pkg
}

func readPackageJSON(src string) *packageJSON {
	var said map[string]any
	_ = json.Unmarshal([]byte(strings.TrimPrefix(src, "\ufeff")), &said) // what is no JSON says nothing
	p := &packageJSON{exports: map[string][]string{}}
	p.name, _ = said["name"].(string)
	p.workspaces = texts(said["workspaces"])
	if m, ok := said["workspaces"].(map[string]any); ok {
		p.workspaces = texts(m["packages"])
	}
	for _, key := range []string{"source", "types", "typings", "module", "main"} {
		p.main = append(p.main, targets(said[key])...)
	}
	switch exports := said["exports"].(type) {
	case map[string]any:
		for key, to := range exports {
			if key == "." || strings.HasPrefix(key, "./") {
				p.exports[key] = targets(to)
			}
		}
		if len(p.exports) == 0 {
			p.exports["."] = targets(exports)
		}
	case nil:
	default:
		p.exports["."] = targets(exports)
	}
	return p
}

// conditions of exports, those that lead to sources rather than to what is built of them first.
var conditions = []string{"source", "development", "types", "import", "module", "browser", "node", "require", "default"}

// targets are the paths of a part of exports, what fits best first.
func targets(v any) (out []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			out = append(out, targets(e)...)
		}
	case map[string]any:
		for _, key := range conditions {
			out = append(out, targets(v[key])...)
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if !slices.Contains(conditions, key) {
				out = append(out, targets(v[key])...)
			}
		}
	}
	return out
}

// members are the packages of a workspace of npm, pnpm or yarn.
type members struct {
	byName map[string]string // the folder of each
}

// memberCache keeps the members by the folder of their workspace. They are read from
// what the disk has, so that they are those of an index.
type memberCache struct {
	mu sync.Mutex
	of map[string]membersOf // guarded by mu
}

type membersOf struct {
	ix    weak.Pointer[index.Index]
	globs []string
	*members
}

// membersOf are the members of the workspace that dir is in, nil if it is in none.
func (r *resolver) membersOf(dir string) *members {
	return nearest(r, r.members, dir, func(dir string) *members {
		globs := r.workspaceGlobs(dir)
		root, rel := r.snap.owner(dir)
		if globs == nil || root == nil {
			return nil
		}
		c := &r.snap.env.members
		c.mu.Lock()
		known, ok := c.of[dir]
		c.mu.Unlock()
		if ok && known.ix.Value() == root.ix && slices.Equal(known.globs, globs) {
			return known.members
		}
		m := r.readMembers(root, rel, globs)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.of == nil {
			c.of = map[string]membersOf{}
		}
		c.of[dir] = membersOf{weak.Make(root.ix), globs, m}
		return m
	})
}

// workspaceGlobs says which folders below dir hold members, nil if dir is no workspace.
func (r *resolver) workspaceGlobs(dir string) []string {
	var globs []string
	if f := r.file(filepath.Join(dir, "pnpm-workspace.yaml")); f != nil {
		var said struct{ Packages []string }
		_ = yaml.Unmarshal([]byte(f.Text), &said) // somebody may be typing in it
		globs = said.Packages
	} else if f := r.file(filepath.Join(dir, "package.json")); f != nil {
		globs = f.packageJSON().workspaces
	}
	out := slices.Clone(globs)
	for i, g := range out {
		g, not := strings.CutPrefix(g, "!")
		if g = path.Clean(g); not {
			g = "!" + g
		}
		out[i] = g
	}
	return out
}

// readMembers reads the package.json files below rel, a folder of root, whose folders the
// globs name. Of two packages of one name the first counts.
func (r *resolver) readMembers(root *rootState, rel string, globs []string) *members {
	m := &members{byName: map[string]string{}}
	for e := range root.ix.Under(rel) {
		inner := strings.TrimPrefix(e.Rel, rel+"/")
		if e.Kind != index.Text || path.Base(inner) != "package.json" || !isMember(path.Dir(inner), globs) || !r.snap.listed(root, e) {
			continue
		}
		if !e.Held {
			now, err := root.ix.Read(e)
			if err != nil {
				continue
			}
			e = now
		}
		f, err := fromDisk(root.dir, e)
		if err != nil {
			continue
		}
		if name := f.packageJSON().name; name != "" && m.byName[name] == "" {
			m.byName[name] = filepath.Dir(e.Path)
		}
	}
	return m
}

// isMember reports whether the globs, of which the last that fits counts, name dir. The folder
// of the workspace itself always is one.
func isMember(dir string, globs []string) (is bool) {
	if slices.Contains(strings.Split(dir, "/"), "node_modules") {
		return false
	}
	for _, g := range globs {
		g, not := strings.CutPrefix(g, "!")
		if ok, err := doublestar.Match(g, dir); err == nil && ok {
			is = !not
		}
	}
	return is || dir == "."
}

// packaged is the file that an import in dir of a member package means, "" if spec
// names none.
func (r *resolver) packaged(dir, spec string) string {
	name, sub := packageName(spec)
	m := r.membersOf(dir)
	if m == nil || name == "" {
		return ""
	}
	to := m.byName[name]
	if to == "" {
		return ""
	}
	f := r.file(filepath.Join(to, "package.json"))
	if f == nil {
		return ""
	}
	for _, at := range f.packageJSON().ways(sub) {
		if p := r.sourceOf(to, at); p != "" {
			return p
		}
	}
	return ""
}

// packageName parts a specifier: "@scope/name/sub/path" and "name" are "@scope/name"
// with "./sub/path", and "name" with ".".
func packageName(spec string) (name, sub string) {
	parts := strings.SplitN(spec, "/", 3)
	n := 1
	if strings.HasPrefix(spec, "@") {
		n = 2
	}
	if len(parts) < n || parts[n-1] == "" || spec[0] == '.' || spec[0] == '/' {
		return "", ""
	}
	return strings.Join(parts[:n], "/"), strings.Join(append([]string{"."}, parts[n:]...), "/")
}

// ways are the paths in the package by which a subpath may be found.
func (p *packageJSON) ways(sub string) []string {
	ways := slices.Clone(p.exports[sub])
	if len(ways) == 0 {
		best := pattern{}
		for _, key := range slices.Sorted(maps.Keys(p.exports)) {
			k := newPattern(key)
			if star, ok := k.match(sub); ok && k.star && len(k.before) > len(best.before) {
				best, ways = k, nil
				for _, to := range p.exports[key] {
					ways = append(ways, strings.Replace(to, "*", star, 1))
				}
			}
		}
	}
	if sub == "." {
		return append(append(ways, p.main...), "src/index", "index", "src")
	}
	return append(ways, sub, path.Join("src", sub))
}

// builtFolders are where packages have what is built of their src.
var builtFolders = []string{"dist", "lib", "build", "out", "esm", "cjs", "es"}

// sourceOf is the file that a path in the package in dir means: what is there, or the source
// of what will be built there, which is mostly not part of the workspace.
func (r *resolver) sourceOf(dir, at string) string {
	at = path.Clean(strings.TrimPrefix(at, "./"))
	if !filepath.IsLocal(filepath.FromSlash(at)) {
		return ""
	}
	if p := r.scriptFile(filepath.Join(dir, filepath.FromSlash(at))); p != "" {
		return p
	}
	first, rest, _ := strings.Cut(at, "/")
	if rest == "" || !slices.Contains(builtFolders, first) {
		return ""
	}
	for _, ext := range []string{".d.ts", ".d.mts", ".d.cts", ".js", ".mjs", ".cjs"} {
		if without, ok := strings.CutSuffix(rest, ext); ok {
			rest = without
			break
		}
	}
	if second, below, ok := strings.Cut(rest, "/"); ok && slices.Contains(builtFolders, second) {
		rest = below // dist/esm/index.js
	}
	return r.scriptFile(filepath.Join(dir, "src", filepath.FromSlash(rest)))
}

// packageWords are the last words of the specifiers by which members of a workspace name
// the file at to, besides its own name.
func (r *resolver) packageWords(to string) (words []string) {
	m := r.membersOf(filepath.Dir(to))
	if m == nil {
		return nil
	}
	for name, dir := range m.byName {
		if _, in := below(dir, to); !in {
			continue
		}
		f := r.file(filepath.Join(dir, "package.json"))
		if f == nil {
			continue
		}
		if r.packaged(dir, name) == to {
			words = append(words, stem(name))
		}
		for sub := range f.packageJSON().exports {
			if sub != "." && !strings.Contains(sub, "*") && r.packaged(dir, name+sub[1:]) == to {
				words = append(words, stem(sub))
			}
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}
