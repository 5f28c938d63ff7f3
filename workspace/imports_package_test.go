package workspace

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPackageWays: what a package.json says of a subpath, also where it says it wrongly.
func TestPackageWays(t *testing.T) {
	for _, tt := range []struct {
		name, src, sub string
		want           []string // but for what is always tried
	}{
		{"main", `{"main": "a.js", "types": "a.d.ts", "source": "a.ts"}`, ".", []string{"a.ts", "a.d.ts", "a.js"}},
		{"conditions", `{"exports": {"require": "./r.js", "zz": "./z.js", "types": "./t.d.ts", "import": {"node": "./n.js", "default": ["./d.js", {"browser": "./b.js"}]}}}`, ".", []string{"./t.d.ts", "./n.js", "./d.js", "./b.js", "./r.js", "./z.js"}},
		{"subpath", `{"exports": {".": "./i.js", "./a": "./x/a.js", "./a*": "./no.js"}}`, "./a", []string{"./x/a.js"}},
		{"longest star", `{"exports": {"./*": "./all/*.js", "./in/*": "./inner/*.ts"}}`, "./in/b/c", []string{"./inner/b/c.ts"}},
		{"no such subpath", `{"exports": {".": "./i.js"}}`, "./b", nil},
		{"null", `{"exports": {"./b": null}, "main": null}`, "./b", nil},
		{"odd types", `{"name": 7, "main": 3, "exports": [[1], {"import": 2}], "workspaces": {"packages": "one"}}`, ".", nil},
		{"no object", `[1, 2]`, ".", nil},
		{"no JSON", `{"main": "a.js",`, ".", nil},
		{"empty", "", ".", nil},
	} {
		always := []string{tt.sub, "src/" + tt.sub[min(2, len(tt.sub)):]}
		if tt.sub == "." {
			always = []string{"src/index", "index", "src"}
		}
		want := slices.Concat(tt.want, always)
		if d := cmp.Diff(want, readPackageJSON(tt.src).ways(tt.sub)); d != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, d)
		}
	}
}

func TestPackageName(t *testing.T) {
	for spec, want := range map[string][2]string{
		"a": {"a", "."}, "a/b/c.js": {"a", "./b/c.js"}, "@s/a": {"@s/a", "."}, "@s/a/b/c": {"@s/a", "./b/c"},
		"": {}, "@s": {}, "@s/": {}, "/a": {}, "./a": {}, "../a": {},
	} {
		name, sub := packageName(spec)
		if name != want[0] || sub != want[1] {
			t.Errorf("%q: got %q, %q", spec, name, sub)
		}
	}
}

// TestMembersFollow: a package that is added or renamed on disk is found by its new name, in a
// snapshot before it is not.
func TestMembersFollow(t *testing.T) {
	dir := tempDir(t)
	put(t, filepath.Join(dir, "package.json"), `{"workspaces": ["p/*"]}`)
	a := put(t, filepath.Join(dir, "p/a/a.ts"), "import 'old'\nimport 'new'\n")
	pkg := put(t, filepath.Join(dir, "p/b/package.json"), `{"name": "old"}`)
	put(t, filepath.Join(dir, "p/b/index.ts"), "export {}\n")
	w := open(t, Options{NoWatch: true}, dir)
	means := func(s *Snapshot, spec string) string {
		return rel(dir, newResolver(s).packaged(filepath.Dir(a), spec))
	}
	before := w.Snapshot()
	if got := means(before, "old"); got != "p/b/index.ts" {
		t.Fatalf("got %q", got)
	}
	put(t, pkg, `{"name": "new"}`)
	apply(t, w, Change{Kind: DiskChanged, Path: pkg})
	eventually(t, "the new name is known", func() bool { return means(w.Snapshot(), "new") == "p/b/index.ts" })
	if got := means(w.Snapshot(), "old"); got != "" {
		t.Errorf("the old name leads to %q", got)
	}
	if got := means(before, "old"); got != "p/b/index.ts" {
		t.Errorf("in the older snapshot the old name leads to %q", got)
	}
}
