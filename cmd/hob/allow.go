package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/hob-ls/hob/lsp"
)

// choose answers the questions of a job that was started with everything it needs:
// yes. Whether a program may be used is another matter: that is asked on the
// terminal, and refused where neither stdin nor stderr is one: nobody is there.
func (a *app) choose(line *statusLine, question string, actions []string) string {
	if !slices.Contains(actions, lsp.AllowButton) {
		return actions[0] // --apply says yes; without it nothing is asked
	}
	defer line.hold()()
	tty, err := a.terminal()
	if err != nil {
		_, _ = fmt.Fprintln(a.err, "hob: not allowed, as there is no terminal to ask on; run this once on one, or use the tool in an editor: what is allowed there counts here, too")
		return "" // no answer, and so no refusal that would be kept
	}
	defer func() { _ = tty.Close() }()
	if !isTerminal(a.err) { // else it stands there already
		_, _ = fmt.Fprintln(tty, plain("hob: "+question))
	}
	_, _ = fmt.Fprint(tty, "hob: allow it, now and later in this workspace? [y/N] ")
	answer, err := readLine(a.ctx, tty)
	if err != nil {
		_, _ = fmt.Fprintln(tty)
		return ""
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return lsp.AllowButton
	}
	return lsp.DenyButton
}

var errNoTerminal = errors.New("there is no terminal")

// terminal is the one that this process belongs to, whichever of its streams leads there.
func (a *app) terminal() (io.ReadWriteCloser, error) {
	if !isTerminal(a.in) && !isTerminal(a.err) {
		return nil, errNoTerminal
	}
	if runtime.GOOS != "windows" {
		return os.OpenFile("/dev/tty", os.O_RDWR, 0)
	}
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		_ = in.Close()
		return nil, err
	}
	return console{in, out}, nil
}

// console is a terminal whose two directions are files of their own.
type console struct{ in, out *os.File }

func (c console) Read(p []byte) (int, error)  { return c.in.Read(p) }
func (c console) Write(p []byte) (int, error) { return c.out.Write(p) }
func (c console) Close() error                { return errors.Join(c.in.Close(), c.out.Close()) }

// readLine reads a line of a person. When ctx ends, the read is left behind: it
// can't be woken.
func readLine(ctx context.Context, r io.Reader) (string, error) {
	type outcome struct {
		text string
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		text, err := bufio.NewReader(io.LimitReader(r, 1<<10)).ReadString('\n')
		done <- outcome{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case o := <-done:
		return o.text, o.err
	}
}
