package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/hob-ls/hob/agent/model/modeltest"
)

// leakChecked is a test run that fails when goroutines outlive it.
type leakChecked struct{ m *testing.M }

func (l leakChecked) Run() int {
	code := l.m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	return code
}

// TestMain makes this binary, started under the name hob, the program itself.
func TestMain(m *testing.M) {
	testscript.Main(leakChecked{m}, map[string]func(){"hob": main})
}

// servers are the scripted model servers by script.
var servers sync.Map

// nobody is an address at which nothing answers.
const nobody = "127.0.0.1:1"

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "testdata",
		RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("OLLAMA_HOST", nobody)
			e.Setenv("HOME", e.WorkDir+"/home")
			e.Setenv("NO_COLOR", "1")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"modelserver": modelServer,
			"waitgate":    waitGate,
			"cancelled":   waitCancelled,
			"release":     func(ts *testscript.TestScript, _ bool, args []string) { serverOf(ts).Release(args[0]) },
			"asked":       asked,
			"exec-code":   execCode,
		},
	})
}

// modelServer FILE starts a scripted model server and lets hob find it.
func modelServer(ts *testscript.TestScript, _ bool, args []string) {
	script, err := modeltest.Parse(ts.ReadFile(args[0]))
	ts.Check(err)
	s, err := modeltest.New(script)
	ts.Check(err)
	ts.Defer(s.Close)
	ts.Setenv("OLLAMA_HOST", s.URL)
	servers.Store(ts.Name(), s)
}

func serverOf(ts *testscript.TestScript) *modeltest.Server {
	s, ok := servers.Load(ts.Name())
	if !ok {
		ts.Fatalf("no modelserver was started")
	}
	return s.(*modeltest.Server)
}

// waitGate NAME waits until a reply stands at the gate.
func waitGate(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ts.Check(serverOf(ts).WaitGate(ctx, args[0]))
}

// waitCancelled waits until one request was given up.
func waitCancelled(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ts.Check(serverOf(ts).WaitCancelled(ctx, 1))
}

// asked TEXT... checks that the prompt of some chat holds every text; with ! that none does.
func asked(ts *testscript.TestScript, neg bool, args []string) {
	found := false
	for _, r := range serverOf(ts).Chats() {
		all := true
		for _, text := range args {
			all = all && strings.Contains(r.Prompt(), text)
		}
		found = found || all
	}
	if found == neg {
		ts.Fatalf("asked %q: %v", args, found)
	}
}

// execCode CODE PROGRAM ARGS... runs a program that must end with that exit code.
func execCode(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if neg || !errors.As(err, &exit) || strconv.Itoa(exit.ExitCode()) != args[0] {
		ts.Fatalf("%v, want exit code %s\n%s", err, args[0], ts.ReadFile("stderr"))
	}
}
