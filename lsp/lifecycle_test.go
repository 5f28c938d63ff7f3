package lsp

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/lsp/config"
)

func TestLifecycle(t *testing.T) {
	p := start(t, Options{})
	if m := p.call("textDocument/codeAction", map[string]any{}); m.code() != -32002 {
		t.Errorf("request before initialize: code %d", m.code())
	}
	if m := p.call("shutdown", nil); m.code() != -32002 {
		t.Errorf("shutdown before initialize: code %d", m.code())
	}
	p.notify("textDocument/didOpen", map[string]any{}) // ignored
	if m := p.call("initialize", []int{1}); m.code() != -32602 {
		t.Errorf("initialize with a list: code %d", m.code())
	}
	p.initialize(t.TempDir(), nil)
	if m := p.call("initialize", map[string]any{"capabilities": map[string]any{}}); m.code() != -32600 {
		t.Errorf("second initialize: code %d", m.code())
	}
	if m := p.call("shutdown", nil); m.Error != nil || string(m.Result) != "null" {
		t.Errorf("shutdown answered %+v", m)
	}
	if m := p.call("workspace/executeCommand", map[string]any{"command": "hob.status"}); m.code() != -32600 {
		t.Errorf("request after shutdown: code %d", m.code())
	}
	p.notify("exit", nil)
	if err := p.returned(); err != nil {
		t.Errorf("Serve returned %v", err)
	}
}

// Everything at once, without waiting for an answer in between, ends in order too.
func TestLifecyclePipelined(t *testing.T) {
	p := start(t, Options{})
	ids := []string{p.begin("initialize", map[string]any{"capabilities": map[string]any{}})}
	p.notify("initialized", map[string]any{})
	ids = append(ids, p.begin("workspace/executeCommand", map[string]any{"command": "hob.status"}), p.begin("shutdown", nil))
	p.notify("exit", nil)
	if err := p.returned(); err != nil {
		t.Errorf("Serve returned %v", err)
	}
	for _, id := range ids {
		if m := p.reply(id); m.Error != nil {
			t.Errorf("request %s: %+v", id, *m.Error)
		}
	}
}

func TestEndsWithoutShutdown(t *testing.T) {
	for name, end := range map[string]func(*peer){
		"exit":                func(p *peer) { p.notify("exit", nil) },
		"stream closed":       func(p *peer) { _ = p.conn.Close() },
		"header that is none": func(p *peer) { _, _ = p.conn.Write([]byte("garbage\r\n\r\n")) },
		"half a message":      func(p *peer) { _, _ = p.conn.Write([]byte("Content-Length: 9\r\n\r\n{")); _ = p.conn.Close() },
		"exit, then more":     func(p *peer) { p.notify("exit", nil); p.begin("shutdown", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, Options{})
			p.initialize(t.TempDir(), nil)
			end(p)
			if err := p.returned(); !errors.Is(err, ErrNoShutdown) {
				t.Errorf("Serve returned %v", err)
			}
		})
	}
}

func TestMalformed(t *testing.T) {
	p := start(t, Options{})
	p.initialize(t.TempDir(), nil)
	null := func(code int) func(message) bool {
		return func(m message) bool {
			return string(m.ID) == "null" && m.code() == code || m.ID == nil && m.code() == code
		}
	}
	for i, c := range []struct {
		body string
		code int
	}{
		{`{"jsonrpc":"2.0","id":99,`, -32700},
		{`this is not JSON`, -32700},
		{``, -32700},
		{`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"text":}}`, -32700},
		{`42`, -32600},
		{`[]`, -32600},
		{`[{"jsonrpc":"2.0","id":1,"method":"shutdown"}]`, -32600},
	} {
		before := p.count(null(c.code))
		p.raw(c.body)
		p.awaitCount(fmt.Sprintf("answer to bad message %d", i), null(c.code), before+1)
	}
	for _, c := range []struct {
		method string
		params any
		code   int
	}{
		{"textDocument/hover", map[string]any{}, -32601},
		{"nobody/knows", nil, -32601},
		{"$/nobody/knows", nil, -32601},
		{"codeAction/resolve", map[string]any{"title": "x"}, -32601},
		{"textDocument/codeAction", map[string]any{"textDocument": 5}, -32602},
		{"textDocument/codeAction", []any{}, -32602},
		{"textDocument/codeAction", nil, -32602},
		{"workspace/executeCommand", map[string]any{"command": "nobody.knows"}, -32602},
		{"workspace/executeCommand", map[string]any{"command": 7}, -32602},
		{"workspace/textDocumentContent", map[string]any{"uri": "hob:/answers/j9.md"}, -32602},
	} {
		if m := p.call(c.method, c.params); m.code() != c.code {
			t.Errorf("%s %v: code %d, want %d", c.method, c.params, m.code(), c.code)
		}
	}
	for _, c := range []struct {
		method string
		params any
	}{
		{"$/nobody/knows", nil},
		{"nobody/knows", map[string]any{"a": 1}},
		{"textDocument/didChange", 5},
		{"$/cancelRequest", map[string]any{"id": 123456}},
		{"$/cancelRequest", map[string]any{}},
		{"window/workDoneProgress/cancel", map[string]any{"token": 5}},
		{"$/setTrace", map[string]any{"value": "verbose"}},
		{"textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": "file:///never/opened"}}},
		{"workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{"added": []any{map[string]any{"uri": "x:y", "name": ""}}, "removed": []any{}}}},
	} {
		p.notify(c.method, c.params)
	}
	if m := p.call("workspace/executeCommand", map[string]any{"command": "hob.status"}); m.Error != nil {
		t.Errorf("the session is broken: %+v", *m.Error)
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
}

// What each client announced in its real initialize request, and what it is
// answered and understood to be able to.
func TestClients(t *testing.T) {
	want := map[string]string{
		"coc.nvim-master":                "coc.nvim utf-16 documentChanges create annotations metadata configuration content showDocument progress literals",
		"emacs-28.2-eglot-1.9":           " utf-16 documentChanges configuration literals",
		"emacs-30.1-eglot":               "Eglot utf-8 documentChanges configuration showDocument progress literals",
		"helix-25.07.1":                  "helix utf-8 documentChanges create configuration showDocument progress literals",
		"neovim-0.12.4":                  "Neovim utf-8 documentChanges create annotations configuration showDocument progress literals",
		"vscode-1.139-languageclient-11": "code-server utf-16 documentChanges create annotations metadata configuration content showDocument progress literals tagLLM",
	}
	files, err := filepath.Glob("testdata/capabilities/*.json")
	if err != nil || len(files) != len(want) {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, err := readClient(b)
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(c); got != want[name] {
				t.Errorf("understood\n%s, want\n%s", got, want[name])
			}
			var params map[string]any
			if err := json.Unmarshal(b, &params); err != nil {
				t.Fatal(err)
			}
			params["processId"] = os.Getpid()
			p := start(t, Options{Version: "1.2.3"})
			m := p.call("initialize", params)
			checkCapabilities(t, m, c)
			p.notify("initialized", map[string]any{})
			if err := p.goodbye(); err != nil {
				t.Error(err)
			}
		})
	}
}

func describe(c *clientInfo) string {
	words := []string{c.name, encodingName(c.encoding)}
	for _, f := range []struct {
		on   bool
		name string
	}{
		{!c.applyEdit, "noApplyEdit"},
		{c.documentChanges, "documentChanges"},
		{c.createFile, "create"},
		{c.annotations, "annotations"},
		{c.metadata, "metadata"},
		{c.configuration, "configuration"},
		{c.content, "content"},
		{c.showDocument, "showDocument"},
		{c.progress, "progress"},
		{c.literals, "literals"},
		{c.tagLLM, "tagLLM"},
		{c.hob, "hob"},
	} {
		if f.on {
			words = append(words, f.name)
		}
	}
	return strings.Join(words, " ")
}

// The answer to initialize decodes, and offers exactly what there are handlers for.
func checkCapabilities(t *testing.T, m message, c *clientInfo) {
	t.Helper()
	if m.Error != nil {
		t.Fatalf("initialize: %+v", *m.Error)
	}
	var res protocol.InitializeResult
	if err := protocol.Unmarshal(m.Result, &res); err != nil {
		t.Fatal(err)
	}
	if res.ServerInfo.Name != "hob" || string(res.Capabilities.PositionEncoding) != encodingName(c.encoding) {
		t.Errorf("answered %s", m.Result)
	}
	var caps map[string]json.RawMessage
	var raw struct{ Capabilities map[string]json.RawMessage }
	if err := json.Unmarshal(m.Result, &raw); err != nil {
		t.Fatal(err)
	}
	caps = raw.Capabilities
	// Each provider that is advertised, and the method that it promises.
	methods := map[string]string{
		"codeActionProvider": protocol.MethodTextDocumentCodeAction, "executeCommandProvider": protocol.MethodWorkspaceExecuteCommand,
		"textDocumentSync": protocol.MethodTextDocumentDidChange, "workspace": protocol.MethodWorkspaceDidChangeWorkspaceFolders,
	}
	s := newServer(t.Context(), Options{})
	s.jobs.Close()
	for key := range caps {
		method, known := methods[key]
		if key == "positionEncoding" {
			continue
		}
		if !known || s.callHandlers[method] == nil && s.notifyHandlers[method] == nil {
			t.Errorf("advertises %s without a handler", key)
		}
		delete(methods, key)
	}
	for key := range methods {
		t.Errorf("does not advertise %s", key)
	}
	if got := strings.Contains(string(caps["workspace"]), "textDocumentContent"); got != c.content {
		t.Errorf("textDocumentContent is %v, client %v", got, c.content)
	}
	if got := res.Capabilities.ExecuteCommandProvider.Commands; !slices.Equal(got, commandIDs()) {
		t.Errorf("commands are %q", got)
	}
}

func TestMistypedCapabilities(t *testing.T) {
	for _, caps := range []string{
		`{"general":{"positionEncodings":"utf-8"}}`, `{"workspace":5,"window":[]}`, `{"textDocument":{"codeAction":{"tagSupport":true}}}`,
		`{"workspace":{"workspaceEdit":{"resourceOperations":{"create":1}}}}`, `null`, `[]`, `{"experimental":{"hob":"yes"}}`,
	} {
		p := start(t, Options{})
		if m := p.call("initialize", map[string]any{"capabilities": json.RawMessage(caps), "processId": "x", "rootUri": 5, "workspaceFolders": "none"}); m.Error != nil {
			t.Errorf("%s: %+v", caps, *m.Error)
		}
	}
}

// When the editor's process is gone while its pipe is held open, the session ends.
func TestParentGone(t *testing.T) {
	sleep := exec.Command("sleep", "60")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	p := start(t, Options{})
	if m := p.call("initialize", map[string]any{"processId": sleep.Process.Pid, "capabilities": map[string]any{}}); m.Error != nil {
		t.Fatalf("%+v", *m.Error)
	}
	p.notify("initialized", map[string]any{})
	if m := p.call("workspace/executeCommand", map[string]any{"command": "hob.status"}); m.Error != nil {
		t.Fatalf("%+v", *m.Error)
	}
	if err := sleep.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = sleep.Wait() // it was killed
	if err := p.returned(); !errors.Is(err, ErrNoShutdown) {
		t.Errorf("Serve returned %v", err)
	}
}

func TestConfigurationProblems(t *testing.T) {
	p := start(t, Options{})
	m := p.call("initialize", map[string]any{
		"capabilities":          map[string]any{"workspace": map[string]any{"configuration": true}},
		"initializationOptions": map[string]any{"hob": map[string]any{"modles": map[string]any{"fast": "x"}}},
	})
	if m.Error != nil {
		t.Fatalf("%+v", *m.Error)
	}
	asked := make(chan json.RawMessage, 8)
	p.on("workspace/configuration", func(params json.RawMessage) any {
		asked <- params
		return []any{map[string]any{"budgets": map[string]any{"edit": "soon"}}}
	})
	p.notify("initialized", map[string]any{})
	shown := p.await("warning", is("window/showMessage"))
	if s := string(shown.Params); !strings.Contains(s, "modles") && !strings.Contains(s, "budgets.edit") {
		t.Errorf("shown %s", s)
	}
	if got := string(<-asked); got != `{"items":[{"section":"hob"}]}` {
		t.Errorf("asked for %s", got)
	}
	p.notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
	select {
	case <-asked:
	case <-time.After(patience):
		t.Error("did not ask again")
	}
	if m := p.call("workspace/executeCommand", map[string]any{"command": "hob.status"}); m.Error != nil {
		t.Errorf("%+v", *m.Error)
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
	if n := p.count(is("window/showMessage")); n != 1 {
		t.Errorf("the same problems were shown %d times", n)
	}
}

// The configuration file of a folder that comes later counts from then on, and as
// long as the folder is there.
func TestConfigurationOfLaterFolder(t *testing.T) {
	one := project(t, map[string]string{"a.txt": ""})
	two := project(t, map[string]string{".hob/config.toml": "[budgets]\nedit = \"soon\"\n"})
	folders := func(key, dir string) any {
		event := map[string]any{"added": []any{}, "removed": []any{}}
		event[key] = []any{map[string]any{"uri": uriOf(dir), "name": "x"}}
		return map[string]any{"event": event}
	}
	p := start(t, Options{})
	p.initialize(one, nil)
	p.notify("workspace/didChangeWorkspaceFolders", folders("added", two))
	want := filepath.Join(two, ".hob", "config.toml") + ":2: budgets.edit"
	if m := p.await("message", is("window/showMessage")); !strings.Contains(string(m.Params), want) {
		t.Errorf("shown %s", m.Params)
	}
	p.notify("workspace/didChangeWorkspaceFolders", folders("removed", two))
	if m := p.call("workspace/executeCommand", map[string]any{"command": "hob.status"}); m.Error != nil { // behind the notification
		t.Errorf("%+v", *m.Error)
	}
	if roots := p.server.sources().Roots; len(roots) != 1 || roots[0] != one {
		t.Errorf("the configuration is read in %q", roots)
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
}

// What the workspace holds is decided at its opening: a change of it is told once.
func TestRestartIsTold(t *testing.T) {
	p := start(t, Options{})
	p.initialize(t.TempDir(), nil)
	for _, size := range []string{"2MiB", "3MiB"} {
		p.notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"hob": map[string]any{"index": map[string]any{"max_file": size}}}})
		if m := p.await("message", is("window/showMessage")); !strings.Contains(string(m.Params), "restart") {
			t.Errorf("shown %s", m.Params)
		}
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
	if n := p.count(is("window/showMessage")); n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"hob":{"models":{"fast":"a/b"}}}`, `{"models":{"fast":"a/b"}}`},
		{`{"models":{"fast":"a/b"}}`, `{"models":{"fast":"a/b"}}`},
		{`null`, ``},
		{`[]`, ``},
		{``, ``},
		{`{}`, ``},
		{`{"hob":null}`, `null`},
	} {
		if got := string(section(json.RawMessage(c.in))); got != c.want {
			t.Errorf("section(%s) = %s, want %s", c.in, got, c.want)
		}
	}
	got := merge(json.RawMessage(`{"a":{"b":1,"c":2},"d":3}`), json.RawMessage(`{"a":{"c":9},"d":null,"e":[1]}`))
	if string(got) != `{"a":{"b":1,"c":9},"d":3,"e":[1]}` {
		t.Errorf("merge gave %s", got)
	}
	_ = config.Inputs{Client: got} // what merge is for
}
