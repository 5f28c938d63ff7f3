package lsp

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/workspace/patch"
	"github.com/hob-ls/hob/workspace/text"
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
		b.WriteString(r.s.patchOf(f))
	}
	r.result.Diff = b.String()
	if u, ok := r.keptDocument(); ok {
		r.s.contents.put(u, r.result.Diff)
	}
}

// keptDocument is the URI of the diff; not ok where there is none to be opened.
func (r *jobRun) keptDocument() (u string, ok bool) {
	return fmt.Sprintf("%s:/stale/%s.diff", contentScheme, r.id), r.result.Diff != "" && r.s.showsContent()
}

// patchOf is an edit against the text that the model saw.
func (s *Server) patchOf(f agent.FileEdit) string {
	name := s.rel(f.Path)
	if f.Base == nil {
		return patch.File{To: name, After: f.Text}.String()
	}
	after, err := text.Apply(f.Base.Text, f.Edits)
	if err != nil {
		return "" // Inv: the agent's edits fit their base
	}
	return patch.File{From: name, To: name, Before: f.Base.Text, After: after}.String()
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
