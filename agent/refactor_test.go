package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/agent/own"
	"github.com/hob-ls/hob/agent/plan"
	"github.com/hob-ls/hob/workspace/text"
)

// shop is a small project whose store is used in two other places.
var shop = map[string]string{
	"go.mod":         "module example.com/shop\n\ngo 1.24\n",
	"store/store.go": "package store\n\n// Store keeps orders.\ntype Store struct{ orders []int }\n\n// NewStore makes an empty store.\nfunc NewStore() *Store {\n\treturn &Store{}\n}\n",
	"api/api.go":     "package api\n\nimport \"example.com/shop/store\"\n\n// Serve answers requests.\nfunc Serve() *store.Store {\n\treturn store.NewStore()\n}\n",
	"cli/cli.go":     "package cli\n\nimport \"example.com/shop/store\"\n\n// Run is the command line.\nfunc Run() *store.Store {\n\ts := store.NewStore()\n\treturn s\n}\n",
	"other/other.go": "package other\n\n// Unrelated has nothing to do with it.\nfunc Unrelated() {}\n",
}

func steps(s ...string) string { return `{"steps":[` + strings.Join(s, ",") + `]}` }

func step(kind, file, symbol, what string) string {
	return fmt.Sprintf(`{"kind":%q,"file":%q,"symbol":%q,"what":%q}`, kind, file, symbol, what)
}

// applied is what the files of a result become, by path relative to the root;
// "" for one that goes. A rename is "old -> new".
func (w *workbench) applied(t *testing.T, r *Result) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, f := range r.Files {
		rel, _ := filepath.Rel(w.root, f.Path)
		if f.Rename != "" {
			to, _ := filepath.Rel(w.root, f.Rename)
			rel += " -> " + to
		}
		switch {
		case f.Delete:
			out[rel] = ""
		case f.Base == nil:
			out[rel] = f.Text
		default:
			got, err := text.Apply(f.Base.Text, f.Edits)
			if err != nil {
				t.Fatal(err)
			}
			out[rel] = got
		}
		if !f.Confirm || !f.Alone {
			t.Errorf("%s is applied without being looked at, or holds up the others", rel)
		}
	}
	return out
}

func replies(list ...modeltest.Reply) modeltest.Script {
	return modeltest.Script{Replies: list, Slots: 4}
}

func TestRefactor(t *testing.T) {
	plan := modeltest.Reply{Last: "plan this change", Text: steps(
		step("edit", "store/store.go", "NewStore", "take a capacity"),
		step("edit", "api/api.go", "Serve", "pass eight"),
		step("edit", "cli/cli.go", "Run", "pass sixteen"),
	)}
	store := modeltest.Reply{Last: "take a capacity", Text: fenced("// NewStore makes an empty store.\nfunc NewStore(n int) *Store {\n\treturn &Store{orders: make([]int, 0, n)}\n}\n")}
	api := modeltest.Reply{Last: "pass eight", Text: fenced("// Serve answers requests.\nfunc Serve() *store.Store {\n\treturn store.NewStore(8)\n}\n")}
	cli := modeltest.Reply{Last: "pass sixteen", Text: fenced("// Run is the command line.\nfunc Run() *store.Store {\n\ts := store.NewStore(16)\n\treturn s\n}\n")}

	w := newWorkbench(t, replies(plan, store, api, cli), shop)
	var proposed Proposal
	res, err := w.do(t.Context(), Request{Action: Refactor, Path: ".", Prompt: "Give NewStore a capacity parameter", Approve: func(_ context.Context, p Proposal) ([]int, error) {
		proposed = p
		return []int{0, 1, 2}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := w.applied(t, res)
	for rel, want := range map[string]string{"store/store.go": "NewStore(n int)", "api/api.go": "NewStore(8)", "cli/cli.go": "NewStore(16)"} {
		if !strings.Contains(got[rel], want) {
			t.Errorf("%s: %q is missing in\n%s", rel, want, got[rel])
		}
	}
	if len(got) != 3 || len(res.Left) > 0 || res.Usage.Calls != 4 {
		t.Errorf("%d files, left %q, %d calls", len(got), res.Left, res.Usage.Calls)
	}
	if v := res.Voices; len(v) != 2 || v[0].Name != "architect" || v[0].Usage.Calls != 1 || v[1].Name != "implementer" || v[1].Usage.Calls != 3 ||
		v[0].Usage.Prompt+v[1].Usage.Prompt != res.Usage.Prompt || v[1].Model == "" {
		t.Errorf("the voices took %+v of %+v", v, res.Usage)
	}
	if len(proposed.Steps) != 3 || proposed.Steps[1].Title != "api/api.go, Serve: pass eight" || proposed.Model == "" {
		t.Errorf("shown: %+v", proposed)
	}
	// The steps share the beginning of their prompts, know what else becomes of the code
	// they use, and none saw what is not its business.
	chats := w.server.Chats()
	for _, c := range chats[1:] {
		if len(c.Messages) != 3 || !strings.HasPrefix(c.Messages[1].Content, "The task is one step of this change: Give NewStore a capacity parameter\n\n") {
			t.Errorf("the prompt of a step: %+v", c.Messages)
		}
		uses := !strings.Contains(c.Messages[2].Content, "take a capacity")
		if uses != strings.Contains(c.Messages[1].Content, "\nAnother step changes NewStore of store/store.go: take a capacity\n\nThe region of ") {
			t.Errorf("what is told of NewStore: %s", c.Messages[1].Content)
		}
		if strings.Contains(fmt.Sprint(c.Messages), "Unrelated") {
			t.Error("a step was shown a file that has nothing to do with it")
		}
	}
	var states []State
	for _, e := range w.events {
		if len(states) == 0 || states[len(states)-1] != e.State {
			states = append(states, e.State)
		}
		if e.Total == 3 && e.Done > 3 {
			t.Errorf("%d of %d done", e.Done, e.Total)
		}
	}
	if states[0] != Planning || states[len(states)-1] != Checking {
		t.Errorf("the states were %v", states)
	}
}

// TestRefactorOwnVoices: the user's own architect and implementer say how, and on
// which tier.
func TestRefactorOwnVoices(t *testing.T) {
	plan := modeltest.Reply{Last: "plan this change", Text: steps(step("edit", "store/store.go", "NewStore", "take a capacity"))}
	store := modeltest.Reply{Last: "take a capacity", Text: fenced("// NewStore makes an empty store.\nfunc NewStore(n int) *Store {\n\treturn &Store{orders: make([]int, 0, n)}\n}\n")}
	script := replies(plan, store)
	script.Models = []modeltest.Model{{Name: "small-coder:3b", Params: "3B"}, {Name: "big-coder:14b", Params: "14B"}}
	w := newWorkbench(t, script, shop)
	res, err := w.do(t.Context(), Request{Action: Refactor, Path: ".", Prompt: "Give NewStore a capacity parameter", Voices: []own.Voice{
		{Name: "architect", Tier: "fast", Temperature: 0.5, Instructions: "You plan like a mason."},
		{Name: "implementer", Tier: "quality", Temperature: 0.7, Instructions: "You build like a mason."},
	}})
	if err != nil {
		t.Fatal(err)
	}
	chats := w.server.Chats()
	for i, want := range []struct{ model, words string }{{"small-coder:3b", "You plan like a mason."}, {"big-coder:14b", "You build like a mason."}} {
		if c := chats[i]; c.Model != want.model || !strings.Contains(c.Prompt(), want.words) {
			t.Errorf("%s was asked: %s", c.Model, c.Prompt())
		}
	}
	if len(res.Voices) != 2 || res.Voices[0].Model != "ollama/small-coder:3b" || res.Voices[1].Model != "ollama/big-coder:14b" {
		t.Errorf("%+v", res.Voices)
	}
}

func TestRefactorLeavesOut(t *testing.T) {
	plan := modeltest.Reply{Last: "plan this change", Keep: true, Text: steps(
		step("edit", "store/store.go", "NewStore", "take a capacity"),
		step("edit", "api/api.go", "Serve", "pass eight"),
		step("edit", "cli/cli.go", "Run", "pass sixteen"),
	)}
	good := modeltest.Reply{Last: "take a capacity", Keep: true, Text: fenced("// NewStore makes an empty store.\nfunc NewStore(n int) *Store {\n\treturn &Store{orders: make([]int, 0, n)}\n}\n")}
	cli := modeltest.Reply{Last: "pass sixteen", Text: fenced("// Run is the command line.\nfunc Run() *store.Store {\n\treturn store.NewStore(16)\n}\n")}
	bad := modeltest.Reply{Keep: true, Text: "I'd rather not."}

	w := newWorkbench(t, replies(plan, good, cli, bad), shop)
	res, err := w.do(t.Context(), Request{Action: Refactor, Path: ".", Prompt: "Give NewStore a capacity parameter", Approve: func(context.Context, Proposal) ([]int, error) {
		return []int{0, 1}, nil // not the command line
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := slices.Sorted(maps.Keys(w.applied(t, res)))
	if !slices.Equal(got, []string{"store/store.go"}) {
		t.Errorf("changed %q", got)
	}
	left := strings.Join(res.Left, "\n")
	if strings.Contains(left, "cli/cli.go") || !strings.Contains(left, "api/api.go, Serve: ") {
		t.Errorf("left out: %q", res.Left)
	}
	// Nobody wants anything: nothing happens.
	res, err = w.do(t.Context(), Request{Action: Refactor, Path: ".", Prompt: "Give NewStore a capacity parameter", Approve: func(context.Context, Proposal) ([]int, error) { return nil, nil }})
	if err != nil || len(res.Files) != 0 {
		t.Errorf("%v, %d files", err, len(res.Files))
	}
	// Every step fails: so does the job.
	w = newWorkbench(t, replies(plan, bad), shop)
	if _, err = w.do(t.Context(), Request{Action: Refactor, Path: ".", Prompt: "Give NewStore a capacity parameter"}); err == nil {
		t.Error("all failed, and no error")
	}
}

func TestRefactorRepairs(t *testing.T) {
	plan := modeltest.Reply{Last: "plan this change", Text: steps(step("edit", "store/store.go", "NewStore", "call it Open and take a capacity"))}
	store := modeltest.Reply{Last: "call it Open", Text: fenced("// Open makes an empty store.\nfunc Open(n int) *Store {\n\treturn &Store{orders: make([]int, 0, n)}\n}\n")}
	api := modeltest.Reply{Last: "NewStore is no longer there", Contains: "func Serve", Text: fenced("func Serve() *store.Store {\n\treturn store.Open(8)\n}\n")}
	cli := modeltest.Reply{Last: "NewStore is no longer there", Contains: "func Run", Keep: true, Text: "No."}
	w := newWorkbench(t, replies(plan, store, api, cli), shop)
	res, err := w.do(t.Context(), Request{Action: Refactor, Path: ".", Prompt: "NewStore should be Open and take a capacity"})
	if err != nil {
		t.Fatal(err)
	}
	got := w.applied(t, res)
	if !strings.Contains(got["store/store.go"], "func Open(n int)") || !strings.Contains(got["api/api.go"], "store.Open(8)") {
		t.Errorf("%q", got)
	}
	if left := strings.Join(res.Left, "\n"); !strings.Contains(left, "cli/cli.go, Run: ") {
		t.Errorf("what could not be repaired is not told: %q", res.Left)
	}
	// Who repairs sees what the other files have become, and why.
	repairs := 0
	for _, c := range w.server.Chats() {
		if !strings.Contains(c.Messages[2].Content, "no longer there") {
			continue
		}
		repairs++
		context := c.Messages[1].Content
		for mark, want := range map[string]bool{"func Open(n int) *Store": true, "func NewStore()": false, "\nAnother step changes NewStore of store/store.go: call it Open and take a capacity\n": true} {
			if strings.Contains(context, mark) != want {
				t.Errorf("%q in the prompt is %v:\n%s", mark, !want, context)
			}
		}
	}
	if repairs < 2 {
		t.Errorf("%d prompts of repairs", repairs)
	}
}

func TestRefactorRenamesByProgram(t *testing.T) {
	w := newWorkbench(t, modeltest.Script{}, shop)
	res, err := w.do(t.Context(), Request{Action: Refactor, Path: ".", Prompt: "rename NewStore to OpenStore"})
	if err != nil {
		t.Fatal(err)
	}
	got := w.applied(t, res)
	if len(got) != 3 || !strings.Contains(got["cli/cli.go"], "store.OpenStore()") || res.Tier != Instant || len(w.server.Chats()) != 0 {
		t.Errorf("%v, tier %s, %d requests", got, res.Tier, len(w.server.Chats()))
	}
}

func TestRefactorMovesFiles(t *testing.T) {
	files := map[string]string{
		"package.json":        "{}\n",
		"src/Button.tsx":      "import { theme } from './theme';\nimport './Button.css';\n\nexport function Button() {\n  return <button className={theme}>x</button>;\n}\n",
		"src/Button.css":      ".x {}\n",
		"src/Button.test.tsx": "import { Button } from './Button';\n\ntest('x', () => { Button(); });\n",
		"src/theme.ts":        "export const theme = 'dark';\n",
		"src/App.tsx":         "import { Button } from './Button';\n\nexport function App() {\n  return <Button />;\n}\n",
	}
	move := func(from, to string) string {
		return fmt.Sprintf(`{"kind":"rename","file":%q,"symbol":"","what":"","to":%q}`, from, to)
	}
	plan := modeltest.Reply{Last: "plan this change", Text: steps(
		move("src/Button.tsx", "src/ui/Button.tsx"), move("src/Button.css", "src/ui/Button.css"), move("src/Button.test.tsx", "src/ui/Button.test.tsx"),
	)}
	w := newWorkbench(t, replies(plan), files)
	res, err := w.do(t.Context(), Request{Action: Refactor, Path: "src/Button.tsx", Prompt: "Move Button with its test and styles to src/ui"})
	if err != nil {
		t.Fatal(err)
	}
	got := w.applied(t, res)
	want := map[string]string{
		"src/Button.tsx -> src/ui/Button.tsx":           strings.Replace(files["src/Button.tsx"], "./theme", "../theme", 1),
		"src/Button.css -> src/ui/Button.css":           files["src/Button.css"],
		"src/Button.test.tsx -> src/ui/Button.test.tsx": files["src/Button.test.tsx"],
		"src/App.tsx": strings.Replace(files["src/App.tsx"], "./Button", "./ui/Button", 1),
	}
	if !maps.Equal(got, want) {
		t.Errorf("%q\nwant %q\nleft %q", got, want, res.Left)
	}
}

func TestRefactorCreatesAndDeletes(t *testing.T) {
	files := maps.Clone(shop)
	files["store/util.go"] = "package store\n\n// Helper helps NewStore.\nfunc Helper() int {\n\treturn 1\n}\n"
	plan := modeltest.Reply{Last: "plan this change", Text: steps(
		step("create", "store/help.go", "", "Helper as help"), step("delete", "store/util.go", "", ""),
	)}
	made := modeltest.Reply{Last: "store/help.go", Text: fenced("package store\n\n// Helper helps NewStore.\nfunc Helper() int {\n\treturn 1\n}\n")}
	w := newWorkbench(t, replies(plan, made), files)
	res, err := w.do(t.Context(), Request{Action: Refactor, Path: "store/util.go", Prompt: "Move Helper to help.go"})
	if err != nil {
		t.Fatal(err)
	}
	got := w.applied(t, res)
	if len(got) != 2 || !strings.Contains(got["store/help.go"], "func Helper") || got["store/util.go"] != "" || len(res.Left) > 0 {
		t.Errorf("%q, left %q", got, res.Left)
	}
	if last := w.server.Chats()[1].Messages; !strings.Contains(fmt.Sprint(last), "The region is all of store/util.go") {
		t.Errorf("the new file was written without the old one: %+v", last)
	}
}

func TestRefactorPlanIsCheckedOnce(t *testing.T) {
	wrong := modeltest.Reply{Last: "plan this change", Text: steps(step("edit", "/etc/passwd", "", "x"))}
	right := modeltest.Reply{Last: "none of the files that may be changed", Text: steps(step("edit", "api/api.go", "Serve", "return nil"))}
	api := modeltest.Reply{Last: "return nil", Text: fenced("func Serve() *store.Store {\n\treturn nil\n}\n")}
	w := newWorkbench(t, replies(wrong, right, api), shop)
	res, err := w.do(t.Context(), Request{Action: Refactor, Path: ".", Prompt: "Serve should return nil"})
	if err != nil || len(res.Files) != 1 || res.Usage.Calls != 3 {
		t.Errorf("%v, %+v", err, res)
	}
	w = newWorkbench(t, replies(modeltest.Reply{Keep: true, Text: steps(step("delete", "other/other.go", "", ""))}), shop)
	var e *Error
	if _, err = w.do(t.Context(), Request{Action: Refactor, Path: ".", Prompt: "Serve should return nil"}); !errors.As(err, &e) || e.Kind != NoEdit {
		t.Errorf("a plan that goes elsewhere: %v", err)
	}
	if n := len(w.server.Chats()); n != 2 {
		t.Errorf("%d requests for a plan that never fits", n)
	}
}

func TestReview(t *testing.T) {
	code := "package a\n\nfunc Div(a, b int) int {\n\treturn a / b\n}\n"
	say := func(voice, quote, severity, message string) modeltest.Reply {
		return modeltest.Reply{Last: "You are the " + voice, Text: fmt.Sprintf(`{"findings":[{"quote":%q,"severity":%q,"message":%q}]}`, quote, severity, message)}
	}
	w := newWorkbench(t, replies(
		say("reviewer", "\treturn a / b", "error", "Division by zero panics when b is zero."),
		say("security", "nowhere", "error", "Nothing."),
		say("tester", "return a / b", "warning", "With b zero the division panics."),
	), map[string]string{"a.go": code})
	res, err := w.do(t.Context(), Request{Action: Review, Path: "a.go"})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Findings) != 1 || len(res.Findings[0].Findings) != 1 {
		t.Fatalf("%+v", res.Findings)
	}
	f := res.Findings[0].Findings[0]
	if code[f.Span.Start:f.Span.End] != "return a / b" || f.Severity != "error" || !slices.Equal(f.Voices, []string{"reviewer", "tester"}) {
		t.Errorf("%+v", f)
	}
	if len(res.Voices) != 3 || res.Voices[1].Dropped != 1 || res.Voices[0].Usage.Calls != 1 || res.Usage.Calls != 3 {
		t.Errorf("%+v, %+v", res.Voices, res.Usage)
	}
	prefixes := map[string]bool{}
	for _, c := range w.server.Chats() {
		prefixes[fmt.Sprint(c.Messages[:len(c.Messages)-1])] = true
	}
	if len(prefixes) != 1 {
		t.Errorf("the voices had %d prefixes", len(prefixes))
	}
}

func TestReviewOwnVoices(t *testing.T) {
	w := newWorkbench(t, replies(
		modeltest.Reply{Last: "You hate comments.", Text: `{"findings":[]}`},
		modeltest.Reply{Keep: true, Text: "All fine!"},
	), map[string]string{"a.go": "package a\n\nfunc A() {}\n"})
	res, err := w.do(t.Context(), Request{Action: Review, Path: "a.go", Voices: []own.Voice{
		{Name: "grump", Instructions: "You hate comments."}, {Name: "mute", Instructions: "You say nothing in JSON."},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Findings) != 1 || len(res.Findings[0].Findings) != 0 || len(res.Left) != 1 || !strings.HasPrefix(res.Left[0], "mute: ") {
		t.Errorf("%+v, left %q", res.Findings, res.Left)
	}
}

func TestCut(t *testing.T) {
	var b strings.Builder
	b.WriteString("package a\n")
	for i := range 50 {
		fmt.Fprintf(&b, "\n// F%d does.\nfunc F%d() {\n%s}\n", i, i, strings.Repeat("\twork()\n", 10))
	}
	w := newWorkbench(t, modeltest.Script{}, map[string]string{"a.go": b.String()})
	f, err := w.ws.Snapshot().File(filepath.Join(w.root, "a.go"))
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, s := range cut(f, text.Span{End: len(f.Text)}) {
		if s.Start != at || text.CountLines(f.Text[s.Start:s.End]) > pieceLines || s.Start > 0 && !strings.HasPrefix(f.Text[s.Start:], "// F") {
			t.Errorf("a piece of %d lines from %q", text.CountLines(f.Text[s.Start:s.End]), f.Text[s.Start:s.Start+10])
		}
		at = s.End
	}
	if at != len(f.Text) {
		t.Error("the end is missing")
	}
}

// A plan is shown with how long it will take, where that was measured: the user is
// asked about thirty steps with more than their titles.
func TestRefactorTellsTime(t *testing.T) {
	const n = 30
	files := map[string]string{"t/t.go": "package t\n\nfunc Target() {}\n"}
	var all []string
	for i := range n {
		rel := fmt.Sprintf("p%d/p%d.go", i, i)
		files[rel] = fmt.Sprintf("package p%d\n\nfunc Use%d() {\n\tTarget()\n}\n", i, i)
		all = append(all, step("edit", rel, fmt.Sprintf("Use%d", i), "call it twice"))
	}
	w := newWorkbench(t, replies(modeltest.Reply{Last: "plan this change", Text: steps(all...)}), files)
	_, err := w.do(t.Context(), Request{Action: Refactor, Path: ".", Prompt: "call Target twice", Approve: func(_ context.Context, p Proposal) ([]int, error) {
		if len(p.Steps) != n || p.Takes != 0 {
			t.Errorf("%d steps, %v though nothing was measured", len(p.Steps), p.Takes)
		}
		return nil, nil
	}})
	if err != nil && ExplainError(err).Kind != Cancelled {
		t.Fatal(err)
	}
	m := model.Model{Provider: "ollama", Name: "coder:3b", Params: 3e9, Chat: true}
	r := &run{Agent: w.Agent, result: &Result{}}
	r.routed.Catalog = &model.Catalog{Models: []model.Model{m}, Measured: map[string]model.Figures{m.ID(): measured(1000, 50, 1)}}
	created := plan.Step{Kind: plan.Create}
	const each = 8200 * time.Millisecond // 200 tokens to read, 400 to write
	for _, c := range []struct {
		steps []plan.Step
		want  time.Duration
	}{
		{[]plan.Step{created, {Kind: plan.Delete}}, each},
		{[]plan.Step{created, created}, each}, // in two of four slots
		{slices.Repeat([]plan.Step{created}, 10), each * 10 / 4},
	} {
		if took := r.takes(c.steps).Round(time.Millisecond); took != c.want {
			t.Errorf("%d steps take %v, want %v", len(c.steps), took, c.want)
		}
	}
}
