//go:build editors

// Package vscodetest runs the packaged extension in a real VS Code, in a real
// browser, with the real server against a scripted model. The cases are in
// cases/*.ts; this starts what they need. See editors/Makefile for how to get it.
package vscodetest

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/editors/scripted"
)

// deadline is how long all cases together may take.
const deadline = 15 * time.Minute

// workers run the cases, each with a VS Code and a model of its own: one waits for
// its window often enough for another to use the machine. One more is for cases that
// are run again.
const workers = 2

var (
	only  = flag.String("case", "", "run only the cases whose names match this")
	shots = flag.String("shots", "", "write the pictures of the README into this folder")
	keep  = flag.Bool("keep", false, "keep the folder with logs and pictures of what failed")
)

func TestWorkbench(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	root := tempDir(t)
	for i := range workers + 1 {
		startModel(t, ctx, filepath.Join(root, strconv.Itoa(i)))
	}
	cmd := exec.CommandContext(ctx, need(t, "E2E_NODE"), "run.ts")
	cmd.Env = append(cleanEnv(),
		"HOB_LOG_LEVEL=debug", "E2E_ROOT="+root, "E2E_WORKERS="+strconv.Itoa(workers), "E2E_RUN="+*only, "E2E_SHOTS="+*shots,
		"E2E_HOB="+need(t, "E2E_HOB"), "E2E_VSIX="+need(t, "E2E_VSIX"), "E2E_CHROMIUM="+need(t, "E2E_CHROMIUM"))
	var out bytes.Buffer
	cmd.Stdout = io.MultiWriter(&out, os.Stdout)
	cmd.Stderr = cmd.Stdout
	// Whatever the script started ends with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // most often there is nothing left
	if ctx.Err() != nil {
		err = fmt.Errorf("not done within %v", deadline)
	}
	if err == nil && !strings.Contains(out.String(), "ok  ") {
		err = errors.New("no case ran")
	}
	if err != nil {
		for i := range workers + 1 {
			said, _ := os.ReadFile(filepath.Join(root, strconv.Itoa(i), "hob.log")) // may not exist
			t.Logf("server log %d, its end:\n%s", i, said[max(0, len(said)-10_000):])
		}
		t.Fatalf("%v\n%s", err, failures(out.String()))
	}
}

// failures is what run.ts said of the cases that failed: the last lines of a long
// output are what is read first.
func failures(out string) string {
	var said strings.Builder
	failed := false
	for line := range strings.Lines(out) {
		if verdict := strings.HasPrefix(line, "ok  "); verdict || strings.HasPrefix(line, "FAIL  ") {
			failed = !verdict
		}
		if failed {
			said.WriteString(line)
		}
	}
	return said.String()
}

// startModel makes the folder of a worker, with a scripted model behind model.sock
// and the server's config.toml that names it.
func startModel(t *testing.T, ctx context.Context, root string) {
	if err := os.Mkdir(root, 0o700); err != nil {
		t.Fatal(err)
	}
	model, err := scripted.Start(modeltest.Script{Models: []modeltest.Model{
		{Name: "qwen2.5-coder:3b", Params: "3.1B"},
		{Name: "qwen2.5-coder:7b", Params: "7.6B"},
		{Name: "qwen2.5-coder:14b", Params: "14.8B"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(model.Close)
	// A case asks the same of the model more than once, and means it.
	settings := fmt.Sprintf("[providers.ollama]\nurl = %q\n[cache]\nmemory = 0\n", model.URL)
	if err := os.WriteFile(filepath.Join(root, "config.toml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", filepath.Join(root, "model.sock"))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() { defer close(served); model.Serve(ctx, socket) }()
	t.Cleanup(func() { _ = socket.Close(); <-served }) // ends Serve
}

func need(t *testing.T, name string) string {
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: run `make -C editors test-vscode-e2e`, which installs and builds what is needed", name)
	}
	return value
}

// tempDir is a folder whose sockets fit into the 104 bytes that a path of one
// may have, without symbolic links.
func tempDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "hob")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if *keep {
			t.Logf("kept %s", dir)
			return
		}
		_ = os.RemoveAll(dir) // temporary
	})
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// cleanEnv is the environment without what could redirect the server.
func cleanEnv() []string {
	var env []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "HOB_") && !strings.HasPrefix(kv, "OLLAMA_") && !strings.HasPrefix(kv, "VSCODE_") {
			env = append(env, kv)
		}
	}
	return env
}
