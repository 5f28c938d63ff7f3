package lsp

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/lsp/journal"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/patch"
	"github.com/hob-ls/hob/workspace/text"
)

// record notes in the journal what was applied. The file is written beside the
// job: nobody waits for the disk.
func (r *jobRun) record(changes []fileChange) {
	if r.spec.reverts != nil {
		r.s.journal.Remove(r.spec.reverts.ID) // it was taken back
		return
	}
	e := journal.Entry{Job: r.id, Action: r.result.Action}
	for i := range changes {
		c := &changes[i]
		f := journal.File{Path: c.path, To: c.to}
		if c.before != nil {
			f.Before = &c.before.Text
		}
		if after, err := c.after(); err == nil && !c.gone {
			f.After = &after
		}
		e.Files = append(e.Files, f)
	}
	save, err := r.s.journal.Add(e)
	if err != nil {
		r.s.log.Warn("this job can't be taken back", "job", r.id, "err", err)
		return
	}
	r.s.goBackground(func(context.Context) {
		if err := save(); err != nil {
			r.s.log.Warn("this job can be taken back in this session only", "job", r.id, "err", err)
		}
	})
}

// RevertParams is the argument of hob.revert, which may be absent.
type RevertParams struct {
	Job  string `json:"job,omitempty"`  // the newest one of the workspace where absent
	Wait bool   `json:"wait,omitempty"` // as in JobParams
}

// revertCommand is hob.revert: a job of its own, which takes back another.
func (s *Server) revertCommand(ctx context.Context, at pinned, args []protocol.LSPAny) (any, error) {
	c := &command{id: "hob.revert", action: "revert"}
	var p RevertParams
	if len(args) > 0 {
		if err := decodeParams(args, &p); err != nil {
			return nil, refusal(c, err)
		}
	}
	if !s.client.applyEdit {
		return nil, refusal(c, badRequest("this editor takes no edits from a server", "take it back with the editor's undo"))
	}
	e, ok := s.journal.Newest(func(e *journal.Entry) bool {
		return (p.Job == "" || e.Job == p.Job) && mine(at.snap, e)
	})
	switch {
	case !ok && p.Job != "":
		return nil, refusal(c, badRequest("the journal has nothing of job "+p.Job+" in this workspace", "take it back with the editor's undo"))
	case !ok:
		return nil, refusal(c, badRequest("no job has changed anything in this workspace", "the journal keeps a week"))
	}
	return s.startJob(ctx, c, &jobSpec{
		command: c, params: JobParams{Wait: p.Wait}, req: agent.Request{Action: c.action, Deliver: e.ID},
		snap: at.snap, uri: s.docs.uri(e.Files[0].Final()), received: at.received, reverts: &e,
		work: func(ctx context.Context, r *jobRun) ([]pendingEdit, error) { return r.takeBack(ctx, &e) },
	})
}

// mine reports whether all files of an entry lie in the workspace.
func mine(snap *workspace.Snapshot, e *journal.Entry) bool {
	for _, f := range e.Files {
		for _, path := range []string{f.Path, f.Final()} {
			if _, err := snap.Confine(path); err != nil {
				return false
			}
		}
	}
	return true
}

// takeBack are the edits that make what an entry did undone, moved over what was
// changed elsewhere in its files since. All of them or none.
func (r *jobRun) takeBack(ctx context.Context, e *journal.Entry) ([]pendingEdit, error) {
	r.because(fmt.Sprintf("takes back %s (%s)", e.Job, e.Action))
	for i := range e.Files {
		r.fresh(ctx, e.Files[i].Final()) // one that was made and closed just now is perhaps not known yet
	}
	snap := r.s.snapshot()
	var pending []pendingEdit
	var problems, grown []string
	for i := range e.Files {
		f := &e.Files[i]
		p, changed, err := inverse(snap, f)
		switch {
		case err != nil:
			problems = append(problems, err.Error())
		case p != nil:
			pending = append(pending, *p)
		}
		if changed {
			grown = append(grown, filepath.Base(f.Final()))
		}
	}
	if len(problems) > 0 {
		r.keepPatch(r.s.inversePatch(e))
		return nil, stale(strings.Join(problems, ", "), "take it back by hand")
	}
	if len(grown) > 0 {
		if ok, err := r.askDelete(ctx, grown); !ok || err != nil {
			r.result.Status = statusDeclined
			return nil, err
		}
	}
	if len(pending) == 0 {
		r.s.journal.Remove(e.ID)
	}
	return pending, nil
}

// inverse takes back what was done to one file; nil where it is so already.
// changed says that a file which is to be deleted has been worked on.
func inverse(snap *workspace.Snapshot, f *journal.File) (p *pendingEdit, changed bool, err error) {
	name := filepath.Base(f.Final())
	if f.After == nil {
		if snap.Has(f.Path) {
			return nil, false, fmt.Errorf("%s exists again", name)
		}
		return &pendingEdit{FileEdit: agent.FileEdit{Path: f.Path, Text: *f.Before}}, false, nil
	}
	now, err := snap.File(f.Final())
	gone := errors.Is(err, workspace.ErrNotFound)
	switch {
	case f.Before == nil && gone:
		return nil, false, nil
	case gone && f.To != "" && snap.Has(f.Path):
		return nil, false, nil // it was moved back already
	case gone:
		return nil, false, fmt.Errorf("%s is gone", name)
	case err != nil:
		return nil, false, err
	case f.Before == nil:
		return &pendingEdit{FileEdit: agent.FileEdit{Path: now.Path, Base: now, Delete: true}}, now.Text != *f.After, nil
	}
	back := &pendingEdit{FileEdit: agent.FileEdit{Path: now.Path, Base: now}}
	if f.To != "" {
		back.Rename = f.Path
	}
	if now.Text == *f.Before {
		if f.To == "" {
			return nil, false, nil
		}
		return back, false, nil
	}
	since := text.Sequential(text.Diff(*f.After, now.Text))
	var lines []text.Span // who changed another part of a line has changed the same place
	for _, h := range text.DiffLines(*f.After, *f.Before) {
		lines = append(lines, holding(h.Span))
	}
	if back.intact, back.Edits, err = text.RebaseIn(lines, text.Diff(*f.After, *f.Before), since); err != nil {
		return nil, false, fmt.Errorf("%s was changed at the same place since", name)
	}
	return back, false, nil
}

// askDelete asks before files that the user has worked on since are deleted.
func (r *jobRun) askDelete(ctx context.Context, names []string) (bool, error) {
	defer r.wait()()
	r.s.board.state(r.id, stateWaiting)
	const remove = "Delete"
	question := fmt.Sprintf("%s changed since Hob made it. Delete it all the same?", strings.Join(names, ", "))
	got, err := r.s.choose(ctx, protocol.MessageTypeWarning, question, remove, "Keep")
	return got == remove, err
}

// inversePatch is what has to be done by hand.
func (s *Server) inversePatch(e *journal.Entry) string {
	var b strings.Builder
	for _, f := range e.Files {
		p := patch.File{}
		if f.After != nil {
			p.From, p.Before = s.rel(f.Final()), *f.After
		}
		if f.Before != nil {
			p.To, p.After = s.rel(f.Path), *f.Before
		}
		b.WriteString(p.String())
	}
	return b.String()
}
