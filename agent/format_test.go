package agent

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/workspace/text"
)

// A model that writes search/replace blocks unasked, and well, is asked for them
// when the region is large; once it does not, it is trusted less.
func TestFormatIsLearned(t *testing.T) {
	var src strings.Builder
	src.WriteString("package a\n\nfunc a() {\n")
	for i := range blocksFrom {
		fmt.Fprintf(&src, "\tcall(%d)\n", i)
	}
	src.WriteString("}\n")
	code := src.String()
	block := func(n int) modeltest.Reply {
		return modeltest.Reply{Text: fmt.Sprintf("```go\n<<<<<<< SEARCH\n\tcall(%d)\n=======\n\tcall(%d00)\n>>>>>>> REPLACE\n```\n", n, n)}
	}
	_, body, _ := strings.Cut(code, "\n\n")
	whole := modeltest.Reply{Text: fenced(strings.Replace(body, "call(9)", "call(900)", 1))}
	w := newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{block(1), block(2), block(3), block(4), whole, whole, whole}}, map[string]string{"a.go": code})
	at := strings.Index(code, "call(1)")
	for i, want := range []bool{false, false, false, true, true, true, false} {
		res, err := w.do(t.Context(), Request{Action: Edit, Path: "a.go", Span: text.Span{Start: at, End: at}, Prompt: fmt.Sprint("number ", i)})
		if err != nil || len(res.Files) != 1 {
			t.Fatalf("%d: %+v, %v", i, res, err)
		}
		chats := w.server.Chats()
		asked := strings.Contains(chats[len(chats)-1].Last(), "search/replace blocks")
		if said := strings.Contains(res.Why, "; as search/replace blocks"); asked != want || said != want {
			t.Errorf("%d: asked for blocks: %v, said: %v, want %v; why %q", i, asked, said, want, res.Why)
		}
	}
}
