package lsp

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/protocol"
)

// titles opens the menu and gives its entries as "title [kind]".
func (p *peer) titles(path string, r Range, context map[string]any) []string {
	p.t.Helper()
	if context["diagnostics"] == nil {
		context["diagnostics"] = []any{}
	}
	m := p.call("textDocument/codeAction", map[string]any{"textDocument": map[string]any{"uri": uriOf(path)}, "range": r, "context": context})
	if m.Error != nil {
		p.t.Fatalf("codeAction: %+v", *m.Error)
	}
	var items []struct {
		Title, Kind string
		Command     any
		Tags        []int
		Diagnostics []any
		IsPreferred bool
	}
	if err := json.Unmarshal(m.Result, &items); err != nil {
		p.t.Fatal(err)
	}
	titles := []string{}
	for _, i := range items {
		titles = append(titles, strings.TrimSpace(i.Title+" "+i.Kind))
		if i.IsPreferred {
			p.t.Errorf("%s is preferred", i.Title)
		}
	}
	return titles
}

const menuSource = `package a

// add adds.
func add(a, b int) int {
	return 0
}

// hob: a function that multiplies
// two numbers

func main() {}
`

func TestMenu(t *testing.T) {
	root := project(t, map[string]string{
		"a.go": menuSource, "web/package.json": `{"dependencies":{"react":"18"}}`, "web/src/x.ts": "export const x = 1;\n", ".env": "K=1\n",
	})
	path, ts := filepath.Join(root, "a.go"), filepath.Join(root, "web", "src", "x.ts")
	diag := func(r Range, message string) map[string]any {
		return map[string]any{"range": r, "message": message, "severity": 1, "source": "compiler", "code": "E1"}
	}
	undefined := diag(span(4, 8, 4, 9), "undefined:\n\tzero  here")
	noInput := json.RawMessage(strings.Replace(string(fullCaps), `"input": true`, `"input": false`, 1))
	bare := json.RawMessage(`{"workspace":{"applyEdit":true}}`)
	document, explain := "refactor.rewrite.hob.document", "refactor.hob.explain"
	review, refactor := "refactor.hob.review", "Refactor across files… refactor.hob.refactor"
	for _, c := range []struct {
		name    string
		caps    any
		path    string
		r       Range
		context map[string]any
		want    []string
	}{
		{
			"cursor on a declaration", nil, path, span(3, 6, 3, 6),
			map[string]any{},
			[]string{"Generate here… refactor.rewrite.hob.generate", "Document add " + document, "Write tests for add refactor.hob.test", "Explain add " + explain, "Review add " + review, refactor},
		},
		{
			"a cursor that is a selection of one character", noInput, path, span(3, 6, 3, 7),
			map[string]any{},
			[]string{"Document add " + document, "Write tests for add refactor.hob.test", "Explain add " + explain, "Review add " + review},
		},
		{
			"selection inside", nil, path, span(4, 1, 4, 9),
			map[string]any{},
			[]string{"Edit selection… refactor.rewrite.hob.edit", "Explain selection " + explain, "Review selection " + review, refactor},
		},
		{
			"selection of a symbol, nothing to ask with", noInput, path, span(2, 0, 6, 0),
			map[string]any{},
			[]string{"Document add " + document, "Write tests for add refactor.hob.test", "Explain add " + explain, "Review add " + review},
		},
		{
			"comment", noInput, path, span(8, 3, 8, 3),
			map[string]any{},
			[]string{"Generate: a function that multiplies two numbers refactor.rewrite.hob.generate", "Refactor across files: a function that multiplies two numbers refactor.hob.refactor"},
		},
		{
			"comment in a selection", noInput, path, span(6, 0, 10, 0),
			map[string]any{},
			[]string{"Edit: a function that multiplies two numbers refactor.rewrite.hob.edit", "Explain selection " + explain, "Review selection " + review},
		},
		{"a blank line, nothing to ask with", noInput, path, span(6, 0, 6, 0), map[string]any{}, []string{}},
		{
			"a diagnostic by itself", nil, path, span(4, 8, 4, 8),
			map[string]any{"triggerKind": 2, "diagnostics": []any{undefined}},
			[]string{"Fix: undefined: zero here quickfix.hob"},
		},
		{"by itself, nothing wrong", nil, path, span(3, 6, 3, 6), map[string]any{"triggerKind": 2}, []string{}},
		{
			"by itself, for a kind", nil, path, span(3, 6, 3, 6),
			map[string]any{"triggerKind": 2, "only": []string{"refactor.hob"}},
			[]string{"Write tests for add refactor.hob.test", "Explain add " + explain, "Review add " + review, refactor},
		},
		{"diagnostic elsewhere", nil, path, span(0, 0, 0, 0), map[string]any{"diagnostics": []any{undefined}, "only": []string{"quickfix"}}, []string{}},
		{"many diagnostics", nil, path, span(4, 0, 4, 9), map[string]any{"only": []string{"quickfix"}, "diagnostics": []any{
			undefined, diag(span(4, 1, 4, 2), "2"), diag(span(4, 1, 4, 2), "3"), diag(span(4, 1, 4, 2), "4"),
		}}, []string{"Fix: undefined: zero here quickfix.hob", "Fix: 2 quickfix.hob", "Fix all 4 problems here quickfix.hob"}},
		{
			"only refactor.rewrite", nil, path, span(3, 6, 3, 6),
			map[string]any{"only": []string{"refactor.rewrite"}},
			[]string{"Generate here… refactor.rewrite.hob.generate", "Document add " + document},
		},
		{"only a prefix that is no kind", nil, path, span(3, 6, 3, 6), map[string]any{"only": []string{"refactor.rew"}}, []string{}},
		{"only source", nil, path, span(3, 6, 3, 6), map[string]any{"only": []string{"source.organizeImports"}}, []string{}},
		{
			"only empty", nil, path, span(3, 6, 3, 6),
			map[string]any{"only": []string{""}},
			[]string{"Generate here… refactor.rewrite.hob.generate", "Document add " + document, "Write tests for add refactor.hob.test", "Explain add " + explain, "Review add " + review, refactor},
		},
		{"a client that knows commands only", bare, path, span(3, 6, 3, 6), map[string]any{}, []string{"Document add", "Write tests for add", "Explain add", "Review add"}},
		{
			"react", nil, ts, span(0, 0, 0, 0),
			map[string]any{"only": []string{"refactor.rewrite.hob.component"}},
			[]string{"Generate component… refactor.rewrite.hob.component"},
		},
		{"no react", nil, path, span(0, 0, 0, 0), map[string]any{"only": []string{"refactor.rewrite.hob.component"}}, []string{}},
		{"not open", nil, filepath.Join(root, "b.go"), span(0, 0, 0, 0), map[string]any{}, []string{}},
		{"a secret", nil, filepath.Join(root, ".env"), span(0, 0, 0, 1), map[string]any{}, []string{}},
		{"outside", nil, "/etc/hosts", span(0, 0, 0, 1), map[string]any{}, []string{}},
		{"range outside", nil, path, span(99, 0, 99, 1), map[string]any{}, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, Options{})
			p.initialize(root, c.caps)
			p.open(path, "go", menuSource)
			p.open(ts, "typescript", "export const x = 1;\n")
			p.open(filepath.Join(root, ".env"), "plaintext", "K=1\n")
			p.open("/etc/hosts", "plaintext", "x\n")
			if strings.Contains(c.name, "react") {
				// package.json is known after the first scan, which a job about the project waits for.
				p.execute("hob.component", JobParams{URI: uriOf(root), Prompt: "x", Tier: "none", Wait: true})
				p.execute("hob.component", JobParams{URI: uriOf(root), Prompt: "x", Model: "none/none", Wait: true})
			}
			got := p.titles(c.path, c.r, c.context)
			// A menu that opens by itself waits for no outline; it is there the next time.
			for until := time.Now().Add(patience); c.context["triggerKind"] != nil && !slices.Equal(got, c.want) && time.Now().Before(until); {
				p.titles(path, span(3, 6, 3, 6), map[string]any{})
				got = p.titles(c.path, c.r, c.context)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("offers %q, want %q", got, c.want)
			}
		})
	}
}

// Every item carries its whole command, which its job takes as it is.
func TestMenuCommandsRun(t *testing.T) {
	p, e := session(t, with(saying(goAdd)), nil)
	m := p.call("textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": uriOf(e.path)}, "range": span(3, 6, 3, 6), "context": map[string]any{
			"diagnostics": []any{map[string]any{"range": span(3, 5, 3, 8), "message": "wrong", "code": 7}},
		},
	})
	var items []protocol.CodeAction
	if err := protocol.Unmarshal(m.Result, &items); err != nil || len(items) < 3 {
		t.Fatalf("%s, %v", m.Result, err)
	}
	for _, item := range slices.Backward(items) { // the fix, which changes the rest, comes last
		if len(item.Tags) != 1 || item.Edit != nil || item.Kind == nil {
			t.Errorf("item %+v", item)
		}
		var params JobParams
		if err := json.Unmarshal(item.Command.Arguments[0], &params); err != nil || params.URI != uriOf(e.path) || params.Version == nil || params.Range == nil {
			t.Errorf("%s carries %s, %v", item.Title, item.Command.Arguments[0], err)
		}
		if item.Command.Command == "hob.generate" || item.Command.Command == "hob.refactor" {
			continue // it would ask
		}
		m := p.call("workspace/executeCommand", map[string]any{"command": item.Command.Command, "arguments": item.Command.Arguments})
		p.done(p.jobID(m))
	}
}

// What a server said about a diagnostic of its own comes back to it as it was.
func TestFixPassesDiagnosticsBack(t *testing.T) {
	root := project(t, map[string]string{"a.go": menuSource})
	path := filepath.Join(root, "a.go")
	p := start(t, Options{})
	p.initialize(root, nil)
	p.open(path, "go", menuSource)
	d := `{"range":{"start":{"line":4,"character":8},"end":{"line":4,"character":9}},"severity":2,"code":42,"codeDescription":{"href":"https://example.com/42"},` +
		`"source":"lint","message":"odd","tags":[1],"relatedInformation":[{"location":{"uri":"` + uriOf(path) + `","range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}}},` +
		`"message":"see"}],"data":{"fix":[1,{"a":null}],"id":"x"}}`
	m := p.call("textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": uriOf(path)}, "range": span(4, 8, 4, 8),
		"context": map[string]any{"only": []string{"quickfix"}, "diagnostics": []json.RawMessage{json.RawMessage(d), json.RawMessage(d)}},
	})
	var items []struct {
		Title       string
		Diagnostics []any
		Command     struct{ Arguments []struct{ Diagnostics []any } }
	}
	var want any
	if err := errors.Join(json.Unmarshal(m.Result, &items), json.Unmarshal([]byte(d), &want)); err != nil || len(items) != 3 {
		t.Fatalf("%v: %s", err, m.Result)
	}
	for _, i := range items {
		for _, got := range append(i.Diagnostics, i.Command.Arguments[0].Diagnostics...) {
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got %v, want %v", i.Title, got, want)
			}
		}
	}
	if all := items[2]; all.Title != "Fix all 2 problems here" || len(all.Diagnostics) != 2 || len(all.Command.Arguments[0].Diagnostics) != 2 {
		t.Errorf("for all: %+v", all)
	}
}

// The titles and kinds of the table are the contract with the editors' manifests.
func TestCommandTable(t *testing.T) {
	var got []string
	for _, c := range commands {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s", c.id, c.title, c.kind, c.action))
		if (c.run == nil) == (c.action == "") {
			t.Errorf("%s must either start a job or run", c.id)
		}
		if c.action != "" && c.id != "hob."+string(c.action) {
			t.Errorf("%s starts %s", c.id, c.action)
		}
	}
	want := []string{
		"hob.fix|Fix|quickfix.hob|fix", "hob.edit|Edit selection…|refactor.rewrite.hob.edit|edit",
		"hob.generate|Generate here…|refactor.rewrite.hob.generate|generate", "hob.component|Generate component…|refactor.rewrite.hob.component|component",
		"hob.document|Document|refactor.rewrite.hob.document|document",
		"hob.implement|Implement|refactor.rewrite.hob.implement|implement", "hob.test|Write tests|refactor.hob.test|test",
		"hob.explain|Explain|refactor.hob.explain|explain",
		"hob.review|Review|refactor.hob.review|review", "hob.refactor|Refactor across files…|refactor.hob.refactor|refactor", "hob.run|Run own command|refactor.rewrite.hob.run|",
		"hob.cancel|Cancel job||", "hob.revert|Take back a job||", "hob.status|Status||", "hob.stats|Statistics||", "hob.prewarm|Load the models||",
	}
	if !slices.Equal(got, want) {
		t.Errorf("table is\n%s", strings.Join(got, "\n"))
	}
}
