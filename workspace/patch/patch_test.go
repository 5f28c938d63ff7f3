package patch

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestString(t *testing.T) {
	for _, tc := range []struct {
		name string
		file File
		want string
	}{
		{"no change", File{"a", "a", "x\n", "x\n"}, ""},
		{"nothing", File{}, ""},
		{"change", File{"d/a", "d/a", "x\ny\n", "x\nz\n"}, "diff --git a/d/a b/d/a\n--- a/d/a\n+++ b/d/a\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n"},
		{"created", File{"", "a", "", "x\n"}, "diff --git a/a b/a\nnew file mode 100644\n--- /dev/null\n+++ b/a\n@@ -0,0 +1,1 @@\n+x\n"},
		{"created empty", File{"", "a", "", ""}, "diff --git a/a b/a\nnew file mode 100644\n"},
		{"deleted", File{"a", "", "x\n", ""}, "diff --git a/a b/a\ndeleted file mode 100644\n--- a/a\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x\n"},
		{"renamed", File{"a", "b", "x\n", "x\n"}, "diff --git a/a b/b\nrename from a\nrename to b\n"},
		{"name with a blank", File{"", "a b", "", "x\n"}, "diff --git \"a/a b\" \"b/a b\"\nnew file mode 100644\n--- /dev/null\n+++ \"b/a b\"\n@@ -0,0 +1,1 @@\n+x\n"},
		{"odd names", File{"\u00fc\t", "a\"\\\n", "", ""}, "diff --git \"a/\u00fc\\011\" \"b/a\\\"\\\\\\012\"\nrename from \"\u00fc\\011\"\nrename to \"a\\\"\\\\\\012\"\n"},
		{"no line end", File{"a", "a", "x", "y"}, "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n"},
	} {
		if got := tc.file.String(); got != tc.want {
			t.Errorf("%s:\n%s\nwant:\n%s", tc.name, got, tc.want)
		}
	}
}

// TestGitApplies: whatever a file is called, its diff is about this file.
func TestGitApplies(t *testing.T) {
	for _, name := range []string{"plain", "a b.txt", "d e/f g", " lead", "trail ", "a\tb", "a\nb", `a"b`, `a\b`, "\u00fc", "\x01"} {
		for _, f := range []File{
			{name, name, "x\ny\n", "x\nz\n"}, {"", name, "", "x\n"}, {name, "", "x\n", ""}, {name, name + "2", "x\n", "x\n"}, {name, name + "2", "x\ny\n", "x\nz\n"},
		} {
			dir := t.TempDir()
			if f.From != "" {
				path := filepath.Join(dir, f.From)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(f.Before), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			diff := filepath.Join(t.TempDir(), "diff")
			if err := os.WriteFile(diff, []byte(f.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("git", "apply", diff)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%q: %v\n%s%s", name, err, out, f.String())
				continue
			}
			if got, err := os.ReadFile(filepath.Join(dir, f.To)); f.To != "" && string(got) != f.After {
				t.Errorf("%q: %q, %v", name, got, err)
			}
			if _, err := os.Stat(filepath.Join(dir, f.From)); f.From != "" && f.From != f.To && err == nil {
				t.Errorf("%q is still there", f.From)
			}
		}
	}
}
