package scaffold

import "strings"

// jsx is one element or expression of a component's markup.
type jsx struct {
	tag   string // "" for a leaf
	attrs []string
	kids  []jsx
	leaf  string // "{label}"
	lead  string // expression around it: "icon && " or "items.map((item) => "
	tail  string // what closes lead: ")"
}

func leaf(s string) jsx { return jsx{leaf: s} }

func (n *jsx) attr(a ...string) {
	for _, s := range a {
		if s != "" {
			n.attrs = append(n.attrs, s)
		}
	}
}

// one is the element on one line, if it has such a form.
func (n jsx) one() (string, bool) {
	if n.tag == "" {
		return n.leaf, true
	}
	open := "<" + strings.Join(append([]string{n.tag}, n.attrs...), " ")
	if len(n.kids) == 0 {
		return open + " />", true
	}
	// Formatters break an element with several attributes around an expression.
	if k := n.kids[0]; len(n.kids) > 1 || k.lead != "" || k.tag != "" || len(n.attrs) > 1 && strings.HasPrefix(k.leaf, "{") {
		return "", false
	}
	return open + ">" + n.kids[0].leaf + "</" + n.tag + ">", true
}

// render writes the element at a depth in the shape a formatter would give it.
func (n jsx) render(w *code, depth int) {
	if n.lead != "" {
		if s, ok := n.one(); ok && w.fits(depth, "{"+n.lead+s+n.tail+"}") {
			w.line(depth, "{"+n.lead+s+n.tail+"}")
			return
		}
		w.line(depth, "{"+n.lead+"(")
		bare := n
		bare.lead, bare.tail = "", ""
		bare.render(w, depth+1)
		w.line(depth, ")"+n.tail+"}")
		return
	}
	if s, ok := n.one(); ok && w.fits(depth, s) {
		w.line(depth, s)
		return
	}
	end := ">"
	if len(n.kids) == 0 {
		end = "/>"
	}
	if open := "<" + strings.Join(append([]string{n.tag}, n.attrs...), " ") + end; w.fits(depth, open) {
		w.line(depth, open)
	} else {
		w.line(depth, "<"+n.tag)
		for _, a := range n.attrs {
			w.line(depth+1, a)
		}
		w.line(depth, end)
	}
	if len(n.kids) == 0 {
		return
	}
	for _, k := range n.kids {
		k.render(w, depth+1)
	}
	w.line(depth, "</"+n.tag+">")
}

// code collects lines in one canonical style (semicolons, single quotes) and
// gives them out in the project's.
type code struct {
	h *habits
	b strings.Builder
}

func (w *code) fits(depth int, s string) bool {
	unit := len(w.h.indent)
	if w.h.indent == "\t" {
		unit = 2
	}
	return depth*unit+len(s) <= w.h.project.width
}

func (w *code) line(depth int, s string) {
	if s != "" {
		for range depth {
			w.b.WriteString(w.h.indent)
		}
		if !w.h.semi {
			s = strings.TrimSuffix(s, ";")
		}
		if w.h.double {
			s = strings.ReplaceAll(s, "'", `"`)
		}
		w.b.WriteString(s)
	}
	w.b.WriteString(w.h.eol)
}

// list writes open, the entries and end on one line if they fit, else one entry a line.
func (w *code) list(depth int, open string, entries []string, sep, end string) {
	one := open + " " + strings.Join(entries, sep+" ") + " " + end
	if strings.HasSuffix(open, "(") || strings.HasSuffix(open, "[") {
		one = open + strings.Join(entries, sep+" ") + end
	}
	if w.fits(depth, one) {
		w.line(depth, one)
		return
	}
	w.line(depth, open)
	for _, e := range entries {
		w.line(depth+1, e+sep)
	}
	w.line(depth, end)
}
