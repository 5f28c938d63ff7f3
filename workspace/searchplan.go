package workspace

import (
	"fmt"
	"path"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/hob-ls/hob/workspace/index"
)

// plan is a Query made ready. Immutable.
type plan struct {
	Query
	trigrams *index.TrigramQuery // what a text must have; nil where that can't be said
	literal  *finder             // finds the matches themselves; nil for a regular expression
	need     []*finder           // each match of a regular expression holds one of these; none where that can't be said
	nfa      *lineNFA            // of the regular expression
	spans    *lineRegexp
	in, out  []glob
}

// Bounds of what is searched for, so that a query costs in proportion to the texts.
const (
	maxPattern = 64 << 10 // bytes
	maxProgram = 10_000   // instructions of a regular expression
)

func newPlan(q Query) (*plan, error) {
	p := &plan{Query: q}
	var err error
	if p.in, err = newGlobs(q.Include); err != nil {
		return nil, err
	}
	if p.out, err = newGlobs(q.Exclude); err != nil {
		return nil, err
	}
	switch {
	case q.Pattern == "":
		return nil, fmt.Errorf("%w: it is empty", ErrQuery)
	case len(q.Pattern) > maxPattern:
		return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrQuery, maxPattern)
	case q.Max < 0 || q.MaxPerFile < 0 || q.Context < 0 || q.Timeout < 0:
		return nil, fmt.Errorf("%w: a limit is negative", ErrQuery)
	case q.Regexp:
		return p, p.regexp()
	case strings.ContainsAny(q.Pattern, "\r\n"):
		return nil, fmt.Errorf("%w: it has a line end, and matches lie within lines", ErrQuery)
	}
	fold := q.folds(q.Pattern)
	if fold && !utf8.ValidString(q.Pattern) {
		return nil, fmt.Errorf("%w: bytes that are no UTF-8 have no case; search with case", ErrQuery)
	}
	p.exactly(q.Pattern, fold)
	return p, nil
}

func (p *plan) exactly(literal string, fold bool) {
	p.literal = newFinder(literal, fold)
	p.trigrams = index.LiteralQuery(literal, fold)
}

// folds reports whether case does not count; text is the pattern.
func (q *Query) folds(text string) bool {
	switch q.Case {
	case CaseInsensitive:
		return true
	case CaseSmart:
		return !strings.ContainsFunc(text, unicode.IsUpper)
	}
	return false
}

func (p *plan) regexp() error {
	flags := syntax.Perl
	if p.folds(plainText(p.Pattern)) {
		flags |= syntax.FoldCase
	}
	tree, err := syntax.Parse(p.Pattern, flags)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrQuery, err)
	}
	if weight(tree) > maxProgram {
		return fmt.Errorf("%w: the regular expression is too large; repeat less", ErrQuery)
	}
	if lit, fold, ok := onlyLiteral(tree); ok && !p.Word {
		if strings.ContainsAny(lit, "\r\n") {
			return fmt.Errorf("%w: it needs a line end, and matches lie within lines", ErrQuery)
		}
		p.exactly(lit, fold)
		return nil
	}
	p.trigrams = index.RegexpQuery(tree)
	if set := needed(tree); set.worth() >= 2 {
		for _, n := range set {
			p.need = append(p.need, newFinder(n.lit, n.fold))
		}
	}
	expr := p.Pattern
	if strings.Contains(expr, `\Q`) {
		expr = tree.String() // a \Q without \E would quote what is put around it
	}
	if flags&syntax.FoldCase != 0 {
		expr = `(?i:` + expr + `)`
	}
	lines := `(?:` + expr + `)`
	if p.Word {
		lines = `(?:^|` + notWord + `)` + lines + `(?:` + notWord + `|$)`
	}
	if tree, err = syntax.Parse(lines, syntax.Perl); err != nil {
		return fmt.Errorf("%w: %w", ErrQuery, err)
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrQuery, err)
	}
	p.nfa = newLineNFA(prog)
	if p.spans, err = newLineRegexp(`(?:`+expr+`)`, p.Word, len(prog.Inst)); err != nil {
		return fmt.Errorf("%w: %w", ErrQuery, err)
	}
	return nil
}

// plainText is a regular expression without what may be a capital letter and
// stands for none: escapes and the names of groups.
func plainText(expr string) string {
	var b strings.Builder
	for i := 0; i < len(expr); i++ {
		rest := expr[i:]
		switch {
		case rest[0] == '\\' && len(rest) > 1:
			i++
			if len(rest) > 2 && strings.IndexByte("pPx", rest[1]) >= 0 && rest[2] == '{' {
				i += max(0, strings.IndexByte(rest, '}')-1)
			} else if rest[1] == 'p' || rest[1] == 'P' {
				i++
			}
		case strings.HasPrefix(rest, "(?P<") || strings.HasPrefix(rest, "(?<"):
			i += max(0, strings.IndexByte(rest, '>'))
		case strings.HasPrefix(rest, "(?"):
			i += max(0, strings.IndexAny(rest, ":)"))
		default:
			b.WriteByte(rest[0])
		}
	}
	return b.String()
}

// weight is about the number of instructions that re makes, capped.
func weight(re *syntax.Regexp) int {
	n := 1
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, s := range re.Sub {
		if n += weight(s); n > maxProgram {
			return n
		}
	}
	if re.Op == syntax.OpRepeat {
		n *= max(1, re.Min, re.Max)
	}
	return n
}

// literalOf is the text of a literal that stands for itself, byte for byte.
func literalOf(re *syntax.Regexp) (lit string, fold, ok bool) {
	if re.Op != syntax.OpLiteral {
		return "", false, false
	}
	lit = string(re.Rune)
	// U+FFFD is also what bytes are that are no UTF-8.
	return lit, re.Flags&syntax.FoldCase != 0, !strings.ContainsRune(lit, utf8.RuneError)
}

// onlyLiteral reports whether re is a literal and nothing else.
func onlyLiteral(re *syntax.Regexp) (lit string, fold, ok bool) {
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	return literalOf(re)
}

// needs is literals, one of which is in each match; none: nothing is known.
type needs []need

type need struct {
	lit  string
	fold bool
}

// maxNeeds is how many literals are looked for at once. More of them are found
// faster by the automaton.
const maxNeeds = 6

// worth is the length of the shortest literal.
func (n needs) worth() int {
	if len(n) == 0 {
		return 0
	}
	shortest := len(n[0].lit)
	for _, l := range n {
		shortest = min(shortest, len(l.lit))
	}
	return shortest
}

// needed is the best that is known of what matches of re hold.
func needed(re *syntax.Regexp) (best needs) {
	switch re.Op {
	case syntax.OpLiteral:
		if lit, fold, ok := literalOf(re); ok && !strings.ContainsAny(lit, "\r\n") {
			return needs{{lit, fold}}
		}
	case syntax.OpRepeat:
		if re.Min > 0 {
			return needed(re.Sub[0])
		}
	case syntax.OpCapture, syntax.OpPlus:
		return needed(re.Sub[0])
	case syntax.OpConcat:
		for _, s := range re.Sub {
			n := needed(s)
			if w := n.worth(); w > best.worth() || w == best.worth() && len(n) < len(best) {
				best = n
			}
		}
	case syntax.OpAlternate:
		for _, s := range re.Sub {
			n := needed(s)
			if len(n) == 0 || len(best)+len(n) > maxNeeds {
				return nil
			}
			best = append(best, n...)
		}
	}
	return best
}

// glob is a pattern for files and folders.
type glob struct {
	pattern string
	rooted  bool // holds a slash: it is about the path relative to the root
}

func newGlobs(patterns []string) ([]glob, error) {
	var globs []glob
	for _, s := range patterns {
		g := glob{pattern: strings.TrimSuffix(s, "/")}
		if name := strings.TrimPrefix(g.pattern, "**/"); !strings.Contains(name, "/") && name != "" {
			g.pattern = name // says the same, and is found faster
		}
		g.rooted = strings.Contains(g.pattern, "/")
		g.pattern = strings.TrimPrefix(g.pattern, "/")
		if g.pattern == "" || !doublestar.ValidatePattern(g.pattern) {
			return nil, fmt.Errorf("%w: malformed glob %q", ErrQuery, s)
		}
		globs = append(globs, g)
	}
	return globs, nil
}

// chooser tells which files the globs of a plan want. It remembers the folder of
// the last one, because files come folder by folder.
type chooser struct {
	in, out     []glob
	dir         string // of the last file
	known       bool
	dirIn, dirX bool // a folder on the way is wanted; is not
}

// wants is the verdict about rel, slash separated and relative to its root.
func (c *chooser) wants(rel string) bool {
	if len(c.in)+len(c.out) == 0 {
		return true
	}
	dir := path.Dir(rel)
	if !c.known || dir != c.dir {
		c.dir, c.known, c.dirIn, c.dirX = dir, true, false, false
		for i := range len(rel) {
			if rel[i] == '/' {
				c.dirIn = c.dirIn || anyGlob(c.in, rel[:i])
				c.dirX = c.dirX || anyGlob(c.out, rel[:i])
			}
		}
	}
	if c.dirX || anyGlob(c.out, rel) {
		return false
	}
	return len(c.in) == 0 || c.dirIn || anyGlob(c.in, rel)
}

func anyGlob(globs []glob, rel string) bool {
	base := rel[strings.LastIndexByte(rel, '/')+1:]
	for _, g := range globs {
		name := base
		if g.rooted {
			name = rel
		}
		if doublestar.MatchUnvalidated(g.pattern, name) {
			return true
		}
	}
	return false
}
