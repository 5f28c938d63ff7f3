package model

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// caller answers with text, then with two calls, one whole and one in pieces.
func caller() *talker {
	f := newTalker()
	f.chat = func(ctx context.Context, r Request, on func(Delta) error) (Reply, error) {
		f.mu.Lock()
		f.asked++
		f.mu.Unlock()
		for _, d := range calling {
			if err := sleep(ctx, time.Second); err != nil {
				return Reply{}, err
			}
			if err := on(d); err != nil {
				return Reply{}, err
			}
		}
		return Reply{Usage: Usage{Prompt: 5, Output: 30, Cached: -1}, First: time.Second, Wall: 4 * time.Second}, nil
	}
	return f
}

var calling = []Delta{
	{Text: "I look."},
	{Calls: []Fragment{{ID: "1", Name: "read", Arguments: `{"path":"agent/model/model.go","lines":[1,20]}`}}},
	{Calls: []Fragment{{Index: 1, ID: "2", Name: "list"}}},
	{Calls: []Fragment{{Index: 1, Arguments: "{}"}}},
}

// TestCallsShared: those who join a flight and those who get a kept reply get the
// calls as well, in the same pieces; a reply of calls alone is a reply.
func TestCallsShared(t *testing.T) {
	for _, from := range []int{0, 1} { // with the text, and without
		f, c := caller(), &attic{}
		whole := calling
		calling = calling[from:]
		bubble(t, PoolOptions{Cache: c}, func(t *testing.T, p *Pool) {
			got := make([][]Delta, 3)
			outs := make([]Outcome, 3)
			chat := func(i, stop int) {
				j := job("a", "x")
				j.Request.Tools = []Tool{{Name: "read"}}
				j.Delta = func(d Delta) error {
					if got[i] = append(got[i], d); len(got[i]) == stop {
						return ErrStop
					}
					return nil
				}
				var err error
				if outs[i], err = p.Chat(t.Context(), j); err != nil {
					t.Error(err)
				}
			}
			done := make(chan bool)
			go func() { chat(1, 0); close(done) }()
			chat(0, 0)
			<-done
			chat(2, 0)
			for i, g := range got {
				if !reflect.DeepEqual(g, calling) {
					t.Errorf("%d got %+v", i, g)
				}
			}
			if f.asked != 1 || outs[0].Joined == outs[1].Joined || !outs[2].Cached || outs[2].Usage.Output != 30 {
				t.Errorf("asked %d times, %+v", f.asked, outs)
			}
			got[2] = nil
			if chat(2, 2); !outs[2].Stopped || outs[2].Usage.Output != tokensOf(calling[:2]) {
				t.Errorf("%+v", outs[2])
			}
		}, f)
		calling = whole
	}
}

// TestCallTokens: a call that came whole counts as what it is, and the time of
// its coming says nothing about how fast the model reads.
func TestCallTokens(t *testing.T) {
	f := caller()
	whole := calling
	defer func() { calling = whole }()
	for _, x := range []struct{ from, stop, least, most int }{{0, 1, 1, 1}, {0, 2, 8, 20}, {1, 1, 8, 20}, {2, 1, 1, 1}} {
		calling = whole[x.from:]
		bubble(t, PoolOptions{}, func(t *testing.T, p *Pool) {
			n := 0
			j := job("a", fmt.Sprint(x))
			j.Delta = func(Delta) error {
				if n++; n == x.stop {
					return ErrStop
				}
				return nil
			}
			out, err := p.Chat(t.Context(), j)
			if err != nil || out.Usage.Output < x.least || out.Usage.Output > x.most || (out.Prefill == 0) != (x.from == 1) {
				t.Errorf("%v: %+v, %v", x, out, err)
			}
		}, f)
	}
}

// TestShared: what two requests have in common.
func TestShared(t *testing.T) {
	user := Message{Role: User, Content: "what is in a?"}
	call := Message{Role: Assistant, Calls: []Call{{"1", "read", `{"path":"a"}`}}}
	result := Message{Role: ToolResult, Content: "nothing", CallID: "1", Tool: "read"}
	tools := []Tool{{Name: "read"}}
	edit := func(m Message, f func(*Message)) Message { f(&m); return m }
	a := Request{Tools: tools, Messages: []Message{user, call, result}}
	all := len(user.Content) + len(`read{"path":"a"}`) + len(result.Content)
	for _, x := range []struct {
		name string
		b    Request
		want int
	}{
		{"the same", a, all},
		{"one more", Request{Tools: tools, Messages: []Message{user, call, result, user}}, all},
		{"other tools", Request{Tools: []Tool{{Name: "read", Description: "x"}}, Messages: a.Messages}, 0},
		{"no tools", Request{Messages: a.Messages}, 0},
		{"another result", Request{Tools: tools, Messages: []Message{user, call, edit(result, func(m *Message) { m.Content = "not that" })}}, all - 4},
		{"of another call", Request{Tools: tools, Messages: []Message{user, call, edit(result, func(m *Message) { m.CallID = "2" })}}, all - len("nothing")},
		{"another call", Request{Tools: tools, Messages: []Message{user, edit(call, func(m *Message) { m.Calls = []Call{{"1", "read", `{"path":"b"}`}} })}}, len(user.Content)},
	} {
		if got := a.shared(x.b); got != x.want {
			t.Errorf("%s: %d, want %d", x.name, got, x.want)
		}
	}
	if a.size() != all+len("read") {
		t.Errorf("size %d", a.size())
	}
}

// TestCutMessages: a message with calls is not cut, and cutting always ends.
func TestCutMessages(t *testing.T) {
	all := []Message{
		{Role: User, Content: "one\ntwo\n"},
		{Role: Assistant, Content: "I look.\nNow.\n", Calls: []Call{{"1", "read", `{"path":"` + strings.Repeat("x", 90) + `"}`}}},
		{Role: ToolResult, Content: "three\nfour\n", CallID: "1"},
	}
	size := sum(all, Message.size)
	for n := range size + 10 {
		got, at := cutMessages(all, n)
		if at < min(n, 8) || at > size || n >= size && at != size || sum(got, Message.size) != at {
			t.Fatalf("%d: %d, %+v", n, at, got)
		}
		for i, m := range got {
			if !strings.HasPrefix(all[i].Content, m.Content) || !m.same(all[i]) || len(m.Calls) > 0 && m.Content != all[i].Content {
				t.Errorf("%d: %+v", n, m)
			}
		}
	}
}
