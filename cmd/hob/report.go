package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/workspace/text"
)

// report prints how a job ended.
func (c *runCmd) report(a *app, root string, r *lsp.JobResult, applied []fileChange) error {
	if c.JSON {
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(r); err != nil {
			return err
		}
	}
	s := style{colours(a.err)}
	switch r.Status {
	case "failed":
		if r.Diff != "" && !c.JSON { // what the model wrote for a text that is another now
			_, _ = io.WriteString(a.out, a.shown(r.Diff))
		}
		return failure(a, r)
	case "cancelled":
		_, _ = fmt.Fprintln(a.err, "hob: cancelled; nothing was changed")
		return errReported
	case "declined":
		_, _ = fmt.Fprintf(a.err, "hob: the edit was not applied; nothing was changed\n%s\n", s.dim(plain(summary(r))))
		return errReported
	}
	if !c.JSON {
		if err := c.show(a, root, r, applied); err != nil {
			return err
		}
	}
	for _, left := range r.Left {
		_, _ = fmt.Fprintln(a.err, plain("hob: left out: "+left))
	}
	_, _ = fmt.Fprintln(a.err, s.dim(plain(summary(r))))
	if c.fails(r) {
		return errReported
	}
	return nil
}

// show prints what a job made.
func (c *runCmd) show(a *app, root string, r *lsp.JobResult, applied []fileChange) error {
	switch r.Status {
	case "answered":
		if c.Action == "review" {
			return c.showFindings(a, root, r)
		}
		_, err := fmt.Fprintln(a.out, a.shown(strings.TrimRight(r.Answer, "\n")))
		return err
	case "returned":
		changes, err := changesOf(r.Edit, text.UTF8, readText)
		if err != nil {
			return err
		}
		return writeDiff(a.out, root, changes, colours(a.out))
	case "applied":
		for _, ch := range applied {
			added, removed := ch.counts()
			if _, err := fmt.Fprintf(a.out, "%s  +%d -%d\n", a.shown(relative(root, ch.path)), added, removed); err != nil {
				return err
			}
		}
	case "unchanged":
		_, _ = fmt.Fprintln(a.err, "hob: the model left everything as it is")
	}
	return nil
}

// failure prints the error of a job.
func failure(a *app, r *lsp.JobResult) error {
	if r.Error == nil {
		return errors.New("the job failed and did not say why")
	}
	s := style{colours(a.err)}
	_, _ = fmt.Fprintf(a.err, "hob: %s\n", plain(r.Error.Message))
	if r.Error.Hint != "" {
		_, _ = fmt.Fprintf(a.err, "%s %s\n", s.bold("what to do:"), plain(r.Error.Hint))
	}
	return errReported
}

// summary says in one line who did it and what it took.
func summary(r *lsp.JobResult) string {
	parts := []string{cmp.Or(r.Model, r.Tier+" tier")}
	if r.Model != "" && r.Tier != "" {
		parts[0] += " (" + r.Tier + ")"
	}
	if r.Why != "" {
		parts[0] += ": " + r.Why
	}
	if u := r.Usage; u != nil && u.Calls > 0 {
		parts = append(parts, fmt.Sprintf("%d + %d tokens", u.PromptTokens, u.OutputTokens))
	}
	if t := r.Timing; t != nil {
		parts = append(parts, millis(t.Total)+" in all", "of them Hob "+millis(t.Overhead))
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}

// millis writes milliseconds for people.
func millis(ms float64) string {
	switch {
	case ms >= 10_000:
		return fmt.Sprintf("%.1f s", ms/1000)
	case ms >= 1000:
		return fmt.Sprintf("%.2f s", ms/1000)
	case ms >= 10:
		return fmt.Sprintf("%.0f ms", ms)
	case ms >= 0.1:
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.2f ms", ms)
}

func toMillis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
