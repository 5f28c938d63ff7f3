package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// serverProcess is `hob serve` as a child; it is the stream to it as well.
type serverProcess struct {
	io.Reader
	io.WriteCloser
	cmd    *exec.Cmd
	stderr *bytes.Buffer
}

// executable is the program itself; a test of the process puts another one here.
var executable = os.Executable

// startServer starts this very program as a server, as an editor would.
func (a *app) startServer() (*serverProcess, error) {
	self, err := executable()
	if err != nil {
		return nil, err
	}
	args := []string{"serve"}
	if a.common.UserFile != "" {
		args = append(args, "--config", a.common.UserFile)
	}
	if a.common.Log != "" {
		args = append(args, "--log", a.common.Log)
	}
	if a.common.LogLevel != "" {
		args = append(args, "--log-level", a.common.LogLevel)
	}
	p := &serverProcess{cmd: exec.CommandContext(a.ctx, self, args...), stderr: new(bytes.Buffer)}
	// The debug page is this process's: two can't have one address.
	p.cmd.Env = slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "HOB_DEBUG=") })
	p.cmd.Stderr = p.stderr
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 3 * time.Second
	if p.WriteCloser, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.Reader, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return p, p.cmd.Start()
}

// end closes the child's stdin and waits for it; what it had to say on stderr
// is told with the error.
func (p *serverProcess) end(ctx context.Context, err error) error {
	_ = p.Close() // it may have been closed with the session
	stop := context.AfterFunc(ctx, func() { _ = p.cmd.Process.Kill() })
	defer stop()
	if waitErr := p.cmd.Wait(); err == nil && waitErr != nil {
		err = fmt.Errorf("hob serve: %w", waitErr)
	}
	if said := strings.TrimSpace(p.stderr.String()); err != nil && said != "" {
		err = fmt.Errorf("%w\n%s", err, said)
	}
	return err
}
