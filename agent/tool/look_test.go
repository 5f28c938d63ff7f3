package tool

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"
)

func looked(chunks ...string) (calls []Call, looking bool) {
	var l Looks
	for _, c := range chunks {
		calls = append(calls, l.Write(c)...)
	}
	looking = l.Looking()
	return append(calls, l.Close()...), looking
}

func TestLooks(t *testing.T) {
	read := Call{Name: "read", Args: json.RawMessage(`{"path":"a.go"}`)}
	list := Call{Name: "list", Args: json.RawMessage(`{}`)}
	bad := Call{Bad: "x"}
	for _, tt := range []struct {
		name, reply string
		want        []Call
		looking     bool
	}{
		{"one", `{"look":[{"tool":"read","args":{"path":"a.go"}}]}`, []Call{read}, true},
		{"two", "{ \"look\" : [ {\"tool\":\"read\",\"args\":{\"path\":\"a.go\"}} ,\n {\"tool\":\"list\",\"args\":{}} ] }", []Call{read, list}, true},
		{"in a fence", "Let me see.\n```json\n{\"look\": [{\"tool\":\"list\",\"args\":{}}]}\n```", []Call{list}, true},
		{"named as elsewhere", `{"look":[{"name":"read","arguments":{"path":"a.go"}}]}`, []Call{read}, true},
		{"no list", `{"look":{"tool":"read","args":{"path":"a.go"}}}`, []Call{read}, true},
		{"an answer", `{"steps":[{"kind":"edit","file":"look"}]}`, nil, false},
		{"an answer that quotes", `{"findings":[{"quote":"{\"look\":[{\"tool\":\"read\"}]}"}]}`, nil, false},
		{"a key that begins so", `{"looks":[{"tool":"list"}]}`, nil, false},
		{"an empty list and an answer", `{"look":[],"steps":[]}`, nil, false},
		{"an empty list", `{"look":[]}`, []Call{bad}, true},
		{"no call", `{"look":[3]}`, []Call{bad}, true},
		{"nothing behind the key", `{"look":`, []Call{bad}, true},
		{"cut in a call", `{"look":[{"tool":"list","args":{}},{"tool":"re`, []Call{list, bad}, true},
		{"no tool", `{"look":[{"args":{}}]}`, []Call{bad}, true},
		{"calls, then an answer", `{"look":[{"tool":"list","args":{}}],"steps":[]}`, []Call{list}, true},
		{"no JSON", `I can't.`, nil, false},
		{"nothing", ``, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, chunks := range [][]string{{tt.reply}, strings.Split(tt.reply, "")} {
				got, looking := looked(chunks...)
				for i := range got {
					if got[i].Bad != "" {
						got[i] = bad
					}
				}
				if diff := cmp.Diff(tt.want, got); diff != "" || looking != tt.looking {
					t.Errorf("in %d chunks: looking %v\n%s", len(chunks), looking, diff)
				}
			}
		})
	}
}

// A call is there as soon as its object is whole.
func TestLooksAtOnce(t *testing.T) {
	var l Looks
	if calls := l.Write(`{"look":[{"tool":"list","args":{}}`); len(calls) != 1 || l.Done() {
		t.Errorf("%d calls before the end of the list", len(calls))
	}
	if l.Write(`]`); !l.Done() {
		t.Error("the list has not ended")
	}
}

// What the schema allows is what is read, and what is asked for is allowed.
func TestUnion(t *testing.T) {
	tools := Over(View{Snapshot: sample(t).Snapshot()})
	raw := Union(json.RawMessage(`{"type":"object","properties":{"steps":{"type":"array"}},"required":["steps"]}`), tools, 2)
	var schema jsonschema.Schema
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, form, _ := strings.Cut(LookForm(tools), "\n")
	form, _, _ = strings.Cut(form, "\n")
	for reply, want := range map[string]bool{
		form:           true,
		`{"steps":[]}`: true,
		`{"look":[{"tool":"list","args":{}},{"tool":"search","args":{"pattern":"x","regexp":true}}]}`: true,
		`{"look":[]}`:                                  false,
		`{"look":[{"tool":"shell","args":{}}]}`:        false,
		`{"look":[{"tool":"read","args":{"path":3}}]}`: false,
		`{"look":[{"tool":"read","args":{}}]}`:         false,
		`{"look":[` + strings.Repeat(`{"tool":"list","args":{}},`, 2) + `{"tool":"list","args":{}}]}`: false,
	} {
		var v any
		if err := json.Unmarshal([]byte(reply), &v); err != nil {
			t.Fatal(err)
		}
		if err := resolved.Validate(v); (err == nil) != want {
			t.Errorf("%s: %v", reply, err)
		}
	}
	calls, _ := looked(form)
	want := []Call{{Name: "read", Args: json.RawMessage(`{"path": "src/main.go"}`)}}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Error(diff)
	}
}

func TestBare(t *testing.T) {
	tools := Over(View{Snapshot: sample(t).Snapshot()})
	for reply, want := range map[string]int{
		`{"name": "read", "arguments": {"path": "a.go"}}`:                                     1,
		"```json\n{\"name\": \"read\", \"arguments\": {\"path\": \"a.go\"}}\n```":             1,
		"[{\"name\": \"list\"},\n{\"name\": \"search\", \"arguments\": {\"pattern\":\"x\"}}]": 2,
		"{\"name\": \"list\"}\n{\"name\": \"list\"}":                                          2,
		`{"name": "shell", "arguments": {}}`:                                                  0,
		`I call {"name": "read", "arguments": {"path": "a.go"}}`:                              0,
		"{\"name\": \"read\"} is what I would call":                                           0,
		"```go\nfunc read() {}\n```":                                                          0,
		`{"name": "read", "arguments": {`:                                                     0,
		``:                                                                                    0,
	} {
		if got := Bare(reply, tools); len(got) != want {
			t.Errorf("%s: %d calls, want %d", reply, len(got), want)
		}
	}
}

func TestSignature(t *testing.T) {
	for schema, want := range map[string]string{
		`{"type":"object","properties":{"path":{"type":"string"},"start":{"type":"integer"}},"required":["path"]}`:                        "x(path, start?: integer)",
		`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":["null","array"],"items":{"type":"string"}}},"required":["b"]}`: "x(b: list, a?)",
		`{"properties":{"m":{"enum":["on","off"]},"n":{"type":"array","items":{"type":"integer"}},"o":{"type":["integer","string"]}}}`:    "x(m?: on|off, n?: list of integer, o?)",
		`{"properties":{"o":{"type":"object","properties":{"k":{"type":"string"}}},"p":{"type":"object"}}}`:                               `x(o?: {"type":"object","properties":{"k":{"type":"string"}}}, p?: object)`,
		`{"properties":{"a":{},"b":{},"c":{},"d":{},"e":{},"f":{}},"required":["f","e"]}`:                                                 "x(e, f, a?, b?, …)",
		`{"type":"object"}`: "x()",
		`true`:              "x()",
		``:                  "x()",
	} {
		if got := signature(Spec{Name: "x", Schema: json.RawMessage(schema)}); got != want {
			t.Errorf("%s: %s, want %s", schema, got, want)
		}
	}
}

func TestCallWords(t *testing.T) {
	for _, tt := range []struct {
		call Call
		want string
	}{
		{Call{Name: "read", Args: json.RawMessage(`{"path":"a/b.go","start":3}`)}, "read a/b.go"},
		{Call{Name: "search", Args: json.RawMessage(`{"include":["x"],"pattern":"New\nStore","case":"smart"}`)}, "search New Store"},
		{Call{Name: "docs_lookup", Args: json.RawMessage(`{"topic":"maps"}`)}, "docs_lookup maps"},
		{Call{Name: "list", Args: json.RawMessage(`{}`)}, "list"},
		{Call{Name: "list", Args: json.RawMessage(`nonsense`)}, "list"},
		{Call{Bad: "x"}, "a call that can't be read"},
	} {
		if got := tt.call.Words(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
	a := Call{ID: "1", Name: "read", Args: json.RawMessage(`{"path":"a.go", "end":3}`)}
	b := Call{ID: "2", Name: "read", Args: json.RawMessage(`"{\"end\":3,\"path\":\"a.go\"}"`)}
	if a.Key() != b.Key() || a.Key() == (Call{Name: "list", Args: a.Args}).Key() {
		t.Errorf("%s and %s", a.Key(), b.Key())
	}
}

func FuzzLooks(f *testing.F) {
	f.Add(`{"look":[{"tool":"read","args":{"path":"a.go"}},{"tool":"list"}]}`, uint64(1))
	f.Add("text ```json\n{ \"look\" : {\"tool\":\"x\"} , }", uint64(2))
	f.Add(`{"look":[],"steps":[]}`, uint64(3))
	f.Add(`{"look":[{"tool":"<"}`, uint64(4))
	f.Fuzz(func(t *testing.T, reply string, seed uint64) {
		calls, looking := looked(reply)
		if len(calls) > 0 && !looking {
			t.Fatalf("%q: %d calls of an answer", reply, len(calls))
		}
		r := rand.New(rand.NewPCG(seed, 0))
		var chunks []string
		for rest := reply; rest != ""; {
			n := 1 + r.IntN(min(len(rest), 9))
			chunks, rest = append(chunks, rest[:n]), rest[n:]
		}
		cut, cutLooking := looked(chunks...)
		if diff := cmp.Diff(calls, cut); diff != "" || looking != cutLooking {
			t.Fatalf("in chunks %q: %v and %v\n%s", chunks, looking, cutLooking, diff)
		}
		if bare := Bare(reply, []Tool{{Spec: Spec{Name: "read"}}}); slices.ContainsFunc(bare, func(c Call) bool { return c.Name != "read" || !json.Valid(c.Args) }) {
			t.Fatalf("%q: %+v", reply, bare)
		}
	})
}

func TestBrief(t *testing.T) {
	for _, tl := range Over(View{Snapshot: sample(t).Snapshot()}) {
		brief := string(tl.Brief())
		if strings.Contains(brief, "description") || signature(Spec{Name: "x", Schema: tl.Brief()}) == "x()" && strings.Contains(string(tl.Schema), "properties\":{\"") {
			t.Errorf("%s: %s", tl.Name, brief)
		}
	}
	for _, odd := range []string{``, `true`, `[]`, `{"properties":3}`, `{"properties":{"a":true}}`} {
		if got := (Spec{Schema: json.RawMessage(odd)}).Brief(); string(got) != odd {
			t.Errorf("%s became %s", odd, got)
		}
	}
}
