package workspace

import (
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/hob-ls/hob/workspace/index"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// File is one text file of a Snapshot. Immutable.
type File struct {
	Path     string // absolute, cleaned, below the root as it was given
	Root     string // the root it belongs to; "" for an open document outside every root
	Text     string
	Version  int32  // of the open document; 0 for a file on disk
	Open     bool   // the text is the editor's
	OnDisk   bool   // there is such a file on disk
	Language string // LSP language id
	ModTime  time.Time

	derived *derived     // shared by all Files of one text; nil in a File made by hand
	entry   *index.Entry // of a file on disk
	session *session     // of the open document
	edits   int          // that the session had seen when this was its text
	history history      // of these
}

// derived is what is computed from one text, once and on demand.
type derived struct {
	hashOnce    sync.Once
	hash        index.Hash // only set for an open document
	linesOnce   sync.Once
	lines       *text.LineIndex
	outlineOnce sync.Once
	outline     []syntax.Symbol
	importsOnce sync.Once
	imports     []syntax.Import
	goDeclOnce  sync.Once
	goDecl      goDeclared
	packageOnce sync.Once
	pkg         *packageJSON
}

// Rel is the path relative to its root, with forward slashes; the name alone for
// a document outside every root.
func (f *File) Rel() string {
	if f.Root == "" {
		return filepath.Base(f.Path)
	}
	return filepath.ToSlash(strings.TrimPrefix(f.Path[len(f.Root):], string(filepath.Separator)))
}

// Hash tells texts apart, on all machines alike. It is computed once for a text.
func (f *File) Hash() index.Hash {
	if f.entry != nil && f.entry.Held {
		return f.entry.Hash()
	}
	if d := f.derived; d != nil {
		d.hashOnce.Do(func() { d.hash = index.HashOf(f.Text) })
		return d.hash
	}
	return index.HashOf(f.Text)
}

// Lines is the line index of Text, computed once.
func (f *File) Lines() *text.LineIndex {
	d := f.derived
	if d == nil {
		return text.NewLineIndex(f.Text)
	}
	d.linesOnce.Do(func() {
		if d.lines == nil {
			d.lines = text.NewLineIndex(f.Text)
		}
	})
	return d.lines
}

// Outline is the outline of Text, computed once. Of an open document what changed
// is read, and where that has syntax errors, the symbols that the last text without
// errors had and that were not touched since are in it, whatever the errors hide.
func (f *File) Outline() []syntax.Symbol {
	d := f.derived
	if d == nil {
		return syntax.Outline(f.Language, f.Text)
	}
	d.outlineOnce.Do(func() {
		if f.session != nil {
			d.outline = f.session.outline(f)
		} else {
			d.outline = syntax.Outline(f.Language, f.Text)
		}
	})
	return d.outline
}

// fromDisk is the File of an index entry whose content is held, or was just
// read. It is made once per entry, so that what it derives is kept with it.
func fromDisk(root string, e *index.Entry) (*File, error) {
	type made struct {
		file *File
		err  error
	}
	m := e.Memo(func(e *index.Entry) any {
		// Positions in bytes that are no UTF-8 differ from editor to editor: an
		// edit could land anywhere.
		if !utf8.ValidString(e.Text) {
			return made{err: ErrBinary}
		}
		return made{file: &File{
			Path: e.Path, Root: root, Text: e.Text, OnDisk: true,
			Language: syntax.LanguageOf(e.Path), ModTime: e.ModTime, entry: e,
			derived: e.Keep(func() any { return &derived{} }).(*derived),
		}}
	}).(made)
	return m.file, m.err
}
