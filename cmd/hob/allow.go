package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hob-ls/hob/lsp"
)

// choose answers the questions of a job that was started with everything it needs:
// yes. Whether a program may be used is another matter: that is asked on the
// terminal, and refused where there is none.
func (a *app) choose(line *statusLine, actions []string) string {
	if !slices.Contains(actions, lsp.AllowButton) {
		return actions[0] // --apply says yes; without it nothing is asked
	}
	defer line.hold()()
	if !isTerminal(a.in) || !isTerminal(a.err) {
		_, _ = fmt.Fprintln(a.err, "hob: not allowed, as there is no terminal to ask on; run this once on one, or use the tool in an editor: what is allowed there counts here, too")
		return "" // no answer, and so no refusal that would be kept
	}
	_, _ = fmt.Fprint(a.err, "hob: allow it, now and later in this workspace? [y/N] ")
	answer, err := readLine(a.ctx, a.in)
	if err != nil {
		_, _ = fmt.Fprintln(a.err)
		return ""
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return lsp.AllowButton
	}
	return lsp.DenyButton
}

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
