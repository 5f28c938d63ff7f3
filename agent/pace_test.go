package agent

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
)

// paced has a model that would talk on write a component, and gives what the job took
// and what the model alone needs.
func paced(tb testing.TB) (took, needs time.Duration) {
	tb.Helper()
	const prefill, decode = 1000, 50 // tokens a second: a small model on a small graphics card
	var code strings.Builder
	code.WriteString("```tsx\nexport function Table({ rows }: { rows: string[][] }) {\n  return <table>\n")
	for i := range 6 {
		fmt.Fprintf(&code, "    <tr onClick={() => sort(%d)}><td>{rows[%d]}</td></tr>\n", i, i)
	}
	code.WriteString("  </table>\n}\n```\n")
	prose := strings.Repeat("and ", 200)
	w := newWorkbench(tb, modeltest.Script{Prefill: prefill, Decode: decode, Fallback: &modeltest.Reply{Text: code.String() + prose, Keep: true}}, map[string]string{
		"package.json": `{"dependencies": {"react": "^18.0.0"}}`, "tsconfig.json": `{"compilerOptions": {"jsx": "react-jsx"}}`,
	})
	if err := w.Prewarm(tb.Context(), Fast); err != nil {
		tb.Fatal(err)
	}
	began := time.Now()
	res, err := w.do(tb.Context(), Request{Action: Component, Path: w.root, Prompt: "a table whose rows can be sorted", Name: "Table"})
	took = time.Since(began)
	if err != nil || len(res.Files) == 0 || !strings.Contains(res.Files[0].Text, "sort(5)") {
		tb.Fatalf("%+v, %v", res, err)
	}
	r := w.server.Chats()[0]
	written := (code.Len() + 3) / 4
	read := (len(r.Prompt())+3)/4 + 4*len(r.Messages)
	if err := w.server.WaitCancelled(tb.Context(), 1); err != nil {
		tb.Fatal(err)
	}
	if st := w.opts.Pool.Stats(); st.Stopped != 1 {
		tb.Errorf("%+v", st)
	}
	return took, time.Duration(read)*time.Second/prefill + time.Duration(written)*time.Second/decode
}

// TestComponentPace: the model is not heard out once the code is complete.
func TestComponentPace(t *testing.T) { paced(t) }

// BenchmarkComponentPace: a component takes as long as the model needs to read the
// prompt and to write the code, and nothing for the prose that it would go on with.
func BenchmarkComponentPace(b *testing.B) {
	var took, needs time.Duration
	for b.Loop() {
		t, n := paced(b)
		took, needs = took+t, needs+n
	}
	b.ReportMetric(took.Seconds()/needs.Seconds(), "ratio")
}

// BenchmarkPrefill is a job of about 3,000 tokens with and without what the menu
// read ahead, on a scripted server that reads 4,000 a second.
func BenchmarkPrefill(b *testing.B) {
	text := "package a\n" + strings.Repeat("\n// More of it.\nfunc More() int {\n\treturn 1\n}\n", 250)
	files := map[string]string{}
	for i := range 64 {
		files[fmt.Sprintf("f%02d.go", i)] = fmt.Sprintf("// File %d.\n", i) + text
	}
	w := newWorkbench(b, modeltest.Script{Prefill: 4000, Fallback: &modeltest.Reply{Text: "It is so.", Keep: true}}, files)
	if err := w.Prewarm(b.Context(), Fast); err != nil {
		b.Fatal(err)
	}
	var cold, warm time.Duration
	n := 0
	job := func(ahead bool) time.Duration {
		req := Request{Action: Explain, Path: w.root + fmt.Sprintf("/f%02d.go", n%64), Anew: true}
		n++
		if ahead {
			w.Prefill(context.Background(), []Request{req}, w.ws.Snapshot())
		}
		began := time.Now()
		if _, err := w.do(b.Context(), req); err != nil {
			b.Fatal(err)
		}
		return time.Since(began)
	}
	for b.Loop() {
		cold += job(false)
		warm += job(true)
	}
	b.ReportMetric(float64(cold.Milliseconds())/float64(b.N), "ms-cold")
	b.ReportMetric(float64(warm.Milliseconds())/float64(b.N), "ms-read-ahead")
	b.ReportMetric(warm.Seconds()/cold.Seconds(), "ratio")
}
