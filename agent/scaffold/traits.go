package scaffold

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

// traits reads what one sibling shows of each habit, line by line; nil if the
// file exports no component.
func traits(t tree, s sibling, src string) map[string]string {
	name := pascal(s.name)
	tr := map[string]string{"ext.file": filepath.Ext(s.path), "naming": naming(s.name), "value": "no", "client": "no"}
	switch s.layout {
	case folderIndex:
		tr["layout"] = "index"
	case folderNamed:
		tr["layout"] = "named"
		dir := filepath.Dir(s.path)
		tr["barrel"] = ""
		for _, ext := range []string{".ts", ".js", ".tsx", ".jsx"} {
			if t.Has(filepath.Join(dir, "index"+ext)) {
				tr["barrel"] = ext
				break
			}
		}
	default:
		tr["layout"] = "flat"
	}
	tr["style"], tr["joiner"], tr["propTypes"] = "", "", "no"
	for line := range strings.SplitSeq(src, "\n") {
		line = strings.TrimRight(line, " \t\r")
		readLine(tr, name, line)
	}
	if tr["export"] == "" || tr["form"] == "" {
		return nil
	}
	if tr["react"] == "" && strings.Contains(src, "React.") && strings.HasSuffix(s.path, ".tsx") {
		tr["react"] = "global"
	}
	if tr["react"] == "" {
		delete(tr, "react")
	}
	if u := text.Indent(src); u != "" {
		tr["indent"] = u
	}
	tr["eol"] = text.EOL(src)
	readStyle(t, s, tr, name)
	readTest(t, s, tr)
	delete(tr, "style.import")
	return tr
}

func naming(stem string) string {
	switch {
	case stem != "" && stem[0] >= 'A' && stem[0] <= 'Z':
		return "pascal"
	case strings.Contains(stem, "-") || stem == strings.ToLower(stem):
		return "kebab"
	}
	return "camel"
}

func readLine(tr map[string]string, name, line string) {
	switch {
	case strings.HasPrefix(line, `"use client"`), strings.HasPrefix(line, `'use client'`):
		tr["client"] = "yes"
	case strings.HasPrefix(line, "import "):
		readImport(tr, line)
	case strings.Contains(line, name):
		readDeclaration(tr, name, line)
	case strings.HasPrefix(line, "interface Props"), strings.HasPrefix(line, "export interface Props"):
		tr["props"], tr["propName"], tr["exported"] = "interface", "plain", yes(strings.HasPrefix(line, "export"))
	case strings.HasPrefix(line, "type Props"), strings.HasPrefix(line, "export type Props"):
		tr["props"], tr["propName"], tr["exported"] = "type", "plain", yes(strings.HasPrefix(line, "export"))
	case strings.HasPrefix(line, "}: {") && tr["props"] == "":
		tr["props"] = "inline"
	}
	if tr["semi"] == "" && !strings.HasPrefix(line, "import ") && strings.HasSuffix(line, ";") {
		tr["semi"] = "yes"
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func readImport(tr map[string]string, line string) {
	bare := strings.TrimSuffix(line, ";")
	if q := bare[len(bare)-1]; q == '\'' || q == '"' {
		tr["quote"], tr["semi"] = string(q), yes(bare != line)
	} else {
		return
	}
	i := strings.LastIndexAny(bare[:len(bare)-1], `'"`)
	if i < 0 {
		return
	}
	module, what := bare[i+1:len(bare)-1], strings.TrimSuffix(strings.TrimSpace(bare[len("import "):i]), " from")
	switch {
	case module == "react":
		switch {
		case strings.HasPrefix(what, "* as React"):
			tr["react"], tr["value"] = "star", "yes"
		case strings.HasPrefix(what, "React"):
			tr["react"], tr["value"] = "default", "yes"
		case strings.HasPrefix(what, "type {"), strings.Contains(what, "{ type "):
			tr["react"] = "type"
		case tr["react"] == "" && strings.HasPrefix(what, "{"):
			tr["react"] = "named"
		}
	case module == "clsx" || module == "classnames":
		tr["joiner"] = module
	case module == "prop-types":
		tr["propTypes"] = "yes"
	case strings.HasPrefix(module, "./") && styleExt(module) != "":
		tr["style.import"], tr["ext"] = module, styleExt(module)
		tr["style"] = "plain"
		if strings.Contains(module, ".module.") {
			tr["style"] = "module"
			if what != "" && !strings.ContainsAny(what, "{*,") {
				tr["binding"] = what
			}
		}
	}
}

func styleExt(module string) string {
	if ext := filepath.Ext(module); slices.Contains([]string{".css", ".scss", ".less"}, ext) {
		return ext
	}
	return ""
}

func readDeclaration(tr map[string]string, name, line string) {
	rest, exported := strings.CutPrefix(line, "export ")
	rest, def := strings.CutPrefix(rest, "default ")
	rest = strings.TrimPrefix(rest, "async ")
	word, after, _ := strings.Cut(rest, " ")
	id := ident(after)
	switch {
	case exported && def && (ident(rest) == name || strings.HasSuffix(strings.TrimRight(rest, ";)"), "("+name)):
		tr["export"] = "trailing"
	case (word == "function" || word == "class") && id == name:
		tr["form"] = "function"
	case word == "const" && id == name:
		tr["form"] = "arrow"
		if _, fc, ok := strings.Cut(after, ": "); ok {
			for _, f := range []string{"React.FC", "FC"} {
				if strings.HasPrefix(fc, f+"<") {
					tr["fc"] = f
				}
			}
		}
	case (word == "interface" || word == "type") && id == name+"Props":
		tr["props"], tr["propName"], tr["exported"] = word, "own", yes(exported)
		return
	default:
		return
	}
	switch {
	case tr["export"] == "trailing":
	case def:
		tr["export"] = "default"
	case exported:
		tr["export"] = "named"
	}
	if strings.Contains(line, "}: {") && tr["props"] == "" {
		tr["props"] = "inline"
	}
}

// ident is the identifier at the start of s.
func ident(s string) string {
	for i, r := range s {
		if !wordRune(r) {
			return s[:i]
		}
	}
	return s
}

// rootClasses are names that projects give the outermost class of every component.
var rootClasses = []string{"root", "container", "wrapper"}

func readStyle(t tree, s sibling, tr map[string]string, name string) {
	if tr["style"] != "module" {
		return
	}
	css := readText(t, filepath.Join(filepath.Dir(s.path), tr["style.import"]))
	tr["rootCls"] = ""
	if strings.Contains(css, "."+camel(name)+" ") {
		return
	}
	for _, c := range rootClasses {
		if strings.Contains(css, "."+c+" ") {
			tr["rootCls"] = c
			return
		}
	}
}

func readTest(t tree, s sibling, tr map[string]string) {
	dir, base := filepath.Split(s.path)
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	stems := []string{stem}
	if s.layout == folderIndex {
		stems = append(stems, s.name)
	}
	for _, where := range []string{"", "__tests__"} {
		for _, stem := range stems {
			for _, mark := range []string{".test", ".spec"} {
				for _, ext := range []string{".tsx", ".jsx", ".ts", ".js"} {
					path := filepath.Join(dir, where, stem+mark+ext)
					if !t.Has(path) {
						continue
					}
					tr["test"], tr["testExt"] = "beside", mark
					if where != "" {
						tr["test"] = where
					}
					src := readText(t, path)
					tr["globals"] = yes(!strings.Contains(src, "from 'vitest'") && !strings.Contains(src, `from "vitest"`) && !strings.Contains(src, "@jest/globals"))
					tr["cleanup"] = yes(strings.Contains(src, "cleanup"))
					return
				}
			}
		}
	}
}
