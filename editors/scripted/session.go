package scripted

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
)

// Binary is the server that tests start: E2E_HOB, or one that is built into a
// folder which done removes.
func Binary() (hob string, done func(), err error) {
	if hob = os.Getenv("E2E_HOB"); hob != "" {
		return hob, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "hob-editor")
	if err != nil {
		return "", nil, err
	}
	done = func() { _ = os.RemoveAll(dir) } // temporary
	hob = filepath.Join(dir, "hob")
	if out, err := exec.Command("go", "build", "-o", hob, "github.com/hob-ls/hob/cmd/hob").CombinedOutput(); err != nil {
		done()
		return "", nil, fmt.Errorf("building hob: %w\n%s", err, out)
	}
	return hob, done, nil
}

// Session is what one editor of a test lives in: a home and a workspace of its
// own, the server in the PATH, and a model.
type Session struct {
	t      testing.TB
	Ctx    context.Context // ends after the limit
	Dir    string
	Work   string // the workspace
	Config string // the server's configuration
	Model  *Model
	limit  time.Duration
	socket net.Listener // on which the test talks to the model's script
}

// NewSession makes a session that lasts as long as its test, at most limit. The
// model server has those models, or a small one.
func NewSession(t testing.TB, hob string, limit time.Duration, models ...modeltest.Model) *Session {
	if len(models) == 0 {
		models = []modeltest.Model{{Name: "qwen2.5-coder:3b", Params: "3.1B"}}
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	model, err := Start(modeltest.Script{Models: models})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(model.Close)
	s := &Session{t: t, Ctx: ctx, Dir: shortTempDir(t), Model: model, limit: limit}
	s.Work, s.Config = filepath.Join(s.Dir, "work"), filepath.Join(s.Dir, "config.toml")
	for _, d := range []string{s.Work, filepath.Join(s.Work, ".git"), s.Home(), filepath.Join(s.Dir, "bin")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// The server under the name by which editors start it by default.
	if err := os.Symlink(hob, filepath.Join(s.Dir, "bin", "hob")); err != nil {
		t.Fatal(err)
	}
	// A test asks the same of the model more than once, and means it.
	settings := fmt.Sprintf("[providers.ollama]\nurl = %q\n[cache]\nmemory = 0\n", model.URL)
	if err := os.WriteFile(s.Config, []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
	if s.socket, err = net.Listen("unix", filepath.Join(s.Dir, "model.sock")); err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() { defer close(served); s.Model.Serve(s.Ctx, s.socket) }()
	t.Cleanup(func() { _ = s.socket.Close(); <-served }) // ends Serve
	return s
}

// Home is the home folder.
func (s *Session) Home() string { return filepath.Join(s.Dir, "home") }

// shortTempDir is a folder whose sockets fit into the 104 bytes that a path of
// one may have, without symbolic links.
func shortTempDir(t testing.TB) string {
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

// Env is the environment of the editor: E2E_SOCKET is where the model's script
// is told, E2E_WORK the workspace.
func (s *Session) Env() []string {
	home := s.Home()
	return append(CleanEnv(),
		"HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_STATE_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_DATA_HOME="+home,
		"PATH="+filepath.Join(s.Dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
		"HOB_CONFIG="+s.Config, "HOB_LOG="+filepath.Join(s.Dir, "hob.log"), "HOB_LOG_LEVEL=debug",
		"E2E_SOCKET="+s.socket.Addr().String(), "E2E_WORK="+s.Work)
}

// CleanEnv is the environment without what could redirect the server or an editor.
func CleanEnv() []string {
	var env []string
next:
	for _, kv := range os.Environ() {
		for _, prefix := range []string{"HOB_", "OLLAMA_", "NVIM", "VIM", "EMACS"} {
			if strings.HasPrefix(kv, prefix) {
				continue next
			}
		}
		env = append(env, kv)
	}
	return env
}

// Run runs an editor in the workspace. It must end well, and the model must have
// been asked for all that it was told to say.
func (s *Session) Run(env []string, name string, args ...string) {
	t := s.t
	t.Helper()
	cmd := exec.CommandContext(s.Ctx, name, args...)
	cmd.Dir, cmd.Env = s.Work, append(s.Env(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	if s.Ctx.Err() != nil {
		err = fmt.Errorf("not done within %v", s.limit)
	}
	if left := s.Model.Left(); err == nil && left > 0 {
		err = fmt.Errorf("%d replies of the model were not asked for", left)
	}
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(s.Dir, "hob.log")) // may not exist
		t.Fatalf("%v\n%s\nserver log:\n%s", err, out.Bytes(), log)
	}
	t.Logf("%s", out.Bytes())
}
