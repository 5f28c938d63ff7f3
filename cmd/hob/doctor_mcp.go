package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hob-ls/hob/agent/tool/mcp"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/config"
)

// mcpPatience is how long the doctor waits for a server: the first start of one
// may install it.
const mcpPatience = 20 * time.Second

// checkMCP starts every configured server once.
func (a *app) checkMCP(l *config.Loaded) []finding {
	configs := lsp.MCPServers(&l.Config)
	if len(configs) == 0 {
		return nil
	}
	servers := mcp.Start(configs, mcp.Options{Version: versionText(), Log: a.log, StartTimeout: mcpPatience, FirstDelay: time.Hour})
	defer servers.Close(a.ctx)
	ctx, cancel := context.WithTimeout(a.ctx, mcpPatience+5*time.Second)
	defer cancel()
	_ = servers.Settled(ctx, nil) // what has not settled says so
	var out []finding
	for i, st := range servers.States() {
		out = append(out, mcpVerdict(configs[i], st, l.Origin))
	}
	return out
}

// first is the beginning of a list, and how much of it is left out.
func first(list []string, n int) []string {
	if len(list) <= n {
		return list
	}
	return append(slices.Clone(list[:n]), fmt.Sprintf("and %d more", len(list)-n))
}

func mcpVerdict(c mcp.Config, st mcp.State, origin map[string]string) finding {
	f := finding{Check: "mcp " + c.Name, Status: fine}
	key, what := "tools.mcp."+c.Name+".command", c.Command
	if c.URL != "" {
		key, what = "tools.mcp."+c.Name+".url", c.URL
	}
	if st.Phase != mcp.Up {
		f.Status, f.Detail = bad, fmt.Sprintf("%s is not up: %s", what, st.Problem)
		f.Remedy = fmt.Sprintf("correct %s (%s), or remove [tools.mcp.%s]; hob doctor --log-level info shows what it says", key, origin[key], c.Name)
		return f
	}
	f.Detail = fmt.Sprintf("%s, %d tools", st.Title, len(st.Tools))
	if len(st.Refused) > 0 {
		f.Status, f.Remedy = note, "these are not used: "+strings.Join(first(st.Refused, 5), "; ")
	}
	return f
}
