package scaffold

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
)

// layout is how a component lies in its folder.
type layout uint8

const (
	flat        layout = iota // components/Card.tsx
	folderIndex               // components/Card/index.tsx
	folderNamed               // components/Card/Card.tsx
)

const sep = string(filepath.Separator)

// sibling is a component file of the project, by its path alone.
type sibling struct {
	path   string
	home   string // the folder that holds components
	name   string // base name without extension, of the folder for an index file
	layout layout
}

// notComponents are files that hold an application, not a component.
var notComponents = set("app _app _document main index page layout route root error loading not-found template default setup routes router")

// pageFolders hold what routes show; components live elsewhere if anywhere.
var pageFolders = set("pages routes screens views app test tests __tests__ __mocks__ stories e2e cypress hooks context contexts providers store")

// isComponent reads a path as a component file, by name.
func isComponent(path string) (sibling, bool) {
	if !strings.HasSuffix(path, ".tsx") && !strings.HasSuffix(path, ".jsx") {
		return sibling{}, false
	}
	ext, cut := path[len(path)-4:], strings.LastIndexByte(path, filepath.Separator)
	dir, base := path[:cut], path[cut+1:]
	stem := strings.TrimSuffix(base, ext)
	folder := filepath.Base(dir)
	if stem == "index" && !pageFolders[strings.ToLower(folder)] && !containerFolders[strings.ToLower(folder)] {
		return sibling{path, filepath.Dir(dir), folder, folderIndex}, true
	}
	if strings.Contains(stem, ".") || notComponents[strings.ToLower(stem)] || strings.HasPrefix(stem, "use") && pascalTail(stem) {
		return sibling{}, false
	}
	if stem == folder {
		return sibling{path, filepath.Dir(dir), stem, folderNamed}, true
	}
	return sibling{path, dir, stem, flat}, true
}

// pascalTail reports whether a hook's name follows: useThing.
func pascalTail(stem string) bool { return len(stem) > 3 && stem[3] >= 'A' && stem[3] <= 'Z' }

var containerFolders = set("src components component ui lib common shared widgets")

// survey is what one pass over the paths of the workspace finds.
type survey struct {
	homes    map[string][]sibling
	manifest []string // package.json files
	dirs     map[string]bool
	best     string // what home found
	web      bool   // something is for a browser
	program  bool   // something else is a program
}

// The languages that tell what a project is for.
var (
	webLanguages     = set("javascript javascriptreact typescript typescriptreact html css scss less vue svelte")
	programLanguages = set("go python rust java kotlin c cpp csharp ruby swift lua scala zig")
)

// note takes what a file says about what the project is for.
func (v *survey) note(path string) {
	if v.web {
		return
	}
	language := syntax.LanguageOf(path)
	v.web = webLanguages[language]
	v.program = v.program || programLanguages[language]
}

// foreign reports whether nothing says that components belong here.
func (v *survey) foreign() bool { return v.program && !v.web && len(v.manifest) == 0 }

func lookAround(t tree, roots []string) *survey {
	v := &survey{homes: map[string][]sibling{}, dirs: map[string]bool{}}
	last, skip := "", false
	for path := range t.Paths() {
		cut := strings.LastIndexByte(path, filepath.Separator)
		if cut < 0 {
			continue
		}
		if dir := path[:cut]; dir != last { // paths are sorted: once a folder
			last = dir
			skip = rootOf(roots, dir) == "" || strings.Contains(dir+sep, sep+"node_modules"+sep)
			for d := dir; !skip && !v.dirs[d] && rootOf(roots, d) != ""; d = filepath.Dir(d) {
				v.dirs[d] = true
			}
		}
		if skip {
			continue
		}
		v.note(path)
		if path[cut+1:] == "package.json" {
			v.manifest = append(v.manifest, path)
		}
		if c, ok := isComponent(path); ok {
			v.homes[c.home] = append(v.homes[c.home], c)
		}
	}
	return v
}

// rootOf is the innermost root that holds path.
func rootOf(roots []string, path string) string {
	best := ""
	for _, r := range roots {
		if within(r, path) && len(r) > len(best) {
			best = r
		}
	}
	return best
}

// home chooses the folder where components live: the one with most of them,
// folders named for components counting more, folders of pages not at all.
func (v *survey) home(t tree, roots []string) string {
	if v.best == "" {
		v.best = v.choose(t, roots)
	}
	return v.best
}

func (v *survey) choose(t tree, roots []string) string {
	best, most := "", 0
	for _, dir := range slices.Sorted(maps.Keys(v.homes)) {
		root := rootOf(roots, dir)
		if root == "" {
			continue
		}
		score := 0
		for _, c := range v.homes[dir] {
			if r := c.name[0]; r >= 'A' && r <= 'Z' {
				score += 2
			} else {
				score++
			}
		}
		for part := range strings.SplitSeq(strings.TrimPrefix(dir, root), string(filepath.Separator)) {
			switch low := strings.ToLower(part); {
			case low == "components" || low == "component":
				score *= 8
			case pageFolders[low] && low != "app":
				score = 0
			}
		}
		if pageFolders[strings.ToLower(filepath.Base(dir))] && dir != root {
			score = 0
		}
		if score > most {
			best, most = dir, score
		}
	}
	if best != "" {
		return best
	}
	base := v.base(t, roots)
	for _, dir := range []string{"src/components", "components", "app/components", "src/app/components", "lib/components"} {
		if d := filepath.Join(base, filepath.FromSlash(dir)); v.dirs[d] {
			return d
		}
	}
	if !v.dirs[filepath.Join(base, "src")] && (v.dirs[filepath.Join(base, "app")] || v.dirs[filepath.Join(base, "pages")]) {
		return filepath.Join(base, "components")
	}
	return filepath.Join(base, "src", "components")
}

// base is the folder of the first manifest that has React, else of the first root.
func (v *survey) base(t tree, roots []string) string {
	for _, m := range v.manifest {
		if _, ok := readDeps(t, m)["react"]; ok && rootOf(roots, m) != "" {
			return filepath.Dir(m)
		}
	}
	return roots[0]
}

// near finds siblings for a folder that has none of its own: those of the
// project's usual home, else nothing.
func (v *survey) near(t tree, roots []string, dir string) []sibling {
	if s := v.homes[dir]; len(s) > 0 {
		return s
	}
	return v.homes[v.home(t, roots)]
}
