package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"znkr.io/diff"
	"znkr.io/diff/textdiff"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/workspace/patch"
	"github.com/hob-ls/hob/workspace/text"
)

// fileChange is what an edit does to one file.
type fileChange struct {
	path          string
	before, after string
	created, gone bool
}

// workspaceEdit is LSP's WorkspaceEdit as far as a diff needs it.
type workspaceEdit struct {
	Changes         map[string][]textEdit `json:"changes"`
	DocumentChanges []struct {
		Kind         string `json:"kind"`
		URI          string `json:"uri"`
		OldURI       string `json:"oldUri"`
		NewURI       string `json:"newUri"`
		TextDocument struct {
			URI string `json:"uri"`
		} `json:"textDocument"`
		Edits []textEdit `json:"edits"`
	} `json:"documentChanges"`
}

type textEdit struct {
	Range   lsp.Range `json:"range"`
	NewText string    `json:"newText"`
}

// changesOf works out what an edit would do, touching nothing. read gives the
// text of a file now; it fails with fs.ErrNotExist where there is none.
func changesOf(raw json.RawMessage, enc text.Encoding, read func(path string) (string, error)) ([]fileChange, error) {
	var w workspaceEdit
	if err := json.Unmarshal(raw, &w); err != nil {
		return nil, fmt.Errorf("the server's edit can't be read: %w", err)
	}
	b := changeBuilder{read: read, enc: enc, at: map[string]int{}}
	for uri, edits := range w.Changes {
		if err := b.edit(uri, edits); err != nil {
			return nil, err
		}
	}
	for _, c := range w.DocumentChanges {
		var err error
		switch c.Kind {
		case "":
			err = b.edit(c.TextDocument.URI, c.Edits)
		case "create":
			err = b.create(c.URI, "")
		case "delete":
			_, err = b.remove(c.URI)
		case "rename":
			var content string
			if content, err = b.remove(c.OldURI); err == nil {
				err = b.create(c.NewURI, content)
			}
		default:
			err = fmt.Errorf("the server's edit holds the unknown operation %q", c.Kind)
		}
		if err != nil {
			return nil, err
		}
	}
	return b.changes, nil
}

type changeBuilder struct {
	read    func(string) (string, error)
	enc     text.Encoding
	changes []fileChange
	at      map[string]int // index in changes by path
}

// change is the entry of a file, made when it is first touched.
func (b *changeBuilder) change(uri string) (*fileChange, error) {
	path, err := client.Path(uri)
	if err != nil {
		return nil, err
	}
	i, ok := b.at[path]
	if !ok {
		content, err := b.read(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		i = len(b.changes)
		b.at[path] = i
		b.changes = append(b.changes, fileChange{path: path, before: content, after: content, created: err != nil, gone: err != nil})
	}
	return &b.changes[i], nil
}

func (b *changeBuilder) edit(uri string, edits []textEdit) error {
	c, err := b.change(uri)
	if err != nil {
		return err
	}
	x := text.NewLineIndex(c.after)
	var list []text.Edit
	for _, e := range edits {
		start, err := x.Offset(text.Position(e.Range.Start), b.enc)
		if err != nil {
			return fmt.Errorf("the server's edit of %s: %w", c.path, err)
		}
		end, err := x.Offset(text.Position(e.Range.End), b.enc)
		if err != nil {
			return fmt.Errorf("the server's edit of %s: %w", c.path, err)
		}
		list = append(list, text.Edit{Span: text.Span{Start: start, End: end}, New: e.NewText})
	}
	if c.after, err = text.Apply(c.after, list); err != nil {
		return fmt.Errorf("the server's edit of %s: %w", c.path, err)
	}
	c.gone = false
	return nil
}

func (b *changeBuilder) create(uri, content string) error {
	c, err := b.change(uri)
	if err != nil {
		return err
	}
	c.after, c.gone = content, false
	return nil
}

func (b *changeBuilder) remove(uri string) (string, error) {
	c, err := b.change(uri)
	if err != nil {
		return "", err
	}
	content := c.after
	c.after, c.gone = "", true
	return content, nil
}

// writeDiff prints changes as a unified diff that git apply takes in root; to a
// terminal as one for people.
func writeDiff(w io.Writer, root string, changes []fileChange, colour bool) error {
	s := style{colour}
	var opts []textdiff.Option
	if colour {
		opts = append(opts, textdiff.TerminalColors())
	}
	show := func(s string) string { return s }
	if isTerminal(w) {
		show = plain
	}
	for _, c := range changes {
		if c.before == c.after && !c.created && !c.gone || c.created && c.gone {
			continue
		}
		name := show(relative(root, c.path))
		f := patch.File{From: name, To: name, Before: show(c.before), After: show(c.after)}
		if c.created {
			f.From = ""
		}
		if c.gone {
			f.To = ""
		}
		for line := range strings.Lines(f.Head()) {
			if _, err := fmt.Fprintln(w, s.bold(strings.TrimSuffix(line, "\n"))); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(w, f.Hunks(opts...)); err != nil {
			return err
		}
	}
	return nil
}

// counts are the lines that a change adds and takes away.
func (c fileChange) counts() (added, removed int) {
	for _, e := range textdiff.Edits(c.before, c.after) {
		switch e.Op {
		case diff.Insert:
			added++
		case diff.Delete:
			removed++
		}
	}
	return added, removed
}

func relative(root, path string) string {
	if rel, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(path)
}
