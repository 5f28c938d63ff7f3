package openai

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/agent/model"
)

// piece is an event with a piece of a call.
func piece(json string) string {
	return `data: {"choices":[{"index":0,"delta":{"tool_calls":[` + json + `]},"finish_reason":null}]}` + "\n\n"
}

// TestCallStreams: odd ways to call.
func TestCallStreams(t *testing.T) {
	const begin, rest = `{"index":0,"id":"c1","type":"function","function":{"name":"read","arguments":""}}`, `{"index":0,"function":{"arguments":"{\"path\":\"a\"}"}}`
	const end = `data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}` + "\n\ndata: [DONE]\n\n"
	two := []model.Fragment{{ID: "c1", Name: "read"}, {Arguments: `{"path":"a"}`}}
	for _, x := range []struct {
		name, stream string
		want         []model.Fragment
		kind         model.Kind
		length       bool
	}{
		{"pieces", piece(begin) + piece(rest) + end, two, "", false},
		{"two in one event", piece(begin+","+rest) + end, two, "", false},
		{"stop instead of tool_calls", piece(begin) + piece(rest) + strings.Replace(end, "tool_calls", "stop", 1), two, "", false},
		{"null name and ID later", piece(begin) + piece(`{"index":0,"id":null,"function":{"name":null,"arguments":"{\"path\":\"a\"}"}}`) + end, two, "", false},
		{"no index", piece(strings.ReplaceAll(begin, `"index":0,`, "")) + end, two[:1], "", false},
		{"arguments that are no string", piece(`{"index":3,"id":"c1","function":{"name":"read","arguments":{"path": "a"}}}`) + end, []model.Fragment{{Index: 3, ID: "c1", Name: "read", Arguments: `{"path": "a"}`}}, "", false},
		{"arguments null, then none", piece(`{"index":0,"id":"c1","function":{"name":"read","arguments":null}}`) + piece(`{"index":0,"function":{}}`) + end, []model.Fragment{{ID: "c1", Name: "read"}, {}}, "", false},
		{
			"not streamed", `{"choices":[{"message":{"content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"read","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"list","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}`,
			[]model.Fragment{{ID: "c1", Name: "read", Arguments: "{}"}, {Index: 1, ID: "c2", Name: "list", Arguments: "{}"}},
			"", false,
		},
		{"cut at the limit", piece(begin) + strings.Replace(end, "tool_calls", "length", 1), two[:1], "", true},
		{"no end", piece(begin), two[:1], model.Incomplete, false},
		{"cut in the middle", piece(begin) + piece(rest)[:60] + "\n", two[:1], model.Failed, false},
		{"DONE without a reason", piece(begin) + piece(rest) + "data: [DONE]\n", two, model.Incomplete, false},
		{"calls that are none", `data: {"choices":[{"delta":{"tool_calls":{"index":0}}}]}` + "\n", nil, model.Failed, false},
		{"null calls", `data: {"choices":[{"delta":{"content":null,"tool_calls":null}}]}` + "\n" + piece(begin) + end, two[:1], "", false},
		{"an error after it", piece(begin) + `data: {"error":{"message":"out of memory"}}` + "\n", two[:1], model.Failed, false},
		{"a flood", piece(begin) + strings.Repeat(piece(rest), 5000) + end, nil, "", true},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := ask("m", "x")
			r.Tools = []model.Tool{{Name: "read"}}
			var got []model.Fragment
			reply, err := answers(t, 200, x.stream).Chat(within(t), r, func(d model.Delta) error {
				got = append(got, d.Calls...)
				return nil
			})
			if x.kind != "" {
				check(t, err, x.kind, "", "")
			} else if err != nil || reply.Length != x.length || reply.Usage.Output == 0 {
				t.Errorf("%+v, %v", reply, err)
			}
			if x.name == "a flood" {
				if len(got) < 500 || len(got) > 520 {
					t.Errorf("%d pieces", len(got))
				}
			} else if d := cmp.Diff(x.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestNoTools: the words with which servers refuse tools, and words that are no
// such refusal.
func TestNoTools(t *testing.T) {
	for _, x := range []struct {
		status int
		text   string
		no     bool
	}{
		{400, "registry.ollama.ai/library/m:latest does not support tools", true},
		{500, "tools param requires --jinja flag", true},
		{400, `"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set`, true},
		{400, "litellm.UnsupportedParamsError: ollama does not support parameters: ['tools'], for model=m", true},
		{404, "No endpoints found that support tool use.", true},
		{422, "body.tools: Extra inputs are not permitted", true},
		{400, "Unrecognized request argument supplied: tools", true},
		{400, "m-tools does not support images", false},
		{400, "Unsupported value: 'temperature'", false},
		{503, "Loading model", false},
	} {
		name := "m"
		if strings.HasPrefix(x.text, "m-tools") {
			name = "m-tools"
		}
		r := ask(name, "x")
		r.Tools = []model.Tool{{Name: "read"}}
		_, err := answers(t, x.status, fmt.Sprintf(`{"error":{"message":%q}}`, x.text)).Chat(within(t), r, func(model.Delta) error { return nil })
		if err == nil || errors.Is(err, model.ErrNoTools) != x.no {
			t.Errorf("%q: %#v", x.text, err)
		}
	}
}

// TestToolsInJSON: the exact form of tools, calls and results in a request.
func TestToolsInJSON(t *testing.T) {
	p := provider(t, Options{URL: "127.0.0.1"})
	r := model.Request{Model: "m", Tools: []model.Tool{{Name: "read", Description: "d", Schema: json.RawMessage(`{"type":"object"}`)}, {Name: "list"}}, Messages: []model.Message{
		{Role: model.User, Content: "x"},
		{Role: model.Assistant, Calls: []model.Call{{ID: "1", Name: "read", Arguments: `{"path":"a"}`}}},
		{Role: model.ToolResult, Content: "", CallID: "1", Tool: "read"},
	}}
	q := p.request(other, r)
	got, err := json.Marshal(map[string]any{"messages": q.Messages, "tools": q.Tools})
	want := `{"messages":[{"role":"user","content":"x"},` +
		`{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"read","arguments":"{\"path\":\"a\"}"}}]},` +
		`{"role":"tool","content":"","tool_call_id":"1"}],` +
		`"tools":[{"type":"function","function":{"name":"read","description":"d","parameters":{"type":"object"}}},` +
		`{"type":"function","function":{"name":"list","parameters":{"type":"object","properties":{}}}}]}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
