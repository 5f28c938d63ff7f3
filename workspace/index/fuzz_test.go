package index

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzIgnore asks git about one path under any .gitignore.
func FuzzIgnore(f *testing.F) {
	for _, s := range [][2]string{
		{"*.txt\n!sub\n", "sub/x.txt"},
		{"dir/**\n!dir/x\n", "dir/x"},
		{"weird[.txt\n", "weird[.txt"},
		{"a**/b\n", "ax/y/b"},
		{"[[:alpha:]-z]\n", "-"},
		{"[a-\\]]x", "bx"},
		{"\\", "\\"},
		{"a\\ ", "a "},
		{"**/", "a/b"},
		{"/**/a/**", "a/b/c"},
		{"a/*/c\r\n", "a/b/c"},
		{"\xef\xbb\xbfa", "a"},
		{"?", "é"},
		{"!", "!"},
		{"/", "a"},
		{"a//b", "a/b"},
		{"[!-]*", "ab"},
		{"***/b", "a/b"},
	} {
		f.Add(s[0], s[1])
	}
	for k, v := range map[string]string{"GIT_CONFIG_NOSYSTEM": "1", "HOME": f.TempDir(), "XDG_CONFIG_HOME": ""} {
		f.Setenv(k, v)
	}
	f.Fuzz(func(t *testing.T, rules, path string) {
		for elem := range strings.SplitSeq(path, "/") {
			if elem == "" || elem == "." || elem == ".." || strings.HasPrefix(strings.ToLower(elem), ".git") || strings.ContainsAny(elem, "\x00\n") || len(elem) > 50 || !utf8.ValidString(elem) {
				t.Skip("no path that a file could have here")
			}
		}
		if len(path) > 200 || len(rules) > 500 || strings.Contains(rules, "\x00") {
			t.Skip("git ends a line at a NUL, we do not")
		}
		dir := t.TempDir()
		git(t, dir, "init", "-q")
		write(t, dir, ".gitignore", rules)
		write(t, dir, path, "x")
		cmd := exec.Command("git", "ls-files", "-o", "--exclude-standard", "-z")
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Contains("\x00"+string(out), "\x00"+path+"\x00")
		if got := scanDir(t, dir).Has(path); got != want {
			t.Errorf("rules %q: listed %q is %v, git says %v", rules, path, got, want)
		}
		_ = os.RemoveAll(filepath.Join(dir, ".git")) // the fuzzer makes many
	})
}

// FuzzConfig: git's configuration is foreign data too, and git tells what is in it.
func FuzzConfig(f *testing.F) {
	for _, s := range []string{
		"[core]\n\texcludesFile = ~/x # c\n", "[core] ignorecase\n", "[a \"b\\\"c\"]k=\"a b\" ;x\n[A.B]\nk = 1\\\n 2\\t\\\"\n",
		"\xef\xbb\xbf[x]\r\ny = z\r\n", "[x]\ny = \"a\nb", "[x]y = a\\q", "[x]\n#c\n;d\nk-1 =\n",
	} {
		f.Add(s)
	}
	f.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, src string) {
		if strings.ContainsAny(src, "\x00\r\v\f") || !utf8.ValidString(src) {
			t.Skip("bytes that git itself reads in several ways")
		}
		settings := parseConfig(src)
		write(t, dir, "config", src)
		cmd := exec.Command("git", "config", "-z", "--list", "--file", filepath.Join(dir, "config"))
		out, err := cmd.Output()
		if err != nil {
			return // git reads nothing of a file with errors
		}
		var got strings.Builder
		for _, s := range settings {
			name := s.section
			if s.sub != "" {
				name += "." + s.sub
			}
			if name != "" {
				name += "."
			}
			got.WriteString(name + s.key)
			if !s.bare {
				got.WriteString("\n" + s.value)
			}
			got.WriteByte(0)
		}
		// Versions of git differ about tabs inside of values.
		same := strings.NewReplacer("\t", " ")
		if got, want := same.Replace("\x00"+got.String()), same.Replace("\x00"+string(out)); got != want {
			t.Errorf("%q is %q, git says %q", src, got, want)
		}
	})
}

// FuzzTracked: git's index file is foreign data.
func FuzzTracked(f *testing.F) {
	f.Add("DIRC\x00\x00\x00\x02\x00\x00\x00\x01" + strings.Repeat("\x00", 62) + "a\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	f.Add("DIRC\x00\x00\x00\x04\x00\x00\x00\x02" + strings.Repeat("\x00", 62) + "\x00ab\x00" + strings.Repeat("\x00", 62) + "\x01c\x00")
	f.Fuzz(func(t *testing.T, src string) {
		for _, hash := range []int{20, 32} {
			x, _ := parseIndex(src, hash)
			for _, p := range x.paths() {
				if p == "" || strings.Contains(p, "\x00") || strings.HasSuffix(p, "/") {
					t.Errorf("%q", p)
				}
			}
			base, _ := parseIndex(src[len(src)/2:], hash)
			x.over(base)
		}
	})
}
