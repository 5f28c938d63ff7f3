package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model"
)

func TestEditJob(t *testing.T) {
	p, e := session(t, with(saying(goAdd)), nil)
	res := p.resultOf(p.execute("hob.edit", addParams(e.path, true)))
	if res.Status != "applied" || res.Model != "ollama/tiny-coder:3b" || res.Tier == "" || res.Why == "" || res.Usage == nil || res.Usage.Calls != 1 {
		t.Errorf("result %+v", res)
	}
	if res.Timing == nil || res.Timing.Total <= 0 || res.Timing.Overhead > res.Timing.Total {
		t.Errorf("timing %+v", res.Timing)
	}
	if want := strings.Replace(goSource, "return 0", "return a + b", 1); e.now() != want {
		t.Errorf("text is %q", e.now())
	}
	job := p.jobID(p.execute("hob.edit", addParams(e.path, false)))
	if res := p.done(job); res.Status != "unchanged" {
		t.Errorf("the same again: %+v", res)
	}
	p.await("message", is("window/showMessage"))
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
}

func TestCancel(t *testing.T) {
	for name, cancel := range map[string]func(p *peer, id, job string){
		"hob.cancel": func(p *peer, _, job string) {
			if m := p.execute("hob.cancel", map[string]any{"job": job}); string(m.Result) != `{"cancelled":true}` {
				p.t.Errorf("hob.cancel: %s %+v", m.Result, m.Error)
			}
		},
		"request": func(p *peer, id, _ string) { p.notify("$/cancelRequest", map[string]any{"id": json.RawMessage(id)}) },
		"progress": func(p *peer, _, job string) {
			p.await("progress", is("$/progress"))
			p.notify("window/workDoneProgress/cancel", map[string]any{"token": "hob-" + job})
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, began, ended := hanging()
			p, e := session(t, with(m), nil)
			id := p.beginCommand("hob.edit", addParams(e.path, true))
			<-began
			var status Status
			if err := json.Unmarshal(p.call("workspace/executeCommand", map[string]any{"command": "hob.status"}).Result, &status); err != nil || len(status.Jobs) != 1 || status.State != "busy" {
				t.Fatalf("status %+v, %v", status, err)
			}
			cancel(p, id, status.Jobs[0].Job)
			reply := p.reply(id)
			if res := p.resultOf(reply); reply.code() != -32800 || res.Status != "cancelled" || res.Error.Kind != "cancelled" {
				t.Errorf("code %d, result %+v", reply.code(), res)
			}
			select {
			case <-ended:
			case <-time.After(patience):
				t.Error("the model was not told")
			}
			if n := p.count(is("window/showMessage")); n != 0 {
				t.Error("a cancelled job was talked about")
			}
			if err := p.goodbye(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestInput(t *testing.T) {
	p, e := session(t, with(saying(goAdd)), nil)
	answers := make(chan any, 1)
	p.on("hob/input", func(params json.RawMessage) any { return <-answers })
	params := addParams(e.path, true)
	params.Prompt = ""
	answers <- nil
	m := p.execute("hob.edit", params)
	if res := p.resultOf(m); res.Status != "cancelled" || m.code() != -32800 {
		t.Errorf("dismissed: %+v", res)
	}
	answers <- map[string]any{"value": "return the sum"}
	if res := p.resultOf(p.execute("hob.edit", params)); res.Status != "applied" {
		t.Errorf("answered: %+v %+v", res, res.Error)
	}
}

func TestAnswerShown(t *testing.T) {
	caps := map[string]any{
		"window":    map[string]any{"showDocument": map[string]any{"support": true}},
		"workspace": map[string]any{"textDocumentContent": map[string]any{}},
	}
	p, e := session(t, with(saying("It adds.\n")), caps)
	p.on("window/showDocument", func(json.RawMessage) any { return map[string]any{"success": true} })
	job := p.jobID(p.execute("hob.explain", JobParams{URI: uriOf(e.path)}))
	shown := p.await("document", is("window/showDocument"))
	var doc struct{ URI string }
	if err := json.Unmarshal(shown.Params, &doc); err != nil || !strings.Contains(doc.URI, job) {
		t.Fatalf("shown %s, %v", shown.Params, err)
	}
	if m := p.call("workspace/textDocumentContent", map[string]any{"uri": doc.URI}); !strings.Contains(string(m.Result), "It adds.") {
		t.Errorf("content is %s %+v", m.Result, m.Error)
	}
	if err := p.goodbye(); err != nil {
		t.Error(err)
	}
	q, e := session(t, with(saying("It adds.\n")), map[string]any{})
	q.execute("hob.explain", JobParams{URI: uriOf(e.path)})
	if m := q.await("message", is("window/showMessage")); !strings.Contains(string(m.Params), "It adds.") {
		t.Errorf("shown %s", m.Params)
	}
}

func TestFailureIsTold(t *testing.T) {
	broken := &scripted{chat: func(context.Context, model.Request, func(model.Delta) error) (model.Reply, error) {
		return model.Reply{}, &model.Error{Kind: model.Unreachable, Message: "nobody is there", Hint: "start it"}
	}}
	p, e := session(t, with(broken), nil)
	job := p.jobID(p.execute("hob.edit", addParams(e.path, false)))
	if m := p.await("message", is("window/showMessage")); !strings.Contains(string(m.Params), "Hob: nobody is there: start it") {
		t.Errorf("shown %s", m.Params)
	}
	if res := p.done(job); res.Status != "failed" || res.Error.Kind != "model_unreachable" || res.Error.Hint != "start it" {
		t.Errorf("result %+v", res)
	}
	m := p.execute("hob.edit", addParams(e.path, true))
	if res := p.resultOf(m); m.code() != -32803 || res.Error.Kind != "model_unreachable" || res.Job == "" {
		t.Errorf("code %d, %+v", m.code(), res)
	}
	if e.now() != goSource {
		t.Error("the text changed")
	}
}

// Ten jobs at once: none is lost, and the menu answers while they wait.
func TestTenJobs(t *testing.T) {
	files := map[string]string{}
	for i := range 10 {
		files[fmt.Sprintf("f%d.go", i)] = goSource
	}
	root := project(t, files)
	open := make(chan struct{})
	says := saying("It adds.\n")
	p := start(t, with(&scripted{chat: func(ctx context.Context, req model.Request, on func(model.Delta) error) (model.Reply, error) {
		select {
		case <-open:
		case <-ctx.Done():
			return model.Reply{}, ctx.Err()
		}
		return says.chat(ctx, req, on)
	}}))
	p.initialize(root, nil)
	var ids []string
	for name := range files {
		p.open(filepath.Join(root, name), "go", goSource)
		ids = append(ids, p.beginCommand("hob.explain", JobParams{URI: uriOf(filepath.Join(root, name)), Wait: true}))
	}
	var status Status
	for limit := time.Now().Add(patience); len(status.Jobs) < 10 && time.Now().Before(limit); {
		if err := json.Unmarshal(p.call("workspace/executeCommand", map[string]any{"command": "hob.status"}).Result, &status); err != nil {
			t.Fatal(err)
		}
	}
	if len(status.Jobs) != 10 || status.State != "busy" {
		t.Fatalf("status %+v", status)
	}
	if got := p.titles(filepath.Join(root, "f3.go"), span(3, 6, 3, 6), map[string]any{}); len(got) != 6 {
		t.Errorf("the menu offers %q", got)
	}
	close(open)
	for _, id := range ids {
		if res := p.resultOf(p.reply(id)); res.Status != "answered" {
			t.Errorf("result %+v %+v", res, res.Error)
		}
	}
}

func TestPreview(t *testing.T) {
	pieces := strings.SplitAfter(goAdd, "\n")
	p, e := session(t, with(saying(pieces...)), nil)
	if res := p.resultOf(p.execute("hob.edit", addParams(e.path, true))); res.Status != "applied" {
		t.Fatalf("result %+v %+v", res, res.Error)
	}
	var deltas, last strings.Builder
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.got {
		if m.Method != "hob/jobProgress" {
			continue
		}
		var j JobProgress
		if err := json.Unmarshal(m.Params, &j); err != nil {
			t.Fatal(err)
		}
		if j.URI != uriOf(e.path) || j.Job == "" || j.State == "" {
			t.Errorf("progress %s", m.Params)
		}
		deltas.WriteString(j.Delta)
		if j.Text != "" {
			last.Reset()
			last.WriteString(j.Text)
		}
	}
	if !strings.HasPrefix(goAdd, deltas.String()) || !strings.Contains(deltas.String(), "a + b") {
		t.Errorf("deltas join to %q", deltas.String())
	}
	if !strings.Contains(last.String(), "a + b") {
		t.Errorf("the last text was %q", last.String())
	}
}

// A model that pauses is shown up to its last word.
func TestPreviewOfAPause(t *testing.T) {
	goOn := make(chan struct{})
	m := &scripted{chat: func(_ context.Context, _ model.Request, on func(model.Delta) error) (model.Reply, error) {
		for _, piece := range []string{"```go\nfunc add(", "a, b int) int {", "\n\treturn a + b\n}\n```\n"} {
			if strings.Contains(piece, "return") {
				<-goOn
			}
			if err := on(model.Delta{Text: piece}); errors.Is(err, model.ErrStop) {
				return model.Reply{Stopped: true}, nil
			} else if err != nil {
				return model.Reply{}, err
			}
		}
		return model.Reply{}, nil
	}}
	p, e := session(t, with(m), nil)
	id := p.beginCommand("hob.edit", addParams(e.path, true))
	p.await("the text before the pause", func(m message) bool {
		return m.Method == "hob/jobProgress" && strings.Contains(string(m.Params), "func add(a, b int) int {")
	})
	close(goOn)
	if res := p.resultOf(p.reply(id)); res.Status != "applied" {
		t.Fatalf("result %+v %+v", res, res.Error)
	}
}
