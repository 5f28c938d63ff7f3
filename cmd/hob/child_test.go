package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/workspace/text"
)

// hobItself has startServer start the program and not the test.
func hobItself(t *testing.T) {
	t.Helper()
	hob, err := exec.LookPath("hob") // put there by TestMain
	if err != nil {
		t.Fatal(err)
	}
	was := executable
	executable = func() (string, error) { return hob, nil }
	t.Cleanup(func() { executable = was })
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector sleeps for a second at the end otherwise
}

// The debug page is this process's, on an address that no second one can have; the
// log is common to both.
func TestServerBesideDebugPage(t *testing.T) {
	hobItself(t)
	page, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	t.Setenv("HOB_DEBUG", page.Addr().String())
	a := &app{ctx: t.Context(), log: slog.New(slog.DiscardHandler), common: Common{Log: filepath.Join(t.TempDir(), "log"), LogLevel: "debug"}}
	p, err := a.startServer()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Start(t.Context(), p, client.Options{Roots: []string{t.TempDir()}, Encoding: text.UTF8})
	if err != nil {
		t.Fatal(p.end(t.Context(), err))
	}
	if err := errors.Join(c.Close(t.Context()), p.end(t.Context(), nil)); err != nil {
		t.Error(err)
	}
	if args := strings.Join(p.cmd.Args, " "); !strings.Contains(args, "--log-level debug") {
		t.Errorf("started as %s", args)
	}
}

// child is a real `hob serve` with a job whose reply has stopped halfway.
func child(t *testing.T) (*serverProcess, *client.Client, *modeltest.Server) {
	t.Helper()
	hobItself(t)
	m, err := modeltest.New(modeltest.Script{
		Models:   []modeltest.Model{{Name: benchModel, Params: "3.1B"}},
		Fallback: &modeltest.Reply{Text: reply(0, 1), Gates: []modeltest.Gate{{Name: "halfway", After: 3}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	t.Setenv("OLLAMA_HOST", m.URL)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a := &app{ctx: t.Context(), log: slog.New(slog.DiscardHandler)}
	p, err := a.startServer()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Start(t.Context(), p, client.Options{Roots: []string{dir}, Encoding: text.UTF8})
	if err != nil {
		t.Fatal(p.end(t.Context(), err))
	}
	path, content := filepath.Join(dir, "sum.ts"), benchFile(20)
	if err := c.Open(path, &content); err != nil {
		t.Fatal(err)
	}
	_, err = c.Begin("workspace/executeCommand", map[string]any{"command": "hob.edit", "arguments": []any{lsp.JobParams{
		URI: client.URI(path), Prompt: "change it", Wait: true, Range: &lsp.Range{End: lsp.Position{Line: 8, Character: 1}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := m.WaitGate(ctx, "halfway"); err != nil {
		t.Fatal(err)
	}
	return p, c, m
}

// gone does what ends the process and waits for it.
func gone(t *testing.T, p *serverProcess, m *modeltest.Server, code int, end func()) {
	t.Helper()
	end()
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-time.After(time.Minute):
		_ = p.cmd.Process.Kill()
		t.Errorf("it does not end: %v", <-ended)
	}
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("exit code %d, want %d (%v)\n%s", got, code, err, p.stderr)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := m.WaitCancelled(ctx, 1); err != nil {
		t.Error(err)
	}
}

// An editor that vanishes in the middle of a job leaves nothing running.
func TestStdinClosedDuringJob(t *testing.T) {
	p, c, m := child(t)
	gone(t, p, m, exitFailed, func() { _ = c.Abort() }) // the end of the stream is the point
}

func TestTerminatedDuringJob(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	p, c, m := child(t)
	gone(t, p, m, exitDone, func() {
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	})
	_ = c.Abort() // there is nobody on the other side
}
