package workspace

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

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
