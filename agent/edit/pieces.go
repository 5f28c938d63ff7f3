package edit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

// piece is one change of a reply that names what it changes: a search/replace
// block or a hunk of a patch.
type piece struct {
	search, replace []string // lines without line ends
	bare            []string // search, if lines without a sign kept all of their indentation
	bareReplace     []string
	file            string // the path that the reply gives for it, "" if none
	after           bool   // it stands behind the piece before it
}

// change replaces the lines from..to of the original.
type change struct {
	from, to int
	lines    []string
	piece    int // from 1 on, as people count
}

// apply makes the pieces' changes to the original. Line ends of the result are \n.
func (p *Parser) apply(pieces []piece) (string, error) {
	if err := p.oneFile(pieces); err != nil {
		return "", err
	}
	body := strings.TrimPrefix(text.WithEOL(p.t.Original, "\n"), text.Mark)
	l := newLadder(body)
	var changes []change
	lowest, from := exact, 0
	for i, pc := range pieces {
		pc = pc.unnumbered(l)
		if slices.Equal(pc.search, pc.replace) {
			continue // says nothing
		}
		if !pc.after {
			from = 0
		}
		c, r, err := p.place(l, pc, i+1, from)
		if err != nil {
			return "", err
		}
		from = c.to
		lowest = max(lowest, r)
		changes = append(changes, c)
	}
	slices.SortStableFunc(changes, func(a, b change) int { return a.from - b.from })
	var out []string
	at := 0
	for _, c := range changes {
		if c.from < at {
			return "", overlapping(c.piece)
		}
		out = append(append(out, l.lines[at:c.from]...), c.lines...)
		at = c.to
	}
	out = append(out, l.lines[at:]...)
	p.inexact = rungs[lowest]
	s := strings.Join(out, "\n")
	if strings.HasSuffix(body, "\n") && len(out) > 0 {
		s += "\n"
	}
	return s, nil
}

// unnumbered takes line numbers off a piece whose every line to be found has one,
// and none in the text has.
func (pc piece) unnumbered(l *ladder) piece {
	if isNumbered(l.lines) || !isNumbered(pc.search) || !isNumbered(pc.replace) && len(pc.replace) > 0 {
		return pc
	}
	strip := func(lines []string) []string {
		out := make([]string, len(lines))
		for i, line := range lines {
			_, _, out[i], _ = numbered(line)
		}
		return out
	}
	pc.search, pc.replace = strip(pc.search), strip(pc.replace)
	return pc
}

// isNumbered reports whether every line that is not blank has a number before a bar.
func isNumbered(lines []string) bool {
	n := 0
	for _, l := range lines {
		if blank(l) {
			continue
		}
		if _, mark, _, ok := numbered(l); !ok || mark != '|' {
			return false
		}
		n++
	}
	return n > 0
}

// oneFile refuses pieces for several files, and those for another one.
func (p *Parser) oneFile(pieces []piece) error {
	var named []string
	for _, pc := range pieces {
		b := baseOf(pc.file)
		if stem, _, _ := strings.Cut(b, "."); pc.file != "" && !slices.Contains(named, b) && !slices.Contains(madeUp, stem) {
			named = append(named, b)
		}
	}
	own := baseOf(p.t.Path)
	switch {
	case len(named) > 1:
		return severalFiles(named)
	case len(named) == 1 && p.t.Path != "" && named[0] != own:
		return &Error{
			Kind: KindUnsafe, Message: fmt.Sprintf("The model would change another file, %s.", named[0]),
			Hint:  "Run it on that file, or word the instruction so that it is about this one.",
			Again: fmt.Sprintf("Your reply changes %s. Change the region of %s, nothing else.", named[0], own),
		}
	}
	return nil
}

// madeUp are the names that models give to a file whose name they don't know.
var madeUp = []string{"file", "original", "updated", "old", "new", "example", "code", "snippet", "before", "after"}

func severalFiles(named []string) error {
	return &Error{
		Kind: KindUnsafe, Message: fmt.Sprintf("The model wrote several files (%s) where one was asked.", strings.Join(named, ", ")),
		Hint:  "Ask for one file at a time.",
		Again: "Your reply holds several files. Write the one that was asked for.",
	}
}

// place finds the lines that a piece changes, at or after the line from.
func (p *Parser) place(l *ladder, pc piece, n, from int) (change, rung, error) {
	if blank(strings.Join(pc.search, "")) {
		return change{}, exact, emptySearch(n)
	}
	for i, alt := range []piece{pc, {search: pc.bare, replace: pc.bareReplace}} {
		if i > 0 && alt.search == nil {
			break
		}
		variants, replaces := p.variants(alt)
		at, count := l.find(variants, from, alike)
		if count > 1 {
			return change{}, exact, ambiguous(n, count, pc.search)
		}
		if count == 0 {
			continue
		}
		lines, ok := p.replacement(l, at, variants[at.variant], replaces[at.variant])
		if !ok {
			return change{}, exact, notFound(n, l, pc.search)
		}
		return change{from: at.at, to: at.at + at.n, lines: lines, piece: n}, at.rung, nil
	}
	if c, r, found, err := p.across(pc, n); found {
		return c, r, err
	}
	return change{}, exact, notFound(n, l, pc.search)
}

// variants are a piece as it came and, where its indentation is certainly of the
// other kind than the file's, with that of the file.
func (p *Parser) variants(pc piece) (search, replace [][]string) {
	search, replace = [][]string{pc.search}, [][]string{pc.replace}
	both := slices.Concat(pc.search, pc.replace)
	if convertIndent(both, p.unit()); !slices.Equal(both[:len(pc.search)], pc.search) {
		search, replace = append(search, both[:len(pc.search)]), append(replace, both[len(pc.search):])
	}
	return search, replace
}

// unit is the indentation of the file.
func (p *Parser) unit() string {
	if p.indent == nil {
		unit := text.Indent(p.t.Before + p.t.Original + p.t.After)
		p.indent = &unit
	}
	return *p.indent
}

// replacement is what comes into a place: the new lines with the indentation of
// the place, but those that the piece does not change as they are in the file.
func (p *Parser) replacement(l *ladder, at place, search, replace []string) ([]string, bool) {
	shifted, ok := at.shift.lines(replace)
	if !ok {
		return nil, false
	}
	if at.rung <= trailing && !slices.ContainsFunc(search, func(s string) bool { return !blank(s) && strings.HasPrefix(s, " ") }) {
		shifted = slices.Clone(shifted)
		convertIndent(shifted, p.unit())
	}
	if at.rung == exact {
		return shifted, true
	}
	for _, same := range commonLines(search, replace) {
		shifted[same[1]] = l.lines[at.at+same[0]]
	}
	return shifted, true
}

// commonLines pairs the lines that two texts share, in order: the longest such
// list, or where that would take long the lines alike at both ends.
func commonLines(a, b []string) [][2]int {
	var out [][2]int
	head := commonPrefix(a, b)
	for i := range head {
		out = append(out, [2]int{i, i})
	}
	tail := commonSuffix(a[head:], b[head:])
	x, y := a[head:len(a)-tail], b[head:len(b)-tail]
	if len(x)*len(y) <= 1<<20 {
		// best[i][j] is how many lines x[i:] and y[j:] share.
		best := make([][]int32, len(x)+1)
		for i := range best {
			best[i] = make([]int32, len(y)+1)
		}
		for i := len(x) - 1; i >= 0; i-- {
			for j := len(y) - 1; j >= 0; j-- {
				if best[i][j] = max(best[i+1][j], best[i][j+1]); x[i] == y[j] {
					best[i][j] = best[i+1][j+1] + 1
				}
			}
		}
		for i, j := 0, 0; i < len(x) && j < len(y); {
			switch {
			case x[i] == y[j]:
				out = append(out, [2]int{head + i, head + j})
				i++
				j++
			case best[i+1][j] >= best[i][j+1]:
				i++
			default:
				j++
			}
		}
	}
	for i := range tail {
		out = append(out, [2]int{len(a) - tail + i, len(b) - tail + i})
	}
	return out
}

// across places a piece whose lines reach over the ends of the region, as far as
// the lines that it changes are inside. found is false if its lines are nowhere in
// the file, or several times.
func (p *Parser) across(pc piece, n int) (c change, r rung, found bool, err error) {
	before, after := text.WithEOL(p.t.Before, "\n"), text.WithEOL(p.t.After, "\n")
	body := strings.TrimPrefix(text.WithEOL(p.t.Original, "\n"), text.Mark)
	if before != "" && !strings.HasSuffix(before, "\n") || after != "" && !strings.HasSuffix(body, "\n") {
		return c, r, false, nil // the region is not made of whole lines
	}
	l := newLadder(before + body + after)
	variants, replaces := p.variants(pc)
	at, count := l.find(variants, 0, punctuated)
	if count != 1 {
		return c, r, false, nil
	}
	search, replace := variants[at.variant], replaces[at.variant]
	head := commonPrefix(search, replace)
	tail := commonSuffix(search[head:], replace[head:])
	first := strings.Count(before, "\n")
	from, to, end := at.at+head-first, at.at+at.n-tail-first, len(splitLines(body))
	if from < 0 || to > end {
		return c, r, true, outsideRegion(n, pc.search)
	}
	lines, ok := p.replacement(l, at, search, replace)
	if !ok {
		return c, r, false, nil
	}
	return change{from: from, to: to, lines: lines[head : len(lines)-tail], piece: n}, at.rung, true, nil
}

// telltale is the line by which people recognise a search text.
func telltale(search []string) string {
	for _, l := range search {
		if l = strings.TrimSpace(l); telling([]string{l}) {
			return l
		}
	}
	return strings.TrimSpace(strings.Join(search, " "))
}

func emptySearch(n int) error {
	return &Error{
		Kind: KindNoMatch, Message: "The model did not say which lines its new text replaces.",
		Hint:  "Try again; a larger model follows the format better.",
		Again: fmt.Sprintf("Change %d of your reply does not say which lines it replaces.", n),
	}
}

func notFound(n int, l *ladder, search []string) error {
	missing := telltale(search)
	have := l.at(punctuated)
	for _, line := range search {
		if !slices.Contains(have, punctuated.form(line)) {
			missing = strings.TrimSpace(line)
			break
		}
	}
	return &Error{
		Kind: KindNoMatch, Message: fmt.Sprintf("The lines that the model wants to change were not found: %q.", telltale(search)),
		Hint:  "Try again; a larger model follows the format better.",
		Again: fmt.Sprintf("The lines that change %d of your reply replaces are not in the region like that, look at %q. Copy them exactly as they are.", n, missing),
	}
}

func ambiguous(n, count int, search []string) error {
	return &Error{
		Kind: KindNoMatch, Message: fmt.Sprintf("The lines that the model wants to change were found %d times: %q.", count, telltale(search)),
		Hint:  "Select only the lines that should change, or try again.",
		Again: fmt.Sprintf("The lines that change %d of your reply replaces are %d times in the region: %q. Add lines before or after them until they are there once.", n, count, telltale(search)),
	}
}

func outsideRegion(n int, search []string) error {
	return &Error{
		Kind: KindUnsafe, Message: fmt.Sprintf("The model would change lines outside the region: %q.", telltale(search)),
		Hint:  "Select the lines that should change as well, or word the instruction so that it is about the region alone.",
		Again: fmt.Sprintf("Change %d of your reply is outside the region: %q. Change only lines of the region.", n, telltale(search)),
	}
}

func overlapping(n int) error {
	return &Error{
		Kind: KindNoMatch, Message: "Two changes of the model are about the same lines.",
		Hint:  "Try again; a larger model follows the format better.",
		Again: fmt.Sprintf("Change %d of your reply is about lines that another one replaces as well. Name every line in one change only.", n),
	}
}
