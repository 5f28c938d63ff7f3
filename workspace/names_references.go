package workspace

import (
	"cmp"
	"context"
	"slices"

	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// Reference is one place where a name stands.
type Reference struct {
	Path        string
	Span        text.Span // of the name
	Line        int       // from 0
	Declaration bool      // the outline of the file declares the name here; parameters and locals count as uses
	Sure        bool      // code for certain; else it may stand in a comment or a string: see syntax.Occurrences
}

// families are the languages that see each other's names.
var families = map[string]string{
	"typescript": "script", "typescriptreact": "script", "javascript": "script", "javascriptreact": "script", "vue": "script", "svelte": "script",
	"c": "c", "cpp": "c", "objective-c": "c",
	"java": "jvm", "kotlin": "jvm", "scala": "jvm", "groovy": "jvm",
	"css": "style", "scss": "style", "less": "style",
}

// familyOf is what languages that see each other's names have in common.
func familyOf(language string) string {
	if f, ok := families[language]; ok {
		return f
	}
	return language
}

// References lists where the identifier name stands as a whole word, outside
// comments and strings, in the files of the family of language ("" for all files),
// by path and position. It goes by the name alone: which of two declarations of
// one name a use belongs to, it can't tell. limit <= 0 means no limit.
//
// Files whose content is not held are read. The only error is that of ctx.
func (s *Snapshot) References(ctx context.Context, name, language string, limit int) ([]Reference, error) {
	files, unfiltered, err := s.mayHold(ctx, name, language)
	if err != nil || name == "" {
		return nil, err
	}
	if unfiltered {
		defer s.makeTrigrams()
	}
	// In stretches, so that what a limit cuts off is not read in vain and yet the
	// same places are found each time.
	const stretch = 512
	var out []Reference
	for len(files) > 0 && (limit <= 0 || len(out) < limit) {
		now := files[:min(stretch, len(files))]
		files = files[len(now):]
		refs := make([][]Reference, len(now))
		if err := parallel(ctx, len(now), func(i int) { refs[i] = s.referencesIn(now[i], name) }); err != nil {
			return nil, err
		}
		out = slices.Concat(append([][]Reference{out}, refs...)...)
	}
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

// sourceFile is a file of a snapshot, on disk or open.
type sourceFile struct {
	path string
	root *rootState
	disk *facts
	open *File
}

// mayHold lists the files of a language's family that may hold name, as far as is
// known of them, by path; unfiltered says that of some nothing is known yet.
func (s *Snapshot) mayHold(ctx context.Context, name, language string) (files []sourceFile, unfiltered bool, err error) {
	c := &s.env.catalog
	if err := c.enter(ctx, s); err != nil {
		return nil, false, err
	}
	defer c.leave()
	holds := holdFilter(name)
	family := familyOf(language)
	for _, r := range s.roots {
		sh := c.roots[r.dir]
		if sh == nil {
			continue
		}
		some, unknown, err := pick(ctx, sh.facts, func(f *facts) (may, known bool) {
			if language != "" && f.family != family {
				return false, true
			}
			return holds(f)
		})
		if err != nil {
			return nil, false, err
		}
		unfiltered = unfiltered || unknown
		for _, f := range some {
			if s.speaks(r, f.path) {
				files = append(files, sourceFile{path: f.path, root: r, disk: f})
			}
		}
	}
	for _, f := range s.documents() {
		if language == "" || familyOf(f.Language) == family {
			files = append(files, sourceFile{path: f.Path, open: f})
		}
	}
	slices.SortFunc(files, func(a, b sourceFile) int { return cmp.Compare(a.path, b.path) })
	return files, unfiltered, nil
}

// pick is those of all, in their order, that want takes; unknown says that it did
// not know of some. Each look at a file waits for memory, so several look at once.
func pick(ctx context.Context, all []*facts, want func(*facts) (take, known bool)) (some []*facts, unknown bool, err error) {
	const stretch = 1024
	type part struct {
		some    []*facts
		unknown bool
	}
	parts := make([]part, (len(all)+stretch-1)/stretch)
	err = parallel(ctx, len(parts), func(i int) {
		p := &parts[i]
		for _, f := range all[i*stretch : min(len(all), (i+1)*stretch)] {
			take, known := want(f)
			if p.unknown = p.unknown || !known; take {
				p.some = append(p.some, f)
			}
		}
	})
	for _, p := range parts {
		some = append(some, p.some...)
		unknown = unknown || p.unknown
	}
	return some, unknown, err
}

// holdFilter tells of a file on disk whether it may hold name; known is false where
// its filter was not made yet.
func holdFilter(name string) func(*facts) (may, known bool) {
	p, err := newPlan(Query{Pattern: name})
	if err != nil {
		return func(*facts) (bool, bool) { return true, true }
	}
	return func(f *facts) (may, known bool) {
		e := f.entry.Value()
		if e == nil {
			return true, true
		}
		filter := e.Trigrams()
		return p.trigrams.MayMatch(filter), filter != nil || !e.Held
	}
}

func (s *Snapshot) referencesIn(in sourceFile, name string) []Reference {
	f := in.open
	if f == nil {
		if f = s.diskFile(in.root, in.disk); f == nil {
			return nil
		}
	}
	spans, sure := syntax.Occurrences(f.Language, f.Text, name)
	if len(spans) == 0 {
		return nil
	}
	declares := map[text.Span]bool{}
	for _, sym := range f.Outline() {
		declares[sym.Ident] = true
	}
	refs := make([]Reference, len(spans))
	lines := f.Lines()
	for i, span := range spans {
		refs[i] = Reference{Path: f.Path, Span: span, Line: lines.Line(span.Start), Declaration: declares[span], Sure: sure}
	}
	return refs
}
