package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hob-ls/hob/workspace"
)

type searchCmd struct {
	Pattern    string        `arg:"" help:"What to look for."`
	Dir        string        `arg:"" optional:"" default:"." help:"The folder."`
	Regexp     bool          `short:"e" help:"PATTERN is a regular expression (RE2) and no plain text."`
	IgnoreCase bool          `short:"i" xor:"case" help:"Capital and small letters are the same."`
	SmartCase  bool          `short:"S" xor:"case" help:"They are, unless PATTERN has a capital letter."`
	Word       bool          `short:"w" help:"Only where the match is a whole word."`
	Glob       []string      `short:"g" sep:"none" placeholder:"GLOB" help:"Only files that match, or with ! before it only others. May be repeated."`
	Context    int           `short:"C" placeholder:"N" help:"Show N lines before and after each match."`
	Limit      int           `short:"m" placeholder:"N" help:"Stop after N matches."`
	Timeout    time.Duration `placeholder:"TIME" help:"Stop after this time, and say so."`
}

// Run is `hob index search`: path:line:column:text for each match, ordered. Like
// grep it fails where there is none.
func (c *searchCmd) Run(a *app) (err error) {
	if c.Context < 0 || c.Limit < 0 || c.Timeout < 0 {
		return usagef("--context, --limit and --timeout can't be below zero")
	}
	dir, ws, err := a.openFolder(c.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = ws.Close() }() // read-only work, and it is done
	out := bufio.NewWriter(a.out)
	hits := hitPrinter{out: out, show: a.shown, dir: dir, context: c.Context}
	rep, err := ws.Snapshot().Search(a.ctx, c.query(), hits.print)
	hits.end()
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	if errors.Is(err, workspace.ErrQuery) {
		return usagef("%s", err)
	}
	if err != nil {
		return err
	}
	switch rep.Cut {
	case workspace.CutLimit:
		_, _ = fmt.Fprintf(a.err, "hob: there are more matches than --limit %d\n", c.Limit)
	case workspace.CutTime:
		_, _ = fmt.Fprintf(a.err, "hob: not everything was searched within --timeout %s\n", c.Timeout)
	}
	if n := rep.Large + rep.Unread; n > 0 {
		_, _ = fmt.Fprintf(a.err, "hob: %d files were not searched: %d above index.max_file, %d unreadable\n", n, rep.Large, rep.Unread)
	}
	if rep.Matches == 0 {
		return errReported
	}
	return nil
}

func (c *searchCmd) query() workspace.Query {
	q := workspace.Query{Pattern: c.Pattern, Regexp: c.Regexp, Word: c.Word, Context: c.Context, Max: c.Limit, Timeout: c.Timeout}
	switch {
	case c.IgnoreCase:
		q.Case = workspace.CaseInsensitive
	case c.SmartCase:
		q.Case = workspace.CaseSmart
	}
	for _, g := range c.Glob {
		if not, ok := strings.CutPrefix(g, "!"); ok {
			q.Exclude = append(q.Exclude, not)
		} else {
			q.Include = append(q.Include, g)
		}
	}
	return q
}

// hitPrinter prints matches, with the lines around them as grep does: each once, as
// path-line-text, and "--" where lines are left out.
type hitPrinter struct {
	out     *bufio.Writer // keeps its first error for Flush
	show    func(string) string
	dir     string
	context int

	path  string   // of the last match
	next  int      // the line after the last one printed
	after []string // lines from next on that are still to be printed
}

func (p *hitPrinter) print(m workspace.Hit) error {
	path := relative(p.dir, m.Path)
	if p.context > 0 {
		first := m.Line - len(m.Before)
		if path == p.path {
			for p.next < first && len(p.after) > 0 {
				p.around(p.after[0])
				p.after = p.after[1:]
			}
		} else {
			p.end()
		}
		if p.path != "" && (path != p.path || first > p.next) {
			_, _ = p.out.WriteString("--\n")
		}
		if path != p.path || first > p.next {
			p.path, p.next = path, first
		}
		for _, line := range m.Before[min(p.next-first, len(m.Before)):] {
			p.around(line)
		}
		p.next, p.after = m.Line+1, m.After
	}
	_, err := fmt.Fprintln(p.out, p.show(fmt.Sprintf("%s:%d:%d:%s", path, m.Line+1, m.Col+1, m.Text)))
	return err
}

// around prints a line beside a match, the next of the file.
func (p *hitPrinter) around(line string) {
	p.next++
	_, _ = fmt.Fprintln(p.out, p.show(fmt.Sprintf("%s-%d-%s", p.path, p.next, line)))
}

// end prints what comes after the last match of a file.
func (p *hitPrinter) end() {
	for _, line := range p.after {
		p.around(line)
	}
	p.after = nil
}
