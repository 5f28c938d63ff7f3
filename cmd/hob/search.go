package main

import (
	"bufio"
	"errors"
	"fmt"

	"github.com/hob-ls/hob/workspace"
)

type searchCmd struct {
	Pattern    string `arg:"" help:"What to look for."`
	Dir        string `arg:"" optional:"" default:"." help:"The folder."`
	Regexp     bool   `short:"e" help:"PATTERN is a regular expression (RE2) and no plain text."`
	IgnoreCase bool   `short:"i" help:"Capital and small letters are the same."`
}

// Run is `hob index search`: path:line:column:text for each match, ordered. Like
// grep it fails where there is none.
func (c *searchCmd) Run(a *app) (err error) {
	dir, ws, err := a.openFolder(c.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = ws.Close() }() // read-only work, and it is done
	q := workspace.Query{Pattern: c.Pattern, Regexp: c.Regexp}
	if c.IgnoreCase {
		q.Case = workspace.CaseInsensitive
	}
	out := bufio.NewWriter(a.out)
	rep, err := ws.Snapshot().Search(a.ctx, q, func(m workspace.Hit) error {
		_, err := fmt.Fprintf(out, "%s:%d:%d:%s\n", relative(dir, m.Path), m.Line+1, m.Col+1, m.Text)
		return err
	})
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	if errors.Is(err, workspace.ErrQuery) {
		return usagef("%s", err)
	}
	if err != nil {
		return err
	}
	if n := rep.Large + rep.Unread; n > 0 {
		_, _ = fmt.Fprintf(a.err, "hob: %d files were not searched: %d above index.max_file, %d unreadable\n", n, rep.Large, rep.Unread)
	}
	if rep.Matches == 0 {
		return errReported
	}
	return nil
}
