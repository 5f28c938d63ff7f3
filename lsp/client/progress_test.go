package client

import (
	"strings"
	"testing"
)

func TestProgress(t *testing.T) {
	const begin, end = `{"kind":"begin","title":"T","cancellable":true,"percentage":0}`, `{"kind":"end"}`
	for _, tc := range []struct {
		name   string
		values []string
		want   []string
	}{
		{"good", []string{begin, `{"kind":"report","message":"m","percentage":5}`, `{"kind":"report","percentage":5}`, end}, nil},
		{"no begin", []string{`{"kind":"report"}`, end}, []string{"report without begin", "end without begin"}},
		{"after end", []string{begin, end, `{"kind":"report"}`, end}, []string{"report after the end", "end after the end"}},
		{"begin twice", []string{begin, begin, end}, []string{"a second begin"}},
		{"no title", []string{`{"kind":"begin"}`, end}, []string{"begin without title"}},
		{"falls", []string{begin, `{"kind":"report","percentage":9}`, `{"kind":"report","percentage":8}`, end}, []string{"falls from 9 to 8"}},
		{"too much", []string{begin, `{"kind":"report","percentage":101}`, end}, []string{"percentage 101"}},
		{"unannounced percentage", []string{`{"kind":"begin","title":"T"}`, `{"kind":"report","percentage":1}`, end}, []string{"begin did not announce"}},
		{"no kind", []string{begin, `{"message":"m"}`, end}, []string{`kind ""`}},
		{"field", []string{begin, `{"kind":"report","text":"m"}`, end}, []string{"unknown field"}},
		{"end with more", []string{begin, `{"kind":"end","percentage":100}`}, []string{"more than a message"}},
		{"no end", []string{begin}, []string{"progress p has no end"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var seen []string
			s := start(t, Options{Progress: func(p Progress) { seen = append(seen, p.Kind) }})
			s.answer(s.begin("window/workDoneProgress/create", `{"token":"p"}`))
			for _, v := range tc.values {
				s.notify("$/progress", `{"token":"p","value":`+v+`}`)
			}
			s.barrier()
			if len(tc.want) == 0 && strings.Join(seen, " ") != "begin report report end" {
				t.Errorf("seen %v", seen)
			}
			closeSession(t, s.c)
			s.wantViolations(tc.want...)
		})
	}
}

func TestProgressTokens(t *testing.T) {
	s := start(t, Options{})
	s.notify("$/progress", `{"token":"x","value":{"kind":"begin","title":"T"}}`)
	s.answer(s.begin("window/workDoneProgress/create", `{"token":7}`))
	s.answer(s.begin("window/workDoneProgress/create", `{"token":7}`))
	s.wantViolations("nobody created", "created before")
	if err := s.c.CancelProgress("7"); err == nil {
		t.Error("a progress that did not begin was cancelled")
	}
	s.notify("$/progress", `{"token":7,"value":{"kind":"begin","title":"T","cancellable":true}}`)
	s.barrier()
	if err := s.c.CancelProgress("7"); err != nil {
		t.Fatal(err)
	}
	if m := s.method("window/workDoneProgress/cancel"); string(m.Params) != `{"token":7}` {
		t.Errorf("params %s", m.Params)
	}
}

// A begin that comes with its create did not wait for the answer.
func TestProgressBeginsTooEarly(t *testing.T) {
	tok := &token{}
	title := "T"
	if err := tok.advance(progressValue{Kind: "begin", Title: &title}); err == nil || !strings.Contains(err.Error(), "before the client answered") {
		t.Errorf("%v", err)
	}
}
