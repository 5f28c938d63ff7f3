package workspace

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hob-ls/hob/workspace/index"
	"github.com/hob-ls/hob/workspace/syntax"
)

// Relation is a file that has to do with another one.
type Relation struct {
	File *File
	Why  string // a phrase: "imported here", "its test", "same package", "open"
}

// The ranks of relations. What is added to them within a kind stays under 100.
const (
	rankTested   = 1000 // what a test is about
	rankImport   = 900
	rankHelpers  = 700 // in the same package, and names of it are used here
	rankStyle    = 650 // imported or beside it, but not code
	rankTest     = 600
	rankImporter = 400
	rankBeside   = 300
	rankOpen     = 200
	rankRecent   = 100
)

// Near lists the files that f has most to do with, the best first, at most limit
// (<= 0: all): what it imports, its tests or what it tests, what of its package it
// uses, its other neighbours, open documents. The list is the same for the same
// snapshot, always.
//
// It looks only at f, at what that imports and at its folder, so its first use in
// a workspace costs no more than later ones. It does no IO, but that contents of
// the files returned which are not held are read.
func (s *Snapshot) Near(f *File, limit int) []Relation {
	r := newRanking(s, f)
	r.near()
	return r.best(limit)
}

// Related is Near with the files that import f, and those written last. To know
// them it looks at every file, the first time in parallel; later ones cost what
// changed. The only error is that of ctx.
func (s *Snapshot) Related(ctx context.Context, f *File, limit int) ([]Relation, error) {
	r := newRanking(s, f)
	r.near()
	if err := r.far(ctx); err != nil {
		return nil, err
	}
	return r.best(limit), nil
}

// ranking collects the relations of one file.
type ranking struct {
	*resolver
	f      *File
	dir    string
	family string
	found  map[string]*candidate // by path
}

type candidate struct {
	path  string
	score int
	why   string
	open  bool
	mod   int64 // when it was written, in minutes: less says nothing about what matters
}

func newRanking(s *Snapshot, f *File) *ranking {
	return &ranking{resolver: newResolver(s), f: f, dir: filepath.Dir(f.Path), family: familyOf(f.Language), found: map[string]*candidate{}}
}

// add notes a relation; of several to one file the highest counts.
func (r *ranking) add(path string, score int, why string) {
	if path == r.f.Path {
		return
	}
	c := r.found[path]
	if c == nil {
		c = &candidate{path: path}
		r.found[path] = c
	}
	if score > c.score {
		c.score, c.why = score, why
	}
}

func (r *ranking) near() {
	if r.family == "go" {
		r.goRelations()
	} else {
		r.imported()
		r.beside()
	}
	r.tests()
	for _, d := range r.snap.docs {
		if !d.excluded && d.root != "" && familyOf(d.language) == r.family {
			r.add(d.path, rankOpen, "open")
		}
	}
}

// imported ranks what f imports in the order of the statements.
func (r *ranking) imported() {
	n := 0
	for _, i := range r.f.importList() {
		for _, p := range r.resolve(r.f.Path, r.f.Language, i) {
			n++
			if familyOf(syntax.LanguageOf(p)) == r.family {
				r.add(p, rankImport+max(0, 90-n), "imported here")
			} else {
				r.add(p, rankStyle+max(0, 40-n), "imported here")
			}
		}
	}
}

// beside ranks the neighbours by how much their names have in common with f's.
func (r *ranking) beside() {
	why := "same folder"
	if r.family == "jvm" || r.has(filepath.Join(r.dir, "__init__.py")) {
		why = "same package"
	}
	own := stem(r.f.Path)
	for _, p := range r.snap.Dir(r.dir) {
		language := syntax.LanguageOf(p)
		same := stem(p) == own && !isTest(r.f.Path)
		switch family := familyOf(language); {
		case same && family == "style":
			r.add(p, rankStyle+50, "its styles")
		case same && family == "c" && r.family == "c" && isHeader(p):
			r.add(p, rankImport+95, "its header")
		case same && family == "c" && r.family == "c":
			r.add(p, rankImport+95, "its source")
		case family == r.family && language != "":
			r.add(p, rankBeside+affinity(own, stem(p)), why)
		}
	}
}

func isHeader(path string) bool { return strings.HasPrefix(strings.ToLower(filepath.Ext(path)), ".h") }

// affinity is how much two names have in common at their start, up to 40: whole
// words of button_group and button_list, of UserList and UserCard.
func affinity(a, b string) int {
	words := 0
	for i := 0; i < len(a) && i < len(b) && lower(a[i]) == lower(b[i]); i++ {
		endA, endB := i+1 == len(a) || wordEnds(a, i), i+1 == len(b) || wordEnds(b, i)
		if endA && endB {
			words++
		}
	}
	return min(40, 10*words)
}

// wordEnds reports whether a word of s ends with its byte i, and it isn't the last.
func wordEnds(s string, i int) bool {
	return hump(s, i+1) || !isNameByte(s[i+1]) || s[i+1] == '_' || s[i+1] == '-'
}

// far adds what only a look at all files can tell.
func (r *ranking) far(ctx context.Context) error {
	c := &r.snap.env.catalog
	if err := c.enter(ctx, r.snap); err != nil {
		return err
	}
	defer c.leave()
	if err := c.learnImports(ctx, r.snap); err != nil {
		return err
	}
	if hasImports(r.f.Language) {
		r.importers(c)
	}
	r.recent(c)
	return nil
}

// Some file is imported everywhere, and nobody reads that much.
const (
	maxImporters = 100  // are told
	maxLooked    = 1024 // are looked at, beside those of the same folder: the first by path
)

// importers ranks the files that import f: those of its own folder first, then
// those with a name like it, and tests after others.
func (r *ranking) importers(c *catalog) {
	type importer struct {
		*facts
		score int
	}
	var found []importer
	own, sep := stem(r.f.Path), string(filepath.Separator)
	note := func(i *facts) {
		score := rankImporter + affinity(own, i.stem)
		if rel, ok := strings.CutPrefix(i.path, r.dir+sep); ok && !strings.Contains(rel, sep) {
			score += 30
		}
		if !i.test {
			score += 20
		}
		found = append(found, importer{i, score})
	}
	words := r.importedAs(r.f.Path, r.f.Language)
	for _, root := range r.snap.roots {
		sh := c.roots[root.dir]
		if sh == nil {
			continue
		}
		for _, word := range words {
			for _, f := range r.worthLooking(sh.importers[word]) {
				if f.family == r.family && r.snap.speaks(root, f.path) {
					note(f)
				}
			}
		}
	}
	for _, f := range r.snap.documents() {
		if f.Root != "" && familyOf(f.Language) == r.family && len(f.importList()) > 0 {
			note(&facts{path: f.Path, language: f.Language, imports: f.importList(), stem: stem(f.Path), test: isTest(f.Path)})
		}
	}
	slices.SortFunc(found, func(a, b importer) int { return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.path, b.path)) })
	ways, last, count := scriptWays(r.f.Path), "", 0
	for _, i := range found {
		if i.path == last || !r.imports(i.facts, words, ways) { // found by two words, it is there twice
			continue
		}
		if i.test {
			r.add(i.path, i.score, "a test that imports it")
		} else {
			r.add(i.path, i.score, "imports this")
		}
		last = i.path
		if count++; count == maxImporters {
			return
		}
	}
}

// worthLooking are the importers, sorted by path, that are looked at: the first ones, and
// those in the folder of f or below.
func (r *ranking) worthLooking(list []*facts) []*facts {
	if len(list) <= maxLooked {
		return list
	}
	prefix := r.dir + string(filepath.Separator)
	from, _ := slices.BinarySearchFunc(list, prefix, (*facts).compare)
	to := from
	for to < len(list) && to-from < maxLooked && strings.HasPrefix(list[to].path, prefix) {
		to++
	}
	return slices.Concat(list[:min(from, maxLooked)], list[from:to], list[min(max(to, from), maxLooked):maxLooked])
}

// imports reports whether one of the imports of i means f. words and ways are what
// importedAs and scriptWays say of f: they rule out most without a look around.
func (r *ranking) imports(i *facts, words, ways []string) bool {
	dir := filepath.Dir(i.path)
	for _, m := range i.imports {
		if !slices.ContainsFunc(importWords(i.path, i.language, m), func(w string) bool { return slices.Contains(words, w) }) {
			continue
		}
		if spec := withoutQuery(m.Path); r.family == "script" && isRelative(spec) {
			at := filepath.Join(dir, filepath.FromSlash(spec))
			if !slices.Contains(ways, at) && !slices.Contains(ways, strings.TrimSuffix(at, filepath.Ext(at))) {
				continue
			}
		}
		if r.means(i.path, i.language, m, r.f.Path) {
			return true
		}
	}
	return false
}

// Recently written files are told only where the times tell anything: a checkout
// writes everything at once.
const (
	recentSpan  = 8 * time.Hour
	recentMany  = 64 // written within the span: nothing stands out
	recentShown = 8
)

// recent ranks the files of the family that were written last.
func (r *ranking) recent(c *catalog) {
	var last time.Time
	for _, sh := range c.roots {
		if sh.last.After(last) {
			last = sh.last
		}
	}
	var list []*facts
	for _, f := range c.all(r.snap) {
		if last.Sub(f.mod) < recentSpan && f.family == r.family {
			if list = append(list, f); len(list) > recentMany {
				return
			}
		}
	}
	slices.SortFunc(list, func(a, b *facts) int { return cmp.Or(b.mod.Compare(a.mod), cmp.Compare(a.path, b.path)) })
	for n, f := range list[:min(recentShown, len(list))] {
		r.add(f.path, rankRecent+recentShown-n, "changed recently")
	}
}

// best lists what was found, at most limit. Of two that rank alike an open one
// comes first, then the one written last.
func (r *ranking) best(limit int) []Relation {
	list := make([]*candidate, 0, len(r.found))
	for _, c := range r.found {
		if r.snap.docs[c.path] != nil {
			c.open = true
		} else if e := r.entry(c.path); e != nil {
			c.mod = e.ModTime.Unix() / 60
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), -compareBool(a.open, b.open), cmp.Compare(b.mod, a.mod), cmp.Compare(a.path, b.path))
	})
	out := make([]Relation, 0, min(len(list), max(limit, 16)))
	for _, c := range list {
		if limit > 0 && len(out) == limit {
			break
		}
		if f := r.file(c.path); f != nil {
			out = append(out, Relation{File: f, Why: c.why})
		}
	}
	return out
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// entry is what the index lists at path, nil for nothing.
func (r *resolver) entry(path string) *index.Entry {
	root, rel := r.snap.owner(path)
	if root == nil {
		return nil
	}
	e, _ := root.ix.Get(rel)
	return e
}

// held is the file at path, which is listed, if its text is in memory, else nil.
func (r *resolver) held(path string) *File {
	if d := r.snap.docs[path]; d != nil {
		if d.excluded {
			return nil
		}
		return d.File()
	}
	root, rel := r.snap.owner(path)
	if root == nil {
		return nil
	}
	e, ok := root.ix.Get(rel)
	if !ok || !e.Held {
		return nil
	}
	f, err := fromDisk(root.dir, e)
	if err != nil {
		return nil
	}
	return f
}
