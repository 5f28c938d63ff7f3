package lsp

import (
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace"
)

func TestInstructionAt(t *testing.T) {
	// ‸ is the cursor; the lines between « and » are what is replaced.
	for _, c := range []struct{ name, src, want string }{
		{"line comment", "a\n«  // hob: a ‸table»\nb", "a table"},
		{"hash", "«# hob: do it‸»\r\nb", "do it"},
		{"dashes", "«-- HOB: count‸ rows»", "count rows"},
		{"goes on below", "«// hob: a table\n//   with sortable\n// columns‸»\ncode()", "a table with sortable columns"},
		{"cursor on the first of several", "«// hob: a ‸table\n// with columns»\n", "a table with columns"},
		{"next instruction is another", "«// hob: one‸»\n// hob: two\n", "one"},
		{"block", "x\n«/* hob: one ‸two */»\ny", "one two"},
		{"block over lines", "«/* hob: one\n * two\n * ‸three\n */»\ny", "one two three"},
		{"doc block", "«/** hob: one‸ */»", "one"},
		{"html", "«  <!-- hob: a form‸ -->»\n", "a form"},
		{"jsx", "<div>\n«  {/* hob: a ‸list */}»\n</div>", "a list"},
		{"after code it is no instruction of its own", "x := 1 // hob: ‸y\n", ""},
		{"code after the block", "/* hob: a‸ */ x()\n", ""},
		{"unclosed block", "/* hob: a‸\nx()\n", ""},
		{"nothing said", "// hob:‸\n\n", ""},
		{"another comment", "// see hob: ‸x\n", ""},
		{"cursor elsewhere", "// hob: a\n‸x()\n", ""},
		{"comment above code above", "// hob: a\nx()\n// y‸\n", ""},
	} {
		src := strings.NewReplacer("‸", "", "«", "", "»", "").Replace(c.src)
		cursor := strings.Index(strings.NewReplacer("«", "", "»", "").Replace(c.src), "‸")
		f := &workspace.File{Path: "/x", Text: src}
		in, ok := instructionAt(f, cursor)
		if ok != (c.want != "") || in.prompt != c.want {
			t.Errorf("%s: %q, %v, want %q", c.name, in.prompt, ok, c.want)
			continue
		}
		if !ok {
			continue
		}
		marked := strings.ReplaceAll(c.src, "‸", "")
		_, region, _ := strings.Cut(marked, "«")
		region, _, _ = strings.Cut(region, "»")
		if got := src[in.span.Start:in.span.End]; got != region {
			t.Errorf("%s: replaces %q, want %q", c.name, got, region)
		}
	}
}

func FuzzInstructionAt(f *testing.F) {
	for _, s := range []string{"// hob: a\n// b", "/* hob: x\n * y */\n", "<!--hob:-->", "# hob:\r\n#", "{/* hob: 😀 */}", "/*hob:a*/b", "\xff// hob: x"} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, src string, off int) {
		file := &workspace.File{Path: "/x", Text: src}
		in, ok := instructionAt(file, max(0, min(off, len(src))))
		if !ok {
			return
		}
		if in.span.Start < 0 || in.span.End > len(src) || in.span.Len() < len(marker) || in.prompt == "" {
			t.Fatalf("%q in %+v of %q", in.prompt, in.span, src)
		}
		if !strings.Contains(strings.ToLower(src[in.span.Start:in.span.End]), marker) {
			t.Errorf("replaces %q, which holds no instruction", src[in.span.Start:in.span.End])
		}
	})
}
