package client

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace/text"
)

// mirror is what a server makes of the changes it is told about.
type mirror struct {
	t     *testing.T
	enc   text.Encoding
	text  string
	last  int32
	steps int
}

func (m *mirror) take(raw json.RawMessage) {
	m.t.Helper()
	var p struct {
		TextDocument   struct{ Version int32 }
		ContentChanges []struct {
			Range *struct{ Start, End text.Position }
			Text  string
		}
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		m.t.Fatal(err)
	}
	if p.TextDocument.Version != m.last+1 {
		m.t.Errorf("version %d follows %d", p.TextDocument.Version, m.last)
	}
	m.last = p.TextDocument.Version
	m.steps++
	for _, c := range p.ContentChanges {
		e := text.RangeEdit{New: c.Text, Whole: c.Range == nil}
		if c.Range != nil {
			e.Start, e.End = c.Range.Start, c.Range.End
		}
		next, _, _, err := text.ApplyRange(m.text, text.NewLineIndex(m.text), e, m.enc)
		if err != nil {
			m.t.Fatal(err)
		}
		m.text = next
	}
}

// Every encoding, an astral character before the place of each edit, CRLF: what
// the server is told is what the editor has.
func TestChangesReachTheServer(t *testing.T) {
	const before = "// 🦊\r\nfunc 🦊a() {}\r\nend"
	width := map[text.Encoding]uint32{text.UTF8: 4, text.UTF16: 2, text.UTF32: 1}
	for enc, w := range width {
		t.Run(fmt.Sprint(w), func(t *testing.T) {
			s := start(t, Options{Encoding: enc})
			path := s.open("a.go", before)
			m := &mirror{t: t, enc: enc, text: before, last: 1}
			check := func(want string) {
				t.Helper()
				m.take(s.method("textDocument/didChange").Params)
				s.wantText(path, want, m.last)
				if m.text != want {
					t.Errorf("the server has %q, want %q", m.text, want)
				}
			}
			if err := s.c.Change(path, at(1, 5+w, 1, 6+w, "bc"), at(1, 5, 1, 5, "x")); err != nil {
				t.Fatal(err)
			}
			check("// 🦊\r\nfunc x🦊bc() {}\r\nend")
			edit := fmt.Sprintf(`{"documentChanges":[{"textDocument":{"uri":"${a.go}","version":2},"edits":[
				{"range":{"start":{"line":0,"character":%d},"end":{"line":1,"character":0}},"newText":"!\r\n"},
				{"range":{"start":{"line":2,"character":3},"end":{"line":2,"character":3}},"newText":" one"},
				{"range":{"start":{"line":2,"character":3},"end":{"line":2,"character":3}},"newText":" two"}]}]}`, 3+w)
			id := s.begin("workspace/applyEdit", s.expand(`{"edit":`+edit+`}`))
			check("// 🦊!\r\nfunc x🦊bc() {}\r\nend one two")
			if r := s.result(id); !r.Applied {
				t.Fatal(r.FailureReason)
			}
			s.wantViolations()
		})
	}
}

func TestApplyAndUndo(t *testing.T) {
	s := start(t, Options{Encoding: text.UTF16})
	path := s.open("a.go", "one\ntwo\nthree\n")
	m := &mirror{t: t, enc: text.UTF16, text: "one\ntwo\nthree\n", last: 1}
	if err := s.c.Change(path, at(0, 0, 0, 0, "// ")); err != nil {
		t.Fatal(err)
	}
	m.take(s.method("textDocument/didChange").Params)
	id := s.begin("workspace/applyEdit", s.expand(`{"label":"L","edit":{"documentChanges":[{"textDocument":{"uri":"${a.go}","version":2},"edits":[
		{"range":{"start":{"line":2,"character":0},"end":{"line":2,"character":5}},"newText":"3"},
		{"range":{"start":{"line":0,"character":3},"end":{"line":0,"character":6}},"newText":"1"},
		{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":0}},"newText":"a"},
		{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":0}},"newText":"b"}]}]}}`))
	m.take(s.method("textDocument/didChange").Params)
	if r := s.result(id); !r.Applied {
		t.Fatal(r.FailureReason)
	}
	const applied = "// 1\nabtwo\n3\n"
	s.wantText(path, applied, 3)
	for _, want := range []string{"// one\ntwo\nthree\n", "one\ntwo\nthree\n"} {
		if err := s.c.Undo(path); err != nil {
			t.Fatal(err)
		}
		m.take(s.method("textDocument/didChange").Params)
		s.wantText(path, want, m.last)
		if m.text != want {
			t.Errorf("the server has %q, want %q", m.text, want)
		}
	}
	if m.steps != 4 {
		t.Errorf("%d changes", m.steps)
	}
	if err := s.c.Undo(path); err == nil {
		t.Error("undo of nothing")
	}
	s.wantViolations()
}

func TestRefusedEdits(t *testing.T) {
	doc := func(version string, edits string) string {
		return `{"documentChanges":[{"textDocument":{"uri":"${a.go}","version":` + version + `},"edits":[` + edits + `]}]}`
	}
	edit := func(l1, c1, l2, c2 int) string {
		return fmt.Sprintf(`{"range":{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}},"newText":"x"}`, l1, c1, l2, c2)
	}
	for _, tc := range []struct {
		name, edit string
		reason     string
		violations []string
	}{
		{"stale", doc("7", edit(0, 0, 0, 1)), "is at version 1", nil},
		{"no version", doc("null", edit(0, 0, 0, 1)), "", []string{"no version"}},
		{"overlap", doc("1", edit(0, 0, 0, 2)+","+edit(0, 1, 0, 3)), "overlap", []string{"overlap"}},
		{"insert in replaced", doc("1", edit(0, 0, 0, 2)+","+edit(0, 0, 0, 0)), "overlap", []string{"overlap"}},
		{"backwards", doc("1", edit(0, 2, 0, 0)), "ends before it starts", []string{"ends before"}},
		{"past the line", doc("1", edit(0, 0, 0, 9)), "beyond the end of its line", []string{"beyond"}},
		{"past the text", doc("1", edit(9, 0, 9, 0)), "outside the text", []string{"outside the text"}},
		{"in a rune", doc("1", edit(1, 1, 1, 2)), "inside a character", []string{"inside a character"}},
		{"annotation", doc("1", `{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"newText":"x","annotationId":"a"}`), "no entry", []string{"no entry"}},
		{"snippet", doc("1", `{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"snippet":{"kind":"snippet","value":"x"}}`), "snippet", []string{"snippet"}},
		{"no newText", doc("1", `{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}}}`), "needs range and newText", []string{"needs range"}},
		{"changes", `{"changes":{"${a.go}":[` + edit(0, 0, 0, 1) + `]}}`, "unversioned changes", []string{"unversioned"}},
		{"unknown field", `{"edits":[]}`, "unknown field", []string{"unknown field"}},
		{"not open", `{"documentChanges":[{"textDocument":{"uri":"${b.go}","version":3},"edits":[]}]}`, "not open", nil},
		{"no file", `{"documentChanges":[{"textDocument":{"uri":"${none.go}","version":null},"edits":[]}]}`, "does not exist", nil},
		{"outside", `{"documentChanges":[{"kind":"create","uri":"${../x.go}"}]}`, "outside the workspace", []string{"neither open nor"}},
		{"exists", `{"documentChanges":[{"kind":"create","uri":"${b.go}"}]}`, "exists already", nil},
		{"delete nothing", `{"documentChanges":[{"kind":"delete","uri":"${none.go}"}]}`, "does not exist", nil},
		{"unused annotation", `{"changeAnnotations":{"a":{"label":"l"}},"documentChanges":[]}`, "not used", []string{"not used"}},
		{"kind", `{"documentChanges":[{"kind":"copy","uri":"${b.go}"}]}`, "did not announce", []string{"did not announce"}},
		{"half", `{"documentChanges":[{"kind":"create","uri":"${new.go}"},{"textDocument":{"uri":"${a.go}","version":9},"edits":[]}]}`, "is at version 1", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{})
			path := s.open("a.go", "abc\n🦊\n")
			if err := os.WriteFile(s.path("b.go"), nil, 0o666); err != nil {
				t.Fatal(err)
			}
			r := s.apply(tc.edit)
			if r.Applied != (tc.reason == "") || !strings.Contains(r.FailureReason, tc.reason) {
				t.Errorf("applied %v, reason %q, want %q", r.Applied, r.FailureReason, tc.reason)
			}
			if !r.Applied {
				s.wantText(path, "abc\n🦊\n", 1)
			}
			if _, err := os.Stat(s.path("new.go")); err == nil {
				t.Error("half of the edit was applied")
			}
			s.wantViolations(tc.violations...)
		})
	}
}

func TestEditsThatWereNotAnnounced(t *testing.T) {
	const edit = `{"documentChanges":[{"textDocument":{"uri":"${a.go}","version":1},"edits":[]}]}`
	for _, tc := range []struct{ name, caps, params, want string }{
		{"documentChanges", `{}`, `{"edit":` + edit + `}`, "documentChanges"},
		{"annotations", `{"documentChanges":true}`, `{"edit":{"documentChanges":[],"changeAnnotations":{}}}`, "changeAnnotations"},
		{"metadata", `{"documentChanges":true}`, `{"edit":` + edit + `,"metadata":{"isRefactoring":true}}`, "metadata"},
		{"create", `{"documentChanges":true}`, `{"edit":{"documentChanges":[{"kind":"create","uri":"${b.go}"}]}}`, `"create"`},
		{"rename", `{"resourceOperations":["create"]}`, `{"edit":{"documentChanges":[{"kind":"rename","oldUri":"${a.go}","newUri":"${b.go}"}]}}`, `"rename"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{Capabilities: json.RawMessage(`{"workspace":{"applyEdit":true,"workspaceEdit":` + tc.caps + `}}`)})
			s.open("a.go", "")
			m := s.answer(s.begin("workspace/applyEdit", s.expand(tc.params)))
			if m.Error == nil && strings.Contains(string(m.Result), "true") {
				t.Errorf("applied: %s", m.Result)
			}
			s.wantViolations(tc.want)
		})
	}
}

func TestResourceOperations(t *testing.T) {
	s := start(t, Options{WriteThrough: true})
	s.open("old.go", "old\n")
	for name, content := range map[string]string{"gone.go": "gone", "other.go": "other\n"} {
		if err := os.WriteFile(s.path(name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	r := s.apply(`{"changeAnnotations":{"n":{"label":"New","needsConfirmation":true}},"documentChanges":[
		{"kind":"create","uri":"${dir/new.go}","annotationId":"n"},
		{"textDocument":{"uri":"${dir/new.go}","version":null},"edits":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"newText":"new\n","annotationId":"n"}]},
		{"kind":"rename","oldUri":"${old.go}","newUri":"${renamed.go}"},
		{"textDocument":{"uri":"${other.go}","version":null},"edits":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":5}},"newText":"changed"}]},
		{"kind":"delete","uri":"${gone.go}"},
		{"kind":"delete","uri":"${never.go}","options":{"ignoreIfNotExists":true}}]}`)
	if !r.Applied {
		t.Fatal(r.FailureReason)
	}
	for name, want := range map[string]string{"dir/new.go": "new\n", "renamed.go": "old\n", "other.go": "changed\n"} {
		if data, err := os.ReadFile(s.path(name)); err != nil || string(data) != want {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	for _, name := range []string{"old.go", "gone.go"} {
		if _, err := os.Stat(s.path(name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	s.wantText(s.path("dir/new.go"), "new\n", 2)
	s.wantText(s.path("renamed.go"), "old\n", 1)
	if err := s.c.Undo(s.path("dir/new.go")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.path("dir/new.go")); err == nil {
		t.Error("undo left the new file")
	}
	s.wantViolations()
}

func TestReview(t *testing.T) {
	var seen Edit
	verdict := make(chan bool)
	s := start(t, Options{Review: func(e Edit) bool { seen = e; return <-verdict }})
	path := s.open("a.go", "a")
	const edit = `{"label":"L","edit":{"changeAnnotations":{"c":{"label":"C","needsConfirmation":true}},"documentChanges":[{"textDocument":{"uri":"${a.go}","version":1},"edits":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}},"newText":"b","annotationId":"c"}]}]}}`
	id := s.begin("workspace/applyEdit", s.expand(edit))
	verdict <- false
	if r := s.result(id); r.Applied || r.FailureReason == "" {
		t.Errorf("%+v", r)
	}
	if seen.Label != "L" || !seen.NeedsConfirm || len(seen.Files) != 1 || seen.Files[0] != path {
		t.Errorf("seen %+v", seen)
	}
	// What the user types while looking makes the edit stale.
	id = s.begin("workspace/applyEdit", s.expand(edit))
	if err := s.c.Change(path, at(0, 0, 0, 0, "z")); err != nil {
		t.Fatal(err)
	}
	verdict <- true
	if r := s.result(id); r.Applied || !strings.Contains(r.FailureReason, "at version 2") {
		t.Errorf("%+v", r)
	}
	// A cancelled call changes nothing any more.
	id = s.begin("workspace/applyEdit", s.expand(strings.Replace(edit, `"version":1`, `"version":2`, 1)))
	s.notify("$/cancelRequest", `{"id":`+id+`}`)
	if m := s.answer(id); m.Error == nil || m.Error.Code != codeRequestCancelled {
		t.Errorf("%s", m.Result)
	}
	select {
	case verdict <- true:
	default: // the call was cancelled before anybody looked
	}
	closeSession(t, s.c)
	s.wantText(path, "za", 2)
	s.wantViolations()
}

// An editor may answer before it tells of the change, or say that it applied what it did not.
func TestAnswerFirstAndPretend(t *testing.T) {
	pretend := false
	s := start(t, Options{AnswerFirst: true, Pretend: func(Edit) bool { return pretend }})
	path := s.open("a.go", "a")
	const edit = `{"edit":{"documentChanges":[{"textDocument":{"uri":"${a.go}","version":1},"edits":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}},"newText":"b"}]}]}}`
	id := s.begin("workspace/applyEdit", s.expand(edit))
	first := s.next("anything", func(*message) bool { return true })
	if string(first.ID) != id || !strings.Contains(string(first.Result), "true") {
		t.Errorf("first came %s %s", first.Method, first.Result)
	}
	s.method("textDocument/didChange")
	s.wantText(path, "b", 2)
	pretend = true
	id = s.begin("workspace/applyEdit", s.expand(strings.Replace(edit, `"version":1`, `"version":2`, 1)))
	if r := s.result(id); !r.Applied {
		t.Errorf("%+v", r)
	}
	closeSession(t, s.c)
	s.wantText(path, "b", 2)
	s.wantViolations()
}

func TestDocuments(t *testing.T) {
	s := start(t, Options{})
	path := s.open("a.go", "a")
	if err := s.c.Open(path, nil); err == nil {
		t.Error("opened twice")
	}
	content := "memory"
	if err := s.c.Open("untitled:Untitled-1", &content); err != nil {
		t.Fatal(err)
	}
	if m := s.method("textDocument/didOpen"); !strings.Contains(string(m.Params), `"uri":"untitled:Untitled-1"`) {
		t.Errorf("params %s", m.Params)
	}
	if got := strings.Join(s.c.Documents(), " "); got != path+" untitled:Untitled-1" {
		t.Errorf("documents %s", got)
	}
	if err := s.c.Change(path, at(0, 0, 0, 1, "b")); err != nil {
		t.Fatal(err)
	}
	if err := s.c.Save(path); err != nil {
		t.Fatal(err)
	}
	s.method("textDocument/didSave")
	if data, err := os.ReadFile(path); err != nil || string(data) != "b" {
		t.Errorf("%q, %v", data, err)
	}
	if err := s.c.Change(path, at(3, 0, 3, 1, "b")); err == nil {
		t.Error("a change outside the text was sent")
	}
	if err := s.c.CloseDoc(path); err != nil {
		t.Fatal(err)
	}
	s.method("textDocument/didClose")
	for _, err := range []error{s.c.CloseDoc(path), s.c.Save(path), s.c.Change(path), s.c.Undo(path), s.c.Open(s.path("none"), nil), s.c.Save("untitled:Untitled-1")} {
		if err == nil {
			t.Error("no error for a document that is not there")
		}
	}
	s.wantViolations()
}

func TestURI(t *testing.T) {
	for path, uri := range map[string]string{
		"/a/b c.go": "file:///a/b%20c.go", "/ü#%?.go": "file:///%C3%BC%23%25%3F.go", "untitled:x": "untitled:x",
	} {
		if got := URI(path); got != uri {
			t.Errorf("URI(%q) = %q, want %q", path, got, uri)
		}
		if got, err := Path(uri); err != nil || got != path {
			t.Errorf("Path(%q) = %q, %v", uri, got, err)
		}
	}
	for _, bad := range []string{"a/b", "file://host/a", "file:a", "%zz:"} {
		if got, err := Path(bad); err == nil {
			t.Errorf("Path(%q) = %q", bad, got)
		}
	}
}
