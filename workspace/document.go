package workspace

import (
	"fmt"
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// document is the state of an open document in one snapshot. Immutable.
type document struct {
	file     *File
	excluded bool // its name is in privacy.exclude
	stray    bool // OnDisk was learned by a look of its own, not from an index
	history  history
}

// session is one stretch from opening a document to closing it: Files that point
// to the same one are states of the same document. It has a size, so that no two
// of them share an address.
type session struct{ _ byte }

// history is the last edits of a session, oldest first. The slice is shared by
// all snapshots of the session: only the newest one appends to it, beyond the
// length that the others see.
type history struct {
	edits []text.Edit
	base  int // edits of the session before edits[0]
	bytes int // of new text in edits
}

// What a document keeps of its history. A keystroke is one edit: this is enough
// for the longest job, and rebasing over it stays cheap. Beyond it Since falls
// back to a diff.
const (
	maxHistory      = 2048
	maxHistoryBytes = 1 << 20
)

func (h history) end() int { return h.base + len(h.edits) }

// add is h with one more edit.
func (h history) add(e text.Edit) history {
	if h.bytes += len(e.New); h.bytes > maxHistoryBytes {
		// Pasting at this scale: a diff is the better answer.
		return history{base: h.end() + 1}
	}
	if len(h.edits) == 2*maxHistory {
		kept := make([]text.Edit, maxHistory, 2*maxHistory)
		copy(kept, h.edits[maxHistory:])
		h.bytes = len(e.New)
		for _, k := range kept {
			h.bytes += len(k.New)
		}
		h.edits, h.base = kept, h.base+maxHistory
	}
	h.edits = append(h.edits, e)
	return h
}

// since is the edits after the first n of the session, if they are all there.
func (h history) since(n int) ([]text.Edit, bool) {
	if n < h.base || n > h.end() {
		return nil, false
	}
	return h.edits[n-h.base : len(h.edits) : len(h.edits)], true
}

// openDocument is the document that DocOpen makes.
func openDocument(c Change, path, root string) *document {
	language := c.Language
	if language == "" {
		language = syntax.LanguageOf(path)
	}
	return &document{file: &File{
		Path: path, Root: root, Text: c.Text, Version: c.Version, Open: true,
		Language: language, derived: &derived{}, session: &session{},
	}}
}

// edit is the document after a DocEdit; all of its edits apply or none.
func (d *document) edit(c Change) (*document, error) {
	next, h, n := d.file.Text, d.history, d.file.edits
	lines := d.file.Lines()
	for i, r := range c.Edits {
		after, x, e, err := text.ApplyRange(next, lines, r, c.Encoding)
		if err != nil {
			return nil, fmt.Errorf("%s: change %d of %d to version %d: %w", d.file.Path, i+1, len(c.Edits), c.Version, err)
		}
		// The history outlives the message that e.New may be a piece of.
		e.New = strings.Clone(e.New)
		next, lines, h, n = after, x, h.add(e), n+1
	}
	file := *d.file
	file.Text, file.Version, file.edits = next, c.Version, n
	file.derived = &derived{lines: lines}
	out := *d
	out.file, out.history = &file, h
	return &out, nil
}

// exclude is d with the verdict of privacy.exclude; d itself where it stands.
func (d *document) exclude(is bool) *document {
	if d.excluded == is {
		return d
	}
	out := *d
	out.excluded = is
	return &out
}

// onDisk is d with what is known of the disk; d itself where it knew.
func (d *document) onDisk(is bool, root string) *document {
	if d.file.OnDisk == is && d.file.Root == root {
		return d
	}
	file := *d.file
	file.OnDisk, file.Root = is, root
	out := *d
	out.file = &file
	return &out
}
