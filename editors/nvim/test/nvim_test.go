//go:build editors

// Package nvimtest runs the Neovim plugin in a real Neovim with the real server
// against a scripted model. Each file of cases is one session; it tells the
// model what to answer and waits for conditions, never for time.
//
// It needs Neovim, so it is not part of a plain go test: see editors/Makefile.
package nvimtest

import (
	"errors"
	"fmt"
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
const deadline = 3 * time.Minute

var nvim, hob string

var threeSizes = []modeltest.Model{
	{Name: "qwen2.5-coder:3b", Params: "3.1B"},
	{Name: "qwen2.5-coder:7b", Params: "7.6B"},
	{Name: "qwen2.5-coder:14b", Params: "14.8B"},
}

// models are those of cases that need more than a small one.
var models = map[string][]modeltest.Model{"failure": threeSizes, "larger": threeSizes}

func TestMain(m *testing.M) {
	code, err := prepare(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// prepare finds Neovim and the server.
func prepare(run func() int) (int, error) {
	if nvim = os.Getenv("NVIM_BIN"); nvim == "" {
		var err error
		if nvim, err = exec.LookPath("nvim"); err != nil {
			return 0, errors.New("no Neovim: `make -C editors test` installs one, NVIM_BIN names another")
		}
	}
	var done func()
	var err error
	if hob, done, err = scripted.Binary(); err != nil {
		return 0, err
	}
	defer done()
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
			runCase(t, deadline, file)
		})
	}
}

// runCase starts Neovim as a user would, with the plugin in its runtimepath, and
// runs a case in it once it has started.
func runCase(t testing.TB, limit time.Duration, file string, env ...string) {
	t.Helper()
	plugin, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	harness, _ := filepath.Abs("harness.lua") // failed above if it could
	file, _ = filepath.Abs(file)
	s := scripted.NewSession(t, hob, limit, models[strings.TrimSuffix(filepath.Base(file), ".lua")]...)
	s.Run(append(env, "E2E_CASE="+file, "E2E_NVIM="+nvim, "E2E_HARNESS="+harness, "E2E_PLUGIN="+plugin), nvim, "--clean", "--headless", "-n", "-i", "NONE",
		"--cmd", "set runtimepath^="+plugin,
		"-c", fmt.Sprintf("lua vim.schedule(function() dofile(%q) end)", harness))
}
