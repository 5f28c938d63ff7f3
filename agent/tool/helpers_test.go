package tool

import (
	"encoding/json"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/workspacetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// files of the sample workspace.
var files = map[string]string{
	"go.mod":           "module example.com/m\n\ngo 1.26\n",
	"main.go":          "package main\n\nimport \"example.com/m/greet\"\n\nfunc main() {\n\tprintln(greet.Hello(\"you\"))\n}\n",
	"greet/greet.go":   "package greet\n\n// Hello greets.\nfunc Hello(name string) string {\n\treturn \"Hello, \" + name\n}\n\ntype Greeter struct{ name string }\n\nfunc (g Greeter) Greet() string { return Hello(g.name) }\n",
	"greet/x_test.go":  "package greet\n\nfunc use() { _ = Hello(\"Hello\") }\n",
	"web/app.ts":       "export function Hello() {}\n",
	"web/deep/a/b.css": ".a { color: red }\n",
	".env":             "SECRET=1\n",
	".gitignore":       "ignored/\n",
	"ignored/x.go":     "package ignored // Hello\n",
	"latin1.txt":       "Hello caf\xe9\n",
	"crlf.txt":         "one\r\ntwo\r\nthree\r\n",
	"noend.txt":        "one\ntwo",
	"empty.txt":        "",
}

// sample is a workspace with files, whose first scan is done.
func sample(tb testing.TB) *workspace.Workspace {
	tb.Helper()
	dir := workspacetest.Dir(tb)
	workspacetest.Write(tb, dir, files)
	return open(tb, dir)
}

func put(tb testing.TB, dir, name, text string) {
	tb.Helper()
	workspacetest.Write(tb, dir, map[string]string{name: text})
}

func open(tb testing.TB, dirs ...string) *workspace.Workspace {
	tb.Helper()
	return workspacetest.Open(tb, workspace.Options{NoWatch: true, Exclude: []string{".env*", "*.pem"}}, dirs...)
}

// root is the first folder of w.
func rootOf(w *workspace.Workspace) string { return w.Snapshot().Roots()[0] }

// use runs one tool.
func use(tb testing.TB, v View, name, args string) (Result, error) {
	tb.Helper()
	for _, t := range Over(v) {
		if t.Name == name {
			return t.Run(tb.Context(), json.RawMessage(args))
		}
	}
	tb.Fatalf("there is no %s", name)
	return Result{}, nil
}

// waitFor polls until cond holds.
func waitFor(tb testing.TB, what string, cond func() bool) {
	tb.Helper()
	deadline := time.Now().Add(time.Minute)
	for !cond() {
		if time.Now().After(deadline) {
			tb.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}
