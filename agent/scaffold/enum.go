package scaffold

import (
	"slices"
	"strings"
)

// enum reads a list of variants or sizes around the noun at token i.
func (s *spec) enum(i int) {
	t := &s.toks[i]
	if t.punct || t.quoted || t.used || s.neg[i] {
		return
	}
	variant, look, size := variantNouns[t.low], lookNouns[t.low], sizeNouns[t.low]
	if !variant && !look && !size {
		return
	}
	after, end := s.listAfter(i + 1)
	list := s.listBefore(i, size)
	if len(after) > 1 || len(after) > 0 && len(list) == 0 {
		list = after
	} else {
		end = i + 1
	}
	vals, states := s.values(list)
	known := len(vals) > 0 && !slices.ContainsFunc(vals, func(v string) bool { return !variantWords[v] && !sizeWords[v] })
	sizes := len(vals) > 0 && !slices.ContainsFunc(vals, func(v string) bool { return !sizeWords[v] })
	p := prop{name: "variant", role: choice, optional: true, pos: t.start}
	if len(list) > 0 {
		p.pos = min(p.pos, s.toks[list[0]].start)
	}
	switch {
	case size && len(list) == 0 && s.bare(i):
		vals = []string{"small", "medium", "large"}
	case variant && len(list) == 0 && s.bare(i):
		vals = []string{"primary", "secondary"}
	case len(vals) == 0 || size && !sizes || look && (!known || len(vals) < 2):
		return
	case len(vals) == 1 && !size:
		vals = append([]string{"default"}, vals...)
	}
	if size || sizes {
		p.name = "size"
	}
	p.values, p.def = vals, vals[0]
	for _, m := range []string{"medium", "md", "normal"} {
		if p.name == "size" && slices.Contains(vals, m) {
			p.def = m
		}
	}
	if s.clash(p) || !s.add(p) {
		return
	}
	s.use(i, max(end, i+1))
	if i > 0 && visual[s.toks[i-1].low] {
		s.toks[i-1].used = true
	}
	for _, k := range list {
		if !states[k] {
			s.toks[k].used = true
		}
	}
}

// visual words before "variants" add nothing to their list.
var visual = set("color colour visual style styling different following possible available button badge alert")

// bare reports whether the noun stands alone: "a variant prop", "three sizes",
// "with variants", and nothing qualifies it.
func (s *spec) bare(i int) bool {
	ok, _, _ := s.starts(i)
	return ok && (i+1 == len(s.toks) || s.toks[i+1].punct || propNouns[s.toks[i+1].low] || s.toks[i+1].starter())
}

// clash reports whether two choices would share a class.
func (s *spec) clash(p prop) bool {
	for _, q := range s.props {
		if q.role == choice && slices.ContainsFunc(q.values, func(v string) bool { return slices.Contains(p.values, v) }) {
			return q.name != p.name
		}
	}
	return false
}

// values turns list entries into values; states are entries that are flags
// ("primary, secondary and disabled variants") and stay to be read as such.
func (s *spec) values(list []int) (vals []string, states map[int]bool) {
	states = map[int]bool{}
	for _, k := range list {
		low := s.toks[k].low
		if nouns[low].role == state && !variantWords[low] {
			states[k] = true
			s.add(prop{name: nouns[low].name, role: state, optional: true, pos: s.toks[k].start})
			s.toks[k].used = true
			continue
		}
		if v := kebab(s.toks[k].text); !slices.Contains(vals, v) {
			vals = append(vals, v)
		}
	}
	return vals, states
}

// entry reports whether token k can be a value.
func (s *spec) entry(k int) bool {
	t := &s.toks[k]
	if t.punct || t.used || !plainWord(t.text) || len(t.text) > 24 {
		return false
	}
	if t.quoted || variantWords[t.low] || sizeWords[t.low] {
		return true
	}
	p, isNoun := nouns[t.low]
	return t.content() && !handlerNouns[t.low] && !headNoise[t.low] && !headStop[t.low] && (!isNoun || p.role == state)
}

func listMark(t *token) bool {
	return t.text == "," || t.text == "/" || t.text == "|" || !t.quoted && (t.low == "and" || t.low == "or" || t.text == "&")
}

// listBefore collects entries backwards from a noun: "a primary and a secondary variant".
func (s *spec) listBefore(noun int, size bool) []int {
	var list []int
	j, lastDet := noun-1, false
	for j >= 0 && s.entry(j) {
		k := j - 1
		for k >= 0 && s.toks[k].det() {
			k--
		}
		det := k < j-1
		before := k < 0 || s.toks[k].starter() || listMark(&s.toks[k])
		low := s.toks[j].low
		familiar := variantWords[low] || sizeWords[low] || s.toks[j].quoted
		if !before && !familiar {
			break // the last word of some other phrase
		}
		if len(list) > 0 && !familiar && det != lastDet || size && !sizeWords[low] {
			break
		}
		list = append(list, j)
		lastDet = det
		m := k
		for m >= 0 && listMark(&s.toks[m]) {
			m--
		}
		if m == k {
			break
		}
		j = m
	}
	slices.Reverse(list)
	return list
}

// leadMarks stand between a noun and its list.
var leadMarks = []string{":", "(", "=", "–", "—", "-"}

// listAfter collects entries after a noun: "variants: primary, secondary". end
// is the token after the last one.
func (s *spec) listAfter(i int) (list []int, end int) {
	led := false
	for ; i < len(s.toks); i++ {
		low := s.toks[i].low
		if s.toks[i].punct && slices.Contains(leadMarks, s.toks[i].text) || !s.toks[i].punct && slices.Contains([]string{"of", "like", "such", "as", "named", "are", "prop", "props", "either", "is", "can", "be", "being"}, low) {
			led = led || low != "prop"
			continue
		}
		break
	}
	end = i
	for i < len(s.toks) && s.entry(i) {
		low := s.toks[i].low
		if !led && !variantWords[low] && !sizeWords[low] && !s.toks[i].quoted {
			break
		}
		next := i + 1
		if next < len(s.toks) && !s.toks[next].punct && !listMark(&s.toks[next]) && !s.toks[next].starter() {
			break // "primary label": not a value by itself
		}
		list = append(list, i)
		end = next
		for next < len(s.toks) && (listMark(&s.toks[next]) || s.toks[next].det()) {
			next++
		}
		if next == i+1 {
			break
		}
		i = next
	}
	return list, end
}

// handler reads a handler at token i: "onClick", "on click handler", "a click
// handler", "click and focus handlers".
func (s *spec) handler(i int) {
	t := &s.toks[i]
	if t.used || t.punct || s.neg[i] {
		return
	}
	var word string
	var n int
	switch {
	case len(t.text) > 2 && strings.HasPrefix(t.text, "on") && t.text[2] >= 'A' && t.text[2] <= 'Z' && plainWord(t.text) && len(t.text) < 40:
		word, n = t.text[2:], 1
	case strings.HasPrefix(t.low, "on") && hasEvent(strings.ReplaceAll(t.low[2:], "-", "")):
		word, n = strings.ReplaceAll(t.low[2:], "-", ""), 1
	case t.low == "on" && i+1 < len(s.toks) && hasEvent(s.toks[i+1].low):
		word, n = s.toks[i+1].low, 2
		if ok, _, _ := s.starts(i); !ok {
			return
		}
	case hasEvent(t.low) && s.leadsToHandler(i+1):
		word, n = t.low, 1
	default:
		return
	}
	p := events[strings.ToLower(word)]
	p.name, p.role, p.optional, p.pos = "on"+pascal(word), handler, true, t.start
	if name := eventNames[strings.ToLower(word)]; name != "" {
		p.name = name
	}
	if s.wires(p) && s.add(p) {
		s.use(i, i+n)
	}
}

func hasEvent(w string) bool { _, ok := events[w]; return ok }

// leadsToHandler reports whether i continues an event word to "handler", over
// further event words: "click and focus handlers".
func (s *spec) leadsToHandler(i int) bool {
	for ; i < len(s.toks); i++ {
		t := &s.toks[i]
		switch {
		case handlerNouns[t.low]:
			return true
		case !listMark(t) && !hasEvent(t.low) && !t.det():
			return false
		}
	}
	return false
}

// wires reports whether the component has an element that can call the handler.
func (s *spec) wires(p prop) bool {
	k := s.kind.id
	switch p.dom {
	case "onChange":
		return s.kind.control
	case "onSubmit":
		return k == "form"
	case "":
		return !s.kind.control && !s.kind.inline && k != "avatar" && (k != "list" || p.name == "onSelect") || k == "badge" && (p.name == "onRemove" || p.name == "onDismiss" || p.name == "onClose" || p.name == "onDelete")
	}
	return true
}

// wishes are what the instruction says of the files beside the component.
type wishes struct{ test, noTest, module, noStyle bool }

func wishesOf(toks []token) wishes {
	var w wishes
	neg := negated(toks)
	use := func(i, n int) {
		for k := i; k < i+n; k++ {
			toks[k].used = true
		}
		if i > 0 && negations[toks[i-1].low] {
			toks[i-1].used = true
		}
	}
	for i := range toks {
		two := ""
		if i+1 < len(toks) {
			two = toks[i].low + " " + strings.TrimSuffix(toks[i+1].low, "s")
		}
		switch {
		case two == "unit test" || two == "test file":
			w.test, w.noTest = w.test || !neg[i], w.noTest || neg[i]
			use(i, 2)
		case !toks[i].used && (toks[i].low == "test" || toks[i].low == "tests"):
			w.test, w.noTest = w.test || !neg[i], w.noTest || neg[i]
			use(i, 1)
		case two == "css module":
			w.module, w.noStyle = w.module || !neg[i], w.noStyle || neg[i]
			use(i, 2)
		case neg[i] && (toks[i].low == "css" || toks[i].low == "stylesheet" || toks[i].low == "styling" || toks[i].low == "styles"):
			w.noStyle = true
			use(i, 1)
		}
	}
	return w
}
