package tests

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent/imports"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// Merged is what becomes of a model's tests.
type Merged struct {
	Text  string      // of a file to be created
	Edits []text.Edit // of Place.File
	Added []string    // names of the tests
}

// Refused is a reply whose tests can't be used; Again is what to tell the model.
type Refused struct{ Message, Again string }

func (e *Refused) Error() string { return e.Message }

// isTestCode is what every test has, by language.
var isTestCode = map[string]*regexp.Regexp{
	"go": regexp.MustCompile(`(?m)^func (?:Test|Benchmark|Fuzz|Example)\w*\(`), "python": regexp.MustCompile(`(?m)^\s*(?:async )?def test`),
	"rust": regexp.MustCompile(`#\[(?:\w+::)?test\b`), "java": regexp.MustCompile(`@(?:Test|ParameterizedTest)\b`),
}

var scriptTest = regexp.MustCompile(`\b(?:it|test)(?:\.\w+)*(?:\([^()]*\)|` + "`[^`]*`" + `)?\(`)

func (p *Place) isTest(code string) bool {
	if re := isTestCode[p.Language]; re != nil {
		return re.MatchString(code)
	}
	return scriptTest.MatchString(code)
}

// Merge puts the tests of a reply where they belong.
func (p *Place) Merge(ctx context.Context, snap *workspace.Snapshot, reply string) (*Merged, error) {
	reply = text.WithEOL(reply, "\n")
	if !p.isTest(reply) {
		return nil, &Refused{"the reply holds no test", "Your code holds no test for " + p.Framework + "."}
	}
	if p.File == nil {
		return p.newFile(ctx, snap, reply)
	}
	old := p.File.Text
	eol := text.EOL(old)
	code := p.bare(reply)
	at, code, added := p.insertion(text.WithEOL(old, "\n"), code)
	if len(added) == 0 {
		return nil, &Refused{
			"the reply holds only tests that " + p.File.Rel() + " has already",
			"All the tests in your code exist already. Write others, with other names.",
		}
	}
	at = offsetWith(old, at, eol)
	settled := imports.Settle(ctx, snap, p.File, old[:at], text.WithEOL(code, eol), old[at:], false)
	edits := slices.Concat(p.javaImports(old, reply, eol), settled.Head, []text.Edit{{Span: text.Span{Start: at, End: at}, New: settled.Code}})
	now, err := text.Apply(old, edits)
	if err != nil {
		return nil, fmt.Errorf("placing the tests: %w", err)
	}
	if syntax.Problems(p.Language, now) > syntax.Problems(p.Language, old) {
		return nil, &Refused{"the tests break the syntax of " + p.File.Rel(), "With your code the test file has a syntax error."}
	}
	return &Merged{Edits: edits, Added: added}, nil
}

// offsetWith is the place in s of an offset counted with \n line ends.
func offsetWith(s string, at int, eol string) int {
	if eol != "\r\n" {
		return at
	}
	for i := 0; i < len(s); i++ {
		if at == 0 {
			return i
		}
		if s[i] == '\r' && i+1 < len(s) && s[i+1] == '\n' {
			continue
		}
		at--
	}
	return len(s)
}

var (
	goClause   = regexp.MustCompile(`(?m)^package\s+\w+[ \t]*\n+`)
	javaClause = regexp.MustCompile(`(?m)^package\s+[\w.]+;[ \t]*\n+`)
	javaImport = regexp.MustCompile(`(?m)^import\s+[^;\n]+;[ \t]*\n`)
)

// bare is the reply without what the head of the file has: a package clause.
// Import statements stay, for they are moved.
func (p *Place) bare(reply string) string {
	switch p.Language {
	case "go":
		return goClause.ReplaceAllString(reply, "")
	case "java":
		return javaClause.ReplaceAllString(reply, "")
	}
	return reply
}

// javaImports adds the imports of the reply that old does not have.
func (p *Place) javaImports(old, reply, eol string) []text.Edit {
	if p.Language != "java" {
		return nil
	}
	var missing string
	for _, line := range javaImport.FindAllString(reply, -1) {
		if line = strings.TrimSpace(line); !strings.Contains(old, line) {
			missing += line + eol
		}
	}
	at := syntax.Imports("java", old).End
	if at == 0 || missing == "" {
		return nil
	}
	return []text.Edit{{Span: text.Span{Start: at, End: at}, New: eol + strings.TrimSuffix(missing, eol)}}
}

// newFile is the whole new file.
func (p *Place) newFile(ctx context.Context, snap *workspace.Snapshot, reply string) (*Merged, error) {
	code := reply
	if p.Language == "go" {
		code = "package " + p.pkg + "\n\n" + strings.TrimLeft(goClause.ReplaceAllString(reply, ""), "\n")
		if name, ok := strings.CutSuffix(p.pkg, "_test"); ok {
			if path := snap.GoImportPath(filepath.Dir(p.Path)); path != "" && !strings.Contains(code, `"`+path+`"`) && strings.Contains(code, name+".") {
				code = strings.Replace(code, "\n\n", "\n\nimport \""+path+"\"\n\n", 1)
			}
		}
	}
	f := &workspace.File{Path: p.Path, Root: p.source.Root, Language: p.Language}
	if _, script := isTestCode[p.Language]; !script {
		code = p.sourceImports(snap, f, code)
	}
	settled := imports.Settle(ctx, snap, f, "", code, "", false)
	if settled.Code != "" {
		code = settled.Code
	}
	return &Merged{Text: strings.TrimRight(code, "\n") + "\n", Added: p.names(code)}, nil
}

var fromVitest = regexp.MustCompile(`\b(describe|it|test|expect|vi|beforeEach|afterEach|beforeAll|afterAll)\b(?:\.\w+)*\s*\(`)

// sourceImports corrects how a new test imports the source by a guessed path, and
// imports what it uses of vitest.
func (p *Place) sourceImports(snap *workspace.Snapshot, f *workspace.File, code string) string {
	list := syntax.ImportsOf(p.Language, code)
	for _, i := range slices.Backward(list) {
		stem := strings.TrimSuffix(filepath.Base(p.source.Path), filepath.Ext(p.source.Path))
		ext := filepath.Ext(i.Path)
		if !strings.HasPrefix(i.Path, ".") || strings.TrimSuffix(filepath.Base(i.Path), ext) != stem && filepath.Base(i.Path) != stem || len(snap.Resolve(f, i)) > 0 {
			continue
		}
		if ext == ".test" || ext == ".spec" {
			ext = ""
		}
		right := imports.Relative(filepath.Dir(p.Path), p.source.Path, ext)
		code = code[:i.Span.Start+1] + right + code[i.Span.End-1:]
	}
	if p.Framework != "vitest" || p.global || slices.ContainsFunc(list, func(i syntax.Import) bool { return i.Path == "vitest" }) {
		return code
	}
	var used []string
	for _, m := range fromVitest.FindAllStringSubmatch(syntax.Code(p.Language, code), -1) {
		if !slices.Contains(used, m[1]) {
			used = append(used, m[1])
		}
	}
	slices.Sort(used)
	quote, semi := `"`, ";"
	if strings.Count(p.source.Text, "'") > strings.Count(p.source.Text, `"`) {
		quote = "'"
	}
	if !strings.Contains(p.source.Text, ";\n") {
		semi = ""
	}
	return "import { " + strings.Join(used, ", ") + " } from " + quote + "vitest" + quote + semi + "\n" + code
}

// names lists the tests in code.
func (p *Place) names(code string) []string {
	if _, known := isTestCode[p.Language]; !known {
		return titles(code)
	}
	var out []string
	for _, sym := range syntax.Outline(p.Language, code) {
		if sym.Kind == syntax.Function || sym.Kind == syntax.Method {
			out = append(out, sym.Name)
		}
	}
	return out
}
