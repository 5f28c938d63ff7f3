package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the path that all imports of our own begin with.
const module = "github.com/hob-ls/hob"

// floors is the house from the ground up: a package imports only what lies
// lower. A folder stands for itself and, where it is not listed on its own, for
// what is in it.
var floors = map[string]int{
	"workspace/text": 0, "agent/perf": 0, "agent/cache": 0,
	"workspace/index": 1, "workspace/syntax": 1, "workspace/watch": 1, "agent/model": 1,
	"workspace": 2, "agent/edit": 2,
	"workspace/workspacetest": 3,
	"agent/imports":           3, "agent/prompt": 3, "agent/own": 3, "agent/plan": 3, "agent/review": 3, "agent/scaffold": 3, "agent/tests": 3, "agent/tool": 3,
	"agent":   4,
	"lsp":     5,
	"cmd/hob": 6,
}

// sameFloor are the imports within a floor: a package and the folders that exist for it.
var sameFloor = map[string][]string{
	"agent/model/ollama": {"agent/model"},
	"agent/model/openai": {"agent/model"},
	"agent/tests":        {"agent/imports"},
	"agent/tool/mcp":     {"agent/tool"},
	"lsp":                {"lsp/config", "lsp/journal"},
	"lsp/client":         {"lsp"},
	"lsp/lsptest":        {"lsp", "lsp/client", "lsp/config"},
}

// rule forbids packages to import something.
type rule struct {
	what   string   // import path; one that ends in "/" stands for all below it
	in     []string // the folders that the rule is about; none means all
	only   []string // those of them that may
	tests  bool     // tests may
	reason string
}

var rules = []rule{
	{what: "go.lsp.dev/", only: []string{"lsp"}, reason: "the protocol stays at the edge: the engine must not know what an editor is, and the library must be replaceable"},
	{what: "github.com/fsnotify/", only: []string{"workspace/watch"}, reason: "one place knows how systems watch, and what they miss"},
	{what: "github.com/ollama/", only: []string{"agent/model/ollama"}, reason: "its stream needs guards that must not be forgotten elsewhere"},
	{what: module + "/agent/model/ollama", only: []string{"cmd/hob", "agent/model/ollama", "lsp/lsptest"}, tests: true, reason: "endpoints are wired in one place and used through model.Provider"},
	{what: module + "/agent/model/openai", only: []string{"cmd/hob", "agent/model/openai"}, tests: true, reason: "endpoints are wired in one place and used through model.Provider"},
	{what: module + "/agent/model/modeltest", only: []string{"cmd/hob", "lsp/lsptest", "agent/model/modeltest"}, tests: true, reason: "the scripted model is for tests, demo and bench"},
	{what: module + "/lsp/lsptest", only: []string{"lsp/lsptest"}, tests: true, reason: "the test editor is for tests"},
	{what: module + "/agent", in: []string{"workspace"}, reason: "the workspace knows nothing of models and jobs"},
	{what: module + "/agent/", in: []string{"workspace"}, reason: "the workspace knows nothing of models and jobs"},
	{what: module + "/agent/model", in: []string{"agent/edit"}, reason: "what a model wrote is read without a model"},
	{what: module + "/agent/tool/mcp/mcptest", only: []string{"lsp/lsptest"}, tests: true, reason: "the servers that misbehave are for tests"},
	{what: module + "/workspace/workspacetest", only: []string{"workspace/workspacetest"}, tests: true, reason: "the workspaces that it makes are for tests"},
	{what: "testing", only: []string{"lsp/lsptest", "workspace/workspacetest"}, tests: true, reason: "the product carries no test code"},
	{what: "os", in: []string{"agent/edit"}, tests: true, reason: "agent/edit is pure: no IO"},
	{what: "net", in: []string{"agent/edit"}, tests: true, reason: "agent/edit is pure: no IO"},
	{what: "net/http", in: []string{"agent/edit", "agent/prompt", "agent/scaffold", "workspace", "lsp"}, tests: true, reason: "only endpoints speak HTTP"},
	{what: "time", in: []string{"agent/edit"}, tests: true, reason: "agent/edit is pure: it reads no clock"},
	{what: "os/exec", in: []string{"agent", "lsp"}, only: []string{"agent/model/modeltest", "agent/tool/mcp"}, tests: true, reason: "no text of a workspace and no model can start a program; agent/tool/mcp starts those that the user has configured"},
}

// stdlibOnly are packages without any third-party import.
var stdlibOnly = []string{"workspace/text", "agent/edit"}

// noFileReads are packages that see files through the workspace alone.
var noFileReads = []string{"lsp"}

var fileReads = []string{"ReadFile", "Open", "OpenFile", "ReadDir", "OpenRoot", "DirFS"}

// source is one Go file as far as the rules look at it.
type source struct {
	dir     string // of its package, relative to the module, with slashes
	name    string
	test    bool
	imports []string
	osCalls []string // names used of package os
}

// within reports whether dir is folder or lies in it.
func within(dir, folder string) bool { return dir == folder || strings.HasPrefix(dir, folder+"/") }

// floorOf is the floor of a folder of the module.
func floorOf(dir string) (int, bool) {
	for ; dir != "."; dir = path.Dir(dir) {
		if n, ok := floors[dir]; ok {
			return n, true
		}
	}
	return 0, false
}

// violations are all breaches of the house's rules, with their reasons.
func violations(sources []source) []string {
	var out []string
	for _, s := range sources {
		at := path.Join(s.dir, s.name)
		floor, ok := floorOf(s.dir)
		if !ok {
			out = append(out, fmt.Sprintf("%s: package %s has no floor; add it to the table", at, s.dir))
			continue
		}
		for _, imp := range s.imports {
			out = append(out, floorViolation(s, at, floor, imp)...)
			for _, r := range rules {
				if r.forbids(s, imp) {
					out = append(out, fmt.Sprintf("%s imports %s: %s", at, imp, r.reason))
				}
			}
			if slices.Contains(stdlibOnly, s.dir) && !s.test && strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") && !strings.HasPrefix(imp, module) {
				out = append(out, fmt.Sprintf("%s imports %s: %s takes nothing but the standard library", at, imp, s.dir))
			}
		}
		for _, call := range s.osCalls {
			if slices.Contains(noFileReads, s.dir) && !s.test && slices.Contains(fileReads, call) {
				out = append(out, fmt.Sprintf("%s uses os.%s: files are read through the workspace, which confines paths", at, call))
			}
		}
	}
	return out
}

func floorViolation(s source, at string, floor int, imp string) []string {
	dir, ours := strings.CutPrefix(imp, module+"/")
	if !ours || s.test || dir == s.dir || dir == "agent/model/modeltest" && s.dir == "lsp/lsptest" {
		return nil
	}
	to, ok := floorOf(dir)
	switch {
	case !ok:
		return []string{fmt.Sprintf("%s imports %s, which has no floor", at, imp)}
	case to < floor, to == floor && slices.Contains(sameFloor[s.dir], dir):
		return nil
	}
	return []string{fmt.Sprintf("%s (floor %d) imports %s (floor %d): a package imports only lower floors", at, floor, dir, to)}
}

func (r rule) forbids(s source, imp string) bool {
	meant := imp == r.what || strings.HasSuffix(r.what, "/") && strings.HasPrefix(imp, r.what)
	if !meant || s.test && r.tests {
		return false
	}
	inside := func(f string) bool { return within(s.dir, f) }
	return (len(r.in) == 0 || slices.ContainsFunc(r.in, inside)) && !slices.ContainsFunc(r.only, inside)
}

// moduleFiles are the paths of all Go files of ours, for every system and tag.
func moduleFiles(t *testing.T) (root string, files []string) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := e.Name()
		if e.IsDir() && p != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules" || name == "editors" || name == "bin") {
			return filepath.SkipDir
		}
		if !e.IsDir() && strings.HasSuffix(name, ".go") {
			files = append(files, p)
		}
		return nil
	})
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files found, %v", len(files), err)
	}
	return root, files
}

func readSource(root, file string) (source, error) {
	rel, err := filepath.Rel(root, file)
	if err != nil {
		return source{}, err
	}
	rel = filepath.ToSlash(rel)
	s := source{dir: path.Dir(rel), name: path.Base(rel), test: strings.HasSuffix(rel, "_test.go")}
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return s, err
	}
	for _, imp := range f.Imports {
		p, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			return s, err
		}
		s.imports = append(s.imports, p)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "os" {
				s.osCalls = append(s.osCalls, sel.Sel.Name)
			}
		}
		return true
	})
	return s, nil
}

func TestFloors(t *testing.T) {
	root, files := moduleFiles(t)
	var sources []source
	for _, file := range files {
		s, err := readSource(root, file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, s)
	}
	for _, v := range violations(sources) {
		t.Error(v)
	}
}

// The checker finds what it is there for.
func TestFloorsChecker(t *testing.T) {
	tests := []struct {
		name string
		s    source
		want string // part of the one violation; "" for none
	}{
		{"upwards", source{dir: "agent", imports: []string{module + "/lsp"}}, "floor 4) imports lsp (floor 5)"},
		{"sideways", source{dir: "workspace/index", imports: []string{module + "/workspace/syntax"}}, "only lower floors"},
		{"folder of a package", source{dir: "agent/model/ollama", imports: []string{module + "/agent/model"}}, ""},
		{"unlisted folder takes its parent's floor", source{dir: "agent/tool/new", imports: []string{module + "/agent"}}, "imports agent (floor 4)"},
		{"no floor", source{dir: "util", imports: []string{"fmt"}}, "has no floor"},
		{"downwards", source{dir: "lsp", imports: []string{module + "/agent", "go.lsp.dev/protocol"}}, ""},
		{"protocol in the engine", source{dir: "agent", imports: []string{"go.lsp.dev/uri"}}, "the protocol stays at the edge"},
		{"protocol in a test of the engine", source{dir: "agent", test: true, imports: []string{"go.lsp.dev/uri"}}, "the protocol stays at the edge"},
		{"fsnotify", source{dir: "workspace", imports: []string{"github.com/fsnotify/fsnotify"}}, "one place knows"},
		{"ollama", source{dir: "agent/model", imports: []string{"github.com/ollama/ollama/api"}}, "its stream needs guards"},
		{"ollama where it belongs", source{dir: "agent/model/ollama", imports: []string{"github.com/ollama/ollama/api"}}, ""},
		{"provider past the wiring", source{dir: "lsp", imports: []string{module + "/agent/model/ollama"}}, "wired in one place"},
		{"scripted model in the product", source{dir: "agent", imports: []string{module + "/agent/model/modeltest"}}, "for tests, demo and bench"},
		{"scripted model in a test", source{dir: "agent", test: true, imports: []string{module + "/agent/model/modeltest"}}, ""},
		{"testing in the product", source{dir: "agent/edit", imports: []string{"testing"}}, "no test code"},
		{"clock", source{dir: "agent/edit", imports: []string{"time"}}, "reads no clock"},
		{"third party on the ground", source{dir: "workspace/text", imports: []string{"golang.org/x/text"}}, "nothing but the standard library"},
		{"models in the workspace", source{dir: "workspace", imports: []string{module + "/agent/perf"}}, "knows nothing of models"},
		{"programs", source{dir: "agent/scaffold", imports: []string{"os/exec"}}, "can start a program"},
		{"file reads", source{dir: "lsp", imports: []string{"os"}, osCalls: []string{"Getpid", "ReadFile"}}, "uses os.ReadFile"},
		{"file reads of the configuration", source{dir: "lsp/config", imports: []string{"os"}, osCalls: []string{"ReadFile"}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.s.name = "x.go"
			got := violations([]source{tt.s})
			switch {
			case tt.want == "" && len(got) > 0, tt.want != "" && len(got) != 1:
				t.Errorf("violations: %q", got)
			case tt.want != "" && !strings.Contains(got[0], tt.want):
				t.Errorf("%q does not say %q", got[0], tt.want)
			}
		})
	}
}

// Every package says in doc.go what it is for.
func TestPackageComments(t *testing.T) {
	root, files := moduleFiles(t)
	packages := map[string]bool{}
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			packages[filepath.Dir(file)] = true
		}
	}
	for dir := range packages {
		rel, _ := filepath.Rel(root, dir) // for the message alone
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "doc.go"), nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Errorf("%s: %v", rel, err)
			continue
		}
		if len(strings.Fields(f.Doc.Text())) < 15 {
			t.Errorf("%s/doc.go: no package comment that tells a newcomer what the package is for", rel)
		}
	}
}

// maxLines is when a file has become two.
const maxLines = 450

func TestFileLengths(t *testing.T) {
	root, files := moduleFiles(t)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(data, []byte("\n")); n > maxLines && !bytes.Contains(data[:min(len(data), 1024)], []byte("DO NOT EDIT")) {
			rel, _ := filepath.Rel(root, file) // for the message alone
			t.Errorf("%s has %d lines, more than %d: split it", rel, n, maxLines)
		}
	}
}
