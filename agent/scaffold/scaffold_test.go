package scaffold

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hob-ls/hob/workspace/syntax"
)

const demoPrompt = "a React button component with a label, an onClick handler, a primary and a secondary variant and a disabled flag"

func TestGuessName(t *testing.T) {
	for prompt, want := range map[string]string{
		demoPrompt:            "Button",
		"a user profile card": "UserProfileCard",
		"Create a React component for a user profile":   "UserProfile",
		"a component that shows a user profile":         "UserProfile",
		"please write me a simple badge component":      "Badge",
		"a button called SaveButton with a label":       "SaveButton",
		"a component named 'price tag' with a price":    "PriceTag",
		"SearchBox with a placeholder":                  "SearchBox",
		"we need a TypeScript ProductCard for the shop": "ProductCard",
		"a list of users":                               "UserList",
		"a card for products":                           "ProductCard",
		"a sortable table":                              "SortableTable",
		"loading spinner":                               "LoadingSpinner",
		"an accessible, responsive modal dialog":        "ResponsiveModalDialog",
		"Button with a label":                           "Button",
		"- a link with a label":                         "Link",
		"":                                              "",
		"a component":                                   "",
		"please make it better":                         "Better",
	} {
		if got := guessName(tokenize(prompt)); got != want {
			t.Errorf("%q: got %q, want %q", prompt, got, want)
		}
	}
}

// propsOf is the props of an instruction as TypeScript members.
func propsOf(name, prompt string) []string {
	toks := tokenize(prompt)
	guessName(toks)
	s := ask(name, toks)
	s.complete()
	h := &habits{tsx: true, project: &project{width: 80}}
	b := &builder{spec: s, h: h, plan: &Plan{Name: name}, used: map[string]bool{}}
	m := b.members()
	return m[:len(m)-1] // className is always there
}

func TestProps(t *testing.T) {
	const click = "onClick?: (event: MouseEvent<HTMLButtonElement>) => void"
	for _, c := range []struct{ name, prompt, want string }{
		{"Button", demoPrompt, "label: string; " + click + "; variant?: 'primary' | 'secondary'; disabled?: boolean"},
		{"Button", "a button with on click handler and primary/secondary/danger variants", "children: ReactNode; " + click + "; variant?: 'primary' | 'secondary' | 'danger'"},
		{"Button", "a button with an optional label and a click callback", "label?: string; " + click},
		{"Button", "a button that can be disabled, with variants: solid, ghost; sizes sm, md and lg", "children: ReactNode; disabled?: boolean; variant?: 'solid' | 'ghost'; size?: 'sm' | 'md' | 'lg'"},
		{"Button", "a button with variants small, medium, large", "children: ReactNode; size?: 'small' | 'medium' | 'large'"},
		{"Button", "a button with a danger variant", "children: ReactNode; variant?: 'default' | 'danger'"},
		{"Button", "a button with primary, secondary and disabled variants", "children: ReactNode; variant?: 'primary' | 'secondary'; disabled?: boolean"},
		{"Button", "a button without a label", "children: ReactNode"},
		{"Button", "props: label, onClick, disabled", "label: string; " + click + "; disabled?: boolean"},
		{"Button", "a button with click and focus handlers", "children: ReactNode; " + click + "; onFocus?: (event: FocusEvent<HTMLButtonElement>) => void"},
		{"UserCard", "a user card with a user name, an isActive flag and a `region` prop", "name: string; isActive?: boolean; region: string"},
		{"Stats", "stats with total: number and a caption", "total: number; caption: string"},
		{"Button", "a button that fetches the title from the server", "children: ReactNode"},
		{"Input", "an input with a label and an onChange handler", "label: string; onChange?: (event: ChangeEvent<HTMLInputElement>) => void; value?: string"},
		{"Modal", "a modal with an isOpen flag and an onClose handler", "isOpen: boolean; onClose: () => void; title: string; children: ReactNode"},
	} {
		if d := cmp.Diff(strings.Split(c.want, "; "), propsOf(c.name, c.prompt)); d != "" {
			t.Errorf("%q: %s", c.prompt, d)
		}
	}
}

// What the rules don't reach must be said, and what they do must not.
func TestLeft(t *testing.T) {
	for prompt, want := range map[string][]string{
		"a badge with color variants (success, error)":  nil,
		"an accessible, responsive dialog with a title": {"accessible", "responsive"},
		demoPrompt:              nil,
		"a user profile card":   nil,
		"a button with a label": nil,
		"a button with a label that fetches data from /api/users":              {"fetches data from /api/users"},
		"a sortable list with drag and drop":                                   {"sortable", "drag and drop"},
		"a button with an onClick handler that logs the event":                 {"logs the event"},
		"a list sorted by name, with infinite scrolling":                       {"sorted by name", "infinite scrolling"},
		"a modal that closes on Escape and traps focus":                        {"closes on Escape", "traps focus"},
		"a date picker with a label":                                           {"the behaviour of a date picker"},
		"a card with a title, rounded corners and a shadow":                    {"rounded corners", "shadow"},
		"a button with a label and a frobnicator":                              {"frobnicator"},
		"a button with an animation on hover":                                  {"animation on hover"},
		"a button with a label in bold":                                        {"in bold"},
		"a button with a label, with tests":                                    {"tests"},
		"a button with an onSave handler":                                      {"onSave handler"},
		"a button, disabled after 3 clicks":                                    {"after 3 clicks"},
		"a button without external libraries":                                  {"without external libraries"},
		"a login form with email validation that stores the token in a cookie": {"email validation", "stores the token in a cookie"},
	} {
		tr := newMemory(map[string]string{"package.json": `{"dependencies":{"react":"18"}}`})
		p, err := plan(tr, Request{Prompt: prompt})
		if err != nil {
			t.Errorf("%q: %v", prompt, err)
			continue
		}
		_, left, err := component(tr, p, prompt)
		if err != nil {
			t.Errorf("%q: %v", prompt, err)
		}
		if d := cmp.Diff(want, left); d != "" && (len(want) > 0 || len(left) > 0) {
			t.Errorf("%q: %s", prompt, d)
		}
	}
}

func TestRefused(t *testing.T) {
	react := map[string]string{"package.json": `{"dependencies":{"react":"18"}}`, "src/components/Card.tsx": "export function Card() {\n  return <p />;\n}\n"}
	for _, c := range []struct {
		r    Request
		kind string
		in   string // part of the message
	}{
		{Request{Prompt: ""}, kindBadRequest, "called"},
		{Request{Prompt: "a button", Name: "../evil"}, kindBadRequest, "../evil"},
		{Request{Prompt: "a button", Name: "3D"}, kindBadRequest, "3D"},
		{Request{Prompt: "a button", Name: "a\x00b"}, kindBadRequest, "name"},
		{Request{Prompt: "a button", Name: "React"}, kindBadRequest, "React"},
		{Request{Prompt: "a button", Name: strings.Repeat("A", 300)}, kindBadRequest, "name"},
		{Request{Prompt: "a button", Framework: "vue"}, kindBadRequest, "vue"},
		{Request{Prompt: "a svelte component for a button"}, kindBadRequest, "svelte"},
		{Request{Prompt: "a button", Dir: "/etc"}, kindRefusedPath, "/etc"},
		{Request{Prompt: "a button", Dir: "../outside"}, kindRefusedPath, "outside"},
		{Request{Prompt: "a button", Dir: "src/components/Card.tsx"}, kindBadRequest, "file"},
		{Request{Prompt: "a card"}, kindBadRequest, "src/components/Card.tsx exists"},
		{Request{Prompt: "x", Name: "card"}, kindBadRequest, "exists"},
	} {
		_, err := plan(newMemory(react), c.r)
		e := new(Error)
		if !errors.As(err, &e) || e.Kind != c.kind || !strings.Contains(e.Message, c.in) || e.Hint == "" {
			t.Errorf("%.80q: got %+v", c.r, err)
		}
	}
}

func TestDir(t *testing.T) {
	tr := newMemory(map[string]string{"package.json": `{"dependencies":{"react":"18"}}`, "src/a/Card.tsx": "export function Card() {\n  return <p />;\n}\n"})
	for dir, want := range map[string]string{"": "/p/src/a/Button.tsx", "src/b": "/p/src/b/Button.tsx", "/p/x": "/p/x/Button.tsx", ".": "/p/Button.tsx"} {
		p, err := plan(tr, Request{Prompt: "a button", Dir: dir})
		if err != nil || p.Path != want {
			t.Errorf("%q: got %+v, %v", dir, p, err)
		}
	}
}

// prompts are instructions of every sort for the tests over all habits.
var prompts = []string{
	demoPrompt,
	"a link with a label, an icon and a disabled flag",
	"an input with a label, an error message, a placeholder, required and read only flags",
	"a textarea with a hint", "a checkbox", "a dropdown with options",
	"a modal with a title and sizes small, medium, large and an onConfirm handler",
	"a list of products with a heading and onSelect",
	"a badge with a count, fancy and primary variants and an onRemove callback",
	"an avatar with a name and sizes", "an alert with a title, a message and onDismiss",
	"a loading spinner", "a login form with a title and an onSubmit handler",
	"a card with title, subtitle, image, price, footer, actions, children, loading and active flags",
	"a page header with a title and a subtitle", "a date picker with a weird flag and `someId`: number",
	"a heading with text and level: number and tags: string[]",
}

// styles of projects: the golden cases supply them.
func eachProject(t testing.TB, f func(name string, tr *memory)) {
	t.Helper()
	for _, file := range caseFiles(t) {
		if name := filepath.Base(file); name != "vue.txtar" {
			f(strings.TrimSuffix(name, ".txtar"), newMemory(readCase(t, file).project))
		}
	}
}

// problems lists what is wrong with generated files, whatever the instruction.
func problems(tr tree, r Request) error {
	p, err := plan(tr, r)
	if err != nil {
		if e := new(Error); !errors.As(err, &e) || e.Hint == "" {
			return fmt.Errorf("not an Error with a hint: %w", err)
		}
		return nil
	}
	files, left, err := component(tr, p, r.Prompt)
	if err != nil {
		return err
	}
	for _, f := range files {
		if n := syntax.Problems(syntax.LanguageOf(f.Path), f.Text); n != 0 {
			return fmt.Errorf("%d syntax problems in %s:\n%s", n, f.Path, f.Text)
		}
		if _, err := tr.Confine(f.Path); err != nil || tr.Has(f.Path) {
			return fmt.Errorf("%s may not be written", f.Path)
		}
	}
	if slices.Contains(left, "") {
		return errors.New("an empty phrase is reported")
	}
	again, _ := plan(tr, r)
	if more, _, _ := component(tr, again, r.Prompt); !slices.Equal(files, more) {
		return errors.New("the same request gave other bytes")
	}
	return nil
}

func TestEveryHabit(t *testing.T) {
	eachProject(t, func(name string, tr *memory) {
		for _, prompt := range prompts {
			if err := problems(tr, Request{Prompt: prompt, Name: "Sample" + guessName(tokenize(prompt))}); err != nil {
				t.Errorf("%s, %q: %v", name, prompt, err)
			}
		}
	})
}

func TestLineEnds(t *testing.T) {
	tr := newMemory(map[string]string{"src/components/Card.tsx": "import x from 'x';\r\n\r\nexport function Card() {\r\n\treturn <p />;\r\n}\r\n"})
	p, err := plan(tr, Request{Prompt: demoPrompt})
	if err != nil {
		t.Fatal(err)
	}
	files, _, err := component(tr, p, demoPrompt)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.Count(f.Text, "\n") != strings.Count(f.Text, "\r\n") || !strings.Contains(f.Text, "\r\n\tlabel") {
			t.Errorf("line ends or indentation of the sibling not kept:\n%q", f.Text)
		}
	}
}

func TestHandmadePlan(t *testing.T) {
	tr := newMemory(map[string]string{"src/components/Card.jsx": "export default function Card() {\n  return <p />\n}\n"})
	files, _, err := component(tr, &Plan{Name: "Badge", Framework: "react", Path: "/p/src/components/Badge.jsx"}, "a badge")
	if err != nil || len(files) != 1 || !strings.HasPrefix(files[0].Text, "export default function Badge(") {
		t.Errorf("habits not learned again: %v, %v", files, err)
	}
}

func FuzzComponent(f *testing.F) {
	for _, p := range prompts {
		f.Add(p, "")
	}
	f.Add("a `b` c: string, on x y/z \"q\" 'it's", "é-x")
	var projects []*memory
	eachProject(f, func(_ string, tr *memory) { projects = append(projects, tr) })
	f.Fuzz(func(t *testing.T, prompt, name string) {
		tr := projects[(len(prompt)+len(name))%len(projects)]
		if err := problems(tr, Request{Prompt: prompt, Name: name}); err != nil {
			t.Errorf("%q, %q: %v", prompt, name, err)
		}
	})
}

// BenchmarkComponent is plan and component in a project of 10,000 files.
func BenchmarkComponent(b *testing.B) {
	c := readCase(b, "testdata/cases/demo.txtar")
	for i := range 10000 {
		ext := []string{".ts", ".tsx", ".css", ".md"}[i%4]
		c.project[fmt.Sprintf("src/features/f%d/Part%d%s", i%100, i, ext)] = "export function Part() {\n  return null;\n}\n"
	}
	tr := newMemory(c.project)
	for b.Loop() {
		p, err := plan(tr, c.request)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := component(tr, p, c.request.Prompt); err != nil {
			b.Fatal(err)
		}
	}
}
