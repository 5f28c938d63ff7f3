package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

const (
	// landing is how long an edit that the editor applied may take to come back
	// as didChange; Neovim holds changes for 150 ms, eglot for 500.
	landing = time.Second
	// afterCancel is how long an edit that was sent already may still be answered
	// after its job was cancelled: only the answer says what became of it.
	afterCancel = 2 * time.Second
)

// deliver brings the agent's edits into the editor: moved over what the user
// typed meanwhile, in one versioned workspace edit.
//
//	rebase ─▶ review, or ask where someone should look ─▶ rebase ─▶ applyEdit ─▶ seen in didChange
//	             └─ discard ▶ declined                       ▲          └─ refused, text moved ─┐
//	                                                         └──────────────── once ────────────┘
func (r *jobRun) deliver(ctx context.Context, files []agent.FileEdit) error {
	pending := make([]pendingEdit, len(files))
	for i, f := range files {
		pending[i] = pendingEdit{FileEdit: f, intact: []text.Span{f.Region}}
	}
	changes, err := r.rebase(pending)
	if err != nil {
		return err
	}
	if p := r.spec.params.Apply; p != nil && !*p {
		return r.giveBack(changes)
	}
	if r.reviewable(changes) {
		if pending, err = r.review(ctx, pending); err != nil || pending == nil {
			r.result.Status = statusDeclined
			return err
		}
		if changes, err = r.rebase(pending); err != nil {
			return err
		}
	}
	r.bar.report("applying")
	edits, creates := r.split(changes)
	if question := r.question(edits, creates); question != "" {
		if ok, err := r.confirm(ctx, question, len(creates) > 0); !ok || err != nil {
			r.result.Status = statusDeclined
			return err
		}
	}
	if len(edits) > 0 {
		if applied, err := r.apply(ctx, pending); !applied || err != nil {
			return err
		}
	}
	for _, c := range creates {
		if err := r.s.ws.Create(c.path, c.text); err != nil {
			return fmt.Errorf("writing %s: %w", filepath.Base(c.path), err)
		}
	}
	r.result.Status = statusApplied
	for _, c := range changes {
		if c.before == nil {
			r.result.Files = append(r.result.Files, c.uri)
		}
	}
	for _, c := range changes {
		if c.before != nil {
			r.result.Files = append(r.result.Files, c.uri)
		}
	}
	return nil
}

// pendingEdit is what is still to be delivered of a job's edit to one file.
type pendingEdit struct {
	agent.FileEdit
	intact   []text.Span // in Base.Text: typing inside makes the edit stale
	reviewed bool        // the user has seen it
}

// rebase puts the edits onto the newest text of each file.
func (r *jobRun) rebase(pending []pendingEdit) ([]fileChange, error) {
	snap := r.s.snapshot()
	changes := make([]fileChange, 0, len(pending))
	for _, p := range pending {
		c, err := r.rebaseFile(snap, p)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	return changes, nil
}

func (r *jobRun) rebaseFile(snap *workspace.Snapshot, f pendingEdit) (fileChange, error) {
	name := filepath.Base(f.Path)
	again := "run it again"
	c := fileChange{path: f.Path, uri: r.s.docs.uri(f.Path), confirm: !f.reviewed && (f.Confirm || r.spec.params.Confirm)}
	if f.Base == nil {
		if snap.Has(f.Path) {
			return c, stale(name+" was created while the model wrote", again)
		}
		c.text = f.Text
		return c, nil
	}
	if doc, open, _ := r.s.docs.get(f.Path); open && doc.broken {
		return c, stale(name+" is out of step with the editor", "close and open the file again")
	}
	now, err := snap.File(f.Path)
	if err != nil {
		return c, stale(name+" was deleted while the model wrote", again)
	}
	since, err := snap.Since(f.Base)
	for _, span := range f.intact {
		if err == nil {
			_, err = text.RebaseSpan(span, since)
		}
	}
	if err == nil {
		c.edits, err = text.Rebase(f.Edits, since)
	}
	if err != nil {
		if !errors.Is(err, text.ErrOverlap) {
			r.s.log.Warn("edit can't be moved", "path", f.Path, "err", err)
		}
		return c, stale("the text was changed while the model wrote", again)
	}
	c.before, c.region = now, text.Hull(f.Region, since)
	if now.Open {
		v := now.Version
		c.version = &v
	}
	return c, nil
}

// giveBack answers with the edit instead of applying it.
func (r *jobRun) giveBack(changes []fileChange) error {
	edit, err := protocol.Marshal(workspaceEdit(changes, r.s.client, r.title()))
	if err != nil {
		return err
	}
	r.result.Status, r.result.Edit = statusReturned, json.RawMessage(edit)
	return nil
}

// split takes out the files that this editor can't create.
func (r *jobRun) split(changes []fileChange) (edits, creates []fileChange) {
	for _, c := range changes {
		if c.before == nil && (!r.s.client.createFile || !r.s.client.documentChanges) {
			creates = append(creates, c)
			continue
		}
		edits = append(edits, c)
	}
	return edits, creates
}

// question is what the user must be asked before anything is changed; "" if
// nothing. Where the editor can annotate edits, it asks by itself.
func (r *jobRun) question(edits, creates []fileChange) string {
	var say []string
	for _, c := range edits {
		if c.confirm && (!r.s.client.annotations || !r.s.client.documentChanges) {
			say = append(say, summary(c))
		}
	}
	for _, c := range creates {
		say = append(say, summary(c))
	}
	if len(say) == 0 {
		return ""
	}
	return "Hob wants to " + strings.Join(say, ", ") + "."
}

func summary(c fileChange) string {
	if c.before == nil {
		return fmt.Sprintf("create %s (%d lines)", filepath.Base(c.path), strings.Count(c.text, "\n"))
	}
	out, in := 0, 0
	for _, e := range c.edits {
		out += strings.Count(c.before.Text[e.Span.Start:e.Span.End], "\n")
		in += strings.Count(e.New, "\n")
	}
	return fmt.Sprintf("change %s (-%d +%d lines)", filepath.Base(c.path), out, in)
}

// confirm asks; on disk means that the answer lets Hob write files itself.
func (r *jobRun) confirm(ctx context.Context, question string, onDisk bool) (bool, error) {
	defer r.wait()()
	r.s.board.state(r.id, stateWaiting)
	r.bar.report("waiting for your decision")
	yes := "Apply"
	if onDisk {
		question += " This editor can't create files for a server, so Hob would write to disk."
		yes = "Write"
	}
	got, err := r.s.choose(ctx, protocol.MessageTypeInfo, question, yes, "Discard")
	return got == yes, err
}

// apply sends the edits, at most twice: a second time where the text moved
// between building the edit and the editor looking at it.
func (r *jobRun) apply(ctx context.Context, pending []pendingEdit) (bool, error) {
	for attempt := 1; ; attempt++ {
		changes, err := r.rebase(pending) // right before sending: the user may have typed while asked
		if err != nil {
			return false, err
		}
		edits, _ := r.split(changes)
		res, err := r.send(ctx, edits)
		if err != nil {
			return false, err
		}
		if res.Applied {
			return r.landed(ctx, edits)
		}
		moved := r.moved(edits)
		if moved && attempt == 1 {
			continue
		}
		if moved {
			return false, stale("the text kept changing while the edit was applied", "run it again")
		}
		r.decline(res.FailureReason)
		return false, nil
	}
}

// send asks the editor to apply. An edit that was sent can't be taken back, so a
// cancelled job still waits a moment for the answer.
func (r *jobRun) send(ctx context.Context, edits []fileChange) (*protocol.ApplyWorkspaceEditResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer r.wait()()
	cctx, cancel := context.WithCancel(r.s.life)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		t := time.AfterFunc(afterCancel, cancel)
		context.AfterFunc(cctx, func() { t.Stop() })
	})()
	label := r.title()
	params := &protocol.ApplyWorkspaceEditParams{Label: &label, Edit: *workspaceEdit(edits, r.s.client, label)}
	res, err := r.s.editor.ApplyEdit(cctx, params)
	if err != nil {
		if cctx.Err() != nil {
			return nil, context.Canceled
		}
		reason := err.Error()
		return &protocol.ApplyWorkspaceEditResult{FailureReason: &reason}, nil
	}
	return res, nil
}

// moved reports whether an edited document is no longer at the version of its edit.
func (r *jobRun) moved(edits []fileChange) bool {
	snap := r.s.snapshot()
	for _, c := range edits {
		if c.version == nil {
			continue
		}
		if now, err := openFile(snap, c.path); err != nil || now.Version != *c.version {
			return true
		}
	}
	return false
}

func (r *jobRun) decline(reason *string) {
	r.result.Status = statusDeclined
	if reason != nil && *reason != "" {
		r.refused(*reason)
	}
}

// refused notes why the editor did not take the edit, and tells the user.
func (r *jobRun) refused(reason string) {
	r.result.Status = statusDeclined
	if r.result.Why != "" {
		r.result.Why += "; "
	}
	r.result.Why += "the editor refused the edit: " + reason
	r.s.log.Warn("edit refused", "job", r.id, "reason", reason)
	if !r.spec.params.Wait {
		r.s.showMessage(protocol.MessageTypeWarning, "Hob: the editor refused the edit: "+reason)
	}
}

// landed makes sure that an edit which the editor calls applied is in its text:
// some editors say so although they skipped it, and the didChange that follows
// is the truth.
func (r *jobRun) landed(ctx context.Context, edits []fileChange) (bool, error) {
	defer r.wait()()
	limit := time.NewTimer(landing)
	defer limit.Stop()
	for {
		_, _, moved := r.s.docs.get("") // before looking, so that no change is missed
		switch seen := r.look(edits); seen {
		case inText:
			r.result.Status = statusApplied
			return true, nil
		case untouched, elsewhere:
			select {
			case <-moved:
				continue
			case <-r.s.life.Done():
				return false, context.Canceled
			case <-limit.C:
			}
			if seen == elsewhere {
				return false, stale("the text changed at the moment of applying, and the edit was lost", "run it again")
			}
			if strings.HasPrefix(r.s.client.name, "Neovim") {
				// It answers "applied" after its user said no.
				r.decline(nil)
				return false, nil
			}
			r.s.log.Info("applied, but no change was seen", "job", r.id)
			r.result.Status = statusApplied
			return true, nil
		}
	}
}

// sight is what the documents show of an edit.
type sight uint8

const (
	inText    sight = iota // the edit is there
	untouched              // nothing changed since it was sent
	elsewhere              // the text changed otherwise
)

func (r *jobRun) look(edits []fileChange) sight {
	snap := r.s.snapshot()
	for _, c := range edits {
		if c.version == nil {
			continue // not open: the editor has no version to tell
		}
		now, err := openFile(snap, c.path)
		if err != nil {
			continue // closed meanwhile
		}
		want, err := text.Apply(c.before.Text, c.edits)
		switch {
		case err == nil && now.Text == want:
		case now.Version == *c.version && now.Text == c.before.Text:
			return untouched
		case !holds(now.Text, c.edits):
			return elsewhere
		}
	}
	return inText
}

// holds reports whether the new text of every edit is in s, which may have been
// typed into since.
func holds(s string, edits []text.Edit) bool {
	for _, e := range edits {
		if !strings.Contains(s, e.New) {
			return false
		}
	}
	return true
}
