package index

import (
	"crypto/sha1" //nolint:gosec // what git's index file ends with
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var rounds = flag.Int("rounds", 200, "random repositories that are compared with git")

// words make paths and patterns that have much to do with one another.
var words = []string{
	"a", "b", "ab", "abc", "a.c", "b.c", "src", "x-y", "a b", "é", "e\u0301", "[a]", "#x", "!y", "*z", "q\\r", ".h",
	"A", "B.C", "Src", "end ", "new\nline", "\xff", "tab\t", "-", "ſ", "日本",
}

func randomPath(r *rand.Rand) string {
	parts := make([]string, 1+r.IntN(4))
	for i := range parts {
		// Mostly the first ones, so that names meet again.
		parts[i] = words[min(r.IntN(len(words)), r.IntN(len(words)))]
	}
	return strings.Join(parts, "/")
}

func randomPattern(r *rand.Rand) string {
	pieces := []string{
		"*", "**", "?", "/", "/", "[a-c]", "[!b]", "[^A]", "\\", "[", "]", "!", " ", "#", "a", "b", "c", "A", ".c", "src", "**/", "/**",
		"[[:alpha:]]", "[[:upper:]]", "[A-C]", "[\\a]", "é", "-", "\\A", "*.c", "\r", "\t", "***",
	}
	var b strings.Builder
	if r.IntN(4) == 0 {
		b.WriteString("!")
	}
	if r.IntN(3) == 0 {
		b.WriteString(strings.ReplaceAll(randomPath(r), "\n", ""))
	}
	for range r.IntN(5) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	if r.IntN(4) == 0 {
		b.WriteString("/")
	}
	return b.String()
}

func randomRules(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(5) {
		b.WriteString(randomPattern(r) + "\n")
	}
	return b.String()
}

// bareRepo makes what git takes for a repository, without starting git.
func bareRepo(tb testing.TB, dir, config string) {
	tb.Helper()
	for _, sub := range []string{"objects", "refs"} {
		if err := os.MkdirAll(filepath.Join(dir, ".git", sub), 0o755); err != nil {
			tb.Fatal(err)
		}
	}
	write(tb, dir, ".git/HEAD", "ref: refs/heads/topic/one\n")
	write(tb, dir, ".git/config", "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"+config)
}

// writeIndex makes git track paths: path -> mode.
func writeIndex(tb testing.TB, dir string, tracked map[string]uint32) {
	tb.Helper()
	paths := make([]string, 0, len(tracked))
	for p := range tracked {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	b := binary.BigEndian.AppendUint32([]byte("DIRC\x00\x00\x00\x02"), uint32(len(paths)))
	for _, p := range paths {
		entry := make([]byte, 60, 72+len(p))
		binary.BigEndian.PutUint32(entry[24:], tracked[p])
		entry[40] = 1 // some object
		entry = binary.BigEndian.AppendUint16(entry, uint16(len(p)))
		entry = append(entry, p...)
		b = append(b, append(entry, make([]byte, 8-len(entry)%8)...)...)
	}
	sum := sha1.Sum(b) //nolint:gosec // as above
	write(tb, dir, ".git/index", string(append(b, sum[:]...)))
}

// randomRepo makes a repository with everything that has a say in what is listed
// and returns its folder. It starts no git.
func randomRepo(tb testing.TB, home string, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 1))
	dir := filepath.Join(home, "work", fmt.Sprint("repo", seed%3))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	bareRepo(tb, dir, randomConfig(tb, r, home))
	files := randomFiles(tb, r, dir)
	ignores := []string{".git/info/exclude", ".gitignore", ".gitignore"}
	for _, f := range files {
		if r.IntN(5) == 0 {
			ignores = append(ignores, filepath.Join(filepath.Dir(f), ".gitignore"))
		}
	}
	for _, f := range ignores {
		write(tb, dir, f, randomRules(r))
	}
	tracked := map[string]uint32{}
	for _, f := range files {
		if r.IntN(8) == 0 {
			tracked[f] = 0o100644
		}
	}
	if r.IntN(3) == 0 {
		// Other repositories inside: one that git knows as a submodule, one it does not.
		for i, at := range []string{"sub/module", randomPath(r)} {
			inner := filepath.Join(dir, at)
			if _, err := lstatBelow(dir, at); err == nil {
				continue
			}
			if os.MkdirAll(inner, 0o755) != nil {
				continue
			}
			bareRepo(tb, inner, "")
			write(tb, inner, "inside", "x")
			if i == 0 {
				tracked[at] = 0o160000
			}
		}
	}
	if r.IntN(8) != 0 {
		for p := range tracked {
			for q := range tracked {
				if strings.HasPrefix(q, p+"/") {
					delete(tracked, q) // git's index never has a path in a path
				}
			}
		}
		writeIndex(tb, dir, tracked)
	}
	return dir
}

// randomFiles makes files and links and returns the files.
func randomFiles(tb testing.TB, r *rand.Rand, dir string) []string {
	tb.Helper()
	var files []string
	for range 30 {
		rel := randomPath(r)
		path := filepath.Join(dir, rel)
		if os.MkdirAll(filepath.Dir(path), 0o755) != nil {
			continue // a file is in the way
		}
		if r.IntN(12) == 0 {
			_ = os.Symlink(randomPath(r), path) // one in the way is fine
		} else if os.WriteFile(path, []byte("x"), 0o644) == nil {
			if typ, err := lstatBelow(dir, rel); err == nil && typ.IsRegular() && !slices.Contains(files, rel) {
				files = append(files, rel)
			}
		}
	}
	return files
}

// randomConfig writes the user's configuration and returns the repository's.
func randomConfig(tb testing.TB, r *rand.Rand, home string) string {
	tb.Helper()
	write(tb, home, ".config/git/ignore", randomRules(r))
	for _, name := range []string{"ex1", "ex2", "ex3"} {
		write(tb, home, name, randomRules(r))
	}
	write(tb, home, "inc/one", "[core]\n\texcludesFile = ~/ex1\n")
	write(tb, home, "inc/two", "[include]\n\tpath = \"one\" # beside this file\n[core]\n\texcludesFile = ../../ex2\n")
	write(tb, home, "inc/fold", "[Core]ignoreCase\n")
	some := func() string {
		lines := []string{
			"[include]\n\tpath = ~/inc/one\n", "[include]\n\tpath = " + home + "/inc/two\n", "[core]\n\texcludesFile = ~/ex3\n", "[core]\n\texcludesFile =\n",
			"[includeIf \"gitdir:~/work/\"]\n\tpath = ~/inc/one\n", "[includeIf \"gitdir:repo1/\"]\n\tpath = ~/inc/fold\n",
			"[includeIf \"gitdir/i:WORK/REPO2/\"]\n\tpath = ~/inc/two\n", "[includeIf \"gitdir:~/elsewhere/\"]\n\tpath = ~/inc/fold\n",
			"[includeIf \"onbranch:topic/\"]\n\tpath = ~/inc/fold\n", "[includeIf \"onbranch:main\"]\n\tpath = ~/inc/one\n",
			"[remote \"o\"]\n\turl = https://example.com/a/b\n", "[includeIf \"hasconfig:remote.*.url:https://example.com/**\"]\n\tpath = ~/inc/one\n",
			"[core]\n\tignoreCase = yes\n", "[core]\n\tignorecase = 0\n", "[include]\n\tpath = ~/inc/missing\n", "[includeIf \"gitdir:./\"]\n\tpath = ~/inc/fold\n",
		}
		var b strings.Builder
		for r.IntN(2) == 0 {
			b.WriteString(lines[r.IntN(len(lines))])
		}
		return b.String()
	}
	write(tb, home, ".gitconfig", some())
	write(tb, home, ".config/git/config", some())
	return some()
}

// TestGitRandom compares random repositories with git, one git process for each:
// go test -run GitRandom -rounds 5000 for a longer look.
func TestGitRandom(t *testing.T) {
	n := *rounds
	if testing.Short() {
		n = 40
	}
	for seed := range uint64(n) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir := randomRepo(t, isolate(t), seed)
			checkGit(t, dir)
			if t.Failed() {
				out, _ := exec.Command("sh", "-c", "cd '"+dir+"' && git config --list --show-origin; find . ../../ex* -name '.gitignore' -print -exec cat -A {} + -o -name 'ex[1-3]' -print -exec cat -A {} +; cat -A .git/info/exclude ../../.config/git/ignore").CombinedOutput()
				t.Logf("%s", out)
			}
		})
	}
}
