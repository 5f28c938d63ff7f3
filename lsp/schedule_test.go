package lsp

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/lsp/config"
	"github.com/hob-ls/hob/workspace/text"
)

var (
	onlySchedule = flag.Int("schedule", -1, "the one schedule of TestSchedules to run")
	scheduleSeed = flag.Uint64("schedule-seed", 1, "the seed of TestSchedules")
)

const plainCaps = `"workspace":{"applyEdit":true,"workspaceEdit":{"documentChanges":true%s}},"experimental":{"hob":%s}`

func capsOf(edit, hob string) string { return fmt.Sprintf(plainCaps, edit, hob) }

const annotated = `,"changeAnnotationSupport":{}`

var habits = []habit{
	{name: "VSCode", caps: capsOf(annotated, "true")},
	{name: "eglot", caps: capsOf("", "true"), late: true, answers: true},
	{name: "Neovim", caps: capsOf(annotated, "true"), answers: true, late: true, pretends: true},
	{name: "review", caps: capsOf(annotated, `{"review":true}`)},
	{name: "late review", caps: capsOf("", `{"review":true}`), late: true, answers: true},
	{name: "moody", caps: capsOf("", "true"), refuses: true},
}

// TestSchedules plays editor, user and model against each other, the real server
// between them: typing, undo, saving, closing, jobs that end, are cancelled and
// taken back, reviews and refusals, at random moments. Whatever the order, every
// keystroke survives, every job ends once, and an edit is the model's text in its
// region or nothing. Time is the test's own, and between two steps everything is
// at rest: a schedule does the same every time.
//
//	go test ./lsp -run TestSchedules -schedule 1234 -v
func TestSchedules(t *testing.T) {
	n := schedules
	if testing.Short() {
		n /= 20
	}
	encodings := []text.Encoding{text.UTF8, text.UTF16, text.UTF32}
	kinds := len(habits) * len(encodings)
	began := time.Now()
	for k := range kinds {
		h, enc := habits[k%len(habits)], encodings[k/len(habits)]
		t.Run(h.name+" "+encodingName(enc), func(t *testing.T) {
			env := []string{"XDG_CONFIG_HOME=" + t.TempDir()}
			root := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := startScheduled(t, h, enc, env)
				for i := k; i < n && !t.Failed(); i += kinds {
					if *onlySchedule < 0 || *onlySchedule == i {
						s.schedule(i, root)
					}
				}
				s.end()
			})
		})
	}
	t.Logf("%d schedules, %.0f a second", n, float64(n)/time.Since(began).Seconds())
}

// scheduled is a session whose schedules share it.
type scheduled struct {
	t      *testing.T
	e      *modelEditor
	server *Server
}

func startScheduled(t *testing.T, h habit, enc text.Encoding, env []string) *scheduled {
	server := newServer(t.Context(), Options{Config: config.Inputs{Env: env}})
	e := &modelEditor{t: t, habit: h, enc: enc, server: server, ended: map[string]JobResult{}}
	server.conn = modelConn{e: e}
	server.editor = protocol.ClientDispatcher(server.conn)
	caps := fmt.Sprintf(`{"clientInfo":{"name":%q},"capabilities":{"general":{"positionEncodings":[%q]},%s}}`, h.name, encodingName(enc), h.caps)
	if _, err := server.initialize(t.Context(), pinned{}, []byte(caps)); err != nil {
		t.Fatal(err)
	}
	server.gate.at.Store(int32(serving))
	e.notify(protocol.MethodInitialized, map[string]any{})
	synctest.Wait()
	return &scheduled{t: t, e: e, server: server}
}

func (s *scheduled) end() {
	s.server.end(errOver)
	s.server.jobs.Close()
	s.server.endBackground()
	s.server.engines.close()
	if err := s.server.ws.Close(); err != nil {
		s.t.Error(err)
	}
}

// schedule is one run of the machine.
func (s *scheduled) schedule(n int, root string) {
	e := s.e
	e.rng = rand.New(rand.NewPCG(*scheduleSeed, uint64(n)))
	e.uri = uriOf(filepath.Join(root, fmt.Sprintf("%d.txt", n)))
	e.trace = []string{fmt.Sprintf("-schedule %d -schedule-seed %d", n, *scheduleSeed)}
	e.text, e.ids, e.held, e.jobs, e.undo, e.closed = "", nil, nil, map[string]*modelJob{}, nil, 0
	for len(e.text) < 60 {
		e.text += e.words(6)
	}
	for range len(e.text) {
		e.lastID++
		e.ids = append(e.ids, e.lastID)
	}
	e.doOpen()
	synctest.Wait()
	for range 10 + e.rng.IntN(30) {
		s.step()
		synctest.Wait()
	}
	s.settle()
}

// step is one thing that somebody does.
func (s *scheduled) step() {
	e := s.e
	if !e.open && e.rng.IntN(3) > 0 {
		e.doOpen()
		e.note("opens again")
		return
	}
	switch e.rng.IntN(20) {
	case 0, 1, 2, 3:
		if e.open {
			ed := text.Edit{Span: e.span(6), New: e.words(2)}
			e.change([]text.Edit{ed})
			e.note("types %q at %v: %q", ed.New, ed.Span, e.text)
			e.typed()
		}
	case 4, 5, 6:
		s.start()
	case 7, 8, 9:
		if j := e.some(func(j *modelJob) bool { return !j.opened }); j != nil {
			e.note("the model has written %s", j.id)
			j.opened = true
			close(j.gate)
		}
	case 10, 11, 12, 13:
		e.look()
	case 14:
		e.flush()
	case 15:
		if j := e.some(func(j *modelJob) bool { return !j.cancel }); j != nil {
			e.note("cancels %s", j.id)
			j.cancel = true
			s.server.jobs.Cancel(j.id)
		}
	case 16:
		if e.open && len(e.undo) > 0 {
			e.change(text.Diff(e.text, e.undo[len(e.undo)-1]))
			e.undo = e.undo[:max(0, len(e.undo)-2)]
			e.note("undoes: %q", e.text)
			e.typed()
		}
	case 17:
		if e.open {
			e.flush()
			e.notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": e.uri}})
		}
	case 18:
		if e.open && e.rng.IntN(4) == 0 {
			e.note("closes")
			e.doClose()
		}
	case 19:
		e.flush() // none holds changes back as long as that
		time.Sleep(time.Duration(e.rng.IntN(1500)) * time.Millisecond)
	}
}

// some is a random job of those that ok accepts.
func (e *modelEditor) some(ok func(*modelJob) bool) *modelJob {
	var all []*modelJob
	for _, id := range e.ordered() {
		if ok(e.jobs[id]) {
			all = append(all, e.jobs[id])
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[e.rng.IntN(len(all))]
}

// start begins a job whose model writes what the schedule wants, when it wants.
func (s *scheduled) start() {
	e := s.e
	path, err := pathOf(e.uri)
	if err != nil {
		e.fail("%v", err)
	}
	e.flush() // a command comes after the changes before it
	synctest.Wait()
	snap := s.server.snapshot()
	f, err := openFile(snap, path)
	if err != nil {
		return // closed
	}
	if f.Text != e.text {
		e.fail("the server has %q, the editor %q", f.Text, e.text)
	}
	region := e.span(40)
	j := &modelJob{region: append([]int(nil), e.ids[region.Start:region.End]...), was: f.Text[region.Start:region.End], closed: e.closed, gate: make(chan struct{})}
	j.now = e.rewrite(j.was)
	spec := &jobSpec{
		command: commandOf(agent.Edit), uri: e.uri, snap: snap, received: time.Now(),
		params: JobParams{Confirm: e.rng.IntN(4) == 0},
		req:    agent.Request{Action: agent.Edit, Path: path, Span: region, Prompt: fmt.Sprint(len(e.trace))},
		work: func(ctx context.Context, r *jobRun) ([]pendingEdit, error) {
			select {
			case <-j.gate:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			edits := text.Diff(j.was, j.now)
			for i := range edits {
				edits[i].Span.Start += region.Start
				edits[i].Span.End += region.Start
			}
			if len(edits) == 0 {
				return nil, nil
			}
			return r.pend([]agent.FileEdit{{Path: path, Base: f, Region: region, Edits: edits}}), nil
		},
	}
	job, _, err := s.server.jobs.Start(spec.req, snap, func(ctx context.Context, job *agent.Job[*JobResult]) *JobResult {
		return s.server.runJob(context.WithValue(ctx, jobKey{}, job.ID), job, spec)
	})
	if err != nil {
		return // another job is on this text
	}
	j.id = job.ID
	e.jobs[job.ID] = j
	e.note("starts %s on %q at %v: becomes %q", job.ID, j.was, region, j.now)
}

// rewrite changes a text here and there, as a model does.
func (e *modelEditor) rewrite(s string) string {
	x := text.NewLineIndex(s)
	out := ""
	for i := range x.Lines() {
		l := x.LineSpan(i)
		switch e.rng.IntN(5) {
		case 0:
			out += "changed " + e.words(1) + s[l.Start:l.End]
		case 1:
			out += s[l.Start:l.End] + "added\n"
		case 2:
		default:
			out += s[l.Start:l.End]
		}
	}
	return out
}

// settle ends everything and judges the whole.
func (s *scheduled) settle() {
	e := s.e
	for _, id := range e.ordered() {
		if j := e.jobs[id]; !j.opened {
			j.opened = true
			close(j.gate)
		}
	}
	e.flush()
	synctest.Wait()
	for range 100 {
		if !e.look() {
			e.flush()
			time.Sleep(2 * landing)
			synctest.Wait()
			if e.idle() {
				break
			}
		}
		e.flush()
		synctest.Wait()
	}
	path, _ := pathOf(e.uri)
	if f, err := openFile(s.server.snapshot(), path); e.open && (err != nil || f.Text != e.text || f.Version != e.version) {
		e.fail("the server has %+v, %v; the editor %q at %d", f, err, e.text, e.version)
	}
	for _, id := range e.ordered() {
		e.verdict(e.jobs[id])
	}
	if n := len(s.server.jobs.Running()); n > 0 {
		e.fail("%d jobs still run", n)
	}
	if e.open {
		e.doClose()
		synctest.Wait()
	}
}

// verdict compares what a job says of itself with what it did.
func (e *modelEditor) verdict(j *modelJob) {
	e.mu.Lock()
	res, ended := e.ended[j.id]
	e.mu.Unlock()
	switch {
	case !ended:
		e.fail("job %s did not end", j.id)
	case j.applied > 1:
		e.fail("job %s was applied %d times", j.id, j.applied)
	case res.Status == statusApplied && j.applied == 0 && j.closed == e.closed && !j.chance:
		e.fail("job %s says applied, and was not", j.id)
	case res.Status != statusApplied && res.Status != statusCancelled && j.applied > 0 && j.closed == e.closed:
		e.fail("job %s was applied, and says %s %+v", j.id, res.Status, res.Error)
	case res.Error != nil && res.Error.Kind == string(agent.Stale) && res.Diff == "":
		e.fail("job %s is stale and its text is lost", j.id)
	}
}

func (e *modelEditor) idle() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.inbox) == 0
}

func (e *modelEditor) ordered() []string { return slices.Sorted(maps.Keys(e.jobs)) }
