package lsp

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const goSource = "package a\n\n// add adds.\nfunc add(a, b int) int {\n\treturn 0\n}\n\nfunc main() {}\n"

const goAdd = "```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```\n"

// editor keeps one document as a client would: it applies the workspace edits of
// the server and tells it with didChange, before it answers.
type editor struct {
	p    *peer
	path string

	mu      sync.Mutex
	text    string
	version int
	edits   []json.RawMessage // what came
}

func (p *peer) editing(path, language, body string) *editor {
	e := &editor{p: p, path: path, text: body, version: 1}
	p.open(path, language, body)
	p.on("workspace/applyEdit", func(params json.RawMessage) any { return e.apply(params) })
	return e
}

func (e *editor) apply(params json.RawMessage) any {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.edits = append(e.edits, params)
	var a struct {
		Edit struct {
			DocumentChanges []struct {
				TextDocument struct {
					URI     string
					Version *int
				}
				Edits []struct {
					Range   Range
					NewText string
				}
			}
		}
	}
	if err := json.Unmarshal(params, &a); err != nil {
		return refused{-32602, err.Error()}
	}
	for _, d := range a.Edit.DocumentChanges {
		if d.TextDocument.URI != uriOf(e.path) {
			continue
		}
		if d.TextDocument.Version == nil || *d.TextDocument.Version != e.version {
			return map[string]any{"applied": false, "failureReason": "version mismatch"}
		}
		for i := len(d.Edits) - 1; i >= 0; i-- { // from the end, as all are against one text
			e.replaceLocked(d.Edits[i].Range, d.Edits[i].NewText)
		}
	}
	return map[string]any{"applied": true}
}

// replaceLocked changes the text and tells the server. ASCII only, which these tests keep to.
func (e *editor) replaceLocked(r Range, new string) {
	at := func(pos Position) int {
		off := 0
		for range pos.Line {
			off += strings.Index(e.text[off:], "\n") + 1
		}
		return off + int(pos.Character)
	}
	e.text = e.text[:at(r.Start)] + new + e.text[at(r.End):]
	e.version++
	e.p.change(e.path, e.version, r, new)
}

func (e *editor) typing(r Range, new string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.replaceLocked(r, new)
}

func (e *editor) now() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.text
}

func (p *peer) execute(command string, params any) message {
	p.t.Helper()
	return p.call("workspace/executeCommand", map[string]any{"command": command, "arguments": []any{params}})
}

func (p *peer) beginCommand(command string, params any) string {
	return p.begin("workspace/executeCommand", map[string]any{"command": command, "arguments": []any{params}})
}

// resultOf is the JobResult of an answer, also of a failed one.
func (p *peer) resultOf(m message) JobResult {
	p.t.Helper()
	b := m.Result
	if m.Error != nil {
		b = m.Error.Data
	}
	var r JobResult
	if err := json.Unmarshal(b, &r); err != nil {
		p.t.Fatalf("%s is no result: %v (%+v)", b, err, m.Error)
	}
	return r
}

// done waits for hob/jobDone of a job.
func (p *peer) done(job string) JobResult {
	p.t.Helper()
	m := p.await("end of job "+job, func(m message) bool {
		return m.Method == "hob/jobDone" && strings.Contains(string(m.Params), `"job":"`+job+`"`)
	})
	var r JobResult
	if err := json.Unmarshal(m.Params, &r); err != nil {
		p.t.Fatal(err)
	}
	return r
}

func (p *peer) jobID(m message) string {
	p.t.Helper()
	var r struct{ Job string }
	if err := json.Unmarshal(m.Result, &r); err != nil || r.Job == "" {
		p.t.Fatalf("%s names no job: %+v", m.Result, m.Error)
	}
	return r.Job
}

// addParams ask for a rewrite of add.
func addParams(path string, wait bool) JobParams {
	r := span(3, 0, 5, 1)
	return JobParams{URI: uriOf(path), Range: &r, Prompt: "return the sum", Wait: wait}
}

func session(t testing.TB, opts Options, caps any) (*peer, *editor) {
	t.Helper()
	root := project(t, map[string]string{"a.go": goSource})
	p := start(t, opts)
	p.initialize(root, caps)
	return p, p.editing(filepath.Join(root, "a.go"), "go", goSource)
}
