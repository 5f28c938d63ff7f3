package workspace

import (
	"encoding/json"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// scriptExtensions are tried in this order where an import names none.
var scriptExtensions = []string{".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs", ".json", ".vue", ".svelte"}

// emitted are the extensions that stand in an import for what they are made from.
var emitted = map[string][]string{
	".js": {".ts", ".tsx", ".d.ts", ".jsx"}, ".jsx": {".tsx"}, ".mjs": {".mts"}, ".cjs": {".cts"},
}

// withoutQuery is a specifier without what bundlers read behind it: "./a.svg?url".
func withoutQuery(spec string) string {
	spec, _, _ = strings.Cut(spec, "?")
	return spec
}

// script is the file that an import in dir means, "" if it is none of the workspace.
func (r *resolver) script(dir, spec string) string {
	spec = withoutQuery(spec)
	if isRelative(spec) {
		return r.scriptFile(filepath.Join(dir, filepath.FromSlash(spec)))
	}
	if spec == "" || spec[0] == '/' {
		return ""
	}
	if p := r.mapped(dir, spec); p != "" {
		return p
	}
	return r.packaged(dir, spec)
}

// mapped is the file that the compiler's configuration makes of an import in dir.
func (r *resolver) mapped(dir, spec string) string {
	c := r.scriptConfigOf(dir)
	if c == nil {
		return ""
	}
	for _, m := range c.paths {
		star, ok := m.alias.match(spec)
		if !ok {
			continue
		}
		for _, to := range m.to {
			if p := r.scriptFile(to.with(star)); p != "" {
				return p
			}
		}
		break // the best pattern counts, whether or not it leads somewhere
	}
	if c.base != "" {
		return r.scriptFile(filepath.Join(c.base, filepath.FromSlash(spec)))
	}
	return ""
}

// isRelative reports whether a specifier starts from the folder of its file.
func isRelative(spec string) bool {
	return spec == "." || spec == ".." || strings.HasPrefix(spec, "./") || strings.HasPrefix(spec, "../")
}

// scriptWays are the paths, with and without extension, that lead to a file.
func scriptWays(file string) []string {
	dir, base := filepath.Split(file)
	ways := []string{file}
	for _, ext := range scriptExtensions {
		if name, ok := strings.CutSuffix(base, ext); ok && name != "" {
			ways = append(ways, filepath.Join(dir, name))
			if name == "index" {
				ways = append(ways, filepath.Clean(dir))
			}
		}
	}
	return ways
}

// scriptFile is the file that at means: itself, with an extension, or the index of
// the folder.
func (r *resolver) scriptFile(at string) string {
	if r.has(at) {
		return at
	}
	for _, ext := range scriptExtensions {
		if r.has(at + ext) {
			return at + ext
		}
	}
	ext := filepath.Ext(at)
	for _, from := range emitted[ext] {
		if p := strings.TrimSuffix(at, ext) + from; r.has(p) {
			return p
		}
	}
	for _, ext := range scriptExtensions {
		if p := filepath.Join(at, "index"+ext); r.has(p) {
			return p
		}
	}
	return ""
}

// pattern is a text with at most one star, which stands for anything.
type pattern struct {
	before, after string
	star          bool
}

func newPattern(s string) pattern {
	before, after, star := strings.Cut(s, "*")
	return pattern{before, after, star}
}

func (p pattern) match(s string) (star string, ok bool) {
	if !p.star {
		return "", s == p.before
	}
	if len(s) < len(p.before)+len(p.after) || !strings.HasPrefix(s, p.before) || !strings.HasSuffix(s, p.after) {
		return "", false
	}
	return s[len(p.before) : len(s)-len(p.after)], true
}

func (p pattern) with(star string) string {
	if !p.star {
		return p.before
	}
	return filepath.Clean(p.before + filepath.FromSlash(star) + p.after)
}

// scriptConfig is what a tsconfig.json or jsconfig.json says about imports.
type scriptConfig struct {
	base  string // absolute; "" if imports don't start there
	paths []mapping
}

// mapping is one entry of paths; those that fit better come first.
type mapping struct {
	alias pattern
	to    []pattern // absolute
}

// scriptConfigOf is the configuration that holds for dir, nil if there is none.
func (r *resolver) scriptConfigOf(dir string) *scriptConfig {
	return nearest(r, r.scripts, dir, func(dir string) *scriptConfig {
		for _, name := range []string{"tsconfig.json", "jsconfig.json"} {
			if p := filepath.Join(dir, name); r.has(p) {
				return r.readScriptConfig(p, 0)
			}
		}
		return nil
	})
}

// maxExtends is how deep configurations may lie on one another; more is a circle.
const maxExtends = 8

// readScriptConfig reads the configuration at file with those that it extends, and
// where it has no paths of its own and only refers to others, as the templates of
// today do, the first of those that has some.
func (r *resolver) readScriptConfig(file string, depth int) *scriptConfig {
	c := &scriptConfig{}
	f := r.file(file)
	if f == nil || depth > maxExtends {
		return c
	}
	var said struct {
		Extends         any
		CompilerOptions struct {
			BaseURL *string `json:"baseUrl"`
			Paths   map[string][]string
		}
		References []struct{ Path string }
	}
	_ = json.Unmarshal(plainJSON(f.Text), &said) // what could be read counts: somebody may be typing in it
	dir := filepath.Dir(file)
	for _, parent := range texts(said.Extends) {
		at := r.packaged(dir, parent)
		if strings.HasPrefix(parent, ".") {
			at = r.configFile(dir, parent)
		}
		if up := r.readScriptConfig(at, depth+1); up.base != "" || len(up.paths) > 0 {
			c = &scriptConfig{base: up.base, paths: up.paths}
		}
	}
	from := c.base
	if said.CompilerOptions.BaseURL != nil {
		from = filepath.Join(dir, filepath.FromSlash(*said.CompilerOptions.BaseURL))
		c.base = from
	}
	if from == "" {
		from = dir
	}
	if said.CompilerOptions.Paths != nil {
		c.paths = mappings(from, said.CompilerOptions.Paths)
	}
	for _, ref := range said.References {
		if c.base != "" || len(c.paths) > 0 {
			break
		}
		c = r.readScriptConfig(r.configFile(dir, ref.Path), depth+1)
	}
	return c
}

// configFile is where another configuration is that one in dir names.
func (r *resolver) configFile(dir, name string) string {
	p := filepath.Join(dir, filepath.FromSlash(name))
	for _, p := range []string{p, p + ".json", filepath.Join(p, "tsconfig.json")} {
		if r.has(p) {
			return p
		}
	}
	return ""
}

// texts is a JSON value that is a string or a list of strings.
func texts(v any) (out []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

func mappings(from string, paths map[string][]string) []mapping {
	list := make([]mapping, 0, len(paths))
	for alias, to := range paths {
		m := mapping{alias: newPattern(alias)}
		for _, t := range to {
			m.to = append(m.to, newPattern(filepath.Join(from, filepath.FromSlash(t))))
		}
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b mapping) int {
		if a.alias.star != b.alias.star { // an exact one first, then the longest beginning
			if b.alias.star {
				return -1
			}
			return 1
		}
		if d := len(b.alias.before) - len(a.alias.before); d != 0 {
			return d
		}
		return strings.Compare(a.alias.before+"*"+a.alias.after, b.alias.before+"*"+b.alias.after)
	})
	return list
}

// aliases are the last words of the specifiers by which paths lead to a file.
func (r *resolver) aliases(file string) (words []string) {
	c := r.scriptConfigOf(filepath.Dir(file))
	if c == nil {
		return nil
	}
	ways := scriptWays(file)
	for _, m := range c.paths {
		for _, to := range m.to {
			for _, way := range ways {
				if star, ok := to.match(way); ok {
					spec := m.alias.before
					if m.alias.star {
						spec += filepath.ToSlash(star) + m.alias.after
					}
					words = append(words, stem(path.Clean(spec)))
				}
			}
		}
	}
	return words
}

// plainJSON is JSON with comments and commas before closing brackets blanked.
func plainJSON(src string) []byte {
	out := []byte(src)
	comma := -1 // the last thing but blanks
	for i := 0; i < len(out); i++ {
		switch c := out[i]; {
		case c == '"':
			for i++; i < len(out) && out[i] != '"' && out[i] != '\n'; i++ {
				if out[i] == '\\' {
					i++
				}
			}
			comma = -1
		case c == '/' && i+1 < len(out) && (out[i+1] == '/' || out[i+1] == '*'):
			end := len(out)
			mark, n := "\n", 0
			if out[i+1] == '*' {
				mark, n = "*/", 2
			}
			if at := strings.Index(src[i+2:], mark); at >= 0 {
				end = i + 2 + at + n
			}
			for ; i < end; i++ {
				out[i] = ' '
			}
			i--
		case c == ',':
			comma = i
		case (c == ']' || c == '}') && comma >= 0:
			out[comma], comma = ' ', -1
		case c != ' ' && c != '\t' && c != '\n' && c != '\r':
			comma = -1
		}
	}
	return []byte(strings.TrimPrefix(string(out), "\ufeff"))
}
