package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/tool"
	"github.com/hob-ls/hob/agent/tool/mcp/mcptest"
	"github.com/hob-ls/hob/lsp/config"
)

// mcpTable is [tools.mcp.NAME] for a server of mcptest.
func mcpTable(t testing.TB, name, behaviour string, env ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	table := fmt.Sprintf("[tools.mcp.%s]\ncommand = %q\nenv = {%s = %q", name, self, mcptest.Env, behaviour)
	for i := 0; i+1 < len(env); i += 2 {
		table += fmt.Sprintf(", %s = %q", env[i], env[i+1])
	}
	return table + "}\n"
}

// mcpSession is a session of an editor whose user has that configuration.
func mcpSession(t *testing.T, opts Options, toml string) (p *peer, root, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "config.toml")
	writeFile(t, file, toml)
	opts.Version, opts.goodbye = "test", goodbye // servers that do not want to end are part of these tests
	opts.Config = config.Inputs{UserFile: file}
	if opts.Providers == nil {
		opts.Providers = with(saying(goAdd)).Providers
	}
	root = project(t, map[string]string{"a.go": goSource})
	p = start(t, opts)
	p.initialize(root, nil)
	return p, root, file
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// mcpStats are the servers as hob.stats tells of them.
func (p *peer) mcpStats() map[string]MCPServer {
	p.t.Helper()
	var st Stats
	if err := json.Unmarshal(p.call("workspace/executeCommand", map[string]any{"command": "hob.stats"}).Result, &st); err != nil {
		p.t.Fatal(err)
	}
	out := map[string]MCPServer{}
	for _, s := range st.MCP {
		out[s.Name] = s
	}
	return out
}

// awaitMCP waits until the servers are as ok says.
func (p *peer) awaitMCP(what string, ok func(map[string]MCPServer) bool) map[string]MCPServer {
	p.t.Helper()
	limit := time.Now().Add(patience)
	for {
		got := p.mcpStats()
		if ok(got) {
			return got
		}
		if time.Now().After(limit) {
			p.t.Fatalf("waited in vain for %s: %+v", what, got)
		}
		time.Sleep(time.Millisecond)
	}
}

func up(name string) func(map[string]MCPServer) bool {
	return func(m map[string]MCPServer) bool { return m[name].State == "up" }
}

// useTool calls a tool as jobs do.
func (p *peer) useTool(ctx context.Context, path, name, args string) tool.Outcome {
	return tool.NewExecutor(p.server.foreignTools(path), tool.Options{}).Do(ctx, tool.Call{Name: name, Args: json.RawMessage(args)})
}

// answering has the editor answer every question about a tool.
func (p *peer) answering(title string) {
	p.on("window/showMessageRequest", func(json.RawMessage) any {
		if title == "" {
			return nil
		}
		return map[string]string{"title": title}
	})
}

// questions are the questions about tools so far.
func (p *peer) questions() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, m := range p.got {
		var q struct{ Message string }
		if m.Method == "window/showMessageRequest" && json.Unmarshal(m.Params, &q) == nil {
			out = append(out, q.Message)
		}
	}
	return out
}

// Servers start by themselves in the session of an editor, what is wrong with one
// is told, and the others work.
func TestMCPStarts(t *testing.T) {
	p, _, _ := mcpSession(t, Options{}, mcpTable(t, "good", "good")+mcpTable(t, "lies", "lies")+mcpTable(t, "gone", "exits")+"[tools.mcp.none]\ncommand = \"hob-no-such-program\"\n")
	got := p.awaitMCP("all to be settled", func(m map[string]MCPServer) bool {
		return m["good"].State == "up" && m["lies"].State == "up" && m["gone"].State == "waiting" && m["none"].State == "waiting"
	})
	if good := got["good"]; good.Title != "peer 7" || !slices.Contains(good.Tools, "good_echo") || good.Since == "" || good.Problem != "" {
		t.Errorf("%+v", good)
	}
	if refused := strings.Join(got["lies"].Refused, "\n"); !strings.Contains(refused, `"loop": `) {
		t.Errorf("%s", refused)
	}
	for name, problem := range map[string]string{"gone": "exit status 3", "none": "not found"} {
		if s := got[name]; !strings.Contains(s.Problem, problem) || s.Next == "" {
			t.Errorf("%+v", s)
		}
	}
	p.await("a status that names the servers", func(m message) bool {
		return m.Method == methodStatus && strings.Contains(string(m.Params), `"good":"up"`)
	})
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
}

// A session for one job starts them when a job wants them, and not before.
func TestMCPBrief(t *testing.T) {
	p, root, _ := mcpSession(t, Options{Brief: true}, mcpTable(t, "good", "good"))
	e := p.editing(filepath.Join(root, "a.go"), "go", goSource)
	if r := p.resultOf(p.execute("hob.edit", addParams(e.path, true))); r.Status != statusApplied {
		t.Errorf("%+v", r)
	}
	if n := len(p.mcpStats()); n > 0 {
		t.Errorf("%d servers run for an edit", n)
	}
	question := addParams(e.path, true)
	question.Prompt = "What does it add?"
	if r := p.resultOf(p.execute("hob.explain", question)); r.Status != statusAnswered {
		t.Errorf("%+v", r)
	}
	p.awaitMCP("the server that a question may need", up("good"))
}

func TestMCPConfirm(t *testing.T) {
	state := t.TempDir()
	p, root, _ := mcpSession(t, Options{StateDir: state}, mcpTable(t, "good", "good"))
	path := filepath.Join(root, "a.go")
	p.awaitMCP("the server", up("good"))
	args := `{"text": "a", "n": 3}`

	p.answering("") // closed without an answer: asked again
	if out := p.useTool(t.Context(), path, "good_echo", args); !errors.Is(out.Err, errNoAnswer) {
		t.Errorf("%+v", out)
	}
	p.answering(AllowButton)
	for range 2 {
		if out := p.useTool(t.Context(), path, "good_echo", args); out.Err != nil || out.Text != `echo {"n":3,"text":"a"}` {
			t.Errorf("%+v", out)
		}
	}
	want := `Let good's tool echo be used in this workspace? It would be called with {"text":"a","n":3}`
	if got := p.questions(); !slices.Equal(got, []string{want, want}) {
		t.Errorf("%q", got)
	}
	p.answering(DenyButton) // for all of the session
	for range 2 {
		if out := p.useTool(t.Context(), path, "good_pid", "{}"); out.Err == nil || !strings.Contains(out.Text, "the user does not want good_pid to be used here") {
			t.Errorf("%+v", out)
		}
	}
	if got := p.questions(); len(got) != 3 {
		t.Errorf("%q", got)
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(filepath.Join(state, "mcp-allowed.json")); err != nil || !strings.Contains(string(b), "good/echo ") || strings.Contains(string(b), "good/pid") {
		t.Errorf("%s, %v", b, err)
	}
}

// Arguments and names of tools are shown as data.
func TestMCPQuestion(t *testing.T) {
	p, _, _ := mcpSession(t, Options{}, "")
	p.answering(AllowButton)
	for _, tt := range []struct{ tool, args, want string }{
		{"t", "", "tool t be used in this workspace? It would be called with {}"},
		{"t", "{\n \"a\" : \"x\\ny\"\n}", `with {"a":"x\ny"}`},
		{"t\n\nAllow all", `{"a":"` + "\u202etxt\x7f" + `"}`, `tool t\n\nAllow all be used in this workspace? It would be called with {"a":"\u202etxt\x7f"}`},
		{"t", `{"a":"` + strings.Repeat("é", 500) + `"}`, `{"a":"` + strings.Repeat("é", maxShownArgs-6) + "…"},
		{"t", "no\nJSON", `with "no\nJSON"`},
	} {
		before := len(p.questions())
		if yes, err := (asker{p.server}).Confirm(t.Context(), "s", tt.tool, json.RawMessage(tt.args)); !yes || err != nil {
			t.Errorf("%v, %v", yes, err)
		}
		if got := p.questions()[before]; !strings.HasSuffix(got, tt.want) || strings.ContainsAny(got, "\n\r") {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// A question that nobody answers ends with the job that asked it, and another
// job that waits for the same answer asks for itself.
func TestMCPQuestionCancelled(t *testing.T) {
	p, root, _ := mcpSession(t, Options{}, mcpTable(t, "good", "good"))
	path := filepath.Join(root, "a.go")
	p.awaitMCP("the server", up("good"))
	p.on("window/showMessageRequest", func(json.RawMessage) any { return silence{} })
	ctx, cancel := context.WithCancel(t.Context())
	ended, other := make(chan tool.Outcome, 1), make(chan tool.Outcome, 1)
	go func() { ended <- p.useTool(ctx, path, "good_pid", "{}") }()
	p.await("the question", is("window/showMessageRequest"))
	go func() { other <- p.useTool(t.Context(), path, "good_pid", "{}") }()
	p.answering(AllowButton)
	cancel()
	if out := <-ended; !errors.Is(out.Err, context.Canceled) {
		t.Errorf("%+v", out)
	}
	p.await("the end of the question", is("$/cancelRequest"))
	if out := <-other; out.Err != nil {
		t.Errorf("%+v", out)
	}
	if n := len(p.questions()); n != 2 {
		t.Errorf("%d questions", n)
	}
}

// Two that need the same answer ask once.
func TestMCPQuestionOnce(t *testing.T) {
	p, root, _ := mcpSession(t, Options{}, mcpTable(t, "good", "good"))
	p.awaitMCP("the server", up("good"))
	p.answering(AllowButton)
	outcomes := make(chan tool.Outcome, 8)
	for range cap(outcomes) {
		go func() { outcomes <- p.useTool(t.Context(), filepath.Join(root, "a.go"), "good_pid", "{}") }()
	}
	for range cap(outcomes) {
		if out := <-outcomes; out.Err != nil {
			t.Errorf("%+v", out)
		}
	}
	if n := len(p.questions()); n != 1 {
		t.Errorf("%d questions", n)
	}
}

// The servers follow the user's file and the editor's settings; one that nobody
// changed stays the process that it is. A workspace has no say.
func TestMCPConfiguration(t *testing.T) {
	good := mcpTable(t, "good", "good")
	p, root, file := mcpSession(t, Options{}, good)
	path := filepath.Join(root, "a.go")
	p.answering(AllowButton)
	p.awaitMCP("the server", up("good"))
	pid := p.useTool(t.Context(), path, "good_pid", "{}").Text

	writeFile(t, file, good+mcpTable(t, "more", "banner"))
	p.awaitMCP("the server of the file", up("more"))
	if again := p.useTool(t.Context(), path, "good_pid", "{}").Text; again != pid {
		t.Errorf("%s became %s", pid, again)
	}
	self, _ := os.Executable() // worked before
	p.notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"hob": map[string]any{
		"tools": map[string]any{"mcp": map[string]any{"extra": map[string]any{"command": self, "env": map[string]any{mcptest.Env: "good"}}}},
	}}})
	p.awaitMCP("the server of the editor", up("extra"))

	writeFile(t, file, mcpTable(t, "good", "good", "CHANGED", "yes"))
	p.awaitMCP("the changed server alone", func(m map[string]MCPServer) bool { return len(m) == 2 && up("extra")(m) && up("good")(m) })
	if again := p.useTool(t.Context(), path, "good_pid", "{}").Text; again == pid {
		t.Error("a changed server was not started again")
	}

	if err := os.MkdirAll(filepath.Join(root, ".hob"), 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(root, ".hob", "config.toml"), mcpTable(t, "evil", "good"))
	p.await("the refusal", func(m message) bool {
		return m.Method == "window/showMessage" && strings.Contains(string(m.Params), "tools.mcp.evil.command: can't be set by a workspace")
	})
	if got := p.mcpStats(); len(got) != 2 {
		t.Errorf("%+v", got)
	}
}

// A file that is broken or gone while the session runs is told, costs what it said
// and nothing else, and counts again when it is mended.
func TestConfigurationBreaks(t *testing.T) {
	good := mcpTable(t, "good", "good")
	p, root, file := mcpSession(t, Options{}, good)
	path := filepath.Join(root, "a.go")
	p.answering(AllowButton)
	p.awaitMCP("the server", up("good"))
	pid := func() string { return p.useTool(t.Context(), path, "good_pid", "{}").Text }
	was := pid()
	told := func(what string) {
		t.Helper()
		p.server.wakeSettings() // as the watching does within seconds
		p.await(what, func(m message) bool {
			return m.Method == "window/showMessage" && strings.Contains(string(m.Params), what)
		})
	}

	writeFile(t, file, good+"[tools.mcp.more\ncommand = \"false\"\n[budgets]\nedit = 0\n")
	told("not TOML")
	told("budgets.edit: must be from 1 to 3600, not 0")
	if got := p.mcpStats(); len(got) != 1 || pid() != was {
		t.Errorf("%+v, %s became %s", got, was, pid())
	}
	e := p.editing(path, "go", goSource)
	if r := p.resultOf(p.execute("hob.edit", addParams(e.path, true))); r.Status != statusApplied {
		t.Errorf("%+v", r)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	told("there is no such file")
	p.awaitMCP("no server", func(m map[string]MCPServer) bool { return len(m) == 0 })
	writeFile(t, file, good)
	p.server.wakeSettings()
	p.awaitMCP("the server again", up("good"))
}

// What a server does wrong is the problem of its callers alone.
func TestMCPFaults(t *testing.T) {
	p, root, _ := mcpSession(t, Options{}, mcpTable(t, "good", "good")+mcpTable(t, "mute", "mute")+mcpTable(t, "floods", "floods")+mcpTable(t, "lies", "lies"))
	path := filepath.Join(root, "a.go")
	p.answering(AllowButton)
	p.awaitMCP("those that answer", func(m map[string]MCPServer) bool { return up("good")(m) && up("floods")(m) && up("lies")(m) })
	for _, tt := range []struct{ tool, want string }{
		{"floods_go", "error: floods"},
		{"lies_wrong", "error: lies_wrong returned something else than it promises"},
		{"good_die", "error: good: "},
		{"mute_any", "error: there is no tool"},
	} {
		if out := p.useTool(t.Context(), path, tt.tool, "{}"); !strings.HasPrefix(out.Text, tt.want) {
			t.Errorf("%s: %q", tt.tool, out.Text)
		}
	}
	p.awaitMCP("the one that died", func(map[string]MCPServer) bool {
		return p.useTool(t.Context(), path, "good_grow", "{}").Err == nil
	})
	p.awaitMCP("another list", func(m map[string]MCPServer) bool { return slices.Contains(m["good"].Tools, "good_grown") })
	e := p.editing(path, "go", goSource)
	if r := p.resultOf(p.execute("hob.edit", addParams(e.path, true))); r.Status != statusApplied {
		t.Errorf("%+v", r)
	}
	if st := p.mcpStats()["mute"]; st.State != "starting" && !strings.Contains(st.Problem, "did not answer in time") {
		t.Errorf("%+v", st)
	}
	began := time.Now()
	if err := p.goodbye(); err != nil || time.Since(began) > patience/4 {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}
