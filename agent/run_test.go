package agent

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/agent/model/ollama"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
	"github.com/hob-ls/hob/workspace/workspacetest"
)

// workbench is an agent in front of a scripted model server, and a project.
type workbench struct {
	*Agent
	server *modeltest.Server
	ws     *workspace.Workspace
	root   string
	events []Event
}

func newWorkbench(t testing.TB, script modeltest.Script, files map[string]string) *workbench {
	t.Helper()
	if script.Models == nil {
		script.Models = []modeltest.Model{{Name: "coder:3b", Params: "3.1B"}}
	}
	server, err := modeltest.New(script)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	provider, err := ollama.New(ollama.Options{Name: "ollama", URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	pool := model.NewPool([]model.Provider{provider}, model.PoolOptions{Slots: map[string]int{"ollama": script.Slots}})
	t.Cleanup(pool.Close)
	ws, root := workspacetest.Project(t, workspace.Options{}, files)
	return &workbench{Agent: New(Options{Pool: pool}), server: server, ws: ws, root: root}
}

func (w *workbench) do(ctx context.Context, req Request) (*Result, error) {
	if !filepath.IsAbs(req.Path) {
		req.Path = filepath.Join(w.root, req.Path)
	}
	return w.Run(ctx, req, w.ws.Snapshot(), func(e Event) { w.events = append(w.events, e) })
}

func fenced(code string) string { return "```go\n" + code + "```\n" }

func TestRunRegionActions(t *testing.T) {
	const hello = "func Hello(name string) {\n\tfmt.Println(\"hello\", name)\n}\n"
	at := func(s string) text.Span {
		i := strings.Index(goFile, s)
		return text.Span{Start: i, End: i + len(s)}
	}
	for _, tt := range []struct {
		name  string
		req   Request
		reply string
		want  string // the file after, "" for unchanged
	}{
		{
			"edit",
			Request{Action: Edit, Span: at(hello), Prompt: "say hi"},
			fenced("func Hello(name string) {\n\tfmt.Println(\"hi\", name)\n}\n"),
			strings.Replace(goFile, `"hello"`, `"hi"`, 1),
		},
		{
			"fix",
			Request{Action: Fix, Span: at("return 1")},
			fenced("func bare() int {\n\treturn 2\n}\n"),
			strings.Replace(goFile, "return 1", "return 2", 1),
		},
		{
			"generate",
			Request{Action: Generate, Span: text.Span{Start: len(goFile), End: len(goFile)}, Prompt: "a constant"},
			fenced("const answer = 42\n"), goFile + "const answer = 42\n",
		},
		{
			"document",
			Request{Action: Document, Span: at("return 1")},
			fenced("// bare gives one.\n"),
			strings.Replace(goFile, "func bare", "// bare gives one.\nfunc bare", 1),
		},
		{"unchanged", Request{Action: Edit, Span: at(hello), Prompt: "nothing"}, fenced(hello), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{{Text: tt.reply}}}, map[string]string{"a.go": goFile})
			tt.req.Path = "a.go"
			res, err := w.do(t.Context(), tt.req)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				if len(res.Files) != 0 {
					t.Fatalf("got edits %+v, want none", res.Files)
				}
				return
			}
			if len(res.Files) != 1 {
				t.Fatalf("got %d files", len(res.Files))
			}
			got, err := text.Apply(goFile, res.Files[0].Edits)
			if err != nil || got != tt.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, got, tt.want)
			}
			if res.Tier != Fast || res.Model != "ollama/coder:3b" || res.Why == "" || res.Usage.Calls != 1 || res.Usage.Prompt == 0 {
				t.Errorf("result says %+v", res)
			}
			for _, state := range []State{Writing, Checking} {
				if !slices.ContainsFunc(w.events, func(e Event) bool { return e.State == state }) {
					t.Errorf("no event %s in %+v", state, w.events)
				}
			}
		})
	}
}

// The comment that asks for code goes, though the model writes it once more.
func TestGenerateRepeatsRequest(t *testing.T) {
	for _, tt := range []struct{ src, comment, reply, want string }{
		{"package a\n\n// hob: a constant\n", "// hob: a constant\n", "// hob: a constant\nconst x = 1\n", "package a\n\nconst x = 1\n"},
		{"package a\r\n\r\n// hob: a constant\r\n// of one\r\n", "// hob: a constant\r\n// of one\r\n", "// hob: a constant\n// of one\nconst x = 1\n", "package a\r\n\r\nconst x = 1\r\n"},
		{"package a\n\n// hob: a constant\n", "// hob: a constant\n", "// A constant.\nconst x = 1\n", "package a\n\n// A constant.\nconst x = 1\n"},
		{"package a\n\n// a constant\n", "// a constant\n", "// a constant\nconst x = 1\n", "package a\n\n// a constant\nconst x = 1\n"},
	} {
		w := newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{{Text: fenced(tt.reply)}}}, map[string]string{"a.go": tt.src})
		at := strings.Index(tt.src, tt.comment)
		res, err := w.do(t.Context(), Request{Action: Generate, Path: "a.go", Span: text.Span{Start: at, End: at + len(tt.comment)}, Prompt: "a constant"})
		if err != nil || len(res.Files) != 1 {
			t.Fatalf("%v", err)
		}
		if got, err := text.Apply(tt.src, res.Files[0].Edits); err != nil || got != tt.want {
			t.Errorf("%v\n%q\nwant\n%q", err, got, tt.want)
		}
	}
}

func TestRunExplain(t *testing.T) {
	w := newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{{Text: "It **greets**.\n"}}}, map[string]string{"a.go": goFile})
	res, err := w.do(t.Context(), Request{Action: Explain, Path: "a.go", Span: text.Span{Start: 60, End: 60}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(res.Answer, "**greets**") || len(res.Files) != 0 {
		t.Errorf("got %+v", res)
	}
}

func TestRunRefuses(t *testing.T) {
	files := map[string]string{
		"a.go": goFile, "latin.txt": "caf\xe9\n", "bin.dat": "a\x00b", "empty.go": "",
		"big.txt": strings.Repeat("all work and no play\n", 2000),
	}
	everything := text.Span{End: len(goFile)}
	for _, tt := range []struct {
		name  string
		req   Request
		reply modeltest.Reply
		kind  ErrorKind
	}{
		{name: "unknown action", req: Request{Action: "sing", Path: "a.go"}, kind: BadRequest},
		{name: "no such file", req: Request{Action: Edit, Path: "b.go"}, kind: BadRequest},
		{name: "outside", req: Request{Action: Edit, Path: "/etc/passwd"}, kind: RefusedPath},
		{name: "binary", req: Request{Action: Edit, Path: "bin.dat"}, kind: BadRequest},
		{name: "not UTF-8", req: Request{Action: Edit, Path: "latin.txt"}, kind: BadRequest},
		{name: "nothing there", req: Request{Action: Edit, Path: "empty.go"}, kind: BadRequest},
		{name: "instant can't edit", req: Request{Action: Edit, Path: "a.go", Span: everything, Tier: Instant}, kind: BadRequest},
		{name: "region too large", req: Request{Action: Edit, Path: "big.txt", Span: text.Span{End: 42000}, Prompt: "x"}, kind: TooLarge},
		{name: "prose only", req: Request{Action: Edit, Path: "a.go", Span: everything}, reply: modeltest.Reply{Text: "I would rather not."}, kind: NoEdit},
		{name: "placeholder", req: Request{Action: Edit, Path: "a.go", Span: everything}, reply: modeltest.Reply{Text: fenced("package p\n\nimport \"fmt\"\n\n// ... existing code ...\n\nfunc bare() int {\n\treturn 1\n}\n")}, kind: UnsafeEdit},
		{name: "cut", req: Request{Action: Edit, Path: "a.go", Span: everything}, reply: modeltest.Reply{Text: fenced(goFile), Fault: modeltest.Drop, After: 4}, kind: IncompleteReply},
		{name: "no comment", req: Request{Action: Document, Path: "a.go", Span: text.Span{Start: 60, End: 60}}, reply: modeltest.Reply{Text: fenced("func Hello(name string) {}\n")}, kind: NoEdit},
		{name: "component without words", req: Request{Action: Component, Path: ""}, kind: BadRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.reply.Keep = true // a refused reply is asked for again
			w := newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{tt.reply}}, files)
			res, err := w.do(t.Context(), tt.req)
			var e *Error
			if !errors.As(err, &e) || e.Kind != tt.kind || e.Message == "" || e.Hint == "" {
				t.Errorf("got %+v, %#v; want %s with a message and a hint", res, err, tt.kind)
			}
		})
	}
}

func TestRunComponent(t *testing.T) {
	const button = "export function Button({ label }: { label: string }) {\n  return <button>{label}</button>\n}\n"
	files := map[string]string{
		"package.json":            `{"dependencies": {"react": "^18.0.0"}}`,
		"tsconfig.json":           `{"compilerOptions": {"jsx": "react-jsx"}}`,
		"src/components/Card.tsx": "export function Card({ title }: { title: string }) {\n  return <section>{title}</section>\n}\n",
	}
	req := Request{Action: Component, Prompt: "a button with a label"}

	t.Run("by a model", func(t *testing.T) {
		w := newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{{Text: "```tsx\n" + button + "```\n"}}}, files)
		req.Path = w.root
		res, err := w.do(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		want := filepath.Join(w.root, "src", "components", "Button.tsx")
		if len(res.Files) != 1 || res.Files[0].Path != want || res.Files[0].Text != button || res.Tier != Fast {
			t.Errorf("got %+v, want %s", res, want)
		}
	})
	t.Run("with the style sheet that it imports", func(t *testing.T) {
		code := "import './Button.module.css';\nimport s from './Button.module.css';\n\nexport function Button() {\n  return <button className={`${s.button} ${s['is-new']}`} />;\n}\n"
		w := newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{{Text: "```tsx\n" + code + "```\n"}}}, files)
		req.Path = w.root
		res, err := w.do(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		want := ".button {\n}\n\n.is-new {\n}\n"
		if len(res.Files) != 2 || filepath.Base(res.Files[1].Path) != "Button.module.css" || res.Files[1].Text != want {
			t.Errorf("got %+v", res.Files)
		}
	})
	t.Run("instant because nothing answers", func(t *testing.T) {
		w := newWorkbench(t, modeltest.Script{}, files)
		w.server.Close()
		req.Path = w.root
		res, err := w.do(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if res.Tier != Instant || res.Model != "" || !strings.Contains(res.Why, "without a model") || len(res.Files) == 0 {
			t.Errorf("got %+v", res)
		}
	})
	t.Run("instant because there is no model", func(t *testing.T) {
		w := newWorkbench(t, modeltest.Script{Models: []modeltest.Model{}}, files)
		req.Path = w.root
		res, err := w.do(t.Context(), req)
		if err != nil || res.Tier != Instant {
			t.Errorf("got %+v, %v", res, err)
		}
	})
	t.Run("never instead of a model that fails", func(t *testing.T) {
		w := newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{{Fault: modeltest.ServerError}}}, files)
		req.Path = w.root
		res, err := w.do(t.Context(), req)
		if e := ExplainError(err); e == nil || e.Kind != ModelFailed {
			t.Errorf("got %+v, %v", res, err)
		}
	})
	t.Run("never where a model was named", func(t *testing.T) {
		w := newWorkbench(t, modeltest.Script{Models: []modeltest.Model{}}, files)
		named := req
		named.Path, named.Model = w.root, "ollama/coder:3b"
		res, err := w.do(t.Context(), named)
		if e := ExplainError(err); e == nil || e.Kind != ModelMissing {
			t.Errorf("got %+v, %v", res, err)
		}
	})
}

func TestRunCancel(t *testing.T) {
	w := newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{{
		Text: fenced(goFile), Gates: []modeltest.Gate{{Name: "middle", After: 3}},
	}}}, map[string]string{"a.go": goFile})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		if w.server.WaitGate(ctx, "middle") == nil {
			cancel()
		}
	}()
	if res, err := w.do(ctx, Request{Action: Edit, Path: "a.go", Span: text.Span{End: len(goFile)}}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %+v, %v", res, err)
	}
	if err := w.server.WaitCancelled(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
}

// The context size of a model never changes once it was used, and one that is
// loaded with enough is adopted: anything else would load it again.
func TestRunKeepsContext(t *testing.T) {
	reply := modeltest.Reply{Text: fenced("func bare() int {\n\treturn 2\n}\n"), Keep: true}
	w := newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{reply}}, map[string]string{"a.go": goFile})
	i := strings.Index(goFile, "return")
	for range 3 {
		if _, err := w.do(t.Context(), Request{Action: Fix, Path: "a.go", Span: text.Span{Start: i, End: i}}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.opts.Pool.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if loads := w.server.Stats().Loads; loads != 1 {
		t.Errorf("the model was loaded %d times, want once", loads)
	}
	other := New(w.opts)
	if got := other.context(model.Model{Provider: "ollama", Name: "x", Resident: true, NumCtx: 20000}); got != 20000 {
		t.Errorf("a resident context of 20000 became %d", got)
	}
	if got := other.context(model.Model{Provider: "ollama", Name: "x", Resident: true, NumCtx: 32000}); got != 20000 {
		t.Errorf("the context changed to %d", got)
	}
	if got := other.Reconfigure(w.opts).context(model.Model{Provider: "ollama", Name: "x"}); got != 20000 {
		t.Errorf("the context changed to %d with the configuration", got)
	}
	if got := other.context(model.Model{Provider: "ollama", Name: "short", Context: 2048}); got != 2048 {
		t.Errorf("a model made for 2048 tokens got %d", got)
	}
}

func TestStatusAndPrewarm(t *testing.T) {
	w := newWorkbench(t, modeltest.Script{}, nil)
	if s := w.Status(); len(s.Models) != 0 || s.Problem != "" {
		t.Errorf("before anything was asked: %+v", s)
	}
	if err := w.Prewarm(t.Context(), Fast, Balanced); err != nil {
		t.Fatal(err)
	}
	if s := w.Status(); s.Models[Quality] != "ollama/coder:3b" || s.Problem != "" {
		t.Errorf("got %+v", s)
	}
	if loads := w.server.Stats().Loads; loads != 1 {
		t.Errorf("one model for both tiers was loaded %d times", loads)
	}
	w.server.Close()
	if _, err := w.opts.Pool.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := w.Status(); !strings.Contains(s.Problem, "ollama serve") {
		t.Errorf("with the server gone: %+v", s)
	}
}
