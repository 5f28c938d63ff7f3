package plan

import (
	"cmp"
	"context"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
)

// Targets are the files that a plan may name, the most important first. Immutable.
type Targets struct {
	Files []Target

	snap *workspace.Snapshot
	root string          // that paths of the plan are relative to
	dirs map[string]bool // folders in which files may be created
}

// Target is one file and why it is there.
type Target struct {
	File *workspace.File
	Why  string
	// Names are those of the instruction that stand in the file.
	Names []string
	score int
}

// maxFiles bounds the targets. The map shows as many of them as fit into a prompt;
// what uses a symbol is found in all of them.
const maxFiles = 400

// maxNear bounds the files around the open document that are targets where the
// instruction names nothing.
const maxNear = 10

// Request is what a plan is for.
type Request struct {
	Instruction string
	At          string   // absolute: the document or folder the user was in
	Only        []string // absolute: the user's own choice of files; then no others
}

// Find fixes the targets of a request. Names that the instruction mentions are
// looked up first; where they are declared and used is what the change is about.
// Files that it mentions by name belong to it as well, and the document the user
// was in. Where no name is known, that document and its relations are all.
func Find(ctx context.Context, snap *workspace.Snapshot, req Request) (*Targets, error) {
	t := &Targets{snap: snap, dirs: map[string]bool{}}
	t.root = rootFor(snap, req)
	found := map[string]*Target{}
	add := func(path string, score int, why, name string) {
		c := found[path]
		if c == nil {
			f, err := snap.File(path)
			if err != nil || f.Root != t.root && t.root != "" {
				return
			}
			c = &Target{File: f}
			found[path] = c
		}
		if score > c.score {
			c.score, c.Why = score, why
		}
		if name != "" && !slices.Contains(c.Names, name) {
			c.Names = append(c.Names, name)
		}
	}
	if len(req.Only) > 0 {
		for _, p := range req.Only {
			add(p, 1, "named by the user", "")
		}
		return t.seal(found), nil
	}
	if err := t.byName(ctx, req.Instruction, add); err != nil {
		return nil, err
	}
	t.byPath(req.Instruction, add)
	named := len(found) > 0
	if f, err := snap.File(req.At); err == nil {
		add(f.Path, scoreHere, "the open document", "")
		if !named {
			for i, r := range snap.Near(f, maxNear) {
				add(r.File.Path, scoreRelated-i, r.Why, "")
			}
		}
	}
	return t.seal(found), nil
}

// The scores of a target: what counts most is declared there.
const (
	scoreDeclares = 1000
	scoreNamed    = 900
	scoreHere     = 800
	scoreUses     = 500 // and one more for each use, up to 99
	scoreRelated  = 300
)

// rootFor is the workspace folder that paths are relative to.
func rootFor(snap *workspace.Snapshot, req Request) string {
	at := req.At
	if len(req.Only) > 0 {
		at = req.Only[0]
	}
	best := ""
	for _, r := range snap.Roots() {
		if (at == r || strings.HasPrefix(at, r+string(filepath.Separator))) && len(r) > len(best) {
			best = r
		}
	}
	if best == "" && len(snap.Roots()) > 0 {
		best = snap.Roots()[0]
	}
	return best
}

// byName adds the files that declare or use a name of the instruction.
func (t *Targets) byName(ctx context.Context, instruction string, add func(path string, score int, why, name string)) error {
	for _, word := range Words(instruction) {
		names, err := t.snap.Names(ctx, word, 8)
		if err != nil {
			return err
		}
		// "order" means Order where nothing is called order.
		best := workspace.FitExactFold
		if len(names) > 0 {
			best = min(best, names[0].Fit)
		}
		names = slices.DeleteFunc(names, func(n workspace.Name) bool { return n.Fit != best })
		for _, n := range names {
			add(n.Path, scoreDeclares, "declares "+n.Name, n.Name)
			t.companions(n.Path, add)
		}
		if len(names) == 0 {
			continue
		}
		own := names[0].Name
		refs, err := t.snap.References(ctx, own, syntax.LanguageOf(names[0].Path), maxReferences)
		if err != nil {
			return err
		}
		count := map[string]int{}
		for _, r := range refs {
			count[r.Path]++
		}
		paths := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
			return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
		})
		for _, path := range paths[:min(len(paths), maxFiles)] {
			add(path, scoreUses+min(count[path], 99), "uses "+own, own)
		}
	}
	return nil
}

// companions adds what belongs to a file and goes where it goes: its test, styles, header.
func (t *Targets) companions(path string, add func(path string, score int, why, name string)) {
	f, err := t.snap.File(path)
	if err != nil {
		return
	}
	const near = 12
	for _, r := range t.snap.Near(f, near) {
		if strings.HasPrefix(r.Why, "its ") || r.Why == "imported here" && strings.TrimSuffix(r.File.Path, filepath.Ext(r.File.Path)) == strings.TrimSuffix(path, filepath.Ext(path)) {
			add(r.File.Path, scoreRelated, r.Why, "")
		}
	}
}

// byPath adds the files that the instruction names: "Button.tsx", "src/app.py".
func (t *Targets) byPath(instruction string, add func(path string, score int, why, name string)) {
	var wanted []string
	for _, w := range strings.Fields(instruction) {
		w = strings.Trim(w, "\"'`.,;:()[]{}")
		if ext := filepath.Ext(w); len(ext) > 1 && len(w) > len(ext) {
			wanted = append(wanted, filepath.ToSlash(w))
		}
	}
	if len(wanted) == 0 {
		return
	}
	for path := range t.snap.Paths() {
		slashed := filepath.ToSlash(path)
		for _, w := range wanted {
			if strings.HasSuffix(slashed, "/"+w) {
				add(path, scoreNamed, "named in the instruction", "")
				t.companions(path, add)
			}
		}
	}
}

// seal orders what was found and bounds it.
func (t *Targets) seal(found map[string]*Target) *Targets {
	for _, c := range found {
		t.Files = append(t.Files, *c)
	}
	slices.SortFunc(t.Files, func(a, b Target) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.File.Path, b.File.Path))
	})
	if len(t.Files) > maxFiles {
		t.Files = t.Files[:maxFiles]
	}
	for i := range t.Files {
		slices.Sort(t.Files[i].Names)
		t.dirs[filepath.Dir(t.Files[i].File.Path)] = true
	}
	return t
}

// file is the target that a plan names: by its path, or by the end of it if only
// one target ends so.
func (t *Targets) file(name string) (*workspace.File, error) {
	name = strings.TrimPrefix(strings.TrimSpace(filepath.ToSlash(name)), "./")
	var found []*workspace.File
	for _, c := range t.Files {
		rel := c.File.Rel()
		if rel == name {
			return c.File, nil
		}
		if name != "" && strings.HasSuffix(rel, "/"+name) {
			found = append(found, c.File)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) > 1 {
		return nil, problem("%q can mean %d files: write the whole path.", name, len(found))
	}
	return nil, problem("%q is none of the files that may be changed.", name)
}

var (
	quoted     = regexp.MustCompile("[`'\"“”‘’]([A-Za-z_$][\\w$]*(?:(?:\\.|::)[A-Za-z_$][\\w$]*)*)[`'\"“”‘’]")
	identifier = regexp.MustCompile(`[A-Za-z_$][\w$]*(?:(?:\.|::)[A-Za-z_$][\w$]*)*`)
	humped     = regexp.MustCompile(`[a-z0-9][A-Z]|[A-Z]{2}[a-z]|_|\$|\.|::|^[A-Z]`)
)

// maxWords bounds the names looked up, and minWord their length where nothing but
// the look-up tells a name from a word of the language people speak.
const (
	maxWords = 12
	minWord  = 3
)

// Words are the names that an instruction may be about, the surest first: those
// in quotes, then those that look like identifiers, then plain words.
func Words(instruction string) []string {
	var out []string
	add := func(w string) {
		if len(out) < maxWords && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	for _, m := range quoted.FindAllStringSubmatch(instruction, -1) {
		add(m[1])
	}
	all := identifier.FindAllString(instruction, -1)
	for i, w := range all {
		if humped.MatchString(w) && (i > 0 || humped.MatchString(w[1:])) { // "Rename" begins a sentence
			add(w)
		}
	}
	for _, w := range all {
		if len(w) >= minWord && !common[strings.ToLower(w)] {
			add(w)
		}
	}
	return out
}

// common are words of instructions that many projects declare and no instruction means.
var common = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq("the and for with from into that this then all any its not new old use uses using used add adds remove " +
		"rename move change make split extract replace convert turn update fix let have has out put get set file files function functions method " +
		"methods class classes type types component components prop props field fields parameter argument module package import imports every each " +
		"where when which callers caller call calls across everywhere instead also name names test tests code so to in of as by on is it be") {
		m[w] = true
	}
	return m
}()
