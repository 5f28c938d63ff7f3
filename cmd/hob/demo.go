package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/workspace/text"
)

// demoProject is the project in which the demo works.
//
//go:embed demo
var demoProject embed.FS

const (
	demoDocument = "src/App.tsx"
	demoPrompt   = "a React button component with a label, an onClick handler, a primary and a secondary variant and a disabled flag"
)

type demoCmd struct {
	Dir    string `arg:"" optional:"" help:"Unpack the sample project here, in an empty folder, and leave it there."`
	Keep   bool   `help:"Leave the temporary folder."`
	Prompt string `short:"p" help:"Another instruction."`
	Model  string `placeholder:"PROVIDER/NAME" help:"This model and no other."`
}

// Run is `hob demo`: the built server as a child process, an editor's whole
// session with it, and every step with its time.
func (c *demoCmd) Run(a *app) error {
	dir, remove, err := c.folder()
	if err != nil {
		return err
	}
	defer remove()
	files, err := unpack(dir)
	if err != nil {
		return err
	}
	d := &demo{app: a, dir: dir, files: files, out: style{colours(a.out)}}
	if isTerminal(a.err) {
		d.line.w = a.err
	}
	prompt := demoPrompt
	if c.Prompt != "" {
		prompt = c.Prompt
	}
	d.say("\n%s  a component in a sample React project, through a real editor session\n\n", d.out.bold("hob demo"))
	d.say("  project      %s (%d files)\n", dir, files)
	err = d.session(prompt, c.Model)
	d.line.clear()
	if err == nil && (c.Keep || c.Dir != "") {
		d.say("\nThe project is in %s\n", dir)
	}
	return err
}

// folder is where the project goes; remove takes a temporary one away.
func (c *demoCmd) folder() (dir string, remove func(), err error) {
	if c.Dir == "" {
		if dir, err = os.MkdirTemp("", "hob-demo-"); err != nil {
			return "", nil, err
		}
		if dir, err = filepath.EvalSymlinks(dir); err != nil {
			return "", nil, err
		}
		if c.Keep {
			return dir, func() {}, nil
		}
		return dir, func() { _ = os.RemoveAll(dir) }, nil // a temporary folder that stays does no harm
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return "", nil, err
	}
	if dir, err = existing(c.Dir); err != nil {
		return "", nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", nil, err
	}
	if len(entries) > 0 {
		return "", nil, usagef("%s is not empty; name a folder that is, or none for a temporary one", c.Dir)
	}
	return dir, func() {}, nil
}

// unpack writes the sample project and counts its files.
func unpack(dir string) (files int, err error) {
	project, err := fs.Sub(demoProject, "demo")
	if err != nil {
		return 0, err
	}
	err = fs.WalkDir(project, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if e.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		data, err := fs.ReadFile(project, name)
		if err != nil {
			return err
		}
		files++
		return os.WriteFile(to, data, 0o644)
	})
	return files, err
}

// demo is one run.
type demo struct {
	*app
	dir   string
	files int
	out   style
	line  statusLine

	changes   []fileChange // what was applied
	reviewErr error
}

// say prints to the person; the demo goes on when nobody reads.
func (d *demo) say(format string, args ...any) {
	d.line.clear()
	_, _ = fmt.Fprintf(d.app.out, format, args...)
}

func (d *demo) step(name string, took time.Duration, detail string) {
	d.stepMillis(name, toMillis(took), detail)
}

func (d *demo) stepMillis(name string, ms float64, detail string) {
	d.say("  %-12s %s  %s\n", name, d.out.cyan(fmt.Sprintf("%9s", millis(ms))), detail)
}

// session runs the server and all steps.
func (d *demo) session(prompt, model string) error {
	begin := time.Now()
	server, err := d.startServer()
	if err != nil {
		return err
	}
	d.step("start", time.Since(begin), fmt.Sprintf("hob serve, process %d", server.cmd.Process.Pid))
	opts := client.Options{Name: "hob demo", Roots: []string{d.dir}, Encoding: text.UTF8, WriteThrough: true, Log: d.log}
	d.line.watch(&opts)
	opts.Review = func(e client.Edit) bool {
		d.changes, d.reviewErr = changesOf(e.Raw, text.UTF8, readText)
		return d.reviewErr == nil
	}
	c, err := client.Start(d.ctx, server, opts)
	if err != nil {
		return server.end(d.ctx, fmt.Errorf("the server did not start: %w", err))
	}
	err = d.steps(c, prompt, model)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.ctx), 5*time.Second)
	defer cancel()
	closeErr := c.Close(ctx)
	if endErr := server.end(ctx, nil); err == nil {
		err = errors.Join(closeErr, endErr)
	}
	return err
}

// steps are what an editor does from opening the folder to the applied edit.
func (d *demo) steps(c *client.Client, prompt, model string) error {
	d.step("initialize", c.Timings().Initialize, "the first answer, the process's own start included")
	if err := d.index(c); err != nil {
		return err
	}
	document := filepath.Join(d.dir, filepath.FromSlash(demoDocument))
	if err := c.Open(document, nil); err != nil {
		return err
	}
	begin := time.Now()
	actions, err := c.CodeActions(d.ctx, document, lsp.Range{}, nil, true, nil)
	if err != nil {
		return fmt.Errorf("the menu: %w", err)
	}
	var titles []string
	for _, action := range actions {
		titles = append(titles, action.Title)
	}
	d.step("menu", time.Since(begin), strings.Join(titles, " · "))
	d.say("\n  %s %q\n", d.out.bold("hob.component"), prompt)
	begin = time.Now()
	r, err := c.Job(d.ctx, "hob.component", lsp.JobParams{URI: client.URI(document), Prompt: prompt, Model: model, Wait: true})
	wall := time.Since(begin)
	d.line.clear()
	if err := errors.Join(err, d.reviewErr); err != nil {
		return err
	}
	return d.report(r, wall)
}

// index waits until the server has the project in memory.
func (d *demo) index(c *client.Client) error {
	w, err := waitIndex(d.ctx, c, indexPatience)
	if err != nil {
		return err
	}
	hidden := ""
	if n := d.files - w.Files; n > 0 {
		hidden = fmt.Sprintf(", ignore rules hide the other %d", n)
	}
	d.stepMillis("index", w.Scan, fmt.Sprintf("%d files in memory%s, watching: %s", w.Files, hidden, w.Watch))
	return nil
}

// report prints how the job went.
func (d *demo) report(r *lsp.JobResult, wall time.Duration) error {
	if r.Status == "failed" {
		return failure(d.app, r)
	}
	if r.Status != "applied" {
		return fmt.Errorf("the job ended as %q", r.Status)
	}
	who := r.Model
	if who == "" {
		who = "no model: the " + r.Tier + " tier"
	} else {
		who += ", " + r.Tier + " tier"
	}
	if t := r.Timing; t != nil {
		d.stepMillis("route", t.Route, who)
		d.say("  %-12s %9s  %s\n", "", "", d.out.dim(r.Why))
		if r.Model == "" {
			d.say("  %-12s %9s  %s\n", "queue", "-", "no model, so nothing to wait for, to read or to write")
		} else {
			d.modelSteps(r, t)
		}
		d.stepMillis("apply", t.Apply, fmt.Sprintf("one workspace edit, %d files", len(d.changes)))
	}
	d.say("\n")
	if err := writeDiff(d.app.out, d.dir, d.changes, d.out.on); err != nil {
		return err
	}
	d.say("\n  %-12s %s  from the command to the files on disk, on the editor's clock\n", d.out.bold("total")+strings.Repeat(" ", 7), d.out.cyan(fmt.Sprintf("%9s", millis(toMillis(wall)))))
	if r.Timing != nil {
		d.say("  %-12s %s  of it is Hob itself\n", "", d.out.cyan(fmt.Sprintf("%9s", millis(r.Timing.Overhead))))
	}
	if r.Model == "" {
		d.say("\n%s\n", d.out.yellow("No model on this machine answered, so a generator without one wrote this."))
		d.say("To see a model do it: install Ollama (https://ollama.com/download), run `ollama pull qwen2.5-coder:3b`\nand then `hob demo` again. `hob doctor` says what is missing.\n")
	}
	return nil
}

// loadNoticed is the load time in milliseconds from which a model was really
// loaded: servers report a fraction of one for a model in memory, too.
const loadNoticed = 20

// modelSteps are the steps that only a job with a model has.
func (d *demo) modelSteps(r *lsp.JobResult, t *lsp.JobTiming) {
	d.stepMillis("queue", t.Queue, "")
	if t.Load >= loadNoticed {
		d.stepMillis("load", t.Load, "the model was not in memory yet")
	}
	d.stepMillis("prompt", t.Prompt, usageText(r.Usage, true))
	d.stepMillis("first token", t.FirstToken, "")
	d.stepMillis("generate", t.Generate, usageText(r.Usage, false))
}

func usageText(u *lsp.JobUsage, reading bool) string {
	switch {
	case u == nil || u.Calls == 0:
		return ""
	case !reading:
		return fmt.Sprintf("%d tokens", u.OutputTokens)
	case u.CachedTokens != nil:
		return fmt.Sprintf("%d tokens, %d of them known already", u.PromptTokens, *u.CachedTokens)
	}
	return fmt.Sprintf("%d tokens", u.PromptTokens)
}
