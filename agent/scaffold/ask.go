package scaffold

import (
	"slices"
	"strings"
	"unicode"
)

// spec is what an instruction asks of a component, as far as the rules reach.
type spec struct {
	name  string
	kind  kind
	props []prop
	left  []string // what is asked for and can't be said by a phrase of the instruction
	toks  []token
	neg   []bool // the token stands in a "without …"
	no    map[string]bool
}

// ask reads the instruction and marks the words that it follows.
func ask(name string, toks []token) *spec {
	s := &spec{name: name, kind: other, toks: toks, neg: negated(toks), no: map[string]bool{}}
	if k := kindOf(name); k != nil {
		s.kind = *k
	} else if k := headKind(toks); k != nil {
		s.kind = *k
	} else {
		s.left = append(s.left, "the behaviour of "+article(strings.Join(splitWords(name), " ")))
	}
	wishesOf(toks)
	for i := range toks {
		s.enum(i)
	}
	for i := range toks {
		s.handler(i)
	}
	for i := range toks {
		s.noun(i)
	}
	slices.SortStableFunc(s.props, func(a, b prop) int { return a.pos - b.pos })
	return s
}

func article(w string) string {
	if w != "" && strings.ContainsRune("aeiou", rune(w[0])) {
		return "an " + w
	}
	return "a " + w
}

// headKind is the kind of the noun the instruction begins with.
func headKind(toks []token) *kind {
	i := 0
	if words := headWords(toks, &i); len(words) > 0 {
		return kindOf(toks[words[len(words)-1]].low)
	}
	return nil
}

// negated marks the tokens from a negation to the end of its clause.
func negated(toks []token) []bool {
	out := make([]bool, len(toks))
	in := false
	for i := range toks {
		switch {
		case negations[toks[i].low] && !toks[i].quoted:
			in = true
		case clauseEnd[toks[i].low]:
			in = false
		}
		out[i] = in
	}
	return out
}

func (s *spec) find(name string) *prop {
	for i := range s.props {
		if s.props[i].name == name {
			return &s.props[i]
		}
	}
	return nil
}

// add takes p unless its name is taken, reserved or excluded.
func (s *spec) add(p prop) bool {
	if old := s.find(p.name); old != nil {
		return old.role == p.role
	}
	if reserved[strings.ToLower(p.name)] || p.name == s.name || len(s.props) >= 40 {
		return false
	}
	s.props = append(s.props, p)
	return true
}

func (s *spec) handlers() []prop {
	var out []prop
	for _, p := range s.props {
		if p.role == handler {
			out = append(out, p)
		}
	}
	return out
}

func (s *spec) use(from, to int) {
	for i := from; i < to && i < len(s.toks); i++ {
		s.toks[i].used = true
	}
	for i := to; i < len(s.toks) && !s.toks[i].punct && (stateNouns[s.toks[i].low] || propNouns[s.toks[i].low] || tailNouns[s.toks[i].low] || handlerNouns[s.toks[i].low]); i++ {
		s.toks[i].used = true
	}
}

// starts reports whether a noun phrase that names a prop may begin at i: after
// an articles or "with", or as a further entry of a list whose last was understood.
func (s *spec) starts(i int) (ok, optional, required bool) {
	j, det := i-1, false
	for ; j >= 0 && (s.toks[j].det() || s.toks[j].low == "optional" || s.toks[j].low == "required" && !s.toks[j].used || typeWords[s.toks[j].low] != ""); j-- {
		det = true
		optional = optional || s.toks[j].low == "optional"
		required = required || s.toks[j].low == "required"
	}
	if j < 0 {
		return true, optional, required
	}
	t := &s.toks[j]
	if !t.starter() {
		return false, optional, required
	}
	if det || !(t.low == "and" || t.low == "or" || t.text == "," || t.text == "/") {
		return true, optional, required
	}
	for j--; j >= 0 && (s.toks[j].punct || s.toks[j].starter() && s.toks[j].low != "with"); j-- {
	}
	return j < 0 || !s.toks[j].content() || s.toks[j].used, optional, required
}

// phrase is the longest dictionary phrase at i: its words joined and their number.
func (s *spec) phrase(i int) (prop, int, bool) {
	for n := min(4, len(s.toks)-i); n > 0; n-- {
		var b strings.Builder
		ok := true
		for k := i; k < i+n; k++ {
			ok = ok && !s.toks[k].punct && !s.toks[k].used && (n == 1 || !s.toks[k].quoted)
			if k > i {
				b.WriteByte(' ')
			}
			b.WriteString(strings.ReplaceAll(s.toks[k].low, "-", " "))
		}
		if !ok {
			continue
		}
		if p, ok := nouns[b.String()]; ok {
			return p, n, true
		}
	}
	return prop{}, 0, false
}

// flagLead are words that may stand before a state: "can be disabled".
var flagLead = set("be is are when if while")

// noun reads a prop named by a noun, a state or an identifier at token i.
func (s *spec) noun(i int) {
	t := &s.toks[i]
	if t.used || t.punct || t.low == "required" && i+1 < len(s.toks) && s.toks[i+1].content() {
		return
	}
	p, n, known := s.phrase(i)
	if s.neg[i] {
		if known {
			s.no[p.name] = true
			s.use(i, i+n)
			if i > 0 && negations[s.toks[i-1].low] {
				s.toks[i-1].used = true
			}
		}
		return
	}
	ok, optional, required := s.starts(i)
	if !ok && known && p.role == state && i > 0 && flagLead[s.toks[i-1].low] {
		ok = true
	}
	if !ok {
		return
	}
	if !known {
		p, n, known = s.compound(i)
	}
	if !known {
		p, n, known = s.identifier(i)
	}
	if !known || s.qualifies(i+n) {
		return
	}
	p.optional = (p.optional || optional || p.role == state) && !required
	p.pos = t.start
	if typ, k := s.typed(i + n); typ != "" && p.role != state {
		p.typ, n = typ, n+k
		if typ == "boolean" {
			p.role, p.optional = state, true
		}
	}
	if s.fits(p) && s.add(p) {
		s.use(i, i+n)
	}
}

// afterNoun may follow the noun that names a prop without making it part of another.
var afterNoun = set("inside below above next beside under over centered aligned shown displayed rendered visible used after before until always never only")

// qualifies reports whether the words before i only qualify the noun at i:
// "email validation" is no email, "rounded corners" no state.
func (s *spec) qualifies(i int) bool {
	if i >= len(s.toks) {
		return false
	}
	t := &s.toks[i]
	return t.content() && !t.quoted && !t.used && !tailNouns[t.low] && !afterNoun[t.low] && plainWord(t.text)
}

// typed reads ": string" or "(string)" at token i and says how many tokens it takes.
func (s *spec) typed(i int) (string, int) {
	if i+1 < len(s.toks) && (s.toks[i].text == ":" || s.toks[i].text == "(") {
		if typ := typeWords[s.toks[i+1].low]; typ != "" {
			return typ, 2
		}
	}
	return "", 0
}

// compound reads "user name" as userName and "button label" as label.
func (s *spec) compound(i int) (prop, int, bool) {
	if i+1 >= len(s.toks) || s.toks[i].quoted || !s.toks[i].content() || behaves(s.toks[i].low) || events[s.toks[i].low].dom != "" {
		return prop{}, 0, false
	}
	p, n, ok := s.phrase(i + 1)
	if !ok || p.role != shown && p.role != heading && p.role != image || !plainWord(s.toks[i].text) {
		return prop{}, 0, false
	}
	w := s.toks[i].low
	if kindOf(w) == nil && !slices.Contains(splitWords(s.name), w) {
		if strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") {
			return prop{}, 0, false // a verb: "filters name"
		}
		p.name = camel(w + " " + p.name)
	}
	return p, n + 1, true
}

func plainWord(w string) bool {
	for i, r := range w {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && r != '-') {
			return false
		}
	}
	return w != ""
}

// identifier reads isOpen, `userId`, "an elevated flag", "a region prop", "region: string".
func (s *spec) identifier(i int) (prop, int, bool) {
	t := &s.toks[i]
	if !plainWord(t.text) || len(t.text) > 40 {
		return prop{}, 0, false
	}
	next := token{}
	if i+1 < len(s.toks) {
		next = s.toks[i+1]
	}
	id := camel(t.text)
	if rest, ok := strings.CutPrefix(id, "on"); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
		return prop{}, 0, false // a handler that nothing here can call
	}
	for _, lead := range []string{"is", "has", "can", "should"} {
		if rest, ok := strings.CutPrefix(id, lead); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			return prop{name: id, role: state}, 1, true
		}
	}
	typ, _ := s.typed(i + 1)
	switch {
	case behaves(t.low) && typ == "" && !stateNouns[next.low]:
	case next.low == "flag" || next.low == "boolean" || next.low == "state":
		return prop{name: id, role: state}, 2, t.content()
	case typ != "" || propNouns[next.low] && t.content() || t.quoted || t.text != t.low && unicode.IsLower(rune(t.text[0])):
		return prop{name: id}, 1, !t.quoted || t.text == id
	}
	return prop{}, 0, false
}

// fits reports whether the kind of component has a use for the prop.
func (s *spec) fits(p prop) bool {
	k := s.kind.id
	switch p.name {
	case "href":
		return k == "link"
	case "placeholder", "value", "defaultValue", "readOnly", "required", "checked", "type":
		return s.kind.control && (p.name != "checked" || k == "checkbox") && (k != "checkbox" || p.name == "checked" || p.name == "value" || p.name == "required") &&
			(p.name != "type" || k == "input") && (k != "select" || p.name != "placeholder" && p.name != "readOnly")
	case "src", "alt":
		return k == "avatar"
	case "open", "isOpen":
		return k == "modal"
	case "items":
		return k == "list"
	case "options":
		return k == "select"
	case "children", "footer", "header", "actions":
		return !s.kind.control && k != "avatar" && k != "list"
	}
	if s.kind.control || k == "avatar" {
		switch p.role {
		case shown, heading, node, image:
			return slices.Contains([]string{"label", "error", "helperText", "hint", "name", "icon"}, p.name) && (k != "avatar" || p.name == "name")
		}
	}
	return true
}
