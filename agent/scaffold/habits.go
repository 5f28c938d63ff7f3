package scaffold

import (
	"path/filepath"
	"strings"
)

// habits are how a project writes its components.
type habits struct {
	project *project
	tsx     bool
	layout  layout
	naming  string // of files: "pascal", "kebab", "camel"
	barrel  string // text pattern of folder/index.ts beside folder/Card.tsx: its extension, "" for none

	export   string // "named", "default", "trailing" (export default X at the end)
	arrow    bool   // const X = () => rather than function X()
	fc       string // "React.FC", "FC" or "": the annotation of an arrow component
	props    string // "interface", "type", "inline"
	propName string // "own" (ButtonProps), "plain" (Props)
	exported bool   // the props type is exported

	react  string // how React's types come: "type", "named", "default", "star", "global"
	value  bool   // import React is needed for JSX
	client bool   // "use client"
	joiner string // "clsx" or "classnames" where siblings use it

	semi    bool
	double  bool // double quotes
	indent  string
	eol     string
	style   string // "module", "plain", ""
	ext     string // ".css", ".scss", ".sass", ".less" of the stylesheet
	binding string // of a CSS module: "styles"
	rootCls string // class of the root element in stylesheets: "" means the component's own name

	test      string // "", "beside", "__tests__"
	testExt   string // ".test" or ".spec"
	globals   bool   // the runner's functions are global
	cleanup   bool   // tests have to unmount by themselves
	propTypes bool
}

// maxSiblings and maxSample bound what is read for habits.
const (
	maxSiblings = 8
	maxSample   = 16 << 10
)

// sample is what one sibling shows; keys are habits, values what it does.
type sample struct {
	sibling sibling
	traits  map[string]string
}

// learn reads the siblings and takes the majority of each habit. The second
// result is the sibling that agrees with the majority most.
func learn(t tree, p *project, siblings []sibling) (*habits, string) {
	var seen []sample
	for _, s := range siblings {
		if len(seen) == maxSiblings {
			break
		}
		src := readText(t, s.path)
		if len(src) > maxSample {
			src = src[:maxSample]
		}
		if tr := traits(t, s, src); tr != nil {
			seen = append(seen, sample{s, tr})
		}
	}
	major := majority(seen)
	best, most := "", -1
	for _, s := range seen {
		n := 0
		for k, v := range s.traits {
			if major[k] == v {
				n++
			}
		}
		if n > most {
			best, most = s.sibling.path, n
		}
	}
	return settle(t, p, major, best), best
}

// majority is the most frequent value of each trait; ties go to the lesser value.
func majority(seen []sample) map[string]string {
	votes := map[string]map[string]int{}
	for _, s := range seen {
		for k, v := range s.traits {
			if votes[k] == nil {
				votes[k] = map[string]int{}
			}
			votes[k][v]++
		}
	}
	out := map[string]string{}
	for k, count := range votes {
		best := ""
		for v, n := range count {
			if best == "" || n > count[best] || n == count[best] && v < best {
				best = v
			}
		}
		out[k] = best
	}
	return out
}

// settle turns the majority into habits, with React's own conventions and the
// project's settings where the siblings are silent.
func settle(t tree, p *project, m map[string]string, best string) *habits {
	or := func(key, otherwise string) string {
		if v, ok := m[key]; ok {
			return v
		}
		return otherwise
	}
	h := &habits{
		project: p, export: or("export", "named"), arrow: m["form"] == "arrow", fc: m["fc"],
		props: or("props", "interface"), propName: or("propName", "own"), exported: or("exported", "yes") == "yes",
		react: or("react", "type"), client: m["client"] == "yes", joiner: m["joiner"],
		semi: or("semi", "yes") == "yes", double: m["quote"] == `"`, indent: or("indent", "  "), eol: or("eol", "\n"),
		style: m["style"], ext: or("ext", ".css"), binding: or("binding", "styles"), rootCls: m["rootCls"],
		test: m["test"], testExt: or("testExt", ".test"), naming: or("naming", "pascal"), barrel: m["barrel"],
		globals: m["globals"] == "yes", cleanup: m["cleanup"] == "yes", propTypes: m["propTypes"] == "yes",
	}
	h.tsx = p.typescript
	if v, ok := m["ext.file"]; ok {
		h.tsx = v == ".tsx"
	}
	switch m["layout"] {
	case "index":
		h.layout = folderIndex
	case "named":
		h.layout = folderNamed
	}
	h.propTypes = h.propTypes && !h.tsx
	old := p.react() != "" && len(p.react()) < 2 && p.react() < "17"
	switch {
	case p.jsx == "react-jsx" || p.jsx == "react-jsxdev" || p.jsx == "preserve":
		h.value = m["value"] == "yes"
	case best != "":
		h.value = m["value"] == "yes"
	default:
		h.value = p.jsx == "react" || old
	}
	if h.value && (h.react == "type" || h.react == "global") && m["react"] == "" {
		h.react = "default"
	}
	if h.value && h.react == "global" {
		h.react = "default"
	}
	if _, seen := m["globals"]; !seen {
		h.globals = p.runner() == "jest"
	}
	h.testSetup(t)
	return h
}

// testSetup finds out whether mounted components go away between tests: the
// testing library does that itself only where afterEach is global.
func (h *habits) testSetup(t tree) {
	if h.project.runner() != "vitest" || h.cleanup {
		return
	}
	for _, base := range []string{"vitest.config", "vite.config"} {
		for _, ext := range []string{".ts", ".mts", ".js", ".mjs"} {
			src := readText(t, filepath.Join(h.project.dir, base+ext))
			if strings.Contains(src, "setupFiles") || strings.Contains(src, "globals: true") {
				return
			}
		}
	}
	h.cleanup = !h.globals
}
