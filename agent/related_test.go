package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/workspace/text"
)

func TestRunShowsRelatedFiles(t *testing.T) {
	const src = "package a\n\nimport \"example.com/m/b\"\n\nfunc A() int {\n\treturn b.B() + helper() // TODO: more\n}\n"
	for _, long := range []bool{false, true} {
		code := src
		if long { // the file alone fills any context, and the answer could be longer than an explanation
			code = strings.Replace(src, "\treturn", strings.Repeat("\tcompute() // something or other\n", 200)+"\treturn", 1)
			code += strings.Repeat("\n// More of it.\nfunc More() int {\n\treturn 1\n}\n", 500)
		}
		files := map[string]string{
			"go.mod": "module example.com/m\n", "a/a.go": code, "b/b.go": "package b\n\nfunc B() int { return 1 }\n",
			"a/helper.go": "package a\n\nfunc helper() int { return 2 }\n", "c/c.go": "package c\n\nfunc Unrelated() {}\n",
		}
		reply := modeltest.Reply{Text: fenced("// A counts.\n"), Keep: true}
		w := newWorkbench(t, modeltest.Script{Fallback: &reply}, files)
		w.ratios["ollama/coder:3b"] = 4 * ratioSafe // as it will be measured on the way
		start := strings.Index(code, "func A")
		at := text.Span{Start: start, End: strings.Index(code, "more\n}") + len("more\n}\n")}
		var prefix string
		for _, action := range []Action{Document, Explain, Edit, Implement, Test, Fix} {
			if long && action == Fix {
				continue // a fix of a symbol so long is one of its lines: another region
			}
			before := len(w.server.Chats())
			_, err := w.do(t.Context(), Request{Action: action, Path: "a/a.go", Span: at, Prompt: "do"})
			requests := w.server.Chats()
			i := slices.IndexFunc(requests[before:], func(r modeltest.Record) bool { return len(r.Messages) > 1 })
			if i < 0 {
				t.Fatalf("%s asked no model: %v", action, err)
			}
			messages := requests[before+i].Messages
			now := fmt.Sprint(messages[:len(messages)-1])
			if prefix == "" {
				prefix = now
			}
			if now != prefix {
				t.Errorf("long %v: %s has another prefix:\n%s\nnot\n%s", long, action, now, prefix)
			}
		}
		for _, want := range []string{"Related file b/b.go", "Related file a/helper.go"} {
			if !long && !strings.Contains(prefix, want) {
				t.Errorf("%q is missing in\n%s", want, prefix)
			}
		}
		if strings.Contains(prefix, "Unrelated") {
			t.Error("what has nothing to do with it is shown")
		}
	}
}

// A region too large to be rewritten in the context can still be explained in it.
func TestRunExplainsLargeRegion(t *testing.T) {
	code := "package a\n\nfunc A() {\n" + strings.Repeat("\tcompute() // something or other\n", 500) + "}\n"
	w := newWorkbench(t, modeltest.Script{Fallback: &modeltest.Reply{Text: "It computes.", Keep: true}}, map[string]string{"a.go": code})
	at := text.Span{Start: 0, End: len(code)}
	if res, err := w.do(t.Context(), Request{Action: Explain, Path: "a.go", Span: at}); err != nil || res.Answer != "It computes." {
		t.Errorf("explain: %+v, %v", res, err)
	}
	if _, err := w.do(t.Context(), Request{Action: Edit, Path: "a.go", Span: at, Prompt: "do"}); ExplainError(err).Kind != TooLarge {
		t.Errorf("edit: %v", err)
	}
}

// BenchmarkRelatedFiles is what related files add to a job before the model is
// asked, on a project of 500 files that import each other. Budget: 1 ms.
func BenchmarkRelatedFiles(b *testing.B) {
	files := map[string]string{"go.mod": "module example.com/m\n"}
	for i := range 500 {
		var src strings.Builder
		fmt.Fprintf(&src, "package p%d\n\nimport (\n\t\"example.com/m/p%d\"\n\t\"example.com/m/p%d\"\n)\n", i/20, (i*7)%25, (i*3+1)%25)
		for j := range 40 {
			fmt.Fprintf(&src, "\nfunc F%d_%d(a, b int) int {\n\tif a > b {\n\t\treturn p%d.F%d_%d(b, a)\n\t}\n\treturn F%d_1(a, b)\n}\n", i, j, (i*7)%25, (i*7)%25*20, j, i/20*20+3)
		}
		files[fmt.Sprintf("p%d/f%d.go", i/20, i)] = src.String()
	}
	answer := modeltest.Reply{Text: "Because.", Keep: true}
	w := newWorkbench(b, modeltest.Script{Fallback: &answer}, files)
	path := filepath.Join(w.root, "p3/f65.go")
	src, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	at := strings.Index(string(src), "func F65_20")
	n := 0
	var first, prompts time.Duration
	for b.Loop() {
		n++
		res, err := w.do(b.Context(), Request{Action: Explain, Path: path, Span: text.Span{Start: at, End: at}, Prompt: fmt.Sprint("why ", n)})
		if err != nil {
			b.Fatal(err)
		}
		if prompts += res.Timing.Prompt; n == 1 {
			first = res.Timing.Prompt
		}
	}
	b.ReportMetric(float64(first.Microseconds()), "µs-prompt-first")
	b.ReportMetric(float64(prompts.Microseconds())/float64(n), "µs-prompt")
}
