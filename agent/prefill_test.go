package agent

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/agent/prompt"
	"github.com/hob-ls/hob/workspace/text"
)

// reader is a workbench whose model is loaded and reads at a measurable pace.
func reader(t *testing.T, files map[string]string) *workbench {
	t.Helper()
	w := newWorkbench(t, modeltest.Script{Prefill: 20000, Fallback: &modeltest.Reply{Text: "no code", Keep: true}}, files)
	if err := w.Prewarm(t.Context(), Fast); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestPrefillIsPrefix: what is read ahead of a job is, to the byte, what its
// request begins with, whatever the action, the place and the instruction.
func TestPrefillIsPrefix(t *testing.T) {
	long := strings.Repeat("\n// More of it.\nfunc More() int {\n\treturn 1\n}\n", 800)
	const src = "package a\n\nimport \"example.com/m/b\"\n\nfunc A() int {\n\treturn b.B() + helper()\n}\n\n"
	span := func(s, of string) text.Span {
		i := strings.Index(of, s)
		return text.Span{Start: i, End: i + len(s)}
	}
	cursor := func(s, of string) text.Span {
		at := span(s, of).Start
		return text.Span{Start: at, End: at}
	}
	const symbol = "func A() int {\n\treturn b.B() + helper()\n}\n"
	for name, code := range map[string]string{"short": src, "long": src + long} {
		for place, at := range map[string]text.Span{
			"symbol": span(symbol, code), "part": span("\treturn b.B()", code), "cursor": cursor("A() int", code), "blank": cursor("\nfunc A", code),
		} {
			for _, action := range aboutPlaces {
				t.Run(fmt.Sprint(name, "/", place, "/", action), func(t *testing.T) {
					w := reader(t, map[string]string{
						"go.mod": "module example.com/m\n", "a/a.go": code, "b/b.go": "package b\n\nfunc B() int { return 1 }\n",
						"a/helper.go": "package a\n\nfunc helper() int { return 2 }\n",
					})
					req := Request{Action: action, Path: filepath.Join(w.root, "a/a.go"), Span: at}
					end := w.Prefill(t.Context(), []Request{req}, w.ws.Snapshot())
					req.Prompt = "make it so that it " + strings.Repeat("counts twice and ", 30)
					if action == Fix {
						req.Diagnostics = []prompt.Diagnostic{{Span: at, Severity: "error", Message: "undefined: b.B"}}
					}
					_, err := w.do(t.Context(), req)
					chats := w.server.Chats()
					if len(chats) == 0 { // there is nothing to do it to
						if end != model.PrefillFailed {
							t.Errorf("read ahead: %s, though %v", end, err)
						}
						return
					}
					read := w.server.Prefills()
					if end != model.PrefillDone || len(read) == 0 {
						t.Fatalf("read ahead: %s", end)
					}
					job, ahead := chats[0].Messages, read[len(read)-1].Messages
					if !reflect.DeepEqual(job[:len(job)-1], ahead[:len(ahead)-1]) {
						t.Errorf("the job begins with\n%s\nread ahead was\n%s", job[:len(job)-1], ahead)
					}
					if st := w.opts.Pool.Stats().Prefill; st.Hits != 1 || st.Issued != 1 || st.Wasted != 0 {
						t.Errorf("%+v", st)
					}
				})
			}
		}
	}
}

// TestPrefillOfMenu: of what a menu offers, the beginning that most share is read.
func TestPrefillOfMenu(t *testing.T) {
	w := reader(t, map[string]string{"a.go": goFile})
	path := filepath.Join(w.root, "a.go")
	at := strings.Index(goFile, "Hello")
	here := text.Span{Start: at, End: at}
	menu := []Request{
		{Action: Generate, Path: path, Span: here},
		{Action: Component, Path: path, Span: here},
		{Action: Document, Path: path, Span: here},
		{Action: Explain, Path: path, Span: here},
	}
	if end := w.Prefill(t.Context(), menu, w.ws.Snapshot()); end != model.PrefillDone {
		t.Fatal(end)
	}
	for _, req := range menu[2:] {
		if _, err := w.do(t.Context(), req); req.Action == Explain && err != nil {
			t.Fatal(err)
		}
	}
	for i, r := range w.server.Chats() {
		if r.Cached < 50 {
			t.Errorf("%d: %d tokens known", i, r.Cached)
		}
	}
	if st := w.opts.Pool.Stats().Prefill; st.Hits != 1 || st.Wasted != 0 {
		t.Errorf("%+v", st)
	}
	for name, reqs := range map[string][]Request{"nothing": nil, "no place": menu[1:2], "no file": {{Action: Edit, Path: path + "x"}}} {
		if end := w.Prefill(t.Context(), reqs, w.ws.Snapshot()); end != model.PrefillFailed {
			t.Errorf("%s: %s", name, end)
		}
	}
}

// TestPrefillAsksNobody: while it is not known what there is, nothing is asked.
func TestPrefillAsksNobody(t *testing.T) {
	w := newWorkbench(t, modeltest.Script{}, map[string]string{"a.go": goFile})
	reqs := []Request{{Action: Explain, Path: filepath.Join(w.root, "a.go")}}
	if end := w.Prefill(t.Context(), reqs, w.ws.Snapshot()); end != model.PrefillUnloaded || w.server.Stats().Lists != 0 {
		t.Errorf("%s, %+v", end, w.server.Stats())
	}
}

// TestBytesPerToken: once it was measured how much a token of the model holds,
// prompts use the room that there is.
func TestBytesPerToken(t *testing.T) {
	files := map[string]string{}
	for i := range 6 {
		files[fmt.Sprintf("f%d.go", i)] = fmt.Sprintf("package p\n\n// File %d.\n", i) + strings.Repeat("\n// More of it.\nfunc More() int {\n\treturn 1\n}\n", 1000)
	}
	w := newWorkbench(t, modeltest.Script{Fallback: &modeltest.Reply{Text: "It is so.", Keep: true}}, files)
	for i := range 6 {
		req := Request{Action: Explain, Path: fmt.Sprintf("f%d.go", i), Span: text.Span{Start: 30, End: 60}}
		if _, err := w.do(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	chats := w.server.Chats()
	first, last := len(chats[0].Prompt()), len(chats[5].Prompt())
	if before := len(chats[2].Prompt()); before != first { // the files differ in nothing that counts
		t.Errorf("prompts of %d and %d bytes though nothing was known", first, before)
	}
	if ratio := float64(last) / float64(first); ratio < 1.1 || ratio > 1.25 { // four bytes, less what is safe
		t.Errorf("a prompt of %d bytes, then of %d: %.2f", first, last, ratio)
	}
	m := model.Model{Provider: "o", Name: "m"}
	cat := func(n int, v float64) *model.Catalog {
		return &model.Catalog{Measured: map[string]model.Figures{"o/m": {Bytes: model.Mean{N: n, V: v}}}}
	}
	for _, x := range []struct {
		cat  *model.Catalog
		want float64
	}{{cat(2, 9), 0}, {cat(3, 4), 3.8}, {cat(9, 4.2), 3.8}, {cat(9, 3), 3 * ratioSafe}, {cat(1, 9), 3 * ratioSafe}} {
		if got := w.bytesPerToken(m, x.cat); got < x.want-0.001 || got > x.want+0.001 {
			t.Errorf("%v, want %v", got, x.want)
		}
	}
}
