package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/hob-ls/hob/lsp"
)

type serveCmd struct {
	Stdio bool `help:"Speak on stdin and stdout; this is the only way there is, editors pass it by habit."`
}

// Run is `hob serve`. It ends without an error when the editor said goodbye in
// order or a signal came, and with one when the editor just left.
func (c *serveCmd) Run(a *app) error {
	rwc := newStdio()
	err := lsp.Serve(a.ctx, rwc, a.serverOptions())
	switch {
	case err == nil, a.ctx.Err() != nil && errors.Is(err, context.Cause(a.ctx)):
		return nil
	case errors.Is(err, lsp.ErrNoShutdown):
		a.log.Warn("the editor left without shutdown", "err", err)
		return errReported
	}
	return err
}

// stdio is the process's stdin and stdout. A read of stdin can't be woken, so a
// goroutine does the reading and hands over through a pipe that can be closed;
// when the session is over it stays behind in its read and ends with the process.
type stdio struct {
	*io.PipeReader
}

func newStdio() stdio {
	r, w := io.Pipe()
	go func() {
		_, err := io.Copy(w, os.Stdin)
		_ = w.CloseWithError(err) // never fails
	}()
	return stdio{r}
}

func (s stdio) Write(p []byte) (int, error) { return os.Stdout.Write(p) }

// Close ends the reading. Stdout stays open: the last answers are on their way.
func (s stdio) Close() error { return s.PipeReader.Close() }
