package mcp

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Close ends a server that does not want to, with its children.
func TestProcessGroup(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	c := peerConfig(t, "stubborn")
	c.Env["PIDS"] = pids
	s := startPeers(t, Options{}, c)
	b, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	var server, child int
	if _, err := fmt.Sscan(string(b), &server, &child); err != nil {
		t.Fatal(err)
	}
	for _, pid := range []int{server, child} {
		if err := syscall.Kill(pid, 0); err != nil {
			t.Fatalf("%d does not run: %v", pid, err)
		}
	}
	began := time.Now()
	s.Close()
	if took := time.Since(began); took > soon {
		t.Errorf("took %v", took)
	}
	waitFor(t, "both to be gone", func() bool { return gone(server) && gone(child) })
}

// gone reports whether a process has ended, be it that nobody has taken note yet.
func gone(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(b), ") Z ")
}
