package lsp

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hob-ls/hob/agent/tool"
	"github.com/hob-ls/hob/agent/tool/mcp"
	"github.com/hob-ls/hob/lsp/config"
)

// MCPServers are the MCP servers of a configuration, by name. Only the user's own
// sources can name one.
func MCPServers(c *config.Config) []mcp.Config {
	var out []mcp.Config
	for _, name := range slices.Sorted(maps.Keys(c.Tools.MCP)) {
		m := c.Tools.MCP[name]
		out = append(out, mcp.Config{Name: name, Command: m.Command, Args: m.Args, Env: m.Env, URL: m.URL})
	}
	return out
}

// foreign runs the user's MCP servers:
//
//	configured ─▶ the first scan is done, or a job wants tools ─▶ started, followed by every change of the configuration ─▶ ended with the session
//
// Without [tools.mcp] there is nothing to run and nothing is done.
type foreign struct {
	mu      sync.Mutex // guards what follows
	configs []mcp.Config
	begun   bool // servers may run
	over    bool // the session ends: none starts any more
	servers *mcp.Servers
}

// use makes configs the servers, now or once they may run.
func (f *foreign) use(s *Server, configs []mcp.Config) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.configs = configs
	f.apply(s)
}

// begin lets the servers run.
func (f *foreign) begin(s *Server) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.begun {
		f.begun = true
		f.apply(s)
	}
}

// apply starts and ends what is due; mu is held.
func (f *foreign) apply(s *Server) {
	switch {
	case !f.begun || f.over:
	case f.servers != nil:
		f.servers.Use(f.configs)
	case len(f.configs) > 0:
		f.servers = mcp.Start(f.configs, mcp.Options{
			Version: s.opts.Version, Confirm: asker{s}, StateDir: s.opts.StateDir, Log: s.log, Changed: s.board.changed,
		})
	}
}

// running are the servers; nil before they were started.
func (f *foreign) running() *mcp.Servers {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.servers
}

// mcpGrace is what servers get to end by themselves at the end of the session. It
// is less than goodbye: what outlives the session would outlive the process.
const mcpGrace = goodbye / 2

// close ends the servers with all that they started.
func (f *foreign) close() {
	f.mu.Lock()
	f.over = true
	servers := f.servers
	f.mu.Unlock()
	if servers == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), mcpGrace)
	defer cancel()
	servers.Close(ctx)
}

// beginForeign starts the servers beside the session, when it has time: the first
// scan goes first.
func (s *Server) beginForeign(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.ws.Ready():
		s.foreign.begin(s)
	}
}

// How long a job waits for servers that have only been started: for those whose
// tools it names, and for others. What takes longer is not among its tools.
const (
	namedPatience   = 10 * time.Second
	foreignPatience = 2 * time.Second
)

// readyForeign waits for the first start of the servers whose tools the job may use,
// whether it succeeds or not.
func (r *jobRun) readyForeign(ctx context.Context) {
	names, all := r.spec.req.Foreign()
	if !all && len(names) == 0 {
		return
	}
	r.s.foreign.begin(r.s)
	servers := r.s.foreign.running()
	if servers == nil {
		return
	}
	defer r.wait()()
	wanted := func(string) bool { return true }
	patience := foreignPatience
	if !all {
		patience = namedPatience
		wanted = func(server string) bool {
			return slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, server+"_") })
		}
	}
	r.bar.report("waiting for MCP servers")
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_ = servers.Settled(ctx, wanted) // what is not up then is not used
}

// foreignTools are the tools of the servers that are up, for a job about path.
// What the user allows counts for its workspace folder.
func (s *Server) foreignTools(path string) []tool.Tool {
	servers := s.foreign.running()
	if servers == nil {
		return nil
	}
	return servers.Tools(s.folderOf(path))
}

// folderOf is the workspace folder that a path belongs to; the path itself if to none.
func (s *Server) folderOf(path string) string {
	if snap := s.snapshot(); snap != nil {
		if root := snap.RootOf(path); root != "" {
			return root
		}
	}
	return path
}

// MCPServer is what hob.stats tells of one of the user's MCP servers.
type MCPServer struct {
	Name    string   `json:"name"`
	State   string   `json:"state"`             // starting, up, waiting (to be started again), ended
	Title   string   `json:"title,omitempty"`   // name and version, as it says itself
	Tools   []string `json:"tools,omitempty"`   // as models call them
	Refused []string `json:"refused,omitempty"` // tools that are not used, each with the reason
	Problem string   `json:"problem,omitempty"` // why it is not up
	Since   string   `json:"since"`             // of the state; RFC 3339
	Next    string   `json:"next,omitempty"`    // when it is started again; RFC 3339
}

// stats tell of every server, by name.
func (f *foreign) stats() []MCPServer {
	servers := f.running()
	if servers == nil {
		return nil
	}
	var out []MCPServer
	for _, st := range servers.States() {
		m := MCPServer{
			Name: st.Name, State: string(st.Phase), Title: st.Title, Tools: st.Tools, Refused: st.Refused, Problem: st.Problem,
			Since: st.Since.Format(time.RFC3339),
		}
		if !st.Next.IsZero() {
			m.Next = st.Next.Format(time.RFC3339)
		}
		out = append(out, m)
	}
	return out
}

// states are the states of the servers by name; nil where there are none.
func (f *foreign) states() map[string]string {
	servers := f.running()
	if servers == nil {
		return nil
	}
	out := map[string]string{}
	for _, st := range servers.States() {
		out[st.Name] = string(st.Phase)
	}
	return out
}
