package lsptest

import (
	"os"
	"testing"

	"github.com/hob-ls/hob/agent/tool/mcp/mcptest"
)

// TestMain makes this program, where it is told to, an MCP server of a scenario.
func TestMain(m *testing.M) {
	mcptest.Main()
	os.Exit(m.Run())
}
