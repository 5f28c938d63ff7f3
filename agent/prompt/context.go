package prompt

import (
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// chooseExample lists, for a new file, the files that can show the project's
// style: the neighbour, then those related, by rank.
func (b *builder) chooseExample() {
	if !b.alone() {
		return
	}
	for _, f := range append([]*workspace.File{b.in.File}, b.in.Related...) {
		if f != nil && strings.TrimSpace(f.Text) != "" && !slices.Contains(b.example, f) {
			b.example = append(b.example, f)
		}
	}
}

// context fills the parts of the message before the last, in the order of their
// worth, as far as the budget goes.
func (b *builder) context(verb string, budget int) error {
	fixed := Estimate(systemText, b.ratio) + 3*perMessage + 3 // and 3 for rounding up each message
	verbTokens := Estimate(verb, b.ratio)
	room := min(verbRoom, budget/3)
	for room < verbTokens {
		room += verbStep
	}
	if b.alone() {
		b.left = b.bytes(min(budget, newFileTokens) - fixed - verbTokens)
		if b.left < 0 {
			b.left = b.bytes(budget - fixed - verbTokens)
		}
		if b.left < 0 {
			return &ErrTooLarge{Need: fixed + verbTokens, Budget: budget}
		}
		b.addFacts()
		b.addExample()
		return nil
	}
	if b.in.File != nil {
		b.addRegion()
	}
	var need int
	if b.ctx.Region != nil {
		need = b.ctx.Region.size()
	} else {
		need = len(b.ctx.Insertion) + 2*wrapping
	}
	b.left = b.bytes(budget-fixed-room) - need
	if b.left < 0 { // the room for the verb is more than it needs: take the rest of it
		b.left = 0
		if b.bytes(budget-fixed-verbTokens) < need {
			return &ErrTooLarge{Need: fixed + verbTokens + int(float64(need)/b.ratio) + 1, Budget: budget}
		}
	}
	b.addWhole()
	b.addFacts()
	if b.in.File != nil {
		b.addFile()
	}
	b.addRelated()
	return nil
}

// alone reports whether a new file is written for itself: then an example is
// worth more than anything else.
func (b *builder) alone() bool { return b.in.Shape == edit.NewFile && b.in.Whole == "" }

// addWhole shows the change that this is a part of, what of it the region must fit,
// and the map of the project.
func (b *builder) addWhole() {
	if whole := b.in.Whole; whole != "" {
		if len(whole) <= b.left/2 {
			b.ctx.Whole = whole
			b.left -= len(whole)
		} else {
			b.drop("what the whole change is")
		}
	}
	for _, beside := range b.in.Beside {
		if len(beside)+2 > b.left/2 {
			b.drop("what is changed beside it")
			break
		}
		b.ctx.Beside = append(b.ctx.Beside, oneLine(beside))
		b.left -= len(beside) + 2
	}
	if b.in.Map == "" {
		return
	}
	if k := newBlock("", "", b.in.Map); b.take(k) {
		b.ctx.Map = k
	} else {
		b.drop("the map of the project")
	}
}

// take books a block if it fits.
func (b *builder) take(k *block) bool {
	if k.size() > b.left {
		return false
	}
	b.left -= k.size()
	return true
}

func (b *builder) source(f *workspace.File, s text.Span, why string) {
	b.p.Sources = append(b.p.Sources, Source{Path: f.Path, Span: s, Tokens: Estimate(f.Text[s.Start:s.End], b.ratio), Why: why})
}

func (b *builder) addFacts() {
	var kept []string
	size := wrapping
	for i, f := range b.in.Facts {
		f = oneLine(f)
		if size += len(f) + 2; size > b.left {
			b.drop("project facts: %s", strings.Join(b.in.Facts[i:], "; "))
			size -= len(f) + 2
			break
		}
		kept = append(kept, f)
	}
	if len(kept) > 0 {
		b.ctx.Facts = strings.Join(kept, "; ")
		b.left -= size
	}
}

// addExample shows the first file that fits whole, else the beginning of the
// first one.
func (b *builder) addExample() {
	for i, f := range b.example {
		k := newBlock(name(f), edit.Tag(f.Language), f.Text)
		if k.Example = true; b.take(k) {
			b.ctx.Related = []*block{k}
			b.source(f, text.Span{End: len(f.Text)}, "example")
			for _, g := range b.example[:i] {
				b.drop("%s: too long for an example", name(g))
			}
			return
		}
	}
	if len(b.example) == 0 {
		return
	}
	f := b.example[0]
	k := newBlock(name(f), edit.Tag(f.Language), f.Text)
	end := lineFloor(f.Text, min(len(f.Text), b.left-(k.size()-len(k.Body))))
	const worthwhile = 200 // bytes
	if end < worthwhile {
		b.drop("%s: no room for an example", name(f))
		return
	}
	k = newBlock(name(f), edit.Tag(f.Language), f.Text[:end])
	k.Example, k.Part = true, true
	if b.take(k) {
		b.ctx.Related = []*block{k}
		b.source(f, text.Span{End: end}, "example, its beginning")
		b.drop("%s: all but its beginning", name(f))
	}
}

// lineFloor is the last line start at or before off.
func lineFloor(s string, off int) int {
	if off <= 0 {
		return 0
	}
	if off >= len(s) {
		return len(s)
	}
	return strings.LastIndexByte(s[:off], '\n') + 1
}

func (b *builder) addRegion() {
	f, t := b.in.File, b.target()
	if b.insertion() {
		b.ctx.Insertion = oneLine(name(f))
		return
	}
	k := newBlock(name(f), edit.Tag(f.Language), f.Text[t.Start:t.End])
	k.Part = !blankText(f.Text[:t.Start]) || !blankText(f.Text[t.End:])
	b.ctx.Region = k
	b.source(f, t, "region")
}

// insertion reports whether the region holds nothing.
func (b *builder) insertion() bool {
	if b.in.File == nil {
		return true
	}
	t := b.target()
	return blankText(b.in.File.Text[t.Start:t.End])
}

// target is the region within the bounds of the file.
func (b *builder) target() text.Span {
	n := len(b.in.File.Text)
	start := min(max(b.in.Target.Start, 0), n)
	return text.Span{Start: start, End: min(max(b.in.Target.End, start), n)}
}

func blankText(s string) bool { return strings.TrimSpace(s) == "" }

// relatedTokens is the most that related files take in the prompt of a region.
// A laptop without a graphics card reads a thousand tokens in seconds, and small
// models lose sight of the region among more.
const relatedTokens = 1000

// fileShare is the part of the room that the region's own file may take while
// there are related files to show as well.
const fileShare = 0.6

// addFile shows the file around the region: whole if that takes no more than a
// fair share, else imports, outline and the lines next to the region.
func (b *builder) addFile() {
	f, t := b.in.File, b.target()
	others := 0
	for _, r := range b.in.Related {
		if r != nil && r != f {
			others += len(r.Text) + 2*wrapping
		}
	}
	others = min(others, b.bytes(relatedTokens))
	room := b.left - min(others, int(float64(b.left)*(1-fileShare)))
	all := text.Span{End: len(f.Text)}
	if around := b.surroundings(t, all); around.size() <= room {
		b.show(around, t, all)
		return
	}
	from := 0
	if imports := b.imports(t); imports.Len() > 0 {
		const cheap = 400 // bytes
		k := newBlock(name(f), edit.Tag(f.Language), f.Text[imports.Start:imports.End])
		if from = imports.End; k.size() <= max(room/4, min(room/2, cheap)) && b.take(k) {
			b.ctx.Head = k
			room -= k.size()
			b.source(f, imports, "imports")
		} else {
			b.drop("%s: its imports", name(f))
		}
	}
	outline := min(room/3, size(b.declarations(f))+newBlock(name(f), "", "").size())
	near := b.addNear(t, from, room-outline)
	b.addOutline(t, near, outline)
}

// imports is the import block, if it lies before the region.
func (b *builder) imports(t text.Span) text.Span {
	f := b.in.File
	const most = 16 << 10 // bytes from the start of a file in which its imports end
	s := syntax.Imports(f.Language, f.Text[:lineFloor(f.Text, min(t.Start, most))])
	if s.Len() > 0 && s.Start < 512 { // a licence or package clause before it is worth its tokens
		s.Start = 0
	}
	s.End = min(s.End, t.Start)
	return s
}

// pair is the file before and after the region.
type pair struct{ before, after *block }

func (p pair) size() int {
	n := 0
	if p.before != nil {
		n += p.before.size()
	}
	if p.after != nil {
		n += p.after.size()
	}
	return n
}

// surroundings makes blocks of what span holds outside the region t.
func (b *builder) surroundings(t, span text.Span) pair {
	f := b.in.File
	var p pair
	if s := f.Text[span.Start:t.Start]; !blankText(s) {
		p.before = newBlock(name(f), edit.Tag(f.Language), strings.TrimRight(s, "\r\n"))
		p.before.Part = span.Start > 0
	}
	if s := f.Text[t.End:span.End]; !blankText(s) {
		p.after = newBlock(name(f), edit.Tag(f.Language), strings.TrimLeft(s, "\r\n"))
		p.after.Part = span.End < len(f.Text)
	}
	return p
}

// show puts the surroundings that span holds into the prompt.
func (b *builder) show(p pair, t, span text.Span) {
	b.left -= p.size()
	b.ctx.Before, b.ctx.After = p.before, p.after
	if p.before != nil {
		b.source(b.in.File, text.Span{Start: span.Start, End: t.Start}, "before the region")
	}
	if p.after != nil {
		b.source(b.in.File, text.Span{Start: t.End, End: span.End}, "after the region")
	}
}

// addNear shows the lines next to the region: first those of the symbols around
// it, from the innermost outwards, then further, until the room is used up. What
// lies before from is shown elsewhere. It returns what is shown, with the region.
func (b *builder) addNear(t text.Span, from, room int) text.Span {
	f := b.in.File
	from = min(from, t.Start)
	room -= 2 * newBlock(name(f), edit.Tag(f.Language), "").size()
	near := t
	chain := b.chain(t)
	for _, sym := range chain {
		limit := sym.Span
		if sym.Doc.Len() > 0 {
			limit.Start = min(limit.Start, sym.Doc.Start)
		}
		limit.Start = max(limit.Start, from)
		near = grow(f.Text, near, limit, room-(near.Len()-t.Len()))
	}
	near = grow(f.Text, near, text.Span{Start: from, End: len(f.Text)}, room-(near.Len()-t.Len()))
	if p := b.surroundings(t, near); p.size() <= b.left {
		b.show(p, t, near)
	} else {
		near = t
	}
	b.addInside(chain, near)
	if n := strings.Count(f.Text[from:near.Start], "\n") + strings.Count(f.Text[near.End:], "\n"); n > 0 {
		b.drop("%s: %d of its lines, far from the region", name(f), n)
	}
	return near
}

// chain lists the symbols around the region, the innermost first.
func (b *builder) chain(t text.Span) []syntax.Symbol {
	s := b.in.File.Text[t.Start:t.End]
	t.Start += len(s) - len(strings.TrimLeft(s, " \t\r\n"))
	t.End = max(t.Start, t.End-len(s)+len(strings.TrimRight(s, " \t\r\n")))
	outline := b.outline(b.in.File)
	var out []syntax.Symbol
	for sym, ok := syntax.Enclosing(outline, t); ok; sym = outline[sym.Parent] {
		out = append(out, sym)
		ok = sym.Parent >= 0 && sym.Parent < len(outline)
		if !ok {
			break
		}
	}
	return out
}

// addInside names the symbols around the region whose first lines are not shown.
func (b *builder) addInside(chain []syntax.Symbol, near text.Span) {
	f := b.in.File
	var lines []string
	for _, sym := range slices.Backward(chain) {
		if sym.Span.Start < near.Start { // the region itself begins after it, or it would be near
			lines = append(lines, syntax.Signature(f.Text, sym))
		}
	}
	if len(lines) == 0 {
		return
	}
	if k := newBlock(name(f), edit.Tag(f.Language), strings.Join(lines, "\n")); b.take(k) {
		b.ctx.Inside = k
	}
}

// grow extends span by whole lines, one before and one after in turn, within
// limit and by at most room bytes.
func grow(s string, span, limit text.Span, room int) text.Span {
	up, down := true, true
	for up || down {
		if up {
			start := max(limit.Start, prevLine(s, span.Start))
			if up = start < span.Start && span.Start-start <= room; up {
				room -= span.Start - start
				span.Start = start
			}
		}
		if down {
			end := min(limit.End, nextLine(s, span.End))
			if down = end > span.End && end-span.End <= room; down {
				room -= end - span.End
				span.End = end
			}
		}
	}
	return span
}

// prevLine is the start of the line that ends right before off, or of the line
// that off is inside of; nextLine likewise the end.
func prevLine(s string, off int) int {
	if off <= 1 {
		return 0
	}
	return strings.LastIndexByte(s[:off-1], '\n') + 1
}

func nextLine(s string, off int) int {
	if i := strings.IndexByte(s[off:], '\n'); i >= 0 {
		return off + i + 1
	}
	return len(s)
}

// name is how the prompt calls a file.
func name(f *workspace.File) string { return f.Rel() }
