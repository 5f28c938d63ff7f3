package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/workspace/text"
)

func TestSession(t *testing.T) {
	s := start(t, Options{})
	if s.c.Timings().Initialize <= 0 || !strings.Contains(string(s.c.Capabilities()), "openClose") {
		t.Errorf("timings %v, capabilities %s", s.c.Timings(), s.c.Capabilities())
	}
	closeSession(t, s.c)
	s.wantViolations()
	if err := s.c.Call(t.Context(), "x", nil, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("a call after the end: %v", err)
	}
	if err := s.c.Notify(t.Context(), "x", nil); !errors.Is(err, ErrClosed) {
		t.Errorf("a notification after the end: %v", err)
	}
}

func TestCallsAreAnsweredInAnyOrder(t *testing.T) {
	s := start(t, Options{})
	one, err := s.c.Begin("one", map[string]int{"n": 1})
	if err != nil {
		t.Fatal(err)
	}
	two, err := s.c.Begin("two", nil)
	if err != nil {
		t.Fatal(err)
	}
	m1, m2 := s.method("one"), s.method("two")
	if string(m1.Params) != `{"n":1}` || m2.Params != nil {
		t.Errorf("params %s and %s", m1.Params, m2.Params)
	}
	s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32803,"message":"no","data":{"a":1}}}`, m2.ID))
	s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":"yes"}`, m1.ID))
	var got string
	if err := one.Wait(t.Context(), &got); err != nil || got != "yes" {
		t.Errorf("one: %q, %v", got, err)
	}
	var refused *Error
	if err := two.Wait(t.Context(), nil); !errors.As(err, &refused) || refused.Code != -32803 || string(refused.Data) != `{"a":1}` {
		t.Errorf("two: %v", err)
	}
	s.wantViolations()
}

func TestCallCancelsWithItsContext(t *testing.T) {
	s := start(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.c.Call(ctx, "slow", nil, nil) }()
	m := s.method("slow")
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if c := s.method("$/cancelRequest"); string(c.Params) != fmt.Sprintf(`{"id":%s}`, m.ID) {
		t.Errorf("params %s", c.Params)
	}
	s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32800,"message":"cancelled"}}`, m.ID))
	closeSession(t, s.c)
	s.wantViolations()
}

func TestUnansweredRequests(t *testing.T) {
	s := start(t, Options{})
	if _, err := s.c.Begin("forgotten", nil); err != nil {
		t.Fatal(err)
	}
	closeSession(t, s.c)
	s.wantViolations("forgotten was never answered")
}

func TestServerThatLeaves(t *testing.T) {
	s := start(t, Options{})
	r, err := s.c.Begin("last", nil)
	if err != nil {
		t.Fatal(err)
	}
	s.method("last")
	if err := s.conn.Close(); err != nil {
		t.Fatal(err)
	}
	<-s.c.Done()
	if err := r.Wait(t.Context(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := s.c.Close(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("close: %v", err)
	}
	s.wantViolations("ended the stream by itself")
}

func TestMalformedMessages(t *testing.T) {
	for _, tc := range []struct{ body, want string }{
		{`{"id":1,"result":1}`, `jsonrpc is ""`},
		{`{"jsonrpc":"2.0"}`, "neither method nor id"},
		{`{"jsonrpc":"2.0","id":77,"result":1,"error":{"code":1,"message":""}}`, "either result or error"},
		{`{"jsonrpc":"2.0","id":77}`, "either result or error"},
		{`{"jsonrpc":"2.0","id":77,"result":null}`, "response to request 77"},
		{`{"jsonrpc":"2.0","id":"a","result":null}`, `response to request "a"`},
		{`{"jsonrpc":"2.0","method":"window/showMessage","params":7}`, "neither object nor array"},
		{`{"jsonrpc":"2.0","id":1.5,"method":"workspace/workspaceFolders"}`, "neither string nor integer"},
		{`{"jsonrpc":"2.0","method":"window/showMessage","params":{"type":9,"message":""}}`, "type 9"},
		{`{"jsonrpc":"2.0","method":"window/showMessage","params":{"type":1,"message":"","extra":1}}`, "extra"},
		{`{"jsonrpc":"2.0","method":"window/showMessage"}`, "no params"},
		{`{"jsonrpc":"2.0","method":"hob/unheard"}`, "unknown notification hob/unheard"},
		{`{"jsonrpc":"2.0","id":1,"method":"hob/unheard"}`, "unknown request hob/unheard"},
		{`{"jsonrpc":"2.0","method":"$/logTrace","params":{"message":""}}`, "tracing is off"},
		{`{"jsonrpc":"2.0","method":"hob/jobDone","params":{"job":"j1","action":"edit","status":"applied","surprise":1}}`, "surprise"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			s := start(t, Options{})
			s.send(tc.body)
			s.barrier()
			s.wantViolations(tc.want)
		})
	}
}

func TestBrokenFraming(t *testing.T) {
	for _, raw := range []string{
		"Content-Length: 2\n\n{}", "Content-Length: x\r\n\r\n", "Content-Length: -1\r\n\r\n", "\r\n{}",
		"hello\r\n", "Content-Length: 3\r\n\r\n{]}", "Content-Length: 999999999999\r\n\r\n",
	} {
		s := start(t, Options{})
		if _, err := s.conn.Write([]byte(raw)); err != nil {
			t.Logf("%q: %v", raw, err) // the client may close first
		}
		<-s.c.Done()
		s.wantViolations("ended the stream by itself")
	}
}

func TestRawMessages(t *testing.T) {
	stray := make(chan string, 1)
	s := start(t, Options{Notify: func(method string, params json.RawMessage) {
		if method == "" {
			stray <- string(params)
		}
	}})
	if err := s.c.SendRaw(Frame(`{"jsonrpc":"2.0","method":"hello"}`)); err != nil {
		t.Fatal(err)
	}
	s.method("hello")
	s.send(`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}}`)
	if got := <-stray; !strings.Contains(got, "-32700") {
		t.Errorf("got %s", got)
	}
	s.wantViolations()
}

func TestUnannounced(t *testing.T) {
	methods := map[string]string{
		"window/workDoneProgress/create": `{"token":1}`, "workspace/applyEdit": `{"edit":{}}`, "workspace/configuration": `{"items":[]}`,
		"workspace/workspaceFolders": `{}`, "window/showDocument": `{"uri":"file:///a"}`, "hob/input": `{"title":"","placeholder":""}`,
		"workspace/inlayHint/refresh": `{}`,
	}
	for method, params := range methods {
		t.Run(method, func(t *testing.T) {
			s := start(t, Options{Capabilities: json.RawMessage(`{}`)})
			if m := s.answer(s.begin(method, params)); m.Error == nil || m.Error.Code != codeMethodNotFound {
				t.Errorf("answer %s, %v", m.Result, m.Error)
			}
			s.wantViolations(method + " without the client's")
		})
	}
	for _, method := range []string{"hob/jobDone", "hob/status", "hob/jobProgress"} {
		t.Run(method, func(t *testing.T) {
			s := start(t, Options{Capabilities: json.RawMessage(`{"workspace":{"workspaceFolders":true}}`)})
			s.notify(method, `{}`)
			s.barrier()
			s.wantViolations(method + " without the client's")
		})
	}
	if _, err := Start(t.Context(), nil, Options{Capabilities: json.RawMessage(`[]`)}); err == nil {
		t.Error("capabilities that are no object were taken")
	}
}

func TestEncodingThatWasNotOffered(t *testing.T) {
	s := start(t, Options{})
	var err error
	for _, name := range []string{"utf-8", "utf-7", "utf-32"} {
		err = s.c.readServer(json.RawMessage(`{"positionEncoding":"` + name + `"}`))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.c.readServer(json.RawMessage(`{"textDocumentSync":1}`)); err != nil || !s.c.whole || s.c.Encoding() != text.UTF16 {
		t.Errorf("%v, whole %v", err, s.c.whole)
	}
}

func TestServerCalls(t *testing.T) {
	var shown, chosen, asked string
	s := start(t, Options{
		Settings: json.RawMessage(`{"models":{"fast":"auto"}}`),
		Show:     func(uri string) { shown = uri },
		Choose:   func(text string, actions []string) string { chosen = text; return actions[1] },
		Input:    func(title, placeholder string) (string, bool) { asked = title + placeholder; return "v", title != "no" },
	})
	for _, tc := range []struct{ method, params, want string }{
		{"workspace/configuration", `{"items":[{"section":"hob"},{"section":"go"},{}]}`, `[{"models":{"fast":"auto"}},null,null]`},
		{"window/showDocument", `{"uri":"hob:/answer"}`, `{"success":true}`},
		{"window/showMessageRequest", `{"type":1,"message":"m","actions":[{"title":"A"},{"title":"B"}]}`, `{"title":"B"}`},
		{"hob/input", `{"title":"t","placeholder":"p"}`, `{"value":"v"}`},
		{"hob/input", `{"title":"no","placeholder":""}`, `null`},
	} {
		if m := s.answer(s.begin(tc.method, tc.params)); string(m.Result) != tc.want {
			t.Errorf("%s: %s, want %s", tc.method, m.Result, tc.want)
		}
	}
	if shown != "hob:/answer" || chosen != "m" || asked != "no" {
		t.Errorf("shown %q, chosen %q, asked %q", shown, chosen, asked)
	}
	if err := s.c.Configure(json.RawMessage(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	if m := s.method("workspace/didChangeConfiguration"); string(m.Params) != `{"settings":{"hob":{"a":1}}}` {
		t.Errorf("params %s", m.Params)
	}
	if m := s.answer(s.begin("workspace/configuration", `{"items":[{"section":"hob"}]}`)); string(m.Result) != `[{"a":1}]` {
		t.Errorf("configuration %s", m.Result)
	}
	s.wantViolations()
	s.answer(s.begin("client/registerCapability", `{"registrations":[{"id":"1","method":"workspace/didChangeConfiguration"}]}`))
	s.wantViolations("does not register dynamically")
}

func TestDialogsDoNotBlockTheSession(t *testing.T) {
	open, release := make(chan bool), make(chan bool)
	s := start(t, Options{Input: func(string, string) (string, bool) { close(open); <-release; return "late", true }})
	path := s.open("a.txt", "a\n")
	id := s.begin("hob/input", `{"title":"","placeholder":""}`)
	<-open
	if r := s.apply(`{"documentChanges":[{"textDocument":{"uri":"${a.txt}","version":1},"edits":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}},"newText":"b"}]}]}`); !r.Applied {
		t.Errorf("not applied: %s", r.FailureReason)
	}
	s.wantText(path, "b\n", 2)
	s.notify("$/cancelRequest", `{"id":`+id+`}`)
	if m := s.answer(id); m.Error == nil || m.Error.Code != codeRequestCancelled {
		t.Errorf("answer %s, %v", m.Result, m.Error)
	}
	close(release)
	closeSession(t, s.c)
	s.wantViolations()
	for m := range s.in {
		if string(m.ID) == id {
			t.Error("the cancelled dialog was answered twice")
		}
	}
}

func TestActions(t *testing.T) {
	s := start(t, Options{})
	path := s.open("a.txt", "a\n")
	type result struct {
		actions []Action
		err     error
	}
	ask := func(answer string) result {
		done := make(chan result)
		go func() {
			a, err := s.c.CodeActions(t.Context(), path, lsp.Range{}, []string{"refactor"}, true, nil)
			done <- result{a, err}
		}()
		m := s.method("textDocument/codeAction")
		if !strings.Contains(string(m.Params), `"context":{"diagnostics":[],"only":["refactor"],"triggerKind":1}`) {
			t.Errorf("params %s", m.Params)
		}
		s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, m.ID, answer))
		return <-done
	}
	r := ask(`[{"title":"E","kind":"refactor.rewrite.hob.edit","command":{"title":"E","command":"hob.edit","arguments":[{"uri":"u"}]}},{"title":"C","command":"plain"}]`)
	if r.err != nil || len(r.actions) != 2 || r.actions[0].Command != "hob.edit" || string(r.actions[0].Arguments[0]) != `{"uri":"u"}` || r.actions[1].Command != "plain" {
		t.Errorf("%+v", r)
	}
	s.wantViolations()
	if r := ask(`null`); r.err != nil || len(r.actions) != 0 {
		t.Errorf("%+v", r)
	}
	ask(`[{"title":"X","kind":"quickfix"},{"title":"","kind":"refactor"},{"title":"Y","kind":"refactor","odd":1}]`)
	s.wantViolations("only [refactor]", "no title", "odd")
}

func TestJob(t *testing.T) {
	s := start(t, Options{})
	run := func(answer string) (*lsp.JobResult, error) {
		type result struct {
			r   *lsp.JobResult
			err error
		}
		done := make(chan result)
		go func() {
			r, err := s.c.Job(t.Context(), "hob.edit", lsp.JobParams{URI: "file:///a"})
			done <- result{r, err}
		}()
		m := s.method("workspace/executeCommand")
		if string(m.Params) != `{"arguments":[{"uri":"file:///a","wait":true}],"command":"hob.edit"}` {
			t.Errorf("params %s", m.Params)
		}
		s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,%s}`, m.ID, answer))
		r := <-done
		return r.r, r.err
	}
	if r, err := run(`"result":{"job":"j1","action":"edit","status":"applied"}`); err != nil || r.Status != "applied" {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := run(`"error":{"code":-32801,"message":"m","data":{"job":"j1","action":"edit","status":"failed","error":{"kind":"stale","message":"m","hint":"h"}}}`); err != nil || r.Error.Kind != "stale" {
		t.Errorf("%+v, %v", r, err)
	}
	var refused *Error
	if _, err := run(`"error":{"code":-32803,"message":"before a job"}`); !errors.As(err, &refused) {
		t.Errorf("%v", err)
	}
	if _, err := run(`"result":{"job":"j1","novel":true}`); err == nil || !strings.Contains(err.Error(), "no job result") {
		t.Errorf("%v", err)
	}
}

func TestJobCancelled(t *testing.T) {
	s := start(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan string)
	go func() {
		r, err := s.c.Job(ctx, "hob.edit", lsp.JobParams{})
		done <- fmt.Sprint(r != nil && r.Status == "cancelled", err)
	}()
	m := s.method("workspace/executeCommand")
	cancel()
	s.method("$/cancelRequest")
	s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32800,"message":"cancelled","data":{"job":"j1","action":"edit","status":"cancelled"}}}`, m.ID))
	if got := <-done; got != "true <nil>" {
		t.Error(got)
	}
}

// A client is asked for what it offers only, in the ways that it offers.
func TestRegistrations(t *testing.T) {
	s := start(t, Options{Capabilities: json.RawMessage(`{"workspace":{"didChangeWatchedFiles":{"dynamicRegistration":true}}}`)})
	ask := func(id, watcher string) {
		s.answer(s.begin("client/registerCapability", `{"registrations":[{"id":"`+id+`","method":"workspace/didChangeWatchedFiles","registerOptions":{"watchers":[`+watcher+`]}}]}`))
	}
	if told, err := s.c.Changed(s.path("a"), false); told || err != nil {
		t.Errorf("told unasked: %v, %v", told, err)
	}
	ask("1", `{"globPattern":"**/*"}`)
	s.wantViolations()
	if told, err := s.c.Changed(s.path("a"), true); !told || err != nil {
		t.Errorf("not told: %v, %v", told, err)
	}
	if m := s.method("workspace/didChangeWatchedFiles"); string(m.Params) != `{"changes":[{"type":3,"uri":"`+URI(s.path("a"))+`"}]}` {
		t.Errorf("told %s", m.Params)
	}
	if told, err := s.c.Changed("/elsewhere", false); told || err != nil {
		t.Errorf("told of a file outside: %v, %v", told, err)
	}
	s.answer(s.begin("client/unregisterCapability", `{"unregisterations":[{"id":"1","method":"workspace/didChangeWatchedFiles"}]}`))
	if told, _ := s.c.Changed(s.path("a"), false); told {
		t.Error("told after the end of the registration")
	}
	s.wantViolations()
	s.answer(s.begin("client/unregisterCapability", `{"unregisterations":[{"id":"1","method":"workspace/didChangeWatchedFiles"}]}`))
	ask("2", `{"globPattern":{"baseUri":"file:///w","pattern":"**/*"}}`)
	ask("2", `{"globPattern":"**/*"}`)
	s.wantViolations("not registered", "relative patterns were not announced", "a second registration")
}
