package lsp

import (
	"cmp"
	"context"
	"crypto/sha1" //nolint:gosec // git's name of a blob, not a secret
	"crypto/sha256"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/agent/review"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// findings are what reviews found, and what of it the editor was told.
type findings struct {
	mu        sync.Mutex // guards what follows, and the order in which diagnostics are sent
	byPath    map[string]found
	published map[string][]protocol.Diagnostic
}

// found are the findings in one file, against the text that they speak of.
type found struct {
	base *workspace.File
	list []review.Finding
}

// publish sends the diagnostics of a file, unless the editor has them already: what
// is sent anew closes menus that are open.
func (p *findings) publish(s *Server, path string, list []protocol.Diagnostic) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.send(s, path, list)
}

// send is publish for who holds the lock.
func (p *findings) send(s *Server, path string, list []protocol.Diagnostic) {
	if p.published == nil {
		p.published = map[string][]protocol.Diagnostic{}
	}
	if was := p.published[path]; len(was) == 0 && len(list) == 0 || reflect.DeepEqual(was, list) {
		return
	}
	p.published[path] = list
	params := &protocol.PublishDiagnosticsParams{URI: uri.URI(s.docs.uri(path)), Diagnostics: list}
	if params.Diagnostics == nil {
		params.Diagnostics = []protocol.Diagnostic{}
		delete(p.published, path)
	}
	s.send(protocol.MethodTextDocumentPublishDiagnostics, params)
}

// publish shows the findings of a review as diagnostics and in the result.
func (r *jobRun) publish(res *agent.Result) {
	r.result.Status = statusAnswered
	r.result.Findings = []JobFinding{}
	for _, f := range res.Findings {
		for _, x := range f.Findings {
			r.result.Findings = append(r.result.Findings, JobFinding{
				URI: r.s.docs.uri(f.Base.Path), Range: rangeOf(f.Base.Lines(), x.Span, r.s.client.encoding),
				Severity: string(x.Severity), Message: x.Message, Voices: x.Voices,
			})
		}
		r.s.findings.replace(f, r.looked(f.Base))
		r.s.moveFindings(f.Base.Path)
	}
	r.result.Answer = tally(r.result.Findings)
}

// looked are the parts of a file that the review was about.
func (r *jobRun) looked(f *workspace.File) []text.Span {
	if len(r.spec.req.Places) == 0 && r.spec.req.Span.Len() > 0 {
		return []text.Span{r.spec.req.Span}
	}
	var spans []text.Span
	for _, p := range r.spec.req.Places {
		if p.Path == f.Path {
			spans = append(spans, p.Span)
		}
	}
	if len(spans) == 0 {
		spans = []text.Span{{End: len(f.Text)}}
	}
	return spans
}

// replace takes in the findings of a new review; what an older one found elsewhere
// in the file stays, if its text is the same.
func (p *findings) replace(f agent.FileFindings, looked []text.Span) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byPath == nil {
		p.byPath = map[string]found{}
	}
	list := slices.Clone(f.Findings)
	if old, ok := p.byPath[f.Base.Path]; ok && old.base.Text == f.Base.Text {
		for _, o := range old.list {
			if !slices.ContainsFunc(looked, func(s text.Span) bool { return s.Overlaps(o.Span) }) {
				list = append(list, o)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b review.Finding) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	p.byPath[f.Base.Path] = found{f.Base, list}
}

// paths are the files with findings.
func (p *findings) paths() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.byPath))
}

// moveFindings moves the findings of a file over what was typed since. Those whose
// text changed go: they speak of code that is no more. The lock is held throughout:
// a review that ends meanwhile must not be lost. So the newest snapshot is taken
// under it: in an older one, what a review just found is not there yet.
func (s *Server) moveFindings(path string) {
	p := &s.findings
	p.mu.Lock()
	defer p.mu.Unlock()
	snap := s.snapshot()
	was, ok := p.byPath[path]
	if !ok {
		return
	}
	next := was.moved(snap, path)
	if len(next.list) == 0 {
		delete(p.byPath, path)
	} else {
		p.byPath[path] = next
	}
	var list []protocol.Diagnostic
	for _, f := range next.list {
		r := rangeOf(next.base.Lines(), f.Span, s.client.encoding)
		list = append(list, diagnostic(r, severities[f.Severity], f.Message, strings.Join(f.Voices, ", ")))
	}
	p.send(s, path, list)
}

// moved are the findings that still hold in a snapshot, against its text.
func (was *found) moved(snap *workspace.Snapshot, path string) found {
	now, err := snap.File(path)
	if err != nil {
		return found{}
	}
	since, err := snap.Since(was.base)
	if err != nil {
		return found{}
	}
	next := found{base: now}
	for _, f := range was.list {
		old := was.base.Text[f.Span.Start:f.Span.End]
		span, err := text.RebaseSpan(f.Span, since)
		if err != nil || span.End > len(now.Text) || now.Text[span.Start:span.End] != old {
			continue
		}
		f.Span = span
		next.list = append(next.list, f)
	}
	return next
}

var severities = map[review.Severity]protocol.DiagnosticSeverity{
	review.Error: protocol.DiagnosticSeverityError, review.Warning: protocol.DiagnosticSeverityWarning, review.Information: protocol.DiagnosticSeverityInformation,
}

// diagnostic is one of Hob's own; code says whose voice it is.
func diagnostic(r Range, severity protocol.DiagnosticSeverity, message, code string) protocol.Diagnostic {
	source := "hob"
	d := protocol.Diagnostic{Range: protocolRange(r), Severity: severity, Source: protocol.NewOptional(source), Message: protocol.String(message)}
	if code != "" {
		d.Code = protocol.String(code)
	}
	return d
}

// tally is the result of a review in one sentence of Markdown.
func tally(list []JobFinding) string {
	if len(list) == 0 {
		return "The review found nothing."
	}
	count := map[string]int{}
	for _, f := range list {
		count[f.Severity]++
	}
	var parts []string
	for _, s := range []review.Severity{review.Error, review.Warning, review.Information} {
		if n := count[string(s)]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	return "The review found " + strings.Join(parts, ", ") + "."
}

// findChanges sets the places of a review to what differs from the last commit.
func (r *jobRun) findChanges(ctx context.Context) error {
	if r.s.opts.Committed == nil {
		return badRequest("this server knows nothing of commits", "review a file or a selection")
	}
	snap := r.spec.snap
	root := snap.RootOf(r.spec.req.Path)
	now := map[string]*workspace.File{} // by path relative to the root
	for path := range snap.Paths() {
		if f, err := snap.File(path); err == nil && f.Root == root && codeOnly(f) && within(path, r.spec.req.Path) {
			now[f.Rel()] = f
		}
	}
	same := map[string]bool{}
	was, err := r.s.opts.Committed(ctx, root, func(rel, blob string) bool {
		f := now[rel]
		if f == nil {
			return false
		}
		same[rel] = blobName(f.Text, len(blob)) == blob
		return !same[rel]
	})
	if err != nil {
		return err
	}
	rels := make([]string, 0, len(now))
	for rel := range now {
		if !same[rel] {
			rels = append(rels, rel)
		}
	}
	slices.Sort(rels)
	for _, rel := range rels {
		f := now[rel]
		for _, span := range changedSpans(f, was[rel]) {
			r.spec.req.Places = append(r.spec.req.Places, agent.Place{Path: f.Path, Span: span})
		}
	}
	if len(r.spec.req.Places) == 0 {
		return badRequest("nothing differs from the last commit", "change something first, or review a file")
	}
	return nil
}

// codeOnly leaves out what a review of code has nothing to say about.
func codeOnly(f *workspace.File) bool {
	switch f.Language {
	case "", "plaintext", "markdown", "json", "jsonc", "yaml", "toml", "xml", "csv", "svg":
		return false
	}
	return !strings.HasSuffix(f.Path, ".lock") && !strings.HasSuffix(f.Path, ".sum")
}

// within reports whether path is dir, or in it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// blobName is git's name of a text, in hexadecimal digits of that number.
func blobName(s string, digits int) string {
	head := fmt.Sprintf("blob %d\x00", len(s))
	if digits == sha256.Size*2 {
		return fmt.Sprintf("%x", sha256.Sum256([]byte(head+s)))
	}
	return fmt.Sprintf("%x", sha1.Sum([]byte(head+s))) //nolint:gosec // as above
}

// changedSpans are the parts of f that differ from was: the declarations around
// each change, or a few lines.
func changedSpans(f *workspace.File, was string) []text.Span {
	if strings.ReplaceAll(was, "\r\n", "\n") == strings.ReplaceAll(f.Text, "\r\n", "\n") {
		return nil // git's line ends
	}
	was = text.WithEOL(was, text.EOL(f.Text))
	var out []text.Span
	shift := 0
	for _, e := range text.DiffLines(was, f.Text) {
		span := text.Span{Start: e.Span.Start + shift, End: e.Span.Start + shift + len(e.New)}
		shift += len(e.New) - e.Span.Len()
		if sym, ok := syntax.Enclosing(f.Outline(), span); ok {
			span = sym.Span
		}
		if n := len(out); n > 0 && (out[n-1].Overlaps(span) || out[n-1].End >= span.Start) {
			out[n-1].End = max(out[n-1].End, span.End)
			continue
		}
		out = append(out, span)
	}
	return out
}
