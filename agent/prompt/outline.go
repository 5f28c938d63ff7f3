package prompt

import (
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// maxSignature is how much of a declaration the outline shows, in bytes.
const maxSignature = 120

// signature is the first line of a declaration, without the brace it ends with.
func signature(src string, sym syntax.Symbol) string {
	line, _, _ := strings.Cut(src[sym.Span.Start:sym.Span.End], "\n")
	line = strings.TrimSpace(line)
	line = strings.TrimSpace(strings.TrimSuffix(line, "{"))
	return clip(line, maxSignature)
}

// outlineText lists what a file declares, a line each, indented by depth: at
// depth 0 only the top level. Variables inside functions are noise.
func outlineText(f *workspace.File, depth int) string {
	outline := f.Outline()
	level := make([]int, len(outline))
	inCode := make([]bool, len(outline))
	var b strings.Builder
	for i, sym := range outline {
		if sym.Parent >= 0 && sym.Parent < i {
			level[i] = level[sym.Parent] + 1
			k := outline[sym.Parent].Kind
			inCode[i] = inCode[sym.Parent] || k == syntax.Function || k == syntax.Method
		}
		if level[i] > depth || inCode[i] {
			continue
		}
		b.WriteString(strings.Repeat("  ", level[i]))
		b.WriteString(signature(f.Text, sym))
		b.WriteByte('\n')
	}
	return b.String()
}

// addOutline shows what the region's file declares within room bytes, leaving
// out inner levels first, and returns the bytes taken.
func (b *builder) addOutline(room int) int {
	f := b.in.File
	for _, depth := range []int{3, 0} {
		body := outlineText(f, depth)
		if body == "" {
			return 0
		}
		if k := newBlock(name(f), "", body); k.size() <= room && b.take(k) {
			b.ctx.Outline = k
			b.source(f, text.Span{}, "outline")
			return k.size()
		}
	}
	b.drop("%s: its outline", name(f))
	return 0
}

// addRelated shows related files by rank: whole while they are no more than half
// of the room that is left, else what they declare.
func (b *builder) addRelated() {
	for _, f := range b.in.Related {
		if f == nil || f == b.in.File || blankText(f.Text) {
			continue
		}
		whole := newBlock(name(f), f.Language, f.Text)
		if whole.size() <= b.left/2 && b.take(whole) {
			b.ctx.Related = append(b.ctx.Related, whole)
			b.source(f, text.Span{End: len(f.Text)}, "related")
			continue
		}
		if body := outlineText(f, 3); body != "" {
			if k := newBlock(name(f), f.Language, body); b.take(k) {
				k.Part = true
				b.ctx.Related = append(b.ctx.Related, k)
				b.source(f, text.Span{}, "related, what it declares")
				b.drop("%s: all but what it declares", name(f))
				continue
			}
		}
		b.drop("%s: a related file", name(f))
	}
}
