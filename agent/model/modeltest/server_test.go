package modeltest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// start runs a server for the length of a test, with a client of its own.
func start(t *testing.T, text string) (*Server, *http.Client) {
	t.Helper()
	script, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(script)
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{MaxIdleConnsPerHost: 8}
	t.Cleanup(func() { tr.CloseIdleConnections(); s.Close() })
	return s, &http.Client{Transport: tr}
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

type ended struct {
	status int
	text   string
	think  string
	last   line
	lines  int
	err    error
}

// chat sends one message and reads the whole answer.
func chat(ctx context.Context, c *http.Client, s *Server, body map[string]any, content string) ended {
	return stream(ctx, c, s, body, content, func(string) {})
}

// stream is chat that tells what it has read so far.
func stream(ctx context.Context, c *http.Client, s *Server, body map[string]any, content string, seen func(text string)) (e ended) {
	b := map[string]any{"model": "m", "messages": []Message{{Role: "user", Content: content}}}
	for k, v := range body {
		b[k] = v
	}
	data, err := json.Marshal(b)
	if err != nil {
		panic(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/api/chat", bytes.NewReader(data))
	if err != nil {
		panic(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return ended{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	e.status = resp.StatusCode
	r := bufio.NewReader(resp.Body)
	for {
		l, err := r.ReadString('\n')
		if err != nil {
			if !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				e.err = err
			}
			return e
		}
		e.lines++
		var v line
		if json.Unmarshal([]byte(l), &v) != nil || v.Message == nil {
			e.text += l
			continue
		}
		if !utf8.ValidString(v.Message.Content) {
			e.err = errors.New("a chunk cuts a rune")
		}
		e.text += v.Message.Content
		e.think += v.Message.Thinking
		e.last = v
		seen(e.text)
	}
}

func TestReply(t *testing.T) {
	s, c := start(t, `
model m
reply last=second text="two"
reply contains=nowhere text="never"
reply text="the first: é 🙂 and more than four bytes" wire=3
fallback text="again"
`)
	ctx := within(t)
	if e := chat(ctx, c, s, nil, "first"); e.text != "the first: é 🙂 and more than four bytes" || !e.last.Done || e.last.DoneReason != "stop" || e.err != nil {
		t.Errorf("first: %+v", e)
	} else if e.last.EvalCount != e.lines-1 || e.last.PromptEvalCount == 0 {
		t.Errorf("metrics: %+v", e.last)
	}
	if e := chat(ctx, c, s, nil, "second"); e.text != "two" {
		t.Errorf("second: %+v", e)
	}
	for range 2 {
		if e := chat(ctx, c, s, nil, "third"); e.text != "again" {
			t.Errorf("fallback: %+v", e)
		}
	}
	if e := chat(ctx, c, s, map[string]any{"model": "x"}, "?"); e.status != 404 || !strings.Contains(e.text, "model 'x' not found") {
		t.Errorf("missing model: %+v", e)
	}
	st := s.State()
	if s.Left() != 1 || st.Requests != 5 || st.Complete != 4 || st.Loads != 1 || st.Dialed != 1 {
		t.Errorf("left %d, %+v", s.Left(), st.Stats)
	}
	if r := st.Records[1]; r.Last() != "second" || r.Sent != "two" || !r.Complete || r.Cancelled || r.Loaded {
		t.Errorf("%+v", r)
	}
}

func TestOptions(t *testing.T) {
	s, c := start(t, `
model m caps=completion,thinking
fallback text="aaaabbbbccccddddSTOPeeee" thinking="hmmmhmmm" keep
`)
	ctx := within(t)
	for _, x := range []struct {
		name                string
		body                map[string]any
		text, think, reason string
		status              int
	}{
		{"thinks", nil, "aaaabbbbccccddddSTOPeeee", "hmmmhmmm", "stop", 200},
		{"no thinking", map[string]any{"think": false}, "aaaabbbbccccddddSTOPeeee", "", "stop", 200},
		{"limit", map[string]any{"think": false, "options": map[string]any{"num_predict": 2}}, "aaaabbbb", "", "length", 200},
		{"stop", map[string]any{"think": false, "options": map[string]any{"stop": []string{"STOP"}}}, "aaaabbbbccccdddd", "", "stop", 200},
		{"context", map[string]any{"think": false, "truncate": false, "options": map[string]any{"num_ctx": 4}}, `{"error":"the input length exceeds the context length"}` + "\n", "", "", 400},
	} {
		e := chat(ctx, c, s, x.body, "a question of some length")
		if e.status != x.status || e.text != x.text || e.think != x.think || e.last.DoneReason != x.reason {
			t.Errorf("%s: %+v", x.name, e)
		}
	}
	s2, c2 := start(t, "model m\nfallback text=x")
	if e := chat(ctx, c2, s2, map[string]any{"think": true}, "?"); e.status != 400 || !strings.Contains(e.text, "does not support thinking") {
		t.Errorf("think of a model that can't: %+v", e)
	}
}

func TestFaults(t *testing.T) {
	for fault, want := range map[Fault]func(ended) bool{
		Drop:        func(e ended) bool { return e.err != nil && e.text == "abcdefgh" },
		End:         func(e ended) bool { return e.err == nil && e.text == "abcdefgh" && !e.last.Done },
		NoReason:    func(e ended) bool { return e.last.Done && e.last.DoneReason == "" },
		Garbage:     func(e ended) bool { return e.text == "abcdefgh}{ this is no JSON\n" },
		ErrorLine:   func(e ended) bool { return strings.HasPrefix(e.text, `abcdefgh{"error":`) },
		NotFound:    func(e ended) bool { return e.status == 404 },
		ServerError: func(e ended) bool { return e.status == 500 },
		Busy:        func(e ended) bool { return e.status == 503 },
		TooLong:     func(e ended) bool { return e.status == 400 },
		HTML:        func(e ended) bool { return e.status == 200 && strings.Contains(e.text, "<title>") },
		Stall:       func(e ended) bool { return errors.Is(e.err, context.Canceled) && e.text == "abcdefgh" },
		Endless: func(e ended) bool {
			return errors.Is(e.err, context.Canceled) && strings.HasPrefix(e.text, "abcdefghand on and on and on ")
		},
		Unauthorized: func(e ended) bool { return e.status == 401 },
		NoTools:      func(e ended) bool { return e.status == 400 && strings.Contains(e.text, "does not support tools") },
	} {
		t.Run(string(fault), func(t *testing.T) {
			s, c := start(t, "model m\nreply text=abcdefghijkl fault="+string(fault)+"@2")
			ctx, cancel := context.WithCancel(within(t))
			e := stream(ctx, c, s, nil, "x", func(text string) {
				if fault == Stall && text == "abcdefgh" || fault == Endless && len(text) > 1000 {
					cancel()
				}
			})
			if !want(e) {
				t.Errorf("%+v", e)
			}
			cancel()
			if err := s.WaitIdle(within(t)); err != nil {
				t.Error(err)
			}
			if fault == Stall || fault == Endless {
				if err := s.WaitCancelled(within(t), 1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if len(Faults()) != 14 {
		t.Error("a fault without a test")
	}
}

func TestGate(t *testing.T) {
	s, c := start(t, "model m\nreply text=abcdefghijkl gate=one gate=two@2")
	ctx := within(t)
	done := make(chan ended, 1)
	go func() { done <- chat(ctx, c, s, nil, "x") }()
	if err := s.WaitGate(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	if r := s.Chats()[0]; r.Chunks != 0 || r.Status != 0 {
		t.Errorf("at the first gate: %+v", r)
	}
	s.Release("one")
	if err := s.WaitGate(ctx, "two"); err != nil {
		t.Fatal(err)
	}
	if r := s.Chats()[0]; r.Sent != "abcdefgh" {
		t.Errorf("at the second gate: %+v", r)
	}
	s.Release("two")
	if e := <-done; e.text != "abcdefghijkl" {
		t.Errorf("%+v", e)
	}
}

// TestQueue: one slot, first come first served, and the queue is bounded.
func TestQueue(t *testing.T) {
	s, c := start(t, "queue 2\nmodel m\nreply text=first gate=hold\nfallback text=x")
	ctx := within(t)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { chat(ctx, c, s, nil, string(rune('a'+i))) })
		if err := s.Wait(ctx, func(st State) bool { return st.Running+st.Queued == i+1 }); err != nil {
			t.Fatal(err)
		}
	}
	if e := chat(ctx, c, s, nil, "d"); e.status != 503 {
		t.Errorf("the queue is full: %+v", e)
	}
	s.Release("hold")
	wg.Wait()
	st := s.State()
	if st.MaxRunning != 1 || st.Complete != 3 {
		t.Errorf("%+v", st.Stats)
	}
	for i, r := range st.Records[:2] {
		if next := st.Records[i+1]; next.Started.Before(r.Started) {
			t.Errorf("%q started before %q", next.Last(), r.Last())
		}
	}
}

// TestMemory: loads and swaps are counted, and another context is a load.
func TestMemory(t *testing.T) {
	s, c := start(t, "slots 4\nresident 1\nmodel a\nmodel b\nfallback text=x keep")
	ctx := within(t)
	ask := func(model string, ctxSize int) {
		t.Helper()
		e := chat(ctx, c, s, map[string]any{"model": model, "options": map[string]any{"num_ctx": ctxSize}}, "?")
		if e.text != "x" {
			t.Errorf("%+v", e)
		}
	}
	for _, x := range []struct {
		model string
		ctx   int
		loads int
	}{{"a", 4096, 1}, {"a:latest", 4096, 1}, {"b", 4096, 2}, {"a", 4096, 3}, {"a", 8192, 4}, {"a", 8192, 4}} {
		ask(x.model, x.ctx)
		if n := s.Stats().Loads; n != x.loads {
			t.Errorf("%s with %d: %d loads, want %d", x.model, x.ctx, n, x.loads)
		}
	}
	resp, err := c.Get(s.URL + "/api/ps")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || !strings.Contains(string(body), `"name":"a:latest"`) || strings.Contains(string(body), `"name":"b`) || !strings.Contains(string(body), `"context_length":8192`) {
		t.Errorf("ps: %s, %v", body, err)
	}
}

// TestPrefix: only what differs from the last prompt is evaluated.
func TestPrefix(t *testing.T) {
	s, c := start(t, "model m\nfallback text=x keep")
	long := strings.Repeat("the same code ", 100)
	for _, verb := range []string{"explain", "document"} {
		chat(within(t), c, s, nil, long+verb)
	}
	r := s.Chats()
	if r[0].Cached != 0 || r[1].Cached < 340 || r[1].Cached > 356 {
		t.Errorf("cached %d and %d of about 355 tokens", r[0].Cached, r[1].Cached)
	}
}

func TestPace(t *testing.T) {
	s, c := start(t, "model m\nreply text=abcdefghijklmnop decode=200 prefill=1000")
	begin := time.Now()
	e := chat(within(t), c, s, nil, strings.Repeat("abcd", 40))
	if d := time.Since(begin); d < 60*time.Millisecond { // 44 tokens at 1000/s, 4 at 200/s
		t.Errorf("took %v: %+v", d, e)
	}
	if e.last.PromptEvalDuration < 40*time.Millisecond || e.last.EvalDuration < 20*time.Millisecond {
		t.Errorf("metrics: %+v", e.last)
	}
}

// TestClose cuts what is under way and leaves nothing behind (see TestMain).
func TestClose(t *testing.T) {
	s, c := start(t, "model m\nreply text=abc gate=never")
	done := make(chan ended, 1)
	ctx := within(t)
	go func() { done <- chat(ctx, c, s, nil, "x") }()
	if err := s.WaitGate(ctx, "never"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if e := <-done; e.err == nil {
		t.Errorf("%+v", e)
	}
}
