package model_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
)

// offered are tools for a request.
var offered = []model.Tool{
	{Name: "read", Description: "reads a file", Schema: json.RawMessage(`{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}`)},
	{Name: "list"},
}

// assembled are the calls of a reply as their fragments make them.
type assembled struct {
	text   string
	calls  []model.Call
	pieces int
}

func (a *assembled) add(d model.Delta) error {
	a.text += d.Text
	for _, f := range d.Calls {
		a.pieces++
		for len(a.calls) <= f.Index {
			a.calls = append(a.calls, model.Call{})
		}
		c := &a.calls[f.Index]
		c.ID += f.ID
		c.Name += f.Name
		c.Arguments += f.Arguments
	}
	return nil
}

// TestCalls: a conversation with calls, results and an answer, whoever speaks.
func TestCalls(t *testing.T) {
	each(t, func(t *testing.T, w speaker) {
		s, p := w.serve(t, "model m caps=completion,tools\n"+
			"reply tool=list text=\"Two files.\"\n"+
			"reply text=\"I look.\" call=`read {\"path\":\"é.go\"}` call=`list {}` wire=7\n")
		r := ask("m", "what is here?")
		r.Tools = offered
		var first assembled
		reply, err := p.Chat(within(t), r, first.add)
		if err != nil || reply.Length || first.text != "I look." || reply.Usage.Output < 6 {
			t.Fatalf("%+v, %+v, %v", first, reply, err)
		}
		want := []model.Call{{ID: "call_1_0", Name: "read", Arguments: `{"path":"é.go"}`}, {ID: "call_1_1", Name: "list", Arguments: "{}"}}
		if d := cmp.Diff(want, first.calls); d != "" {
			t.Fatal(d)
		}
		if whole := w.surface == modeltest.Ollama; (first.pieces == 2) != whole {
			t.Errorf("%d pieces", first.pieces)
		}
		r.Messages = append(r.Messages, model.Message{Role: model.Assistant, Content: first.text, Calls: first.calls},
			model.Message{Role: model.ToolResult, Content: "package é", CallID: "call_1_0", Tool: "read"},
			model.Message{Role: model.ToolResult, Content: "é.go\nb.go", CallID: "call_1_1", Tool: "list"})
		var second assembled
		if _, err := p.Chat(within(t), r, second.add); err != nil || second.text != "Two files." || second.calls != nil {
			t.Fatalf("%+v, %v", second, err)
		}
		for i, rec := range s.Chats() {
			if len(rec.Tools) != 2 || rec.Tools[0].Type != "function" || string(rec.Tools[0].Function.Parameters) != string(offered[0].Schema) {
				t.Errorf("%d: tools %s", i, rec.Tools)
			}
			if i == 1 {
				sent := rec.Messages[1].Calls
				if d := cmp.Diff([]modeltest.Call{modeltest.Call(want[0]), modeltest.Call(want[1])}, sent); d != "" {
					t.Error(d)
				}
			}
		}
	})
}

// TestCallsCut: a stream that ends within a call is no reply; a call at which the
// caller has enough ends it; the output limit is told.
func TestCallsCut(t *testing.T) {
	each(t, func(t *testing.T, w speaker) {
		const say = "model m caps=completion,tools\nreply keep call=`read {\"path\":\"agent/model/model.go\"}` call=`list {}`"
		r := ask("m", "x")
		r.Tools = offered
		for _, fault := range []string{"drop", "end"} {
			_, p := w.serve(t, say+" fault="+fault+"@1")
			var got assembled
			_, err := p.Chat(within(t), r, got.add)
			fails(t, err, model.Incomplete, "ended before", "try again")
			if len(got.calls) != 1 || got.calls[0].Name != "read" {
				t.Errorf("%s: %+v", fault, got)
			}
		}
		s, p := w.serve(t, say+" gate=never@99")
		reply, err := p.Chat(within(t), r, func(d model.Delta) error {
			if len(d.Calls) > 0 && strings.HasSuffix(d.Calls[0].Arguments, "}") {
				return model.ErrStop
			}
			return nil
		})
		if err != nil || !reply.Stopped || reply.Usage.Output < 8 {
			t.Errorf("%+v, %v", reply, err)
		}
		if err := s.WaitCancelled(within(t), 1); err != nil {
			t.Error(err)
		}
		_, p = w.serve(t, say)
		r.MaxTokens = 3
		if reply, err := p.Chat(within(t), r, func(model.Delta) error { return nil }); err != nil || !reply.Length {
			t.Errorf("%+v, %v", reply, err)
		}
	})
}

// TestCallsBroken: arguments that are no JSON come as they are, but from Ollama,
// which says nothing of such a call; they go back as an empty object.
func TestCallsBroken(t *testing.T) {
	each(t, func(t *testing.T, w speaker) {
		s, p := w.serve(t, "model m caps=completion,tools\nreply tool=read text=sorry\nreply call=`read {\"path\": a.go`")
		r := ask("m", "x")
		r.Tools = offered
		var got assembled
		if _, err := p.Chat(within(t), r, got.add); err != nil {
			t.Fatal(err)
		}
		if w.surface == modeltest.Ollama {
			if got.pieces != 0 || got.text != "" {
				t.Errorf("%+v", got)
			}
			return
		}
		if len(got.calls) != 1 || got.calls[0].Arguments != `{"path": a.go` {
			t.Fatalf("%+v", got)
		}
		r.Messages = append(r.Messages, model.Message{Role: model.Assistant, Calls: got.calls}, model.Message{Role: model.ToolResult, Content: "no JSON", CallID: got.calls[0].ID, Tool: "read"})
		var next assembled
		if _, err := p.Chat(within(t), r, next.add); err != nil || next.text != "sorry" {
			t.Errorf("%+v, %v", next, err)
		}
		if c := s.Chats()[1].Messages[1].Calls; len(c) != 1 || c[0].Arguments != "{}" {
			t.Errorf("%+v", c)
		}
	})
}

// TestNoTools: who can't call tools is known where the server tells, and a
// refusal is told apart from other errors, and takes no other field with it.
func TestNoTools(t *testing.T) {
	each(t, func(t *testing.T, w speaker) {
		_, p := w.serve(t, "model can caps=completion,tools\nmodel plain\nreply model=can fault=notools\nfallback keep text=x")
		models, err := p.List(within(t))
		if err != nil || len(models) != 2 {
			t.Fatalf("%+v, %v", models, err)
		}
		tells := w.name == "ollama" || w.surface == modeltest.LMStudio
		if w.surface == modeltest.LlamaServer { // of the one that it serves
			tells = models[0].Tools
			models[1].Tools = false
		}
		if models[0].Tools != tells || models[1].Tools {
			t.Errorf("%+v", models)
		}
		for _, name := range []string{"can", "plain"} {
			r := ask(name, "x")
			r.Tools = offered
			var got string
			_, err := p.Chat(within(t), r, collect(&got))
			if w.surface == modeltest.LMStudio && name == "plain" {
				if err != nil || got != "x" {
					t.Errorf("%q, %v", got, err)
				}
				continue
			}
			fails(t, err, model.Failed, name+" at http://127.0.0.1:", "hob doctor")
			if !errors.Is(err, model.ErrNoTools) || got != "" {
				t.Errorf("%s: %q, %#v", name, got, err)
			}
			if _, err := p.Chat(within(t), ask(name, "x"), collect(&got)); err != nil || got != "x" {
				t.Errorf("%s without tools: %q, %v", name, got, err)
			}
		}
		r := ask("gone-tools", "x")
		r.Tools = offered
		if _, err := p.Chat(within(t), r, silent); err == nil || errors.Is(err, model.ErrNoTools) {
			t.Errorf("a model that is not there: %v", err)
		}
	})
}
