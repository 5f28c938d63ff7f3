package lsptest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/agent/model/modeltest/corpus"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/workspace/text"
)

// extension is that of a file whose language the editor would call so.
var extension = map[string]string{
	"go": ".go", "python": ".py", "typescript": ".ts", "typescriptreact": ".tsx", "javascript": ".js", "javascriptreact": ".jsx",
	"markdown": ".md", "plaintext": ".txt", "lua": ".lua", "css": ".css", "html": ".html", "xml": ".xml", "yaml": ".yaml",
	"shellscript": ".sh", "rust": ".rs", "java": ".java", "c": ".c", "json": ".json", "sql": ".sql", "makefile": ".mk",
}

// replyJob is a case of the corpus as a job for the server: the command whose
// region is the case's.
type replyJob struct {
	corpus.Case
	path, content string
	command       string
	params        lsp.JobParams
}

// jobFor says which command asks for what a case answers. The reason why none does
// is what the server never asks for: a part of a line, another limit.
func jobFor(c corpus.Case, i int, dir string) (j replyJob, why string) {
	j = replyJob{Case: c, content: c.Before + c.Original + c.After, command: "hob.edit"}
	ext := extension[c.Language]
	name := "file" + ext
	if c.Path != "" {
		name = filepath.Base(c.Path)
	}
	j.path = filepath.Join(dir, fmt.Sprint(i), name)
	wholeStart := c.Before == "" || strings.HasSuffix(c.Before, "\n")
	wholeEnd := c.After == "" || strings.HasSuffix(c.Original, "\n")
	switch {
	case ext == "":
		return j, "no extension for " + c.Language
	case c.Limit > 0:
		return j, "a limit of its own"
	case c.Shape == "newfile", c.Shape == "comment":
		return j, "made into more files, or put above its symbol"
	case c.Shape == "answer":
		j.command, j.content = "hob.explain", "package a\n\nfunc a() {}\n" // about anything
		c.Before, c.Original = "package a\n\n", "func a() {}\n"
	case c.Original == "" && wholeStart && (c.After == "" || strings.HasPrefix(c.After, "\n")):
		j.command = "hob.generate"
	case c.Original == "", !wholeStart, !wholeEnd, strings.TrimSpace(c.Original) == "":
		return j, "not whole lines"
	}
	index := text.NewLineIndex(j.content)
	at := func(off int) lsp.Position {
		p := index.Position(off, text.UTF16)
		return lsp.Position{Line: p.Line, Character: p.Character}
	}
	task := "change"
	if c.Shrinks {
		task = "remove"
	}
	j.params = lsp.JobParams{
		URI: client.URI(j.path), Range: &lsp.Range{Start: at(len(c.Before)), End: at(len(c.Before) + len(c.Original))},
		Prompt: fmt.Sprintf("%s it for case %d.", task, i), Wait: true,
	}
	return j, ""
}

// Every reply of the corpus comes to the same through the whole server as through
// the parser alone: the document is what it should be, or as it was and the
// reason is told.
func TestReplies(t *testing.T) {
	cases, err := corpus.Load("../../agent/edit/testdata/replies")
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, modeltest.Script{}, nil)
	left := map[string]int{}
	ran := 0
	for i, c := range cases {
		j, why := jobFor(c, i, filepath.Dir(f.main))
		if why != "" {
			left[why]++
			continue
		}
		ran++
		r := modeltest.Reply{Contains: fmt.Sprintf("for case %d.", i), Text: c.Reply, Keep: true} // it says the same when asked again
		if !c.Complete {
			r.Reason = "length"
		}
		f.model.Script(r)
		t.Run(c.Name, func(t *testing.T) { j.run(t, f) })
	}
	t.Logf("%d of %d replies; left to the parser's own test: %v", ran, len(cases), left)
	if ran < 150 {
		t.Errorf("only %d replies", ran)
	}
	f.end(t)
}

// onlyImports reports whether the edits put imports in and do nothing else.
func onlyImports(edits []text.Edit) bool {
	for _, e := range edits {
		if e.Span.Len() > 0 || !strings.Contains(e.New, "import ") {
			return false
		}
	}
	return true
}

// run does the job and compares what came of it.
func (j replyJob) run(t *testing.T, f *fixture) {
	if err := f.Open(j.path, &j.content); err != nil {
		t.Fatal(err)
	}
	res, err := f.Job(t.Context(), j.command, j.params)
	if err != nil {
		t.Fatal(err)
	}
	got, _, _ := f.Text(j.path)
	if j.Shape == "answer" && j.Kind == "incomplete_reply" && strings.HasPrefix(res.Answer, strings.TrimSpace(j.Reply)) {
		// To the parser it is an error; people get what there is, and are told.
		if res.Status != "answered" || !strings.Contains(res.Why, "cut at the limit") {
			t.Errorf("%s: %s", res.Status, res.Why)
		}
		return
	}
	want, status := j.Before+j.Want+j.After, "applied"
	switch {
	case j.Kind != "":
		want, status = j.content, "failed"
	case j.Shape == "answer":
		want, status = j.content, "answered"
	case j.Want == j.Original:
		status = "unchanged"
	}
	if strings.Contains(res.Why, "; imports ") && onlyImports(text.Diff(want, got)) {
		got = want // what the code uses and the file did not import is added to it
	}
	if res.Status != status || got != want {
		t.Errorf("it is %s, want %s (%+v); the document (-want +got):\n%s", res.Status, status, res.Error, cmp.Diff(want, got))
	}
	if j.Kind != "" && (res.Error == nil || res.Error.Kind != j.Kind || !strings.Contains(strings.ToLower(res.Error.Message), strings.ToLower(j.Message))) {
		t.Errorf("the error is %+v, want %s: …%s…", res.Error, j.Kind, j.Message)
	}
	if j.Shape == "answer" && j.Kind == "" && strings.TrimSpace(res.Answer) != strings.TrimSpace(j.Want) {
		t.Errorf("the answer is %q, want %q", res.Answer, j.Want)
	}
	if asks := strings.Contains(res.Why, "its lines were found but for "+j.Inexact); j.Inexact != "" && !asks {
		t.Errorf("the reason does not tell of %s: %s", j.Inexact, res.Why)
	}
}
