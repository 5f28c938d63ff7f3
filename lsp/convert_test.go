package lsp

import (
	"path/filepath"
	"strings"
	"testing"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

func TestPathOf(t *testing.T) {
	for _, c := range []struct{ in, want, problem string }{
		{"file:///a/b.go", "/a/b.go", ""},
		{"file:///a/with%20space/%C3%BC.ts", "/a/with space/ü.ts", ""},
		{"file:///a/%2525.ts", "/a/%25.ts", ""},
		{"file:///a/[id]/page.tsx", "/a/[id]/page.tsx", ""},
		{"file:///a/%5Bid%5D/page.tsx", "/a/[id]/page.tsx", ""},
		{"file:///a/b/../c.go", "/a/c.go", ""},
		{"file:///a/b/%2e%2e/c.go", "/a/c.go", ""},
		{"file:///a/q%3Fx%23y.go", "/a/q?x#y.go", ""},
		{"file://localhost/a/b.go", "/a/b.go", ""},
		{"file://host/a/b.go", "", "on another host"},
		{"untitled:Untitled-1", "", "not a file"},
		{"https://example.com/a", "", "not a file"},
		{"", "", "not a file|has no absolute path|not a URI"},
		{"file:///a%00b", "", "no absolute path"},
		{"vscode-notebook-cell:/a/b.ipynb#x", "", "not a file"},
	} {
		got, err := pathOf(c.in)
		if c.problem == "" {
			if err != nil || got != filepath.FromSlash(c.want) {
				t.Errorf("pathOf(%q) = %q, %v, want %q", c.in, got, err, c.want)
			}
			continue
		}
		fits := false
		for _, p := range strings.Split(c.problem, "|") {
			fits = fits || err != nil && strings.Contains(err.Error(), p)
		}
		if !fits {
			t.Errorf("pathOf(%q) = %q, %v, want error %q", c.in, got, err, c.problem)
		}
	}
}

func TestURIRoundTrip(t *testing.T) {
	for _, path := range []string{"/a/b.go", "/a b/ü/😀.ts", "/a/[id]/(group)/@x/page.tsx", "/a/100%/x#y?z.go", "/a/+b&c=d.go"} {
		if got, err := pathOf(uriOf(path)); err != nil || got != path {
			t.Errorf("%q became %q by way of %q, %v", path, got, uriOf(path), err)
		}
	}
}

func TestSpanOf(t *testing.T) {
	const src = "aü😀b\r\nsecond\r\n\nlast"
	f := &workspace.File{Path: "/x.go", Text: src}
	at := func(s string) int { return strings.Index(src, s) }
	for _, c := range []struct {
		name string
		r    Range
		enc  text.Encoding
		want text.Span
		bad  string
	}{
		{"utf-16 past an astral rune", span(0, 4, 0, 5), text.UTF16, text.Span{Start: at("b"), End: at("b") + 1}, ""},
		{"utf-8 past an astral rune", span(0, 7, 0, 8), text.UTF8, text.Span{Start: at("b"), End: at("b") + 1}, ""},
		{"utf-32 past an astral rune", span(0, 3, 0, 4), text.UTF32, text.Span{Start: at("b"), End: at("b") + 1}, ""},
		{"past the end of a CRLF line", span(0, 99, 1, 0), text.UTF16, text.Span{Start: at("\r\n"), End: at("second")}, ""},
		{"empty line", span(2, 0, 2, 0), text.UTF16, text.Span{Start: at("\nlast"), End: at("\nlast")}, ""},
		{"whole", span(0, 0, 3, 4), text.UTF16, text.Span{End: len(src)}, ""},
		{"line past the end", span(0, 0, 9, 0), text.UTF16, text.Span{}, "range end 9:0"},
		{"reversed", span(1, 3, 1, 1), text.UTF16, text.Span{}, "reversed"},
	} {
		got, err := spanOf(f, c.r, c.enc)
		if c.bad != "" {
			if err == nil || !strings.Contains(err.Error(), c.bad) {
				t.Errorf("%s: %v, %v, want error %q", c.name, got, err, c.bad)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %v, %v, want %v", c.name, got, err, c.want)
		}
		if back, err := spanOf(f, rangeOf(f.Lines(), got, c.enc), c.enc); err != nil || back != got {
			t.Errorf("%s: there and back is %v, %v", c.name, back, err)
		}
	}
}

func TestWorkspaceEditForms(t *testing.T) {
	before := &workspace.File{Path: "/p/a.ts", Text: "one\r\n😀two\r\n", Open: true, Version: 7}
	v := int32(7)
	change := fileChange{
		path: "/p/a.ts", uri: "file:///p/a.ts", version: &v, before: before,
		edits: []text.Edit{{Span: text.Span{Start: 9, End: 12}, New: "TWO"}},
	}
	asked := change
	asked.confirm = true
	create := fileChange{path: "/p/b.ts", uri: "file:///p/b.ts", text: "new\n"}
	onDisk := fileChange{
		path: "/p/c.ts", uri: "file:///p/c.ts", before: &workspace.File{Path: "/p/c.ts", Text: "x"},
		edits: []text.Edit{{Span: text.Span{Start: 1, End: 1}, New: "y"}},
	}
	for _, c := range []struct {
		name    string
		changes []fileChange
		client  clientInfo
		want    string
	}{
		{
			"plain changes",
			[]fileChange{change},
			clientInfo{},
			`{"changes":{"file:///p/a.ts":[{"range":{"start":{"line":1,"character":2},"end":{"line":1,"character":5}},"newText":"TWO"}]}}`,
		},
		{
			"versioned, utf-8",
			[]fileChange{change},
			clientInfo{documentChanges: true, encoding: text.UTF8},
			`{"documentChanges":[{"textDocument":{"uri":"file:///p/a.ts","version":7},"edits":[{"range":{"start":{"line":1,"character":4},"end":{"line":1,"character":7}},"newText":"TWO"}]}]}`,
		},
		{
			"on disk and created",
			[]fileChange{onDisk, create},
			clientInfo{documentChanges: true, createFile: true},
			`{"documentChanges":[{"textDocument":{"uri":"file:///p/c.ts","version":null},"edits":[{"range":{"start":{"line":0,"character":1},"end":{"line":0,"character":1}},"newText":"y"}]},` +
				`{"kind":"create","uri":"file:///p/b.ts","options":{"overwrite":false,"ignoreIfExists":false}},` +
				`{"textDocument":{"uri":"file:///p/b.ts","version":null},"edits":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"newText":"new\n"}]}]}`,
		},
		{
			"annotated",
			[]fileChange{asked},
			clientInfo{documentChanges: true, annotations: true, encoding: text.UTF8},
			`{"documentChanges":[{"textDocument":{"uri":"file:///p/a.ts","version":7},"edits":[{"range":{"start":{"line":1,"character":4},"end":{"line":1,"character":7}},"newText":"TWO","annotationId":"hob.confirm"}]}],` +
				`"changeAnnotations":{"hob.confirm":{"label":"L","needsConfirmation":true}}}`,
		},
		{
			"no annotations there",
			[]fileChange{asked},
			clientInfo{documentChanges: true, encoding: text.UTF8},
			`{"documentChanges":[{"textDocument":{"uri":"file:///p/a.ts","version":7},"edits":[{"range":{"start":{"line":1,"character":4},"end":{"line":1,"character":7}},"newText":"TWO"}]}]}`,
		},
	} {
		got, err := protocol.Marshal(workspaceEdit(c.changes, &c.client, "L"))
		if err != nil || string(got) != c.want {
			t.Errorf("%s:\n got %s, %v\nwant %s", c.name, got, err, c.want)
		}
	}
}

// Whatever an editor sends as a URI, what comes out is an absolute clean path or
// an error.
func FuzzPathOf(f *testing.F) {
	for _, s := range []string{"file:///a/b", "file:///%2e%2e/x", "file://h/a", "FILE:///a", "file:a", "untitled:x", "file:///a%00", "file:///%", "file:////a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		path, err := pathOf(s)
		if err == nil && (!filepath.IsAbs(path) || filepath.Clean(path) != path || strings.ContainsRune(path, 0)) {
			t.Errorf("pathOf(%q) = %q", s, path)
		}
	})
}
