package lsp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/workspace"
)

// Every notification that an editor may send is on the written list, and no
// request but initialize is: a request on the read loop would stall the session.
func TestInlineListIsWhole(t *testing.T) {
	seen := 0
	for _, m := range protocol.Methods {
		if m.Direction == protocol.DirectionServerToClient {
			continue
		}
		seen++
		want := m.Kind == "notification" || m.Method == protocol.MethodInitialize
		if m.Method == protocol.MethodLogTrace {
			want = false // listed for both directions, sent by servers
		}
		if got := inline(m.Method); got != want {
			t.Errorf("inline(%q) = %v, want %v", m.Method, got, want)
		}
	}
	if seen < 50 {
		t.Fatalf("only %d messages in the library's list", seen)
	}
}

func TestHandlersAreWhereTheyBelong(t *testing.T) {
	s := newServer(t.Context(), Options{})
	s.jobs.Close()
	for method := range s.notifyHandlers {
		if !inline(method) {
			t.Errorf("notification %q has a handler but is not on the list", method)
		}
	}
	for method := range s.callHandlers {
		if inline(method) && method != protocol.MethodInitialize {
			t.Errorf("request %q is on the list", method)
		}
	}
}

func TestWireError(t *testing.T) {
	for _, c := range []struct {
		err  error
		code jsonrpc2.Code
		says string
	}{
		{context.Canceled, -32800, "cancelled"},
		{fmt.Errorf("waiting: %w", context.Canceled), -32800, "cancelled"},
		{context.DeadlineExceeded, -32803, "timed out"},
		{&agent.Error{Kind: agent.Cancelled, Message: "no"}, -32800, "no"},
		{&agent.Error{Kind: agent.Stale, Message: "moved", Hint: "again"}, -32801, "moved: again"},
		{&agent.Error{Kind: agent.Busy, Message: "m"}, -32803, "m"},
		{jsonrpc2.Errorf(jsonrpc2.InvalidParams, "bad"), -32602, "bad"},
		{fmt.Errorf("more: %w", jsonrpc2.Errorf(jsonrpc2.InvalidParams, "bad")), -32602, "more: bad"},
		{errors.New("boom"), -32603, "boom"},
		{refusal(&commands[0], workspace.ErrOutside), -32803, "outside"},
	} {
		got := wireError(c.err)
		if got.Code != c.code || !strings.Contains(got.Message, c.says) {
			t.Errorf("wireError(%v) = %d %q, want %d %q", c.err, got.Code, got.Message, c.code, c.says)
		}
	}
	if wireError(nil) != nil {
		t.Error("wireError(nil) is an error")
	}
	kinds := []agent.ErrorKind{
		agent.Cancelled, agent.Stale, agent.ModelUnreachable, agent.ModelMissing, agent.ModelFailed, agent.IncompleteReply, agent.NoEdit,
		agent.NoMatch, agent.UnsafeEdit, agent.RefusedPath, agent.TooLarge, agent.Busy, agent.Timeout, agent.Untrusted, agent.BadRequest,
	}
	for _, k := range kinds {
		if wireCode(k) == 0 {
			t.Errorf("kind %s has no code", k)
		}
	}
}
