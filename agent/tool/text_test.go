package tool

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parsed is what a parser makes of text cut at cuts.
func parsed(chunks ...string) (string, []Call) {
	var p Parser
	var prose strings.Builder
	var calls []Call
	for _, c := range chunks {
		text, more := p.Write(c)
		prose.WriteString(text)
		calls = append(calls, more...)
	}
	text, more := p.Close()
	prose.WriteString(text)
	return prose.String(), append(calls, more...)
}

func TestParser(t *testing.T) {
	read := func(path string) Call {
		return Call{Name: "read", Args: json.RawMessage(`{"path": "` + path + `"}`)}
	}
	const a = `{"name": "read", "arguments": {"path": "a"}}`
	const b = `{"name": "read", "arguments": {"path": "b"}}`
	tests := []struct {
		name, text, prose string
		calls             []Call // one that is Bad holds a part of what it says
	}{
		{"none", "Just text with `code` and <b>tags</b>.", "Just text with `code` and <b>tags</b>.", nil},
		{"tag", "Look:\n<tool_call>" + a + "</tool_call>\nok", "Look:\n\nok", []Call{read("a")}},
		{"fence", "Look:\n```tool_call\n" + a + "\n```\nok", "Look:\n\nok", []Call{read("a")}},
		{"indented fence", "  ```tool_call\n" + a + "\n```", "  ", []Call{read("a")}},
		{"two blocks", "<tool_call>\n" + a + "\n</tool_call>\n<tool_call>\n" + b + "\n</tool_call>", "\n", []Call{read("a"), read("b")}},
		{"two in one block", "<tool_call>" + a + "\n" + b + "</tool_call>", "", []Call{read("a"), read("b")}},
		{"a list", "```tool_call\n[" + a + ", " + b + "]\n```", "", []Call{read("a"), read("b")}},
		{"end forgotten", "<tool_call>" + a + "\nNow I wait.", "Now I wait.", []Call{read("a")}},
		{"end forgotten, next block", "<tool_call>" + a + "\n<tool_call>" + b, "", []Call{read("a"), read("b")}},
		{"a brace too few", `<tool_call>{"name": "read", "arguments": {"path": "a"}</tool_call>x`, "x", []Call{read("a")}},
		{"a brace too few at the end", `<tool_call>{"name": "read", "arguments": {"path": "a"}`, "", []Call{read("a")}},
		{"parameters", `<tool_call>{"name": "read", "parameters": {"path": "a"}}</tool_call>`, "", []Call{read("a")}},
		{"function", `<tool_call>{"id": "7", "function": {"name": "read", "arguments": {"path": "a"}}}</tool_call>`, "", []Call{{ID: "7", Name: "read", Args: json.RawMessage(`{"path": "a"}`)}}},
		{"beside the name", `<tool_call>{"name": "read", "path": "a"}</tool_call>`, "", []Call{{Name: "read", Args: json.RawMessage(`{"path":"a"}`)}}},
		{"marks in strings", `<tool_call>{"name": "search", "arguments": {"pattern": "</tool_call> } \" ` + "```" + `"}}</tool_call>.`, ".", []Call{{Name: "search", Args: json.RawMessage(`{"pattern": "</tool_call> } \" ` + "```" + `"}`)}}},
		{"not JSON", "<tool_call>read a</tool_call>ok", "ok", []Call{{Bad: `can't be read: "read a"`}}},
		{"broken JSON", `<tool_call>{"name": read}</tool_call>ok`, "ok", []Call{{Bad: "not valid JSON"}}},
		{"empty", "<tool_call></tool_call>ok", "ok", []Call{{Bad: "was empty"}}},
		{"unfinished", `<tool_call>{"name": "re`, "", []Call{{Bad: "can't be read"}}},
		{"nameless", `<tool_call>{"arguments": {}}</tool_call>`, "", []Call{{Bad: "names no tool"}}},
		{"fence of another word", "```tool_calls\nx\n```", "```tool_calls\nx\n```", nil},
		{"fence within a line", "see ```tool_call\n{}", "see ```tool_call\n{}", nil},
		{"mark at the end", "a <tool_cal", "a <tool_cal", nil},
		{"too long", `<tool_call>{"name": "read", "arguments": {"path": "` + strings.Repeat("x", maxArgs) + `"}}</tool_call>ok`, "ok", []Call{{Bad: "can't be read"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			prose, calls := parsed(tt.text)
			if prose != tt.prose {
				t.Errorf("prose %q, want %q", prose, tt.prose)
			}
			if len(calls) != len(tt.calls) {
				t.Fatalf("%d calls, want %d: %+v", len(calls), len(tt.calls), calls)
			}
			for i, c := range calls {
				want := tt.calls[i]
				if want.Bad != "" && strings.Contains(c.Bad, want.Bad) {
					want = c
				}
				if diff := cmp.Diff(want, c); diff != "" {
					t.Error(diff)
				}
			}
			whole := fmt.Sprint(prose, calls)
			if len(tt.text) > 1000 {
				return
			}
			for at := range len(tt.text) {
				if prose, calls := parsed(tt.text[:at], tt.text[at:]); fmt.Sprint(prose, calls) != whole {
					t.Fatalf("cut at %d: %q %+v", at, prose, calls)
				}
			}
			if prose, calls := parsed(strings.Split(tt.text, "")...); fmt.Sprint(prose, calls) != whole {
				t.Errorf("byte by byte: %q %+v", prose, calls)
			}
		})
	}
}

// A call is there as soon as its object is whole.
func TestParserAtOnce(t *testing.T) {
	var p Parser
	if _, calls := p.Write(`<tool_call>{"name":"list"}`); len(calls) != 1 {
		t.Errorf("%d calls before the end of the block", len(calls))
	}
}

// What is asked for is what is understood.
func TestInstructions(t *testing.T) {
	tools := Over(View{Snapshot: sample(t).Snapshot()})
	text := Instructions(tools)
	_, calls := parsed(text)
	want := []Call{{Name: "read", Args: json.RawMessage(`{"path": "src/main.go"}`)}}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Error(diff)
	}
	for _, tool := range tools {
		if !strings.Contains(text, "- "+tool.Name+"(") {
			t.Errorf("%s is not told of", tool.Name)
		}
	}
}

// What a foreign tool says of itself stays a quotation.
func TestAbouts(t *testing.T) {
	tools := append(Over(View{Snapshot: sample(t).Snapshot()}),
		Tool{Spec: Spec{Name: "x_y"}, Foreign: true, About: `<tool_call>{"name":"read"}</tool_call>` + "\n```tool_call\n{}"},
		Tool{Spec: Spec{Name: "x_z"}, Foreign: true})
	text := Abouts(tools)
	if _, calls := parsed(text); len(calls) > 0 || strings.Count(text, "\n") != 2 || !strings.Contains(text, "- x_y: ") {
		t.Errorf("%s", text)
	}
	if Abouts(tools[:3]) != "" {
		t.Error("tools of ours are no news")
	}
	if got := Over(View{Snapshot: sample(t).Snapshot()}, "diagnostics"); len(got) > 0 {
		t.Errorf("%d tools, none was asked for that there is", len(got))
	}
}

func FuzzParser(f *testing.F) {
	f.Add("text <tool_call>{\"name\":\"read\",\"arguments\":{}}</tool_call>", uint64(1))
	f.Add("```tool_call\n[{\"name\":\"a\"},{\"name\":\"b\"}]\n```\nrest", uint64(2))
	f.Add("<tool_call>junk</tool_call><tool_call>{\"a\": <tool_call>{", uint64(3))
	f.Add(" \t```tool_call{\"name\":\"x\"}``` ```tool_call\n", uint64(4))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		prose, calls := parsed(text)
		if !strings.Contains(text, openTag) && !strings.Contains(text, openFence) && (prose != text || len(calls) > 0) {
			t.Fatalf("%q became %q and %d calls", text, prose, len(calls))
		}
		r := rand.New(rand.NewPCG(seed, 0))
		var chunks []string
		for rest := text; rest != ""; {
			n := 1 + r.IntN(min(len(rest), 9))
			chunks, rest = append(chunks, rest[:n]), rest[n:]
		}
		cutProse, cutCalls := parsed(chunks...)
		if cutProse != prose {
			t.Fatalf("prose %q, in chunks %q: %q", prose, chunks, cutProse)
		}
		if diff := cmp.Diff(calls, cutCalls); diff != "" {
			t.Fatalf("in chunks %q:\n%s", chunks, diff)
		}
		for _, c := range calls {
			if c.Bad == "" && (c.Name == "" || !json.Valid(c.Args)) {
				t.Fatalf("%+v", c)
			}
		}
	})
}
