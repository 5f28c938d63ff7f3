package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/workspace/text"
)

type runCmd struct {
	Action string `arg:"" enum:"fix,edit,generate,component,document,implement,test,explain,review,refactor,run" help:"fix, edit, generate, component, document, implement, test, explain, review, refactor, or run for a command of your own (--name)."`
	Place  string `arg:"" optional:"" name:"file" help:"FILE, FILE:LINE, FILE:LINE-LINE or FILE:LINE:COLUMN-LINE:COLUMN, counted from 1; for component, refactor and review --changes any file or folder of the project."`

	Prompt    string `short:"p" help:"The instruction; - reads it from stdin."`
	Message   string `short:"m" help:"fix: what the compiler says about the place; - reads FILE:LINE:COLUMN: MESSAGE from stdin."`
	Tier      string `enum:",instant,fast,balanced,quality" default:"" help:"instant, fast, balanced or quality; the router chooses otherwise."`
	Model     string `placeholder:"PROVIDER/NAME" help:"This model and no other."`
	Name      string `help:"component: its name. run: the command, .hob/commands/NAME.md."`
	Dir       string `help:"component: the folder to write to."`
	Framework string `help:"component: react."`

	Changes bool     `help:"review: what differs from the last commit."`
	Voice   []string `placeholder:"NAME" help:"review: who looks; may be given several times."`
	FailOn  string   `enum:",error,warning,information" default:"" help:"review: exit 1 where something as bad as this is found."`
	Only    []string `placeholder:"FILE" help:"refactor: only these files; may be given several times."`

	Apply bool `xor:"output" help:"Write the files."`
	Diff  bool `xor:"output" help:"Print a unified diff (the default)."`
	JSON  bool `name:"json" xor:"output" help:"Print the result as JSON, the edit in it."`
}

// Run is `hob run`: the job of an editor, with this process as the editor.
func (c *runCmd) Run(a *app) error {
	job, err := c.job(a)
	if err != nil {
		return err
	}
	var line statusLine
	if isTerminal(a.err) {
		line.w = a.err
	}
	// All of these are written before the server may end the job.
	var applied []fileChange
	var edit json.RawMessage
	var reviewErr error
	var unwritten string // why the files could not be written
	opts := client.Options{Name: "hob run", Roots: []string{job.root}, Encoding: text.UTF8, WriteThrough: c.Apply}
	line.watch(&opts)
	opts.Message = func(_ int, text string) {
		line.clear()
		_, _ = fmt.Fprintln(a.err, plain("hob: "+strings.TrimPrefix(text, "Hob: ")))
	}
	opts.Choose = func(question string, actions []string) string { return a.choose(&line, question, actions) }
	opts.Review = func(e client.Edit) bool {
		edit = e.Raw
		applied, reviewErr = changesOf(e.Raw, text.UTF8, job.read)
		return reviewErr == nil
	}
	opts.Failed = func(reason string) { unwritten = reason }
	asked := false // for an instruction, by a server that found none; written before the job ends
	opts.Input = func(_, _ string) (string, bool) { asked = true; return "", false }
	s, err := a.startSession(a.ctx, opts)
	if err != nil {
		return err
	}
	result, jobErr := job.do(a, s)
	line.clear()
	if endErr := s.end(); endErr != nil {
		a.log.Warn("the session ended badly", "err", endErr)
	}
	if jobErr != nil && a.ctx.Err() != nil {
		_, _ = fmt.Fprintln(a.err, "hob: cancelled; nothing was changed")
		return errReported
	}
	if jobErr != nil {
		return jobErr
	}
	switch { // what the model wrote is not thrown away
	case reviewErr != nil:
		result.Status = "failed"
		result.Error = &lsp.JobError{Kind: string(agent.Stale), Message: reviewErr.Error(), Hint: "run it again"}
		result.Diff = job.diffOf(edit)
	case unwritten != "":
		result.Status = "failed"
		result.Error = &lsp.JobError{Kind: string(agent.RefusedPath), Message: unwritten, Hint: "nothing was changed; see that it can be written and run it again, or apply the diff"}
		result.Diff = job.diffOf(edit)
	}
	if asked && result.Status != "applied" && result.Status != "returned" {
		return usagef("run %s needs an instruction: --prompt TEXT, or a comment at the place that says hob: TEXT", c.Action)
	}
	return c.report(a, job.root, result, applied)
}

// terminalJob is a job command and the document it is about.
type terminalJob struct {
	root    string
	open    string // the document to open, "" for none
	text    string // what it held then
	command string
	params  lsp.JobParams
	project bool // it needs files of the project, so its index is waited for
	beside  bool // it looks at other files too, so the index is waited for a little
}

// How long a job waits for the index, for one that can't and one that can do without.
const (
	indexPatience  = time.Minute
	besidePatience = 10 * time.Second
)

func (j *terminalJob) do(a *app, s *session) (*lsp.JobResult, error) {
	switch {
	case j.project:
		if _, err := waitIndex(a.ctx, s.Client, indexPatience); err != nil {
			return nil, fmt.Errorf("%s: %w", j.root, err)
		}
	case j.beside:
		if _, err := waitIndex(a.ctx, s.Client, besidePatience); errors.Is(err, errIndexLate) {
			_, _ = fmt.Fprintln(a.err, plain("hob: "+j.root+" is still being read; what is not known of it yet is done without"))
		} else if err != nil {
			return nil, err
		}
	}
	if j.open != "" {
		if err := s.Open(j.open, &j.text); err != nil {
			return nil, err
		}
	}
	r, err := s.Job(a.ctx, j.command, j.params)
	var refused *client.Error
	if errors.As(err, &refused) {
		// A command that never became a job is refused like a job that failed.
		var res lsp.JobResult
		if json.Unmarshal(refused.Data, &res) == nil && res.Error != nil {
			return &res, nil
		}
	}
	return r, err
}

// read reads a file as the edit is reviewed; the document must still be what it
// was when the job began, for the edit replaces it.
func (j *terminalJob) read(path string) (string, error) {
	if path != j.open {
		return readText(path)
	}
	now, err := readJobText(path)
	if err != nil || now != j.text {
		return "", fmt.Errorf("%s was changed on disk while the model wrote", path)
	}
	return now, nil
}

// diffOf is an edit that was not made, against the text that it was made for.
func (j *terminalJob) diffOf(edit json.RawMessage) string {
	changes, err := changesOf(edit, text.UTF8, func(path string) (string, error) {
		if path == j.open {
			return j.text, nil
		}
		return readText(path)
	})
	var b strings.Builder
	if err != nil || writeDiff(&b, j.root, changes, false) != nil {
		return ""
	}
	return b.String()
}

// job reads the command line into a job.
func (c *runCmd) job(a *app) (*terminalJob, error) {
	if err := c.readStdin(a); err != nil {
		return nil, err
	}
	apply := c.Apply
	j := &terminalJob{command: "hob." + c.Action, params: lsp.JobParams{
		Prompt: c.Prompt, Tier: c.Tier, Model: c.Model, Name: c.Name, Framework: c.Framework, Apply: &apply, Wait: true,
	}}
	switch {
	case c.Action == "component":
		return j, c.component(j)
	case c.Action == "refactor", c.Changes:
		return j, c.several(j)
	}
	j.params.Voices = c.Voice
	if c.Place == "" && c.Action == "review" {
		return nil, usagef("run review needs a file, or --changes for what differs from the last commit; %s", placeForms)
	}
	if c.Place == "" {
		return nil, usagef("run %s needs a file; %s", c.Action, placeForms)
	}
	switch {
	case c.Action == "edit" && c.Prompt == "":
		return nil, usagef("run edit needs an instruction: --prompt TEXT")
	case c.Action == "run" && c.Name == "":
		return nil, usagef("run run needs the name of a command of yours: --name NAME for .hob/commands/NAME.md")
	}
	p, err := parsePlace(c.Place)
	if err != nil {
		return nil, err
	}
	message := c.Message
	if c.Action == "fix" && message == "-" {
		var at place
		if at, message, err = c.readMessage(a, p.file); err != nil {
			return nil, err
		}
		if p.l1 == 0 {
			p = place{file: p.file, l1: at.l1}
		}
	}
	return j, c.document(j, p, message)
}

// document makes a job about a place in a file.
func (c *runCmd) document(j *terminalJob, p place, message string) error {
	path, err := existingAt(p.file)
	if err != nil {
		return err
	}
	src, err := readJobText(path)
	if err != nil {
		return err
	}
	span, err := p.span(src)
	if err != nil {
		return err
	}
	if c.Action == "generate" { // an insertion: before what a line holds, or at the end of the file
		if span.End = span.Start; p.l1 == 0 {
			span = text.Span{Start: len(src), End: len(src)}
		}
	}
	x := text.NewLineIndex(src)
	r := lsp.Range{Start: lsp.Position(x.Position(span.Start, text.UTF8)), End: lsp.Position(x.Position(span.End, text.UTF8))}
	j.root, j.open, j.text = projectRoot(path), path, src
	j.project = c.Action == "run" // the command is a file of the project
	// Voices are files of the project, tests lie where its tests do, and a question is
	// answered after looking around.
	j.beside = c.Action == "review" || c.Action == "test" || c.Action == "explain" && c.Prompt != ""
	j.params.URI, j.params.Range = client.URI(path), &r
	if c.Action != "fix" {
		return nil
	}
	if message == "" {
		return usagef("run fix needs what the compiler says: --message TEXT, or --message - and its output on stdin")
	}
	raw, err := json.Marshal(client.Diagnostic{Range: r, Severity: 1, Message: message})
	j.params.Diagnostics = []json.RawMessage{raw}
	return err
}

// component makes the job that writes a new file.
func (c *runCmd) component(j *terminalJob) error {
	if c.Prompt == "" && c.Name == "" {
		return usagef("run component needs an instruction: --prompt TEXT")
	}
	at, err := existing(cmp.Or(c.Place, "."))
	if err != nil {
		return err
	}
	if c.Dir != "" {
		if j.params.Dir, err = filepath.Abs(c.Dir); err != nil {
			return err
		}
	}
	j.root, j.project = projectRoot(at), true
	j.params.URI = client.URI(at)
	return nil
}

// readStdin replaces a prompt of "-".
func (c *runCmd) readStdin(a *app) error {
	if c.Prompt != "-" {
		return nil
	}
	if c.Message == "-" {
		return usagef("only one of --prompt and --message can be read from stdin")
	}
	in, err := readAll(a.ctx, a.in)
	if c.Prompt = strings.TrimSpace(in); c.Prompt == "" && err == nil {
		return usagef("--prompt -: there is nothing on stdin")
	}
	return err
}

func (c *runCmd) readMessage(a *app, file string) (place, string, error) {
	in, err := readAll(a.ctx, a.in)
	if err != nil {
		return place{}, "", err
	}
	return parseMessage(in, file)
}

// existing is the absolute path of a file or folder that is there, with its
// symbolic links resolved, for roots are compared by path.
func existing(name string) (string, error) {
	path, err := filepath.Abs(name)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if errors.Is(err, os.ErrNotExist) {
		return "", usagef("there is no file or folder %s", name)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, unwrapped(err))
	}
	return path, nil
}

// existingAt is existing for the file of a place: one that is not there may be a place
// that was written another way.
func existingAt(name string) (string, error) {
	path, err := existing(name)
	if usage := (*usageError)(nil); errors.As(err, &usage) {
		return "", usagef("%s; %s", usage.text, placeForms)
	}
	return path, err
}

// readText reads a file as it is.
func readText(path string) (string, error) {
	data, err := os.ReadFile(path)
	return string(data), err
}

// maxSource bounds the file of a job, in bytes: beyond it no model helps, and
// working out its lines and symbols takes seconds.
const maxSource = 16 << 20

// readJobText reads a file that a job can be about: text that the protocol
// carries unchanged. What is no plain file is not opened, for a pipe would be
// waited for.
func readJobText(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case info.IsDir():
		return "", usagef("%s is a folder; %s", path, placeForms)
	case !info.Mode().IsRegular():
		return "", usagef("%s is not a regular file", path)
	case info.Size() > maxSource:
		return "", fmt.Errorf("%s has %d MiB; hob run takes files up to %d MiB", path, info.Size()>>20, maxSource>>20)
	}
	src, err := readText(path)
	switch {
	case err != nil:
		return "", err
	case strings.HasPrefix(src, "\xff\xfe"), strings.HasPrefix(src, "\xfe\xff"):
		return "", fmt.Errorf("%s is in UTF-16; edit it in an editor, which keeps its encoding, or save it as UTF-8 first", path)
	case strings.ContainsRune(src, 0):
		return "", fmt.Errorf("%s is binary, or not in UTF-8; Hob edits text files only", path)
	case !utf8.ValidString(src):
		return "", fmt.Errorf("%s is not valid UTF-8; save it as UTF-8 first", path)
	}
	return src, nil
}

// maxStdin bounds what is read from stdin, in bytes.
const maxStdin = 1 << 20

// readAll reads a stream to its end, or until ctx ends: a terminal that nobody
// types into can't be woken, so the read stays behind then.
func readAll(ctx context.Context, r io.Reader) (string, error) {
	type outcome struct {
		data []byte
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		data, err := io.ReadAll(io.LimitReader(r, maxStdin+1))
		done <- outcome{data, err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case o := <-done:
		if o.err == nil && len(o.data) > maxStdin {
			return "", usagef("stdin holds more than 1 MiB")
		}
		return string(o.data), o.err
	}
}
