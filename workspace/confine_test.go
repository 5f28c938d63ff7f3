package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConfine(t *testing.T) {
	top := tempDir(t)
	at := func(p string) string { return filepath.Join(top, filepath.FromSlash(p)) }
	put(t, at("root/src/a.go"), "x")
	put(t, at("root/src/é/ü.go"), "x")
	put(t, at("root/.git/config"), "x")
	put(t, at("root/.env"), "x")
	put(t, at("root/inner/secret/k"), "x")
	put(t, at("root-x/b"), "x")
	put(t, at("out/c"), "x")
	for at, to := range map[string]string{
		at("root/in"): "src", at("root/abs-in"): at("root/src"), at("root/out"): at("out"), at("root/out-file"): "../out/c",
		at("root/loop"): "loop", at("root/loop2"): "loop3", at("root/loop3"): "loop2", at("root/dangling"): "nowhere",
		at("root/dangling-out"): at("out/new"), at("root/env"): ".env", at("root/git"): ".git", at("alias"): at("root"), at("out/back"): at("root/src"),
		at("root/up"): "..", at("root/chain"): "in",
	} {
		if err := os.Symlink(to, at); err != nil {
			t.Fatal(err)
		}
	}
	w := open(t, Options{NoWatch: true, Exclude: []string{".env*", "*.pem", "secret/**", "private/"}}, at("root"), at("root/inner"))
	tests := []struct {
		path, want string
		err        error
	}{
		{at("root"), at("root"), nil},
		{at("root") + "/", at("root"), nil},
		{at("root/src/a.go"), at("root/src/a.go"), nil},
		{at("root") + "//src/./a.go", at("root/src/a.go"), nil},
		{at("root/src/é/ü.go"), at("root/src/é/ü.go"), nil},
		{at("root/src/e\u0301/x"), at("root/src/e\u0301/x"), nil},
		{at("root/new/deep/er/file.ts"), at("root/new/deep/er/file.ts"), nil},
		{at("root/in/a.go"), at("root/src/a.go"), nil},
		{at("root/in/new/file.go"), at("root/src/new/file.go"), nil},
		{at("root/abs-in/a.go"), at("root/src/a.go"), nil},
		{at("root/chain/a.go"), at("root/src/a.go"), nil},
		{at("alias/src/a.go"), at("root/src/a.go"), nil},
		{at("alias/new"), at("root/new"), nil},
		{at("out/back/a.go"), at("root/src/a.go"), nil},
		{at("root/.github/x"), at("root/.github/x"), nil},
		{at("root/.gitignore"), at("root/.gitignore"), nil},
		{at("root/console.ts"), at("root/console.ts"), nil},
		{at("root/com.go"), at("root/com.go"), nil},
		{at("root/COM10"), at("root/COM10"), nil},
		{at("root/secretary/x"), at("root/secretary/x"), nil},

		{"", "", ErrOutside},
		{"src/a.go", "", ErrOutside},
		{at("root/a\x00b"), "", ErrOutside},
		{at("root") + "/../root/src/a.go", "", ErrOutside},
		{at("root") + "/src/..", "", ErrOutside},
		{"/", "", ErrOutside},
		{top, "", ErrOutside},
		{at("root-x/b"), "", ErrOutside},
		{at("out/c"), "", ErrOutside},
		{at("ROOT/src/a.go"), "", ErrOutside},
		{at("root/out"), "", ErrOutside},
		{at("root/out/c"), "", ErrOutside},
		{at("root/out/new"), "", ErrOutside},
		{at("root/out-file"), "", ErrOutside},
		{at("root/up/out/c"), "", ErrOutside},
		{at("root/up/root/src/a.go"), at("root/src/a.go"), nil},
		{at("root/loop"), "", ErrOutside},
		{at("root/loop2/x"), "", ErrOutside},
		{at("root/dangling"), "", ErrOutside},
		{at("root/dangling-out"), "", ErrOutside},
		{at("root/dangling-out/x"), "", ErrOutside},
		{at("root/src/a.go/x"), "", ErrOutside},
		{at("root/" + strings.Repeat("n", 5000)), "", ErrOutside},

		{at("root/.git"), "", ErrOutside},
		{at("root/.git/config"), "", ErrOutside},
		{at("root/sub/.git/hooks/x"), "", ErrOutside},
		{at("root/.GIT/config"), "", ErrOutside},
		{at("root/.git./config"), "", ErrOutside},
		{at("root/.git /config"), "", ErrOutside},
		{at("root/.git::$INDEX_ALLOCATION/config"), "", ErrOutside},
		{at("root/.g\u200cit/config"), "", ErrOutside},
		{at("root/git~1/config"), "", ErrOutside},
		{at("root/git/config"), "", ErrOutside},
		{at("root/CON"), "", ErrOutside},
		{at("root/nul.txt"), "", ErrOutside},
		{at("root/aux /x"), "", ErrOutside},
		{at("root/x/Lpt1.log"), "", ErrOutside},
		{at("root/COM¹"), "", ErrOutside},
		{at("root/conout$"), "", ErrOutside},

		{at("root/.env"), "", ErrExcluded},
		{at("root/.ENV.local"), "", ErrExcluded},
		{at("root/env"), "", ErrExcluded},
		{at("root/x/y/key.PEM"), "", ErrExcluded},
		{at("root/secret/x"), "", ErrExcluded},
		{at("root/inner/secret/k"), "", ErrExcluded},
		{at("root/x/private/y"), "", ErrExcluded},
		{at("root/private"), "", ErrExcluded},
	}
	for _, tt := range tests {
		got, err := w.Snapshot().Confine(tt.path)
		if got != tt.want || !errors.Is(err, tt.err) || tt.err == nil && err != nil {
			t.Errorf("Confine(%.200q) = %q, %v; want %q, %v", tt.path, got, err, tt.want, tt.err)
		}
	}
}

// TestConfineLinkedRoot: the root itself may be a link, and its own links count.
func TestConfineLinkedRoot(t *testing.T) {
	top := tempDir(t)
	real := filepath.Join(top, "real")
	put(t, filepath.Join(real, "a"), "x")
	link := filepath.Join(top, "link")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	w := open(t, Options{NoWatch: true}, link)
	for _, p := range []string{filepath.Join(link, "a"), filepath.Join(real, "a")} {
		if got, err := w.Snapshot().Confine(p); err != nil || got != filepath.Join(real, "a") {
			t.Errorf("Confine(%q) = %q, %v", p, got, err)
		}
	}
	if _, err := w.Snapshot().Confine(filepath.Join(top, "b")); !errors.Is(err, ErrOutside) {
		t.Errorf("beside the root: %v", err)
	}
	// No roots, no way in.
	if _, err := New(t.Context(), Options{}).Snapshot().Confine(filepath.Join(real, "a")); !errors.Is(err, ErrOutside) {
		t.Errorf("without roots: %v", err)
	}
}
