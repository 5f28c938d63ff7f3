package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hob-ls/hob/agent/tool"
	"github.com/hob-ls/hob/agent/tool/mcp/mcptest"
)

// user answers as told and counts.
type user struct {
	mu    sync.Mutex
	no    bool
	err   error
	asked []string
}

func (u *user) Confirm(_ context.Context, server, tool string, args json.RawMessage) (bool, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.asked = append(u.asked, server+"/"+tool+" "+string(args))
	return !u.no, u.err
}

func (u *user) count() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.asked)
}

// syncBuffer is a log that tests read while it grows.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// peerConfig starts this binary as the peer called name.
func peerConfig(tb testing.TB, name string) Config {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	return Config{Name: name, Command: self, Env: map[string]string{mcptest.Env: name}}
}

func startPeers(tb testing.TB, opts Options, configs ...Config) *Servers {
	tb.Helper()
	if opts.Confirm == nil {
		opts.Confirm = &user{}
	}
	s := Start(configs, opts)
	tb.Cleanup(func() { s.Close(context.Background()) })
	ctx, cancel := context.WithTimeout(tb.Context(), 2*time.Minute)
	defer cancel()
	if err := s.Settled(ctx, nil); err != nil {
		tb.Fatalf("%v: %+v", err, s.States())
	}
	return s
}

// callTool calls a tool as jobs do.
func callTool(tb testing.TB, s *Servers, name, args string) tool.Outcome {
	tb.Helper()
	return tool.NewExecutor(s.Tools("/w"), tool.Options{}).Do(tb.Context(), tool.Call{Name: name, Args: json.RawMessage(args)})
}

func TestServers(t *testing.T) {
	var log syncBuffer
	s := startPeers(t, Options{Log: slog.New(slog.NewTextHandler(&log, nil)), CallTimeout: soon}, peerConfig(t, "banner"))
	state := s.States()[0]
	if state.Phase != Up || state.Title != "peer 7" || len(state.Tools) != 11 || len(state.Refused) > 0 {
		t.Fatalf("%+v", state)
	}
	for _, tt := range []struct{ name, args, want string }{
		{"banner_echo", `{"text": "a", "n": "3"}`, `echo {"n":3,"text":"a"}`},
		{"banner_parts", `{}`, "text\n[an image, 5 bytes]\n[a link to file:///x]\ninside"},
		{"banner_echo", `{"text": 1}`, "error: banner_echo: the arguments do not fit"},
		{"banner_echo", `{"text": "a", "more": 1}`, "error: banner_echo: the arguments do not fit"},
		{"banner_echo", `{}`, "error: banner_echo: the arguments do not fit"},
		{"banner_fail", `{}`, "error: banner_fail: the disk is on fire"},
		{"banner_chatter", `{}`, "done"},
		{"banner_none", `{}`, "error: there is no tool"},
	} {
		out := callTool(t, s, tt.name, tt.args)
		if !strings.HasPrefix(out.Text, tt.want) || (out.Err != nil) != strings.HasPrefix(tt.want, "error: ") {
			t.Errorf("%s %s: %q, %v", tt.name, tt.args, out.Text, out.Err)
		}
		if out.Err == nil && !out.Foreign {
			t.Errorf("%s is not marked", tt.name)
		}
	}
	out := callTool(t, s, "banner_long", `{}`)
	if !out.Cut || len(out.Text) > 16<<10 || !strings.HasSuffix(out.Text, "[cut: the result has more than 16384 bytes]\n") {
		t.Errorf("%d bytes, cut %v", len(out.Text), out.Cut)
	}
	text := log.String()
	if !strings.Contains(text, "Listening on stdio") || !strings.Contains(text, "says too much") || strings.Count(text, "chatter") > maxLogged || len(text) > 200_000 {
		t.Errorf("the log has %d bytes: %.2000s", len(text), text)
	}
}

// A call that is not answered ends, and so does the waiting of its caller.
func TestCallTimeout(t *testing.T) {
	s := startPeers(t, Options{CallTimeout: 100 * time.Millisecond}, peerConfig(t, "good"))
	if out := callTool(t, s, "good_wait", `{}`); out.Err == nil || !strings.HasPrefix(out.Text, "error: good did not answer within 100ms") {
		t.Errorf("%q, %v", out.Text, out.Err)
	}
}

// What a server says of itself reaches a model nowhere but in About.
func TestSpecsAreOurs(t *testing.T) {
	s := startPeers(t, Options{}, peerConfig(t, "good"), peerConfig(t, "lies"))
	for _, tl := range s.Tools("/w") {
		spec := fmt.Sprintf("%s %s %s", tl.Name, tl.Description, tl.Schema)
		for _, bad := range []string{"SYSTEM", "IGNORE", "ignore all", "shout"} {
			if strings.Contains(spec, bad) {
				t.Errorf("%s", spec)
			}
		}
		if len(tl.Name) > maxName || len(tl.About) > maxAbout || strings.Contains(tl.About, "\n") || !tl.Foreign {
			t.Errorf("%+v", tl)
		}
	}
	i := slices.IndexFunc(s.Tools("/w"), func(tl tool.Tool) bool { return tl.Name == "good_echo" })
	if got, want := string(s.Tools("/w")[i].Schema), `{"properties":{"n":{"type":"integer"},"text":{"type":"string"}},"required":["text"],"type":"object"}`; got != want {
		t.Errorf("%s", got)
	}
	if text := tool.Instructions(s.Tools("/w")); strings.Contains(text, "IGNORE") || strings.Contains(text, "SYSTEM") {
		t.Error(text)
	}
}

// A server gets no keys, and does not run where a repository put something for it.
func TestServerEnvironment(t *testing.T) {
	t.Setenv("SOME_API_KEY", "hunter2")
	c := peerConfig(t, "good")
	c.Env["GIVEN"] = "on purpose"
	out := callTool(t, startPeers(t, Options{}, c), "good_env", "")
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.Text, home+"\n") || !strings.Contains(out.Text, "GIVEN=on purpose") || !strings.Contains(out.Text, "PATH=") || strings.Contains(out.Text, "hunter2") {
		t.Errorf("%s", out.Text)
	}
}

func TestListChanged(t *testing.T) {
	s := startPeers(t, Options{}, peerConfig(t, "good"))
	before := s.Tools("/w")
	callTool(t, s, "good_grow", "")
	waitFor(t, "the new list", func() bool {
		return slices.Contains(s.States()[0].Tools, "good_grown") && !slices.Contains(s.States()[0].Tools, "good_echo")
	})
	if out := callTool(t, s, "good_grown", ""); out.Text != "grown" {
		t.Errorf("%q", out.Text)
	}
	// A job that holds the tools of before hears that one of them is gone.
	out := tool.NewExecutor(before, tool.Options{}).Do(t.Context(), tool.Call{Name: "good_echo", Args: json.RawMessage(`{"text": "a"}`)})
	if !strings.Contains(out.Text, "does not offer good_echo any more") {
		t.Errorf("%q", out.Text)
	}
}

func TestLies(t *testing.T) {
	s := startPeers(t, Options{}, peerConfig(t, "lies"))
	refused := strings.Join(s.States()[0].Refused, "\n")
	for _, name := range []string{"self", "loop", "remote", "old", "regexp", "sentence", "wide", "a/b"} {
		if !strings.Contains(refused, fmt.Sprintf("%q: ", name)) || slices.Contains(s.States()[0].Tools, "lies_"+name) {
			t.Errorf("%s is not refused:\n%s", name, refused)
		}
	}
	if out := callTool(t, s, "lies_kept", ""); out.Err != nil || out.Text != "text" {
		t.Errorf("a promise kept: %q, %v", out.Text, out.Err)
	}
	for _, name := range []string{"lies_wrong", "lies_missing", "lies_deep"} {
		if out := callTool(t, s, name, ""); out.Err == nil || !strings.Contains(out.Text, "something else than it promises") {
			t.Errorf("%s: %q", name, out.Text)
		}
	}
	deep := strings.Repeat(`{"a":`, 2*maxDepth) + "1" + strings.Repeat("}", 2*maxDepth)
	if out := callTool(t, s, "lies_a_b", deep); !strings.Contains(out.Text, "too deeply") {
		t.Errorf("%q", out.Text)
	}
	if _, _, err := readSchema(bomb()); !errors.Is(err, errRecursive) {
		t.Errorf("a bomb: %v", err)
	}
}

// Whatever a server does, callers get an answer and the server gets another start.
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name, tool, problem, answer string
		start                       time.Duration
	}{
		{"mute", "", "did not answer in time", "", time.Second},
		{"exits", "", "exit status 3", "", soon},
		{"refuses", "", "it refuses: there is no key", "", soon},
		{"prints", "", "other things than the protocol", "", soon},
		{"broken", "", "did not answer in time", "", time.Second},
		{"good", "good_die", "exit status 4", "error: good: ", soon},
		{"good", "good_huge", "larger than 4 MiB", "error: good: ", soon},
		{"floods", "floods_go", "more than 24 MiB", "error: floods", soon},
	} {
		t.Run(tt.name+" "+tt.tool, func(t *testing.T) {
			t.Parallel()
			s := startPeers(t, Options{StartTimeout: tt.start, FirstDelay: time.Hour, LastDelay: time.Hour, CallTimeout: soon}, peerConfig(t, tt.name))
			if tt.tool != "" {
				if out := callTool(t, s, tt.tool, ""); !strings.HasPrefix(out.Text, tt.answer) || out.Err == nil {
					t.Errorf("%q, %v", out.Text, out.Err)
				}
			}
			waitFor(t, "the end of it", func() bool { return s.States()[0].Phase == Waiting })
			if st := s.States()[0]; !strings.Contains(st.Problem, tt.problem) || st.Next.IsZero() || len(s.Tools("/w")) > 0 {
				t.Errorf("%+v", st)
			}
		})
	}
}

func TestMissingProgram(t *testing.T) {
	s := startPeers(t, Options{FirstDelay: time.Hour}, Config{Name: "none", Command: "hob-no-such-program"}, Config{Name: "closed", URL: "http://127.0.0.1:1/mcp"})
	for i, want := range []string{"connection refused", "executable file not found"} {
		if st := s.States()[i]; st.Phase != Waiting || !strings.Contains(st.Problem, want) {
			t.Errorf("%+v", st)
		}
	}
}

func TestRestart(t *testing.T) {
	s := startPeers(t, Options{FirstDelay: time.Millisecond}, peerConfig(t, "good"))
	for range 3 {
		callTool(t, s, "good_die", "")
		waitFor(t, "the server to be back", func() bool {
			return callTool(t, s, "good_echo", `{"text": "a"}`).Err == nil
		})
	}
}

// The delay doubles up to the last one.
func TestBackOff(t *testing.T) {
	var log syncBuffer
	s := startPeers(t, Options{FirstDelay: time.Millisecond, LastDelay: 8 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))}, Config{Name: "none", Command: "hob-no-such-program"})
	waitFor(t, "six starts", func() bool { return strings.Count(log.String(), "again in") >= 6 })
	s.Close(context.Background())
	var delays []string
	for line := range strings.Lines(log.String()) {
		if _, d, ok := strings.Cut(strings.TrimSpace(line), `"again in"=`); ok && len(delays) < 6 {
			delays = append(delays, d)
		}
	}
	if !slices.Equal(delays, []string{"1ms", "2ms", "4ms", "8ms", "8ms", "8ms"}) {
		t.Errorf("%q", delays)
	}
	if st := s.States()[0]; st.Phase != Ended {
		t.Errorf("%+v", st)
	}
}

// A server can ask us for nothing.
func TestServerAsks(t *testing.T) {
	s := startPeers(t, Options{CallTimeout: soon}, peerConfig(t, "asks"))
	if out := callTool(t, s, "asks_go", ""); out.Text != "0 roots true true" {
		t.Errorf("%q, %v", out.Text, out.Err)
	}
}

func TestCallCancelled(t *testing.T) {
	s := startPeers(t, Options{CallTimeout: time.Hour}, peerConfig(t, "good"))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	out := tool.NewExecutor(s.Tools("/w"), tool.Options{}).Do(ctx, tool.Call{Name: "good_wait"})
	if !errors.Is(out.Err, context.DeadlineExceeded) {
		t.Errorf("%v", out.Err)
	}
	if out := callTool(t, s, "good_echo", `{"text":"a"}`); out.Err != nil {
		t.Errorf("after it: %v", out.Err)
	}
}

func TestHTTP(t *testing.T) {
	server := mcptest.Good()
	handler := sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return server }, nil)
	var hang atomic.Pointer[chan struct{}] // closed when it is over
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if over := hang.Load(); over != nil {
			_, _ = io.Copy(io.Discard, r.Body) // else nobody notices that the client has left
			select {
			case <-r.Context().Done():
			case <-*over:
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		web.Close()
		for ss := range server.Sessions() { // their goodbye was never heard
			_ = ss.Close()
		}
	})
	opts := Options{CallTimeout: soon, FirstDelay: time.Millisecond, LastDelay: 10 * time.Millisecond, StartTimeout: soon}
	s := startPeers(t, opts, Config{Name: "web", URL: web.URL})
	if st := s.States()[0]; st.Phase != Up {
		t.Fatalf("%+v", st)
	}
	if out := callTool(t, s, "web_echo", `{"text":"a"}`); out.Text != `echo {"text":"a"}` {
		t.Errorf("%q, %v", out.Text, out.Err)
	}
	if out := callTool(t, s, "web_huge", ``); out.Err == nil {
		t.Error("a message without bounds")
	}
	waitFor(t, "the tools to be there again", func() bool { return callTool(t, s, "web_grow", "").Err == nil })
	waitFor(t, "the new list", func() bool { return slices.Contains(s.States()[0].Tools, "web_grown") })
	s.Close(context.Background())

	opts.KeepAlive = 100 * time.Millisecond
	s = startPeers(t, opts, Config{Name: "web", URL: web.URL})
	waitFor(t, "it to be up", func() bool { return s.States()[0].Phase == Up })
	over := make(chan struct{})
	hang.Store(&over)
	waitFor(t, "the server to be missed", func() bool { return s.States()[0].Phase != Up })
	hang.Store(nil)
	close(over)
	waitFor(t, "it to be back", func() bool { return s.States()[0].Phase == Up })
	s.Close(context.Background())
}

// A web server that is none of ours, and one that answers without end.
func TestHTTPBad(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"a page":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"not found": http.NotFound,
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
		},
		"no session": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) },
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for {
				if _, err := io.WriteString(w, strings.Repeat(" ", 1<<16)); err != nil {
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			web := httptest.NewServer(h)
			defer web.Close()
			s := startPeers(t, Options{StartTimeout: soon, FirstDelay: time.Hour}, Config{Name: "web", URL: web.URL})
			if st := s.States()[0]; st.Phase != Waiting || st.Problem == "" {
				t.Errorf("%+v", st)
			}
			s.Close(context.Background())
		})
	}
}

// bomb is a schema whose references double at every step.
func bomb() map[string]any {
	defs := map[string]any{"d0": map[string]any{"type": "string"}}
	for i := range 30 {
		ref := map[string]any{"$ref": fmt.Sprintf("#/$defs/d%d", i)}
		defs[fmt.Sprintf("d%d", i+1)] = map[string]any{"anyOf": []any{ref, ref}}
	}
	return map[string]any{"type": "object", "properties": map[string]any{"a": map[string]any{"$ref": "#/$defs/d30"}}, "$defs": defs}
}

// soon is a deadline that a busy machine keeps.
const soon = time.Minute
