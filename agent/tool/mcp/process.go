package mcp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// How long a server has to end by itself: after its input is closed, after it was
// asked to, and where it has closed its output and is asked what the matter is.
const (
	graceEOF  = 2 * time.Second
	graceTerm = time.Second
	lastWords = 10 * time.Second
)

// passed are the variables that servers get of ours: where things are, and no keys.
var passed = []string{
	"HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR",
	"APPDATA", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATHEXT", "PROGRAMFILES", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP", "USERNAME", "USERPROFILE",
}

// process is a running server and the stream to it. Its input comes from Read.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *os.File
	lines  *protocolLines
	ended  chan struct{}         // closed when it has ended and its group was killed
	result string                // how it ended; written before ended is closed
	fault  atomic.Pointer[error] // the first thing wrong with its output
	closed sync.Once
	rush   <-chan struct{} // closed when it gets no more time to end
	grace  time.Duration   // after its input is closed
}

// start runs the command of c in a group of its own.
func start(c Config, log *lineLog, rush <-chan struct{}, grace time.Duration) (*process, error) {
	cmd := exec.Command(c.Command, c.Args...)
	for _, name := range passed {
		if v, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		cmd.Env = append(cmd.Env, name+"="+c.Env[name])
	}
	// Not in the workspace: programs such as npx run what lies in their folder.
	cmd.Dir = elsewhere()
	ownGroup(cmd)
	cmd.Stderr = log
	cmd.WaitDelay = graceTerm // for what it left behind with our stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout = w
	err = cmd.Start()
	_ = w.Close() // the server has its own
	if err != nil {
		_ = out.Close()
		return nil, fmt.Errorf("it can't be started: %w", err)
	}
	p := &process{cmd: cmd, in: in, out: out, ended: make(chan struct{}), rush: rush, grace: grace}
	p.lines = newProtocolLines(out, log.line)
	go func() {
		defer close(p.ended)
		_ = cmd.Wait()       // its error is what ProcessState says
		killGroup(cmd, true) // children of it would hold its stdout open
		p.result = cmd.ProcessState.String()
	}()
	return p, nil
}

// elsewhere is a folder that is no workspace: home, or what comes next to it.
func elsewhere() string {
	home, err := os.UserHomeDir()
	if info, statErr := os.Stat(home); err != nil || statErr != nil || !info.IsDir() {
		return os.TempDir()
	}
	return home
}

// Connect makes p a transport.
func (p *process) Connect(ctx context.Context) (sdk.Connection, error) {
	return (&sdk.IOTransport{Reader: p, Writer: nopCloser{p.in}, MaxLineLength: 2 * maxMessage}).Connect(ctx)
}

func (p *process) Read(b []byte) (int, error) {
	n, err := p.lines.Read(b)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
		p.fault.CompareAndSwap(nil, &err)
	}
	return n, err
}

// problem is what was wrong with the server: what it sent, else how it ended.
func (p *process) problem() error {
	if err := p.fault.Load(); err != nil {
		return *err
	}
	if p.endsWithin(lastWords) {
		return fmt.Errorf("it ended (%s)", p.result)
	}
	return nil
}

// Close ends the server: first in peace, then by force.
func (p *process) Close() error {
	p.closed.Do(func() {
		defer func() { _ = p.out.Close() }() // wakes who reads
		_ = p.in.Close()                     // that is how servers are told to end
		if p.endsWithin(p.grace) {
			return
		}
		killGroup(p.cmd, false)
		if p.endsWithin(graceTerm) {
			return
		}
		killGroup(p.cmd, true)
		<-p.ended
	})
	return nil
}

func (p *process) endsWithin(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-p.ended:
		return true
	case <-t.C:
	case <-p.rush:
	}
	return false
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
