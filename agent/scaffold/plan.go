package scaffold

import (
	"path/filepath"
	"slices"
	"strings"
)

const frameworkHint = `create the file and use Generate in it, or set framework to "react"`

// otherFrameworks are those an instruction or a manifest may name instead of React.
var otherFrameworks = []string{"vue", "svelte", "angular", "solid-js", "solidjs", "preact", "lit", "qwik", "flutter", "swiftui", "react-native"}

func plan(t tree, r Request) (*Plan, error) {
	if len(t.Roots()) == 0 {
		return nil, badRequest("open a folder and ask again", "there is no workspace folder to write a component into")
	}
	toks := tokenize(clip(r.Prompt, maxInstruction))
	guessed := guessName(toks)
	name := r.Name
	if name == "" {
		name = guessed
	}
	if name == "" {
		return nil, badRequest(nameHint, "the instruction does not say what the component is called")
	}
	name, bad := checkName(name)
	if bad != nil {
		return nil, bad
	}
	v := lookAround(t, t.Roots())
	dir, bad := placeFor(t, v, r.Dir)
	if bad != nil {
		return nil, bad
	}
	root := rootOf(t.Roots(), dir)
	p := readProject(t, root, dir)
	if bad := checkFramework(r.Framework, toks, p); bad != nil {
		return nil, bad
	}
	if v.foreign() && r.Framework == "" && !slices.ContainsFunc(toks, func(t token) bool { return meansReact[t.low] }) {
		return nil, badRequest(`say "React" in the instruction if that is meant; else create the file and use Generate in it`,
			"nothing in this project is for a browser, and only React components can be written")
	}
	h, sibling := learn(t, p, v.near(t, t.Roots(), dir))
	out := &Plan{Name: name, Framework: "react", Language: "javascriptreact", Sibling: sibling, how: h}
	if h.tsx {
		out.Language = "typescriptreact"
	}
	if sibling == "" && p.has("next") && (v.dirs[filepath.Join(p.dir, "app")] || v.dirs[filepath.Join(p.dir, "src", "app")]) {
		h.client = len(ask(name, toks).handlers()) > 0
	}
	if bad := out.paths(t, dir, r.Name == ""); bad != nil {
		return nil, bad
	}
	out.wishes(t, toks)
	out.Facts = h.facts()
	return out, nil
}

// meansReact are words by which an instruction asks for React.
var meansReact = set("react reactjs react.js jsx tsx next.js nextjs")

// placeFor is the folder of the new component.
func placeFor(t tree, v *survey, want string) (string, *Error) {
	if want == "" {
		return v.home(t, t.Roots()), nil
	}
	dir := filepath.FromSlash(want)
	if !filepath.IsAbs(dir) {
		dir = ""
		for _, root := range t.Roots() {
			if d := filepath.Join(root, want); dir == "" || v.dirs[d] && !v.dirs[dir] {
				dir = d
			}
		}
	}
	dir = filepath.Clean(dir)
	if _, err := t.Confine(dir); err != nil || rootOf(t.Roots(), dir) == "" || strings.ContainsRune(want, 0) {
		return "", &Error{
			Kind: kindRefusedPath, Message: clip(want, 200) + " is not a folder of the workspace that may be written to",
			Hint: "give a folder inside the workspace, such as src/components",
		}
	}
	if t.Has(dir) {
		return "", badRequest("give the folder that the component should lie in", "%s is a file", want)
	}
	return dir, nil
}

func checkFramework(want string, toks []token, p *project) *Error {
	switch strings.ToLower(want) {
	case "react", "reactjs", "react.js":
		return nil
	case "":
	default:
		return badRequest(frameworkHint, "only React components can be written, not %s", clip(want, 40))
	}
	react := p.react() != "" || p.has("next") || p.has("preact")
	for i := range toks {
		react = react || toks[i].low == "react"
	}
	for _, f := range otherFrameworks {
		for i := range toks {
			named := strings.TrimSuffix(toks[i].low, ".js") == f && i+1 < len(toks) && toks[i+1].low == "component"
			if named || !react && strings.TrimSuffix(toks[i].low, ".js") == f {
				return badRequest(frameworkHint, "only React components can be written, not %s", toks[i].text)
			}
		}
		if !react && (p.has(f) || p.has("@"+f+"/core")) {
			return badRequest(frameworkHint, "this project uses %s, and only React components can be written", f)
		}
	}
	return nil
}

// paths names the files of the plan; guessed says that the name was not given.
func (p *Plan) paths(t tree, home string, guessed bool) *Error {
	h := p.how
	ext := ".jsx"
	if h.tsx {
		ext = ".tsx"
	}
	stem := h.fileName(p.Name)
	dir, base := home, stem
	switch h.layout {
	case folderIndex:
		dir, base = filepath.Join(home, stem), "index"
	case folderNamed:
		dir = filepath.Join(home, stem)
	}
	p.Path = filepath.Join(dir, base+ext)
	if _, err := t.Confine(p.Path); err != nil {
		return &Error{Kind: kindRefusedPath, Message: p.Path + " may not be written", Hint: "give a folder inside the workspace, such as src/components"}
	}
	if old := taken(t, p.Path); old != "" {
		hint := "give another name or folder, or edit the file that is there"
		if guessed {
			hint = "give the component a name: " + p.Name + " was taken from the instruction"
		}
		return badRequest(hint, "%s exists already", relative(t, old))
	}
	if h.style != "" {
		p.Style = p.stylePath()
	}
	if h.test != "" && h.canTest() {
		p.Test = p.testPath(h.test)
	}
	return nil
}

func (p *Plan) stylePath() string {
	if p.how.style == "module" {
		return filepath.Join(filepath.Dir(p.Path), p.how.fileName(p.Name)+".module"+p.how.ext)
	}
	return filepath.Join(filepath.Dir(p.Path), p.how.fileName(p.Name)+p.how.ext)
}

func (p *Plan) testPath(where string) string {
	dir, stem := filepath.Dir(p.Path), p.how.fileName(p.Name)
	if where == "__tests__" {
		dir = filepath.Join(dir, where)
	}
	return filepath.Join(dir, stem+p.how.testExt+filepath.Ext(p.Path))
}

// wishes follows what the instruction says of styles and tests, where the
// project's habits don't decide it, and leaves alone what exists already.
func (p *Plan) wishes(t tree, toks []token) {
	h := p.how
	w := wishesOf(toks)
	switch {
	case w.noStyle:
		p.Style = ""
	case w.module && p.Style == "":
		h.style = "module"
		p.Style = p.stylePath()
	}
	switch {
	case w.noTest:
		p.Test = ""
	case w.test && p.Test == "" && h.canTest():
		p.Test = p.testPath("beside")
	}
	if p.Style != "" && taken(t, p.Style) != "" {
		p.Style = ""
	}
	if p.Test != "" && taken(t, p.Test) != "" {
		p.Test = ""
	}
}

func (h *habits) fileName(name string) string {
	switch h.naming {
	case "kebab":
		return kebab(name)
	case "camel":
		return camel(name)
	}
	return name
}

// canTest reports whether a test can be written that runs in this project.
func (h *habits) canTest() bool {
	return h.project.runner() != "" && (h.project.has("@testing-library/react") || h.project.has("react-dom"))
}

// facts are phrases for prompts and people, sorted.
func (h *habits) facts() []string {
	var out []string
	add := func(when bool, fact string) {
		if when {
			out = append(out, fact)
		}
	}
	p := h.project
	add(true, strings.TrimSpace("React "+p.react()))
	add(h.tsx, "TypeScript")
	add(!h.tsx, "JavaScript")
	add(h.export == "named", "named exports")
	add(h.export != "named", "default exports")
	add(h.arrow, "arrow function components")
	add(!h.arrow, "function components")
	add(h.style == "module", "CSS modules")
	add(h.style == "plain", "plain stylesheets")
	add(h.style == "" && p.has("tailwindcss"), "Tailwind CSS")
	add(h.joiner != "", h.joiner)
	add(!h.semi, "no semicolons")
	add(h.double, "double quotes")
	add(h.indent == "\t", "tabs")
	add(h.client, `"use client"`)
	add(h.naming == "kebab", "kebab-case file names")
	add(h.layout != flat, "one folder per component")
	add(h.propTypes, "PropTypes")
	add(p.runner() != "", p.runner())
	add(p.has("@testing-library/react"), "Testing Library")
	add(p.has("next"), "Next.js")
	slices.Sort(out)
	return slices.Compact(out)
}

func relative(t tree, path string) string {
	if rel, err := filepath.Rel(rootOf(t.Roots(), path), path); err == nil {
		return filepath.ToSlash(rel)
	}
	return path
}
