package prompt

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// declaration is one line of an outline.
type declaration struct {
	line  string
	level int
	span  text.Span
}

// declarations lists what a file declares, indented by depth. Variables inside
// functions are noise.
func (b *builder) declarations(f *workspace.File) []declaration {
	outline := b.outline(f)
	level := make([]int, len(outline))
	inCode := make([]bool, len(outline))
	out := make([]declaration, 0, len(outline))
	for i, sym := range outline {
		if sym.Parent >= 0 && sym.Parent < i {
			level[i] = level[sym.Parent] + 1
			k := outline[sym.Parent].Kind
			inCode[i] = inCode[sym.Parent] || k == syntax.Function || k == syntax.Method
		}
		if !inCode[i] {
			out = append(out, declaration{strings.Repeat("  ", level[i]) + syntax.Signature(f.Text, sym) + "\n", level[i], sym.Span})
		}
	}
	return out
}

func joined(ds []declaration) string {
	var out strings.Builder
	for _, d := range ds {
		out.WriteString(d.line)
	}
	return out.String()
}

// outline asks a file once per prompt, for a File made by hand keeps nothing.
func (b *builder) outline(f *workspace.File) []syntax.Symbol {
	if o, ok := b.outlines[f]; ok {
		return o
	}
	if b.outlines == nil {
		b.outlines = make(map[*workspace.File][]syntax.Symbol)
	}
	b.outlines[f] = f.Outline()
	return b.outlines[f]
}

// addOutline shows, within room bytes, what the region's file declares outside
// the part of it that is shown: all, else its top level, else of that what is
// closest to the region.
func (b *builder) addOutline(t, shown text.Span, room int) {
	f := b.in.File
	ds := slices.DeleteFunc(b.declarations(f), func(d declaration) bool { return shown.Contains(d.span) })
	if len(ds) == 0 {
		return
	}
	all := len(ds)
	room = min(room, b.left) - newBlock(name(f), "", "").size()
	if size(ds) > room {
		ds = slices.DeleteFunc(ds, func(d declaration) bool { return d.level > 0 })
	}
	ds = closest(ds, t, room)
	if len(ds) < all {
		b.drop("%s: %d of the %d declarations of its outline", name(f), all-len(ds), all)
	}
	if len(ds) == 0 {
		return
	}
	if k := newBlock(name(f), "", joined(ds)); b.take(k) {
		k.Part = len(ds) < all
		b.ctx.Outline = k
		b.source(f, text.Span{}, "outline")
	}
}

func size(ds []declaration) int {
	n := 0
	for _, d := range ds {
		n += len(d.line)
	}
	return n
}

// closest keeps as many declarations around t as room holds, taking one before
// and one after in turn.
func closest(ds []declaration, t text.Span, room int) []declaration {
	mid, _ := slices.BinarySearchFunc(ds, t, func(d declaration, t text.Span) int { return cmp.Compare(d.span.Start, t.Start) })
	from, to := mid, mid
	for up, down := true, true; up || down; {
		if up = up && from > 0 && len(ds[from-1].line) <= room; up {
			from--
			room -= len(ds[from].line)
		}
		if down = down && to < len(ds) && len(ds[to].line) <= room; down {
			room -= len(ds[to].line)
			to++
		}
	}
	return ds[from:to]
}

// addRelated shows related files by rank, within relatedTokens: whole while they
// are no more than half of the room that is left, else what they declare, as much
// of it as half of the room holds.
func (b *builder) addRelated() {
	const worthwhile = 160 // bytes
	room := min(b.left, b.bytes(relatedTokens))
	for _, f := range b.in.Related {
		if f == nil || f == b.in.File || blankText(f.Text) {
			continue
		}
		if whole := newBlock(name(f), edit.Tag(f.Language), f.Text); whole.size() <= room/2 && b.take(whole) {
			room -= whole.size()
			b.ctx.Related = append(b.ctx.Related, whole)
			b.source(f, text.Span{End: len(f.Text)}, "related")
			continue
		}
		around := newBlock(name(f), edit.Tag(f.Language), "").size()
		if room <= around { // an outline takes a look at all of the file
			b.drop("%s: a related file", name(f))
			continue
		}
		body := joined(b.declarations(f))
		if half := room/2 - around; len(body) > half && half >= worthwhile {
			body = body[:lineFloor(body, half)]
		}
		if k := newBlock(name(f), edit.Tag(f.Language), body); body != "" && k.size() <= room && b.take(k) {
			room -= k.size()
			k.Part = true
			b.ctx.Related = append(b.ctx.Related, k)
			b.source(f, text.Span{}, "related, what it declares")
			b.drop("%s: all but what it declares", name(f))
			continue
		}
		b.drop("%s: a related file", name(f))
	}
}
