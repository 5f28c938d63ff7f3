package lsptest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/workspace/text"
)

// Deadline is how long a scenario may take, from the start of its server on.
const Deadline = time.Minute

// Outcome is what a scenario left.
type Outcome struct {
	Want  map[string]string // files that differ from the scenario's, as they ended
	Order []string          // their names, sorted
	Log   string            // of the server, for people
}

// run is one scenario that runs.
type run struct {
	*Scenario
	ctx      context.Context // of the script
	user     context.Context // of questions to the user; ends with the session
	leave    context.CancelFunc
	dir      string // the workspace
	setup    setup
	model    *modeltest.Server
	session  *Session
	client   *client.Client // the session's, nil before it runs
	begins   func() error   // starts the session
	before   []string       // violations of sessions before this one
	serveErr error          // how the server ended
	left     bool           // the session is over
	journal  *journal
	log      *lockedBuffer
	jobs     map[string]*job
	last     string // name of the newest job
	file     string // selected, slash path
	sel      lsp.Range
	diags    []client.Diagnostic
	menu     []client.Action
	removed  map[string]bool // by the script
	final    []check

	inputs   answers[*string] // nil dismisses
	choices  answers[string]
	plans    answers[[]int]
	verdicts answers[bool]
	hunks    answers[*lsp.ReviewResult]
	thinks   bool // messages with buttons wait for choose; guarded by journal.mu
	review   bool // edits wait for a verdict; guarded by journal.mu
	declines int  // edits to decline without asking; guarded by journal.mu
	pretends int  // edits to skip and call applied; guarded by journal.mu
}

// setup is what the verbs before the session decide.
type setup struct {
	profile  string
	name     string // of the editor
	first    bool   // answers before it tells of the change
	encoding text.Encoding
	with     []string
	without  []string
	settings json.RawMessage
	flags    map[string]string
	roots    []string
	noModel  bool
	state    bool // something is kept beyond the session
	unready  bool // the script does not wait for the first scan

	unwatched bool // the workspace can't be watched
}

// check is an expectation for the end.
type check struct {
	line Line
	ok   func() error
}

// Run runs a scenario in dir, an empty folder. The error says which line failed
// or which rule was broken; the Outcome is there in any case.
func Run(ctx context.Context, s *Scenario, dir string) (*Outcome, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	own := *s
	own.Files = maps.Clone(s.Files) // setup verbs add to it
	r := &run{
		Scenario: &own, ctx: ctx, dir: filepath.Join(dir, "work"), journal: newJournal(), log: new(lockedBuffer),
		jobs: map[string]*job{}, removed: map[string]bool{}, setup: setup{flags: map[string]string{}},
		inputs: newAnswers[*string](), choices: newAnswers[string](), plans: newAnswers[[]int](), verdicts: newAnswers[bool](),
		hunks: newAnswers[*lsp.ReviewResult](),
	}
	err = r.all(filepath.Join(dir, "config.toml"))
	out := &Outcome{Log: r.log.String()}
	var diffErr error
	out.Want, out.Order, diffErr = r.changed()
	return out, errors.Join(err, diffErr)
}

func (r *run) all(configFile string) error {
	if err := r.files(configFile); err != nil {
		return err
	}
	lines := r.Script
	for len(lines) > 0 && verbs[lines[0].Verb].setup {
		if err := r.do(lines[0]); err != nil {
			return err
		}
		lines = lines[1:]
	}
	// The files were laid out: what that takes is the disk's affair.
	var stop context.CancelFunc
	r.ctx, stop = context.WithTimeout(r.ctx, Deadline)
	defer stop()
	r.user, r.leave = context.WithCancel(r.ctx)
	defer r.leave()
	err := r.start(configFile)
	if err == nil && !r.setup.unready {
		err = r.session.Ready(r.ctx)
	}
	for _, line := range lines {
		if err == nil {
			err = r.do(line)
		}
	}
	return errors.Join(err, r.end(err == nil))
}

func (r *run) do(line Line) error {
	v := verbs[line.Verb]
	if v.setup && r.client != nil {
		return fmt.Errorf("line %d: %s: too late, the session runs", line.Number, line.Text)
	}
	if err := v.do(r, line); err != nil {
		return fmt.Errorf("line %d: %s: %w", line.Number, line.Text, err)
	}
	return nil
}

// files writes the workspace and the configuration.
func (r *run) files(configFile string) error {
	if err := os.MkdirAll(r.dir, 0o777); err != nil {
		return err
	}
	for name, content := range r.Files {
		if err := r.write(name, content); err != nil {
			return err
		}
	}
	return os.WriteFile(configFile, []byte(r.Config), 0o666)
}

func (r *run) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }

func (r *run) write(name, content string) error {
	path := r.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return os.WriteFile(path, []byte(content), 0o666)
	}
	// A new file is there with its text, or not at all: nobody sees it empty.
	made := r.dir + ".new"
	if err := os.WriteFile(made, []byte(content), 0o666); err != nil {
		return err
	}
	return os.Rename(made, path)
}

// told changes a file outside the editor, which tells the server if it was asked to.
func (r *run) told(name string, change func(path string) error) error {
	path := r.path(name)
	_, err := os.Lstat(path)
	existed := err == nil
	if err := change(path); err != nil {
		return err
	}
	told, err := r.client.Changed(path, existed)
	if told {
		r.journal.note(func() { r.journal.told = append(r.journal.told, name) })
	}
	return err
}

// start runs the model server, the language server and the editor.
func (r *run) start(configFile string) error {
	script, err := modeltest.Parse(r.Model)
	if err != nil {
		return fmt.Errorf("section model: %w", err)
	}
	if r.model, err = modeltest.New(script); err != nil {
		return err
	}
	if r.setup.noModel {
		r.model.Close() // its address answers nobody now
	}
	caps := client.BuiltinCapabilities(r.setup.encoding)
	if r.setup.profile != "" {
		if r.setup.name, caps, err = Profile(r.setup.profile); err != nil {
			return err
		}
	}
	if caps, err = with(caps, r.setup.with); err != nil {
		return err
	}
	if caps, err = without(caps, r.setup.without); err != nil {
		return err
	}
	setup := Setup{
		ModelURL: r.model.URL, ConfigFile: configFile, Flags: r.setup.flags, Log: r.log, Editor: r.editor(caps), Unwatched: r.setup.unwatched,
	}
	if r.setup.state {
		setup.StateDir = filepath.Join(filepath.Dir(r.dir), "state")
	}
	r.begins = func() error {
		var err error
		if r.session, err = Start(r.ctx, setup); err == nil {
			r.client = r.session.Client
		}
		return err
	}
	return r.begins()
}

// restart ends the session in order and begins another: the editor was closed,
// and what was not saved is lost.
func (r *run) restart(Line) error {
	if err := errors.Join(r.client.Close(r.ctx), r.waitServed(), r.serveErr); err != nil {
		return err
	}
	r.before = append(r.before, r.client.Violations()...)
	r.left = false
	r.journal.note(func() { clear(r.journal.done) }) // the new session counts its jobs from one again
	return errors.Join(r.begins(), r.session.Ready(r.ctx))
}

// editor is the client's side of it: everything goes to the journal.
func (r *run) editor(caps json.RawMessage) client.Options {
	j := r.journal
	roots := make([]string, 0, 1)
	for _, name := range r.setup.roots {
		roots = append(roots, r.path(name))
	}
	if len(roots) == 0 {
		roots = append(roots, r.dir)
	}
	return client.Options{
		Name: cmp.Or(r.setup.name, "lsptest"), AnswerFirst: r.setup.first, Roots: roots, Encoding: r.setup.encoding, Capabilities: caps, Settings: r.setup.settings,
		Progress:    func(p client.Progress) { j.note(func() { j.progress = append(j.progress, p) }) },
		JobProgress: func(p lsp.JobProgress) { j.note(func() { j.previews = append(j.previews, p) }) },
		JobDone:     func(p lsp.JobResult) { j.note(func() { j.done[p.Job] = append(j.done[p.Job], p) }) },
		Status:      func(s lsp.Status) { j.note(func() { j.statuses = append(j.statuses, s) }) },
		Show:        func(uri string) { j.note(func() { j.shown = append(j.shown, uri) }) },
		Message: func(level int, text string) {
			j.note(func() { j.messages = append(j.messages, levels[min(max(level, 1), 5)]+": "+text) })
		},
		Choose: r.chooseButton,
		Input: func(title, placeholder string) (string, bool) {
			j.note(func() { j.asked = append(j.asked, title+": "+placeholder) })
			if v := r.inputs.next(r.user, nil); v != nil {
				return *v, true
			}
			return "", false
		},
		Decide: r.decide,
		Plan: func(p lsp.PlanParams) []int {
			j.note(func() { j.plans = append(j.plans, p) })
			return r.plans.next(r.user, nil)
		},
		Review:  r.reviewEdit,
		Pretend: r.pretendEdit,
		Notify: func(method string, params json.RawMessage) {
			switch method {
			case "textDocument/publishDiagnostics":
				r.noteProblems(params)
			case "client/registerCapability", "client/unregisterCapability":
				line := strings.ReplaceAll(method+" "+string(params), client.URI(r.dir), "WORK")
				j.note(func() { j.registered = append(j.registered, line) })
			case "workspace/applyEdit":
				j.note(func() { j.edits = append(j.edits, params) })
			case "":
				j.note(func() { j.refused = append(j.refused, string(params)) })
			}
		},
	}
}

// noteProblems keeps the diagnostics that a document has now.
func (r *run) noteProblems(params json.RawMessage) {
	var p struct {
		URI         string          `json:"uri"`
		Diagnostics json.RawMessage `json:"diagnostics"`
	}
	if json.Unmarshal(params, &p) == nil { // the client judges it
		r.journal.note(func() { r.journal.problems[path.Base(p.URI)] = p.Diagnostics })
	}
}

func (r *run) reviewEdit(client.Edit) bool {
	wait, decline := false, false
	r.journal.note(func() {
		switch {
		case r.review:
			wait = true
			r.journal.reviews++
		case r.declines > 0:
			r.declines--
			decline = true
		}
	})
	if wait {
		return r.verdicts.next(r.user, false)
	}
	return !decline
}

// decide shows the hunks until the user decides or the server takes them back.
func (r *run) decide(ctx context.Context, p lsp.ReviewParams) *lsp.ReviewResult {
	r.journal.note(func() { r.journal.hunks = append(r.journal.hunks, p); r.journal.open++ })
	defer r.journal.note(func() { r.journal.open-- })
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(r.user, stop)()
	return r.hunks.next(ctx, nil)
}

func (r *run) pretendEdit(client.Edit) (skip bool) {
	r.journal.note(func() {
		if skip = r.pretends > 0; skip {
			r.pretends--
		}
	})
	return skip
}

// end ends the session in order, and checks what must hold after every scenario.
func (r *run) end(fine bool) error {
	var errs []error
	r.leave()
	var stop context.CancelFunc
	r.ctx, stop = context.WithTimeout(context.WithoutCancel(r.ctx), Deadline) // also after a script that took too long
	defer stop()
	if r.client != nil {
		if !r.left {
			errs = append(errs, r.client.Close(r.ctx))
			errs = append(errs, r.waitServed())
			if r.serveErr != nil {
				errs = append(errs, fmt.Errorf("the server ended with: %w", r.serveErr))
			}
		}
		_ = r.client.Abort() // whatever the script left open
	}
	// Before anything is counted: the model server notices by itself that somebody left.
	if r.client != nil && r.model.WaitIdle(r.ctx) != nil {
		errs = append(errs, errors.New("the model server still has a request"))
	}
	if fine {
		for _, c := range r.final {
			if err := c.ok(); err != nil {
				errs = append(errs, fmt.Errorf("line %d: %s: %w", c.line.Number, c.line.Text, err))
			}
		}
	}
	if r.client != nil {
		for _, v := range append(r.before, r.client.Violations()...) {
			errs = append(errs, fmt.Errorf("violation: %s", v))
		}
	}
	if r.model != nil {
		if n := r.model.Left(); n > 0 && fine {
			errs = append(errs, fmt.Errorf("%d replies of the model were never asked for", n))
		}
		for _, rec := range r.model.State().Records {
			if rec.Unmatched {
				errs = append(errs, fmt.Errorf("the model has no reply to a request of %s: %.300q", rec.Model, rec.Last()))
			}
		}
		r.model.Close()
	}
	return errors.Join(errs...)
}

// waitServed waits for the end of the server, which is an error only where it does not come.
func (r *run) waitServed() error {
	r.serveErr = r.session.Served(r.ctx)
	if r.ctx.Err() != nil {
		return r.serveErr
	}
	r.left = true
	return nil
}

// lockedBuffer is a bytes.Buffer for several goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
