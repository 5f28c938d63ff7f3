package lsp

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/workspace/patch"
)

// isStale reports whether the text is no longer what a job was about.
func isStale(err error) bool {
	var e *agent.Error
	return errors.As(err, &e) && e.Kind == agent.Stale
}

// keep saves what the model wrote for a text that has changed since: as a diff
// in the result and, for editors that can open it, as a hob: document.
func (r *jobRun) keep(files []agent.FileEdit) {
	var b strings.Builder
	for _, f := range files {
		c := fileChange{path: f.Path, before: f.Base, edits: f.Edits, text: f.Text, to: f.Rename, gone: f.Delete}
		b.WriteString(c.patch(r.s).String())
	}
	r.keepPatch(b.String())
}

// keepPatch saves a diff for the user.
func (r *jobRun) keepPatch(diff string) {
	r.result.Diff = diff
	if u, ok := r.keptDocument(); ok {
		r.s.contents.put(u, r.result.Diff)
	}
}

// keptDocument is the URI of the diff; not ok where there is none to be opened.
func (r *jobRun) keptDocument() (u string, ok bool) {
	return fmt.Sprintf("%s:/stale/%s.diff", contentScheme, r.id), r.result.Diff != "" && r.s.showsContent()
}

// patch is a change as a diff for people.
func (c *fileChange) patch(s *Server) patch.File {
	f := patch.File{From: s.rel(c.path), To: s.rel(c.path)}
	after, err := c.after()
	if err != nil {
		return patch.File{} // Inv: edits fit the text that they were made or rebased for
	}
	f.After = after
	switch {
	case c.before == nil:
		f.From = ""
	case c.gone:
		f.To = ""
	case c.to != "":
		f.To = s.rel(c.to)
	}
	if c.before != nil {
		f.Before = c.before.Text
	}
	return f
}

// rel is a path relative to the root that holds it, with slashes.
func (s *Server) rel(path string) string {
	for _, root := range s.snapshot().Roots() {
		if rel, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.Base(path)
}
