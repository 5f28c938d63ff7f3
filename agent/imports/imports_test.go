package imports

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
	"github.com/hob-ls/hob/workspace/workspacetest"
)

// TestSettle runs the cases of testdata: a txtar file is a workspace, in whose one
// marked file «…» is the new code; want is that file afterwards, added what is
// said to be new.
func TestSettle(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) < 20 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, c := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(c), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(c)
			if err != nil {
				t.Fatal(err)
			}
			root := workspacetest.Dir(t)
			var marked, src, want, added string
			for _, f := range a.Files {
				body := strings.NewReplacer("␍", "\r", "»\n", "»").Replace(string(f.Data))
				switch {
				case f.Name == "want":
					want = body
					continue
				case f.Name == "added":
					added = strings.TrimSpace(body)
					continue
				case strings.Contains(body, "«"):
					marked, src = filepath.Join(root, filepath.FromSlash(f.Name)), body
				}
				workspacetest.Write(t, root, map[string]string{f.Name: strings.NewReplacer("«", "", "»", "").Replace(body)})
			}
			ws := workspacetest.Open(t, workspace.Options{NoWatch: true}, root)
			snap := ws.Snapshot()
			f, err := snap.File(marked)
			if err != nil {
				t.Fatal(err)
			}
			before, rest, _ := strings.Cut(src, "«")
			code, after, _ := strings.Cut(rest, "»")
			for _, mark := range []string{"", "\ufeff"} { // which some files begin with
				before, code := mark+before, code
				if before == mark { // it is a part of the code
					before, code = "", mark+code
				}
				res := Settle(t.Context(), snap, f, before, code, after, false)
				head, err := text.Apply(before, res.Head)
				if err != nil {
					t.Fatal(err)
				}
				if got := head + res.Code + after; got != mark+want {
					t.Errorf("got\n%q\nwant\n%q", got, mark+want)
				}
				if got := strings.Join(res.Added, " "); got != added {
					t.Errorf("added %q, want %q", got, added)
				}
			}
		})
	}
}

// BenchmarkSettle is a function in a file of 500 lines: what every job pays.
func BenchmarkSettle(b *testing.B) {
	var src strings.Builder
	src.WriteString("package a\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n")
	for i := range 100 {
		src.WriteString("\nfunc f" + string(rune('a'+i%26)) + "() {\n\tfmt.Fprintln(os.Stderr, \"x\")\n}\n")
	}
	ws, _ := workspacetest.Project(b, workspace.Options{NoWatch: true}, map[string]string{"a.go": src.String()})
	snap := ws.Snapshot()
	f := workspacetest.File(b, snap, "a.go")
	for name, code := range map[string]string{"nothing": "\nfunc F() { fmt.Println(os.Args) }\n", "one": "\nfunc F() { fmt.Println(strings.ToUpper(\"a\")) }\n"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Settle(b.Context(), snap, f, f.Text, code, "", true)
			}
		})
	}
}

// TestFresh: a name that the file uses elsewhere is nothing new, unless it stands
// there in a comment; where its absence is to be fixed, it is looked at all the same.
func TestFresh(t *testing.T) {
	ws := workspacetest.Open(t, workspace.Options{NoWatch: true})
	f := &workspace.File{Path: "/a/a.go", Language: "go"}
	for _, c := range []struct {
		before string
		fresh  bool
		added  int
	}{
		{"package a\n\nfunc A() { fmt.Println() }\n\n", true, 0},
		{"package a\n\nfunc A() { fmt.Println() }\n\n", false, 1},
		{"package a\n\n// A uses fmt.Println.\nfunc A() {}\n\n", true, 1},
		{"package a\n\nfunc A() {}\n\n", true, 1},
	} {
		f.Text = c.before
		res := Settle(t.Context(), ws.Snapshot(), f, c.before, "func B() { fmt.Println(1) }\n", "", c.fresh)
		if len(res.Added) != c.added {
			t.Errorf("%q, fresh %v: added %q", c.before, c.fresh, res.Added)
		}
	}
}
