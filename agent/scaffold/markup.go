package scaffold

import (
	"slices"
	"strings"
)

// markup is the root element with everything below it.
func (b *builder) markup() jsx {
	root := jsx{tag: b.kind.tag}
	switch b.kind.id {
	case "button":
		root.attr(`type="button"`, "className={classes}")
		b.state(&root)
		b.events(&root)
		root.kids = b.line()
	case "link":
		b.link(&root)
	case "badge", "heading":
		root.attr("className={classes}")
		b.state(&root)
		b.events(&root)
		root.kids = append(b.line(), b.actions(false)...)
	case "spinner":
		root.attr("className={classes}", `role="status"`, "aria-label={label}")
		b.state(&root)
		b.events(&root)
		root.kids = slices.DeleteFunc(b.line(), func(n jsx) bool { return n.leaf == "{label}" })
	case "avatar":
		b.avatar(&root)
	case "list":
		b.list(&root)
	case "modal":
		root = b.dialog()
	default:
		if b.kind.control {
			return b.field()
		}
		root.attr("className={classes}")
		if b.kind.id == "alert" {
			root.attr(`role="alert"`)
		}
		b.state(&root)
		b.events(&root)
		root.kids = append(b.blocks(), b.actions(true)...)
	}
	return root
}

// state wires flags and attributes that are not shown as a class alone.
func (b *builder) state(el *jsx) {
	off, busy := "", ""
	for _, p := range b.props {
		word := strings.ToLower(strings.TrimPrefix(p.name, "is"))
		switch {
		case p.role == attr && p.name == "id":
			el.attr("id={id}")
		case p.role != state:
		case word == "disabled":
			off = p.name
		case word == "loading":
			busy = p.name
		case word == "hidden":
			el.attr("hidden={" + p.name + "}")
		case word == "invalid" && b.kind.control:
			el.attr("aria-invalid={" + p.name + "}")
		case word == "selected" && b.kind.id == "button":
			el.attr("aria-pressed={" + p.name + "}")
		case word == "expanded" && b.kind.id == "button":
			el.attr("aria-expanded={" + p.name + "}")
		case (p.name == "required" || p.name == "readOnly" || p.name == "checked") && b.kind.control:
			el.attr(p.name + "={" + p.name + "}")
		case word == "open" && b.kind.id == "modal":
		case flagClass(p.name, b.kind) == "":
			el.attr("data-" + kebab(p.name) + "={" + p.name + " || undefined}")
			b.left = append(b.left, "what "+p.name+" changes (it is only set as a data attribute)")
		}
	}
	native := b.kind.control || b.kind.id == "button"
	switch {
	case native && off != "" && busy != "":
		el.attr("disabled={"+off+" || "+busy+"}", "aria-busy={"+busy+"}")
	case native && off != "":
		el.attr("disabled={" + off + "}")
	case native && busy != "":
		el.attr("disabled={"+busy+"}", "aria-busy={"+busy+"}")
	default:
		if off != "" {
			el.attr("aria-disabled={" + off + "}")
		}
		if busy != "" {
			el.attr("aria-busy={" + busy + "}")
		}
	}
}

// events wires the handlers of DOM events.
func (b *builder) events(el *jsx) {
	for _, p := range b.props {
		if p.role == handler && p.dom != "" {
			el.attr(p.dom + "={" + p.name + "}")
		}
	}
}

// line is the content of an inline component, icon first.
func (b *builder) line() []jsx {
	var out []jsx
	for _, p := range b.props {
		if p.name == "icon" && p.role == node {
			n := jsx{tag: "span", attrs: []string{b.class("icon"), `aria-hidden="true"`}, kids: []jsx{leaf("{icon}")}}
			out = append(out, when(p, n))
		}
	}
	main := true
	for _, p := range b.props {
		switch {
		case p.name == "icon" || p.role != shown && p.role != heading && p.role != node && p.role != image:
		case p.role == image:
			out = append(out, when(p, b.picture(p)))
		case p.name == "children" || main && !p.optional:
			main = main && p.name == "children"
			out = append(out, leaf("{"+p.name+"}"))
		default:
			out = append(out, when(p, jsx{tag: "span", attrs: []string{b.class(p.name)}, kids: []jsx{leaf("{" + p.name + "}")}}))
		}
	}
	return out
}

// when makes the element of an optional prop depend on it.
func when(p prop, n jsx) jsx {
	switch {
	case !p.optional:
	case p.typ == "number":
		n.lead = p.name + " !== undefined && "
	default:
		n.lead = p.name + " && "
	}
	return n
}

func (b *builder) picture(p prop) jsx {
	alt := `""`
	for _, q := range b.props {
		if q.role == heading || q.name == "name" {
			alt = "{" + q.name + "}"
			if !q.optional {
				break
			}
		}
	}
	return jsx{tag: "img", attrs: []string{b.class(p.name), "src={" + p.name + "}", "alt=" + alt}}
}

// blocks are the parts of a block component, in the order of the instruction;
// a footer stays at the end.
func (b *builder) blocks() []jsx {
	var out, last []jsx
	titled := slices.ContainsFunc(b.props, func(p prop) bool { return p.role == heading })
	for _, p := range b.props {
		n := jsx{tag: "p", kids: []jsx{leaf("{" + p.name + "}")}}
		switch {
		case p.role == image:
			n = b.picture(p)
		case p.role == heading, p.name == "name" && !titled && b.kind.id != "alert":
			n.tag, titled = "h2", true
			n.attr(b.class(p.name))
		case p.name == "children":
			n.tag = "div"
			n.attr(b.class("body"))
			if len(b.props) == 1 || b.kind.id == "container" || b.kind.id == "other" {
				delete(b.used, "body")
				b.classes = slices.DeleteFunc(b.classes, func(c string) bool { return c == "body" })
				n = leaf("{children}")
			}
		case p.role == node && (p.name == "header" || p.name == "footer"):
			n.tag = p.name
			n.attr(b.class(p.name))
		case p.role == node:
			n.tag = "div"
			n.attr(b.class(p.name))
		case p.role == shown && p.typ == "boolean", p.role != shown:
			continue
		case p.typ == "string[]":
			n.tag = "ul"
			n.attr(b.class(p.name))
			n.kids = []jsx{{tag: "li", attrs: []string{"key={entry}"}, kids: []jsx{leaf("{entry}")}, lead: p.name + ".map((entry) => ", tail: ")"}}
		default:
			n.attr(b.class(p.name))
		}
		if n.tag != "" {
			n = when(p, n)
		}
		if p.name == "footer" || p.name == "actions" {
			last = append(last, n)
			continue
		}
		out = append(out, n)
	}
	return append(out, last...)
}

// closers are handlers that take the component away, shown as a cross.
var closers = set("onClose onDismiss onRemove onDelete")

// actions are the buttons that call the component's own callbacks.
func (b *builder) actions(block bool) []jsx {
	var out []jsx
	for _, p := range b.props {
		if p.role != handler || p.dom != "" {
			continue
		}
		word := sentence(strings.TrimPrefix(p.name, "on"))
		btn := jsx{tag: "button", attrs: []string{`type="button"`, b.class("action"), "onClick={" + p.name + "}"}, kids: []jsx{leaf(word)}}
		if !block || b.kind.id == "alert" && closers[p.name] {
			btn.attr(`aria-label="` + word + `"`)
			btn.kids = []jsx{leaf("×")}
		}
		out = append(out, when(p, btn))
	}
	return out
}

func (b *builder) link(root *jsx) {
	root.attr("className={classes}")
	href := "href={href}"
	for _, p := range b.props {
		if flagClass(p.name, b.kind) == "disabled" {
			href = "href={" + p.name + " ? undefined : href}"
		}
	}
	root.attr(href)
	b.state(root)
	b.events(root)
	root.kids = b.line()
}

func (b *builder) avatar(root *jsx) {
	alt := "alt={alt}"
	if b.find("alt") == nil {
		alt = "alt={name}"
	}
	root.attr("className={classes}", "src={src}", alt)
	b.state(root)
	b.events(root)
}

func (b *builder) list(root *jsx) {
	root.attr("className={classes}")
	b.state(root)
	b.events(root)
	item := jsx{tag: "li", attrs: []string{"key={item}", b.class("item")}, kids: []jsx{leaf("{item}")}, lead: "items.map((item) => ", tail: ")"}
	if p := b.find("onSelect"); p != nil {
		call := "onSelect(item)"
		if p.optional {
			call = "onSelect?.(item)"
		}
		item.kids = []jsx{{tag: "button", attrs: []string{`type="button"`, b.class("action"), "onClick={() => " + call + "}"}, kids: item.kids}}
	}
	above := b.blocks()
	root.kids = []jsx{item}
	if len(above) > 0 {
		// A list with a title is a section around the list.
		list := jsx{tag: "ul", attrs: []string{b.class("items")}, kids: root.kids}
		root.tag, root.kids = "section", slices.Concat(above, []jsx{list})
	}
}

func (b *builder) dialog() jsx {
	title := "title"
	for _, p := range b.props {
		if p.role == heading {
			title = p.name
		}
	}
	box := jsx{tag: "div"}
	box.attr("className={classes}", `role="dialog"`, `aria-modal="true"`, "aria-label={"+title+"}")
	b.state(&box)
	b.events(&box)
	backdrop := b.class("backdrop")
	box.kids = b.blocks()
	cross := jsx{tag: "button", attrs: []string{`type="button"`, b.class("close"), `aria-label="Close"`, "onClick={onClose}"}, kids: []jsx{leaf("×")}}
	box.kids = append(box.kids, cross)
	hold := b.props
	b.props = slices.DeleteFunc(slices.Clone(hold), func(p prop) bool { return p.name == "onClose" })
	box.kids = append(box.kids, b.actions(true)...)
	b.props = hold
	return jsx{tag: "div", attrs: []string{backdrop}, kids: []jsx{box}}
}

// field is a form control inside its label.
func (b *builder) field() jsx {
	tag := "label"
	if b.find("label") == nil {
		tag = "div"
	}
	root := jsx{tag: tag, attrs: []string{"className={classes}"}}
	control := jsx{tag: b.kind.tag}
	control.attr(b.class("control"))
	if b.kind.id == "checkbox" {
		control.attr(`type="checkbox"`)
	}
	for _, p := range b.props {
		if p.name == "placeholder" || p.name == "value" || p.name == "defaultValue" || p.name == "type" || p.name == "name" {
			control.attr(p.name + "={" + p.name + "}")
		}
		if p.name == "error" {
			control.attr("aria-invalid={Boolean(error)}")
		}
	}
	b.state(&control)
	b.events(&control)
	if b.kind.id == "select" {
		control.kids = []jsx{{tag: "option", attrs: []string{"key={option.value}", "value={option.value}"}, kids: []jsx{leaf("{option.label}")}, lead: "options.map((option) => ", tail: ")"}}
	}
	var before, after []jsx
	for _, p := range b.props {
		n := jsx{tag: "span", kids: []jsx{leaf("{" + p.name + "}")}}
		switch p.name {
		case "label":
			n.attr(b.class("label"))
			if b.kind.id == "checkbox" {
				after = append(after, when(p, n))
			} else {
				before = append(before, when(p, n))
			}
		case "icon":
			n.attr(b.class("icon"), `aria-hidden="true"`)
			before = append(before, when(p, n))
		case "error":
			n.attr(b.class("error"), `role="alert"`)
			after = append(after, when(p, n))
		case "helperText", "hint":
			n.attr(b.class(p.name))
			after = append(after, when(p, n))
		}
	}
	root.kids = slices.Concat(before, []jsx{control}, after)
	return root
}
