package ollama

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/model/modeltest"
)

var readTool = model.Tool{
	Name: "read", Description: "reads a file",
	Schema: json.RawMessage(`{"type":"object","properties":{"path":{"type":"string","pattern":"^[^/]"}},"required":["path"],"additionalProperties":false}`),
}

// offer is a request with tools.
func offer(name, content string) model.Request {
	r := ask(name, content)
	r.Tools = []model.Tool{readTool, {Name: "list"}}
	return r
}

// gather collects all of a reply.
func gather(all *model.Delta) func(model.Delta) error {
	return func(d model.Delta) error {
		all.Text += d.Text
		all.Calls = append(all.Calls, d.Calls...)
		return nil
	}
}

// TestCalls: whole calls, in all the ways in which they come.
func TestCalls(t *testing.T) {
	const say = "model m caps=completion,tools\nreply "
	for _, x := range []struct {
		name, script string
		want         model.Delta
	}{
		{"one", say + "call=`read {\"path\":\"a.go\"}`", model.Delta{Calls: []model.Fragment{{ID: "call_1_0", Name: "read", Arguments: `{"path":"a.go"}`}}}},
		{"no arguments", say + "call=`list {}`", model.Delta{Calls: []model.Fragment{{ID: "call_1_0", Name: "list", Arguments: `{}`}}}},
		{"two, and text before", say + "text=\"I look.\" call=`read {\"path\":\"é<\"}` call=`list {}` wire=5", model.Delta{Text: "I look.", Calls: []model.Fragment{
			{ID: "call_1_0", Name: "read", Arguments: `{"path":"é\u003c"}`}, {Index: 1, ID: "call_1_1", Name: "list", Arguments: `{}`},
		}}},
		{"broken, as the server drops it", say + "call=`read {\"path\":`", model.Delta{}},
		{"a tool that was not offered", say + "call=`delete {}`", model.Delta{}},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, p := serve(t, x.script)
			var got model.Delta
			reply, err := p.Chat(within(t), offer("m", "what is in a.go?"), gather(&got))
			if err != nil || reply.Length || reply.Stopped || reply.Usage.Output == 0 {
				t.Errorf("%+v, %v", reply, err)
			}
			if d := cmp.Diff(x.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestCallsSent: what a request says of tools, calls and results.
func TestCallsSent(t *testing.T) {
	s, p := serve(t, "model m caps=completion,tools\nreply tool=read text=\"It is empty.\"")
	r := offer("m", "what is in a.go?")
	r.Messages = append(r.Messages,
		model.Message{Role: model.Assistant, Content: "I look.", Calls: []model.Call{{ID: "1", Name: "read", Arguments: `{"path":"a.go","n":[1,2.50]}`}, {Name: "list", Arguments: "{broken"}}},
		model.Message{Role: model.ToolResult, Content: "nothing", CallID: "1", Tool: "read"},
	)
	var got model.Delta
	if _, err := p.Chat(within(t), r, gather(&got)); err != nil || got.Text != "It is empty." {
		t.Fatalf("%+v, %v", got, err)
	}
	rec := s.Chats()[0]
	want := []modeltest.Message{
		{Role: "user", Content: "what is in a.go?"},
		{Role: "assistant", Content: "I look.", Calls: []modeltest.Call{{ID: "1", Name: "read", Arguments: `{"path":"a.go","n":[1,2.5]}`}, {Name: "list", Arguments: "{}"}}},
		{Role: "tool", Content: "nothing", Tool: "read", CallID: "1"},
	}
	if d := cmp.Diff(want, rec.Messages); d != "" {
		t.Error(d)
	}
	if len(rec.Tools) != 2 || rec.Tools[0].Type != "function" || string(rec.Tools[0].Function.Parameters) != string(readTool.Schema) || string(rec.Tools[1].Function.Parameters) != `{"type":"object","properties":{}}` {
		t.Errorf("%s", rec.Tools)
	}
}

// TestCallFaults: calls that end early, never, or badly.
func TestCallFaults(t *testing.T) {
	const call = `{"message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"read","arguments":{"path":"a.go"}}}]},"done":false}` + "\n"
	const done = `{"message":{"content":""},"done":true,"done_reason":"stop"}` + "\n"
	for _, x := range []struct {
		name, stream string
		calls        int
		kind         model.Kind
		length       bool
	}{
		{"older server, no ID and no index", call + done, 1, "", false},
		{"with the end", strings.Replace(call, `"done":false`, `"done":true,"done_reason":"stop"`, 1), 1, "", false},
		{"arguments in a string", strings.Replace(call, `{"path":"a.go"}`, `"{\"path\":\"a.go\"}"`, 1) + done, 1, "", false},
		{"no end", call, 1, model.Incomplete, false},
		{"cut in the middle", call[:80], 0, model.Failed, false},
		{"an error after it", call + `{"error":"out of memory"}` + "\n", 1, model.Failed, false},
		{"calls that are none", `{"message":{"tool_calls":"read"}}` + "\n" + done, 0, model.Failed, false},
		{"null", `{"message":{"tool_calls":null}}` + "\n" + call + done, 1, "", false},
		{"a flood", strings.Repeat(call, 5000) + done, 517, "", true},
		{"a flood in one line", `{"message":{"tool_calls":[` + strings.Repeat(`{"function":{"name":"read","arguments":{"path":"a.go"}}},`, 9999) + `{}]}}` + "\n" + done, 10_000, "", true},
	} {
		t.Run(x.name, func(t *testing.T) {
			p := provider(t, Options{URL: "127.0.0.1"})
			p.wire.Client.Transport = answer{http.StatusOK, []byte(x.stream)}
			var got model.Delta
			reply, err := p.Chat(within(t), offer("m", "x"), gather(&got))
			if x.kind != "" {
				check(t, err, x.kind, "", "")
			} else if err != nil || reply.Length != x.length || reply.Usage.Output == 0 {
				t.Errorf("%+v, %v", reply, err)
			}
			if len(got.Calls) != x.calls {
				t.Fatalf("%d calls: %.200v", len(got.Calls), got.Calls)
			}
			if x.calls > 0 && got.Calls[0].Arguments != `{"path":"a.go"}` {
				t.Errorf("%+v", got.Calls[0])
			}
		})
	}
}

// TestCallStops: a call ends a stream like any other delta, and a server that
// falls silent after one is given up.
func TestCallStops(t *testing.T) {
	simulated(t, "prefill 10\nmodel m caps=completion,tools\nreply text=\"look: \" call=`read {\"path\":\"agent/model/a.go\"}` call=`list {}` gate=never@99", Options{}, func(t *testing.T, s *modeltest.Server, p *Provider) {
		reply, err := p.Chat(within(t), offer("m", "x"), func(d model.Delta) error {
			if len(d.Calls) > 0 {
				return model.ErrStop
			}
			return nil
		})
		if err != nil || !reply.Stopped || reply.Usage.Output < 5 || reply.Prefill == 0 {
			t.Errorf("%+v, %v", reply, err)
		}
		if err := s.WaitCancelled(within(t), 1); err != nil {
			t.Error(err)
		}
	})
	simulated(t, "model m caps=completion,tools\nreply call=`read {\"path\":\"a.go\"}` fault=stall@1", Options{}, func(t *testing.T, _ *modeltest.Server, p *Provider) {
		var got model.Delta
		_, err := p.Chat(t.Context(), offer("m", "x"), gather(&got))
		check(t, err, model.Timeout, "sent nothing", "")
		if len(got.Calls) != 1 {
			t.Errorf("%+v", got)
		}
	})
}
