//go:build editors

// Package nvimtest runs the Neovim plugin in a real Neovim with the real server
// against a scripted model. Each file of cases is one session; it tells the
// model what to answer and waits for conditions, never for time.
//
// It needs Neovim, so it is not part of a plain go test: see editors/Makefile.
package nvimtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/editors/scripted"
)

// deadline is how long one session may take.
const deadline = 60 * time.Second

var nvim, hob string

func TestMain(m *testing.M) {
	code, err := prepare(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// prepare finds Neovim and the server; the server is built unless E2E_HOB names one.
func prepare(run func() int) (int, error) {
	if nvim = os.Getenv("NVIM_BIN"); nvim == "" {
		var err error
		if nvim, err = exec.LookPath("nvim"); err != nil {
			return 0, errors.New("no Neovim: `make -C editors test` installs one, NVIM_BIN names another")
		}
	}
	if hob = os.Getenv("E2E_HOB"); hob != "" {
		return run(), nil
	}
	dir, err := os.MkdirTemp("", "hob-nvim")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // temporary
	hob = filepath.Join(dir, "hob")
	if out, err := exec.Command("go", "build", "-o", hob, "github.com/hob-ls/hob/cmd/hob").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("building hob: %w\n%s", err, out)
	}
	return run(), nil
}

func TestCases(t *testing.T) {
	cases, err := filepath.Glob("cases/*.lua")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".lua"), func(t *testing.T) {
			t.Parallel()
			newSession(t).run(file)
		})
	}
}

// session is one Neovim with its own home, workspace and model server.
type session struct {
	t      *testing.T
	ctx    context.Context
	dir    string
	work   string // the workspace
	config string
	model  *scripted.Model
	socket net.Listener // on which the case talks to the model's script
}

func newSession(t *testing.T) *session {
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	t.Cleanup(cancel)
	model, err := scripted.Start(modeltest.Script{Models: []modeltest.Model{{Name: "qwen2.5-coder:3b", Params: "3.1B"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(model.Close)
	s := &session{t: t, ctx: ctx, dir: shortTempDir(t), model: model}
	s.work, s.config = filepath.Join(s.dir, "work"), filepath.Join(s.dir, "config.toml")
	for _, d := range []string{s.work, filepath.Join(s.work, ".git"), filepath.Join(s.dir, "home"), filepath.Join(s.dir, "bin")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// The server under the name by which the plugin starts it by default.
	if err := os.Symlink(hob, filepath.Join(s.dir, "bin", "hob")); err != nil {
		t.Fatal(err)
	}
	// A case asks the same of the model more than once, and means it.
	settings := fmt.Sprintf("[providers.ollama]\nurl = %q\n[cache]\nmemory = 0\n", model.URL)
	if err := os.WriteFile(s.config, []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
	if s.socket, err = net.Listen("unix", filepath.Join(s.dir, "model.sock")); err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() { defer close(served); s.model.Serve(s.ctx, s.socket) }()
	t.Cleanup(func() { _ = s.socket.Close(); <-served }) // ends Serve
	return s
}

// shortTempDir is a folder whose sockets fit into the 104 bytes that a path of
// one may have, without symbolic links.
func shortTempDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "hob")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // temporary
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// run starts Neovim as a user would, with the plugin in its runtimepath, and
// runs a case in it once it has started.
func (s *session) run(file string) {
	t := s.t
	plugin, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	harness, _ := filepath.Abs("harness.lua") // failed above if it could
	file, _ = filepath.Abs(file)
	cmd := exec.CommandContext(s.ctx, nvim, "--clean", "--headless", "-n", "-i", "NONE",
		"--cmd", "set runtimepath^="+plugin,
		"-c", fmt.Sprintf("lua vim.schedule(function() dofile(%q) end)", harness))
	cmd.Dir = s.work
	home := filepath.Join(s.dir, "home")
	cmd.Env = append(cleanEnv(),
		"HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_STATE_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_DATA_HOME="+home,
		"PATH="+filepath.Join(s.dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
		"HOB_CONFIG="+s.config, "HOB_LOG="+filepath.Join(s.dir, "hob.log"), "HOB_LOG_LEVEL=debug",
		"E2E_CASE="+file, "E2E_SOCKET="+s.socket.Addr().String(), "E2E_WORK="+s.work, "E2E_NVIM="+nvim)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second
	err = cmd.Run()
	if s.ctx.Err() != nil {
		err = fmt.Errorf("not done within %v", deadline)
	}
	if left := s.model.Left(); err == nil && left > 0 {
		err = fmt.Errorf("%d replies of the model were not asked for", left)
	}
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(s.dir, "hob.log")) // may not exist
		t.Fatalf("%v\n%s\nserver log:\n%s", err, out.Bytes(), log)
	}
	t.Logf("%s", out.Bytes())
}

// cleanEnv is the environment without what could redirect the server or Neovim.
func cleanEnv() []string {
	var env []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "HOB_") && !strings.HasPrefix(kv, "OLLAMA_") && !strings.HasPrefix(kv, "NVIM") && !strings.HasPrefix(kv, "VIM") {
			env = append(env, kv)
		}
	}
	return env
}
