package lsp

import (
	"cmp"
	"context"
	"time"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/workspace"
)

// checker is the voice that looks at what a refactoring made.
const checker = "reviewer"

// secondLook has the reviewer look at what a refactoring changed, as a job of its
// own: the edit does not wait for it, and what it finds are diagnostics in the new
// code. Who waits for the result of the refactoring asks for a review themselves,
// and what no model wrote needs none.
func (r *jobRun) secondLook() {
	if r.spec.req.Action != agent.Refactor || r.result.Status != statusApplied || r.spec.params.Wait || r.result.Tier == string(agent.Instant) {
		return
	}
	r.s.goBackground(func(ctx context.Context) { // the job has ended, and holds up nobody
		r.s.review(r.s.arrived(ctx, r.made), r.made)
	})
}

// arrival is how long the second look waits for the text that it is about. It holds up
// nobody.
const arrival = 10 * landing

// arrived is a snapshot that has changes which the editor made, also in files that it
// did not have open: of those it tells afterwards, or the disk does. What it keeps to
// itself is not waited for longer than arrival.
func (s *Server) arrived(ctx context.Context, changes []fileChange) *workspace.Snapshot {
	ctx, cancel := context.WithTimeout(ctx, arrival)
	defer cancel()
	for _, c := range changes {
		path := cmp.Or(c.to, c.path)
		want, err := c.after()
		if c.gone || err != nil {
			continue
		}
		s.ws.Refresh(ctx, path, func(snap *workspace.Snapshot) bool {
			f, err := snap.File(path)
			return err == nil && (f.Text == want || c.version != nil) // one that was open has landed, and may have been typed into
		})
	}
	return s.snapshot()
}

// review has the reviewer look at what changes made or changed.
func (s *Server) review(snap *workspace.Snapshot, changes []fileChange) {
	places := changedPlaces(snap, changes)
	if len(places) == 0 {
		return
	}
	mine, _ := ownVoices(snap)
	voices, err := chooseVoices(mine, []string{checker})
	if err != nil {
		return // Inv: it is built in
	}
	c := commandOf(agent.Review)
	_, err = s.startJob(s.life, c, &jobSpec{
		command: c, snap: snap, uri: s.docs.uri(places[0].Path), received: time.Now(), second: true,
		req: agent.Request{Action: agent.Review, Path: places[0].Path, Places: places, Voices: voices},
	})
	if err != nil {
		s.log.Info("what was refactored is not reviewed", "err", err)
	}
}

// changedPlaces are the parts of the code that changes made or changed, as they
// are now.
func changedPlaces(snap *workspace.Snapshot, changes []fileChange) []agent.Place {
	var places []agent.Place
	for _, c := range changes {
		f, err := snap.File(cmp.Or(c.to, c.path))
		if c.gone || err != nil || !codeOnly(f) {
			continue // deleted, or gone since
		}
		was := ""
		if c.before != nil {
			was = c.before.Text
		}
		for _, span := range changedSpans(f, was) {
			places = append(places, agent.Place{Path: f.Path, Span: span})
		}
	}
	return places
}
