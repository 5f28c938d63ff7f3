package lsp

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/workspace/text"
)

// The buttons of a question about changes.
const (
	applyButton   = "Apply"
	writeButton   = "Write"
	discardButton = "Discard"
	showButton    = "Show Changes"
)

// ask asks the user before anything is changed, where that is due. Where the
// editor can annotate edits, it asks by itself.
func (r *jobRun) ask(ctx context.Context, changes []fileChange) (bool, error) {
	var say, diff []string
	onDisk := false
	for _, c := range changes {
		own := !r.s.client.canChange(c)
		if own || c.confirm && (!r.s.client.annotations || !r.s.client.documentChanges) {
			say = append(say, summary(c))
			diff = append(diff, c.patch(r.s).String())
		}
		onDisk = onDisk || own
	}
	if len(say) == 0 {
		return true, nil
	}
	question, yes := "Hob wants to "+strings.Join(say, ", ")+".", applyButton
	if onDisk {
		question += " This editor can't do that for a server, so Hob would write to disk."
		yes = writeButton
	}
	return r.confirm(ctx, question, strings.Join(diff, ""), yes)
}

// summary is a change in a few words.
func summary(c fileChange) string {
	name := filepath.Base(c.path)
	if c.before == nil {
		return fmt.Sprintf("create %s (%d lines)", name, text.CountLines(c.text))
	}
	out, in := 0, 0
	for _, h := range lineHunks(&c) { // an edit within a line is one of that line
		out += text.CountLines(c.before.Text[h.Span.Start:h.Span.End])
		in += text.CountLines(h.New)
	}
	lines := fmt.Sprintf(" (-%d +%d lines)", out, in)
	switch {
	case c.gone:
		return fmt.Sprintf("delete %s (%d lines)", name, text.CountLines(c.before.Text))
	case c.to != "" && len(c.edits) == 0:
		return fmt.Sprintf("rename %s to %s", name, filepath.Base(c.to))
	case c.to != "":
		return fmt.Sprintf("rename %s to %s", name, filepath.Base(c.to)) + lines
	}
	return "change " + name + lines
}

// confirm asks; the changes can be looked at first, in a document where the editor
// can open one.
func (r *jobRun) confirm(ctx context.Context, question, diff, yes string) (bool, error) {
	defer r.wait()()
	r.s.board.state(r.id, stateWaiting)
	r.bar.report("waiting for your decision")
	buttons := []string{yes, discardButton}
	u := fmt.Sprintf("%s:/changes/%s.diff", contentScheme, r.id)
	if r.s.showsContent() {
		r.s.contents.put(u, diff)
		buttons = []string{yes, showButton, discardButton}
	} else if diff != "" {
		question += "\n" + shorten(diff, maxMessage)
	}
	for {
		got, err := r.s.choose(ctx, protocol.MessageTypeInfo, question, buttons...)
		if err != nil || got != showButton {
			return got == yes, err
		}
		r.s.openContent(ctx, u, false)
	}
}
