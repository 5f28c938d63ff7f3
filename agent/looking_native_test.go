package agent

import (
	"strings"
	"testing"

	"github.com/hob-ls/hob/agent/model/modeltest"
)

var native = []modeltest.Model{{Name: "coder:3b", Params: "3.1B", Capabilities: []string{"completion", "tools"}}}

func TestLookNative(t *testing.T) {
	w := newWorkbench(t, modeltest.Script{Models: native, Replies: []modeltest.Reply{
		{Last: "Who calls this?", Text: "I will look.", Calls: []modeltest.Call{{Name: "references", Arguments: `{"name":"NewStore"}`}, {Name: "read", Arguments: `{"path":"cli/cli.go"}`}}},
		{Tool: "read", Text: "Serve and Run call it."},
	}}, shop)
	res, err := w.question(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if res.Answer != "Serve and Run call it." || res.Usage.Calls != 2 || !strings.HasSuffix(res.Why, "; looked around: 2 calls") || len(res.Tools) != 2 {
		t.Errorf("%q, %s, %+v", res.Answer, res.Why, res.Tools)
	}
	first, then := w.server.Chats()[0], w.server.Chats()[1]
	if !first.Offers("references") || !then.Offers("read") || first.Offers("diff") || strings.Contains(first.Last(), "tool") {
		t.Errorf("offered %+v, told\n%s", first.Tools, first.Last())
	}
	n := len(first.Messages)
	said, one, two := then.Messages[n], then.Messages[n+1], then.Messages[n+2]
	if said.Role != "assistant" || said.Content != "I will look." || len(said.Calls) != 2 || said.Calls[0].Name != "references" {
		t.Errorf("it is shown to have said %+v", said)
	}
	if one.Role != "tool" || one.Tool != "references" || one.CallID != said.Calls[0].ID || !strings.HasPrefix(one.Content, "references NewStore:\n```\n") || !strings.HasSuffix(one.Content, "\n```") {
		t.Errorf("the first result: %+v", one)
	}
	if two.Tool != "read" || !strings.Contains(two.Content, "func Run()") || len(then.Messages) != n+3 {
		t.Errorf("the second result: %+v, %d messages", two, len(then.Messages)-n)
	}
	if s := w.opts.Pool.Catalog().Measured["ollama/coder:3b"].Formats[string(lookNative)]; s.N != 1 || s.Rate != 1 {
		t.Errorf("measured %+v", s)
	}
}

func TestLookNativeOtherwise(t *testing.T) {
	call := []modeltest.Call{{Name: "read", Arguments: `{"path":"cli/cli.go"}`}}
	large := []modeltest.Model{{Name: "coder:7b", Params: "7.6B", Capabilities: native[0].Capabilities}}
	for _, tt := range []struct {
		name    string
		models  []modeltest.Model
		replies []modeltest.Reply
		answer  string // "" for a failure
		why     string
		rate    float64 // of native calls
		form    lookForm
	}{
		{
			"spelled", native,
			[]modeltest.Reply{{Text: "I look.\n" + calls(readCLI)}, {Last: "func Run()", Text: "Run."}},
			"Run.", "looked around: 1 call", 0, lookNative,
		},
		{
			"bare", native,
			[]modeltest.Reply{{Text: "```json\n" + readCLI + "\n```"}, {Last: "func Run()", Text: "Run."}},
			"Run.", "looked around: 1 call", 0, lookNative,
		},
		{
			"tools refused, small", native,
			[]modeltest.Reply{{Fault: modeltest.NoTools}, {Text: "Run."}},
			"Run.", "did not look around: ollama/coder:3b is too small for tools", 0, lookNative,
		},
		{
			"tools refused, large", large,
			[]modeltest.Reply{{Fault: modeltest.NoTools}, {Last: "<tool_call>", Text: calls(readCLI)}, {Last: "func Run()", Text: "Run."}},
			"Run.", "looked around: 1 call", 0, lookNative,
		},
		{"forever", native, []modeltest.Reply{{Calls: call, Keep: true}, {Last: "no more calls", Text: "Run."}}, "Run.", "looked around: 1 call", 1, lookNative},
		{"no answer", native, []modeltest.Reply{{Calls: call, Keep: true}, {Text: calls(readCLI), Keep: true}}, "", "looked around: 1 call", 0, lookNative},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorkbench(t, modeltest.Script{Models: tt.models, Replies: tt.replies}, shop)
			res, err := w.question(t.Context())
			if (err == nil) != (tt.answer != "") || res.Answer != tt.answer || !strings.Contains(res.Why, tt.why) {
				t.Errorf("%v, %q, %s", err, res.Answer, res.Why)
			}
			id := "ollama/" + tt.models[0].Name
			if s := w.opts.Pool.Catalog().Measured[id].Formats[string(tt.form)]; s.N != 1 || s.Rate != tt.rate {
				t.Errorf("measured %+v", s)
			}
		})
	}
}
