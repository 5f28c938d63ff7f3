package tool

import (
	"context"
	"strings"

	"znkr.io/diff/textdiff"

	"github.com/hob-ls/hob/workspace"
)

type readArgs struct {
	Path  string `json:"path" jsonschema:"the file, relative to the workspace"`
	Start int    `json:"start,omitempty" jsonschema:"first line to read, from 1"`
	End   int    `json:"end,omitempty" jsonschema:"last line to read"`
}

func readTool() definition {
	return define("read", "Reads a text file, or some lines of it.", func(_ context.Context, v *view, a readArgs, p *page) error {
		f, err := v.file(a.Path)
		if err != nil {
			return err
		}
		readLines(f, a, p)
		return nil
	})
}

// readLines gives whole lines exactly as they are: what is copied from them must
// be found again.
func readLines(f *workspace.File, a readArgs, p *page) {
	lines := f.Lines()
	total := lines.Lines()
	if span := lines.LineSpan(total - 1); total > 1 && span.Len() == 0 {
		total-- // the empty rest after the last line end
	}
	first := min(max(a.Start, 1), total)
	last := total
	if a.End > 0 {
		last = min(max(a.End, first), total)
	}
	if a.Start > total {
		p.note("the file has %d lines", total)
		return
	}
	stop := min(last, first+p.Lines-1)
	from := lines.LineSpan(first - 1).Start
	for stop > first && lines.LineSpan(stop-1).End-from > p.Bytes-noteRoom {
		// By halves: a step a line would take long in a large file.
		for step := (stop - first) / 2; step > 0; step /= 2 {
			if lines.LineSpan(stop-step-1).End-from > p.Bytes-noteRoom {
				stop -= step
			}
		}
		stop--
	}
	text := f.Text[from:lines.LineSpan(stop-1).End]
	if most := p.Bytes - noteRoom; len(text) > most { // a line longer than all there is room for
		p.b.WriteString(clip(text, most) + "\n")
		p.note("line %d has %d bytes and was cut", first, len(text))
	} else if p.b.WriteString(text); text != "" && !strings.HasSuffix(text, "\n") && stop < last {
		p.b.WriteByte('\n')
	}
	if stop < last {
		if !strings.HasSuffix(p.b.String(), "\n") {
			p.b.WriteByte('\n')
		}
		p.note("cut: lines %d to %d of %d; read on with start=%d", first, stop, total, stop+1)
	}
}

type diffArgs struct {
	Path  string `json:"path,omitempty" jsonschema:"the file; without it, all files with unsaved changes"`
	Other string `json:"other,omitempty" jsonschema:"a file to compare it with; without it, path is compared with what was saved last"`
}

func diffTool() definition {
	return define("diff", "Shows, as a unified diff, how two files differ, or what was changed in the editor and not saved.",
		func(_ context.Context, v *view, a diffArgs, p *page) error {
			switch {
			case a.Path == "" && a.Other != "":
				a.Path, a.Other = a.Other, ""
			case a.Path == "":
				v.unsaved(p)
				p.empty("nothing is unsaved")
				return nil
			}
			f, err := v.file(a.Path)
			if err != nil {
				return err
			}
			if a.Other == "" {
				v.unsavedIn(f, p)
				p.empty("%s has no unsaved changes", v.show(f.Path))
				return nil
			}
			other, err := v.file(a.Other)
			if err != nil {
				return err
			}
			writeDiff(p, v.show(f.Path), v.show(other.Path), f.Text, other.Text)
			p.empty("the files are the same")
			return nil
		})
}

// unsaved is the diff of every open document that differs from the disk.
func (v *view) unsaved(p *page) {
	for _, path := range v.snap.Documents() {
		doc, ok := v.snap.Document(path)
		if !ok || !v.visible(path) {
			continue
		}
		if v.unsavedIn(doc.File(), p); p.full {
			return
		}
	}
}

func (v *view) unsavedIn(f *workspace.File, p *page) {
	if !f.Open {
		return
	}
	before, from := "", "/dev/null"
	if saved, err := v.snap.Saved(f.Path); err == nil {
		before, from = saved.Text, v.show(f.Path)
	}
	writeDiff(p, from, v.show(f.Path), before, f.Text)
}

// maxDiffed bounds the texts that are compared, in bytes.
const maxDiffed = 2 << 20

func writeDiff(p *page, from, to, a, b string) {
	if a == b {
		return
	}
	if len(a)+len(b) > maxDiffed {
		p.note("%s and %s differ, but are too large to be compared", from, to)
		return
	}
	lines := 0
	p.line("--- " + from)
	p.line("+++ " + to)
	for line := range strings.Lines(textdiff.Unified(a, b, textdiff.IndentHeuristic())) {
		if lines++; lines > p.Lines || !p.line(clip(strings.TrimRight(line, "\r\n"), 4*maxLine)) {
			p.full = true
			p.note("cut: the diff of %s goes on; read shows the file", to)
			return
		}
	}
}

type diagnosticsArgs struct {
	Path string `json:"path,omitempty" jsonschema:"only of this file"`
}

func diagnosticsTool() definition {
	return define("diagnostics", "Lists the errors and warnings that compilers and linters report.",
		func(_ context.Context, v *view, a diagnosticsArgs, p *page) error {
			if v.Diagnostics == nil {
				p.empty("none are known")
				return nil
			}
			path := ""
			if a.Path != "" {
				f, err := v.file(a.Path)
				if err != nil {
					return err
				}
				path = f.Path
			}
			list := v.Diagnostics.Diagnostics(path)
			shown := 0
			for _, d := range sorted(list) {
				if !v.listed(d.Path) {
					continue
				}
				if shown++; shown > p.Entries || !p.line(v.diagnosticLine(d)) {
					p.note("cut: there are more; name a path")
					break
				}
			}
			p.empty("none")
			return nil
		})
}
