//go:build peers

package lsptest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// A server from the npm registry, through all of Hob: its tool is named by a command of
// the user's own, called by the model, allowed by the user, and confined by itself.
func TestRealMCPServer(t *testing.T) {
	modules := os.Getenv("MCP_PEERS")
	if modules == "" {
		t.Fatal("MCP_PEERS is not set: make test-mcp installs the servers and says where")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(dir, "work")
	script := filepath.Join(modules, "node_modules", "@modelcontextprotocol", "server-filesystem", "dist", "index.js")
	s, err := Parse(fmt.Appendf(nil, `A real file server is used by a command.

-- script --
open a.go
expect stats ~"\"name\":\"fs\",\"state\":\"up\",\"title\":\"secure-filesystem-server"
choose "Allow"
choose "Allow"
run hob.run name=ask as=q
await q status=answered answer="It holds a secret sauce." tools="fs_list_directory 0/1, fs_read_text_file 1/1"
expect prompt ~"the sauce is secret"
expect prompt ~"[Aa]ccess denied"
-- model --
model qwen2.5-coder:7b params=7.6B
reply last="What is in it?" <<END
<tool_call>{"name": "fs_read_text_file", "arguments": {"path": %q}}</tool_call>
<tool_call>{"name": "fs_list_directory", "arguments": {"path": "/etc"}}</tool_call>
END
reply text="It holds a secret sauce."
-- config.toml --
[tools.mcp.fs]
command = "node"
args = [%q, %q]
-- .hob/commands/ask.md --
---
kind: explain
tools: [fs_read_text_file, fs_list_directory]
---
What is in it?
-- sauce.txt --
the sauce is secret
-- a.go --
package a

«func One() int { return 1 }»
`, filepath.Join(work, "sauce.txt"), script, work))
	if err != nil {
		t.Fatal(err)
	}
	out, err := Run(t.Context(), s, dir)
	if err != nil {
		t.Errorf("%v\n%s", err, out.Log)
	}
}
