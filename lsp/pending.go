package lsp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// pendingEdit is what is still to be delivered of a job's edit to one file.
type pendingEdit struct {
	agent.FileEdit
	intact []text.Span // in Base.Text, ascending: typing inside makes the edit stale
}

// holding is the span of a change in whole lines with what keeps it in its place:
// lines that are inserted hold on to the line end before them, so that what is
// typed at the beginning of the next line stays in one piece behind them.
func holding(s text.Span) text.Span {
	if s.Len() == 0 && s.Start > 0 {
		s.Start--
	}
	return s
}

// place is where the edit puts a file, "" if it stays where it is.
func (p *pendingEdit) place() string {
	if p.Base == nil {
		return p.Path
	}
	return p.Rename
}

// pend takes the agent's edits for delivery. The user should look at all of them
// where one of them is no exact match, where files are moved or deleted, and where
// several that exist are changed.
func (r *jobRun) pend(files []agent.FileEdit) []pendingEdit {
	look, changed := r.spec.params.Confirm, 0
	for _, f := range files {
		look = look || f.Confirm || f.Delete || f.Rename != ""
		if f.Base != nil {
			changed++
		}
	}
	pending := make([]pendingEdit, len(files))
	for i, f := range files {
		f.Confirm = look || changed > 1
		pending[i] = pendingEdit{FileEdit: f, intact: []text.Span{f.Region}}
	}
	return pending
}

// rebase puts the edits onto the newest text of each file. What can do without the
// others and does not fit any more is left out.
func (r *jobRun) rebase(pending []pendingEdit) ([]fileChange, error) {
	snap := r.s.snapshot()
	changes := make([]fileChange, 0, len(pending))
	freed := map[string]bool{}
	var left []agent.FileEdit
	var first error
	for _, p := range pending {
		freed[p.Path] = freed[p.Path] || p.Delete || p.Rename != ""
	}
	for _, p := range pending {
		var c fileChange
		var err error
		if place := p.place(); place != "" && !freed[place] && snap.Has(place) {
			err = stale(filepath.Base(place)+" exists already", "choose another name, or delete it first")
		} else {
			c, err = r.rebaseFile(snap, p)
		}
		switch {
		case err == nil:
			changes = append(changes, c)
		case p.Alone && isStale(err) && len(pending) > 1:
			left = append(left, p.FileEdit)
			first = cmp.Or(first, err)
		default:
			return nil, err
		}
	}
	if len(changes) == 0 && first != nil {
		return nil, first
	}
	r.left = slices.Concat(r.dropped, left)
	return changes, nil
}

// settle makes what does not fit now left out for good: what follows is about a part
// of the edits, and can't tell any more.
func (r *jobRun) settle() { r.dropped = r.left }

// catchUpTime bounds how long what changed on disk may take to be read.
const catchUpTime = 2 * time.Second

// catchUp has the files read that changed on disk and are not open: their edits go by
// what the editor will read there, and nobody may have told of the change yet.
func (r *jobRun) catchUp(ctx context.Context, pending []pendingEdit) error {
	for _, p := range pending {
		if p.Base == nil {
			continue
		}
		ok := r.fresh(ctx, p.Path)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case !ok:
			return stale(filepath.Base(p.Path)+" keeps changing on disk", runAgain)
		}
	}
	return nil
}

// fresh waits until a file that is not open is known as it is on disk; false where
// it keeps changing.
func (r *jobRun) fresh(ctx context.Context, path string) bool {
	if _, open, _ := r.s.docs.get(path); open {
		return true
	}
	bounded, cancel := context.WithTimeout(ctx, catchUpTime)
	defer cancel()
	_, ok := r.s.ws.Fresh(bounded, path)
	return ok
}

// runAgain is what to do about most of what is stale.
const runAgain = "run it again"

func (r *jobRun) rebaseFile(snap *workspace.Snapshot, f pendingEdit) (fileChange, error) {
	name := filepath.Base(f.Path)
	c := fileChange{path: f.Path, uri: r.s.docs.uri(f.Path), gone: f.Delete, confirm: f.Confirm}
	if f.Base == nil {
		c.text = f.Text
		_, err := snap.Confine(f.Path)
		return c, err
	}
	if doc, open, _ := r.s.docs.get(f.Path); open && doc.broken {
		return c, stale(name+" is out of step with the editor", "close and open the file again")
	}
	now, err := snap.File(f.Path)
	if err != nil {
		return c, stale(name+" was deleted while the model wrote", runAgain)
	}
	since, err := snap.Since(f.Base)
	switch {
	case err == nil && f.Delete && now.Text != f.Base.Text:
		err = text.ErrOverlap
	case err == nil && !f.Delete:
		_, c.edits, err = text.RebaseIn(f.intact, f.Edits, since)
	}
	if err != nil {
		if !errors.Is(err, text.ErrOverlap) {
			r.s.log.Warn("edit can't be moved", "path", f.Path, "err", err)
		}
		return c, stale("the text was changed while the model wrote", runAgain)
	}
	c.before, c.region = now, text.Hull(f.Region, since)
	if now.Open {
		v := now.Version
		c.version = &v
	}
	if f.Rename == "" {
		return c, nil
	}
	c.to, c.toURI = f.Rename, uriOf(f.Rename)
	_, err = snap.Confine(f.Rename)
	return c, err
}

// giveBack answers with the edit instead of applying it. What its form for this client
// has no words for is refused: the client would have a part of it and not know.
func (r *jobRun) giveBack(changes []fileChange) error {
	for _, c := range changes {
		if c.before != nil && !r.s.client.canChange(c) {
			return badRequest(
				filepath.Base(c.path)+" is to be renamed or deleted, and this editor takes no such edits",
				`leave out "apply": false, and Hob does it on disk`)
		}
	}
	edit, err := protocol.Marshal(workspaceEdit(changes, r.s.client, r.title()))
	if err != nil {
		return err
	}
	r.result.Status, r.result.Edit = statusReturned, json.RawMessage(edit)
	return nil
}
