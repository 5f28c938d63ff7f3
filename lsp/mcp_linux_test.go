package lsp

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// However a session ends, its servers end with it, and so does what they started;
// one that does not want to is not waited for.
func TestMCPProcessesEnd(t *testing.T) {
	for name, end := range map[string]func(p *peer) error{
		"in order":              (*peer).goodbye,
		"without shutdown":      func(p *peer) error { p.notify("exit", nil); return p.returned() },
		"the editor is gone":    func(p *peer) error { return p.hangup() },
		"while a server starts": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "pids")
			p, _, _ := mcpSession(t, Options{}, mcpTable(t, "stubborn", "stubborn", "PIDS", file)+mcpTable(t, "mute", "mute"))
			if end != nil {
				p.awaitMCP("the server", up("stubborn"))
			} else {
				end = (*peer).goodbye
			}
			var pids [2]int
			p.awaitMCP("the processes", func(map[string]MCPServer) bool {
				b, err := os.ReadFile(file)
				n, _ := fmt.Sscan(string(b), &pids[0], &pids[1])
				return err == nil && n == 2
			})
			began := time.Now()
			if err := end(p); (err == nil) != (name == "in order" || name == "while a server starts") {
				t.Error(err)
			}
			if took := time.Since(began); took > patience/4 {
				t.Errorf("the session took %v to end", took)
			}
			limit := time.Now().Add(patience)
			for _, pid := range pids {
				for !gone(pid) {
					if time.Now().After(limit) {
						t.Fatalf("%d still runs", pid)
					}
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
}

// hangup closes the editor's end.
func (p *peer) hangup() error {
	_ = p.conn.Close()
	return p.returned()
}

// gone reports whether a process has ended, be it that nobody has taken note yet.
func gone(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(b), ") Z ")
}
