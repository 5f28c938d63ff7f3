package lsp

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

func TestRefusedRequests(t *testing.T) {
	root := project(t, map[string]string{
		"a.go": goSource, "sub/b.go": "package sub\n", "bin.dat": "a\x00b", "latin.txt": "gr\xfc\xdfe\n", ".env": "KEY=1\n", "big.txt": strings.Repeat("0123456789abcde\n", 128<<10),
	})
	p := start(t, with(saying(goAdd)))
	p.initialize(root, json.RawMessage(`{"workspace":{"applyEdit":true}}`))
	path := filepath.Join(root, "a.go")
	p.open(path, "go", goSource)
	at := func(name string) JobParams {
		q := addParams(filepath.Join(root, name), true)
		return q
	}
	for _, c := range []struct {
		name, command string
		args          any
		code          int
		kind, says    string
	}{
		{"outside the document", "hob.edit", func() JobParams { q := at("a.go"); r := span(90, 0, 91, 0); q.Range = &r; return q }(), -32803, "bad_request", "outside the document"},
		{"outside the workspace", "hob.edit", JobParams{URI: "file:///etc/passwd", Prompt: "x"}, -32803, "refused_path", ""},
		{"climbing out", "hob.edit", JobParams{URI: uriOf(root) + "/sub/%2e%2e/%2e%2e/x.go", Prompt: "x"}, -32803, "refused_path", ""},
		{"a folder", "hob.edit", JobParams{URI: uriOf(filepath.Join(root, "sub")), Prompt: "x"}, -32803, "bad_request", ""},
		{"no such file", "hob.edit", JobParams{URI: uriOf(filepath.Join(root, "none.go")), Prompt: "x"}, -32803, "bad_request", ""},
		{"a binary file", "hob.explain", JobParams{URI: uriOf(filepath.Join(root, "bin.dat"))}, -32803, "bad_request", ""},
		{"a large file", "hob.explain", JobParams{URI: uriOf(filepath.Join(root, "big.txt"))}, -32803, "too_large", ""},
		{"no UTF-8", "hob.explain", JobParams{URI: uriOf(filepath.Join(root, "latin.txt")), Wait: true}, -32803, "bad_request", ""},
		{"a secret", "hob.explain", JobParams{URI: uriOf(filepath.Join(root, ".env"))}, -32803, "refused_path", ""},
		{"no file at all", "hob.explain", JobParams{URI: "untitled:1"}, -32803, "bad_request", "uri"},
		{"no uri", "hob.explain", JobParams{}, -32803, "bad_request", "uri is missing"},
		{"no prompt", "hob.edit", func() JobParams { q := at("a.go"); q.Prompt = " "; return q }(), -32803, "bad_request", "prompt is missing"},
		{"no diagnostics", "hob.fix", at("a.go"), -32803, "bad_request", "diagnostics"},
		{"bad diagnostics", "hob.fix", func() JobParams { q := at("a.go"); q.Diagnostics = []json.RawMessage{[]byte(`{"range":5}`)}; return q }(), -32803, "bad_request", "diagnostics[0]"},
		{"no range", "hob.generate", JobParams{URI: uriOf(path), Prompt: "x"}, -32803, "bad_request", "range"},
		{"unknown version", "hob.edit", func() JobParams { q := at("a.go"); v := int32(77); q.Version = &v; return q }(), -32801, "stale", "77"},
		{"unknown tier", "hob.edit", func() JobParams { q := at("a.go"); q.Tier = "huge"; return q }(), -32803, "bad_request", "huge"},
		{"unknown field", "hob.edit", json.RawMessage(`{"uri":"file:///x","wiat":true}`), -32803, "bad_request", "wiat"},
		{"mistyped field", "hob.edit", json.RawMessage(`{"uri":"file:///x","range":{"start":{"line":"one"}}}`), -32803, "bad_request", "range.start.line"},
		{"no object", "hob.edit", "x", -32803, "bad_request", "not an object"},
		{"cancel of nothing", "hob.cancel", map[string]any{}, -32803, "bad_request", "job is missing"},
	} {
		m := p.execute(c.command, c.args)
		if m.code() != c.code {
			t.Errorf("%s: code %d, %+v", c.name, m.code(), m)
			continue
		}
		if len(m.Error.Data) > 0 {
			if res := p.resultOf(m); res.Error.Kind != c.kind || res.Status != "failed" || res.Error.Hint == "" {
				t.Errorf("%s: %+v %+v", c.name, res, res.Error)
			}
		}
		if !strings.Contains(m.Error.Message, c.says) {
			t.Errorf("%s: says %q", c.name, m.Error.Message)
		}
	}
	if m := p.call("workspace/executeCommand", map[string]any{"command": "hob.edit"}); m.code() != -32803 {
		t.Errorf("no argument: %+v", m)
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
}

// A document of 50 MB (see hugeDocument) is followed and refused, and the session lives on.
func TestHugeDocument(t *testing.T) {
	p, e := session(t, with(saying("x")), nil)
	path := filepath.Join(filepath.Dir(e.path), "huge.txt")
	p.open(path, "plaintext", strings.Repeat("0123456789abcde\n", hugeDocument/16))
	m := p.execute("hob.explain", JobParams{URI: uriOf(path), Wait: true})
	if res := p.resultOf(m); res.Error == nil || res.Error.Kind != "too_large" {
		t.Errorf("code %d, %+v %+v", m.code(), res, res.Error)
	}
	if res := p.resultOf(p.execute("hob.explain", JobParams{URI: uriOf(e.path), Wait: true})); res.Status != "answered" {
		t.Errorf("result %+v", res)
	}
}
