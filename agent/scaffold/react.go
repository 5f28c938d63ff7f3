package scaffold

import (
	"path/filepath"
	"slices"
	"strings"
)

// component writes the files of a plan.
func component(t tree, p *Plan, prompt string) ([]File, []string, error) {
	if p.Framework != "react" {
		return nil, nil, badRequest(frameworkHint, "only React components can be written, not %s", p.Framework)
	}
	if _, bad := checkName(p.Name); bad != nil {
		return nil, nil, bad
	}
	h := p.how
	if h == nil {
		dir := filepath.Dir(p.Path)
		v := lookAround(t, t.Roots())
		h, _ = learn(t, readProject(t, rootOf(t.Roots(), dir), dir), v.near(t, t.Roots(), dir))
	}
	src := clip(prompt, maxInstruction)
	toks := tokenize(src)
	guessName(toks)
	s := ask(p.Name, toks)
	s.complete()
	b := &builder{spec: s, h: h, plan: p, used: map[string]bool{}}
	files := []File{{p.Path, b.component()}}
	if p.Style != "" {
		files = append(files, File{p.Style, b.stylesheet()})
	}
	if p.Test != "" {
		files = append(files, File{p.Test, b.test()})
	}
	if path := b.barrelPath(); path != "" && taken(t, path) == "" {
		files = append(files, File{path, b.barrel()})
	}
	left := slices.Concat(leftPhrases(src, toks), s.left, b.left)
	if w := wishesOf(tokenize(src)); w.test && p.Test == "" {
		left = append(left, "tests")
	} else if w.module && p.Style == "" {
		left = append(left, "CSS modules")
	}
	if len(prompt) > len(src) {
		left = append(left, "the end of the instruction, which is too long")
	}
	return files, left, nil
}

// builder writes one component.
type builder struct {
	*spec
	h       *habits
	plan    *Plan
	classes []string        // of elements below the root, in order
	used    map[string]bool // classes already in that list
	left    []string
}

func (b *builder) modules() bool { return b.plan.Style != "" && b.h.style == "module" }

// base is the class of the root element.
func (b *builder) base() string {
	if !b.modules() {
		return kebab(b.plan.Name)
	}
	if b.h.rootCls != "" {
		return b.h.rootCls
	}
	return camel(b.plan.Name)
}

// class is a className attribute for an element below the root.
func (b *builder) class(name string) string {
	if !b.used[name] {
		b.used[name] = true
		b.classes = append(b.classes, name)
	}
	if b.modules() {
		return "className={" + b.h.binding + "." + name + "}"
	}
	return `className="` + kebab(b.plan.Name) + "__" + kebab(name) + `"`
}

// modifier is the expression for a class of the root.
func (b *builder) modifier(name string) string {
	if b.modules() {
		return b.h.binding + "." + name
	}
	return "'" + b.base() + "--" + kebab(name) + "'"
}

// classParts are the entries of the root's class list.
func (b *builder) classParts() []string {
	parts := []string{"'" + b.base() + "'"}
	if b.modules() {
		parts[0] = b.h.binding + "." + b.base()
	}
	for _, p := range b.props {
		switch {
		case p.role == choice && b.modules():
			parts = append(parts, b.h.binding+"["+p.name+"]")
		case p.role == choice:
			parts = append(parts, "`"+b.base()+"--${"+p.name+"}`")
		case p.role == state && flagClass(p.name, b.kind) != "":
			parts = append(parts, p.name+" && "+b.modifier(flagClass(p.name, b.kind)))
		}
	}
	return append(parts, "className")
}

// flagClass is the class that shows a flag, "" where an attribute does.
func flagClass(name string, k kind) string {
	word := strings.ToLower(strings.TrimPrefix(name, "is"))
	switch word {
	case "disabled":
		if k.control || k.id == "button" {
			return ""
		}
		return "disabled"
	case "invalid":
		if k.control {
			return ""
		}
		return "invalid"
	case "fullwidth":
		return "fullWidth"
	case "loading", "active", "selected", "expanded", "highlighted", "rounded", "outlined":
		return word
	}
	return ""
}

func (b *builder) component() string {
	root := b.markup()
	w := &code{h: b.h}
	if b.h.client {
		w.line(0, "'use client';")
		w.line(0, "")
	}
	if b.imports(w) {
		w.line(0, "")
	}
	typed := b.h.tsx && b.h.props != "inline"
	if typed {
		b.propsType(w)
		w.line(0, "")
	}
	b.open(w)
	if b.kind.id == "modal" {
		open := "open"
		if b.find("open") == nil {
			open = "isOpen"
		}
		w.line(1, "if (!"+open+") {")
		w.line(2, "return null;")
		w.line(1, "}")
		w.line(0, "")
	}
	b.classConst(w)
	w.line(0, "")
	if s, ok := root.one(); ok && w.fits(1, "return "+s+";") {
		w.line(1, "return "+s+";")
	} else {
		w.line(1, "return (")
		root.render(w, 2)
		w.line(1, ");")
	}
	b.close(w)
	return w.b.String()
}

func (b *builder) imports(w *code) bool {
	any := false
	emit := func(s string) { w.line(0, s); any = true }
	types := b.types()
	if !b.h.tsx {
		types = nil
	}
	fc := b.h.tsx && b.h.arrow && b.h.fc == "React.FC"
	switch {
	case b.h.react == "star" && (b.h.value || len(types) > 0 || fc):
		emit("import * as React from 'react';")
	case b.h.react == "default" && (b.h.value || len(types) > 0 || fc), b.h.value:
		emit("import React from 'react';")
	case len(types) > 0 && b.h.react == "type":
		emit("import type { " + strings.Join(types, ", ") + " } from 'react';")
	case len(types) > 0 && b.h.react == "named":
		emit("import { " + strings.Join(types, ", ") + " } from 'react';")
	}
	if b.h.propTypes {
		emit("import PropTypes from 'prop-types';")
	}
	if b.h.joiner != "" {
		name := "clsx"
		if b.h.joiner == "classnames" {
			name = "classNames"
		}
		emit("import " + name + " from '" + b.h.joiner + "';")
	}
	if b.plan.Style != "" {
		file := "./" + filepath.Base(b.plan.Style)
		if b.modules() {
			emit("import " + b.h.binding + " from '" + file + "';")
		} else {
			emit("import '" + file + "';")
		}
	}
	return any
}

// params are the destructured props with their defaults.
func (b *builder) params() []string {
	var out []string
	for _, p := range b.props {
		switch {
		case p.def != "":
			out = append(out, p.name+" = '"+p.def+"'")
		case p.role == state && p.optional && p.name != "checked":
			out = append(out, p.name+" = false")
		default:
			out = append(out, p.name)
		}
	}
	return append(out, "className")
}

// open writes the head of the component up to its body.
func (b *builder) open(w *code) {
	name, typ := b.plan.Name, ""
	if b.h.tsx && b.h.props != "inline" {
		typ = ": " + b.typeName()
	}
	head, end := "function "+name+"({", "}"+typ+") {"
	if b.h.arrow {
		head, end = "const "+name+" = ({", "}"+typ+") => {"
		if b.h.tsx && b.h.fc != "" && typ != "" {
			fc := b.h.fc
			if b.namespaced() {
				fc = "React.FC"
			}
			head, end = "const "+name+": "+fc+"<"+b.typeName()+"> = ({", "}) => {"
		}
	}
	switch {
	case b.h.export == "named":
		head = "export " + head
	case b.h.export == "default" && !b.h.arrow:
		head = "export default " + head
	}
	if !b.h.tsx || b.h.props != "inline" {
		w.list(0, head, b.params(), ",", end)
		return
	}
	w.line(0, head)
	for _, e := range b.params() {
		w.line(1, e+",")
	}
	w.line(0, "}: {")
	for _, m := range b.members() {
		w.line(1, m+";")
	}
	w.line(0, end)
}

func (b *builder) close(w *code) {
	end := "}"
	if b.h.arrow {
		end = "};"
	}
	w.line(0, end)
	if b.h.propTypes {
		b.propTypes(w)
	}
	if b.h.export == "trailing" || b.h.export == "default" && b.h.arrow {
		w.line(0, "")
		w.line(0, "export default "+b.plan.Name+";")
	}
}

func (b *builder) classConst(w *code) {
	parts := b.classParts()
	if b.h.joiner != "" {
		fn := "clsx"
		if b.h.joiner == "classnames" {
			fn = "classNames"
		}
		w.list(1, "const classes = "+fn+"(", parts, ",", ");")
		return
	}
	array := "const classes = [" + strings.Join(parts, ", ") + "]"
	switch {
	case w.fits(1, array+".filter(Boolean).join(' ');"):
		w.line(1, array+".filter(Boolean).join(' ');")
		return
	case w.fits(1, array):
		w.line(1, array)
	default:
		w.list(1, "const classes = [", parts, ",", "]")
	}
	w.line(2, ".filter(Boolean)")
	w.line(2, ".join(' ');")
}

// barrelPath is the index file of a component's folder where siblings have one.
func (b *builder) barrelPath() string {
	if b.h.layout != folderNamed || b.h.barrel == "" {
		return ""
	}
	return filepath.Join(filepath.Dir(b.plan.Path), "index"+b.h.barrel)
}

func (b *builder) barrel() string {
	w := &code{h: b.h}
	from := " from './" + b.h.fileName(b.plan.Name) + "';"
	if b.h.export == "named" {
		w.line(0, "export { "+b.plan.Name+" }"+from)
		if b.h.tsx && b.h.exported && b.h.props != "inline" && strings.HasPrefix(b.h.barrel, ".ts") {
			w.line(0, "export type { "+b.typeName()+" }"+from)
		}
	} else {
		w.line(0, "export { default }"+from)
	}
	return w.b.String()
}
