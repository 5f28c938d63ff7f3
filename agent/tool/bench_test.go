package tool

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/workspacetest"
)

// BenchmarkTools gives the p50 and p99 of each tool on 10,000 files, in
// microseconds. The first use of names and relations, which reads all outlines,
// is not in it.
func BenchmarkTools(b *testing.B) {
	dir := workspacetest.Dir(b)
	words := []string{"Read", "Write", "Open", "Parse", "Index", "User", "Order", "Token", "Graph", "Node", "Path", "Query", "Cache", "Lock", "Event", "Frame", "Shape", "Pixel"}
	word := func(n int) string { return words[n%len(words)] }
	for i := range 10_000 {
		name := fmt.Sprintf("pkg%03d/sub%d/file%d.go", i%200, i%7, i)
		var text strings.Builder
		fmt.Fprintf(&text, "package sub%d\n\nimport \"fmt\"\n\n", i%7)
		for j := range 10 {
			name := fmt.Sprintf("%s%s%s%d", word(i*7+j), word(i/18+j*5), word(i/324), i)
			fmt.Fprintf(&text, "// %s does things.\nfunc %s(n int) string {\n\treturn fmt.Sprint(n, %d, shared%d)\n}\n\n", name, name, j, i%500)
		}
		put(b, dir, name, text.String())
	}
	w := open(b, dir)
	workspacetest.Apply(b, w, workspace.Change{Kind: workspace.DocOpen, Path: filepath.Join(dir, "pkg000/sub0/file0.go"), Text: "package sub0\n\nfunc Unsaved() {}\n"})
	v := View{Snapshot: w.Snapshot(), Diagnostics: found{{Path: filepath.Join(dir, "pkg001/sub1/file1.go"), Message: "bad"}}}
	for _, call := range [][2]string{
		{"read", `{"path": "pkg001/sub1/file1.go"}`},
		{"list", `{"path": "pkg001", "depth": 2}`},
		{"glob", `{"pattern": "**/file1*.go"}`},
		{"search", `{"pattern": "TokenGraphRead77"}`},
		{"search", `{"pattern": "shared4[0-9]+\\b", "regexp": true}`},
		{"search", `{"pattern": "nowhere at all"}`},
		{"symbols", `{"query": "TokenGraphRead77"}`},
		{"outline", `{"path": "pkg001/sub1/file1.go"}`},
		{"references", `{"name": "TokenGraphRead77", "path": "pkg001/sub1/file1.go"}`},
		{"related", `{"path": "pkg001/sub1/file1.go"}`},
		{"diagnostics", `{}`},
		{"diff", `{}`},
	} {
		b.Run(call[0]+" "+call[1], func(b *testing.B) {
			if _, err := use(b, v, call[0], call[1]); err != nil { // warms up
				b.Fatal(err)
			}
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				if _, err := use(b, v, call[0], call[1]); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[(len(took)-1)*99/100].Microseconds()), "p99-µs")
		})
	}
}
