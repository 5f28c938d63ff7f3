package scaffold

import (
	"path/filepath"
	"slices"
	"strings"
)

// test writes a test of what can be seen from outside: what is rendered, the
// handlers, the disabled state.
func (b *builder) test() string {
	w := &code{h: b.h}
	lib := b.h.project.has("@testing-library/react")
	vitest := b.h.project.runner() == "vitest"
	var body []func()
	clicks := b.find("onClick") != nil && (b.kind.id == "button" || b.kind.id == "link")
	if lib {
		body = append(body, func() { b.testRender(w) })
		if clicks {
			body = append(body, func() { b.testClick(w, vitest) })
		}
		if off := b.disabledProp(); off != "" && b.kind.id == "button" {
			body = append(body, func() { b.testDisabled(w, off, clicks, vitest) })
		}
		if b.kind.id == "modal" {
			body = append(body, func() { b.testClosed(w) })
		}
	} else {
		body = append(body, func() { b.testMarkup(w) })
	}
	b.testImports(w, lib, vitest, clicks)
	w.line(0, "")
	if lib && b.h.cleanup {
		w.line(0, "afterEach(cleanup);")
		w.line(0, "")
	}
	w.line(0, "describe('"+b.plan.Name+"', () => {")
	for i, f := range body {
		if i > 0 {
			w.line(0, "")
		}
		f()
	}
	w.line(0, "});")
	return w.b.String()
}

func (b *builder) disabledProp() string {
	for _, n := range []string{"disabled", "isDisabled"} {
		if b.find(n) != nil {
			return n
		}
	}
	return ""
}

func (b *builder) user() bool { return b.h.project.has("@testing-library/user-event") }

func (b *builder) testImports(w *code, lib, vitest, clicks bool) {
	if b.h.value {
		if b.h.react == "star" {
			w.line(0, "import * as React from 'react';")
		} else {
			w.line(0, "import React from 'react';")
		}
	}
	if lib {
		names := []string{"render", "screen"}
		if clicks && !b.user() {
			names = append(names, "fireEvent")
		}
		if b.h.cleanup {
			names = append(names, "cleanup")
		}
		slices.Sort(names)
		w.line(0, "import { "+strings.Join(names, ", ")+" } from '@testing-library/react';")
		if clicks && b.user() {
			w.line(0, "import userEvent from '@testing-library/user-event';")
		}
	} else {
		w.line(0, "import { renderToStaticMarkup } from 'react-dom/server';")
	}
	if vitest && !b.h.globals {
		names := []string{"describe", "expect", "it"}
		if lib && b.h.cleanup {
			names = append(names, "afterEach")
		}
		if lib && (clicks || b.requiredHandler()) {
			names = append(names, "vi")
		}
		slices.Sort(names)
		w.line(0, "import { "+strings.Join(names, ", ")+" } from 'vitest';")
	}
	from, _ := filepath.Rel(filepath.Dir(b.plan.Test), b.plan.Path) // both are absolute: never fails
	from = strings.TrimSuffix(filepath.ToSlash(from), filepath.Ext(from))
	if !strings.HasPrefix(from, ".") {
		from = "./" + from
	}
	if b.h.layout == folderIndex && filepath.Base(from) == "index" {
		from = strings.TrimSuffix(strings.TrimSuffix(from, "index"), "/")
		if from == "" || from == "." {
			from = "./index"
		}
	}
	name := "{ " + b.plan.Name + " }"
	if b.h.export != "named" {
		name = b.plan.Name
	}
	w.line(0, "import "+name+" from '"+from+"';")
}

func (b *builder) requiredHandler() bool {
	return slices.ContainsFunc(b.props, func(p prop) bool { return p.role == handler && !p.optional })
}

// sampleText is what a test passes for a text prop.
func (b *builder) sampleText(p *prop) string {
	if b.kind.id == "button" && (p.name == "label" || p.name == "text" || p.name == "children") {
		return "Save"
	}
	if p.name == "href" || p.role == image || p.name == "src" {
		return "/" + kebab(p.name)
	}
	if p.name == "children" {
		return "Content"
	}
	return sentence(p.name)
}

// element writes the component with its required props and the extra attributes.
func (b *builder) element(extra ...string) string {
	attrs, children := []string{b.plan.Name}, ""
	for i := range b.props {
		p := &b.props[i]
		if p.optional {
			continue
		}
		switch {
		case p.name == "children":
			children = b.sampleText(p)
		case p.role == state:
			attrs = append(attrs, p.name)
		case p.role == handler && b.h.project.runner() == "vitest" && b.h.project.has("@testing-library/react"):
			attrs = append(attrs, p.name+"={vi.fn()}")
		case p.role == handler:
			attrs = append(attrs, p.name+"={() => undefined}")
		case p.name == "options":
			attrs = append(attrs, "options={[{ value: 'a', label: 'First' }]}")
		case p.role == items || p.typ == "string[]":
			attrs = append(attrs, p.name+"={['First', 'Second']}")
		case p.typ == "number":
			attrs = append(attrs, p.name+"={3}")
		case p.role == choice:
			attrs = append(attrs, p.name+`="`+p.def+`"`)
		default:
			attrs = append(attrs, p.name+`="`+b.sampleText(p)+`"`)
		}
	}
	head := "<" + strings.Join(append(attrs, extra...), " ")
	if children == "" {
		return head + " />"
	}
	return head + ">" + children + "</" + b.plan.Name + ">"
}

func (b *builder) render(w *code, extra ...string) {
	el := b.element(extra...)
	if w.fits(2, "render("+el+");") {
		w.line(2, "render("+el+");")
		return
	}
	w.line(2, "render(")
	w.line(3, el+",")
	w.line(2, ");")
}

// visible is the first required prop whose text can be looked for.
func (b *builder) visible() *prop {
	for i := range b.props {
		p := &b.props[i]
		if !p.optional && (p.role == shown && p.typ == "string" || p.role == heading || p.name == "children") {
			return p
		}
	}
	return nil
}

// query is an expression that finds the component's element, and what it shows.
func (b *builder) query() (expr, what string) {
	p := b.visible()
	switch {
	case b.kind.id == "spinner":
		return "screen.getByRole('status')", "a status"
	case b.kind.id == "avatar":
		return "screen.getByRole('img')", "the image"
	case b.kind.control && b.find("label") != nil && !b.find("label").optional:
		return "screen.getByLabelText('" + b.sampleText(b.find("label")) + "')", "a labelled control"
	case b.kind.id == "list":
		return "screen.getByText('Second')", "every item"
	case (b.kind.id == "button" || b.kind.id == "link") && p != nil:
		return "screen.getByRole('" + b.kind.id + "', { name: '" + b.sampleText(p) + "' })", "its " + p.name
	case p != nil:
		return "screen.getByText('" + b.sampleText(p) + "')", "its " + p.name
	}
	return "", ""
}

func (b *builder) testRender(w *code) {
	expr, what := b.query()
	if expr == "" {
		w.line(1, "it('passes className on', () => {")
		w.line(2, "const { container } = render("+b.element(`className="extra"`)+");")
		w.line(0, "")
		w.line(2, "expect(container.querySelector('.extra')).not.toBeNull();")
		w.line(1, "});")
		return
	}
	w.line(1, "it('renders "+what+"', () => {")
	b.render(w)
	w.line(0, "")
	if b.h.project.has("@testing-library/jest-dom") {
		w.line(2, "expect("+expr+").toBeInTheDocument();")
	} else {
		w.line(2, "expect("+expr+").toBeTruthy();")
	}
	w.line(1, "});")
}

func (b *builder) mock(w *code, vitest bool) {
	fn := "jest.fn()"
	if vitest {
		fn = "vi.fn()"
	}
	w.line(2, "const onClick = "+fn+";")
}

func (b *builder) click(w *code) {
	w.line(0, "")
	role := "screen.getByRole('" + b.kind.id + "')"
	if b.user() {
		w.line(2, "await userEvent.click("+role+");")
	} else {
		w.line(2, "fireEvent.click("+role+");")
	}
	w.line(0, "")
}

func (b *builder) async() string {
	if b.user() {
		return "async () => {"
	}
	return "() => {"
}

func (b *builder) testClick(w *code, vitest bool) {
	w.line(1, "it('calls onClick when it is clicked', "+b.async())
	b.mock(w, vitest)
	if b.find("onClick").optional {
		b.render(w, "onClick={onClick}")
	} else {
		b.render(w)
	}
	b.click(w)
	w.line(2, "expect(onClick).toHaveBeenCalledTimes(1);")
	w.line(1, "});")
}

func (b *builder) testDisabled(w *code, off string, clicks, vitest bool) {
	if !clicks {
		w.line(1, "it('can be disabled', () => {")
		b.render(w, off)
		w.line(0, "")
		w.line(2, "expect(screen.getByRole('button').hasAttribute('disabled')).toBe(true);")
		w.line(1, "});")
		return
	}
	w.line(1, "it('does not call onClick while it is disabled', "+b.async())
	b.mock(w, vitest)
	b.render(w, "onClick={onClick}", off)
	b.click(w)
	w.line(2, "expect(onClick).not.toHaveBeenCalled();")
	w.line(1, "});")
}

func (b *builder) testClosed(w *code) {
	open := "open"
	if b.find("open") == nil {
		open = "isOpen"
	}
	w.line(1, "it('renders nothing while it is closed', () => {")
	el := strings.Replace(b.element(), " "+open, " "+open+"={false}", 1)
	w.line(2, "const { container } = render("+el+");")
	w.line(0, "")
	w.line(2, "expect(container.innerHTML).toBe('');")
	w.line(1, "});")
}

func (b *builder) testMarkup(w *code) {
	p := b.visible()
	want, what := "</"+b.kind.tag, "its markup"
	if p != nil {
		want, what = b.sampleText(p), "its "+p.name
	} else if b.kind.tag == "img" || b.kind.tag == "input" {
		want = "<" + b.kind.tag
	}
	w.line(1, "it('renders "+what+"', () => {")
	w.line(2, "expect(renderToStaticMarkup("+b.element()+")).toContain('"+want+"');")
	w.line(1, "});")
}
