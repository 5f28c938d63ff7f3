package mcp

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hob-ls/hob/workspace/workspacetest"
)

// The versions of the protocol that clients in use speak.
const (
	stateless = "2026-07-28"
	sessions  = "2025-06-18"
)

func project(tb testing.TB) string {
	tb.Helper()
	dir := workspacetest.Dir(tb)
	workspacetest.Put(tb, filepath.Join(dir, "main.go"), "package main\n\nfunc main() { helper() }\n")
	workspacetest.Put(tb, filepath.Join(dir, "sub/helper.go"), "package sub\n\n// helper helps.\nfunc helper() {}\n")
	workspacetest.Put(tb, filepath.Join(dir, ".env"), "SECRET=1\n")
	return dir
}

func TestServe(t *testing.T) {
	dir := project(t)
	for _, version := range []string{sessions, stateless} {
		t.Run(version, func(t *testing.T) {
			s := serve(t, t.Context(), ServeOptions{Roots: []string{dir}, Version: "1"})
			_, c := s.connect(t, nil, version)
			var names []string
			for tool, err := range c.Tools(t.Context(), nil) {
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, tool.Name)
				if !tool.Annotations.ReadOnlyHint || tool.Description == "" {
					t.Errorf("%s: %+v", tool.Name, tool)
				}
			}
			if !slices.Equal(names, served) {
				t.Errorf("tools %q", names)
			}
			for _, tt := range []struct{ tool, args, want string }{
				{"read", `{"path": "main.go", "start": 3}`, "func main() { helper() }\n"},
				{"search", `{"pattern": "helper()"}`, "main.go:3: func main() { helper() }\nsub/helper.go:4: func helper() {}\n"},
				{"symbols", `{"query": "helper"}`, "sub/helper.go:4: function helper\n"},
				{"outline", `{"path": "sub/helper.go"}`, "4-4: func helper() {}\n"},
				{"references", `{"name": "helper"}`, "main.go:3: func main() { helper() }\nsub/helper.go:4: [declaration] func helper() {}\n"},
				{"glob", `{"pattern": "**/*.go"}`, "main.go\nsub/helper.go\n"},
				{"list", `{}`, "main.go\nsub/\n"},
			} {
				if text, failed := ask(t, c, tt.tool, tt.args); failed || text != tt.want {
					t.Errorf("%s: %q, %v", tt.tool, text, failed)
				}
			}
			for _, tt := range []struct{ tool, args, want string }{
				{"read", `{"path": ".env"}`, "to themselves"}, {"read", `{"path": "../x"}`, "not allowed"}, {"read", `{}`, "missing properties"},
			} {
				if text, failed := ask(t, c, tt.tool, tt.args); !failed || !strings.Contains(text, tt.want) {
					t.Errorf("%s: %q, %v", tt.tool, text, failed)
				}
			}
			if _, err := c.CallTool(t.Context(), &sdk.CallToolParams{Name: "write"}); err == nil {
				t.Error("there is a tool to write with")
			}
			_ = c.Close()
			if err := s.wait(t); err != nil {
				t.Errorf("the end: %v", err)
			}
		})
	}
}

// What a client has just written is what it reads.
func TestServeFresh(t *testing.T) {
	dir := project(t)
	s := serve(t, t.Context(), ServeOptions{Roots: []string{dir}, fresh: time.Minute})
	_, c := s.connect(t, nil, sessions)
	ask(t, c, "list", `{}`)
	stamp := time.Now().Add(time.Hour)
	for _, want := range []string{"one\n", "two\n", "six\n"} { // in one tick of a coarse clock
		if err := os.Chtimes(workspacetest.Put(t, filepath.Join(dir, "main.go"), want), stamp, stamp); err != nil {
			t.Fatal(err)
		}
		if text, failed := ask(t, c, "read", `{"path": "main.go"}`); failed || text != want {
			t.Errorf("%q, want %q", text, want)
		}
	}
	for i := range 50 {
		want := fmt.Sprintf("number %d\n", i)
		for _, name := range []string{"main.go", fmt.Sprintf("new%d.txt", i)} {
			workspacetest.Put(t, filepath.Join(dir, name), want)
			if text, failed := ask(t, c, "read", `{"path": "`+name+`"}`); failed || text != want {
				t.Fatalf("%s: %q, want %q", name, text, want)
			}
		}
	}
	if err := os.Remove(filepath.Join(dir, "main.go")); err != nil {
		t.Fatal(err)
	}
	if text, failed := ask(t, c, "read", `{"path": "main.go"}`); !failed {
		t.Errorf("removed, and read as %q", text)
	}
	workspacetest.Put(t, filepath.Join(dir, "sub/late.go"), "package sub // watched\n")
	waitFor(t, "the search to find a new file", func() bool {
		text, _ := ask(t, c, "search", `{"pattern": "watched"}`)
		return text == "sub/late.go:1: package sub // watched\n"
	})
}

func TestServeRoots(t *testing.T) {
	dir, other := project(t), workspacetest.Dir(t)
	workspacetest.Put(t, filepath.Join(other, "other.txt"), "other\n")
	list := func(c *sdk.ClientSession) string {
		text, _ := ask(t, c, "glob", `{"pattern": "*"}`)
		return text
	}
	t.Run("of the client", func(t *testing.T) {
		s := serve(t, t.Context(), ServeOptions{Fallback: dir})
		client, c := s.connect(t, nil, sessions, other, "/nowhere/at/all")
		if got := list(c); got != "other.txt\n" {
			t.Errorf("%q", got)
		}
		client.AddRoots(&sdk.Root{URI: "file://" + filepath.Join(dir, "sub")})
		waitFor(t, "the new root", func() bool { return strings.Contains(list(c), "sub/helper.go\n") })
		client.RemoveRoots("file://" + other)
		waitFor(t, "the old root to go", func() bool { return list(c) == "helper.go\n" })
	})
	t.Run("the command line is stronger", func(t *testing.T) {
		s := serve(t, t.Context(), ServeOptions{Roots: []string{dir}})
		_, c := s.connect(t, nil, sessions, other)
		if got := list(c); got != "main.go\nsub/helper.go\n" {
			t.Errorf("%q", got)
		}
	})
	for name, opts := range map[string]*sdk.ClientOptions{
		"a client without roots":         {Capabilities: &sdk.ClientCapabilities{}},
		"a client that has none to tell": nil,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, t.Context(), ServeOptions{Fallback: dir})
			_, c := s.connect(t, opts, sessions)
			if got := list(c); got != "main.go\nsub/helper.go\n" {
				t.Errorf("%q", got)
			}
		})
	}
	t.Run("a client without sessions", func(t *testing.T) {
		s := serve(t, t.Context(), ServeOptions{Fallback: dir})
		_, c := s.connect(t, nil, stateless)
		if got := list(c); got != "main.go\nsub/helper.go\n" {
			t.Errorf("%q", got)
		}
	})
	t.Run("none at all", func(t *testing.T) {
		s := serve(t, t.Context(), ServeOptions{})
		_, c := s.connect(t, nil, stateless)
		if text, failed := ask(t, c, "list", `{}`); !failed || !strings.Contains(text, "hob mcp DIR") {
			t.Errorf("%q", text)
		}
	})
}

const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}` + "\n" +
	`{"jsonrpc":"2.0","method":"notifications/initialized"}` + "\n"

// A client that has said all and closed its end gets its answers.
func TestServeDrains(t *testing.T) {
	s := serve(t, t.Context(), ServeOptions{Roots: []string{project(t)}})
	go func() {
		_, _ = io.WriteString(s.peer, hello)
		for i := range 20 {
			_, _ = fmt.Fprintf(s.peer, `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"symbols","arguments":{"query":"helper"}}}`+"\n", i+2)
		}
		_ = s.peer.WriteCloser.Close()
	}()
	answers := 0
	for in := bufio.NewScanner(s.peer); in.Scan(); {
		var m struct{ Result json.RawMessage }
		if err := json.Unmarshal(in.Bytes(), &m); err != nil || m.Result == nil {
			t.Errorf("%s", in.Text())
		}
		answers++
	}
	if err := s.wait(t); err != nil || answers != 21 {
		t.Errorf("%d answers, %v", answers, err)
	}
}

// Whatever a client sends, the server ends in order.
func TestServeBadInput(t *testing.T) {
	for name, in := range map[string]string{
		"nothing":          "",
		"no JSON":          hello + "hello\n",
		"a cut message":    hello + `{"jsonrpc":"2.0","id":2,`,
		"an empty batch":   hello + "[]\n",
		"not JSON-RPC":     hello + `{"a":1}` + "\n",
		"too large":        hello + `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"x":"` + strings.Repeat("x", maxMessage) + `"}}` + "\n",
		"before the start": `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"read"}}` + "\n",
		"params of a kind": hello + `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":[]}` + "\n",
		"an id in use":     hello + strings.Repeat(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"search","arguments":{"pattern":"helper"}}}`+"\n", 3),
		"a call taken back": hello + `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"search","arguments":{"pattern":"helper"}}}` + "\n" +
			`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}` + "\n",
		"no such method": hello + `{"jsonrpc":"2.0","id":2,"method":"none"}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, t.Context(), ServeOptions{Roots: []string{project(t)}})
			go func() { _, _ = io.Copy(io.Discard, s.peer) }()
			_, _ = io.WriteString(s.peer, in) // fails where the server has enough before all is sent
			_ = s.peer.WriteCloser.Close()
			_ = s.wait(t)
		})
	}
}

func TestServeCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, ctx, ServeOptions{Roots: []string{project(t)}})
	_, c := s.connect(t, nil, sessions)
	ask(t, c, "list", `{}`)
	cancel()
	if err := s.wait(t); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestFolderOf(t *testing.T) {
	dir := workspacetest.Dir(t)
	odd := filepath.Join(dir, "a b#é%")
	workspacetest.Put(t, filepath.Join(odd, "x"), "")
	for uri, want := range map[string]string{
		"file://" + dir: dir, "file://localhost" + dir: dir, "file://" + dir + "/a%20b%23%C3%A9%25": odd,
		"file://elsewhere" + dir: "", "http://localhost" + dir: "", dir: "", "file:///nowhere/at/all": "", "file://" + dir + "/a%20b%23%C3%A9%25/x": "", "%": "", "": "",
	} {
		if got, err := folderOf(uri); got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v", uri, got, err)
		}
	}
}
