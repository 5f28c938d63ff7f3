package lsp

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/agent/prompt"
	"github.com/hob-ls/hob/lsp/journal"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// jobSpec is a job command that was understood: what the agent is asked and how
// the outcome is to be delivered.
type jobSpec struct {
	command  *command
	params   JobParams
	req      agent.Request
	snap     *workspace.Snapshot
	uri      string // of the target, as the client spells it
	received time.Time
	ask      bool // the instruction is asked for in the job

	work    func(context.Context, *jobRun) ([]pendingEdit, error) // makes the edits, where the agent does not
	reverts *journal.Entry                                        // the job that this one takes back
	second  bool                                                  // nobody asked for it: a second look at what a job made
}

// folder reports whether the request speaks of a folder or the whole project.
func (spec *jobSpec) folder() bool { return spec.command.needs == needFolder || spec.params.Changes }

// prepare checks a job command and turns it into what the agent takes. It reads
// the pinned snapshot and nothing else, so it answers at once; only for a file
// that is not open it waits for the first scan.
func (s *Server) prepare(ctx context.Context, at pinned, c *command, args []protocol.LSPAny) (*jobSpec, error) {
	spec := &jobSpec{command: c, snap: at.snap, received: at.received}
	p := &spec.params
	if err := decodeParams(args, p); err != nil {
		return nil, err
	}
	apply := p.Apply == nil || *p.Apply
	if apply && !s.client.applyEdit && c.action != agent.Explain && c.action != agent.Review {
		return nil, badRequest("this editor takes no edits from a server", `ask for the edit with "apply": false`)
	}
	switch tier := agent.Tier(p.Tier); tier {
	case "", agent.Instant, agent.Fast, agent.Balanced, agent.Quality:
	default:
		return nil, badRequest(fmt.Sprintf("tier is %q", p.Tier), "use instant, fast, balanced or quality")
	}
	spec.req = agent.Request{
		Action: c.action, Prompt: strings.TrimSpace(p.Prompt), Name: p.Name, Framework: p.Framework, Dir: p.Dir,
		Tier: agent.Tier(p.Tier), Model: p.Model, Anew: p.Anew,
		Deliver: fmt.Sprintf("apply %t, confirm %t", apply, p.Confirm),
	}
	if err := s.place(ctx, spec); err != nil {
		return nil, err
	}
	if err := s.prepareParts(spec); err != nil {
		return nil, err
	}
	if c.instruction && spec.req.Prompt == "" {
		if !s.client.input {
			return nil, badRequest("prompt is missing", "say what to do, or write it as a comment: // hob: INSTRUCTION")
		}
		spec.ask = true
	}
	return spec, nil
}

// place finds the file and the span of a request.
func (s *Server) place(ctx context.Context, spec *jobSpec) error {
	p, req := &spec.params, &spec.req
	if spec.folder() && p.URI == "" {
		roots := spec.snap.Roots()
		if len(roots) == 0 {
			return badRequest("uri is missing and no folder is open", "open the project as a workspace folder")
		}
		p.URI = uriOf(roots[0])
	}
	if p.URI == "" {
		return badRequest("uri is missing", "name the document as a file:// URI")
	}
	path, err := pathOf(p.URI)
	if err != nil {
		return badRequest("uri: "+err.Error(), "save the document as a file in a workspace folder")
	}
	if path, err = s.confine(spec.snap, path); err != nil {
		return err
	}
	if err := s.settle(ctx, spec, path); err != nil {
		return err
	}
	req.Path, spec.uri = path, s.docs.uri(path)
	if req.Dir != "" && filepath.IsAbs(req.Dir) {
		if req.Dir, err = s.confine(spec.snap, req.Dir); err != nil {
			return err
		}
	}
	if spec.folder() {
		return s.placeFolder(spec)
	}
	if doc, open, _ := s.docs.get(path); open && doc.broken {
		return stale(filepath.Base(path)+" is out of step with the editor", "close and open the file again")
	}
	f, err := spec.snap.File(path)
	if err != nil {
		if spec.snap.Has(path) || !errors.Is(err, workspace.ErrNotFound) {
			return err
		}
		return badRequest(fmt.Sprintf("%s is not a file of the workspace", filepath.Base(path)), "name an existing text file, not a folder")
	}
	return s.placeSpan(spec, f)
}

// scanWait bounds how long a command about the project that is to be answered at once
// waits for the first scan; some editors give it no more.
const scanWait = 3 * time.Second

// settle waits for the first scan where the request speaks of more than an open
// document: right after the start the folder would seem empty.
func (s *Server) settle(ctx context.Context, spec *jobSpec, path string) error {
	if _, open, _ := s.docs.get(path); open && !spec.folder() {
		return nil
	}
	select {
	case <-s.ws.Ready():
		if spec.snap.Has(path) {
			return nil
		}
	default:
		var limit <-chan time.Time
		if !spec.params.Wait {
			limit = time.After(scanWait)
		}
		select {
		case <-s.ws.Ready():
		case <-ctx.Done():
			return ctx.Err()
		case <-limit:
			return &agent.Error{Kind: agent.Busy, Message: "the workspace is still being read", Hint: "run it again in a moment"}
		}
	}
	spec.snap = s.snapshot()
	return nil
}

// confine is the gate for paths. An open document keeps the name under which
// the editor has it, though its folder be reached through a link.
func (s *Server) confine(snap *workspace.Snapshot, path string) (string, error) {
	resolved, err := snap.Confine(path)
	if err != nil {
		return "", err
	}
	if _, open, _ := s.docs.get(path); open {
		return path, nil
	}
	return resolved, nil
}

// placeFolder completes a request about a project: a comment at the cursor of an
// open document may hold the instruction.
func (s *Server) placeFolder(spec *jobSpec) error {
	f, err := spec.snap.File(spec.req.Path)
	if err != nil || spec.params.Range == nil || spec.req.Prompt != "" {
		return nil //nolint:nilerr // a folder, or nothing more to learn
	}
	span, err := s.currentSpan(spec, f)
	if err != nil {
		return err
	}
	if in, ok := instructionAt(f, span.Start); ok {
		spec.req.Prompt = in.prompt
	}
	return nil
}

// placeSpan finds the span of a request about a document, and the instruction
// and diagnostics that belong to it.
func (s *Server) placeSpan(spec *jobSpec, f *workspace.File) error {
	req := &spec.req
	if err := s.readDiagnostics(spec, f); err != nil {
		return err
	}
	switch {
	case spec.params.Range != nil:
		span, err := s.currentSpan(spec, f)
		if err != nil {
			return err
		}
		req.Span = span
	case spec.command.needs == needDiagnostic:
		req.Span = req.Diagnostics[0].Span
		for _, d := range req.Diagnostics {
			req.Span = union(req.Span, d.Span)
		}
	case spec.command.needs == needSelection:
		req.Span = text.Span{End: len(f.Text)}
	default:
		return badRequest("range is missing", "place the cursor, or select what is meant")
	}
	if !spec.command.instruction || req.Prompt != "" {
		return nil
	}
	if req.Action == agent.Generate {
		if in, ok := instructionAt(f, req.Span.Start); ok {
			req.Prompt, req.Span = in.prompt, in.span // the comment is replaced
		}
		return nil
	}
	if in, ok := instructionIn(f, req.Span); ok {
		req.Prompt = in.prompt
	}
	return nil
}

// currentSpan is the range of a request in the pinned text. A range of an older
// version is moved over what was typed since.
func (s *Server) currentSpan(spec *jobSpec, f *workspace.File) (text.Span, error) {
	old, err := s.asOf(spec, f)
	if err != nil {
		return text.Span{}, err
	}
	span, err := spanOf(old, *spec.params.Range, s.client.encoding)
	if err != nil {
		return text.Span{}, badRequest(err.Error(), "select a range inside the document")
	}
	if old == f {
		return span, nil
	}
	since, err := spec.snap.Since(old)
	if err == nil {
		span, err = text.RebaseSpan(span, since)
	}
	if err != nil {
		return text.Span{}, stale("the text was changed since it was selected", "select it again")
	}
	return span, nil
}

// asOf is the text that the versions of a request speak of.
func (s *Server) asOf(spec *jobSpec, f *workspace.File) (*workspace.File, error) {
	v := spec.params.Version
	if v == nil || !f.Open || *v == f.Version {
		return f, nil
	}
	if old := s.docs.past(f.Path, *v); old != nil {
		return old, nil
	}
	return nil, stale(fmt.Sprintf("version %d of %s is not known any more: it is at %d", *v, filepath.Base(f.Path), f.Version), "run it again")
}

// readDiagnostics decodes the diagnostics of hob.fix, which are in the text of
// the request's version.
func (s *Server) readDiagnostics(spec *jobSpec, f *workspace.File) error {
	if spec.command.needs != needDiagnostic {
		return nil
	}
	if len(spec.params.Diagnostics) == 0 {
		return badRequest("diagnostics is empty", "name the diagnostic to fix")
	}
	old, err := s.asOf(spec, f)
	if err != nil {
		return err
	}
	since, err := spec.snap.Since(old)
	if err != nil {
		return stale("the document is gone", "run it again")
	}
	for i, v := range spec.params.Diagnostics {
		var d protocol.Diagnostic
		if err := protocol.Unmarshal(v, &d); err != nil {
			return badRequest(fmt.Sprintf("diagnostics[%d]: %v", i, err), "send diagnostics as the server published them")
		}
		span, err := spanOf(old, ownRange(d.Range), s.client.encoding)
		if err != nil {
			return badRequest(fmt.Sprintf("diagnostics[%d]: %v", i, err), "wait for fresh diagnostics")
		}
		if span, err = text.RebaseSpan(span, since); err != nil {
			return stale("the text was changed since it was diagnosed", "wait for fresh diagnostics")
		}
		out := agentDiagnostic(&d, span)
		out.Related = s.relatedCode(spec.snap, &d)
		spec.req.Diagnostics = append(spec.req.Diagnostics, out)
	}
	return nil
}

// The most that is taken of what a diagnostic points to.
const (
	maxPointers = 4
	maxPointed  = 6 // lines
)

// relatedCode is what a diagnostic says about other places, with the code there:
// in whatever file of the workspace that jobs may read.
func (s *Server) relatedCode(snap *workspace.Snapshot, d *protocol.Diagnostic) (all []prompt.Pointer) {
	for _, info := range d.RelatedInformation {
		if len(all) == maxPointers {
			break
		}
		p := prompt.Pointer{Message: strings.Clone(info.Message)}
		if path, err := pathOf(string(info.Location.URI)); err == nil {
			if path, err = s.confine(snap, path); err == nil {
				if f, err := snap.File(path); err == nil {
					p.Where, p.Code = f.Rel(), codeAt(f, ownRange(info.Location.Range), s.client.encoding)
				}
			}
		}
		all = append(all, p)
	}
	return all
}

// codeAt is the lines of a range, "" if the file has none there.
func codeAt(f *workspace.File, r Range, enc text.Encoding) string {
	span, err := spanOf(f, r, enc)
	if err != nil {
		return ""
	}
	x := f.Lines()
	first := x.Line(span.Start)
	last := min(x.Line(span.End), first+maxPointed-1)
	return strings.TrimRight(f.Text[x.LineSpan(first).Start:x.LineSpan(last).End], " \t\r\n")
}

// agentDiagnostic converts a diagnostic; its strings are cloned, for they alias
// the whole message.
func agentDiagnostic(d *protocol.Diagnostic, span text.Span) prompt.Diagnostic {
	out := prompt.Diagnostic{Span: span, Message: diagnosticMessage(d)}
	if source, ok := d.Source.Get(); ok {
		out.Source = strings.Clone(source)
	}
	switch code := d.Code.(type) {
	case protocol.String:
		out.Code = strings.Clone(string(code))
	case protocol.Integer:
		out.Code = fmt.Sprint(int32(code))
	}
	switch d.Severity {
	case protocol.DiagnosticSeverityWarning:
		out.Severity = "warning"
	case protocol.DiagnosticSeverityInformation:
		out.Severity = "information"
	case protocol.DiagnosticSeverityHint:
		out.Severity = "hint"
	default:
		out.Severity = "error"
	}
	return out
}

func diagnosticMessage(d *protocol.Diagnostic) string {
	switch m := d.Message.(type) {
	case protocol.String:
		return strings.Clone(string(m))
	case *protocol.MarkupContent:
		return strings.Clone(m.Value)
	}
	return ""
}
