package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/agent/plan"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// Two parts whose edits overlap can't both be had: what is left out is said.
func TestDraftOverlap(t *testing.T) {
	f := &workspace.File{Path: "/w/a.go", Root: "/w", Text: "abcdef\n"}
	part := func(start, end int, by string) *run {
		return &run{
			result: &Result{Files: []FileEdit{{Path: f.Path, Base: f}}},
			wrote:  wrote{region: text.Span{Start: start, End: end}, settled: by},
		}
	}
	steps := []plan.Step{{Path: f.Path, Rel: "a.go", Symbol: "one", File: f}, {Path: f.Path, Rel: "a.go", Symbol: "two", File: f}, {Path: f.Path, Rel: "a.go", Symbol: "three", File: f}}
	d := &draft{run: &run{result: &Result{}}, files: map[string]*drafted{}}
	failed := d.take(t.Context(), steps, []*run{part(0, 3, "ABC"), part(2, 4, "xx"), part(4, 6, "EF")}, make([]error, 3))
	if failed > 0 || d.files[f.Path].text != "ABCdEF\n" || !slices.Equal(d.result.Left, []string{"a.go, two: its edit reaches into that of another step"}) {
		t.Errorf("%d failed, %q, left %q", failed, d.files[f.Path].text, d.result.Left)
	}
	// A round of repair speaks of the draft, and says the same.
	g := &workspace.File{Path: f.Path, Root: "/w", Text: d.files[f.Path].text}
	again := func(start, end int) *run {
		p := part(start, end, "r")
		p.result.Files[0].Base = g
		return p
	}
	d.result.Left = nil
	if d.take(t.Context(), steps[:2], []*run{again(0, 2), again(1, 3)}, make([]error, 2)); d.files[f.Path].text != "rCdEF\n" || len(d.result.Left) != 1 {
		t.Errorf("%q, left %q", d.files[f.Path].text, d.result.Left)
	}
}

// Steps that need the same import, some of them more, leave one import of each.
func TestRefactorImportsOnce(t *testing.T) {
	for _, tt := range []struct{ name, file, src, one, two, head string }{
		{
			"go", "a/a.go", "package a\n\nfunc One() {\n}\n\nfunc Two() {\n}\n",
			"func One() {\n\tfmt.Println(os.Args)\n}\n", "func Two() {\n\tfmt.Println(2)\n\tslices.Sort([]int{})\n}\n",
			"package a\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"slices\"\n)\n\nfunc One",
		},
		{
			"go, CRLF", "a/a.go", "package a\r\n\r\nfunc One() {\r\n}\r\n\r\nfunc Two() {\r\n}\r\n",
			"func One() {\n\tfmt.Println(1)\n}\n", "func Two() {\n\tfmt.Println(2)\n}\n",
			"package a\r\n\r\nimport \"fmt\"\r\n\r\nfunc One() {\r\n\tfmt.Println(1)\r\n}\r\n\r\nfunc Two() {\r\n\tfmt.Println(2)\r\n}\r\n",
		},
		{
			"python", "a/a.py", "import re\n\n\ndef One():\n    pass\n\n\ndef Two():\n    pass\n",
			"import os\nimport sys\ndef One():\n    print(os.sep, sys.argv)\n", "import os\ndef Two():\n    print(os.sep)\n",
			"import os\nimport re\nimport sys\n\n\ndef One",
		},
		{
			"script", "a/a.ts", "import { a } from \"x\";\n\nexport function One() {\n}\n\nexport function Two() {\n}\n",
			"import { b } from \"x\";\nexport function One() {\n  b();\n}\n", "import { b, c } from \"x\";\nexport function Two() {\n  b(c);\n}\n",
			"import { a, b, c } from \"x\";\n\nexport function One",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan := modeltest.Reply{Last: "plan this change", Text: steps(step("edit", tt.file, "Two", "say two"), step("edit", tt.file, "One", "say one"))}
			one, two := modeltest.Reply{Last: "say one", Text: "```\n" + tt.one + "```\n"}, modeltest.Reply{Last: "say two", Text: "```\n" + tt.two + "```\n"}
			w := newWorkbench(t, replies(plan, one, two), map[string]string{tt.file: tt.src})
			res, err := w.do(t.Context(), Request{Action: Refactor, Path: ".", Prompt: "Have One and Two say it"})
			if err != nil {
				t.Fatal(err)
			}
			if got := w.applied(t, res)[tt.file]; !strings.HasPrefix(got, tt.head) || len(res.Left) > 0 {
				t.Errorf("left %q\n%q\nwant the beginning\n%q", res.Left, got, tt.head)
			}
		})
	}
}

// Every step is told of the change, and which files come and go.
func TestWhole(t *testing.T) {
	edits := []plan.Step{{Kind: plan.Edit, Rel: "a.go", Symbol: "A"}, {Kind: plan.Edit, Rel: "b.go"}}
	files := append(slices.Clone(edits), plan.Step{Kind: plan.Create, Rel: "c.go"}, plan.Step{Kind: plan.Move, Rel: "d.go", ToRel: "e.go"}, plan.Step{Kind: plan.Delete, Rel: "f.go"})
	const change = "The task is one step of this change: give NewStore a size"
	for _, tt := range []struct {
		steps []plan.Step
		want  string
	}{
		{edits, change},
		{files, change + "\nThe change creates c.go, renames d.go to e.go, deletes f.go."},
		{files[:3], change + "\nThe change creates c.go."},
	} {
		if got := whole("give\n NewStore a size", tt.steps); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
	many := make([]plan.Step, 60)
	for i := range many {
		many[i] = plan.Step{Kind: plan.Create, Rel: fmt.Sprintf("name%d.go", i)}
	}
	if got := whole("split it", many); !strings.HasSuffix(got, ".go, and more.") || len(got) > maxWhole+20 {
		t.Errorf("%q", got)
	}
	if got := whole(strings.Repeat("long ", 80), many[:2]); !strings.HasSuffix(got, "\nThe change creates name0.go, and more.") {
		t.Errorf("%q", got)
	}
}

// A step is told of the steps that change what its region uses, and of no others.
func TestBeside(t *testing.T) {
	f := &workspace.File{Path: "/w/a.go", Root: "/w", Language: "go", Text: "package a\n\nfunc A() int { return B() + C() } // D\n\nfunc B() int { return 1 }\n"}
	at := func(line string) text.Span {
		i := strings.Index(f.Text, line)
		return text.Span{Start: i, End: i + len(line)}
	}
	edits := func(symbol, what string) plan.Step {
		return plan.Step{Kind: plan.Edit, Path: "/w/x.go", Rel: "x.go", Symbol: symbol, What: what}
	}
	own := plan.Step{Kind: plan.Edit, File: f, Path: f.Path, Rel: "a.go", Symbol: "A", Region: at("func A() int { return B() + C() } // D\n"), What: "add them up"}
	b := plan.Step{Kind: plan.Edit, File: f, Path: f.Path, Rel: "a.go", Symbol: "B", Region: at("func B() int { return 1 }\n"), What: "give\ntwo"}
	for name, tt := range map[string]struct {
		steps []plan.Step
		want  []string
	}{
		"none but itself":   {[]plan.Step{own}, nil},
		"in its file":       {[]plan.Step{own, b}, []string{"Another step changes B of a.go: give two"}},
		"in another":        {[]plan.Step{edits("C", "take a number"), own}, []string{"Another step changes C of x.go: take a number"}},
		"in a comment":      {[]plan.Step{own, edits("D", "go")}, nil},
		"the same of all":   {[]plan.Step{own, edits("C", own.What)}, nil},
		"a whole file":      {[]plan.Step{own, edits("", "go")}, nil},
		"no edit":           {[]plan.Step{own, {Kind: plan.Delete, Path: "/w/x.go", Rel: "x.go", Symbol: "C"}}, nil},
		"too long":          {[]plan.Step{own, edits("C", strings.Repeat("more ", 50))}, []string{"Another step changes C of x.go"}},
		"more than is told": {[]plan.Step{edits("C", "1"), edits("C", "2"), edits("B", "3"), edits("C", "4")}, []string{"Another step changes C of x.go: 1", "Another step changes C of x.go: 2", "Another step changes B of x.go: 3"}},
	} {
		if got := beside(own, tt.steps); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := beside(plan.Step{Kind: plan.Create, Rel: "c.go"}, []plan.Step{own, b}); got != nil {
		t.Errorf("a new file: %q", got)
	}
}

// A model that writes the file it took the code from as well is not believed that the
// first file is the new one.
func TestRefactorCreatesItsOwnFile(t *testing.T) {
	make := modeltest.Reply{Last: "the errors", Text: "`store/store.go`\n" + fenced("package store\n\n// Store keeps orders.\ntype Store struct{}\n") + "\n`store/errors.go`\n" + fenced("package store\n\n// ErrFull says no.\nvar ErrFull error\n")}
	w := newWorkbench(t, replies(modeltest.Reply{Last: "plan this change", Text: steps(step("create", "store/errors.go", "", "the errors"))}, make), shop)
	res, err := w.do(t.Context(), Request{Action: Refactor, Path: ".", Prompt: "Move the errors of NewStore to a file of their own"})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.applied(t, res); got["store/errors.go"] != "package store\n\n// ErrFull says no.\nvar ErrFull error\n" {
		t.Errorf("%q", got)
	}
}

// The instant tier renames, and says what it can't do.
func TestRefactorInstant(t *testing.T) {
	w := newWorkbench(t, modeltest.Script{}, shop)
	for prompt, want := range map[string]string{
		"Give NewStore a capacity parameter": "does no other refactoring",
		"rename orders to items":             "here nothing declares orders",
	} {
		_, err := w.do(t.Context(), Request{Action: Refactor, Path: ".", Tier: Instant, Prompt: prompt})
		if e := ExplainError(err); e == nil || e.Kind != BadRequest || !strings.Contains(e.Message, want) || e.Hint != "use another tier" {
			t.Errorf("%s: %+v", prompt, e)
		}
	}
	keep := func(_ context.Context, p Proposal) ([]int, error) { return []int{0, 1}, nil }
	res, err := w.do(t.Context(), Request{Action: Refactor, Path: ".", Tier: Instant, Prompt: "rename NewStore to OpenStore", Approve: keep})
	if err != nil || len(res.Files) != 2 || !strings.Contains(res.Why, "in 2 places") {
		t.Errorf("%v, %d files: %s", err, len(res.Files), res.Why)
	}
}
