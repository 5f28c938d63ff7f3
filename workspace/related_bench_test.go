package workspace

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/workspace/index"
)

// importingTree generates a project of n Go and TypeScript files in folders of
// about thirty that import each other.
func importingTree(b *testing.B, n int) (dir, goFile, tsFile string) {
	dir = tempDir(b)
	put(b, filepath.Join(dir, "go.mod"), "module example.com/big\n")
	put(b, filepath.Join(dir, "tsconfig.json"), `{"compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["web/*"]}}}`)
	body, script := source(60), strings.Repeat("  const row = table.rows.map((r) => r.cells.join(', ')) // one line\n", 60)
	for i := range n / 2 {
		p := i / 30
		var src strings.Builder
		fmt.Fprintf(&src, "package p%d\n\nimport (\n\t\"fmt\"\n", p)
		for j := range 4 {
			fmt.Fprintf(&src, "\t\"example.com/big/src/p%d\"\n", (p*7+j*13+i)%max(1, n/60))
		}
		fmt.Fprintf(&src, ")\n\nfunc Do%d() {\n\tp%d.Do%d()\n\tDo%d()\n%s}\n\ntype T%d struct{}\n", i, (p*7+i)%max(1, n/60), i%30, i+1, body, i)
		put(b, filepath.Join(dir, "src", fmt.Sprint("p", p), fmt.Sprintf("file%d.go", i)), src.String())
		ts := fmt.Sprintf("import { a } from '@/c%d/view%d'\nimport b from './view%d'\nimport utils from '../utils'\nexport function View%d() {\n%s}\n",
			(p*3+i)%max(1, n/60), i%30, i+1, i, script)
		put(b, filepath.Join(dir, "web", fmt.Sprint("c", p), fmt.Sprintf("view%d.ts", i)), ts)
	}
	put(b, filepath.Join(dir, "web/utils.ts"), "export default 1\n")
	return dir, filepath.Join(dir, "src/p3/file95.go"), filepath.Join(dir, "web/c3/view95.ts")
}

// BenchmarkNames on 10,000 files: the first look, what related files take meanwhile, later
// looks.
func BenchmarkNames(b *testing.B) {
	dir, goPath, _ := importingTree(b, 10_000)
	for _, query := range []string{"Do777", "vw77", "t", "nowhere"} {
		b.Run(query, func(b *testing.B) {
			s := open(b, Options{NoWatch: true}, dir).Snapshot()
			f, err := s.File(goPath)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := s.Related(b.Context(), f, 8); err != nil {
				b.Fatal(err)
			}
			began := time.Now()
			done := make(chan error, 1)
			go func() {
				_, err := s.Names(b.Context(), query, 50)
				done <- err
			}()
			var meanwhile []time.Duration
			for err = errClosed; errors.Is(err, errClosed); {
				select {
				case err = <-done:
				case <-time.After(time.Millisecond):
					at := time.Now()
					if _, err := s.Related(b.Context(), f, 8); err != nil {
						b.Fatal(err)
					}
					meanwhile = append(meanwhile, time.Since(at))
				}
			}
			if err != nil {
				b.Fatal(err)
			}
			first := time.Since(began)
			slices.Sort(meanwhile)
			for b.Loop() {
				if l, err := s.Names(b.Context(), query, 50); err != nil || (len(l) == 0) != (query == "nowhere") {
					b.Fatal(len(l), err)
				}
			}
			b.ReportMetric(float64(first.Milliseconds()), "ms-first")
			b.ReportMetric(float64(meanwhile[len(meanwhile)*99/100].Microseconds())/1000, "ms-related-meanwhile-p99")
		})
	}
}

// BenchmarkReferences on 10,000 files: a name in a few of them, and one in half of them.
func BenchmarkReferences(b *testing.B) {
	dir, _, _ := importingTree(b, 10_000)
	s := open(b, Options{NoWatch: true}, dir).Snapshot()
	for _, name := range []string{"Do777", "compute"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if l, err := s.References(b.Context(), name, "go", 0); err != nil || len(l) < 1 {
					b.Fatal(len(l), err)
				}
			}
		})
	}
}

// BenchmarkRelated: goal < 5 ms on 10,000 files after the first use, and for what
// a job waits for (near) < 1 ms on 500, the first time too.
func BenchmarkRelated(b *testing.B) {
	for _, n := range []int{500, 10_000} {
		dir, goPath, tsPath := importingTree(b, n)
		utils := filepath.Join(dir, "web/utils.ts")
		for _, tt := range []struct{ name, path string }{{"go", goPath}, {"ts", tsPath}, {"imported-by-half", utils}} {
			w := open(b, Options{NoWatch: true}, dir)
			s := w.Snapshot()
			f, err := s.File(tt.path)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprint(n, "/", tt.name, "/near"), func(b *testing.B) {
				began := time.Now()
				s.Near(f, 8)
				first := time.Since(began)
				for b.Loop() {
					if l := s.Near(f, 8); len(l) == 0 && f.Path != utils {
						b.Fatal("nothing near")
					}
				}
				b.ReportMetric(float64(first.Microseconds()), "µs-first")
			})
			b.Run(fmt.Sprint(n, "/", tt.name, "/related"), func(b *testing.B) {
				began := time.Now()
				if _, err := s.Related(b.Context(), f, 8); err != nil {
					b.Fatal(err)
				}
				first := time.Since(began)
				var took []time.Duration
				for b.Loop() {
					at := time.Now()
					if l, err := s.Related(b.Context(), f, 8); err != nil || len(l) == 0 {
						b.Fatal(err)
					}
					took = append(took, time.Since(at))
				}
				slices.Sort(took)
				b.ReportMetric(float64(first.Milliseconds()), "ms-first")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
			})
			if tt.name != "go" || n < 10_000 {
				continue
			}
			b.Run(fmt.Sprint(n, "/", tt.name, "/related-after-change"), func(b *testing.B) {
				other := filepath.Join(dir, "src/p4/file125.go")
				r := s.roots[0]
				e, _ := r.ix.Get("src/p4/file125.go")
				if e == nil {
					b.Fatal(other)
				}
				indexes := [2]*Snapshot{s, replaced(s, e.Rel)}
				for i := 0; b.Loop(); i++ {
					if l, err := indexes[i%2].Related(b.Context(), f, 8); err != nil || len(l) == 0 {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// replaced is a snapshot in which the index has another entry for the file at rel.
func replaced(s *Snapshot, rel string) *Snapshot {
	next, r := *s, *s.roots[0]
	e, _ := r.ix.Get(rel)
	r.ix = r.ix.With(index.Change{Rel: rel, Entry: &index.Entry{
		Path: e.Path, Rel: e.Rel, Kind: e.Kind, Size: e.Size + 1, ModTime: e.ModTime, Held: true, Text: e.Text + "\n",
	}})
	next.roots = []*rootState{&r}
	return &next
}
