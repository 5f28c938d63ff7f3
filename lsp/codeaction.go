package lsp

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// maxFixes bounds the fixes of one menu: other servers' quick fixes come first.
const maxFixes = 3

// maxTitle bounds the words of a diagnostic or an instruction in a title, in runes.
const maxTitle = 60

// actionKinds are the kinds that codeActionProvider advertises.
func actionKinds() []protocol.CodeActionKind {
	var kinds []protocol.CodeActionKind
	for _, c := range commands {
		if c.kind != "" {
			kinds = append(kinds, c.kind)
		}
	}
	return kinds
}

// menu is one request for code actions: what is known, and what was offered.
type menu struct {
	s     *Server
	p     *protocol.CodeActionParams
	snap  *workspace.Snapshot
	file  *workspace.File
	uri   string
	span  text.Span
	items []protocol.CommandOrCodeAction
	next  []offered

	symbolsOf []syntax.Symbol // see outline
	outlined  bool
}

// codeAction fills the menu from memory: it asks no model and reads no disk. Of
// one opened by hand the model reads ahead what its actions have in common, after
// the answer.
func (s *Server) codeAction(_ context.Context, at pinned, p *protocol.CodeActionParams) ([]protocol.CommandOrCodeAction, error) {
	m := &menu{s: s, p: p, snap: at.snap, items: []protocol.CommandOrCodeAction{}}
	if !m.open() {
		return m.items, nil
	}
	m.fixes()
	// Asked for by itself on every move of the cursor, the menu holds what is wrong and nothing else.
	if p.Context.TriggerKind == protocol.CodeActionTriggerKindAutomatic && len(p.Context.Only) == 0 {
		return m.items, nil
	}
	m.edits()
	m.symbols()
	m.parts()
	m.own()
	if p.Context.TriggerKind == protocol.CodeActionTriggerKindInvoked {
		s.foresee(at, prefillPace, m.next)
	}
	return m.items, nil
}

// open finds the document; nothing is offered on what jobs would refuse.
func (m *menu) open() bool {
	path, err := pathOf(string(m.p.TextDocument.URI))
	if err != nil {
		return false
	}
	doc, open, _ := m.s.docs.get(path)
	if !open || doc.broken {
		return false
	}
	if _, err := m.snap.Confine(path); err != nil {
		return false
	}
	if m.file, err = m.snap.File(path); err != nil {
		return false
	}
	m.uri = doc.uri
	m.span, err = spanOf(m.file, ownRange(m.p.Range), m.s.client.encoding)
	return err == nil
}

// wanted reports whether the editor asked for this kind: a kind stands for
// itself and all below it.
func (m *menu) wanted(kind protocol.CodeActionKind) bool {
	if len(m.p.Context.Only) == 0 {
		return true
	}
	for _, only := range m.p.Context.Only {
		if only == "" || only == kind || strings.HasPrefix(string(kind), string(only)+".") {
			return true
		}
	}
	return false
}

// offer adds an item. Its command carries everything from the start: there is
// nothing to resolve.
func (m *menu) offer(a agent.Action, title string, params JobParams, diagnostics ...protocol.Diagnostic) {
	m.put(commandOf(a), title, params, diagnostics...)
}

func (m *menu) put(c *command, title string, params JobParams, diagnostics ...protocol.Diagnostic) {
	params.URI, params.Version = m.uri, &m.file.Version
	if params.Range == nil {
		r := ownRange(m.p.Range)
		params.Range = &r
	}
	m.next = append(m.next, offered{c, params})
	cmd := protocol.Command{Title: title, Command: c.id, Arguments: []protocol.LSPAny{protocol.LSPAny(raw(params))}}
	if !m.s.client.literals {
		m.items = append(m.items, &cmd)
		return
	}
	item := &protocol.CodeAction{Title: title, Kind: &c.kind, Command: cmd, Diagnostics: diagnostics}
	if m.s.client.tagLLM {
		item.Tags = []protocol.CodeActionTag{protocol.CodeActionTagLLMGenerated}
	}
	m.items = append(m.items, item)
}

// fixes offers one fix for each diagnostic under the range, or of the cursor's line,
// and, where there are several, one for all of them; never more than maxFixes.
func (m *menu) fixes() {
	if !m.wanted(commandOf(agent.Fix).kind) {
		return
	}
	var here []protocol.Diagnostic
	var all JobParams
	var around text.Span
	for _, d := range m.p.Context.Diagnostics {
		span, err := spanOf(m.file, ownRange(d.Range), m.s.client.encoding)
		if err != nil || !m.touches(span) {
			continue
		}
		encoded, err := protocol.Marshal(&d)
		if err != nil {
			continue
		}
		if around = union(around, span); len(here) == 0 {
			around = span
		}
		here = append(here, d)
		all.Diagnostics = append(all.Diagnostics, encoded)
	}
	single := maxFixes
	if len(here) > 1 {
		single-- // the last one is for all
	}
	for i, d := range here[:min(len(here), single)] {
		r := ownRange(d.Range)
		m.offer(agent.Fix, "Fix: "+oneLine(diagnosticMessage(&d)), JobParams{Range: &r, Diagnostics: all.Diagnostics[i : i+1]}, d)
	}
	if len(here) > 1 {
		r := rangeOf(m.file.Lines(), around, m.s.client.encoding)
		all.Range = &r
		m.offer(agent.Fix, fmt.Sprintf("Fix all %d problems here", len(here)), all, here...)
	}
}

// touches reports whether the menu is about a diagnostic there: under the range, or,
// as Neovim tells of all that is wrong with a line, on that of the cursor.
func (m *menu) touches(span text.Span) bool {
	if m.span.Len() > 0 {
		return span.Start <= m.span.End && span.End >= m.span.Start
	}
	x := m.file.Lines()
	line := x.Line(m.span.Start)
	return x.Line(span.Start) <= line && x.Line(span.End) >= line
}

// union is the least span that holds both.
func union(a, b text.Span) text.Span {
	return text.Span{Start: min(a.Start, b.Start), End: max(a.End, b.End)}
}

// edits offers what needs an instruction, where there is one or it can be asked for.
func (m *menu) edits() {
	ask := m.s.client.input
	here, hasHere := instructionAt(m.file, m.span.Start)
	if m.wanted(commandOf(agent.Edit).kind) && m.span.Len() > 0 {
		in, ok := instructionIn(m.file, m.span)
		switch {
		case ok && in.span.Len() < m.span.Len():
			m.offer(agent.Edit, "Edit: "+oneLine(in.prompt), JobParams{Prompt: in.prompt})
		case ask:
			m.offer(agent.Edit, commandOf(agent.Edit).title, JobParams{})
		}
	}
	if m.wanted(commandOf(agent.Generate).kind) {
		switch {
		case hasHere:
			r := rangeOf(m.file.Lines(), here.span, m.s.client.encoding)
			m.offer(agent.Generate, "Generate: "+oneLine(here.prompt), JobParams{Prompt: here.prompt, Range: &r})
		case ask && m.span.Len() == 0:
			m.offer(agent.Generate, commandOf(agent.Generate).title, JobParams{})
		}
	}
	if m.wanted(commandOf(agent.Component).kind) && (hasHere || ask) && m.s.react.project(m.snap, m.file) {
		title, params := commandOf(agent.Component).title, JobParams{}
		if hasHere {
			title, params.Prompt = "Generate component: "+oneLine(here.prompt), here.prompt
		}
		m.offer(agent.Component, title, params)
	}
}

// symbols offers what is about a symbol or a selection.
func (m *menu) symbols() {
	document, implement, test, explain := commandOf(agent.Document), commandOf(agent.Implement), commandOf(agent.Test), commandOf(agent.Explain)
	if !m.wanted(document.kind) && !m.wanted(implement.kind) && !m.wanted(test.kind) && !m.wanted(explain.kind) {
		return
	}
	outline := m.outline()
	if sym, ok := syntax.Enclosing(outline, m.span); ok && m.wanted(implement.kind) && syntax.IsStub(m.file.Language, m.file.Text, sym) {
		r := rangeOf(m.file.Lines(), sym.Ident, m.s.client.encoding)
		m.offer(agent.Implement, "Implement "+oneLine(sym.Name), JobParams{Range: &r})
	}
	sym, ok := m.symbol(outline)
	if ok && m.wanted(document.kind) {
		r := rangeOf(m.file.Lines(), sym.Ident, m.s.client.encoding)
		m.offer(agent.Document, "Document "+oneLine(sym.Name), JobParams{Range: &r})
	}
	if ok && m.wanted(test.kind) && agent.Testable(m.file, sym) {
		r := rangeOf(m.file.Lines(), sym.Ident, m.s.client.encoding)
		m.offer(agent.Test, "Write tests for "+oneLine(sym.Name), JobParams{Range: &r})
	}
	if !m.wanted(explain.kind) {
		return
	}
	switch {
	case ok:
		r := rangeOf(m.file.Lines(), sym.Span, m.s.client.encoding)
		m.offer(agent.Explain, "Explain "+oneLine(sym.Name), JobParams{Range: &r})
	case !m.cursor():
		m.offer(agent.Explain, "Explain selection", JobParams{})
	}
}

// cursor reports whether nothing is selected. In Helix and Kakoune, a cursor is a
// selection of one character.
func (m *menu) cursor() bool {
	return utf8.RuneCountInString(m.file.Text[m.span.Start:m.span.End]) <= 1
}

// symbol is what the cursor's line declares, or what the selection covers.
func (m *menu) symbol(outline []syntax.Symbol) (syntax.Symbol, bool) {
	x := m.file.Lines()
	for _, sym := range outline {
		if !m.cursor() {
			if m.span.Contains(text.Span{Start: sym.Span.Start, End: sym.Span.End}) {
				return sym, true
			}
			continue
		}
		if line := x.Line(m.span.Start); line == x.Line(sym.Ident.Start) || line == x.Line(sym.Span.Start) {
			return sym, true
		}
	}
	return syntax.Symbol{}, false
}

// outlineWait bounds how long a menu waits for the outline of a large file that
// was just changed. One that opens by itself can do without symbols.
const (
	outlineWait     = time.Second // VS Code drops a provider that takes two
	outlineWaitAuto = 3 * time.Millisecond
)

// outline is the outline of the document, nil if it takes too long; it is kept
// for the next menu then.
func (m *menu) outline() []syntax.Symbol {
	if !m.outlined {
		m.symbolsOf, m.outlined = m.readOutline(), true
	}
	return m.symbolsOf
}

// readOutline waits for its turn: menus of a text that changes faster than it can
// be read must not pile up.
func (m *menu) readOutline() []syntax.Symbol {
	limit := outlineWait
	if m.p.Context.TriggerKind == protocol.CodeActionTriggerKindAutomatic {
		limit = outlineWaitAuto
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case m.s.outlining <- struct{}{}:
	case <-timer.C:
		return nil
	}
	done := make(chan []syntax.Symbol, 1)
	if !m.s.goBackground(func(context.Context) {
		defer func() { <-m.s.outlining }()
		done <- m.file.Outline()
	}) {
		<-m.s.outlining
		return nil // the session is ending
	}
	select {
	case symbols := <-done:
		return symbols
	case <-timer.C:
		return nil
	}
}

// oneLine is s as part of a title.
func oneLine(s string) string {
	return shorten(strings.Join(strings.Fields(s), " "), maxTitle)
}

// reactCache remembers for one snapshot which folders belong to a React project.
type reactCache struct {
	mu  sync.Mutex // guards what follows
	seq uint64
	dir map[string]bool
}

// project reports whether f looks like part of a React project: by its language,
// or by the package.json above it.
func (c *reactCache) project(snap *workspace.Snapshot, f *workspace.File) bool {
	if strings.HasSuffix(f.Language, "react") {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seq != snap.Seq() || c.dir == nil {
		c.seq, c.dir = snap.Seq(), map[string]bool{}
	}
	dir := filepath.Dir(f.Path)
	known, ok := c.dir[dir]
	if !ok {
		known = reactAbove(snap, f.Root, dir)
		c.dir[dir] = known
	}
	return known
}

func reactAbove(snap *workspace.Snapshot, root, dir string) bool {
	for strings.HasPrefix(dir, root) {
		if manifest, err := openFile(snap, filepath.Join(dir, "package.json")); err == nil {
			return strings.Contains(manifest.Text, `"react"`)
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	return false
}
