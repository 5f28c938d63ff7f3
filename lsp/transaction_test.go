package lsp

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/workspace/text"
)

// transaction is a session in which a job does what a test says.
type transaction struct {
	t    *testing.T
	s    *Server
	root string
	e    *modelEditor
}

func transacting(t *testing.T, caps string, files map[string]string) *transaction {
	root := project(t, files)
	s := newServer(context.Background(), Options{})
	tx := &transaction{t: t, s: s, root: root, e: &modelEditor{t: t, server: s, ended: map[string]JobResult{}}}
	s.conn = modelConn{e: tx.e}
	s.editor = protocol.ClientDispatcher(s.conn)
	params := raw(map[string]any{"capabilities": json.RawMessage(caps), "workspaceFolders": []any{map[string]any{"uri": uriOf(root), "name": "x"}}})
	if _, err := s.initialize(t.Context(), pinned{}, params); err != nil {
		t.Fatal(err)
	}
	s.gate.at.Store(int32(serving))
	tx.e.notify(protocol.MethodInitialized, map[string]any{})
	t.Cleanup(func() {
		s.end(errOver)
		s.jobs.Close()
		s.endBackground()
		s.engines.close()
		if err := s.ws.Close(); err != nil {
			t.Error(err)
		}
	})
	select {
	case <-s.ws.Ready():
	case <-time.After(patience):
		t.Fatal("no scan")
	}
	return tx
}

func (tx *transaction) path(name string) string { return filepath.Join(tx.root, name) }

// file is a file of the workspace, which the watcher may still be reading.
func (tx *transaction) edit(name string, edits ...text.Edit) agent.FileEdit {
	tx.t.Helper()
	f, err := tx.s.snapshot().File(tx.path(name))
	if err != nil {
		tx.t.Fatal(err)
	}
	return agent.FileEdit{Path: f.Path, Base: f, Edits: edits, Region: text.Span{End: len(f.Text)}}
}

// run delivers edits; answer is the editor, asked once for each of its calls.
func (tx *transaction) run(answer func(method, params string) any, files ...agent.FileEdit) *JobResult {
	tx.t.Helper()
	return tx.runWith(JobParams{Wait: true}, answer, files...)
}

func (tx *transaction) runWith(params JobParams, answer func(method, params string) any, files ...agent.FileEdit) *JobResult {
	tx.t.Helper()
	spec := &jobSpec{
		command: commandOf(agent.Refactor), snap: tx.s.snapshot(), received: time.Now(), uri: uriOf(tx.root), params: params,
		req:  agent.Request{Action: agent.Refactor, Path: tx.root},
		work: func(_ context.Context, r *jobRun) ([]pendingEdit, error) { return r.pend(files), nil },
	}
	return tx.start(answer, func() (any, error) { return tx.s.startJob(tx.t.Context(), spec.command, spec) })
}

func (tx *transaction) revert(answer func(method, params string) any) *JobResult {
	return tx.start(answer, func() (any, error) {
		return tx.s.revertCommand(tx.t.Context(), pinned{tx.s.snapshot(), time.Now()}, []protocol.LSPAny{protocol.LSPAny(`{"wait":true}`)})
	})
}

func (tx *transaction) start(answer func(method, params string) any, command func() (any, error)) *JobResult {
	tx.t.Helper()
	type ended struct {
		result any
		err    error
	}
	done := make(chan ended, 1)
	go func() {
		result, err := command()
		done <- ended{result, err}
	}()
	for deadline := time.After(patience); ; {
		if q := tx.e.take(); q != nil {
			q.answer <- answer(q.method, string(q.params))
			continue
		}
		select {
		case d := <-done:
			var res JobResult
			if failed, ok := d.err.(*jobFailure); ok {
				return failed.result
			}
			if d.err != nil {
				tx.t.Fatal(d.err)
			}
			if err := json.Unmarshal(d.result.(jsonrpc2.RawMessage), &res); err != nil {
				tx.t.Fatal(err)
			}
			return &res
		case <-time.After(time.Millisecond):
		case <-deadline:
			tx.t.Fatal("the job does not end")
		}
	}
}

// disk is what lies in the folder, by name.
func (tx *transaction) disk() map[string]string {
	out := map[string]string{}
	list, err := os.ReadDir(tx.root)
	if err != nil {
		tx.t.Fatal(err)
	}
	for _, d := range list {
		b, err := os.ReadFile(tx.path(d.Name()))
		if err != nil {
			tx.t.Fatal(err)
		}
		out[d.Name()] = string(b)
	}
	return out
}

// until waits for the workspace to see what happened on disk.
func (tx *transaction) until(ok func() bool) {
	tx.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			tx.t.Fatal("the workspace does not see it")
		}
	}
}

// three are the files of a small workspace.
func three() map[string]string {
	return map[string]string{"a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n"}
}

// all is one edit of every kind: c is deleted and b takes its name.
func (tx *transaction) all() []agent.FileEdit {
	move := tx.edit("b.txt", text.Edit{Span: text.Span{End: 1}, New: "B"})
	move.Rename = tx.path("c.txt")
	gone := tx.edit("c.txt")
	gone.Delete = true
	return []agent.FileEdit{
		{Path: tx.path("new.txt"), Text: "new\n"}, tx.edit("a.txt", text.Edit{Span: text.Span{End: 1}, New: "A"}), move, gone,
	}
}

func equal(t *testing.T, got map[string]string, want ...string) {
	t.Helper()
	if len(got) != len(want)/2 {
		t.Errorf("files %q", got)
	}
	for i := 0; i < len(want); i += 2 {
		if got[want[i]] != want[i+1] {
			t.Errorf("%s is %q, want %q; all: %q", want[i], got[want[i]], want[i+1], got)
		}
	}
}

// An editor with resource operations gets all of it in one edit: annotated, and in
// an order in which every place is free.
func TestTransactionInTheEditor(t *testing.T) {
	tx := transacting(t, allResources, three())
	var params string
	res := tx.run(func(method, p string) any {
		if method != "workspace/applyEdit" {
			return nil
		}
		params = p
		for from, to := range map[string]string{"c.txt": "", "b.txt": "c.txt"} {
			if to == "" {
				_ = os.Remove(tx.path(from))
			}
		}
		_ = os.Rename(tx.path("b.txt"), tx.path("c.txt"))
		return map[string]any{"applied": true}
	}, tx.all()...)
	if res.Status != statusApplied || len(res.Files) != 4 {
		t.Fatalf("%+v %+v", res, res.Error)
	}
	shape := `"kind":"create".*new\.txt.*"newText":"new\\n".*a\.txt.*"newText":"A".*"kind":"delete".*c\.txt.*b\.txt.*"newText":"B".*"kind":"rename".*"oldUri".*b\.txt.*"newUri".*c\.txt.*"needsConfirmation":true`
	if !regexp.MustCompile(shape).MatchString(params) {
		t.Errorf("the edit is %s", params)
	}
	if n := strings.Count(params, `"annotationId":"hob.confirm"`); n != 6 {
		t.Errorf("%d annotations in %s", n, params)
	}
}

const allResources = `{"workspace":{"applyEdit":true,"workspaceEdit":{"documentChanges":true,"resourceOperations":["create","rename","delete"],"failureHandling":"abort","changeAnnotationSupport":{}}}}`

const noResources = `{"workspace":{"applyEdit":true,"workspaceEdit":{"documentChanges":true}}}`

// An editor without resource operations has its user asked, and Hob does it on
// disk; what the editor then refuses takes all of it back.
func TestTransactionOnDisk(t *testing.T) {
	tx := transacting(t, noResources, three())
	asked := ""
	answers := func(applied bool) func(method, params string) any {
		return func(method, params string) any {
			switch method {
			case "window/showMessageRequest":
				asked = params
				return map[string]string{"title": writeButton}
			case "workspace/applyEdit":
				return map[string]any{"applied": applied, "failureReason": "read-only"}
			}
			return nil
		}
	}
	gone := tx.edit("c.txt")
	gone.Delete = true
	move := tx.edit("b.txt", text.Edit{Span: text.Span{End: 1}, New: "B"})
	move.Rename = tx.path("moved.txt")
	files := []agent.FileEdit{
		{Path: tx.path("new.txt"), Text: "new\n"}, tx.edit("a.txt", text.Edit{Span: text.Span{End: 1}, New: "A"}), move, gone,
	}
	if res := tx.run(answers(false), files...); res.Status != statusDeclined {
		t.Errorf("%+v %+v", res, res.Error)
	}
	equal(t, tx.disk(), "a.txt", "a\n", "b.txt", "b\n", "c.txt", "c\n")
	for _, want := range []string{"create new.txt", "change a.txt", "rename b.txt to moved.txt", "delete c.txt", "write to disk", "+B"} {
		if !strings.Contains(asked, want) {
			t.Errorf("%q is not in %s", want, asked)
		}
	}
	tx.until(func() bool { return !tx.s.snapshot().Has(tx.path("new.txt")) && tx.s.snapshot().Has(tx.path("c.txt")) })
	if res := tx.run(answers(true), files...); res.Status != statusApplied {
		t.Errorf("%+v %+v", res, res.Error)
	}
	equal(t, tx.disk(), "a.txt", "a\n", "moved.txt", "B\n", "new.txt", "new\n") // a.txt is the editor's
	tx.until(func() bool {
		return tx.s.snapshot().Has(tx.path("moved.txt")) && !tx.s.snapshot().Has(tx.path("b.txt"))
	})

	// Taken back: the file is made again, the other has its old name and text.
	if err := os.WriteFile(tx.path("a.txt"), []byte("A\n"), 0o600); err != nil { // as the editor would have
		t.Fatal(err)
	}
	tx.until(func() bool { f, err := tx.s.snapshot().File(tx.path("a.txt")); return err == nil && f.Text == "A\n" })
	if res := tx.revert(answers(true)); res.Status != statusApplied {
		t.Errorf("%+v %+v", res, res.Error)
	}
	equal(t, tx.disk(), "a.txt", "A\n", "b.txt", "b\n", "c.txt", "c\n")
}

// An edit that is returned is whole, or refused: a client that knows no renaming and
// no deleting would be left with a part of it and not know.
func TestTransactionReturned(t *testing.T) {
	const plain = `{"workspace":{"applyEdit":true}}`
	no := false
	for _, c := range []struct {
		name, caps, kind, want string // want is in the edit; "" where it is refused
	}{
		{"all", allResources, "create", `"kind":"create"`},
		{"all", allResources, "rename", `"kind":"rename"`},
		{"all", allResources, "delete", `"kind":"delete"`},
		{"versions only", noResources, "change", `"newText":"A"`},
		{"versions only", noResources, "create", `"documentChanges":[{"textDocument":`},
		{"versions only", noResources, "rename", ""},
		{"versions only", noResources, "delete", ""},
		{"plain", plain, "change", `"newText":"A"`},
		{"plain", plain, "create", `"newText":"new\n"`},
		{"plain", plain, "rename", ""},
		{"plain", plain, "delete", ""},
	} {
		t.Run(c.name+"/"+c.kind, func(t *testing.T) {
			tx := transacting(t, c.caps, three())
			f := tx.edit("a.txt", text.Edit{Span: text.Span{End: 1}, New: "A"})
			switch c.kind {
			case "create":
				f = agent.FileEdit{Path: tx.path("new.txt"), Text: "new\n"}
			case "rename":
				f.Rename = tx.path("moved.txt")
			case "delete":
				f.Edits, f.Delete = nil, true
			}
			res := tx.runWith(JobParams{Wait: true, Apply: &no}, func(string, string) any { return nil }, f, tx.edit("b.txt", text.Edit{Span: text.Span{End: 1}, New: "B"}))
			if c.want == "" {
				if res.Status != statusFailed || res.Error.Kind != string(agent.BadRequest) || !strings.Contains(res.Error.Message, "a.txt") || res.Error.Hint == "" || res.Edit != nil {
					t.Errorf("%s %s %+v", res.Status, res.Edit, res.Error)
				}
			} else if res.Status != statusReturned || !strings.Contains(string(res.Edit), c.want) {
				t.Errorf("%s %s %+v", res.Status, res.Edit, res.Error)
			}
		})
	}
}

// A file that vanished before its turn leaves all as it was.
func TestTransactionVanished(t *testing.T) {
	tx := transacting(t, noResources, three())
	files := tx.all()[:1]
	gone := tx.edit("c.txt")
	gone.Delete = true
	res := tx.run(func(method, _ string) any {
		if method == "window/showMessageRequest" {
			if err := os.WriteFile(tx.path("c.txt"), []byte("X\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			return map[string]string{"title": writeButton}
		}
		return nil
	}, append(files, gone)...)
	if res.Status != statusFailed || res.Error.Hint == "" {
		t.Errorf("%+v %+v", res, res.Error)
	}
	equal(t, tx.disk(), "a.txt", "a\n", "b.txt", "b\n", "c.txt", "X\n")
}

// An editor that stops in the middle and refuses then is told of; what it did can
// be taken back.
func TestTransactionHalf(t *testing.T) {
	tx := transacting(t, allResources, three())
	gone := tx.edit("c.txt")
	gone.Delete = true
	calls := 0
	res := tx.run(func(method, _ string) any {
		if method == "workspace/applyEdit" {
			calls++
			if err := os.Remove(tx.path("c.txt")); err != nil {
				t.Error(err)
			}
			return map[string]any{"applied": false, "failureReason": "read-only"}
		}
		return nil
	}, gone, tx.edit("a.txt", text.Edit{Span: text.Span{End: 1}, New: "A"}))
	if res.Status != statusFailed || res.Error.Kind != string(agent.UnsafeEdit) || !strings.Contains(res.Error.Message, "only a part of the edit: c.txt (read-only)") || calls != 1 {
		t.Errorf("%+v %+v after %d edits", res, res.Error, calls)
	}
}
