package scaffold

import (
	"slices"
	"strings"
)

// types are the names that the props take from React, sorted.
func (b *builder) types() []string {
	var out []string
	for _, p := range b.props {
		if p.typ == "ReactNode" {
			out = append(out, "ReactNode")
		}
		if p.role == handler && p.event != "" {
			out = append(out, p.event)
		}
	}
	if b.h.arrow && b.h.fc == "FC" {
		out = append(out, "FC")
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (b *builder) namespaced() bool {
	return b.h.react == "default" || b.h.react == "star" || b.h.react == "global"
}

// typeOf writes a prop's type as the project refers to React.
func (b *builder) typeOf(p prop) string {
	if p.role == choice {
		quoted := make([]string, len(p.values))
		for i, v := range p.values {
			quoted[i] = "'" + v + "'"
		}
		return strings.Join(quoted, " | ")
	}
	typ := p.typ
	if b.namespaced() {
		typ = strings.ReplaceAll(typ, "ReactNode", "React.ReactNode")
		if p.event != "" {
			typ = strings.ReplaceAll(typ, p.event+"<", "React."+p.event+"<")
		}
	}
	return typ
}

func (b *builder) typeName() string {
	if b.h.propName == "plain" {
		return "Props"
	}
	return b.plan.Name + "Props"
}

// members are the lines of the props type.
func (b *builder) members() []string {
	var out []string
	for _, p := range b.props {
		q := ""
		if p.optional {
			q = "?"
		}
		out = append(out, p.name+q+": "+b.typeOf(p))
	}
	return append(out, "className?: string")
}

func (b *builder) propsType(w *code) {
	export := ""
	if b.h.exported {
		export = "export "
	}
	open, end := "interface "+b.typeName()+" {", "}"
	if b.h.props == "type" {
		open, end = "type "+b.typeName()+" = {", "};"
	}
	w.line(0, export+open)
	for _, m := range b.members() {
		w.line(1, m+";")
	}
	w.line(0, end)
}

// propTypes writes the runtime types of a JavaScript component.
func (b *builder) propTypes(w *code) {
	w.line(0, "")
	w.line(0, b.plan.Name+".propTypes = {")
	for _, p := range b.props {
		typ := map[role]string{node: "node", state: "bool", handler: "func"}[p.role]
		switch {
		case p.role == choice:
			typ = "oneOf([" + strings.ReplaceAll(b.typeOf(p), " | ", ", ") + "])"
		case p.name == "options":
			typ = "arrayOf(PropTypes.shape({ value: PropTypes.string, label: PropTypes.string }))"
		case p.role == items || p.typ == "string[]":
			typ = "arrayOf(PropTypes.string)"
		case p.typ == "number":
			typ = "number"
		case typ == "":
			typ = "string"
		}
		if !p.optional {
			typ += ".isRequired"
		}
		w.line(1, p.name+": PropTypes."+typ+",")
	}
	w.line(1, "className: PropTypes.string,")
	w.line(0, "};")
}
