package plan

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hob-ls/hob/workspace"
)

const callers = `
-- go.mod --
module example.com/shop
-- store/store.go --
package store

// Store keeps orders.
type Store struct{ next *Store }

// NewStore makes an empty store.
func NewStore() *Store { return &Store{next: NewStore()} }

// Default is the store of who has none.
var Default = NewStore()

// Other makes one more.
func Other() *Store { return NewStore() }
-- api/api.go --
package api

import "example.com/shop/store"

// Serve answers requests.
func Serve() {
	a := store.NewStore()
	b := store.NewStore()
	_, _ = a, b // NewStore is called twice
}
-- web/src/Button.tsx --
export function Button(props: { label: string }) {
  return <button>{props.label}</button>;
}
-- web/src/App.tsx --
import { Button } from './Button';

export function App() {
  return <Button label="Save" />;
}

register(Button);
-- web/src/two/index.ts --
export function load() {}
-- web/src/two/other.ts --
export function load() {}
load();
-- lib/a.py --
import store

print(store.Store)
`

// TestUses: one step of a plan stands for every place that uses a symbol.
func TestUses(t *testing.T) {
	snap, root := project(t, callers)
	cases := []struct {
		name, instruction string
		steps             []string
		want, left        []string
		wrong             string
	}{
		{
			"a function, in its file and in others",
			"give NewStore a capacity",
			[]string{step("edit", "store.go", "NewStore", "take one", ""), step("uses", "store.go", "NewStore", "pass 8", "")},
			[]string{
				"store/store.go, NewStore: take one",
				"api/api.go, Serve: for each use of NewStore: pass 8",
				"store/store.go, Default: for each use of NewStore: pass 8",
				"store/store.go, Other: for each use of NewStore: pass 8",
			},
			nil, "",
		},
		{
			"a component: not its import, but what stands outside of any symbol",
			"give Button a title",
			[]string{step("uses", "Button.tsx", "Button", "pass a title", "")},
			[]string{"web/src/App.tsx, App: for each use of Button: pass a title", "web/src/App.tsx: for each use of Button: pass a title"},
			nil, "",
		},
		{
			"with a step of its own for one of them",
			"give NewStore a capacity in Serve",
			[]string{step("edit", "api.go", "Serve", "pass 9", ""), step("uses", "store.go", "NewStore", "pass 8", "")},
			[]string{
				"api/api.go, Serve: pass 9; for each use of NewStore: pass 8",
				"store/store.go, Default: for each use of NewStore: pass 8",
				"store/store.go, Other: for each use of NewStore: pass 8",
			},
			nil, "",
		},
		{
			"files that the instruction did not lead to stay as they are",
			"change Button.tsx and store/store.go",
			[]string{step("uses", "store.go", "NewStore", "pass 8", "")},
			[]string{"store/store.go, Default: for each use of NewStore: pass 8", "store/store.go, Other: for each use of NewStore: pass 8"},
			[]string{"NewStore is used in other files (1) that may not be changed, for the instruction does not name it"},
			"",
		},
		{
			"in a file that goes: its uses go with it",
			"move all from NewStore to Other, and delete store/store.go",
			[]string{step("uses", "store.go", "NewStore", "make an other", ""), step("delete", "./store/store.go", "", "", "")},
			[]string{"api/api.go, Serve: for each use of NewStore: make an other", "delete store/store.go"},
			nil, "",
		},
		{"declared twice", "change load", []string{step("uses", "two/index.ts", "load", "x", "")}, nil, nil, "declared 2 times"},
		{"of nothing", "change NewStore", []string{step("uses", "store.go", "", "x", "")}, nil, nil, "does not name it"},
		{"of what is not there", "change NewStore", []string{step("uses", "store.go", "Nothing", "x", "")}, nil, nil, "declares no"},
		{"without saying what", "change NewStore", []string{step("uses", "store.go", "NewStore", " ", "")}, nil, nil, "does not say what to do"},
		{"in a file that is no target", "change Button", []string{step("uses", "store.go", "NewStore", "x", "")}, nil, nil, "none of the files"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			targets, err := Find(t.Context(), snap, Request{Instruction: c.instruction, At: root})
			if err != nil {
				t.Fatal(err)
			}
			checkRead(t, targets, c.steps, c.want, c.left, c.wrong)
		})
	}
}

// TestUsesOfAHundredFiles: what uses a symbol is found in more files than a model
// can be shown.
func TestUsesOfAHundredFiles(t *testing.T) {
	var files strings.Builder
	files.WriteString("-- t/t.go --\npackage t\n\nfunc Target() {}\n")
	const many = maxUses + 2
	for i := range many {
		fmt.Fprintf(&files, "-- p/p%03d.go --\npackage p\n\nfunc Use%d() { t.Target() }\n", i, i)
	}
	snap, root := project(t, files.String())
	targets, err := Find(t.Context(), snap, Request{Instruction: "give Target a context", At: filepath.Join(root, "t", "t.go")})
	if err != nil {
		t.Fatal(err)
	}
	if m := targets.Map(4000); len(m) > 4100 || !strings.Contains(m, " more files)") {
		t.Errorf("the map has %d bytes and ends in %q", len(m), m[len(m)-40:])
	}
	steps, left, err := targets.Read(t.Context(), `{"steps":[`+step("uses", "t/t.go", "Target", "pass a context", "")+`]}`)
	if err != nil || len(steps) != maxUses || len(left) != 1 || left[0] != "Target is used in more places (2) than one refactoring can change" {
		t.Errorf("%d steps, left %q, %v", len(steps), left, err)
	}
	only, err := Find(t.Context(), snap, Request{Instruction: "give Target a context", Only: []string{filepath.Join(root, "t", "t.go"), filepath.Join(root, "p", "p007.go")}})
	if err != nil {
		t.Fatal(err)
	}
	steps, left, err = only.Read(t.Context(), `{"steps":[`+step("uses", "t/t.go", "Target", "pass a context", "")+`]}`)
	if err != nil || len(steps) != 1 || len(left) != 1 {
		t.Errorf("of the user's own choice: %d steps, left %q, %v", len(steps), left, err)
	}
}

// A class is no region for what one line of it says, unless it is a short one: all its
// methods would be written anew.
func TestUsesInAClass(t *testing.T) {
	class := func(methods int) string {
		return "class Order(Base):\n    base: Base = None\n\n" + strings.Repeat("    def get(self):\n        return 1\n\n", methods) + "    def last(self):\n        return Base()\n"
	}
	for name, c := range map[string]struct {
		methods int
		want    []string
	}{
		"short": {2, []string{class(2)}},
		"long":  {maxWholeFile, []string{"class Order(Base):\n", "    base: Base = None\n", "    def last(self):\n        return Base()\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			src := "from base import Base\n\n" + class(c.methods)
			for _, s := range Uses(&workspace.File{Path: "/w/a.py", Root: "/w", Language: "python", Text: src}, "Base", "x") {
				got = append(got, src[s.Region.Start:s.Region.End])
			}
			if want := append([]string{"from base import Base\n"}, c.want...); !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}
