package agent

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/workspace/text"
)

// Replies to an edit of bare in goFile.
const (
	goodBare = "func bare() int {\n\treturn 2\n}\n"
	elided   = "func bare() int {\n\t// ... rest of the code ...\n}\n"
)

var threeModels = []modeltest.Model{{Name: "coder:3b", Params: "3.1B"}, {Name: "coder:7b", Params: "7.6B"}, {Name: "coder:16b", Params: "16B"}}

func TestAskAgain(t *testing.T) {
	at := strings.Index(goFile, "return 1")
	type reply = modeltest.Reply
	bad := func(model string) reply { return reply{Model: model, Text: fenced(elided)} }
	for _, tt := range []struct {
		name    string
		models  []modeltest.Model
		req     Request
		replies []reply
		calls   int
		model   string // that is said to have done it
		why     string // at the end
		kind    ErrorKind
		message string
	}{
		{name: "good at once", replies: []reply{{Text: fenced(goodBare)}}, calls: 1, model: "ollama/coder:3b", why: "one symbol, 3 lines"},
		{
			name: "good the second time", replies: []reply{bad(""), {Text: fenced(goodBare)}}, calls: 2, model: "ollama/coder:3b",
			why: `; asked again: the model left code out: "// ... rest of the code ..." stands in for it`,
		},
		{
			name: "good one tier up", replies: []reply{bad(""), bad(""), {Model: "coder:7b", Text: fenced(goodBare)}}, calls: 3, model: "ollama/coder:7b",
			why: "; then one tier up",
		},
		{
			name: "never good", replies: []reply{bad(""), bad(""), bad("coder:7b")}, calls: 3, model: "ollama/coder:7b", why: "; then one tier up",
			kind: UnsafeEdit, message: "(asked ollama/coder:3b twice, then ollama/coder:7b)",
		},
		{
			name: "no larger model", models: threeModels[:1], replies: []reply{bad(""), bad("")}, calls: 2, model: "ollama/coder:3b",
			why: "; there is no larger model", kind: UnsafeEdit, message: "(asked ollama/coder:3b twice)",
		},
		{
			name: "the tier was asked for", req: Request{Tier: Fast}, replies: []reply{bad(""), bad("")}, calls: 2, model: "ollama/coder:3b",
			why: "; no larger model, for the tier was asked for", kind: UnsafeEdit,
		},
		{
			name: "the model was asked for", req: Request{Model: "coder:3b"}, replies: []reply{bad(""), bad("")}, calls: 2, model: "ollama/coder:3b",
			why: "; no larger model, for this one was asked for", kind: UnsafeEdit,
		},
		{
			name: "the model declines", replies: []reply{{Text: "I'm sorry, but I can't assist with that request."}}, calls: 1,
			model: "ollama/coder:3b", why: "one symbol, 3 lines", kind: NoEdit,
		},
		{
			name: "the stream breaks", replies: []reply{{Text: fenced(goodBare), Fault: modeltest.Drop, After: 2}}, calls: 1,
			model: "ollama/coder:3b", why: "one symbol, 3 lines", kind: IncompleteReply,
		},
		{
			name: "the server fails when asked again", replies: []reply{bad(""), {Fault: modeltest.ServerError}}, calls: 2,
			model: "ollama/coder:3b", kind: ModelFailed,
		},
		{
			name: "the larger model fails", replies: []reply{bad(""), bad(""), {Model: "coder:7b", Fault: modeltest.ServerError}}, calls: 3,
			model: "ollama/coder:7b", why: "", kind: UnsafeEdit, message: "(asked ollama/coder:3b twice)",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.models == nil {
				tt.models = threeModels
			}
			w := newWorkbench(t, modeltest.Script{Models: tt.models, Replies: tt.replies}, map[string]string{"a.go": goFile})
			req := tt.req
			req.Action, req.Path, req.Span, req.Prompt = Edit, "a.go", text.Span{Start: at, End: at}, "give two"
			res, err := w.do(t.Context(), req)
			if e := ExplainError(err); (e == nil) != (tt.kind == "") || e != nil && (e.Kind != tt.kind || !strings.Contains(e.Message, tt.message)) {
				t.Fatalf("ends with %q %+v", e.Kind, e)
			}
			if res.Model != tt.model || !strings.HasSuffix(res.Why, tt.why) {
				t.Errorf("says %s, %q", res.Model, res.Why)
			}
			if got := w.server.Chats(); len(got) != tt.calls {
				t.Errorf("%d requests, want %d", len(got), tt.calls)
			}
			if tt.kind == "" {
				got, err := text.Apply(goFile, res.Files[0].Edits)
				if want := strings.Replace(goFile, "return 1", "return 2", 1); err != nil || got != want || res.Usage.Calls != tt.calls {
					t.Errorf("got %v\n%s, %+v", err, got, res.Usage)
				}
			}
		})
	}
}

// The second request begins with all of the first, shows the reply and says what
// is wrong with it. The third one does not know of the two before.
func TestAskAgainPrompts(t *testing.T) {
	w := newWorkbench(t, modeltest.Script{Models: threeModels, Replies: []modeltest.Reply{
		{Text: fenced(elided)}, {Text: "It returns two now."}, {Text: fenced(goodBare)},
	}}, map[string]string{"a.go": goFile})
	at := strings.Index(goFile, "return 1")
	if _, err := w.do(t.Context(), Request{Action: Edit, Path: "a.go", Span: text.Span{Start: at, End: at}, Prompt: "give two"}); err != nil {
		t.Fatal(err)
	}
	chats := w.server.Chats()
	if len(chats) != 3 {
		t.Fatalf("%d requests", len(chats))
	}
	first, second, third := chats[0].Prompt(), chats[1].Prompt(), chats[2].Prompt()
	rest, ok := strings.CutPrefix(second, first)
	if !ok {
		t.Fatalf("the second prompt is not the first and more:\n%s\n---\n%s", first, second)
	}
	for _, want := range []string{elided, "stands in for code that you left out", "one fenced code block"} {
		if !strings.Contains(rest, want) {
			t.Errorf("no %q in\n%s", want, rest)
		}
	}
	if third != first || chats[1].Cached < len(first)/5 { // bytes to tokens, and room for the template
		t.Errorf("cached %d tokens of %d bytes; third prompt\n%s", chats[1].Cached, len(first), third)
	}
	cat := w.opts.Pool.Catalog()
	small, _ := cat.Figures("coder:3b")
	large, _ := cat.Figures("coder:7b")
	if s, l := small.Formats["region"], large.Formats["region"]; s.N != 2 || s.Rate != 0 || l.N != 1 || l.Rate != 1 {
		t.Errorf("learned %+v and %+v", s, l)
	}
	var again []string
	for _, e := range w.events {
		if e.State == Writing && (len(again) == 0 || again[len(again)-1] != e.Again) {
			again = append(again, e.Again)
		}
	}
	if strings.Join(again, ",") != ",asked again,one tier up" {
		t.Errorf("progress said %q", again)
	}
}

// A job that is cancelled between its requests sends no other.
func TestAskAgainCancelled(t *testing.T) {
	w := newWorkbench(t, modeltest.Script{Models: threeModels, Replies: []modeltest.Reply{
		{Text: fenced(elided)}, {Text: fenced(goodBare), Gates: []modeltest.Gate{{Name: "second"}}},
	}}, map[string]string{"a.go": goFile})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		if w.server.WaitGate(ctx, "second") == nil {
			cancel()
		}
	}()
	at := strings.Index(goFile, "return 1")
	if _, err := w.do(ctx, Request{Action: Edit, Path: "a.go", Span: text.Span{Start: at, End: at}, Prompt: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := len(w.server.Chats()); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// A component and a comment are checked beyond what the parser sees, and asked for
// again as well.
func TestAskAgainForMore(t *testing.T) {
	other := "export function Other() {\n  return null;\n}\n"
	button := "export function Button() {\n  return <button />;\n}\n"
	w := newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{{Text: "```tsx\n" + other + "```\n"}, {Text: "```tsx\n" + button + "```\n"}}},
		map[string]string{"package.json": `{"dependencies":{"react":"18"}}`, "tsconfig.json": "{}", "src/components/Badge.tsx": "export function Badge() {\n  return <b />;\n}\n"})
	res, err := w.do(t.Context(), Request{Action: Component, Path: w.root, Prompt: "a button", Name: "Button"})
	if err != nil || res.Usage.Calls != 2 || res.Files[0].Text != button || !strings.HasSuffix(res.Why, "; asked again: the reply does not define Button") {
		t.Errorf("component: %v %+v", err, res)
	}
	w = newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{{Text: fenced("x := 1\n")}, {Text: fenced("// bare gives one.\n")}}}, map[string]string{"a.go": goFile})
	at := strings.Index(goFile, "return 1")
	res, err = w.do(t.Context(), Request{Action: Document, Path: "a.go", Span: text.Span{Start: at, End: at}})
	if err != nil || res.Usage.Calls != 2 || len(res.Files) != 1 {
		t.Errorf("document: %v %+v", err, res)
	}
}

// Larger gives another and larger model of a tier above, whatever there is.
func TestLarger(t *testing.T) {
	for seed := range uint64(2000) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		cat := catalog()
		for i := range 1 + rnd.IntN(6) {
			m := coder(string(rune('a'+i)), 0.5+rnd.Float64()*30)
			m.Coder, m.Chat, m.Remote = rnd.IntN(3) > 0, rnd.IntN(5) > 0, rnd.IntN(5) == 0
			cat.Models = append(cat.Models, m)
		}
		in := RouteInput{Scope: Scope{Action: Edit, Kind: SymbolScope, Lines: 10}, Catalog: cat}
		c, bad := Route(in)
		if bad != nil {
			continue
		}
		steps := 0
		for next, ok := Larger(in, c); ok; next, ok = Larger(in, c) {
			if next.Model.Params <= c.Model.Params || next.Model.ID() == c.Model.ID() || !next.Model.Chat || next.Model.Remote {
				t.Fatalf("seed %d: from %+v to %+v", seed, c.Model, next.Model)
			}
			if steps++; steps > 2 {
				t.Fatalf("seed %d: more steps than tiers", seed)
			}
			c = next
		}
	}
	cat := catalog(coder("a:3b", 3), coder("b:7b", 7), coder("z:2b", 2))
	in := RouteInput{Catalog: cat, Models: map[Tier]string{Balanced: "ollama/z:2b"}}
	if c, ok := Larger(in, Choice{Tier: Fast, Model: coder("a:3b", 3)}); !ok || c.Model.Name != "z:2b" {
		t.Errorf("the model that the user configured for the tier is not taken: %+v %v", c.Model, ok)
	}
}
