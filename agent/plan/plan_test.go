package plan

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
	"github.com/hob-ls/hob/workspace/workspacetest"
)

// project puts the files of an archive into a folder and opens it.
func project(t testing.TB, archive string) (*workspace.Snapshot, string) {
	t.Helper()
	ws, root := workspacetest.Project(t, workspace.Options{NoWatch: true, Exclude: []string{".env*"}}, workspacetest.Files(archive))
	return ws.Snapshot(), root
}

const shop = `
-- go.mod --
module example.com/shop
-- store/store.go --
package store

// Store keeps orders.
type Store struct{ orders []Order }

// Save keeps one order.
func (s *Store) Save(o Order) error {
	s.orders = append(s.orders, o)
	return nil
}

// NewStore makes an empty store.
func NewStore() *Store { return &Store{} }
-- store/order.go --
package store

// Order is one order.
type Order struct{ ID, Total int }
-- api/api.go --
package api

import "example.com/shop/store"

// Serve answers requests.
func Serve() error {
	s := store.NewStore()
	return s.Save(store.Order{ID: 1})
}
-- other/other.go --
package other

// Unrelated has nothing to do with it.
func Unrelated() {}
-- .env --
SECRET=1
`

func rels(t *Targets) []string {
	var out []string
	for _, c := range t.Files {
		out = append(out, c.File.Rel())
	}
	return out
}

func TestFind(t *testing.T) {
	snap, root := project(t, shop)
	cases := []struct {
		name, instruction, at string
		only                  []string
		want                  []string
	}{
		{"a name: where it is declared, then where it is used", "Give NewStore a capacity parameter", "", nil, []string{"store/store.go", "api/api.go"}},
		{"a plain word that is a name", "let the order have a currency", "store/order.go", nil, []string{"store/order.go", "store/store.go", "api/api.go"}},
		{"a file named", "split other.go in two", "", nil, []string{"other/other.go"}},
		{"only what the user chose", "Give NewStore a capacity", "", []string{"store/order.go"}, []string{"store/order.go"}},
		{"a file with secrets is never one", "change .env and other.go", "", []string{".env", "other/other.go"}, []string{"other/other.go"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			req := Request{Instruction: c.instruction, At: filepath.Join(root, c.at)}
			for _, o := range c.only {
				req.Only = append(req.Only, filepath.Join(root, o))
			}
			got, err := Find(t.Context(), snap, req)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(rels(got), c.want) {
				t.Errorf("%q: %v, want %v", c.instruction, rels(got), c.want)
			}
		})
	}
}

func TestFindEndsWithItsContext(t *testing.T) {
	snap, root := project(t, shop)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Find(ctx, snap, Request{Instruction: "NewStore", At: root}); err == nil {
		t.Error("it went on")
	}
}

func TestMap(t *testing.T) {
	snap, root := project(t, shop)
	targets, err := Find(t.Context(), snap, Request{Instruction: "Give NewStore a capacity parameter", At: root})
	if err != nil {
		t.Fatal(err)
	}
	m := targets.Map(1 << 20)
	for _, want := range []string{"store/store.go (declares NewStore)", "  func NewStore() *Store", "  func Serve() error  [NewStore 1×]"} {
		if !strings.Contains(m, want) {
			t.Errorf("%q is missing in\n%s", want, m)
		}
	}
	if small := targets.Map(60); len(small) > 90 || !strings.Contains(small, "more files") {
		t.Errorf("within 60 bytes: %q", small)
	}
}

// step is one step of a plan as a model writes it.
func step(kind, file, symbol, what, to string) string {
	return `{"kind":"` + kind + `","file":"` + file + `","symbol":"` + symbol + `","what":"` + what + `","to":"` + to + `"}`
}

// checkRead reads a plan of these steps: it is what want and left say, or wrong.
func checkRead(t *testing.T, targets *Targets, plan, want, left []string, wrong string) {
	t.Helper()
	steps, beyond, err := targets.Read(t.Context(), `{"steps":[`+strings.Join(plan, ",")+`]}`)
	if wrong != "" {
		if err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("error %v, want one with %q", err, wrong)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range steps {
		got = append(got, s.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !slices.Equal(beyond, left) {
		t.Errorf("left %q, want %q", beyond, left)
	}
}

func TestRead(t *testing.T) {
	snap, root := project(t, shop)
	targets, err := Find(t.Context(), snap, Request{Instruction: "Give NewStore a capacity; Order", At: root})
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name  string
		steps []string
		want  []string // as String says them
		wrong string   // part of the problem
	}{
		{
			"edits",
			[]string{step("edit", "store/store.go", "NewStore", "take n", ""), step("edit", "api/api.go", "Serve", "pass 8", "")},
			[]string{"store/store.go, NewStore: take n", "api/api.go, Serve: pass 8"},
			"",
		},
		{"the end of a path", []string{step("edit", "api.go", "Serve", "x", "")}, []string{"api/api.go, Serve: x"}, ""},
		{"a method by its type", []string{step("edit", "store/store.go", "(*Store).Save", "x", "")}, []string{"store/store.go, Save: x"}, ""},
		{"a method as it is declared", []string{step("edit", "store/store.go", "func (s *Store) Save(o Order)", "x", "")}, []string{"store/store.go, Save: x"}, ""},
		{"a method of a type with parameters", []string{step("edit", "store/store.go", "(*Store[T]).Save", "x", "")}, []string{"store/store.go, Save: x"}, ""},
		{"a method of another type", []string{step("edit", "store/store.go", "(*Shop).Save", "x", "")}, nil, "declares no"},
		{"a short file as a whole", []string{step("edit", "store/order.go", "", "x", "")}, []string{"store/order.go: x"}, ""},
		{"one region twice is one step", []string{step("edit", "api.go", "Serve", "x", ""), step("edit", "api/api.go", "Serve", "y", "")}, []string{"api/api.go, Serve: x; y"}, ""},
		{"a symbol in the whole file is one step", []string{step("edit", "order.go", "Order", "x", ""), step("edit", "order.go", "", "y", "")}, []string{"store/order.go: x; y"}, ""},
		{
			"two symbols, then the whole file",
			[]string{step("edit", "store.go", "Save", "x", ""), step("edit", "api.go", "Serve", "w", ""), step("edit", "store.go", "NewStore", "y", ""), step("edit", "store.go", "", "z", "")},
			[]string{"store/store.go: x; y; z", "api/api.go, Serve: w"},
			"",
		},
		{"one new file in two steps", []string{step("create", "store/money.go", "", "the type", ""), step("create", "store/money.go", "", "its methods", "")}, []string{"create store/money.go: the type; its methods"}, ""},
		{"a file renamed, twice", []string{step("rename", "order.go", "", "", "store/orders.go"), step("rename", "store/order.go", "", "", "store/orders.go")}, []string{"rename store/order.go to store/orders.go"}, ""},
		{"a file with two new names", []string{step("rename", "order.go", "", "", "store/orders.go"), step("rename", "order.go", "", "", "store/all.go")}, nil, "contradict"},
		{"a new file beside a target", []string{step("create", "store/currency.go", "", "the currencies", "")}, []string{"create store/currency.go: the currencies"}, ""},
		{"a new folder in one of a target", []string{step("create", "store/money/money.go", "", "money", "")}, []string{"create store/money/money.go: money"}, ""},
		{"a file renamed", []string{step("rename", "store/order.go", "", "", "store/orders.go")}, []string{"rename store/order.go to store/orders.go"}, ""},
		{"a file deleted", []string{step("delete", "store/order.go", "", "", "")}, []string{"delete store/order.go"}, ""},
		{"outside the project", []string{step("edit", "../../etc/passwd", "", "x", "")}, nil, "none of the files"},
		{"a file that is no target", []string{step("edit", "other/other.go", "Unrelated", "x", "")}, nil, "none of the files"},
		{"a secret", []string{step("delete", ".env", "", "", "")}, nil, "none of the files"},
		{"a new secret", []string{step("create", "store/.env.local", "", "x", "")}, nil, "may hold secrets"},
		{"a new file outside", []string{step("create", "../x.go", "", "x", "")}, nil, "no path inside"},
		{"a new file in a foreign folder", []string{step("create", "elsewhere/x.go", "", "x", "")}, nil, "in no folder"},
		{"a new file that is there", []string{step("create", "store/order.go", "", "x", "")}, nil, "there already"},
		{"no such symbol", []string{step("edit", "api.go", "Run", "x", "")}, nil, `declares no "Run"; it declares Serve`},
		{"no instruction", []string{step("edit", "api.go", "Serve", "", "")}, nil, "does not say what to do"},
		{"no such kind", []string{step("shell", "api.go", "", "rm", "")}, nil, `no kind "shell"`},
		{"an edit of a deleted file", []string{step("delete", "order.go", "", "", ""), step("edit", "order.go", "Order", "x", "")}, nil, "contradict"},
		{"two files to one place", []string{step("rename", "store/order.go", "", "", "store/all.go"), step("rename", "store/store.go", "", "", "store/all.go")}, nil, "Two steps put a file at store/all.go"},
		{"a new file where one is moved to", []string{step("rename", "store/order.go", "", "", "store/all.go"), step("create", "store/all.go", "", "all of it", "")}, nil, "Two steps put a file at store/all.go"},
		{"nothing to do", nil, nil, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			checkRead(t, targets, c.steps, c.want, nil, c.wrong)
		})
	}
	many := strings.Repeat(step("edit", "api.go", "Serve", "x", "")+",", maxSteps) + step("edit", "api.go", "Serve", "x", "")
	for reply, wrong := range map[string]string{
		`{"steps":[` + many + `]}`: "at most",
		"I can't do that.":         "no JSON",
		`{"steps": 3}`:             "not the JSON",
		`{"steps":[`:               "no JSON",
	} {
		if _, _, err := targets.Read(t.Context(), reply); err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%.40q: %v, want %q", reply, err, wrong)
		}
	}
	fenced := "Here is the plan:\n```json\n{\"steps\":[" + step("edit", "api.go", "Serve", "x", "") + "]}\n```\n"
	if steps, _, err := targets.Read(t.Context(), fenced); err != nil || len(steps) != 1 {
		t.Errorf("a plan in a fence: %v, %v", steps, err)
	}
}

func TestRenaming(t *testing.T) {
	cases := []struct{ in, from, to string }{
		{"rename NewStore to OpenStore", "NewStore", "OpenStore"},
		{"Please rename the function `parse` into `parseAll` everywhere.", "parse", "parseAll"},
		{"Rename useFoo() to useBar()", "useFoo", "useBar"},
		{"rename NewStore to OpenStore and add a parameter", "", ""},
		{"rename prop label to title", "", ""},
		{"rename x to x", "", ""},
		{"add a parameter", "", ""},
	}
	for _, c := range cases {
		from, to, ok := Renaming(c.in)
		if from != c.from || to != c.to || ok != (c.from != "") {
			t.Errorf("%q: %q, %q, %v", c.in, from, to, ok)
		}
	}
}

func TestRename(t *testing.T) {
	cases := []struct {
		name, files, from, to string
		want                  map[string]string // path to a piece of the new text
		doubt                 string
	}{
		{"Go, through the package", shop, "NewStore", "OpenStore", map[string]string{
			"store/store.go": "func OpenStore() *Store", "api/api.go": "store.OpenStore()",
		}, ""},
		{"with its name in its own doc comment", shop, "Serve", "Listen", map[string]string{"api/api.go": "// Listen answers requests.\nfunc Listen() error"}, ""},
		{"a method", shop, "Save", "Put", nil, "belongs to Store"},
		{"nothing of that name", shop, "Nothing", "X", nil, "nothing declares"},
		{"the new name is taken", shop, "NewStore", "Order", nil, "in use already"},
		{
			"TypeScript, imported and used in JSX",
			"-- src/Button.tsx --\nexport function Button(props: { label: string }) {\n  return <button>{props.label}</button>;\n}\n" +
				"-- src/App.tsx --\nimport { Button } from './Button';\n\nexport function App() {\n  return <Button label=\"Button\" />;\n}\n",
			"Button", "Push",
			map[string]string{"src/Button.tsx": "export function Push(", "src/App.tsx": "import { Push } from './Button';\n\nexport function App() {\n  return <Push label=\"Button\" />;"},
			"",
		},
		{
			"two declarations",
			"-- a.py --\ndef load():\n    pass\n-- b.py --\ndef load():\n    pass\n", "load", "fetch", nil, "declared 2 times",
		},
		{
			"a member of something else",
			"-- a.ts --\nexport function load() {}\n-- b.ts --\nimport { cache } from './c';\ncache.load();\n", "load", "fetch", nil, "member of something",
		},
		{
			"a key of an object",
			"-- a.ts --\nexport function load() {}\n-- b.ts --\nexport const x = { load: 1 };\n", "load", "fetch", nil, "may be a key",
		},
		{
			"a member by its name alone",
			"-- a.ts --\nexport function load() {}\n-- b.ts --\nimport { load } from './a';\nexport const api = { save: 1, load };\n", "load", "fetchAll", nil, "may be a property",
		},
		{
			"a member by its name alone, one a line",
			"-- a.ts --\nexport const load = 1;\n-- b.ts --\nimport { load } from './a';\nsend({\n  load,\n});\n", "load", "fetchAll", nil, "may be a property",
		},
		{
			"a member that is taken by its name",
			"-- a.ts --\nexport function load() {}\n-- b.ts --\nexport const run = ({ load }: any) => 1;\n", "load", "fetchAll", nil, "may be a property",
		},
		{
			"names in lists that are no members",
			"-- a.ts --\nfunction load() {}\nexport { load };\n-- b.ts --\nimport d, { load, save } from './a';\nd(save, load, [load, 1]);\n", "load", "fetchAll",
			map[string]string{"a.ts": "export { fetchAll }", "b.ts": "import d, { fetchAll, save } from './a';\nd(save, fetchAll, [fetchAll, 1]);"},
			"",
		},
		{
			"JSX values",
			"-- a.ts --\nexport function load() {}\n-- b.tsx --\nimport { load } from './a';\nexport const B = () => <p onClick={load}>now {load}</p>;\n", "load", "fetchAll",
			map[string]string{"a.ts": "function fetchAll", "b.tsx": "onClick={fetchAll}>now {fetchAll}<"},
			"",
		},
		{
			"a local of the same name",
			"-- a/a.go --\npackage a\n\nfunc load() {}\n-- b/b.go --\npackage b\n\nfunc b() {\n\tload := 1\n\t_ = load\n}\n", "load", "fetch", nil, "may be a key or a local",
		},
		{
			"Python, through the module",
			"-- store.py --\ndef load():\n    return 1\n-- main.py --\nimport store\n\nprint(store.load())\n", "load", "fetch",
			map[string]string{"store.py": "def fetch():", "main.py": "store.fetch()"},
			"",
		},
	}
	// Without grammars nobody can tell the text of JSX from its code.
	_, grammars := syntax.Occurrences("typescriptreact", "const a = <p>a</p>;\n", "a")
	for _, c := range cases {
		if strings.Contains(c.name, "JSX") && !grammars {
			c.doubt = "may be a comment or a string"
		}
		t.Run(c.name, func(t *testing.T) {
			snap, root := project(t, c.files)
			r, why, err := Rename(t.Context(), snap, c.from, c.to)
			if err != nil {
				t.Fatal(err)
			}
			if c.doubt != "" {
				if r != nil || !strings.Contains(why, c.doubt) {
					t.Fatalf("%v, %q; want a doubt with %q", r, why, c.doubt)
				}
				return
			}
			if r == nil {
				t.Fatalf("in doubt: %s", why)
			}
			if len(r.Files) != len(c.want) {
				t.Errorf("%d files, want %d", len(r.Files), len(c.want))
			}
			for rel, want := range c.want {
				path := filepath.Join(root, filepath.FromSlash(rel))
				if r.Base[path] == nil {
					t.Errorf("%s is not changed", rel)
					continue
				}
				got, err := text.Apply(r.Base[path].Text, r.Files[path])
				if err != nil || !strings.Contains(got, want) {
					t.Errorf("%s: %v, %q is missing in\n%s", rel, err, want, got)
				}
			}
		})
	}
}

// FuzzRead: whatever a model writes, a step names a target or a new file beside
// one, regions are real, and no two share text.
func FuzzRead(f *testing.F) {
	snap, root := project(f, shop)
	targets, err := Find(f.Context(), snap, Request{Instruction: "NewStore Order", At: root})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(`{"steps":[{"kind":"edit","file":"store/store.go","symbol":"Save","what":"x"},{"kind":"create","file":"store/x.go","symbol":"","what":"y"}]}`)
	f.Add(`{"steps":[{"kind":"rename","file":"order.go","symbol":"","what":"","to":"../x"}]}`)
	f.Add(`{"steps":[` + step("uses", "store/store.go", "NewStore", "x", "") + "," + step("uses", "order.go", "Order", "y", "") + `]}`)
	f.Add("```json\n{\"steps\":[{}]}\n```")
	f.Fuzz(func(t *testing.T, reply string) {
		steps, _, err := targets.Read(t.Context(), reply)
		if err != nil {
			return
		}
		known := rels(targets)
		for i, s := range steps {
			switch s.Kind {
			case Edit:
				if s.Region.Start < 0 || s.Region.End > len(s.File.Text) || s.Region.Start > s.Region.End {
					t.Errorf("region %v of %s", s.Region, s.Rel)
				}
			case Create, Move:
				at := s.Path
				if s.Kind == Move {
					at = s.To
				}
				if !strings.HasPrefix(at, root+string(filepath.Separator)) || snap.Has(at) {
					t.Errorf("%s %s", s.Kind, at)
				}
			}
			if s.Kind != Create && !slices.Contains(known, s.Rel) {
				t.Errorf("%s is no target", s.Rel)
			}
			for _, o := range steps[:i] {
				if o.Kind == Edit && s.Kind == Edit && o.Path == s.Path && o.Region.Overlaps(s.Region) {
					t.Errorf("%v and %v share text", o, s)
				}
			}
		}
	})
}
