package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent/review"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
)

// several makes a job about the project: a refactoring, or a review of what changed.
func (c *runCmd) several(j *terminalJob) error {
	switch {
	case c.Action == "refactor" && c.Prompt == "":
		return usagef("run refactor needs an instruction: --prompt TEXT")
	case c.Action != "refactor" && c.Action != "review":
		return usagef("--changes is for run review")
	}
	at, err := existing(cmp.Or(c.Place, "."))
	if err != nil {
		return err
	}
	j.root, j.project = projectRoot(at), true
	j.params.URI, j.params.Changes, j.params.Voices = client.URI(at), c.Changes, c.Voice
	for _, name := range c.Only {
		path, err := existing(name)
		if err != nil {
			return err
		}
		j.params.URIs = append(j.params.URIs, client.URI(path))
	}
	return nil
}

// fails reports whether a review found what --fail-on names.
func (c *runCmd) fails(r *lsp.JobResult) bool {
	return c.FailOn != "" && slices.ContainsFunc(r.Findings, func(f lsp.JobFinding) bool {
		return review.Worse(review.Severity(f.Severity), review.Severity(c.FailOn))
	})
}

// showFindings prints what a review found, as compilers do.
func (c *runCmd) showFindings(a *app, root string, r *lsp.JobResult) error {
	here, err := os.Getwd()
	if err != nil {
		here = root
	}
	for _, f := range r.Findings {
		path, err := client.Path(f.URI)
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%s:%d:%d: %s: %s [%s]", relative(here, path), f.Range.Start.Line+1, f.Range.Start.Character+1,
			f.Severity, f.Message, strings.Join(f.Voices, ", "))
		if _, err := fmt.Fprintln(a.out, a.shown(line)); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintln(a.err, plain(r.Answer))
	dropped := 0
	for _, v := range r.Voices {
		dropped += v.Dropped
	}
	if dropped > 0 {
		_, _ = fmt.Fprintf(a.err, "hob: left out: findings that point at no code that is there: %d\n", dropped)
	}
	return nil
}
