package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model"
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

func TestEditJob(t *testing.T) {
	p, e := session(t, with(saying(goAdd)), nil)
	res := p.resultOf(p.execute("hob.edit", addParams(e.path, true)))
	if res.Status != "applied" || res.Model != "ollama/tiny-coder:3b" || res.Tier == "" || res.Why == "" || res.Usage == nil || res.Usage.Calls != 1 {
		t.Errorf("result %+v", res)
	}
	if res.Timing == nil || res.Timing.Total <= 0 || res.Timing.Overhead > res.Timing.Total {
		t.Errorf("timing %+v", res.Timing)
	}
	if want := strings.Replace(goSource, "return 0", "return a + b", 1); e.now() != want {
		t.Errorf("text is %q", e.now())
	}
	job := p.jobID(p.execute("hob.edit", addParams(e.path, false)))
	if res := p.done(job); res.Status != "unchanged" {
		t.Errorf("the same again: %+v", res)
	}
	p.await("message", is("window/showMessage"))
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
}

// at returns a model that writes goAdd, but calls f before the first piece.
func at(f func()) *scripted {
	says := saying(goAdd)
	return &scripted{chat: func(ctx context.Context, req model.Request, on func(model.Delta) error) (model.Reply, error) {
		f()
		return says.chat(ctx, req, on)
	}}
}

func TestTypingMeanwhile(t *testing.T) {
	for _, c := range []struct {
		name   string
		typed  Range
		text   string
		status string
		code   int
		want   func(string) string
	}{
		{"before", span(0, 0, 0, 0), "// 1\n// 2\n", "applied", 0, func(s string) string {
			return "// 1\n// 2\n" + strings.Replace(s, "return 0", "return a + b", 1)
		}},
		{"after", span(7, 13, 7, 13), " x()", "applied", 0, func(s string) string {
			return strings.Replace(strings.Replace(s, "return 0", "return a + b", 1), "{}\n", "{ x()}\n", 1)
		}},
		{"inside", span(4, 8, 4, 9), "1", "failed", -32801, func(s string) string {
			return strings.Replace(s, "return 0", "return 1", 1)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e *editor
			opts := with(at(func() { e.typing(c.typed, c.text) }))
			var p *peer
			p, e = session(t, opts, nil)
			m := p.execute("hob.edit", addParams(e.path, true))
			if res := p.resultOf(m); res.Status != c.status || m.code() != c.code {
				t.Errorf("code %d, result %+v %+v", m.code(), res, res.Error)
			}
			if want := c.want(goSource); e.now() != want {
				t.Errorf("text is %q, want %q", e.now(), want)
			}
		})
	}
}

// The text moves right when the edit arrives: the editor refuses the version,
// and the server computes it once more.
func TestMovedWhileSending(t *testing.T) {
	p, e := session(t, with(saying(goAdd)), nil)
	first := true
	p.on("workspace/applyEdit", func(params json.RawMessage) any {
		if first {
			first = false
			e.typing(span(0, 0, 0, 0), "// typed\n")
		}
		return e.apply(params)
	})
	if res := p.resultOf(p.execute("hob.edit", addParams(e.path, true))); res.Status != "applied" {
		t.Errorf("result %+v", res)
	}
	if want := "// typed\n" + strings.Replace(goSource, "return 0", "return a + b", 1); e.now() != want || len(e.edits) != 2 {
		t.Errorf("after %d edits the text is %q", len(e.edits), e.now())
	}
}

func TestAppliedButNotThere(t *testing.T) {
	caps := strings.Replace(string(fullCaps), `{`, `{"x":0,`, 1)
	for _, c := range []struct {
		name, client string
		types        bool
		status       string
		code         int
	}{
		{"Neovim after its user said no", "Neovim", false, "declined", 0},
		{"an editor that does not tell", "Other", false, "applied", 0},
		{"skipped for a version that moved", "Neovim", true, "failed", -32801},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			root := project(t, map[string]string{"a.go": goSource})
			p := start(t, with(saying(goAdd)))
			m := p.call("initialize", map[string]any{
				"clientInfo": map[string]any{"name": c.client}, "capabilities": json.RawMessage(caps),
				"workspaceFolders": []any{map[string]any{"uri": uriOf(root), "name": "x"}},
			})
			if m.Error != nil {
				t.Fatal(m.Error)
			}
			p.notify("initialized", map[string]any{})
			e := p.editing(filepath.Join(root, "a.go"), "go", goSource)
			p.on("workspace/applyEdit", func(json.RawMessage) any {
				if c.types {
					e.typing(span(0, 0, 0, 0), "// x\n")
				}
				return map[string]any{"applied": true}
			})
			m = p.execute("hob.edit", addParams(e.path, true))
			if res := p.resultOf(m); res.Status != c.status || m.code() != c.code {
				t.Errorf("code %d, result %+v %+v", m.code(), res, res.Error)
			}
		})
	}
}

func TestDeclinedAndReturned(t *testing.T) {
	p, e := session(t, with(saying(goAdd)), nil)
	p.on("workspace/applyEdit", func(json.RawMessage) any { return map[string]any{"applied": false, "failureReason": "read-only"} })
	if res := p.resultOf(p.execute("hob.edit", addParams(e.path, true))); res.Status != "declined" || !strings.Contains(res.Why, "read-only") {
		t.Errorf("result %+v", res)
	}
	params := addParams(e.path, true)
	no := false
	params.Apply = &no
	res := p.resultOf(p.execute("hob.edit", params))
	if res.Status != "returned" || !strings.Contains(string(res.Edit), `"version":1`) || !strings.Contains(string(res.Edit), "a + b") {
		t.Errorf("result %+v %s", res, res.Edit)
	}
	if e.now() != goSource {
		t.Errorf("text is %q", e.now())
	}
}

// Without annotations the server asks by itself.
func TestConfirm(t *testing.T) {
	plain := json.RawMessage(`{"workspace":{"applyEdit":true,"workspaceEdit":{"documentChanges":true}},"experimental":{"hob":true}}`)
	for answer, status := range map[string]string{"Apply": "applied", "Discard": "declined", "": "declined"} {
		p, e := session(t, with(saying(goAdd)), plain)
		p.on("window/showMessageRequest", func(params json.RawMessage) any {
			if !strings.Contains(string(params), "a.go") {
				t.Errorf("asked %s", params)
			}
			if answer == "" {
				return nil
			}
			return map[string]any{"title": answer}
		})
		params := addParams(e.path, true)
		params.Confirm = true
		if res := p.resultOf(p.execute("hob.edit", params)); res.Status != status {
			t.Errorf("%q: result %+v", answer, res)
		}
		if changed := e.now() != goSource; changed != (status == "applied") {
			t.Errorf("%q: text is %q", answer, e.now())
		}
	}
}

// A client that can't create files is asked, and the server writes.
func TestCreateOnDisk(t *testing.T) {
	plain := json.RawMessage(`{"workspace":{"applyEdit":true,"workspaceEdit":{"documentChanges":true}},"experimental":{"hob":true}}`)
	root := project(t, map[string]string{
		"package.json": `{"dependencies":{"react":"18"}}`, "src/App.tsx": "export function App() {\n  return <main />;\n}\n",
	})
	p := start(t, Options{})
	p.initialize(root, plain)
	p.on("window/showMessageRequest", func(json.RawMessage) any { return map[string]any{"title": "Write"} })
	res := p.resultOf(p.execute("hob.component", JobParams{
		URI: uriOf(filepath.Join(root, "src", "App.tsx")), Prompt: "a button with a label", Name: "Button", Tier: "instant", Wait: true,
	}))
	if res.Status != "applied" || res.Tier != "instant" {
		t.Fatalf("result %+v %+v", res, res.Error)
	}
	var found []string
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if strings.HasPrefix(filepath.Base(path), "Button.") {
			found = append(found, path)
		}
		return err
	})
	if err != nil || len(found) != 1 {
		t.Fatalf("found %q, %v", found, err)
	}
	if b, err := os.ReadFile(found[0]); err != nil || !strings.Contains(string(b), "Button") {
		t.Errorf("wrote %q, %v", b, err)
	}
}

func TestCancel(t *testing.T) {
	for name, cancel := range map[string]func(p *peer, id, job string){
		"hob.cancel": func(p *peer, _, job string) {
			if m := p.execute("hob.cancel", map[string]any{"job": job}); string(m.Result) != `{"cancelled":true}` {
				p.t.Errorf("hob.cancel: %s %+v", m.Result, m.Error)
			}
		},
		"request": func(p *peer, id, _ string) { p.notify("$/cancelRequest", map[string]any{"id": json.RawMessage(id)}) },
		"progress": func(p *peer, _, job string) {
			p.await("progress", is("$/progress"))
			p.notify("window/workDoneProgress/cancel", map[string]any{"token": "hob-" + job})
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, began, ended := hanging()
			p, e := session(t, with(m), nil)
			id := p.beginCommand("hob.edit", addParams(e.path, true))
			<-began
			var status Status
			if err := json.Unmarshal(p.call("workspace/executeCommand", map[string]any{"command": "hob.status"}).Result, &status); err != nil || len(status.Jobs) != 1 || status.State != "busy" {
				t.Fatalf("status %+v, %v", status, err)
			}
			cancel(p, id, status.Jobs[0].Job)
			reply := p.reply(id)
			if res := p.resultOf(reply); reply.code() != -32800 || res.Status != "cancelled" || res.Error.Kind != "cancelled" {
				t.Errorf("code %d, result %+v", reply.code(), res)
			}
			select {
			case <-ended:
			case <-time.After(patience):
				t.Error("the model was not told")
			}
			if n := p.count(is("window/showMessage")); n != 0 {
				t.Error("a cancelled job was talked about")
			}
			if err := p.goodbye(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestInput(t *testing.T) {
	p, e := session(t, with(saying(goAdd)), nil)
	answers := make(chan any, 1)
	p.on("hob/input", func(params json.RawMessage) any { return <-answers })
	params := addParams(e.path, true)
	params.Prompt = ""
	answers <- nil
	m := p.execute("hob.edit", params)
	if res := p.resultOf(m); res.Status != "cancelled" || m.code() != -32800 {
		t.Errorf("dismissed: %+v", res)
	}
	answers <- map[string]any{"value": "return the sum"}
	if res := p.resultOf(p.execute("hob.edit", params)); res.Status != "applied" {
		t.Errorf("answered: %+v %+v", res, res.Error)
	}
}

func TestAnswerShown(t *testing.T) {
	caps := map[string]any{
		"window":    map[string]any{"showDocument": map[string]any{"support": true}},
		"workspace": map[string]any{"textDocumentContent": map[string]any{}},
	}
	p, e := session(t, with(saying("It adds.\n")), caps)
	p.on("window/showDocument", func(json.RawMessage) any { return map[string]any{"success": true} })
	job := p.jobID(p.execute("hob.explain", JobParams{URI: uriOf(e.path)}))
	shown := p.await("document", is("window/showDocument"))
	var doc struct{ URI string }
	if err := json.Unmarshal(shown.Params, &doc); err != nil || !strings.Contains(doc.URI, job) {
		t.Fatalf("shown %s, %v", shown.Params, err)
	}
	if m := p.call("workspace/textDocumentContent", map[string]any{"uri": doc.URI}); !strings.Contains(string(m.Result), "It adds.") {
		t.Errorf("content is %s %+v", m.Result, m.Error)
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
	q, e := session(t, with(saying("It adds.\n")), map[string]any{})
	q.execute("hob.explain", JobParams{URI: uriOf(e.path)})
	if m := q.await("message", is("window/showMessage")); !strings.Contains(string(m.Params), "It adds.") {
		t.Errorf("shown %s", m.Params)
	}
}

func TestFailureIsTold(t *testing.T) {
	broken := &scripted{chat: func(context.Context, model.Request, func(model.Delta) error) (model.Reply, error) {
		return model.Reply{}, &model.Error{Kind: model.Unreachable, Message: "nobody is there", Hint: "start it"}
	}}
	p, e := session(t, with(broken), nil)
	job := p.jobID(p.execute("hob.edit", addParams(e.path, false)))
	if m := p.await("message", is("window/showMessage")); !strings.Contains(string(m.Params), "Hob: nobody is there: start it") {
		t.Errorf("shown %s", m.Params)
	}
	if res := p.done(job); res.Status != "failed" || res.Error.Kind != "model_unreachable" || res.Error.Hint != "start it" {
		t.Errorf("result %+v", res)
	}
	m := p.execute("hob.edit", addParams(e.path, true))
	if res := p.resultOf(m); m.code() != -32803 || res.Error.Kind != "model_unreachable" || res.Job == "" {
		t.Errorf("code %d, %+v", m.code(), res)
	}
	if e.now() != goSource {
		t.Error("the text changed")
	}
}

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

// The document is deleted, on disk and in the editor, while the model writes.
func TestDeletedMeanwhile(t *testing.T) {
	var p *peer
	var e *editor
	gone := make(chan struct{})
	p, e = session(t, with(at(func() {
		if err := os.Remove(e.path); err != nil {
			t.Error(err)
		}
		p.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uriOf(e.path)}})
		p.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": uriOf(e.path), "type": 3}}})
		// The removal is read in the background: wait until no job could start on the file.
		for limit := time.Now().Add(patience); time.Now().Before(limit); {
			if m := p.execute("hob.explain", JobParams{URI: uriOf(e.path), Model: "none/none"}); m.Error != nil && strings.Contains(m.Error.Message, "not a file") {
				break
			}
		}
		close(gone)
	})), nil)
	m := p.execute("hob.edit", addParams(e.path, true))
	<-gone
	if res := p.resultOf(m); res.Status != "failed" || res.Error.Kind != "stale" {
		t.Errorf("result %+v %+v", res, res.Error)
	}
}

// Exit, a vanished editor and a closed stream end jobs down to the model within a second.
func TestEndDuringJob(t *testing.T) {
	for name, end := range map[string]func(*peer){
		"shutdown and exit": func(p *peer) { p.begin("shutdown", nil); p.notify("exit", nil) },
		"exit":              func(p *peer) { p.notify("exit", nil) },
		"stream closed":     func(p *peer) { _ = p.conn.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			m, began, ended := hanging()
			p, e := session(t, with(m), nil)
			p.beginCommand("hob.edit", addParams(e.path, true))
			<-began
			before := time.Now()
			end(p)
			err := p.returned()
			if took := time.Since(before); took > time.Second {
				t.Errorf("took %v", took)
			}
			if orderly := name == "shutdown and exit"; orderly != (err == nil) || !orderly && !errors.Is(err, ErrNoShutdown) {
				t.Errorf("Serve returned %v", err)
			}
			select {
			case <-ended:
			default:
				t.Error("the model was not told")
			}
		})
	}
}

// A thousand messages in one go are all answered, in spite of jobs and cancels between.
func TestStorm(t *testing.T) {
	p, e := session(t, with(saying(goAdd)), nil)
	var ids []string
	for i := range 1000 {
		switch i % 5 {
		case 0:
			e.typing(span(7, 13, 7, 13), "x")
		case 1:
			ids = append(ids, p.beginCommand("hob.edit", addParams(e.path, true)))
		case 2:
			ids = append(ids, p.begin("workspace/executeCommand", map[string]any{"command": "hob.status"}))
		case 3:
			p.notify("$/cancelRequest", map[string]any{"id": json.RawMessage(ids[len(ids)-1])})
		case 4:
			ids = append(ids, p.begin("textDocument/codeAction", map[string]any{
				"textDocument": map[string]any{"uri": uriOf(e.path)}, "range": span(3, 6, 3, 6), "context": map[string]any{"diagnostics": []any{}},
			}))
		}
	}
	for _, id := range ids {
		p.reply(id)
	}
	seen := map[string]int{}
	p.mu.Lock()
	for _, m := range p.got {
		if m.Method == "" {
			seen[string(m.ID)]++
		}
	}
	p.mu.Unlock()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("request %s was answered %d times", id, n)
		}
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
}

// Ten jobs at once: none is lost, and the menu answers while they wait.
func TestTenJobs(t *testing.T) {
	files := map[string]string{}
	for i := range 10 {
		files[fmt.Sprintf("f%d.go", i)] = goSource
	}
	root := project(t, files)
	open := make(chan struct{})
	says := saying("It adds.\n")
	p := start(t, with(&scripted{chat: func(ctx context.Context, req model.Request, on func(model.Delta) error) (model.Reply, error) {
		select {
		case <-open:
		case <-ctx.Done():
			return model.Reply{}, ctx.Err()
		}
		return says.chat(ctx, req, on)
	}}))
	p.initialize(root, nil)
	var ids []string
	for name := range files {
		p.open(filepath.Join(root, name), "go", goSource)
		ids = append(ids, p.beginCommand("hob.explain", JobParams{URI: uriOf(filepath.Join(root, name)), Wait: true}))
	}
	var status Status
	for limit := time.Now().Add(patience); len(status.Jobs) < 10 && time.Now().Before(limit); {
		if err := json.Unmarshal(p.call("workspace/executeCommand", map[string]any{"command": "hob.status"}).Result, &status); err != nil {
			t.Fatal(err)
		}
	}
	if len(status.Jobs) != 10 || status.State != "busy" {
		t.Fatalf("status %+v", status)
	}
	if got := p.titles(filepath.Join(root, "f3.go"), span(3, 6, 3, 6), map[string]any{}); len(got) != 3 {
		t.Errorf("the menu offers %q", got)
	}
	close(open)
	for _, id := range ids {
		if res := p.resultOf(p.reply(id)); res.Status != "answered" {
			t.Errorf("result %+v %+v", res, res.Error)
		}
	}
}

// A document of 50 MB is followed and refused, and the session lives on.
func TestHugeDocument(t *testing.T) {
	p, e := session(t, with(saying("x")), nil)
	path := filepath.Join(filepath.Dir(e.path), "huge.txt")
	p.open(path, "plaintext", strings.Repeat("0123456789abcde\n", 50<<16))
	m := p.execute("hob.explain", JobParams{URI: uriOf(path), Wait: true})
	if res := p.resultOf(m); res.Error == nil || res.Error.Kind != "too_large" {
		t.Errorf("code %d, %+v %+v", m.code(), res, res.Error)
	}
	if res := p.resultOf(p.execute("hob.explain", JobParams{URI: uriOf(e.path), Wait: true})); res.Status != "answered" {
		t.Errorf("result %+v", res)
	}
}

func TestPreview(t *testing.T) {
	pieces := strings.SplitAfter(goAdd, "\n")
	p, e := session(t, with(saying(pieces...)), nil)
	if res := p.resultOf(p.execute("hob.edit", addParams(e.path, true))); res.Status != "applied" {
		t.Fatalf("result %+v %+v", res, res.Error)
	}
	var deltas, last strings.Builder
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.got {
		if m.Method != "hob/jobProgress" {
			continue
		}
		var j JobProgress
		if err := json.Unmarshal(m.Params, &j); err != nil {
			t.Fatal(err)
		}
		if j.URI != uriOf(e.path) || j.Job == "" || j.State == "" {
			t.Errorf("progress %s", m.Params)
		}
		deltas.WriteString(j.Delta)
		if j.Text != "" {
			last.Reset()
			last.WriteString(j.Text)
		}
	}
	if !strings.HasPrefix(goAdd, deltas.String()) || !strings.Contains(deltas.String(), "a + b") {
		t.Errorf("deltas join to %q", deltas.String())
	}
	if !strings.Contains(last.String(), "a + b") {
		t.Errorf("the last text was %q", last.String())
	}
}
