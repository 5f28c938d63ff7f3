package index

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// isolate keeps the user's own git configuration out of a test and returns the
// home folder of the test.
func isolate(tb testing.TB) string {
	tb.Helper()
	home := tb.TempDir()
	for k, v := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": "", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": "",
		"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@t", "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@t",
	} {
		if s, ok := tb.(interface{ Setenv(k, v string) }); ok {
			s.Setenv(k, v)
		}
	}
	return home
}

func git(tb testing.TB, dir string, args ...string) string {
	tb.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func write(tb testing.TB, root, rel, content string) {
	tb.Helper()
	path := filepath.Join(root, filepath.FromSlash(rel))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// gitList is what git lists below dir and what is still there as file or link.
func gitList(tb testing.TB, dir string) []string {
	tb.Helper()
	cmd := exec.Command("git", "ls-files", "-co", "--exclude-standard", "-z")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("git ls-files: %v", err)
	}
	var list []string
	for rel := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		typ, err := lstatBelow(dir, strings.TrimSuffix(rel, "/"))
		if rel == "" || err != nil || !typ.IsRegular() && typ&os.ModeSymlink == 0 {
			continue
		}
		list = append(list, rel)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func list(ix *Index) []string {
	var got []string
	for e := range ix.All() {
		got = append(got, e.Rel)
	}
	return got
}

func scanDir(tb testing.TB, dir string) *Index {
	tb.Helper()
	ix, err := Scan(tb.Context(), dir, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return ix
}

// checkGit compares the index of dir with git, from the top and from below.
func checkGit(tb testing.TB, dir string) *Index {
	tb.Helper()
	ix := scanDir(tb, dir)
	if diff := cmp.Diff(gitList(tb, dir), list(ix)); diff != "" {
		tb.Errorf("%s: git has (-), index has (+):\n%s", dir, diff)
	}
	return ix
}

// TestGit holds the rules of gitignore(5) one by one, and what libraries get wrong.
func TestGit(t *testing.T) {
	tests := []struct {
		name   string
		ignore map[string]string // ignore file -> text; "global" and "info" are the special ones
		files  []string
		track  []string // added with -f
	}{
		{"names at any depth", map[string]string{".gitignore": "a\n*.log\n"}, []string{"a", "x/a", "x/b", "x/y/z.log", "log"}, nil},
		{"anchored", map[string]string{".gitignore": "/a\nx/b\n"}, []string{"a", "x/a", "x/b", "y/x/b"}, nil},
		{"folders only", map[string]string{".gitignore": "a/\nx/b/\n"}, []string{"a/f", "y/a", "x/b", "y/b/f"}, nil},
		{"negation", map[string]string{".gitignore": "*.txt\n!keep.txt\n!sub/\n!sub\n"}, []string{"a.txt", "keep.txt", "sub/a.txt", "sub/keep.txt"}, nil},
		{"no way back into an ignored folder", map[string]string{".gitignore": "dir/\n!dir/x\n"}, []string{"dir/x", "dir/y"}, nil},
		{"a way back by stars", map[string]string{".gitignore": "dir/**\n!dir/x\n!dir/sub/\n"}, []string{"dir/x", "dir/y", "dir/sub/z", "dir/x2/x"}, nil},
		{"whitelist", map[string]string{".gitignore": "/*\n!/src\n/src/*\n!/src/keep\n"}, []string{"a", "src/b", "src/keep/c"}, nil},
		{"everything but go", map[string]string{".gitignore": "*\n!*/\n!*.go\n"}, []string{"a.go", "a.txt", "x/b.go", "x/b.txt"}, nil},
		{
			"double stars",
			map[string]string{".gitignore": "**/a/b\nc/**/d\n**/e\nf/**\ng**h\n**.q\ni**/j\n"},
			[]string{"a/b", "x/a/b", "c/d", "c/x/d", "c/x/y/d", "e", "x/e", "f/x/y", "gxh", "g/h", "x.q", "y/x.q", "i/j", "ix/j", "ix/y/j"},
			nil,
		},
		{
			"classes",
			map[string]string{".gitignore": "[ab]c\n[!x]y\n[^x]z\n[a-c]1\n[]]2\n[[:digit:]]3\n[a\\]]4\nweird[.txt\n[[:nope:]]5\n[a-]6\n[\\a-\\c]7\n"},
			[]string{"ac", "cc", "ay", "xy", "az", "xz", "b1", "d1", "]2", "93", "a3", "]4", "weird[.txt", "n5", "-6", "b6", "b7"},
			nil,
		},
		{"escapes", map[string]string{".gitignore": "\\#a\n\\!b\n#c\nd\\*\ne\\ \nf   \ng\\\n\\h\n"}, []string{"#a", "!b", "#c", "d*", "dx", "e ", "e", "f", "g", "g\\", "h"}, nil},
		{"odd lines", map[string]string{".gitignore": "\uFEFFa\r\nb\r\n\n   \n/\n!\n//\nc/\r\n/ \n"}, []string{"a", "b", "c/x", "d", " "}, nil},
		{"question marks are bytes", map[string]string{".gitignore": "?\n??x\n"}, []string{"a", "é", "éx", "abx", "aéx"}, nil},
		{"no newline at the end", map[string]string{".gitignore": "a\nb"}, []string{"a", "b", "c"}, nil},
		{
			"nested",
			map[string]string{".gitignore": "*.o\nx/y\n", "x/.gitignore": "!*.o\n/b\n", "x/y/.gitignore": "!*\n", "z/.gitignore": "!y\n*\n"},
			[]string{"a.o", "x/a.o", "x/b", "x/c/b", "x/y/k", "z/y", "z/w"},
			nil,
		},
		{"info and global", map[string]string{"global": "*.g\n*.i\n", "info": "!a.g\n*.j\n", ".gitignore": "!b.j\n"}, []string{"a.g", "b.g", "a.i", "a.j", "b.j"}, nil},
		{"tracked though ignored", map[string]string{".gitignore": "*.o\nbuild/\n"}, []string{"a.o", "b.o", "build/x", "build/y", "build/z/w"}, []string{"a.o", "build/x", "build/z/w"}},
		{"odd names", map[string]string{".gitignore": "sp ace\n"}, []string{"sp ace", "new\nline", "ta\tb", "\"q\"", "back\\slash", "é", "e\u0301", "\xff\xfe", "-dash", " lead"}, nil},
		{"order of paths", nil, []string{"a/b/c", "a-b", "a.b", "a0", "a/b-c", "a/b.c", "ab", "A"}, nil},
		{"slash in the middle with wildcard", map[string]string{".gitignore": "x/*.c\n*/y.d\n?/z.e\n"}, []string{"x/a.c", "x/q/a.c", "w/x/a.c", "q/y.d", "q/r/y.d", "a/z.e", "ab/z.e"}, nil},
		{"many stars", map[string]string{".gitignore": "a*a*a*a*a*a*a*a*b\n*a*/c*\n"}, []string{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", "aaaaaaaaab", "ba/cd"}, nil},
		{"git folders and files", map[string]string{".gitignore": "!.git\n"}, []string{"x/.git/config", "y/.git", ".github/w", ".gitx"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			home, dir := isolate(t), t.TempDir()
			git(t, dir, "init", "-q")
			for name, text := range tt.ignore {
				switch name {
				case "global":
					write(t, home, ".config/git/ignore", text)
				case "info":
					write(t, dir, ".git/info/exclude", text)
				default:
					write(t, dir, name, text)
				}
			}
			for _, f := range tt.files {
				if strings.HasSuffix(f, "/.git/config") || strings.HasSuffix(f, "/.git") {
					write(t, dir, f, "no repository")
					continue
				}
				write(t, dir, f, "x")
			}
			for _, f := range tt.track {
				git(t, dir, "add", "-f", "--", f)
			}
			checkGit(t, dir)
		})
	}
}

func TestGitSpecial(t *testing.T) {
	home, dir := isolate(t), t.TempDir()
	git(t, dir, "init", "-q")
	write(t, dir, "real/f.txt", "x")
	write(t, dir, ".gitignore", "lnk/\nhid\n*.tmp\n")
	for to, at := range map[string]string{"real": "lnk", "real/f.txt": "file-link", "/etc": "outside", "nowhere": "dangling", ".": "loop"} {
		if err := os.Symlink(to, filepath.Join(dir, at)); err != nil {
			t.Fatal(err)
		}
	}
	// A repository inside, one that is tracked as a submodule, and a work tree.
	for _, sub := range []string{"nested", "module"} {
		write(t, dir, sub+"/in.txt", "x")
		git(t, filepath.Join(dir, sub), "init", "-q")
		git(t, filepath.Join(dir, sub), "add", ".")
		git(t, filepath.Join(dir, sub), "commit", "-qm", "x")
	}
	git(t, dir, "add", "module", "real")
	git(t, dir, "commit", "-qm", "x")
	git(t, dir, "worktree", "add", "-q", filepath.Join(home, "tree"))
	write(t, home, "tree/real/new.tmp", "x")
	write(t, home, "tree/real/new.txt", "x")
	write(t, home, "my.ignore", "*.mine\n/top\n")
	git(t, dir, "config", "core.excludesFile", "~/my.ignore")
	write(t, dir, "a.mine", "x")
	write(t, dir, "sub/deep/b.mine", "x")
	write(t, dir, "sub/deep/top", "x")
	write(t, dir, "sub/deep/c.tmp", "x")
	write(t, dir, "sub/deep/c.txt", "x")
	checkGit(t, dir)
	checkGit(t, filepath.Join(dir, "sub"))
	checkGit(t, filepath.Join(dir, "sub", "deep"))
	checkGit(t, filepath.Join(home, "tree"))
	// Versions 4 and 2 of the index file.
	for i := range 40 {
		write(t, dir, fmt.Sprintf("many/%d/ignored%d.tmp", i%7, i), "x")
	}
	git(t, dir, "add", "-f", "many")
	for _, v := range []string{"4", "2", "3"} {
		git(t, dir, "update-index", "--index-version", v)
		checkGit(t, dir)
	}
	if err := os.RemoveAll(filepath.Join(dir, "many", "3")); err != nil {
		t.Fatal(err)
	}
	checkGit(t, dir)
	git(t, dir, "add", "-N", "sub/deep/c.txt") // an extended flag: version 3
	checkGit(t, dir)
}

// TestGitIndexLeadsOut: an index that git would not have written, as in an archive
// that somebody made, lists nothing outside of the folder.
func TestGitIndexLeadsOut(t *testing.T) {
	isolate(t)
	dir := t.TempDir()
	write(t, dir, "secret.txt", "secret")
	root := filepath.Join(dir, "root")
	write(t, root, "sub/a.txt", "a")
	git(t, root, "init", "-q")
	paths := []string{"../secret.txt", "sub/../../secret.txt", "./sub/a.txt", filepath.Join(dir, "secret.txt"), "sub/a.txt", "sub//a.txt"}
	index := binary.BigEndian.AppendUint32([]byte("DIRC\x00\x00\x00\x02"), uint32(len(paths)))
	for _, p := range paths {
		e := make([]byte, 62, 72+len(p))
		binary.BigEndian.PutUint32(e[24:], 0o100644)
		binary.BigEndian.PutUint16(e[60:], uint16(len(p)))
		e = append(e, p...)
		index = append(index, append(e, make([]byte, 8-len(e)%8)...)...)
	}
	write(t, root, ".git/index", string(index)+strings.Repeat("x", 20))
	write(t, root, ".gitignore", "*\n")
	ix := scanDir(t, root)
	if got := list(ix); !slices.Equal(got, []string{"sub/a.txt"}) {
		t.Errorf("listed %q", got)
	}
	if ix.Stale() {
		t.Error("stale at once")
	}
}

func TestGitSHA256(t *testing.T) {
	isolate(t)
	dir := t.TempDir()
	git(t, dir, "init", "-q", "--object-format=sha256")
	write(t, dir, ".gitignore", "*.o\n")
	write(t, dir, "a.o", "x")
	write(t, dir, "b.o", "x")
	git(t, dir, "add", "-f", "a.o")
	checkGit(t, dir)
}

// TestGitSplitIndex: a shared index with a split one over it, and all that can
// happen to their entries.
func TestGitSplitIndex(t *testing.T) {
	for _, version := range []string{"2", "4"} {
		t.Run("version "+version, func(t *testing.T) {
			isolate(t)
			dir := t.TempDir()
			git(t, dir, "init", "-q")
			git(t, dir, "config", "splitIndex.maxPercentChange", "100")
			write(t, dir, ".gitignore", "*.o\nbuild/\n")
			for i := range 200 {
				write(t, dir, fmt.Sprintf("build/%03d", i), "x")
				write(t, dir, fmt.Sprintf("src/%03d.o", i), "x")
			}
			git(t, dir, "add", "-f", "build", "src/001.o")
			git(t, dir, "update-index", "--index-version", version)
			git(t, dir, "update-index", "--split-index")
			checkGit(t, dir)
			git(t, dir, "add", "-f", "src/100.o", "src/199.o")              // added
			git(t, dir, "rm", "-q", "--cached", "build/000", "build/150")   // deleted
			git(t, dir, "rm", "-q", "-r", "--cached", "build/06*")          // a run of them
			write(t, dir, "build/010", "changed")                           // replaced
			git(t, dir, "update-index", "--chmod=+x", "build/011", "--add") // replaced
			git(t, dir, "add", "-f", "build/010")
			ix := checkGit(t, dir)
			if !ix.Has("src/199.o") || ix.Has("build/150") || !ix.Has("build/010") {
				t.Error("what is tracked was not read")
			}
			// The shared index is gone: nothing of it is tracked, nothing fails.
			shared, err := filepath.Glob(filepath.Join(dir, ".git", "sharedindex.*"))
			if err != nil || len(shared) == 0 {
				t.Fatal("git made no shared index")
			}
			for _, path := range shared {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			}
			if got := scanDir(t, dir); !got.Has("src/199.o") || got.Has("build/100") {
				t.Error("without the shared index")
			}
		})
	}
}

// TestStale: what is listed depends on files that lie elsewhere.
func TestStale(t *testing.T) {
	home, top := isolate(t), t.TempDir()
	git(t, top, "init", "-q")
	dir := filepath.Join(top, "sub")
	write(t, top, "sub/.gitignore", "*.o\n")
	for _, f := range []string{"a.o", "b.o", "c.txt", "x/d.o"} {
		write(t, dir, f, "x")
	}
	ix := scanDir(t, dir)
	steps := []struct {
		name  string
		do    func()
		stale bool
	}{
		{"nothing", func() {}, false},
		{"add what is listed anyway", func() { git(t, dir, "add", "c.txt") }, false},
		{"add -f", func() { git(t, dir, "add", "-f", "a.o", "x/d.o") }, true},
		{"rm --cached", func() { git(t, dir, "rm", "-q", "--cached", "a.o") }, true},
		{"commit", func() { git(t, dir, "commit", "-qm", "x") }, false},
		{"a global excludes file", func() { write(t, home, ".config/git/ignore", "*.txt\n") }, true},
		{"info/exclude", func() { write(t, top, ".git/info/exclude", "!b.o\n") }, true},
		{"an ignore file above", func() { write(t, top, ".gitignore", "*.c\n") }, true},
		{"a hobignore above", func() { write(t, top, ".hobignore", "*.md\n") }, true},
		{"the configuration", func() { git(t, dir, "config", "core.excludesFile", "/nothing") }, true},
		{"the user's configuration", func() { git(t, dir, "config", "--global", "core.ignoreCase", "true") }, true},
	}
	for _, step := range steps {
		step.do()
		if got := ix.Stale(); got != step.stale {
			t.Errorf("%s: stale is %v", step.name, got)
		}
		var err error
		if ix, err = ix.Rescan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(gitList(t, dir), list(ix)); diff != "" {
			t.Errorf("%s: git has (-), index has (+):\n%s", step.name, diff)
		}
		if ix.Stale() {
			t.Errorf("%s: stale right after a scan", step.name)
		}
	}
	if sources := ix.Sources(); !slices.Contains(sources, filepath.Join(top, ".git", "index")) || !slices.Contains(sources, filepath.Join(home, ".gitconfig")) {
		t.Errorf("sources: %q", sources)
	}
}
