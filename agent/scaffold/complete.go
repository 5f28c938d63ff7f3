package scaffold

import "slices"

// complete adds what a component of its kind can't do without and settles types.
func (s *spec) complete() {
	k := s.kind.id
	s.props = slices.DeleteFunc(s.props, func(p prop) bool { return s.no[p.name] })
	switch k {
	case "button", "badge", "heading":
		s.content()
	case "link":
		s.front(prop{name: "href", role: attr})
		s.content()
	case "spinner":
		if s.find("label") == nil {
			s.front(prop{name: "label", optional: true, def: "Loading"})
		}
	case "list":
		s.front(prop{name: "items", role: items})
	case "avatar":
		if s.find("name") == nil && s.find("alt") == nil {
			s.front(prop{name: "alt", role: attr})
		}
		s.front(prop{name: "src", role: attr})
	case "modal":
		s.modal()
	default:
		if s.kind.control {
			s.control()
		} else if !s.shows() {
			s.props = append(s.props, prop{name: "children", role: node})
		}
	}
	for i := range s.props {
		s.settle(&s.props[i])
	}
}

func (s *spec) front(p prop) {
	if s.find(p.name) == nil {
		s.props = slices.Insert(s.props, 0, p)
	}
}

// shows reports whether any prop is visible by itself.
func (s *spec) shows() bool {
	return slices.ContainsFunc(s.props, func(p prop) bool {
		return p.role == shown || p.role == heading || p.role == node && p.name != "icon"
	})
}

// content gives an inline component something to show.
func (s *spec) content() {
	if !s.shows() {
		s.front(prop{name: "children", role: node})
	}
}

func (s *spec) modal() {
	if s.find("isOpen") == nil {
		s.front(prop{name: "open", role: state})
	}
	for i := range s.props {
		if p := &s.props[i]; p.name == "open" || p.name == "isOpen" || p.name == "onClose" {
			p.optional = false
		}
	}
	if s.find("onClose") == nil {
		s.props = slices.Insert(s.props, 1, prop{name: "onClose", role: handler})
	}
	if s.find("title") == nil && s.find("heading") == nil {
		s.props = append(s.props, prop{name: "title", role: heading})
	}
	if s.find("children") == nil && !s.no["children"] {
		s.props = append(s.props, prop{name: "children", role: node})
	}
}

// control makes a form control readable and writable by its owner.
func (s *spec) control() {
	k := s.kind.id
	if s.find("label") == nil && !s.no["label"] {
		s.front(prop{name: "label"})
	}
	if k == "select" {
		if s.find("options") == nil {
			s.props = append(s.props, prop{name: "options", role: items})
		}
	}
	value := prop{name: "value", role: attr, optional: true}
	if k == "checkbox" {
		value = prop{name: "checked", role: state, optional: true}
	}
	if s.find(value.name) == nil && s.find("defaultValue") == nil {
		s.props = append(s.props, value)
	}
	if s.find("onChange") == nil && !s.no["onChange"] {
		p := events["change"]
		p.name, p.role, p.optional = "onChange", handler, true
		s.props = append(s.props, p)
	}
	for i := range s.props {
		if p := &s.props[i]; p.name == "value" {
			p.optional = true
		}
	}
}

// settle gives a prop its TypeScript type.
func (s *spec) settle(p *prop) {
	switch p.role {
	case shown, heading, attr, image:
		if p.typ == "" || p.role != shown {
			p.typ = "string"
		}
	case node:
		p.typ = "ReactNode"
	case state:
		p.typ = "boolean"
	case items:
		p.typ = "string[]"
		if p.name == "options" {
			p.typ = "{ value: string; label: string }[]"
		}
	case handler:
		p.typ = "() => void"
		if p.event != "" {
			p.typ = "(event: " + p.event + "<" + s.kind.element + ">) => void"
		} else if s.kind.id == "list" {
			p.typ = "(item: string) => void"
		}
	}
}
