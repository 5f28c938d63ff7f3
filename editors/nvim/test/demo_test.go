//go:build editors

package nvimtest

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/editors/scripted"
)

var demo = flag.String("demo", "", "record a session of the plugin and write it to this SVG file")

const (
	demoColumns = 84
	demoRows    = 24
)

// demoFile is what the recorded session begins with.
const demoFile = `import { useState } from "react";

interface Todo {
  id: number;
  title: string;
  done: boolean;
}

export function TodoList({ todos }: { todos: Todo[] }) {
  return (
    <ul>
      {todos.map((todo) => (
        <li key={todo.id}>{todo.title}</li>
      ))}
    </ul>
  );
}
`

const demoReply = "```tsx\n" + `export function TodoList({ todos }: { todos: Todo[] }) {
  const [hideDone, setHideDone] = useState(false);
  const shown = hideDone ? todos.filter((todo) => !todo.done) : todos;
  return (
    <ul>
      <button onClick={() => setHideDone(!hideDone)}>Hide done</button>
      {shown.map((todo) => (
        <li key={todo.id}>{todo.title}</li>
      ))}
    </ul>
  );
}
` + "```"

// demoToken is how many bytes the model writes at a time, demoRate how many
// tokens a second: a small model on an ordinary machine.
const demoToken, demoRate = 4, 60

// demoGates stop the model near the end of each line of code; shown is what of
// that line is on the screen by then.
func demoGates() (gates []modeltest.Gate, shown []string) {
	at := 0
	for line := range strings.Lines(demoReply) {
		from := at
		at += len(line)
		if n := len(strings.TrimSpace(line)); n < 4 || strings.HasPrefix(line, "```") {
			continue
		}
		tokens := (at - 3) / demoToken
		gates = append(gates, modeltest.Gate{Name: fmt.Sprint("line", len(gates)), After: tokens})
		shown = append(shown, strings.TrimSpace(demoReply[from:tokens*demoToken]))
	}
	return gates, shown
}

// terminal is a tmux of its own with one pane.
type terminal struct {
	t      *testing.T
	socket string
}

func newTerminal(t *testing.T, s *scripted.Session, command ...string) *terminal {
	tm := &terminal{t: t, socket: filepath.Join(s.Dir, "tmux")}
	args := append([]string{"-f", os.DevNull, "new-session", "-d", "-x", fmt.Sprint(demoColumns), "-y", fmt.Sprint(demoRows)}, command...)
	tm.tmux(args...)
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", tm.socket, "kill-server").Run() }) // it may have ended by itself
	tm.tmux("set-option", "-g", "status", "off")
	return tm
}

func (tm *terminal) tmux(args ...string) string {
	tm.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-u", "-S", tm.socket}, args...)...)
	cmd.Env = scripted.CleanEnv()
	out, err := cmd.CombinedOutput()
	if err != nil {
		tm.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func (tm *terminal) keys(keys ...string) { tm.tmux(append([]string{"send-keys"}, keys...)...) }

// see waits until all parts are on the screen, which it returns with its colours.
func (tm *terminal) see(parts ...string) string {
	tm.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		screen, missing := tm.tmux("capture-pane", "-p"), ""
		for _, p := range parts {
			if !strings.Contains(screen, p) {
				missing = p
			}
		}
		if missing == "" {
			return tm.tmux("capture-pane", "-p", "-e", "-N")
		}
		if time.Now().After(end) {
			tm.t.Fatalf("%q is not on the screen:\n%s", missing, screen)
		}
	}
}

// TestDemo records what a user sees: the real plugin, server and Neovim; only
// what the model says is scripted.
func TestDemo(t *testing.T) {
	s := scripted.NewSession(t, hob, deadline)
	if *demo == "" {
		*demo = filepath.Join(s.Dir, "demo.svg") // that it can be recorded is worth a test
	}
	gates, shown := demoGates()
	s.Model.Server().Script(modeltest.Reply{Text: demoReply, Chunk: demoToken, Decode: demoRate, Gates: gates})
	if err := os.WriteFile(filepath.Join(s.Work, "TodoList.tsx"), []byte(demoFile), 0o644); err != nil {
		t.Fatal(err)
	}
	plugin, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	setup := filepath.Join(s.Dir, "init.lua")
	lua := fmt.Sprintf(`vim.opt.runtimepath:prepend(%q)
vim.lsp.enable('hob')
vim.o.termguicolors = true
vim.o.showmode, vim.o.ruler, vim.o.laststatus = false, false, 3
vim.o.number, vim.o.signcolumn = true, 'no'
vim.o.shortmess = vim.o.shortmess .. 'FI'
vim.o.statusline = " %%f %%m%%=%%{v:lua.require'hob'.statusline()} "
`, plugin)
	if err := os.WriteFile(setup, []byte(lua), 0o644); err != nil {
		t.Fatal(err)
	}
	tm := newTerminal(t, s, "env", "-C", s.Work, "TERM=tmux-256color", "COLORTERM=truecolor", "HOME="+s.Home(),
		"PATH="+filepath.Join(s.Dir, "bin")+":"+os.Getenv("PATH"), "HOB_CONFIG="+s.Config,
		nvim, "-n", "-i", "NONE", "-u", setup, "TodoList.tsx")
	film := &film{columns: demoColumns, rows: demoRows}
	film.add(1.2, tm.see("TodoList({ todos }", " hob\n"))
	tm.keys("9GV")
	film.add(0.5, tm.see("TodoList({ todos }"))
	tm.keys("8j")
	film.add(1.0, tm.see("TodoList({ todos }"))
	tm.keys("gra")
	film.add(2.0, tm.see("Edit selection…"))
	tm.keys("1", "Enter")
	film.add(0.6, tm.see("Edit selection:"))
	done, instruction := 0, "a button that hides what is done"
	for typed := range slices.Chunk([]byte(instruction), 8) {
		tm.keys("-l", string(typed))
		done += len(typed)
		film.add(0.25, tm.see(strings.TrimSpace(instruction[:done])))
	}
	film.hold(0.7)
	tm.keys("Enter")
	for i, gate := range gates {
		if err := s.Model.Server().WaitGate(s.Ctx, gate.Name); err != nil {
			t.Fatal(err)
		}
		film.add(0.28, tm.see("hob: edit writing", shown[i]))
		s.Model.Server().Release(gate.Name)
	}
	film.add(2.6, tm.see("waits for you", "<CR> all"))
	tm.keys("]c")
	film.add(1.0, tm.see("waits for you", "<CR> all"))
	tm.keys("Enter")
	film.add(2.4, tm.see("setHideDone(!hideDone)", " hob\n"))
	tm.keys(":Hob status", "Enter")
	film.add(3.0, tm.see("edit applied by ollama/qwen2.5-coder:3b"))
	tm.keys("q")
	tm.keys("u")
	film.add(2.0, tm.see("{todos.map((todo)", "TodoList.tsx  "))
	tm.keys(":qa!", "Enter")
	svg := film.svg()
	if len(svg) > 200_000 {
		t.Fatalf("%d bytes are too many for a README", len(svg))
	}
	if err := os.WriteFile(*demo, []byte(svg), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d frames, %d bytes", *demo, len(film.frames), len(svg))
}
