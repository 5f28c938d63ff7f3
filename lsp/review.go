package lsp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/workspace/text"
)

// maxReviews bounds how often the editor may answer that its text has moved on.
const maxReviews = 5

// reviewable reports whether the user looks at the changes in the editor before
// they are applied.
func (r *jobRun) reviewable(changes []fileChange) bool {
	if len(changes) > 0 && makesNew(changes) {
		return r.s.client.reviewNew && r.spec.reverts == nil
	}
	return r.looksAt(changes) && changes[0].version != nil
}

// looksAt reports whether the changes are to the text of one file, in an editor
// that shows such changes where the file is open.
func (r *jobRun) looksAt(changes []fileChange) bool {
	if !r.s.client.review || r.spec.reverts != nil || len(changes) != 1 {
		return false
	}
	c := &changes[0]
	return c.before != nil && !c.gone && c.to == ""
}

// guard has the editor ask about a change that the user would look at if the file
// were open: closed meanwhile, or never opened, nobody would see it.
func (r *jobRun) guard(pending []pendingEdit, changes []fileChange) {
	if !r.looksAt(changes) || changes[0].version != nil {
		return
	}
	changes[0].confirm = true
	for i := range pending {
		if pending[i].Path == changes[0].path {
			pending[i].Confirm = true
		}
	}
}

// makesNew reports whether the changes make files and do nothing else.
func makesNew(changes []fileChange) bool {
	return !slices.ContainsFunc(changes, func(c fileChange) bool { return c.before != nil })
}

// review shows the change to one document, or the files to be made, to the user.
// What was accepted comes back as the pending edits that are left; none means
// declined.
func (r *jobRun) review(ctx context.Context, pending []pendingEdit) ([]pendingEdit, error) {
	defer r.wait()()
	r.s.board.state(r.id, stateWaiting)
	r.bar.report("waiting for your review")
	for range maxReviews {
		changes, err := r.rebase(pending)
		if err != nil {
			return nil, err
		}
		if !r.reviewable(changes) { // closed meanwhile: there is nothing to show it in
			r.guard(pending, changes)
			return pending, nil
		}
		c := changes[0]
		params, hunks := r.reviewParams(changes)
		var answer *ReviewResult
		err = r.s.call(ctx, methodReview, params, &answer)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case isContentModified(err) && c.version != nil:
			r.s.changed(ctx, c.path, *c.version)
			continue
		case err != nil:
			r.refused(err.Error())
			return nil, nil
		}
		accepted, err := r.decided(answer, hunks)
		if err != nil || len(accepted) == 0 {
			return nil, err
		}
		if params.New {
			for i := range pending {
				pending[i].Confirm = false // it was looked at
			}
			return pending, nil
		}
		r.settle()
		i := slices.IndexFunc(pending, func(p pendingEdit) bool { return p.Path == c.path })
		return []pendingEdit{reviewed(pending[i], &c, accepted)}, nil // Inv: changes are of pending
	}
	return nil, stale("the text kept changing before it could be reviewed", "run it again")
}

// reviewParams asks about the change to one document, or about files to be made.
// hunks are what it asks about, where they stand in the document.
func (r *jobRun) reviewParams(changes []fileChange) (p *ReviewParams, hunks []text.Edit) {
	c := changes[0]
	p = &ReviewParams{
		Job: r.id, Action: r.result.Action, Label: r.title(), URI: c.uri,
		Tier: r.result.Tier, Model: r.result.Model, Why: r.result.Why,
	}
	if makesNew(changes) {
		p.New, p.Hunks = true, []ReviewHunk{{NewText: c.text}}
		for _, other := range changes[1:] {
			p.Also = append(p.Also, ReviewFile{URI: other.uri, Text: other.text})
		}
		return p, []text.Edit{{New: c.text}}
	}
	x, enc := c.before.Lines(), r.s.client.encoding
	p.Version, p.Range = *c.version, rangeOf(x, c.region, enc)
	hunks = lineHunks(&c)
	p.Hunks = make([]ReviewHunk, len(hunks))
	for i, h := range hunks {
		p.Hunks[i] = ReviewHunk{Range: rangeOf(x, h.Span, enc), NewText: h.New}
	}
	return p, hunks
}

// decided reads the user's decision: the hunks to apply.
func (r *jobRun) decided(answer *ReviewResult, hunks []text.Edit) ([]text.Edit, error) {
	switch {
	case answer == nil:
		return nil, nil
	case answer.Retry != nil:
		r.retry = answer.Retry
		return nil, nil
	case !answer.Accept:
		return nil, nil
	case answer.Hunks == nil:
		return hunks, nil
	}
	chosen := make([]bool, len(hunks))
	for _, i := range *answer.Hunks {
		if i < 0 || i >= len(hunks) {
			r.refused(fmt.Sprintf("it accepted hunk %d of %d", i, len(hunks)))
			return nil, nil
		}
		chosen[i] = true
	}
	var accepted []text.Edit
	for i, h := range hunks {
		if chosen[i] {
			accepted = append(accepted, h)
		}
	}
	return accepted, nil
}

// reviewed is what is left of an edit after its review: the accepted hunks, on
// the text that the user looked at. Typing between them harms none.
func reviewed(p pendingEdit, c *fileChange, accepted []text.Edit) pendingEdit {
	p.Base, p.Region, p.Confirm = c.before, c.region, false
	p.Edits, p.intact = nil, nil
	for _, h := range accepted {
		p.intact = append(p.intact, holding(h.Span))
		// Smaller than the lines shown, so that marks and cursors in them stay.
		for _, e := range text.Diff(c.before.Text[h.Span.Start:h.Span.End], h.New) {
			e.Span.Start += h.Span.Start
			e.Span.End += h.Span.Start
			p.Edits = append(p.Edits, e)
		}
	}
	return p
}

// lineHunks are the edits of a change in whole lines.
func lineHunks(c *fileChange) []text.Edit {
	if len(c.edits) == 0 {
		return nil
	}
	x := c.before.Lines()
	from := x.LineSpan(x.Line(c.edits[0].Span.Start)).Start
	to := x.LineSpan(x.Line(c.edits[len(c.edits)-1].Span.End)).End
	own := slices.Clone(c.edits)
	for i := range own {
		own[i].Span.Start -= from
		own[i].Span.End -= from
	}
	was := c.before.Text[from:to]
	now, err := text.Apply(was, own)
	if err != nil {
		return c.edits // Inv: rebase gives ascending edits inside the text
	}
	hunks := text.DiffLines(was, now)
	for i := range hunks {
		hunks[i].Span.Start += from
		hunks[i].Span.End += from
	}
	return hunks
}

// changed waits until the open document at path is no longer at version: editors
// hold changes back for a moment. It gives up after landing.
func (s *Server) changed(ctx context.Context, path string, version int32) {
	limit := time.NewTimer(landing)
	defer limit.Stop()
	for {
		doc, open, moved := s.docs.get(path)
		if !open || doc.version != version {
			return
		}
		select {
		case <-moved:
		case <-limit.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// isContentModified reports whether the editor's text is not the one it was
// asked about.
func isContentModified(err error) bool {
	var wire *jsonrpc2.Error
	return errors.As(err, &wire) && wire.Code == protocol.CodeContentModified
}
