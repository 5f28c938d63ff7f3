package imports

import (
	"regexp"
	"strings"
)

// add writes the imports into the head.
func (s *scriptFamily) add(head string) string {
	for _, w := range s.want {
		head = s.addOne(head, w)
	}
	return head
}

func (s *scriptFamily) addOne(head string, w scriptImport) string {
	have := scriptStatements("typescript", head)
	for _, i := range have { // into a statement that is there
		if i.from != w.from || i.typed != w.typed || !i.takes(w) {
			continue
		}
		return head[:i.span.Start] + s.merged(i, w) + head[i.span.End:]
	}
	line := s.statement(w)
	if len(have) == 0 {
		if head = strings.TrimRight(head, "\n"); head != "" {
			head += "\n\n"
		}
		return head + line + "\n"
	}
	last := have[len(have)-1]
	if !strings.HasPrefix(w.from, ".") { // packages before files
		for n := len(have) - 1; n >= 0; n-- {
			if !strings.HasPrefix(have[n].from, ".") {
				last = have[n]
				break
			}
		}
		if strings.HasPrefix(last.from, ".") {
			return head[:have[0].span.Start] + line + "\n" + head[have[0].span.Start:]
		}
	}
	end := last.span.Start + len(strings.TrimRight(last.raw, "\n"))
	return head[:end] + "\n" + line + head[end:]
}

// takes reports whether one statement can say what i and w say. One that runs a
// module and takes nothing from it stays as it is, and one with comments.
func (i scriptImport) takes(w scriptImport) bool {
	list := strings.Contains(i.raw, "{")
	switch {
	case strings.Contains(strings.Join(i.names, " "), "//"):
		return false
	case w.star != "", i.star != "", i.def == "" && !list:
		return false
	case w.def != "":
		return i.def == "" && !i.typed
	}
	return list || !i.typed // a type import has a default or a list, not both
}

// defaultName is the beginning of a statement up to the name of its default.
var defaultName = regexp.MustCompile(`^import[ \t]+[\w$]+`)

// merged is the statement i with what w brings. A list over several lines stays one.
func (s *scriptFamily) merged(i, w scriptImport) string {
	raw := i.raw
	if w.def != "" {
		raw = strings.Replace(raw, "{", w.def+", {", 1)
		raw = strings.Replace(raw, "import"+w.def, "import "+w.def, 1) // "import{a}" is a statement, too
	}
	for _, n := range w.names {
		open, end := strings.IndexByte(raw, '{'), strings.IndexByte(raw, '}')
		if end < 0 { // import React from "react"
			at := defaultName.FindStringIndex(raw)[1] // Inv: see takes
			raw = raw[:at] + ", { " + n + " }" + raw[at:]
			continue
		}
		list := strings.TrimRight(raw[open+1:end], " \t\n,")
		tail := raw[open+1+len(list) : end]
		if before, _, ok := strings.Cut(list, "\n"); ok && strings.TrimSpace(before) == "" {
			indent := list[strings.LastIndexByte(list, '\n')+1:]
			indent = indent[:len(indent)-len(strings.TrimLeft(indent, " \t"))]
			comma := ""
			if strings.HasPrefix(tail, ",") {
				comma = ","
			}
			raw = raw[:open+1] + list + ",\n" + indent + n + comma + "\n" + raw[end:]
			continue
		}
		space := " "
		if !strings.HasSuffix(raw[:end], " ") && list != "" {
			space = ""
		}
		if list == "" {
			list = " " + n
		} else {
			list += ", " + n
		}
		raw = raw[:open+1] + list + space + raw[end:]
	}
	return raw
}

func (s *scriptFamily) statement(w scriptImport) string {
	if s.style.quote == "" {
		s.style.quote, s.style.semi = `"`, ";"
	}
	var parts []string
	if w.def != "" {
		parts = append(parts, w.def)
	}
	if w.star != "" {
		parts = append(parts, "* as "+w.star)
	}
	if len(w.names) > 0 {
		parts = append(parts, "{ "+strings.Join(w.names, ", ")+" }")
	}
	out := "import "
	if w.typed {
		out += "type "
	}
	if len(parts) > 0 {
		out += strings.Join(parts, ", ") + " from "
	}
	return out + s.style.quote + w.from + s.style.quote + s.style.semi
}
