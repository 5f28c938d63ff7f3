package agent

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/agent/tool"
	"github.com/hob-ls/hob/workspace/text"
)

// by is a run of which the models must be done by end.
func (w *workbench) by(end time.Time, req Request) *run {
	if !filepath.IsAbs(req.Path) {
		req.Path = filepath.Join(w.root, req.Path)
	}
	return &run{Agent: w.Agent, req: req, snap: w.ws.Snapshot(), on: func(Event) {}, end: end, result: &Result{Usage: Usage{Cached: -1}}}
}

// A job whose time is up fails, and says so; of a job of many parts, what is done by
// then is not lost.
func TestLimit(t *testing.T) {
	w := newWorkbench(t, modeltest.Script{Replies: []modeltest.Reply{{Text: "Never."}}}, shop)
	err := w.by(time.Now().Add(-time.Second), Request{Action: Explain, Path: "cli/cli.go"}).region(t.Context())
	if e := ExplainError(err); e == nil || e.Kind != Timeout || !strings.Contains(e.Message, "was up") || e.Hint == "" {
		t.Errorf("%+v", e)
	}
	if n := len(w.server.Chats()); n != 0 {
		t.Errorf("%d requests", n)
	}
	if e := ExplainError(context.DeadlineExceeded); e.Kind != Timeout || strings.ContainsAny(e.Message, "0123456789") {
		t.Errorf("%+v tells a time that nobody set", e)
	}
	parts := w.by(time.Now().Add(time.Hour), Request{})
	errs := parts.sideBySide(t.Context(), 2, func(int) Request { return Request{Action: Explain, Path: filepath.Join(w.root, "cli/cli.go")} }, func(ctx context.Context, part *run, i int) error {
		if limit := time.Until(part.end); limit > deadline {
			t.Errorf("a part may take %v", limit)
		}
		if i == 0 {
			part.end = time.Now().Add(-time.Second)
		}
		return part.region(ctx)
	})
	if ExplainError(errs[0]).Kind != Timeout || errs[1] != nil {
		t.Errorf("%v", errs)
	}
}

// What the user thinks about a question is not time of the job.
func TestLimitWaits(t *testing.T) {
	think := func() {
		for began := time.Now(); time.Since(began) < time.Millisecond; {
		}
	}
	end := time.Now().Add(time.Hour)
	w := newWorkbench(t, modeltest.Script{}, shop)
	r := w.by(end, Request{Action: Refactor, Path: ".", Prompt: "rename NewStore to OpenStore", Approve: func(context.Context, Proposal) ([]int, error) {
		think()
		return nil, nil
	}})
	if err := r.refactor(t.Context()); err != nil || r.end.Sub(end) < time.Millisecond {
		t.Errorf("%v, put off by %v", err, r.end.Sub(end))
	}

	w = newWorkbench(t, lookers(modeltest.Reply{Text: calls(`{"name":"docs_ask"}`)}, modeltest.Reply{Text: "Run."}), shop)
	w.opts.Foreign = func(string) []tool.Tool {
		return []tool.Tool{foreign("docs_ask", func(context.Context) (tool.Result, error) {
			think()
			return tool.Result{Text: "yes\n"}, nil
		})}
	}
	at := strings.Index(shop["cli/cli.go"], "Run()")
	r = w.by(end, Request{Action: Explain, Path: "cli/cli.go", Span: text.Span{Start: at, End: at}, Prompt: "who calls it?"})
	if err := r.region(t.Context()); err != nil || r.result.Answer != "Run." || r.end.Sub(end) != r.result.Timing.Tools {
		t.Errorf("%v, put off by %v of %v", err, r.end.Sub(end), r.result.Timing.Tools)
	}
}
