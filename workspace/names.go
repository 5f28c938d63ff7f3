package workspace

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// Name is a declared symbol found by its name.
type Name struct {
	Path      string // of the file
	Name      string
	Kind      syntax.Kind
	Container string    // the name of the symbol around it or of the type it is a method of, "" if none
	Ident     text.Span // of the identifier in the file's text
	Line      int       // of the identifier, from 0
	Fit       Fit
}

// declared is a symbol as the catalog keeps it: an outline takes several times
// the room, and names must not keep the text they were read from.
type declared struct {
	name  string
	kind  syntax.Kind
	ident text.Span
	line  int
	outer string // the name of the symbol around it, or of the type it is a method of
}

// declaredIn is the names of an outline of src.
func declaredIn(src string, outline []syntax.Symbol) []declared {
	if len(outline) == 0 {
		return nil
	}
	list := make([]declared, len(outline))
	line, at := 0, 0 // lines are counted up to at
	for i, sym := range outline {
		if sym.Ident.Start < at {
			line, at = 0, 0
		}
		line += lineEnds(src[at:sym.Ident.Start])
		at = sym.Ident.Start
		d := declared{name: strings.Clone(sym.Name), kind: sym.Kind, ident: sym.Ident, line: line}
		if sym.Parent >= 0 && sym.Parent < i {
			d.outer = list[sym.Parent].name
		} else if sym.Kind == syntax.Method {
			d.outer = strings.Clone(receiver(src[sym.Span.Start:sym.Ident.Start]))
		}
		list[i] = d
	}
	return list
}

// receiver is the type that a method which stands outside of it names before its
// own name: in Go "func (s *Set[T]) ", in C++ "void Set<T>::", in Lua "function Set:".
func receiver(head string) string {
	head = strings.TrimRight(head, " \t)")
	for depth, i := 0, len(head)-1; i >= 0; i-- {
		switch c := head[i]; {
		case c == ']' || c == '>':
			depth++
		case c == '[' || c == '<':
			if depth--; depth == 0 {
				head = head[:i]
			}
		case depth == 0 && c == ':':
			head = head[:i]
		case depth == 0 && !isNameByte(c):
			return head[i+1:]
		}
	}
	return head
}

func isNameByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// lineEnds counts the line ends of s as text.LineIndex does, for an s that doesn't
// end between \r and \n.
func lineEnds(s string) int {
	n := strings.Count(s, "\n")
	if strings.IndexByte(s, '\r') >= 0 {
		n += strings.Count(s, "\r") - strings.Count(s, "\r\n")
	}
	return n
}

// Names finds declared symbols of the whole workspace whose name fits query, the
// best first: exactly, from the start, by the humps of camelCase and snake_case
// ("nwSnap" finds NewWorkspaceSnapshot), inside, or by letters in that order. A
// query with a qualifier ("Snapshot.Names", "Map::get") is one for names in a symbol
// that begins with it, or in a file or folder called so. The empty query fits every symbol. limit <= 0 means no limit. The order is
// the same for the same snapshot, always.
//
// The first call has every file read, in parallel and in the background: it takes a while
// with thousands of them, and goes on where ctx ends before it is done, so that a
// caller who can't wait finds it done another time. Later calls look at what
// changed. The errors are that of ctx, and that the workspace is closed.
func (s *Snapshot) Names(ctx context.Context, query string, limit int) ([]Name, error) {
	files, err := s.declarations(ctx)
	if err != nil {
		return nil, err
	}
	q := parseQuery(query)
	best := top{limit: limit}
	n := 0
	for f := range files {
		if n++; n%512 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for j, has := range f.letters {
			if q.letters&^has != 0 {
				continue
			}
			d := &f.names[j]
			m, cost := q.match(d.name)
			if m == 0 || q.outer != "" && !q.inside(d.outer, f.path) {
				continue
			}
			n := Name{Path: f.path, Name: d.name, Kind: d.kind, Container: d.outer, Ident: d.ident, Line: d.line, Fit: m}
			best.add(found{n, cost})
		}
	}
	return best.names(), nil
}

// declarations lists what every file declares, in no order.
func (s *Snapshot) declarations(ctx context.Context) (iter.Seq[*declaring], error) {
	c := &s.env.catalog
	if err := c.enterNamed(ctx, s); err != nil {
		return nil, err
	}
	defer c.leave()
	lists := make([][]declaring, len(s.roots))
	for i, r := range s.roots {
		if sh := c.roots[r.dir]; sh != nil {
			lists[i] = sh.declaring()
		}
	}
	return func(yield func(*declaring) bool) {
		for i, r := range s.roots {
			for j := range lists[i] {
				if f := &lists[i][j]; s.speaks(r, f.path) && !yield(f) {
					return
				}
			}
		}
		for _, f := range s.documents() {
			d := declaring{path: f.Path, names: declaredIn(f.Text, f.Outline())}
			for _, n := range d.names {
				d.letters = append(d.letters, lettersOf(n.name))
			}
			if !yield(&d) {
				return
			}
		}
	}, nil
}

// found is a name with what its match costs.
type found struct {
	Name
	cost int
}

// before is the order of results.
func (a found) before(b found) int {
	return cmp.Or(
		cmp.Compare(a.Fit, b.Fit), cmp.Compare(a.cost, b.cost), cmp.Compare(len(a.Name.Name), len(b.Name.Name)),
		cmp.Compare(a.Name.Name, b.Name.Name), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Ident.Start, b.Ident.Start),
	)
}

// top collects the best names without holding on to all that were found.
type top struct {
	limit int
	list  []found
	full  bool  // list was cut: only what comes before bar can be among the best
	bar   found // the last one that would be kept
}

func (t *top) add(f found) {
	if t.full && f.before(t.bar) > 0 {
		return
	}
	if t.list = append(t.list, f); t.limit > 0 && len(t.list) >= 4*t.limit+64 {
		t.cut()
	}
}

func (t *top) cut() {
	slices.SortFunc(t.list, found.before)
	if t.limit > 0 && len(t.list) > t.limit {
		t.list = t.list[:t.limit]
		t.full, t.bar = true, t.list[t.limit-1]
	}
}

func (t *top) names() []Name {
	t.cut()
	out := make([]Name, len(t.list))
	for i, f := range t.list {
		out[i] = f.Name
	}
	return out
}
