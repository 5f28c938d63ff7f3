package review

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace/text"
)

const src = "package a\n\nfunc Div(a, b int) int {\n\tq := a / b\n\tlog(q)\n\treturn q\n}\n\nfunc Other() { log(1) }\n"

func region() text.Span {
	return text.Span{Start: strings.Index(src, "func Div"), End: strings.Index(src, "\nfunc Other")}
}

func reply(findings ...string) string { return `{"findings":[` + strings.Join(findings, ",") + `]}` }

func finding(quote, severity, message string) string {
	return fmt.Sprintf(`{"quote":%q,"severity":%q,"message":%q}`, quote, severity, message)
}

func TestRead(t *testing.T) {
	cases := []struct {
		name, reply string
		want        []string // "text of the place: severity: message"
		dropped     int
		fails       bool
	}{
		{"a line", reply(finding("\tq := a / b", "error", "b may be zero")), []string{"q := a / b: error: b may be zero"}, 0, false},
		{"other white space", reply(finding("q  :=  a/b", "error", "x")), []string{"q := a / b: error: x"}, 0, false},
		{"a part of a line", reply(finding("Div(a, b", "warning", "x")), []string{"func Div(a, b int) int {: warning: x"}, 0, false},
		{"two lines", reply(finding("log(q)\nreturn q", "information", "x")), []string{"log(q)\n\treturn q: information: x"}, 0, false},
		{"no such line", reply(finding("panic(1)", "error", "x")), nil, 1, false},
		{"outside the region", reply(finding("func Other() { log(1) }", "error", "x")), nil, 1, false},
		{"no quote", reply(finding("", "error", "x")), nil, 1, false},
		{"no message", reply(finding("return q", "error", " ")), nil, 1, false},
		{"a severity of its own", reply(finding("return q", "critical", "x")), []string{"return q: warning: x"}, 0, false},
		{"nothing", reply(), nil, 0, false},
		{"in a fence", "Sure!\n```json\n" + reply(finding("return q", "error", "x")) + "\n```", []string{"return q: error: x"}, 0, false},
		{"prose", "All is well.", nil, 0, true},
		{"cut", `{"findings":[{"quote":"re}`, nil, 0, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found, dropped, err := Read(c.reply, "reviewer", src, region())
			if (err != nil) != c.fails || dropped != c.dropped || len(found) != len(c.want) {
				t.Fatalf("%v, %d dropped, %v", found, dropped, err)
			}
			for i, f := range found {
				if got := fmt.Sprintf("%s: %s: %s", src[f.Span.Start:f.Span.End], f.Severity, f.Message); got != c.want[i] {
					t.Errorf("%q, want %q", got, c.want[i])
				}
			}
		})
	}
}

func TestMerge(t *testing.T) {
	at := func(start, end int, s Severity, m, voice string) Finding {
		return Finding{text.Span{Start: start, End: end}, s, m, []string{voice}}
	}
	got := Merge([]Finding{
		at(20, 30, Warning, "The divisor may be zero here.", "tester"),
		at(5, 9, Information, "A better name would be total.", "reviewer"),
		at(20, 30, Error, "Division panics when the divisor is zero; check it.", "reviewer"),
		at(20, 30, Warning, "Secret written to a log file.", "security"),
	})
	want := "[{{5 9} information A better name would be total. [reviewer]} " +
		"{{20 30} error Division panics when the divisor is zero; check it. [reviewer tester]} " +
		"{{20 30} warning Secret written to a log file. [security]}]"
	if fmt.Sprint(got) != want {
		t.Errorf("%v\nwant %v", got, want)
	}
}

// FuzzRead: whatever a voice says, its findings lie in the region.
func FuzzRead(f *testing.F) {
	f.Add(reply(finding("return q", "error", "x")))
	f.Add(reply(finding("func Other() { log(1) }", "error", "x")))
	f.Fuzz(func(t *testing.T, reply string) {
		found, _, err := Read(reply, "v", src, region())
		if err != nil && len(found) > 0 {
			t.Error("findings beside an error")
		}
		for _, x := range Merge(found) {
			if !region().Contains(x.Span) || x.Span.Len() == 0 || x.Message == "" {
				t.Errorf("%+v", x)
			}
		}
	})
}
