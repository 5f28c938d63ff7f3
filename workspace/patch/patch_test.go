package patch

import "testing"

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
		{"no line end", File{"a", "a", "x", "y"}, "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n"},
	} {
		if got := tc.file.String(); got != tc.want {
			t.Errorf("%s:\n%s\nwant:\n%s", tc.name, got, tc.want)
		}
	}
}
