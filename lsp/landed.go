package lsp

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

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
			// Only Neovim says "applied" of what it did not do: when its user said no, or
			// for a version that has moved.
			neovim := strings.HasPrefix(r.s.client.name, "Neovim")
			if neovim && seen == elsewhere {
				return false, stale("the text changed at the moment of applying, and the edit was lost", runAgain)
			}
			if neovim {
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
		if (c.gone || c.to != "") && r.s.ws.Exists(c.path) {
			return untouched
		}
		if c.before == nil || c.gone || c.to != "" {
			continue
		}
		now, err := openFile(snap, c.path)
		if err != nil {
			continue // not open, or closed meanwhile: the editor has no text to tell
		}
		want, err := c.after()
		switch {
		case c.version == nil: // opened for the edit, perhaps before its user said no
			if now.Text == c.before.Text && now.Text != want {
				return untouched
			}
		case err == nil && (now.Text == want || passed(snap, &c, want)):
		case now.Version == *c.version && now.Text == c.before.Text:
			return untouched
		default:
			return elsewhere
		}
	}
	return inText
}

// passed reports whether a document had a text on its way from before the change:
// it may have been typed into since.
func passed(snap *workspace.Snapshot, c *fileChange, want string) bool {
	since, err := snap.Since(c.before)
	if err != nil {
		return false
	}
	at := c.before.Text
	for _, e := range since {
		if at, err = text.Apply(at, []text.Edit{e}); err != nil {
			return false
		}
		if at == want {
			return true
		}
	}
	return false
}

// partly are the changes of an edit that was refused and is there all the same:
// not every editor takes back what it did before it failed.
func (r *jobRun) partly(edits []fileChange) []fileChange {
	var part []fileChange
	if r.s.client.transactional || len(edits) == 1 && edits[0].to == "" && edits[0].before != nil {
		return nil
	}
	snap := r.s.snapshot()
	for _, c := range edits {
		switch {
		case c.before == nil:
			if !r.s.ws.Exists(c.path) {
				continue
			}
		case c.gone || c.to != "":
			if r.s.ws.Exists(c.path) {
				continue
			}
		default:
			now, err := openFile(snap, c.path)
			if want, aerr := c.after(); err != nil || aerr != nil || now.Text != want || want == c.before.Text {
				continue
			}
		}
		part = append(part, c)
	}
	return part
}

// half says that an editor applied a part of an edit and then refused it.
func (r *jobRun) half(part []fileChange, reason *string) error {
	r.done(part)
	names := make([]string, len(part))
	for i, c := range part {
		names[i] = filepath.Base(c.path)
	}
	message := "the editor applied only a part of the edit: " + strings.Join(names, ", ")
	if reason != nil && *reason != "" {
		message += " (" + *reason + ")"
	}
	return &agent.Error{Kind: agent.UnsafeEdit, Message: message, Hint: "undo it in the editor, or take it back with hob.revert"}
}
