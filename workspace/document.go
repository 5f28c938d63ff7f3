package workspace

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// document is the state of an open document in one snapshot. Immutable.
//
// An edit is microseconds: it touches a piece of the text, and the File, which
// holds the text as a whole, is made when somebody asks for it.
type document struct {
	path     string // absolute and clean, as it was opened
	root     string
	language string
	version  int32
	edits    int // of the session so far
	session  *session
	history  history
	body     *body
	on       bool // there is such a file on disk
	excluded bool // its name is in privacy.exclude
	stray    bool // on was learned by a look of its own, not from an index

	file *lazyFile // another one for every state that its File shows
}

// body is one text of a document.
type body struct {
	pieces  *text.Buffer
	once    sync.Once
	whole   string // of pieces
	made    atomic.Bool
	derived derived
}

// text is the whole text, put together once.
func (b *body) text() string {
	b.once.Do(func() {
		b.whole = b.pieces.String()
		b.made.Store(true)
	})
	return b.whole
}

// buffer is the text in pieces. Where the whole was made the pieces are of that,
// so that the two don't take memory twice.
func (b *body) buffer() *text.Buffer {
	if b.made.Load() {
		return b.pieces.Over(b.whole)
	}
	return b.pieces
}

type lazyFile struct {
	once sync.Once
	file *File
}

// File is the document as a File, always the same one.
func (d *document) File() *File {
	d.file.once.Do(func() {
		d.file.file = &File{
			Path: d.path, Root: d.root, Text: d.body.text(), Version: d.version, Open: true, OnDisk: d.on,
			Language: d.language, derived: &d.body.derived, session: d.session, edits: d.edits, history: d.history,
		}
	})
	return d.file.file
}

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
func openDocument(c Change, path, root string, trees *trees) *document {
	language := c.Language
	if language == "" {
		language = syntax.LanguageOf(path)
	}
	return &document{
		path: path, root: root, language: language, version: c.Version,
		session: &session{trees: trees}, body: &body{pieces: text.NewBuffer(c.Text)}, file: &lazyFile{},
	}
}

// edit is the document after a DocEdit; all of its edits apply or none.
func (d *document) edit(c Change) (*document, error) {
	next, h := d.body.buffer(), d.history
	for i, r := range c.Edits {
		after, e, err := next.ApplyRange(r, c.Encoding)
		if err != nil {
			return nil, fmt.Errorf("%s: change %d of %d to version %d: %w", d.path, i+1, len(c.Edits), c.Version, err)
		}
		// The history outlives the message that e.New may be a piece of.
		e.New = strings.Clone(e.New)
		next, h = after, h.add(e)
	}
	out := *d
	out.body, out.version, out.edits = &body{pieces: next}, c.Version, d.edits+len(c.Edits)
	out.history, out.file = h, &lazyFile{}
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

// strays is d with what a look at the disk found. Where an index lists the file,
// that is what counts, and tells when the file goes.
func (d *document) strays(is, indexed bool) *document {
	if is = is && !indexed; d.stray == is {
		return d
	}
	out := *d
	out.stray = is
	return &out
}

// onDisk is d with what is known of the disk; d itself where it knew.
func (d *document) onDisk(is bool, root string) *document {
	if d.on == is && d.root == root {
		return d
	}
	out := *d
	out.on, out.root, out.file = is, root, &lazyFile{}
	return &out
}
