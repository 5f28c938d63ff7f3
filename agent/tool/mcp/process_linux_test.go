package mcp

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/tool"
)

// Close ends a server that does not want to, with its children; at once where
// there is no time.
func TestProcessGroup(t *testing.T) {
	for name, x := range map[string]struct{ patience, grace time.Duration }{
		"in its time": {patience: time.Hour, grace: graceEOF}, "at once": {grace: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, pids := startStubborn(t, Options{grace: x.grace})
			ctx, cancel := context.WithTimeout(t.Context(), x.patience)
			defer cancel()
			began := time.Now()
			closed := make(chan struct{})
			go func() {
				defer close(closed)
				s.Close(ctx)
			}()
			select {
			case <-closed:
			case <-time.After(soon):
				t.Error("it is waited for")
			}
			if took := time.Since(began); x.patience > 0 && took < graceEOF+graceTerm {
				t.Errorf("took %v", took)
			}
			waitGone(t, pids)
		})
	}
}

// A server that is not configured any more ends with its children, and the others
// don't notice; a changed one is another process.
func TestUseEndsProcesses(t *testing.T) {
	s, pids := startStubborn(t, Options{})
	good := peerConfig(t, "good")
	s.Use([]Config{good, peerConfig(t, "banner")})
	waitGone(t, pids)
	pid := func() string {
		waitFor(t, "both servers", func() bool {
			st := s.States()
			return len(st) == 2 && st[0].Phase == Up && st[1].Phase == Up
		})
		out := callTool(t, s, "good_pid", "")
		if out.Err != nil {
			t.Fatal(out.Err)
		}
		return out.Text
	}
	first := pid()
	s.Use([]Config{peerConfig(t, "good"), peerConfig(t, "banner")})
	if again := pid(); again != first {
		t.Errorf("a server that nobody changed was started again: %s, %s", first, again)
	}
	old := s.Tools("/w")
	good.Args = []string{"another"}
	s.Use([]Config{good, peerConfig(t, "banner")})
	out := tool.NewExecutor(old, tool.Options{}).Do(t.Context(), tool.Call{Name: "good_pid"})
	if out.Err == nil && out.Text != first {
		t.Errorf("a tool of before reached the server of now: %q", out.Text)
	}
	waitFor(t, "another process", func() bool { return pid() != first })
	var number int
	if _, err := fmt.Sscan(first, &number); err != nil {
		t.Fatal(err)
	}
	waitGone(t, []int{number})
	s.Use(nil)
	if n := len(s.States()) + len(s.Tools("/w")); n > 0 {
		t.Errorf("%d states and tools of no server", n)
	}
}

// startStubborn runs a server that does not leave, and its child.
func startStubborn(t *testing.T, opts Options) (*Servers, []int) {
	file := filepath.Join(t.TempDir(), "pids")
	c := peerConfig(t, "stubborn")
	c.Env["PIDS"] = file
	s := startPeers(t, opts, c)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pids := make([]int, 2)
	if _, err := fmt.Sscan(string(b), &pids[0], &pids[1]); err != nil {
		t.Fatal(err)
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, 0); err != nil {
			t.Fatalf("%d does not run: %v", pid, err)
		}
	}
	return s, pids
}

func waitGone(t *testing.T, pids []int) {
	t.Helper()
	waitFor(t, "the processes to be gone", func() bool { return !slices.ContainsFunc(pids, func(pid int) bool { return !gone(pid) }) })
}

// gone reports whether a process has ended, be it that nobody has taken note yet.
func gone(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(b), ") Z ")
}
