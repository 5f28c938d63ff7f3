package modeltest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	got, err := Parse(`
# a comment
slots 2
resident 1
queue 3
numctx 8192
prefill 1000
decode 50.5
version 0.18.0
forgets
model qwen2.5-coder:3b params=3.1B context=32768 caps=completion,tools load=200ms
model big-cloud family=gptoss bytes=7 remote=https://example.test

reply last="add a comment" contains=main chunk=4 gate=typing@3 gate=end@99 fault=drop@5 <<END
line one

	line "three"
END
reply tool=read call="read {\"path\": \"a.go\"}" call="list {}" chunk=2
reply model=big-cloud text="one\nline" thinking="hm, é" reason=length wire=1 keep always prefill=1 decode=2
fallback fault=503
`)
	if err != nil {
		t.Fatal(err)
	}
	want := Script{
		Slots: 2, Resident: 1, Queue: 3, NumCtx: 8192, Prefill: 1000, Decode: 50.5, Version: "0.18.0", Forgets: true,
		Models: []Model{
			{Name: "qwen2.5-coder:3b", Params: "3.1B", Context: 32768, Capabilities: []string{"completion", "tools"}, Load: 200 * time.Millisecond},
			{Name: "big-cloud", Family: "gptoss", Bytes: 7, RemoteHost: "https://example.test", RemoteModel: "big-cloud"},
		},
		Replies: []Reply{
			{
				Last: "add a comment", Contains: "main", Chunk: 4, Fault: Drop, After: 5,
				Gates: []Gate{{"typing", 3}, {"end", 99}}, Text: "line one\n\n\tline \"three\"",
			},
			{Tool: "read", Calls: []Call{{Name: "read", Arguments: `{"path": "a.go"}`}, {Name: "list", Arguments: "{}"}}, Chunk: 2},
			{
				Model: "big-cloud", Text: "one\nline", Thinking: "hm, é", Reason: "length", Wire: 1,
				Keep: true, Always: true, Prefill: 1, Decode: 2,
			},
		},
		Fallback: &Reply{Fault: Busy},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestParseErrors(t *testing.T) {
	for in, want := range map[string]string{
		"slots":                  "line 1: wants one value",
		"slots x":                "line 1",
		"slots -1":               "negative",
		"\n\nlots 3":             `line 3: unknown word "lots"`,
		"model":                  "needs a name",
		"model a size=3":         `unknown field "size"`,
		"model a load=fast":      "load",
		"reply fault=explode":    "unknown fault",
		"reply gate=@3":          "needs a name",
		"reply gate=a@b":         "gate",
		"reply keep=1":           "no value",
		`reply text="open`:       "not closed",
		"reply <<":               "needs the word",
		"reply <<END\ntext\nend": "has no end",
		"reply call=read":        "the name of a tool and its arguments",
		"decode NaN":             "no rate",
	} {
		if _, err := Parse(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): %v, want an error with %q", in, err, want)
		}
	}
}

// FuzzParse: no input makes it panic, and what it reads can be served.
func FuzzParse(f *testing.F) {
	f.Add("model a\nreply text=\"x\"\n")
	f.Add("reply gate=a@1 fault=drop@2 <<E\nx\nE\nfallback keep")
	f.Add("reply last=`a b` \"c\"")
	f.Fuzz(func(t *testing.T, in string) {
		s, err := Parse(in)
		if err != nil {
			return
		}
		for _, r := range s.Replies {
			if strings.Join(cut(r.Text, r.Chunk), "") != r.Text {
				t.Errorf("chunks of %q do not add up", r.Text)
			}
		}
	})
}
