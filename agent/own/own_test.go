package own

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParseCommand(t *testing.T) {
	c, problems, ok := ParseCommand("add-logging", "---\ntitle: Add logging\nkind: edit\nscope: symbol\ntier: fast\nfiles: ['*.go', cmd/**]\n---\n\nLog {{symbol}} of {{file}}.\n")
	if !ok || len(problems) > 0 {
		t.Fatal(problems)
	}
	want := Command{Name: "add-logging", Title: "Add logging", Kind: "edit", Scope: "symbol", Tier: "fast", Files: []string{"*.go", "cmd/**"}, Body: "Log {{symbol}} of {{file}}."}
	if fmt.Sprint(c) != fmt.Sprint(want) {
		t.Errorf("%+v, want %+v", c, want)
	}
	if c, _, ok := ParseCommand("make-it-nice", "Make it nice."); !ok || c.Title != "Make it nice" || c.Kind != "edit" || c.Scope != "selection" {
		t.Errorf("without a head: %+v %v", c, ok)
	}
	if c, _, _ := ParseCommand("übersetze-das", "Do."); c.Title != "Übersetze das" {
		t.Errorf("a title with a letter beyond ASCII: %q", c.Title)
	}
	if c, _, ok := ParseCommand("x", "---\r\ntitle: X\r\n---\r\nDo.\r\nMore.\r\n"); !ok || c.Body != "Do.\nMore." {
		t.Errorf("with CRLF: %+v %v", c, ok)
	}
	if c, problems, ok := ParseCommand("x", "--- \ntitle: Y\n---\t\nDo.\n"); !ok || c.Title != "Y" || c.Body != "Do." {
		t.Errorf("with blanks behind the dashes: %+v %v", c, problems)
	}
}

func TestTools(t *testing.T) {
	for head, want := range map[string]Tools{
		"":                                   {},
		"tools: true":                        {All: true},
		"tools: false":                       {},
		"tools: []":                          {},
		"tools: [read, search, docs_lookup]": {Names: []string{"read", "search", "docs_lookup"}},
		"tools:\n- read":                     {Names: []string{"read"}},
	} {
		c, problems, ok := ParseCommand("x", "---\n"+head+"\n---\nDo.")
		if !ok || fmt.Sprint(c.Tools) != fmt.Sprint(want) {
			t.Errorf("%q: %+v %v", head, c.Tools, problems)
		}
	}
}

func TestProblems(t *testing.T) {
	cases := []struct {
		name, src string
		want      []string
	}{
		{"an unknown key", "---\ntitle: X\ncolour: red\n---\nDo.", []string{"line 3: colour is not known; the keys are title, kind, scope, tier, files and tools"}},
		{"a wrong word", "---\nkind: shell\n---\nDo.", []string{`line 2: kind is "shell"; use edit, generate, explain`}},
		{"a list for a text", "---\ntitle: [a]\n---\nDo.", []string{"line 2: title must be text on one line"}},
		{"a title of nothing", "---\ntitle: ''\n---\nDo.", []string{"line 2: title is empty; say what it is, or leave it out"}},
		{"files of nothing", "---\nfiles: ''\n---\nDo.", []string{"line 2: files is empty"}},
		{"a key without a value", "---\ntier:\n---\nDo.", []string{`line 2: tier is ""; use fast, balanced, quality`}},
		{"a list for a word", "---\nkind: [edit]\n---\nDo.", []string{`line 2: kind is ""; use edit, generate, explain`}},
		{"a head that begins late", "\n---\nkind: explain\n---\nDo.", []string{"line 1: the head must begin on the first line"}},
		{"a key twice", "---\ntier: fast\ntier: quality\n---\nDo.", []string{"line 3: tier is there twice"}},
		{"a bad glob", "---\nfiles: '[a'\n---\nDo.", []string{`line 2: files: "[a" is no glob`}},
		{"an open head", "---\ntitle: X\nDo.", []string{"line 1: the head is not closed: end it with a line of three dashes"}},
		{"no YAML", "---\ntitle: \"X\nkind: edit\n---\nDo.", []string{"the head is not YAML"}},
		{"a list", "---\n- a\n---\nDo.", []string{"line 2: the head is no list of KEY: VALUE lines"}},
		{"tools in a word", "---\ntools: read\n---\nDo.", []string{"line 2: tools must be true, or a list of names such as [read, search]"}},
		{"a number of tools", "---\ntools: 3\n---\nDo.", []string{"line 2: tools must be true"}},
		{"a tool that can't be", "---\ntools: [read, 'rm -rf']\n---\nDo.", []string{`line 2: tools: "rm -rf" is no name of a tool`}},
		{"tools by kind", "---\ntools: {read: true}\n---\nDo.", []string{"line 2: tools must be true"}},
		{"no body", "---\ntitle: X\n---\n", []string{"line 4: the instruction is missing"}},
		{"an empty file", "", []string{"line 1: the instruction is missing"}},
		{"an unknown placeholder", "---\ntitle: X\n---\nDo\n{{ thing }} now", []string{"line 5: {{thing}} is not known"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, problems, ok := ParseCommand("x", c.src)
			if ok || len(problems) != len(c.want) {
				t.Fatalf("%v %v, want %q", ok, problems, c.want)
			}
			for i, p := range problems {
				if !strings.Contains(p.String(), c.want[i]) {
					t.Errorf("%q, want %q", p, c.want[i])
				}
			}
		})
	}
}

func TestExpand(t *testing.T) {
	c := Command{Body: "Change {{ symbol }} in {{file}} ({{language}}): {{selection}}Reported: {{diagnostics}}\nSee {{related}}"}
	got := c.Expand(Subject{Selection: "a ``` b {{file}}\n", Symbol: "Save", File: "a/b.go", Language: "go", Diagnostics: []string{"x", "y"}})
	want := "Change Save in a/b.go (go): \n````go\na ``` b {{file}}\n````\nReported: \n- x\n- y\nSee none"
	if got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestOffers(t *testing.T) {
	c := Command{Files: []string{"*.go", "web/**/*.tsx"}}
	for rel, want := range map[string]bool{"a/b.go": true, "web/x/y.tsx": true, "x.tsx": false, "a.py": false} {
		if c.Offers(rel) != want {
			t.Errorf("%s: %v", rel, !want)
		}
	}
	if !(Command{}).Offers("anything") {
		t.Error("without files it is for all")
	}
}

func TestParseVoice(t *testing.T) {
	v, problems, ok := ParseVoice("pedant", "---\ntier: fast\ntemperature: 0.7\n---\nYou find every comma.\n")
	if !ok || v != (Voice{Name: "pedant", Tier: "fast", Temperature: 0.7, Instructions: "You find every comma."}) {
		t.Errorf("%+v %v", v, problems)
	}
	for _, src := range []string{"---\ntemperature: hot\n---\nX", "---\ntemperature: 3\n---\nX", "---\ntemperature: NaN\n---\nX", "---\ntemperature: [1]\n---\nX", "---\ntitle: X\n---\nX", ""} {
		if _, problems, ok := ParseVoice("v", src); ok || len(problems) != 1 {
			t.Errorf("%q: %v %v", src, ok, problems)
		}
	}
	for _, name := range Reviewers {
		if !slices.ContainsFunc(BuiltIn(), func(v Voice) bool { return v.Name == name }) {
			t.Errorf("%s is no voice", name)
		}
	}
}

// FuzzParse: any file gives a command or problems on lines that it has.
func FuzzParse(f *testing.F) {
	f.Add("---\ntitle: X\nfiles: [a, b]\n---\nDo {{file}}.")
	f.Add("---\n---")
	f.Add("---\na: &a [*a]\n---\nx")
	f.Fuzz(func(t *testing.T, src string) {
		c, problems, ok := ParseCommand("x", src)
		if ok == (len(problems) > 0) {
			t.Errorf("%v with %v", ok, problems)
		}
		if ok && c.Body == "" {
			t.Error("a command without a body")
		}
		for _, p := range problems {
			if p.Line < 0 || p.Line > strings.Count(src, "\n")+strings.Count(src, "\r")+1 {
				t.Errorf("%v of %q", p, src)
			}
		}
		ParseVoice("x", src)
	})
}
