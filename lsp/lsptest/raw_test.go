package lsptest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
)

// fixture is a session on one Go file with a model that can be scripted.
type fixture struct {
	*Session
	model   *modeltest.Server
	journal *journal
	dir     string
	main    string // path of main.go
}

const mainGo = "package main\n\nfunc add(a, b int) int {\n\treturn 0\n}\n\nfunc main() {}\n"

// newFixture starts one; edit may change the setup. When the test ends, so does
// the session, in order, and no goroutine is left.
func newFixture(t testing.TB, script modeltest.Script, edit func(*Setup)) *fixture {
	t.Helper()
	before := goleak.IgnoreCurrent()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{journal: newJournal(), dir: dir, main: filepath.Join(dir, "work", "main.go")}
	if len(script.Models) == 0 {
		script.Models = []modeltest.Model{{Name: "qwen2.5-coder:3b", Params: "3.1B"}}
	}
	if f.model, err = modeltest.New(script); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"work/main.go": mainGo, "config.toml": ""} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	j := f.journal
	s := Setup{ModelURL: f.model.URL, Flags: map[string]string{"cache.memory": "0"}, ConfigFile: filepath.Join(dir, "config.toml"), Editor: client.Options{
		Roots:   []string{filepath.Dir(f.main)},
		JobDone: func(p lsp.JobResult) { j.note(func() { j.done[p.Job] = append(j.done[p.Job], p) }) },
		Notify: func(method string, params json.RawMessage) {
			if method == "" {
				j.note(func() { j.refused = append(j.refused, string(params)) })
			}
		},
	}}
	if edit != nil {
		edit(&s)
	}
	if f.Session, err = Start(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.model.Close()
		if err := goleak.Find(before); err != nil {
			t.Error(err)
		}
	})
	if err := f.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f.Open(f.main, nil); err != nil {
		t.Fatal(err)
	}
	return f
}

// end closes the session and checks that the server kept to the rules.
func (f *fixture) end(t testing.TB) {
	t.Helper()
	if err := f.End(t.Context()); err != nil {
		t.Error(err)
	}
	for _, v := range f.Violations() {
		t.Errorf("violation: %s", v)
	}
}

// answers checks that the session still works: a menu and a job.
func (f *fixture) answers(t *testing.T) {
	t.Helper()
	f.answersMenu(t)
	res, err := f.Job(t.Context(), "hob.explain", lsp.JobParams{URI: client.URI(f.main)})
	if err != nil || res.Status != "answered" {
		t.Errorf("a job: %+v, %v", res, err)
	}
}

func (f *fixture) answersMenu(t *testing.T) {
	t.Helper()
	if _, err := f.CodeActions(t.Context(), f.main, lsp.Range{}, nil, true, nil); err != nil {
		t.Errorf("the menu: %v", err)
	}
}

func explains() modeltest.Script {
	return modeltest.Script{Fallback: &modeltest.Reply{Text: "It does nothing.", Keep: true}}
}

// What no client should send is answered as JSON-RPC says, and the session lives on.
func TestMalformedMessages(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		refused    string // in the error answer to no request; "" if there is none
	}{
		{"no JSON", `{"jsonrpc":"2.0","id":1,`, "-32700"},
		{"empty", ``, "-32700"},
		{"a number", `7`, "-326"},
		{"a string", `"shutdown"`, "-326"},
		{"an empty object", `{}`, "-32600"},
		{"an empty batch", `[]`, "-32600"},
		{"no version", `{"id":1000001,"method":"shutdown2"}`, "-326"},
		{"method is a number", `{"jsonrpc":"2.0","id":1000002,"method":7}`, "-326"},
		{"id is an object", `{"jsonrpc":"2.0","id":{},"method":"hob/none"}`, "-326"},
		{"an answer to nothing", `{"jsonrpc":"2.0","id":999,"result":null}`, ""},
		{"an error answer to nothing", `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}`, ""},
		{"unknown notification", `{"jsonrpc":"2.0","method":"hob/none","params":{"a":1}}`, ""},
		{"unknown notification of the protocol", `{"jsonrpc":"2.0","method":"$/none"}`, ""},
		{"cancel of nothing", `{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":4711}}`, ""},
		{"cancel without params", `{"jsonrpc":"2.0","method":"$/cancelRequest"}`, ""},
		{"didChange without params", `{"jsonrpc":"2.0","method":"textDocument/didChange"}`, ""},
		{"didChange of a number", `{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":7}}`, ""},
		{"didChange of what is not open", `{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///none","version":2},"contentChanges":[{"text":"x"}]}}`, ""},
		{"didOpen without uri", `{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"languageId":"go","version":1,"text":""}}}`, ""},
		{"didClose of what is not open", `{"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":{"uri":"file:///none"}}}`, ""},
		{"progress cancel of nothing", `{"jsonrpc":"2.0","method":"window/workDoneProgress/cancel","params":{"token":"none"}}`, ""},
		{"initialized again", `{"jsonrpc":"2.0","method":"initialized","params":{}}`, ""},
		{"deep nesting", `{"jsonrpc":"2.0","method":"hob/none","params":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, "-32700"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t, explains(), nil)
			if err := f.SendRaw(client.Frame(tc.body)); err != nil {
				t.Fatal(err)
			}
			if tc.refused != "" {
				err := f.journal.wait(t.Context(), func() bool { return len(f.journal.refused) > 0 })
				if err != nil {
					t.Fatal(err)
				}
			}
			f.answers(t)
			f.end(t)
			if got := strings.Join(f.journal.refused, " "); (got == "") != (tc.refused == "") || !strings.Contains(got, tc.refused) {
				t.Errorf("refused with %q, want %q", got, tc.refused)
			}
		})
	}
}

// A broken header can't be recovered from: nobody knows where the next message
// starts. The server ends, and leaves nothing behind.
func TestBrokenHeader(t *testing.T) {
	for _, raw := range []string{
		"Content-Length: banana\r\n\r\n{}", "Content-Length: -5\r\n\r\n", "Content-Length: 99999999999\r\n\r\n{}",
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "Content-Type: x\r\n\r\n{}", strings.Repeat("x", 1<<20) + "\r\n",
	} {
		t.Run(fmt.Sprintf("%.20q", raw), func(t *testing.T) {
			f := newFixture(t, explains(), nil)
			if err := f.SendRaw([]byte(raw)); err != nil {
				t.Fatal(err)
			}
			select {
			case <-f.Done():
			case <-time.After(Deadline):
				t.Error("the server still waits")
			}
			if err := f.Abort(); err != nil {
				t.Log(err)
			}
			if err := f.Served(t.Context()); !errors.Is(err, lsp.ErrNoShutdown) {
				t.Errorf("served: %v", err)
			}
		})
	}
}

// Requests that are well formed but wrong get the code that says why.
func TestWrongRequests(t *testing.T) {
	const (
		methodNotFound = -32601
		invalidParams  = -32602
		requestFailed  = -32803
	)
	f := newFixture(t, explains(), nil)
	command := func(name string, args ...any) map[string]any {
		return map[string]any{"command": name, "arguments": args}
	}
	for _, tc := range []struct {
		name, method string
		params       any
		code         int
		message      string
	}{
		{"unknown method", "hob/none", nil, methodNotFound, "hob/none"},
		{"method of the protocol that is not offered", "textDocument/hover", map[string]any{"textDocument": map[string]string{"uri": "file:///a"}, "position": lsp.Position{}}, methodNotFound, "hover"},
		{"initialize again", "initialize", map[string]any{"capabilities": map[string]any{}}, -32600, ""},
		{"mistyped params", "textDocument/codeAction", map[string]any{"textDocument": 7}, invalidParams, ""},
		{"unknown command", "workspace/executeCommand", command("hob.none"), invalidParams, "hob.none"},
		{"no argument", "workspace/executeCommand", command("hob.edit"), requestFailed, "argument"},
		{"two arguments", "workspace/executeCommand", command("hob.edit", map[string]any{}, map[string]any{}), requestFailed, "argument"},
		{"an argument that is no object", "workspace/executeCommand", command("hob.edit", "x"), requestFailed, "object"},
		{"a field that does not exist", "workspace/executeCommand", command("hob.edit", map[string]any{"uri": "file:///a", "promt": "x"}), requestFailed, "promt"},
		{"a field of another type", "workspace/executeCommand", command("hob.edit", map[string]any{"uri": 7}), requestFailed, "uri"},
		{"a negative position", "workspace/executeCommand", command("hob.edit", map[string]any{"uri": client.URI(f.main), "range": json.RawMessage(`{"start":{"line":-1,"character":0},"end":{"line":0,"character":0}}`)}), requestFailed, ""},
		{"no uri", "workspace/executeCommand", command("hob.edit", map[string]any{"prompt": "x"}), requestFailed, "uri"},
		{"a uri that is none", "workspace/executeCommand", command("hob.edit", map[string]any{"uri": "::", "prompt": "x"}), requestFailed, "uri"},
		{"cancel without job", "workspace/executeCommand", command("hob.cancel", map[string]any{}), requestFailed, "job"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var refused *client.Error
			if err := f.Call(t.Context(), tc.method, tc.params, nil); !errors.As(err, &refused) {
				t.Fatalf("%v", err)
			}
			if refused.Code != tc.code || !strings.Contains(refused.Message, tc.message) {
				t.Errorf("%d %q, want %d with %q", refused.Code, refused.Message, tc.code, tc.message)
			}
		})
	}
	f.answers(t)
	f.end(t)
}

// Ids may be strings, and any number of requests may be on their way under them.
func TestStringIDs(t *testing.T) {
	f := newFixture(t, explains(), nil)
	const n = 200
	for i := range n {
		body := fmt.Sprintf(`{"jsonrpc":"2.0","id":"an id of some length, number %d","method":"workspace/executeCommand","params":{"command":"hob.status","arguments":[]}}`, i)
		if err := f.SendRaw(client.Frame(body)); err != nil {
			t.Fatal(err)
		}
		cancel := fmt.Sprintf(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"an id of some length, number %d"}}`, i)
		if err := f.SendRaw(client.Frame(cancel)); err != nil {
			t.Fatal(err)
		}
	}
	err := f.journal.wait(t.Context(), func() bool { return len(f.journal.refused) >= n })
	if err != nil {
		t.Fatal(err)
	}
	f.end(t)
	all := strings.Join(f.journal.refused, "\n")
	for i := range n {
		if c := strings.Count(all, fmt.Sprintf(`"id":"an id of some length, number %d"`, i)); c != 1 {
			t.Errorf("request %d has %d answers", i, c)
		}
	}
}

// A job under a string id is cancelled by it.
func TestStringIDCancelsJob(t *testing.T) {
	f := newFixture(t, modeltest.Script{Replies: []modeltest.Reply{{Text: "x", Gates: []modeltest.Gate{{Name: "end"}}}}}, nil)
	args := encoded(lsp.JobParams{URI: client.URI(f.main), Wait: true})
	body := `{"jsonrpc":"2.0","id":"the job","method":"workspace/executeCommand","params":{"command":"hob.explain","arguments":[` + args + `]}}`
	if err := f.SendRaw(client.Frame(body)); err != nil {
		t.Fatal(err)
	}
	if err := f.model.WaitGate(t.Context(), "end"); err != nil {
		t.Fatal(err)
	}
	f.answersMenu(t) // other messages use the connection's buffers meanwhile
	if err := f.SendRaw(client.Frame(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"the job"}}`)); err != nil {
		t.Fatal(err)
	}
	err := f.journal.wait(t.Context(), func() bool { return len(f.journal.refused) > 0 })
	if err != nil {
		t.Fatal(err)
	}
	if got := f.journal.refused[0]; !strings.Contains(got, "-32800") || !strings.Contains(got, `"id":"the job"`) {
		t.Errorf("answered %s", got)
	}
	f.end(t)
}

// Before initialize and after shutdown nothing else is served.
func TestLifecycle(t *testing.T) {
	f := newFixture(t, explains(), nil)
	if err := f.Call(t.Context(), "shutdown", nil, nil); err != nil {
		t.Fatal(err)
	}
	var refused *client.Error
	if _, err := f.Execute(t.Context(), "hob.status"); !errors.As(err, &refused) || refused.Code != -32600 {
		t.Errorf("a command after shutdown: %v", err)
	}
	if err := f.Leave(t.Context()); err != nil {
		t.Error(err)
	}
	if err := f.Served(t.Context()); err != nil {
		t.Errorf("served: %v", err)
	}
	for _, v := range f.Violations() {
		t.Errorf("violation: %s", v)
	}
}
