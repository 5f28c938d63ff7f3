package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/workspace/index"
	"github.com/hob-ls/hob/workspace/text"
)

func source(lines int) string {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "\tx%d := compute(%d) // line %d\n", i, i*7, i)
	}
	return b.String()
}

// tree generates n files of a few KB in nested folders.
func tree(b *testing.B, n int) string {
	dir := tempDir(b)
	text := source(100)
	for i := range n {
		put(b, filepath.Join(dir, fmt.Sprint("p", i%20), fmt.Sprint("q", i%300), fmt.Sprintf("f%d.go", i)), text)
	}
	put(b, filepath.Join(dir, ".gitignore"), "*.o\nbuild/\nnode_modules/\n")
	return dir
}

// BenchmarkSnapshot: goal < 100 ns and no allocation.
func BenchmarkSnapshot(b *testing.B) {
	w := open(b, Options{})
	b.ReportAllocs()
	for b.Loop() {
		if w.Snapshot() == nil {
			b.Fatal("no snapshot")
		}
	}
}

// BenchmarkDocEdit10k is a whole didChange on a document of 10,000 lines: goal
// < 200 µs.
func BenchmarkDocEdit10k(b *testing.B) {
	w := open(b, Options{})
	doc := filepath.Join(tempDir(b), "big.go")
	apply(b, w, Change{Kind: DocOpen, Path: doc, Version: 1, Text: source(10_000)})
	version := int32(1)
	b.ReportAllocs()
	for b.Loop() {
		version++
		e := text.RangeEdit{Start: text.Position{Line: 5000, Character: 1}, End: text.Position{Line: 5000, Character: 2}, New: "y"}
		if version%50 == 0 {
			e = text.RangeEdit{Start: text.Position{Line: 10, Character: 0}, End: text.Position{Line: 10, Character: 0}, New: "\n"}
		}
		if err := w.Apply(Change{Kind: DocEdit, Path: doc, Version: version, Edits: []text.RangeEdit{e}}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScan: the first look at 5,000 files, and the later ones that find
// nothing new to read.
func BenchmarkScan(b *testing.B) {
	dir := tree(b, 5000)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			if ix, err := index.Scan(b.Context(), dir, index.Options{}); err != nil || ix.Stats().Held != 5001 {
				b.Fatal(err)
			}
		}
	})
	ix, err := index.Scan(b.Context(), dir, index.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			if ix, err = ix.Rescan(b.Context()); err != nil || ix.Stats().Held != 5001 {
				b.Fatal(err)
			}
		}
	})
	b.Run("refresh one", func(b *testing.B) {
		for b.Loop() {
			next, err := ix.Refresh(b.Context(), []string{"p1/q1/f1.go"})
			if err != nil || next.Stats().Held != 5001 {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRead: a file from memory, one that must be read through, and a
// listing of everything.
func BenchmarkRead(b *testing.B) {
	dir := tree(b, 5000)
	path := filepath.Join(dir, "p7", "q7", "f7.go")
	read := func(opts Options) func(b *testing.B) {
		return func(b *testing.B) {
			opts.NoWatch = true
			s := open(b, opts, dir).Snapshot()
			b.ReportAllocs()
			for b.Loop() {
				if f, err := s.File(path); err != nil || len(f.Text) == 0 {
					b.Fatal(err)
				}
			}
		}
	}
	b.Run("held", read(Options{Exclude: []string{".env*", "*.pem", "id_*", "*.key"}}))
	b.Run("through", read(Options{MaxMemory: 1}))
	b.Run("paths", func(b *testing.B) {
		s := open(b, Options{NoWatch: true}, dir).Snapshot()
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			for range s.Paths() {
				n++
			}
			if n != 5001 {
				b.Fatal(n)
			}
		}
	})
	b.Run("confine", func(b *testing.B) {
		s := open(b, Options{NoWatch: true}, dir).Snapshot()
		for b.Loop() {
			if _, err := s.Confine(path); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkOutsideChange: from the return of a write by another program until a
// snapshot shows it. Goals: p50 < 20 ms, p99 < 60 ms. The root is a link, as many
// are.
func BenchmarkOutsideChange(b *testing.B) {
	dir := filepath.Join(tempDir(b), "link")
	if err := os.Symlink(tree(b, 1000), dir); err != nil {
		b.Fatal(err)
	}
	w := open(b, Options{}, dir)
	watching(b, w)
	path := filepath.Join(dir, "p3", "q3", "f3.go")
	var took []time.Duration
	for b.Loop() {
		want := fmt.Sprint(len(took))
		put(b, path, want)
		begin := time.Now()
		eventually(b, "the change", func() bool {
			f, err := w.Snapshot().File(path)
			return err == nil && f.Text == want
		})
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
