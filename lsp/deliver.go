package lsp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"go.lsp.dev/protocol"
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
// typed meanwhile, in one versioned workspace edit. What this editor can't do is
// done on disk, before the edit and taken back if that is refused.
//
//	rebase ─▶ review, or ask where someone should look ─▶ rebase ─▶ applyEdit ─▶ seen in didChange
//	             └─ discard ▶ declined                       ▲          └─ refused, text moved ─┐
//	                                                         └──────────────── once ────────────┘
func (r *jobRun) deliver(ctx context.Context, pending []pendingEdit) error {
	if err := r.catchUp(ctx, pending); err != nil {
		return err
	}
	changes, err := r.rebase(pending)
	if err != nil {
		return err
	}
	if p := r.spec.params.Apply; p != nil && !*p {
		return r.giveBack(changes)
	}
	r.guard(pending, changes)
	if r.reviewable(changes) {
		if pending, err = r.review(ctx, pending); err != nil || pending == nil {
			r.result.Status = statusDeclined
			return err
		}
		if changes, err = r.rebase(pending); err != nil {
			return err
		}
	}
	if ok, err := r.ask(ctx, changes); !ok || err != nil {
		r.result.Status = statusDeclined
		return err
	}
	r.bar.report("applying")
	changes, err = r.applyAll(ctx, pending)
	if err != nil || changes == nil {
		return err
	}
	r.done(changes)
	return nil
}

// done notes what was applied, created files first.
func (r *jobRun) done(changes []fileChange) {
	r.result.Status, r.made = statusApplied, changes
	r.record(changes)
	for _, created := range []bool{true, false} {
		for _, c := range changes {
			if (c.before == nil) == created {
				r.result.Files = append(r.result.Files, c.finalURI())
			}
		}
	}
	for _, f := range r.left {
		r.result.Left = append(r.result.Left, filepath.Base(f.Path)+": it was changed meanwhile")
	}
	if len(r.left) > 0 {
		r.keep(r.left)
	}
}

// because adds to why the job came out as it did.
func (r *jobRun) because(note string) {
	if r.result.Why != "" {
		r.result.Why += "; "
	}
	r.result.Why += note
}

// applyAll does what the user agreed to and gives what was changed, nil where the
// editor declined.
func (r *jobRun) applyAll(ctx context.Context, pending []pendingEdit) ([]fileChange, error) {
	var edits, own []pendingEdit
	for _, p := range pending {
		if r.s.client.can(p.FileEdit) {
			edits = append(edits, p)
		} else {
			own = append(own, p)
		}
	}
	onDisk, commit, err := r.commit(own)
	if err != nil {
		return nil, err
	}
	var applied []fileChange
	if len(edits) > 0 {
		applied, err = r.apply(ctx, edits)
	}
	if err != nil || len(edits) > 0 && applied == nil {
		if undo := commit.Undo(); undo != nil {
			return nil, fmt.Errorf("%w; what was done on disk could not be taken back: %w", cmp.Or(err, errDeclined), undo)
		}
		return nil, err
	}
	if err := commit.Keep(); err != nil {
		r.s.log.Warn("temporary files are left", "err", err)
	}
	return append(onDisk, applied...), nil
}

// errDeclined is an edit that the editor refused, where that has consequences.
var errDeclined = errors.New("the editor refused the edit")

// apply sends the edits, at most twice: a second time where the text moved
// between building the edit and the editor looking at it.
func (r *jobRun) apply(ctx context.Context, pending []pendingEdit) ([]fileChange, error) {
	for attempt := 1; ; attempt++ {
		if err := r.catchUp(ctx, pending); err != nil {
			return nil, err
		}
		edits, err := r.rebase(pending) // right before sending: the user may have typed while asked
		if err != nil {
			return nil, err
		}
		res, err := r.send(ctx, edits)
		if err != nil {
			return nil, err
		}
		if res.Applied {
			if ok, err := r.landed(ctx, edits); !ok || err != nil {
				return nil, err
			}
			return edits, nil
		}
		if part := r.partly(edits); len(part) > 0 {
			return nil, r.half(part, res.FailureReason)
		}
		moved := r.moved(edits)
		if moved && attempt == 1 {
			continue
		}
		if moved {
			return nil, stale("the text kept changing while the edit was applied", "run it again")
		}
		r.decline(res.FailureReason)
		return nil, nil
	}
}

// send asks the editor to apply. An edit that was sent can't be taken back, so a
// cancelled job still waits a moment for the answer.
func (r *jobRun) send(ctx context.Context, edits []fileChange) (*protocol.ApplyWorkspaceEditResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer r.wait()()
	cctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(r.s.life, cancel)()
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
	r.because("the editor refused the edit: " + reason)
	r.s.log.Warn("edit refused", "job", r.id, "reason", reason)
	if !r.spec.params.Wait {
		r.s.showMessage(protocol.MessageTypeWarning, "Hob: the editor refused the edit: "+reason)
	}
}
