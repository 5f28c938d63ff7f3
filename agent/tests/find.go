package tests

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// Place is where the tests of a symbol go, and how they are written there.
type Place struct {
	Path      string          // of the test file
	File      *workspace.File // nil if it is to be created
	Language  string
	Framework string   // in words: "Go's testing package", "vitest"
	Notes     []string // what a model must know to write them, a sentence each

	source *workspace.File
	symbol syntax.Symbol
	pkg    string // Go: of the package clause
	global bool   // script: the framework's functions need no import
}

// Error is why there is no place.
type Error struct{ Message, Hint string }

func (e *Error) Error() string { return e.Message }

// Knows reports whether tests in a language can be placed.
func Knows(language string) bool { return finders[language] != nil }

var finders = map[string]func(*finder) (*Place, error){
	"go": (*finder).goPlace, "python": (*finder).python, "rust": (*finder).rust, "java": (*finder).java,
	"typescript": (*finder).script, "typescriptreact": (*finder).script, "javascript": (*finder).script, "javascriptreact": (*finder).script,
}

// finder looks for the place of the tests of one source.
type finder struct {
	snap *workspace.Snapshot
	f    *workspace.File
	dir  string
	stem string // of the source's name
	ext  string
}

// Find is the place for tests of sym, which f declares. It fails with *Error where
// the project has none.
func Find(snap *workspace.Snapshot, f *workspace.File, sym syntax.Symbol) (*Place, error) {
	find := finders[f.Language]
	if find == nil {
		return nil, &Error{"Hob knows no way to test " + f.Language, "it writes tests for Go, TypeScript, JavaScript, Python, Rust and Java"}
	}
	if workspace.IsTest(f.Path) {
		return nil, &Error{f.Rel() + " is a test itself", "place the cursor on what it tests"}
	}
	ext := filepath.Ext(f.Path)
	w := &finder{snap: snap, f: f, dir: filepath.Dir(f.Path), stem: strings.TrimSuffix(filepath.Base(f.Path), ext), ext: ext}
	p, err := find(w)
	if err != nil {
		return nil, err
	}
	p.source, p.symbol = f, sym
	if p.Language == "" {
		p.Language = f.Language
	}
	if p.File == nil && snap.Has(p.Path) {
		if p.File, err = snap.File(p.Path); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// own is the test file that the source has, nil if there is none.
func (w *finder) own() *workspace.File {
	for _, rel := range w.snap.Near(w.f, 0) {
		if rel.Why == "its test" && filepath.Ext(rel.File.Path) != "" {
			return rel.File
		}
	}
	return nil
}

// others lists the project's tests with one of these extensions.
func (w *finder) others(exts ...string) (found []string) {
	for p := range w.snap.Paths() {
		if slices.Contains(exts, filepath.Ext(p)) && workspace.IsTest(p) && strings.HasPrefix(p, w.f.Root) {
			found = append(found, p)
		}
	}
	return found
}

func (w *finder) goPlace() (*Place, error) {
	name, _ := w.f.GoPackage()
	p := &Place{Path: filepath.Join(w.dir, w.stem+"_test.go"), Framework: "Go's testing package", pkg: name}
	outside := 0
	for _, path := range w.snap.Dir(w.dir) {
		if f, err := w.snap.File(path); err == nil && strings.HasSuffix(path, "_test.go") {
			if pkg, _ := f.GoPackage(); pkg == name+"_test" {
				outside++
			} else {
				outside--
			}
			if path == p.Path {
				p.File = f
			}
		}
	}
	if p.File != nil {
		p.pkg, _ = p.File.GoPackage()
	} else if outside > 0 {
		p.pkg = name + "_test"
	}
	p.Notes = append(p.Notes, "The tests are in package "+p.pkg+".")
	if p.pkg != name {
		p.Notes = append(p.Notes, fmt.Sprintf("They use only what %s exports, as %s.Name.", name, name))
	}
	return p, nil
}

// script finds the place in a project of vitest, jest, mocha or node:test.
func (w *finder) script() (*Place, error) {
	p := &Place{}
	root, manifest := w.manifest()
	switch {
	case uses(manifest, "vitest"):
		p.Framework = "vitest"
		p.global = w.configSays(root, `globals:\s*true`, "vitest.config", "vite.config")
	case uses(manifest, "jest"), uses(manifest, "react-scripts"), uses(manifest, "ts-jest"):
		p.Framework, p.global = "jest", true
	case uses(manifest, "mocha"):
		p.Framework, p.global = "mocha", true
	case strings.Contains(manifest, "node --test"):
		p.Framework = "node:test"
	default:
		return nil, &Error{"there is no test framework in package.json that Hob knows", "add vitest or jest to devDependencies"}
	}
	if p.Framework == "vitest" && !p.global {
		p.Notes = append(p.Notes, "Import what you use of vitest.")
	}
	if p.File = w.own(); p.File != nil {
		p.Path, p.Language = p.File.Path, p.File.Language
	} else {
		p.Path = w.scriptPath(root)
	}
	return p, nil
}

// manifest is the package.json around the source, and its folder.
func (w *finder) manifest() (dir, src string) {
	for dir = w.dir; ; dir = filepath.Dir(dir) {
		if f, err := w.snap.File(filepath.Join(dir, "package.json")); err == nil {
			return dir, f.Text
		}
		if dir == w.f.Root || dir == filepath.Dir(dir) || w.f.Root == "" {
			return dir, ""
		}
	}
}

// uses reports whether a package.json names a dependency.
func uses(manifest, name string) bool { return strings.Contains(manifest, `"`+name+`"`) }

// configSays looks for a pattern in the configuration files of a folder.
func (w *finder) configSays(dir, pattern string, names ...string) bool {
	re := regexp.MustCompile(pattern)
	for _, name := range names {
		for _, ext := range []string{".ts", ".js", ".mts", ".mjs", ".cjs"} {
			if f, err := w.snap.File(filepath.Join(dir, name+ext)); err == nil && re.MatchString(f.Text) {
				return true
			}
		}
	}
	return false
}

// scriptPath is where a new test goes: as most tests of the project, else beside.
func (w *finder) scriptPath(root string) string {
	var beside, apart, folder, spec int
	top := ""
	for _, t := range w.others(".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs") {
		dir := filepath.Dir(t)
		rel, _ := filepath.Rel(root, t)
		first, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		switch {
		case filepath.Base(dir) == "__tests__":
			apart++
		case first == "tests" || first == "test":
			folder++
			top = first
		default:
			beside++
		}
		if strings.Contains(filepath.Base(t), ".spec.") {
			spec++
		} else if strings.Contains(filepath.Base(t), ".test.") {
			spec--
		}
	}
	suffix := ".test"
	if spec > 0 {
		suffix = ".spec"
	}
	name := w.stem + suffix + w.ext
	switch {
	case folder > beside && folder > apart:
		rel, _ := filepath.Rel(root, w.dir)
		first, inner, _ := strings.Cut(filepath.ToSlash(rel), "/") // tests/x for src/x
		if first != "src" && first != "lib" {
			inner = rel
		}
		return filepath.Join(root, top, filepath.FromSlash(inner), name)
	case apart > beside:
		return filepath.Join(w.dir, "__tests__", name)
	}
	return filepath.Join(w.dir, name)
}

// python finds the place in a project of pytest or unittest.
func (w *finder) python() (*Place, error) {
	p := &Place{Framework: "pytest"}
	var unit, beside, suffix int
	tests := w.others(".py")
	folder := ""
	for _, t := range tests {
		if filepath.Dir(t) == w.dir {
			beside++
		}
		for at := filepath.Dir(t); strings.HasPrefix(at, w.f.Root) && at != filepath.Dir(at); at = filepath.Dir(at) {
			if b := filepath.Base(at); b == "tests" || b == "test" {
				folder = at
			}
		}
		if strings.HasSuffix(t, "_test.py") {
			suffix++
		}
		if f, err := w.snap.File(t); err == nil && strings.Contains(f.Text, "import unittest") && !strings.Contains(f.Text, "pytest") {
			unit++
		}
	}
	if unit*2 > len(tests) {
		p.Framework = "unittest"
	}
	p.Notes = append(p.Notes, "Import what is tested with: from "+w.pythonModule()+" import NAME.")
	if p.File = w.own(); p.File != nil {
		p.Path = p.File.Path
		return p, nil
	}
	name := "test_" + w.stem + ".py"
	if suffix*2 > len(tests) && len(tests) > 0 {
		name = w.stem + "_test.py"
	}
	switch {
	case beside > 0:
		p.Path = filepath.Join(w.dir, name)
	case folder != "":
		p.Path = filepath.Join(folder, name)
		if sub := filepath.Join(folder, filepath.Base(w.dir)); len(w.snap.Dir(sub)) > 0 {
			p.Path = filepath.Join(sub, name)
		}
	case w.f.Root == "":
		p.Path = filepath.Join(w.dir, name)
	default:
		p.Path = filepath.Join(w.f.Root, "tests", name)
	}
	return p, nil
}

// pythonModule is the dotted name of the source, from the folder above its package.
func (w *finder) pythonModule() string {
	parts := []string{w.stem}
	for dir := w.dir; w.snap.Has(filepath.Join(dir, "__init__.py")); dir = filepath.Dir(dir) {
		parts = append(parts, filepath.Base(dir))
	}
	slices.Reverse(parts)
	return strings.Join(parts, ".")
}

// rust keeps unit tests in the file itself.
func (w *finder) rust() (*Place, error) {
	return &Place{Path: w.f.Path, File: w.f, Framework: "Rust's test functions", Notes: []string{
		"They go into the module tests of the same file, which has: use super::*;",
	}}, nil
}

// java mirrors src/main/java in src/test/java.
func (w *finder) java() (*Place, error) {
	sep := string(filepath.Separator)
	main, test := sep+filepath.Join("src", "main", "java")+sep, sep+filepath.Join("src", "test", "java")+sep
	if !strings.Contains(w.f.Path, main) {
		return nil, &Error{w.f.Rel() + " is not below src/main/java", "Hob places tests of Java projects laid out as Maven and Gradle do"}
	}
	p := &Place{Framework: "JUnit 5", Path: strings.Replace(filepath.Join(w.dir, w.stem+"Test.java"), main, test, 1)}
	for dir := w.dir; strings.HasPrefix(dir, w.f.Root) && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		for _, name := range []string{"pom.xml", "build.gradle", "build.gradle.kts"} {
			if f, err := w.snap.File(filepath.Join(dir, name)); err == nil && strings.Contains(f.Text, "junit") &&
				!strings.Contains(f.Text, "jupiter") && regexp.MustCompile(`junit:junit|<artifactId>junit<`).MatchString(f.Text) {
				p.Framework = "JUnit 4"
			}
		}
	}
	if m := regexp.MustCompile(`(?m)^package\s+([\w.]+);`).FindStringSubmatch(w.f.Text); m != nil {
		p.Notes = append(p.Notes, "The tests are in package "+m[1]+", in the class "+w.stem+"Test.")
	}
	return p, nil
}

// Form asks for the tests in the form that Merge reads.
func (p *Place) Form() string {
	return p.Ask() + ":\n```" + edit.Tag(p.Language) + "\nTESTS\n```"
}

// Ask is Form as a sentence, without its end.
func (p *Place) Ask() string {
	what := "the whole file in one fenced code block and nothing else"
	if p.File != nil {
		what = "the new tests in one fenced code block and nothing else, with the imports that they need"
	}
	return "Reply with only " + what + ". Complete code, no placeholders, no explanation"
}

// mostNames bounds how many of the tests that are there a model is told of.
const mostNames = 30

// About is what a model must know to write the tests, a sentence each.
func (p *Place) About() []string {
	if p.File == nil {
		return append([]string{"The file is new."}, p.Notes...)
	}
	have := p.names(text.WithEOL(p.File.Text, "\n"))
	if p.Language == "rust" {
		have = nil // they stand among the code
	}
	say := "The file exists, and keeps all it has."
	if len(have) > 0 {
		say = "The file exists and has: " + strings.Join(have[:min(len(have), mostNames)], ", ") + ". Write others."
	}
	return append([]string{say}, p.Notes...)
}
