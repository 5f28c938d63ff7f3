package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/hob-ls/hob/lsp"
)

// terminals is a pair of a terminal and who looks at it.
func terminals(t *testing.T) (looker, terminal *os.File) {
	t.Helper()
	looker, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminal can be made here: %v", err)
	}
	t.Cleanup(func() { _ = looker.Close() })
	var unlock, n uint32
	for request, arg := range map[uintptr]*uint32{syscall.TIOCSPTLCK: &unlock, syscall.TIOCGPTN: &n} {
		if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, looker.Fd(), request, uintptr(unsafe.Pointer(arg))); e != 0 {
			t.Fatal(e)
		}
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminal can be made here: %v", err)
	}
	t.Cleanup(func() { _ = terminal.Close() })
	return looker, terminal
}

// TestNothingCommandsTheTerminal: what a model or a server says is shown and not
// obeyed, wherever hob run prints it.
func TestNothingCommandsTheTerminal(t *testing.T) {
	const evil = "\x1b]52;c;b3duZWQ=\a"
	path := t.TempDir() + "/a.go"
	edit, err := json.Marshal(map[string]any{"documentChanges": []any{
		map[string]any{"kind": "create", "uri": "file://" + path},
		map[string]any{"textDocument": map[string]any{"uri": "file://" + path}, "edits": []any{map[string]any{"newText": evil}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]lsp.JobResult{
		"answer":  {Status: "answered", Answer: evil},
		"edit":    {Status: "returned", Edit: edit},
		"why":     {Status: "unchanged", Why: evil},
		"left":    {Status: "unchanged", Left: []string{evil}},
		"finding": {Action: "review", Status: "answered", Answer: evil, Findings: []lsp.JobFinding{{URI: "file://" + path, Message: evil}}},
		"failure": {Status: "failed", Error: &lsp.JobError{Message: evil, Hint: evil}, Diff: evil},
	} {
		t.Run(name, func(t *testing.T) {
			looker, terminal := terminals(t)
			a := &app{ctx: t.Context(), out: terminal, err: terminal}
			c := &runCmd{Action: r.Action}
			_ = c.report(a, "/", &r, nil) // a failure is one
			line := statusLine{w: terminal}
			line.show("looking", evil+"\n"+evil)
			_, _ = fmt.Fprintln(terminal, "the end")
			var got strings.Builder
			for in := bufio.NewScanner(looker); in.Scan(); {
				got.WriteString(in.Text() + "\n")
				if strings.Contains(in.Text(), "the end") {
					break
				}
			}
			if strings.Contains(got.String(), "\x1b]") || !strings.Contains(got.String(), `\x1b]52`) {
				t.Errorf("%q", got.String())
			}
		})
	}
}
