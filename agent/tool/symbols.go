package tool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
)

type symbolsArgs struct {
	Query string `json:"query" jsonschema:"a name, its start, or its humps: nwSnap finds NewWorkspaceSnapshot; Type.method works, too"`
	Limit int    `json:"limit,omitempty" jsonschema:"names at most; 20 if missing"`
}

func symbolsTool() definition {
	return define("symbols", "Finds where functions, types and other symbols are declared, by name.",
		func(ctx context.Context, v *view, a symbolsArgs, p *page) error {
			limit := limited(cmp.Or(a.Limit, 20), p.Entries)
			// Some of them may be of files that are not for tools.
			names, err := v.snap.Names(ctx, a.Query, limit+64)
			if err != nil {
				return err
			}
			shown := 0
			for _, n := range names {
				if !v.visible(n.Path) {
					continue
				}
				if shown == limit || !p.line(v.nameLine(n)) {
					p.note("cut after %d: there are more; use a longer query", shown)
					return nil
				}
				shown++
			}
			p.empty("no symbol fits %s", clip(a.Query, 80))
			return nil
		})
}

func (v *view) nameLine(n workspace.Name) string {
	name := n.Name
	if n.Container != "" {
		name = n.Container + "." + name
	}
	return clip(fmt.Sprintf("%s:%d: %s %s", v.show(n.Path), n.Line+1, n.Kind, oneLine(name)), 2*maxLine)
}

type outlineArgs struct {
	Path string `json:"path" jsonschema:"the file"`
}

func outlineTool() definition {
	return define("outline", "Lists what a file declares, with the lines of each declaration.", func(_ context.Context, v *view, a outlineArgs, p *page) error {
		f, err := v.file(a.Path)
		if err != nil {
			return err
		}
		outline := f.Outline()
		lines := f.Lines()
		depth := make([]int, len(outline))
		for i, s := range outline {
			if s.Parent >= 0 && s.Parent < i {
				depth[i] = depth[s.Parent] + 1
			}
			first, last := lines.Line(s.Span.Start), lines.Line(max(s.Span.Start, s.Span.End-1))
			if i == p.Lines || !p.line(fmt.Sprintf("%s%d-%d: %s", strings.Repeat("  ", depth[i]), first+1, last+1, head(f, s))) {
				p.note("cut: %d of %d declarations", i, len(outline))
				return nil
			}
		}
		p.empty("%s declares nothing that is known (language %q)", v.show(f.Path), f.Language)
		return nil
	})
}

// head is the line of a declaration that holds its name, without the brace at its end.
func head(f *workspace.File, s syntax.Symbol) string {
	line := f.Text[f.Lines().LineSpan(f.Lines().Line(s.Ident.Start)).Start:]
	line, _, _ = strings.Cut(line, "\n")
	return strings.TrimRight(strings.TrimSuffix(excerpt(line, 0), "{"), " ")
}

type referencesArgs struct {
	Name  string `json:"name" jsonschema:"the identifier, alone"`
	Path  string `json:"path,omitempty" jsonschema:"a file that uses it: only files of its language are looked at"`
	Limit int    `json:"limit,omitempty" jsonschema:"places at most"`
}

func referencesTool() definition {
	return define("references", "Finds every place where a name is used or declared, outside of comments and strings.",
		func(ctx context.Context, v *view, a referencesArgs, p *page) error {
			// "Type.method" and "pkg.Func" mean the last part.
			name := a.Name[strings.LastIndexAny(a.Name, ".:#")+1:]
			if name == "" {
				return errors.New("references: name must be an identifier")
			}
			language := ""
			if a.Path != "" {
				f, err := v.file(a.Path)
				if err != nil {
					return err
				}
				language = f.Language
			}
			limit := limited(a.Limit, p.Entries)
			// Some of them may be in files that are not for tools.
			refs, err := v.snap.References(ctx, name, language, limit+64)
			if err != nil {
				return err
			}
			shown := 0
			for _, r := range refs {
				if !v.visible(r.Path) {
					continue
				}
				if shown == limit || !p.line(v.referenceLine(r)) {
					p.note("cut after %d places: there are more", shown)
					return nil
				}
				shown++
			}
			p.empty("%s is used nowhere", clip(name, 80))
			return nil
		})
}

func (v *view) referenceLine(r workspace.Reference) string {
	mark := ""
	switch {
	case r.Declaration:
		mark = " [declaration]"
	case !r.Sure:
		mark = " [may be text]"
	}
	f, err := v.snap.File(r.Path)
	if err != nil || r.Span.End > len(f.Text) {
		return fmt.Sprintf("%s:%d:%s", v.show(r.Path), r.Line+1, mark)
	}
	span := f.Lines().LineSpan(r.Line)
	return fmt.Sprintf("%s:%d:%s %s", v.show(r.Path), r.Line+1, mark, excerpt(f.Text[span.Start:span.End], r.Span.Start-span.Start))
}

type relatedArgs struct {
	Path  string `json:"path" jsonschema:"the file"`
	Limit int    `json:"limit,omitempty" jsonschema:"files at most; 12 if missing"`
}

func relatedTool() definition {
	return define("related", "Lists the files that have most to do with a file, the best first: what it imports, its tests, what imports it.",
		func(ctx context.Context, v *view, a relatedArgs, p *page) error {
			f, err := v.file(a.Path)
			if err != nil {
				return err
			}
			limit := limited(cmp.Or(a.Limit, 12), p.Entries)
			list, err := v.snap.Related(ctx, f, limit+16)
			if err != nil {
				return err
			}
			shown := 0
			for _, r := range list {
				if !v.visible(r.File.Path) {
					continue
				}
				if shown == limit || !p.line(v.show(r.File.Path)+": "+r.Why) {
					break // the rest matters less
				}
				shown++
			}
			p.empty("nothing is known to be related to %s", v.show(f.Path))
			return nil
		})
}
