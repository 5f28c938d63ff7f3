package model

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// attic is a cache that keeps everything.
type attic struct{ m sync.Map }

func (a *attic) Get(_ context.Context, key string) ([]byte, bool) {
	v, ok := a.m.Load(key)
	if !ok {
		return nil, false
	}
	return v.([]byte), true
}
func (a *attic) Put(_ context.Context, key string, v []byte) { a.m.Store(key, v) }
func (a *attic) Delete(_ context.Context, key string)        { a.m.Delete(key) }

func (a *attic) keys() (out []string) {
	a.m.Range(func(k, _ any) bool { out = append(out, k.(string)); return true })
	return out
}

// reading is a job that reads until it has seen n deltas, or to the end, and what it read.
func reading(n int) (Job, *string) {
	var got string
	j := job("a", "x")
	seen := 0
	j.Delta = func(d Delta) error {
		got += d.Text + d.Thinking
		if seen++; seen == n {
			return ErrStop
		}
		return nil
	}
	return j, &got
}

// TestReuse: a request that comes again is answered from before, at once.
func TestReuse(t *testing.T) {
	f := newTalker()
	c := &attic{}
	bubble(t, PoolOptions{Cache: c}, func(t *testing.T, p *Pool) {
		chat := func(stop int, want string, cached bool) Outcome {
			t.Helper()
			j, got := reading(stop)
			j.Started = func(bool) {
				if cached {
					t.Error("a request was sent")
				}
			}
			begin := time.Now()
			out, err := p.Chat(t.Context(), j)
			if err != nil || *got != want || out.Cached != cached || cached && time.Since(begin) != 0 || out.Stopped != (stop > 0) {
				t.Errorf("%q, %+v, %v", *got, out, err)
			}
			return out
		}
		chat(0, whole, false)
		if out := chat(0, whole, true); out.Usage != (Usage{5, 5, 10}) || out.Wall != 0 {
			t.Errorf("%+v", out)
		}
		if out := chat(2, "1.0 1.1 ", true); out.Usage.Output != 2 {
			t.Errorf("%+v", out)
		}
		if f.asked != 1 || len(c.keys()) != 1 || !strings.HasPrefix(c.keys()[0], keyVersion) {
			t.Errorf("asked %d times, %q", f.asked, c.keys())
		}
		j, _ := reading(0)
		j.Anew = true
		if out, err := p.Chat(t.Context(), j); err != nil || out.Cached || f.asked != 2 {
			t.Errorf("%+v, %v", out, err)
		}
		p.Forget(j)
		chat(2, "3.0 3.1 ", false)
		chat(2, "3.0 3.1 ", true) // what was enough is enough again
		j, _ = reading(3)
		if _, err := p.Chat(t.Context(), j); kindOf(err) != Incomplete {
			t.Errorf("a reply that is too short now: %v", err)
		}
		chat(3, "4.0 4.1 4.2 ", false)
		ctx, cancel := context.WithCancel(t.Context())
		j, _ = reading(0)
		j.Delta = func(Delta) error { cancel(); return nil }
		if _, err := p.Chat(ctx, j); err != context.Canceled {
			t.Errorf("%v", err)
		}
	}, f)
}

// TestReuseNever: what is partial, failed or cut is not kept; nor is a reply of
// other weights, or one that can't be read, given.
func TestReuseNever(t *testing.T) {
	f := newTalker()
	talk := f.chat
	c := &attic{}
	bubble(t, PoolOptions{Cache: c}, func(t *testing.T, p *Pool) {
		j, _ := reading(0)
		try := func(ctx context.Context, name string, chat func(context.Context, Request, func(Delta) error) (Reply, error)) {
			t.Helper()
			f.chat = chat
			_, _ = p.Chat(ctx, j) // some fail
			synctest.Wait()
			if len(c.keys()) != 0 {
				t.Errorf("%s: kept", name)
			}
		}
		try(t.Context(), "cut by its limit", func(_ context.Context, _ Request, on func(Delta) error) (Reply, error) {
			return Reply{Length: true}, on(Delta{Text: "x"})
		})
		try(t.Context(), "broken", func(_ context.Context, _ Request, on func(Delta) error) (Reply, error) {
			_ = on(Delta{Text: "x"})
			return Reply{}, &Error{Kind: Incomplete}
		})
		try(t.Context(), "empty", func(context.Context, Request, func(Delta) error) (Reply, error) { return Reply{}, nil })
		ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
		defer cancel()
		try(ctx, "cancelled", talk)

		f.chat = talk
		digest := ""
		f.list = func(context.Context) ([]Model, error) {
			return []Model{{Provider: "o", Name: "a", Digest: digest}}, nil
		}
		for i, d := range []string{"1", "2"} {
			synctest.Wait() // no refresh is under way
			digest = d
			if _, err := p.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if out, err := p.Chat(t.Context(), j); err != nil || out.Cached || len(c.keys()) != i+1 {
				t.Errorf("other weights: %+v, %v", out, err)
			}
		}
		for _, bad := range []string{"", "{", "null", `{"deltas":[]}`} {
			c.Put(t.Context(), p.requestKey(p.endpoints["o"], j.Request), []byte(bad))
			if out, err := p.Chat(t.Context(), j); err != nil || out.Cached {
				t.Errorf("%q: %+v, %v", bad, out, err)
			}
		}
	}, f)
}

// TestRequestKey: no two requests share a key by how their parts meet.
func TestRequestKey(t *testing.T) {
	p := NewPool([]Provider{&fake{name: "o"}}, PoolOptions{})
	defer p.Close()
	seen := map[string]string{}
	for _, msgs := range [][]Message{
		nil,
		{{Role: User, Content: ""}},
		{{Role: User, Content: "ab"}},
		{{Role: User, Content: "a"}, {Role: User, Content: "b"}},
		{{Role: "use", Content: "rab"}},
		{{Role: User, Content: "a"}, {Role: "userb", Content: ""}},
		{{Role: User, Content: "auserb"}},
		{{Role: ToolResult, Content: "a", CallID: "b"}},
		{{Role: ToolResult, Content: "a", Tool: "b"}},
		{{Role: ToolResult, Content: "ab"}},
		{{Role: Assistant, Calls: []Call{{"1", "a", "b"}}}},
		{{Role: Assistant, Calls: []Call{{"1", "ab", ""}}}},
		{{Role: Assistant, Calls: []Call{{}, {}}}},
	} {
		for _, stop := range [][]string{nil, {""}, {"ab"}, {"a", "b"}} {
			for _, format := range []string{"", "{}"} {
				for _, tools := range [][]Tool{nil, {{}}, {{Name: "ab"}}, {{Name: "a", Description: "b"}}, {{Name: "a"}, {Name: "b"}}, {{Name: "a", Schema: json.RawMessage("b")}}} {
					r := Request{Messages: msgs, Stop: stop, Format: json.RawMessage(format), Tools: tools}
					k, what := p.requestKey(p.endpoints["o"], r), fmt.Sprintf("%q %q %s %q", msgs, stop, format, tools)
					if other := seen[k]; other != "" {
						t.Errorf("%s and %s", what, other)
					}
					seen[k] = what
				}
			}
		}
	}
}

func BenchmarkRequestKey(b *testing.B) {
	p := NewPool([]Provider{&fake{name: "o"}}, PoolOptions{})
	defer p.Close()
	r := Request{Model: "a", Messages: []Message{{Role: System, Content: strings.Repeat("s", 2000)}, {Role: User, Content: strings.Repeat("some code\n", 1400)}}}
	for b.Loop() {
		p.requestKey(p.endpoints["o"], r)
	}
}
