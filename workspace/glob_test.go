package workspace

import (
	"errors"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/google/go-cmp/cmp"
)

func TestGlob(t *testing.T) {
	top := tempDir(t)
	for _, f := range []string{"a/x.go", "a/sub/y.go", "a/sub/y.ts", "a/.env", "b/x.go"} {
		put(t, filepath.Join(top, f), "x")
	}
	s := open(t, Options{NoWatch: true, Exclude: []string{".env"}}, filepath.Join(top, "a"), filepath.Join(top, "b")).Snapshot()
	for _, tt := range []struct {
		in, out []string
		want    []string
	}{
		{nil, nil, []string{"a/sub/y.go", "a/sub/y.ts", "a/x.go", "b/x.go"}},
		{[]string{"*.go"}, nil, []string{"a/sub/y.go", "a/x.go", "b/x.go"}},
		{[]string{"/*.go"}, nil, []string{"a/x.go", "b/x.go"}},
		{[]string{"sub", ".env"}, []string{"*.ts"}, []string{"a/sub/y.go"}},
	} {
		paths, err := s.Glob(tt.in, tt.out)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for p := range paths {
			rel, _ := filepath.Rel(top, p)
			got = append(got, rel)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q without %q:\n%s", tt.in, tt.out, diff)
		}
		if again := slices.Collect(paths); len(again) != len(got) {
			t.Errorf("the second time %d paths", len(again))
		}
	}
	for _, bad := range [][2][]string{{{"[a"}, nil}, {nil, {""}}} {
		if _, err := s.Glob(bad[0], bad[1]); !errors.Is(err, ErrQuery) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Under and Glob give what going through all paths gives, whatever lies in what.
func TestUnderAndGlobRandomly(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	names := []string{"a", "b", "a.go", "b.ts", "ab", "a-b", "x.test.ts"}
	pick := func(n int) string {
		parts := make([]string, 1+rnd.IntN(n))
		for i := range parts {
			parts[i] = names[rnd.IntN(len(names))]
		}
		return strings.Join(parts, "/")
	}
	patterns := []string{"*.go", "**/*.go", "a", "a/**", "/a/*", "**/a/*.go", "a/*/b.ts", "{a,b}*", "**/x.test.*", "**", "**/", "a-b", "**/a", "nothing"}
	for range 15 {
		top := tempDir(t)
		for range 30 {
			path := filepath.Join(top, pick(4))
			if os.MkdirAll(filepath.Dir(path), 0o755) == nil {
				_ = os.WriteFile(path, []byte("x"), 0o600) // where a folder is in the way there is no file
			}
		}
		roots := []string{top, filepath.Join(top, "a"), filepath.Join(top, "b", "a")}[:1+rnd.IntN(3)]
		if rnd.IntN(4) == 0 {
			roots = roots[len(roots)-1:]
		}
		roots = slices.DeleteFunc(roots, func(dir string) bool { info, err := os.Stat(dir); return err != nil || !info.IsDir() })
		w := open(t, Options{NoWatch: true, Exclude: []string{"ab"}}, roots...)
		for range rnd.IntN(5) {
			apply(t, w, Change{Kind: DocOpen, Path: filepath.Join(top, pick(3)), Text: "x"})
		}
		s := w.Snapshot()
		all := slices.Collect(s.Paths())
		if !slices.IsSorted(all) {
			t.Fatalf("not sorted: %q", all)
		}
		for range 20 {
			dir := filepath.Join(top, pick(3))
			if rnd.IntN(5) == 0 {
				dir = top
			}
			var want []string
			for _, p := range all {
				if strings.HasPrefix(p, dir+string(filepath.Separator)) {
					want = append(want, p)
				}
			}
			if diff := cmp.Diff(want, slices.Collect(s.Under(dir))); diff != "" {
				t.Fatalf("under %s of %q:\n%s", dir, roots, diff)
			}
		}
		for _, pattern := range patterns {
			paths, err := s.Glob([]string{pattern}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, p := range all {
				if slowGlob(pattern, (&File{Path: p, Root: s.RootOf(p)}).Rel()) {
					want = append(want, p)
				}
			}
			if diff := cmp.Diff(want, slices.Collect(paths)); diff != "" {
				t.Fatalf("%s in %q:\n%s", pattern, roots, diff)
			}
		}
	}
}

// slowGlob is the verdict of a pattern about a file by the definition: that it, or
// a folder above it, fits by its path where the pattern has a slash, else by its name.
func slowGlob(pattern, rel string) bool {
	pattern = strings.TrimSuffix(pattern, "/")
	rooted := strings.Contains(pattern, "/")
	for ; rel != "."; rel = path.Dir(rel) {
		name := path.Base(rel)
		if rooted {
			name = rel
		}
		if ok, _ := doublestar.Match(strings.TrimPrefix(pattern, "/"), name); ok {
			return true
		}
	}
	return false
}

// Saved is the disk under an open document.
func TestSaved(t *testing.T) {
	dir := tempDir(t)
	saved := put(t, filepath.Join(dir, "a.txt"), "disk")
	put(t, filepath.Join(dir, ".gitignore"), "ignored\n")
	ignored := put(t, filepath.Join(dir, "ignored"), "x")
	w := open(t, Options{NoWatch: true, Exclude: []string{".env"}}, dir)
	for _, p := range []string{saved, ignored, filepath.Join(dir, "new.txt"), put(t, filepath.Join(dir, ".env"), "x")} {
		apply(t, w, Change{Kind: DocOpen, Path: p, Text: "editor"})
	}
	s := w.Snapshot()
	if f, err := s.Saved(saved); err != nil || f.Text != "disk" || f.Open {
		t.Errorf("%+v, %v", f, err)
	}
	for p, want := range map[string]error{
		ignored: ErrNotFound, filepath.Join(dir, "new.txt"): ErrNotFound, filepath.Join(dir, ".env"): ErrExcluded,
		"/elsewhere": ErrOutside, "relative": ErrOutside,
	} {
		if _, err := s.Saved(p); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", p, err, want)
		}
	}
}
