package prompt

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace"
)

// However much is related and however large the budget, a region's prompt grows by
// relatedTokens at most, the first files are shown, and the file around the region
// keeps its place.
func TestRelatedIsBounded(t *testing.T) {
	in := bigInput(t)
	in.Related = nil
	const budget = 60_000
	alone, err := Build(in, budget, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		var src strings.Builder
		fmt.Fprintf(&src, "package r%d\n", i)
		for j := range 40 << (i % 4) {
			fmt.Fprintf(&src, "\nfunc Related%dOf%d(a, b, c int) int {\n\treturn a + b*c\n}\n", j, i)
		}
		in.Related = append(in.Related, file(fmt.Sprintf("r%d/r.go", i), src.String()))
	}
	p, err := Build(in, budget, 0)
	if err != nil {
		t.Fatal(err)
	}
	if grown := p.PrefixTokens - alone.PrefixTokens; grown > relatedTokens || grown < relatedTokens/2 {
		t.Errorf("grown by %d tokens", grown)
	}
	if first := "Related file r0/r.go"; !strings.Contains(p.Messages[1].Content, first) {
		t.Errorf("no %q", first)
	}
	for _, s := range alone.Sources {
		if s.Why != "outline" && !contains(p.Sources, s) {
			t.Errorf("%+v gave way to related files", s)
		}
	}
	small := in
	small.Related = []*workspace.File{file("a.go", "package a\n\nfunc A() {}\n"), in.Related[3]}
	if p, err = Build(small, budget, 0); err != nil || !strings.Contains(p.Messages[1].Content, "func A() {}\n") || !strings.Contains(p.Messages[1].Content, "r3/r.go, what it declares") {
		t.Errorf("a small file is shown whole, a large one by its outline: %v", err)
	}
}

func contains(list []Source, s Source) bool {
	for _, o := range list {
		if o == s {
			return true
		}
	}
	return false
}
