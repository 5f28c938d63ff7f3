package lsp

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/agent/own"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// ownEnd is how the files of own commands and voices end.
const ownEnd = ".md"

func joinSlash(root, rel string) string { return filepath.Join(root, filepath.FromSlash(rel)) }

func ownName(path string) string { return strings.TrimSuffix(filepath.Base(path), ownEnd) }

// ownFiles are the user's files in a folder of each root, by path.
func ownFiles(snap *workspace.Snapshot, dir string) []*workspace.File {
	var out []*workspace.File
	for _, root := range snap.Roots() {
		for _, path := range snap.Dir(joinSlash(root, dir)) {
			if f, err := snap.File(path); err == nil && strings.HasSuffix(path, ownEnd) {
				out = append(out, f)
			}
		}
	}
	return out
}

// ownVoices are the voices that the workspace defines, and by name what is wrong with
// those that are broken.
func ownVoices(snap *workspace.Snapshot) (voices []own.Voice, broken map[string]error) {
	broken = map[string]error{}
	for _, f := range ownFiles(snap, own.VoiceDir) {
		name := ownName(f.Path)
		if v, problems, ok := own.ParseVoice(name, f.Text); ok {
			voices = append(voices, v)
		} else if broken[name] == nil {
			broken[name] = brokenOwn(f, problems)
		}
	}
	return voices, broken
}

// ownFor are the usable commands that the workspace folder of a file defines.
func ownFor(snap *workspace.Snapshot, f *workspace.File) []own.Command {
	var out []own.Command
	for _, d := range ownFiles(snap, own.CommandDir) {
		if d.Root != f.Root {
			continue
		}
		if c, _, ok := own.ParseCommand(ownName(d.Path), d.Text); ok && c.Offers(f.Rel()) {
			out = append(out, c)
		}
	}
	return out
}

// own offers the commands that the user defined, where they apply.
func (m *menu) own() {
	const id = "hob.run"
	row := commands[slices.IndexFunc(commands, func(c command) bool { return c.id == id })]
	if !m.wanted(row.kind) {
		return
	}
	for _, c := range ownFor(m.snap, m.file) {
		if c.Scope == "symbol" {
			if _, ok := syntax.Enclosing(m.outline(), m.span); !ok {
				continue
			}
		}
		m.put(&row, oneLine(c.Title), JobParams{Name: c.Name})
	}
}

// ownCommand is hob.run: the command of that name, for a place.
func (s *Server) ownCommand(ctx context.Context, at pinned, args []protocol.LSPAny) (any, error) {
	spec := &jobSpec{command: &command{needs: needSelection}, snap: at.snap, received: at.received}
	c, f, err := s.findOwn(ctx, spec, args)
	if err != nil {
		return nil, &jobFailure{&JobResult{Action: "run", Status: statusFailed, Error: jobError(err)}}
	}
	action := map[string]agent.Action{"edit": agent.Edit, "generate": agent.Generate, "explain": agent.Explain}[c.Kind]
	params := spec.params
	params.Name, params.Prompt, params.Tools = "", c.Expand(subject(spec, f)), toolNames(c.Tools)
	if params.Tier == "" && params.Model == "" {
		params.Tier = c.Tier
	}
	span := spec.req.Span
	switch c.Scope {
	case "file":
		span = text.Span{End: len(f.Text)}
	case "symbol":
		sym, ok := syntax.Enclosing(f.Outline(), span)
		if !ok {
			return nil, &jobFailure{&JobResult{Action: "run", Status: statusFailed, Error: jobError(badRequest("there is no symbol here", c.Title+" is about one: place the cursor in it"))}}
		}
		span = sym.Span
	}
	r := rangeOf(f.Lines(), span, s.client.encoding)
	params.Range, params.Version = &r, &f.Version
	return s.jobCommand(ctx, at, commandOf(action), []protocol.LSPAny{protocol.LSPAny(raw(params))})
}

// toolNames are the tools of an own command as job parameters have them: no others
// than those that it names.
func toolNames(t own.Tools) *[]string {
	names := append([]string{}, t.Names...)
	if t.All {
		names = []string{allTools}
	}
	return &names
}

// findOwn reads the parameters of hob.run and the command that they name.
func (s *Server) findOwn(ctx context.Context, spec *jobSpec, args []protocol.LSPAny) (own.Command, *workspace.File, error) {
	var none own.Command
	if err := decodeParams(args, &spec.params); err != nil {
		return none, nil, err
	}
	if err := s.place(ctx, spec); err != nil {
		return none, nil, err
	}
	f, err := spec.snap.File(spec.req.Path)
	if err != nil {
		return none, nil, err
	}
	var known []string
	for _, d := range ownFiles(spec.snap, own.CommandDir) {
		name := ownName(d.Path)
		if d.Root != f.Root {
			continue
		}
		if name != spec.params.Name {
			known = append(known, name)
			continue
		}
		c, problems, ok := own.ParseCommand(name, d.Text)
		if !ok {
			return none, nil, brokenOwn(d, problems)
		}
		return c, f, nil
	}
	hint := "write one as " + own.CommandDir + "/NAME.md, in UTF-8, where git does not ignore it"
	if len(known) > 0 {
		hint = "there are " + strings.Join(known, ", ")
	}
	return none, nil, badRequest(fmt.Sprintf("there is no command %q", spec.params.Name), hint)
}

// brokenOwn refuses what a file with problems defines.
func brokenOwn(f *workspace.File, problems []own.Problem) error {
	return badRequest(fmt.Sprintf("%s, %s", f.Rel(), problems[0]), "correct the file; Hob shows its problems when it is open")
}

// subject is what the placeholders of a command stand for.
func subject(spec *jobSpec, f *workspace.File) own.Subject {
	s := own.Subject{File: f.Rel(), Language: f.Language, Selection: f.Text[spec.req.Span.Start:spec.req.Span.End]}
	if sym, ok := syntax.Enclosing(f.Outline(), spec.req.Span); ok {
		s.Symbol = sym.Name
	}
	for _, d := range spec.req.Diagnostics {
		s.Diagnostics = append(s.Diagnostics, d.Message)
	}
	const most = 6
	for _, r := range spec.snap.Near(f, most) {
		s.Related = append(s.Related, r.File.Rel())
	}
	return s
}

// checkOwn publishes what is wrong with a file of own commands or voices while it
// is open.
func (s *Server) checkOwn(snap *workspace.Snapshot, path string) {
	var problems []own.Problem
	f, ok := openOwn(s, snap, path)
	dir := filepath.ToSlash(filepath.Dir(path))
	switch {
	case strings.HasSuffix(dir, "/"+own.CommandDir):
		if ok {
			_, problems, _ = own.ParseCommand(ownName(path), f.Text)
		}
	case strings.HasSuffix(dir, "/"+own.VoiceDir):
		if ok {
			_, problems, _ = own.ParseVoice(ownName(path), f.Text)
		}
	default:
		return
	}
	var list []protocol.Diagnostic
	for _, p := range problems { // none where the file is not open
		x := f.Lines()
		span := x.LineSpan(min(max(p.Line, 0), x.Lines()-1))
		body := strings.TrimRight(f.Text[span.Start:span.End], "\r\n")
		r := rangeOf(x, text.Span{Start: span.Start, End: span.Start + len(body)}, s.client.encoding)
		list = append(list, diagnostic(r, protocol.DiagnosticSeverityError, p.Message, ""))
	}
	s.findings.publish(s, path, list)
}

// openOwn is the open document at path.
func openOwn(s *Server, snap *workspace.Snapshot, path string) (*workspace.File, bool) {
	if _, open, _ := s.docs.get(path); !open || !strings.HasSuffix(path, ownEnd) {
		return nil, false
	}
	f, err := openFile(snap, path)
	return f, err == nil
}
