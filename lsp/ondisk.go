package lsp

import (
	"fmt"
	"path/filepath"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// can reports whether the editor does by itself what a file needs.
func (c *clientInfo) can(f agent.FileEdit) bool {
	return c.does(f.Base == nil, f.Rename != "", f.Delete)
}

func (c *clientInfo) canChange(f fileChange) bool {
	return c.does(f.before == nil, f.to != "", f.gone)
}

func (c *clientInfo) does(create, rename, remove bool) bool {
	return (!create || c.createFile) && (!rename || c.renameFile) && (!remove || c.deleteFile) &&
		(c.documentChanges || !create && !rename && !remove)
}

// commit does on disk what the editor can't; the caller keeps or takes back the
// commit. The user has agreed to it.
func (r *jobRun) commit(pending []pendingEdit) ([]fileChange, *workspace.Commit, error) {
	if len(pending) == 0 {
		return nil, &workspace.Commit{}, nil
	}
	changes, err := r.rebase(pending)
	if err != nil {
		return nil, nil, err
	}
	r.settle()
	ops := make([]workspace.Op, 0, len(changes))
	for _, c := range changes {
		if c.version != nil {
			return nil, nil, badRequest(
				fmt.Sprintf("this editor can't rename or delete files for a server, and %s is open in it", filepath.Base(c.path)),
				"close it there, then run it again")
		}
		op := workspace.Op{Path: c.path, To: c.to}
		if c.before != nil {
			op.Was = &c.before.Text
		}
		if !c.gone {
			after, err := c.after()
			if err != nil {
				return nil, nil, err
			}
			op.Text = &after
		}
		ops = append(ops, op)
	}
	commit, err := r.s.ws.Commit(ops...)
	if err != nil {
		return nil, nil, fmt.Errorf("nothing was changed: %w", err)
	}
	return changes, commit, nil
}

// after is the text that must come out of a change.
func (c *fileChange) after() (string, error) {
	switch {
	case c.before == nil:
		return c.text, nil
	case c.gone:
		return "", nil
	}
	return text.Apply(c.before.Text, c.edits)
}
