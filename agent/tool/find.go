package tool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hob-ls/hob/workspace"
)

// listed reports whether tools may name the file at p.
func (v *view) listed(p string) bool { return v.snap.Has(p) && v.visible(p) }

func sorted(list []Diagnostic) []Diagnostic {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return list
}

func (v *view) diagnosticLine(d Diagnostic) string {
	line := fmt.Sprintf("%s:%d: %s: %s", v.show(d.Path), d.Line+1, cmp.Or(d.Severity, "error"), oneLine(d.Message))
	if from := strings.TrimSpace(d.Source + " " + d.Code); from != "" {
		line += " (" + oneLine(from) + ")"
	}
	return clip(line, 2*maxLine)
}

// oneLine joins lines: a message of several would look like several messages.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

type listArgs struct {
	Path  string `json:"path,omitempty" jsonschema:"the folder; without it, the top of the workspace"`
	Depth int    `json:"depth,omitempty" jsonschema:"how many levels of folders to show, from 1 to 5; 1 if missing"`
}

func listTool() definition {
	return define("list", "Lists the files and folders in a folder; folders end with a slash.", func(ctx context.Context, v *view, a listArgs, p *page) error {
		dirs := make([]string, 0, len(v.roots))
		if name := path.Clean(strings.TrimSpace(a.Path)); name == "." || name == "/" {
			for _, r := range v.roots {
				dirs = append(dirs, r.dir)
			}
		} else {
			dir, err := v.resolve(a.Path)
			if err != nil {
				return err
			}
			dirs = append(dirs, dir)
		}
		shown := 0
		for _, dir := range dirs {
			entries, err := v.entries(ctx, dir, min(max(a.Depth, 1), 5))
			if err != nil {
				return err
			}
			for _, e := range entries {
				if shown == p.Entries || !p.line(e) {
					p.note("cut: there are more; name a folder below, or use glob")
					return nil
				}
				shown++
			}
		}
		if len(dirs) == 1 && shown == 0 && a.Path != "" {
			return fmt.Errorf("%s: there is no such folder", clip(a.Path, 80))
		}
		p.empty("the workspace is empty")
		return nil
	})
}

// entries names what lies in dir, down to depth levels of it.
func (v *view) entries(ctx context.Context, dir string, depth int) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	n := 0
	if v.listed(dir) { // a file
		out = append(out, v.show(dir))
	}
	for file := range v.snap.Under(dir) {
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		rel, _ := within(dir, file)
		if !v.visible(file) {
			continue
		}
		parts := strings.SplitN(rel, "/", depth+1)
		for i := 1; i < len(parts); i++ {
			folder := strings.Join(parts[:i], "/") + "/"
			if !seen[folder] {
				seen[folder] = true
				out = append(out, v.show(dir+"/"+folder[:len(folder)-1])+"/")
			}
		}
		if len(parts) <= depth {
			out = append(out, v.show(file))
		}
	}
	slices.Sort(out)
	return out, nil
}

type globArgs struct {
	Pattern string `json:"pattern" jsonschema:"such as *.go or src/**/*.test.ts; one without a slash is for names in any folder"`
}

func globTool() definition {
	return define("glob", "Finds files by a pattern for their path: * for any text, ** for any folders, {a,b} for one of both.",
		func(ctx context.Context, v *view, a globArgs, p *page) error {
			files, err := v.snap.Glob([]string{a.Pattern}, nil)
			if err != nil {
				return queryError(err)
			}
			shown, n := 0, 0
			for file := range files {
				if n++; n%4096 == 0 && ctx.Err() != nil {
					return ctx.Err()
				}
				if !v.visible(file) {
					continue
				}
				if shown == p.Entries || !p.line(v.show(file)) {
					p.note("cut: there are more; use a narrower pattern")
					return nil
				}
				shown++
			}
			p.empty("no file fits %s", clip(a.Pattern, 80))
			return nil
		})
}

type searchArgs struct {
	Pattern string   `json:"pattern" jsonschema:"what to look for"`
	Regexp  bool     `json:"regexp,omitempty" jsonschema:"pattern is a regular expression (RE2) and no plain text"`
	Word    bool     `json:"word,omitempty" jsonschema:"only whole words"`
	Include []string `json:"include,omitempty" jsonschema:"globs of the files and folders to look in"`
	Exclude []string `json:"exclude,omitempty" jsonschema:"globs of the files and folders to leave out"`
	Case    string   `json:"case,omitempty" jsonschema:"sensitive, insensitive, or smart: sensitive only where pattern has a capital letter; smart if missing"`
	Context int      `json:"context,omitempty" jsonschema:"lines to show before and after, at most 5"`
	Limit   int      `json:"limit,omitempty" jsonschema:"lines at most"`
}

// searchTime is how long a search goes on before it shows what it has.
const searchTime = 5 * time.Second

var errEnough = errors.New("enough")

func searchTool() definition {
	return define("search", "Finds text in all files of the workspace; shows path:line: text for each line.",
		func(ctx context.Context, v *view, a searchArgs, p *page) error {
			q := workspace.Query{
				Pattern: a.Pattern, Regexp: a.Regexp, Word: a.Word, Include: a.Include, Exclude: a.Exclude,
				Context: min(max(a.Context, 0), 5), Case: workspace.CaseSmart, Timeout: searchTime,
			}
			switch a.Case {
			case "", "smart":
			case "sensitive":
				q.Case = workspace.CaseSensitive
			case "insensitive":
				q.Case = workspace.CaseInsensitive
			default:
				return fmt.Errorf("search: case must be sensitive, insensitive or smart, not %q", clip(a.Case, 40))
			}
			if a.Pattern == "" {
				return errors.New("search: pattern must not be empty")
			}
			return v.search(ctx, q, limited(a.Limit, p.Entries), p)
		})
}

// limited is what was asked for within what there may be.
func limited(asked, most int) int {
	if asked <= 0 {
		return most
	}
	return min(asked, most)
}

func (v *view) search(ctx context.Context, q workspace.Query, limit int, p *page) error {
	shown, last, line := 0, "", -1
	verdict := false // of last
	rep, err := v.snap.Search(ctx, q, func(h workspace.Hit) error {
		if h.Path != last {
			last, line, verdict = h.Path, -1, v.visible(h.Path)
		}
		if !verdict || h.Line == line { // a line is shown once, whatever it holds
			return nil
		}
		line = h.Line
		if shown == limit || !v.match(h, p) {
			return errEnough
		}
		shown++
		return nil
	})
	switch {
	case errors.Is(err, errEnough):
		p.note("cut after %d lines: there are more; narrow the pattern or include", shown)
	case err != nil:
		return queryError(err)
	}
	if rep.Cut == workspace.CutTime {
		p.note("cut after %v: there may be more; narrow the pattern or include", q.Timeout)
	}
	if n := rep.Large + rep.Unread; n > 0 {
		p.note("%d files were not searched: %d too large, %d unreadable", n, rep.Large, rep.Unread)
	}
	if shown == 0 && len(p.notes) == 0 {
		p.empty("no matches in %d files", rep.Files)
	}
	return nil
}

// match writes a match with the lines around it; these have a dash where the
// line of the match has a colon.
func (v *view) match(h workspace.Hit, p *page) bool {
	at := v.show(h.Path)
	if len(h.Before)+len(h.After) == 0 {
		return p.line(fmt.Sprintf("%s:%d: %s", at, h.Line+1, excerpt(h.Text, h.Col)))
	}
	var b strings.Builder
	line := h.Line - len(h.Before)
	around := func(lines []string) {
		for _, l := range lines {
			_, _ = fmt.Fprintf(&b, "%s-%d- %s\n", at, line+1, strings.ToValidUTF8(clip(strings.TrimRight(l, "\r"), maxLine), "\uFFFD"))
			line++
		}
	}
	around(h.Before)
	_, _ = fmt.Fprintf(&b, "%s:%d: %s\n", at, h.Line+1, strings.ToValidUTF8(clip(strings.TrimRight(h.Text, "\r"), maxLine), "\uFFFD"))
	line++
	around(h.After)
	return p.line(strings.TrimSuffix(b.String(), "\n"))
}

// queryError is an error of a search in words for a model.
func queryError(err error) error {
	if errors.Is(err, workspace.ErrQuery) {
		return errors.New(clip(err.Error(), maxLine))
	}
	return err
}
