package tool

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
	"github.com/hob-ls/hob/workspace/workspacetest"
)

func TestTools(t *testing.T) {
	w := sample(t)
	tests := []struct {
		tool, args string
		want       string // the whole result, or with "error: " a part of the error
	}{
		{"read", `{"path": "greet/x_test.go"}`, files["greet/x_test.go"]},
		{"read", `{"path": "./greet//x_test.go"}`, files["greet/x_test.go"]},
		{"read", `"{\"path\": \"noend.txt\"}"`, "one\ntwo"},
		{"read", `{"path": "crlf.txt", "start": 2, "end": 2}`, "two\r\n"},
		{"read", `{"path": "crlf.txt", "start": "2"}`, "two\r\nthree\r\n"},
		{"read", `{"path": "noend.txt", "start": 2, "end": 9}`, "two"},
		{"read", `{"path": "noend.txt", "start": 3}`, "[the file has 2 lines]\n"},
		{"read", `{"path": "empty.txt"}`, ""},
		{"read", `{}`, "error: missing properties"},
		{"read", `{"path": 7}`, "error: want \"string\""},
		{"read", `[]`, "error: no JSON object"},
		{"read", `{"path": "a", "lines": 3}`, `error: no argument "lines"; it has end, path, start`},
		{"read", `{"path": "none.go"}`, "error: no such file"},
		{"read", `{"path": "greet"}`, "error: no such file"},
		{"read", `{"path": "latin1.txt"}`, "error: not a text file"},
		{"read", `{"path": ".env"}`, "error: to themselves"},
		{"read", `{"path": "ignored/x.go"}`, "error: no such file"},
		{"read", `{"path": "../x"}`, "error: '..' is not allowed"},
		{"read", `{"path": "/etc/passwd"}`, "error: not a path of this workspace"},
		{"read", `{"path": ".git/config"}`, "error: not a path of this workspace"},
		{"read", `{"path": "a\u0000b"}`, "error: not a path of this workspace"},
		{"list", ``, ".gitignore\ncrlf.txt\nempty.txt\ngo.mod\ngreet/\nlatin1.txt\nmain.go\nnoend.txt\nweb/\n"},
		{"list", `{"path": "."}`, ".gitignore\ncrlf.txt\nempty.txt\ngo.mod\ngreet/\nlatin1.txt\nmain.go\nnoend.txt\nweb/\n"},
		{"list", `{"path": "web/"}`, "web/app.ts\nweb/deep/\n"},
		{"list", `{"path": "web", "depth": 3}`, "web/app.ts\nweb/deep/\nweb/deep/a/\nweb/deep/a/b.css\n"},
		{"list", `{"path": "ignored"}`, "error: "},
		{"list", `{"path": "none"}`, "error: "},
		{"list", `{"path": "main.go"}`, "main.go\n"},
		{"glob", `{"pattern": "*.go"}`, "greet/greet.go\ngreet/x_test.go\nmain.go\n"},
		{"glob", `{"pattern": "web/**"}`, "web/app.ts\nweb/deep/a/b.css\n"},
		{"glob", `{"pattern": ".env"}`, "no file fits .env\n"},
		{"glob", `{"pattern": "[a"}`, "error: malformed glob"},
		{"search", `{"pattern": "func hello"}`, "greet/greet.go:4: func Hello(name string) string {\n"},
		{"search", `{"pattern": "Hel+o\\(", "regexp": true, "include": ["*.go"], "exclude": ["greet"]}`, "main.go:6: println(greet.Hello(\"you\"))\n"},
		{"search", `{"pattern": "caf"}`, "latin1.txt:1: Hello caf\uFFFD\n"},
		{"search", `{"pattern": "two", "context": 1, "include": ["crlf.txt"]}`, "crlf.txt-1- one\ncrlf.txt:2: two\ncrlf.txt-3- three\n"},
		{"search", `{"pattern": "Hello", "limit": 1}`, "greet/greet.go:3: // Hello greets.\n[cut after 1 lines: there are more; narrow the pattern or include]\n"},
		{"search", `{"pattern": "SECRET"}`, "no matches in 11 files\n"},
		{"search", `{"pattern": "Hello(g"}`, "greet/greet.go:10: func (g Greeter) Greet() string { return Hello(g.name) }\n"},
		{"search", `{"pattern": "(", "regexp": true}`, "error: missing closing"},
		{"search", `{"pattern": ""}`, "error: must not be empty"},
		{"search", `{"pattern": "x", "case": "loud"}`, "error: case must be"},
		{"symbols", `{"query": "Greeter"}`, "greet/greet.go:8: type Greeter\n"},
		{"symbols", `{"query": "Greeter.Greet"}`, "greet/greet.go:10: method Greeter.Greet\n"},
		{"symbols", `{"query": "xyzzy"}`, "no symbol fits xyzzy\n"},
		{"outline", `{"path": "greet/greet.go"}`, "4-6: func Hello(name string) string\n8-8: type Greeter struct{ name string }\n10-10: func (g Greeter) Greet() string { return Hello(g.name) }\n"},
		{"outline", `{"path": "crlf.txt"}`, `crlf.txt declares nothing that is known (language "plaintext")` + "\n"},
		{"references", `{"name": "greet.Hello", "path": "main.go"}`, "greet/greet.go:4: [declaration] func Hello(name string) string {\ngreet/greet.go:10: func (g Greeter) Greet() string { return Hello(g.name) }\ngreet/x_test.go:3: func use() { _ = Hello(\"Hello\") }\nmain.go:6: println(greet.Hello(\"you\"))\n"},
		{"references", `{"name": "."}`, "error: must be an identifier"},
		{"references", `{"name": "xyzzy"}`, "xyzzy is used nowhere\n"},
		{"related", `{"path": "main.go", "limit": 1}`, "greet/greet.go: imported here\n"},
		{"diff", `{"path": "crlf.txt", "other": "noend.txt"}`, "--- crlf.txt\n+++ noend.txt\n"},
		{"diff", `{"path": "crlf.txt"}`, "crlf.txt has no unsaved changes\n"},
		{"diff", ``, "nothing is unsaved\n"},
		{"diff", `{"path": "crlf.txt", "other": ".env"}`, "error: to themselves"},
	}
	for _, tt := range tests {
		t.Run(tt.tool+" "+tt.args, func(t *testing.T) {
			v := View{Snapshot: w.Snapshot()}
			r, err := use(t, v, tt.tool, tt.args)
			if want, bad := strings.CutPrefix(tt.want, "error: "); bad {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Fatalf("%q, %v; want error %q", r.Text, err, want)
				}
				if strings.Contains(err.Error(), rootOf(w)) {
					t.Errorf("the error tells where the workspace is: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(tt.want, "\n") || tt.want == "" || tt.tool == "read" {
				if diff := cmp.Diff(tt.want, strings.SplitAfter(r.Text, "@@")[0]); diff != "" && !strings.HasPrefix(r.Text, tt.want+"@@") {
					t.Error(diff)
				}
			} else if !strings.Contains(r.Text, tt.want) {
				t.Errorf("%q", r.Text)
			}
			if again, _ := use(t, v, tt.tool, tt.args); again != r {
				t.Errorf("the second time %q", again.Text)
			}
		})
	}
}

// Unsaved text is what tools see, and diff shows it.
func TestToolsOpenDocuments(t *testing.T) {
	w := sample(t)
	other := workspacetest.Dir(t)
	dir := rootOf(w)
	workspacetest.Apply(t, w,
		workspace.Change{Kind: workspace.DocOpen, Path: filepath.Join(dir, "main.go"), Text: strings.Replace(files["main.go"], "you", "unsaved", 1)},
		workspace.Change{Kind: workspace.DocOpen, Path: filepath.Join(dir, "new.go"), Text: "package main // unsaved\n"},
		workspace.Change{Kind: workspace.DocOpen, Path: filepath.Join(other, "stranger.go"), Text: "package stranger // unsaved Hello\n"},
		workspace.Change{Kind: workspace.DocOpen, Path: filepath.Join(dir, "ignored/x.go"), Text: "package ignored // unsaved Hello\nfunc Hello() {}\n"},
		workspace.Change{Kind: workspace.DocOpen, Path: filepath.Join(dir, ".env"), Text: "unsaved Hello"},
	)
	waitFor(t, "the ignored document to be looked at", func() bool {
		d, ok := w.Snapshot().Document(filepath.Join(dir, "ignored/x.go"))
		return ok && d.File().OnDisk
	})
	v := View{Snapshot: w.Snapshot()}
	for _, tt := range []struct{ tool, args, want string }{
		{"search", `{"pattern": "unsaved"}`, "main.go:6: println(greet.Hello(\"unsaved\"))\nnew.go:1: package main // unsaved\n"},
		{"glob", `{"pattern": "*r.go"}`, "no file fits *r.go\n"},
		{"glob", `{"pattern": "new.go"}`, "new.go\n"},
		{"read", `{"path": "new.go"}`, "package main // unsaved\n"},
		{"diff", ``, "--- main.go\n+++ main.go\n@@ -3,5 +3,5 @@\n import \"example.com/m/greet\"\n \n func main() {\n-\tprintln(greet.Hello(\"you\"))\n+\tprintln(greet.Hello(\"unsaved\"))\n }\n--- /dev/null\n+++ new.go\n@@ -1,0 +1,1 @@\n+package main // unsaved\n"},
		{"references", `{"name": "stranger"}`, "stranger is used nowhere\n"},
		{"symbols", `{"query": "Hello"}`, "greet/greet.go:4: function Hello\nweb/app.ts:1: function Hello\n"},
	} {
		r, err := use(t, v, tt.tool, tt.args)
		if err != nil || r.Text != tt.want {
			t.Errorf("%s %s: %v\n%s", tt.tool, tt.args, err, cmp.Diff(tt.want, r.Text))
		}
	}
	for _, path := range []string{"ignored/x.go", filepath.Join(other, "stranger.go"), ".env"} {
		args, _ := json.Marshal(map[string]string{"path": path})
		for _, name := range []string{"read", "outline", "related", "diff"} {
			if r, err := use(t, v, name, string(args)); err == nil {
				t.Errorf("%s %s: %q", name, path, r.Text)
			}
		}
	}
}

func TestToolsConfined(t *testing.T) {
	w := sample(t)
	dir, other := rootOf(w), workspacetest.Dir(t)
	put(t, other, "secret.txt", "SECRET")
	for to, at := range map[string]string{filepath.Join(other, "secret.txt"): "out", other: "outdir", ".env": "envlink", "main.go": "good"} {
		if err := os.Symlink(to, filepath.Join(dir, at)); err != nil {
			t.Fatal(err)
		}
	}
	workspacetest.Apply(t, w, workspace.Change{Kind: workspace.DiskChanged, Path: dir})
	waitFor(t, "the links to be known", func() bool {
		return w.Snapshot().Has(filepath.Join(dir, "good")) && w.Snapshot().Has(filepath.Join(dir, "out"))
	})
	v := View{Snapshot: w.Snapshot()}
	for _, path := range []string{"out", "outdir/secret.txt", "envlink", other + "/secret.txt", dir + "/../" + filepath.Base(other) + "/secret.txt", "file:///etc/passwd", ".ENV", "CON", "greet/../.env"} {
		args, _ := json.Marshal(map[string]string{"path": path, "other": "main.go"})
		for _, name := range []string{"read", "outline", "related", "diff", "list"} {
			args := string(args)
			if name != "diff" {
				args = strings.Replace(args, `"other":"main.go",`, "", 1)
			}
			if r, err := use(t, v, name, args); err == nil {
				t.Errorf("%s %s: %q", name, path, r.Text)
			} else if strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "no argument") {
				t.Errorf("%s %s: %v", name, path, err)
			}
		}
	}
	if r, err := use(t, v, "read", `{"path": "good"}`); err != nil || r.Text != files["main.go"] {
		t.Errorf("a link within: %q, %v", r.Text, err)
	}
}

func TestToolsSeveralRoots(t *testing.T) {
	a, b := filepath.Join(workspacetest.Dir(t), "one"), filepath.Join(workspacetest.Dir(t), "two")
	put(t, a, "x.go", "package a\n")
	put(t, b, "x.go", "package b\n")
	put(t, b, "only.go", "package b\n")
	v := View{Snapshot: open(t, a, b).Snapshot()}
	for _, tt := range []struct{ tool, args, want string }{
		{"glob", `{"pattern": "*.go"}`, "one/x.go\ntwo/only.go\ntwo/x.go\n"},
		{"list", ``, "one/x.go\ntwo/only.go\ntwo/x.go\n"},
		{"list", `{"path": "two"}`, "two/only.go\ntwo/x.go\n"},
		{"read", `{"path": "two/x.go"}`, "package b\n"},
		{"read", `{"path": "x.go"}`, "package a\n"},
		{"read", `{"path": "only.go"}`, "package b\n"},
	} {
		r, err := use(t, v, tt.tool, tt.args)
		if err != nil || r.Text != tt.want {
			t.Errorf("%s %s: %q, %v", tt.tool, tt.args, r.Text, err)
		}
	}
	if _, err := use(t, v, "read", `{"path": "three/x.go"}`); err == nil {
		t.Error("a folder that is none of them")
	}
}

// found is diagnostics as data.
type found []Diagnostic

func (f found) Diagnostics(path string) []Diagnostic {
	return slices.DeleteFunc(slices.Clone(f), func(d Diagnostic) bool { return path != "" && d.Path != path })
}

func TestDiagnosticsTool(t *testing.T) {
	w := sample(t)
	at := func(name string) string { return filepath.Join(rootOf(w), filepath.FromSlash(name)) }
	v := View{Snapshot: w.Snapshot(), Diagnostics: found{
		{Path: at("main.go"), Line: 5, Severity: "warning", Source: "vet", Code: "x1", Message: "two\nlines"},
		{Path: at("greet/greet.go"), Line: 0, Message: "bad"},
		{Path: at(".env"), Message: "SECRET"},
		{Path: "/elsewhere/x.go", Message: "elsewhere"},
	}}
	for args, want := range map[string]string{
		``:                        "greet/greet.go:1: error: bad\nmain.go:6: warning: two lines (vet x1)\n",
		`{"path": "main.go"}`:     "main.go:6: warning: two lines (vet x1)\n",
		`{"path": "empty.txt"}`:   "none\n",
		`{"path": "/elsewhere/"}`: "",
	} {
		if r, err := use(t, v, "diagnostics", args); r.Text != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v", args, r.Text, err)
		}
	}
	if names := fmt.Sprint(Over(View{Snapshot: w.Snapshot()})); strings.Contains(names, "diagnostics") {
		t.Error("offered without diagnostics")
	}
}

// Every result keeps to its limits and says where it was cut.
func TestBounds(t *testing.T) {
	dir := workspacetest.Dir(t)
	var long, decls strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&long, "line %d needle\n", i+1)
		fmt.Fprintf(&decls, "func Needle%d() { needle() }\n", i)
		if i < 500 {
			put(t, dir, fmt.Sprintf("many/f%d.txt", i), "needle\n")
		}
	}
	put(t, dir, "long.txt", long.String())
	put(t, dir, "wide.txt", strings.Repeat("needleé", 50_000))
	put(t, dir, "decls.go", "package p\n"+decls.String())
	w := open(t, dir)
	workspacetest.Apply(t, w, workspace.Change{Kind: workspace.DocOpen, Path: filepath.Join(dir, "long.txt"), Text: "other\n" + strings.ReplaceAll(long.String(), "needle", "pin")})
	var diags found
	for i := range 500 {
		diags = append(diags, Diagnostic{Path: filepath.Join(dir, "decls.go"), Line: i, Message: strings.Repeat("x", 1000)})
	}
	for _, l := range []Limits{{}, {Bytes: 1000}, {Lines: 3}, {Entries: 7}, {Bytes: 400, Lines: 2, Entries: 1}} {
		v := View{Snapshot: w.Snapshot(), Diagnostics: diags, Limits: l}
		for _, call := range [][2]string{
			{"read", `{"path": "long.txt"}`},
			{"read", `{"path": "long.txt", "start": 100, "end": 4900}`},
			{"read", `{"path": "wide.txt"}`},
			{"list", `{"path": "many"}`},
			{"glob", `{"pattern": "*.txt"}`},
			{"search", `{"pattern": "needle"}`},
			{"search", `{"pattern": "needle", "context": 5}`},
			{"symbols", `{"query": "needle", "limit": 1000}`},
			{"outline", `{"path": "decls.go"}`},
			{"references", `{"name": "needle"}`},
			{"diagnostics", ``},
			{"diff", ``},
			{"diff", `{"path": "many/f1.txt", "other": "decls.go"}`},
		} {
			r, err := use(t, v, call[0], call[1])
			most := l.filled().Bytes
			if err != nil || len(r.Text) > most || !r.Cut || !strings.HasSuffix(r.Text, "]\n") {
				t.Errorf("%+v %s: %d bytes of %d, cut %v, %v: …%q", l, call, len(r.Text), most, r.Cut, err, r.Text[max(0, len(r.Text)-120):])
			}
		}
	}
	// What was cut can be read on.
	v := View{Snapshot: w.Snapshot()}
	var all strings.Builder
	for start := 1; ; {
		r, err := use(t, v, "read", fmt.Sprintf(`{"path": "decls.go", "start": %d}`, start))
		if err != nil {
			t.Fatal(err)
		}
		body, note, cut := strings.Cut(r.Text, "[cut: ")
		all.WriteString(body)
		if !cut {
			break
		}
		var from, to, of, next int
		if _, err := fmt.Sscanf(note, "lines %d to %d of %d; read on with start=%d]", &from, &to, &of, &next); err != nil || from != start || next != to+1 {
			t.Fatalf("%q: %v", note, err)
		}
		start = next
	}
	if all.String() != "package p\n"+decls.String() {
		t.Error("the pieces are not the file")
	}
}

// A job sees its own moment.
func TestToolsPinned(t *testing.T) {
	w := sample(t)
	path := filepath.Join(rootOf(w), "main.go")
	v := View{Snapshot: w.Snapshot()}
	workspacetest.Apply(t, w, workspace.Change{Kind: workspace.DocOpen, Path: path, Text: "changed"})
	workspacetest.Apply(t, w, workspace.Change{Kind: workspace.DocEdit, Path: path, Version: 1, Edits: []text.RangeEdit{{Whole: true, New: "again"}}})
	if r, err := use(t, v, "read", `{"path": "main.go"}`); err != nil || r.Text != files["main.go"] {
		t.Errorf("%q, %v", r.Text, err)
	}
}

func FuzzTools(f *testing.F) {
	w := sample(f)
	for _, seed := range []string{`{"path": "main.go"}`, `{"path": "../x", "start": -1}`, `{"pattern": "a|(b", "regexp": true}`, `"{}"`, `{"query": "a.b"}`, `{"name": "x", "limit": 1e9}`} {
		for i := range definitions() {
			f.Add(uint8(i), seed)
		}
	}
	tools := Over(View{Snapshot: w.Snapshot(), Diagnostics: found{}, Limits: Limits{Bytes: 2000}})
	f.Fuzz(func(t *testing.T, i uint8, args string) {
		tool := tools[int(i)%len(tools)]
		r, err := tool.Run(t.Context(), json.RawMessage(args))
		if len(r.Text) > 2000 || err == nil && r.Text == "" && tool.Name != "read" || strings.Contains(r.Text, "SECRET=") {
			t.Fatalf("%s %s: %q", tool.Name, args, r.Text)
		}
	})
}

// TestReferencesOthersKeep: what is not for tools takes no place of what is.
func TestReferencesOthersKeep(t *testing.T) {
	w := sample(t)
	stranger := filepath.Join(workspacetest.Dir(t), "a.go")
	hidden := filepath.Join(rootOf(w), "ignored/x.go")
	for _, path := range []string{stranger, hidden} {
		workspacetest.Apply(t, w, workspace.Change{Kind: workspace.DocOpen, Path: path, Text: "package a\n\nfunc use() { Hello(); Hello(); Hello() }\n"})
	}
	waitFor(t, "the ignored document to be known as one", func() bool {
		f, err := w.Snapshot().File(hidden)
		return err == nil && f.OnDisk
	})
	res, err := use(t, View{Snapshot: w.Snapshot()}, "references", `{"name": "Hello", "path": "main.go", "limit": 4}`)
	if err != nil || strings.Count(res.Text, "\n") != 4 || strings.Contains(res.Text, "cut") {
		t.Errorf("%v\n%s", err, res.Text)
	}
}
