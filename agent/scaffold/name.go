package scaffold

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const nameHint = `give a name in letters and digits that begins with a letter, such as "UserCard"`

// takenNames can't be component names: generated code uses them.
var takenNames = set(`React Boolean Fragment ReactNode MouseEvent ChangeEvent FormEvent FocusEvent KeyboardEvent FC PropTypes`)

// checkName turns a given name into the component's identifier.
func checkName(given string) (string, *Error) {
	name := pascal(given)
	if strings.ContainsFunc(given, func(r rune) bool { return !wordRune(r) && r != '-' && r != ' ' }) {
		name = ""
	}
	if r, _ := utf8.DecodeRuneInString(name); !unicode.IsUpper(r) || len(name) > 60 {
		return "", badRequest(nameHint, "%q can't be the name of a component", clip(given, 80))
	}
	if takenNames[name] {
		return "", badRequest(nameHint, "%q is a name that the component's own code uses", name)
	}
	return name, nil
}

// splitWords cuts identifiers and phrases into lower-case words: "UserCard",
// "user-card" and "user card" are all user, card.
func splitWords(s string) []string {
	var out []string
	var cur []rune
	flush := func() {
		if len(cur) > 0 {
			out = append(out, strings.ToLower(string(cur)))
			cur = cur[:0]
		}
	}
	rs := []rune(s)
	for i, r := range rs {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			flush()
			continue
		}
		if unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) {
			flush()
		}
		cur = append(cur, r)
	}
	flush()
	return out
}

func pascal(s string) string {
	var b strings.Builder
	for _, w := range splitWords(s) {
		r, n := utf8.DecodeRuneInString(w)
		b.WriteRune(unicode.ToUpper(r))
		b.WriteString(w[n:])
	}
	return b.String()
}

func camel(s string) string {
	p := pascal(s)
	r, n := utf8.DecodeRuneInString(p)
	return string(unicode.ToLower(r)) + p[n:]
}

func kebab(s string) string { return strings.Join(splitWords(s), "-") }

func sentence(s string) string {
	w := strings.Join(splitWords(s), " ")
	r, n := utf8.DecodeRuneInString(w)
	return string(unicode.ToUpper(r)) + w[n:]
}

// properNouns look like PascalCase names but are none.
var properNouns = set(`react reactjs typescript javascript vitest jest nextjs tailwindcss graphql github youtube iphone macos
	testinglibrary storybook jsdoc nodejs redux`)

// pascalName reports whether w is unmistakably a component name: two humps or more.
func pascalName(w string) bool {
	if r, _ := utf8.DecodeRuneInString(w); !unicode.IsUpper(r) || properNouns[strings.ToLower(w)] {
		return false
	}
	return len(splitWords(w)) > 1 && strings.ContainsFunc(w, unicode.IsLower) &&
		!strings.ContainsFunc(w, func(r rune) bool { return !wordRune(r) })
}

var (
	// headNoise is stripped before the noun that names the component.
	headNoise = set(`please create make generate build write add implement give me i want need would like to new simple basic reusable
		generic plain react reactjs react.js tsx jsx typescript javascript ts js functional function stateless component components
		called named let's us we you can could let have it hob`)
	headStop = set(`with that which has have having takes taking accepts supports showing shows displaying displays renders rendering
		using in on from by where when whose plus and or to as containing including at into if while without but it`)
	// nounIng end like behaviour and are things.
	nounIng = set("pricing loading rating setting heading landing onboarding billing shipping booking listing meeting building training ranking greeting string thing nothing nav-bar")
	ables   = set("table cable available variable")
)

// guessName finds the component's name in the instruction and marks its words as
// used. Words that promise a behaviour ("sortable table") name it but stay unused.
func guessName(toks []token) string {
	if n := explicitName(toks); n != "" {
		return n
	}
	i := 0
	words := headWords(toks, &i)
	if len(words) == 0 && i < len(toks) {
		// "a component that shows a user profile"
		for i < len(toks) && (headStop[toks[i].low] || toks[i].low == "for") && !toks[i].punct {
			i++
		}
		words = headWords(toks, &i)
	}
	if len(words) == 0 {
		return ""
	}
	if i+1 < len(toks) && (toks[i].low == "of" || toks[i].low == "for") && !toks[i].punct {
		j := i + 1
		if of := headWords(toks, &j); len(of) > 0 && len(of) <= 2 && !behaves(toks[of[0]].low) && kindOf(toks[words[len(words)-1]].low) != nil {
			if last := toks[of[len(of)-1]]; !pastVerb(last.low) {
				toks[of[len(of)-1]].low = singular(last.low)
			}
			words = append(of, words...)
		}
	}
	var parts []string
	for _, w := range words {
		parts = append(parts, toks[w].low)
		toks[w].used = !behaves(toks[w].low)
	}
	name := pascal(strings.Join(parts, " "))
	if len(words) > 4 || len(name) > 60 {
		return ""
	}
	return name
}

func pastVerb(w string) bool { return strings.HasSuffix(w, "ed") }

// headWords collects the noun words from *i up to the first word that ends the
// head, skipping what says nothing about the name, and leaves *i at that word.
func headWords(toks []token, i *int) []int {
	var words []int
	for ; *i < len(toks); *i++ {
		t := &toks[*i]
		switch {
		case t.punct && len(words) == 0 && *i == 0:
			continue // a bullet
		case (t.text == "," || t.low == "and") && len(words) > 0 && !slices.ContainsFunc(words, func(w int) bool { return !behaves(toks[w].low) }):
			words = words[:0] // "an accessible, responsive dialog" is a dialog
			continue
		case t.punct || headStop[t.low] || t.low == "for" || t.low == "of":
			return words
		case t.det() || headNoise[t.low]:
			if len(words) > 0 && t.det() {
				return words
			}
			continue
		case len(words) > 0 && behaves(t.low) && kindOf(toks[words[len(words)-1]].low) != nil:
			return words // "a list sorted by name"
		case strings.ContainsAny(t.low, "/.@") || len(words) > 4:
			return words
		}
		words = append(words, *i)
	}
	return words
}

// explicitName is a name that can't be mistaken: after "called" or "named", or
// a word written as a component's identifier.
func explicitName(toks []token) string {
	for i := range toks {
		if low := toks[i].low; (low == "called" || low == "named") && i+1 < len(toks) && !toks[i+1].punct && (i == 0 || !slices.Contains([]string{"prop", "props", "variant", "variants"}, toks[i-1].low)) {
			if name, err := checkName(toks[i+1].text); err == nil {
				toks[i].used, toks[i+1].used = true, true
				consumeHead(toks[:i])
				return name
			}
		}
	}
	for i := range toks {
		if pascalName(toks[i].text) {
			toks[i].used = true
			return pascal(toks[i].text)
		}
	}
	return ""
}

// consumeHead marks the head of "a button component called X": it says what kind of thing X is.
func consumeHead(toks []token) {
	i := 0
	for _, w := range headWords(toks, &i) {
		if kindOf(toks[w].low) != nil {
			toks[w].used = true
		}
	}
}

// behaves reports whether a word in a name promises a behaviour that no generator has.
func behaves(w string) bool {
	switch {
	case nounIng[w] || ables[w]:
		return false
	case strings.HasSuffix(w, "able") || strings.HasSuffix(w, "ible") || strings.HasSuffix(w, "ing"):
		return true
	case strings.HasSuffix(w, "ed") && len(w) > 4 && w != "embed" && w != "feed" && w != "speed":
		return true
	}
	return behaviours[w]
}

var behaviours = set("infinite responsive interactive async lazy dynamic adaptive searchable multi-select multiselect drag-and-drop realtime real-time live accessible dark")

func singular(w string) string {
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses") || strings.HasSuffix(w, "xes") || strings.HasSuffix(w, "ches"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "ss") || strings.HasSuffix(w, "us") || strings.HasSuffix(w, "is"):
		return w
	case strings.HasSuffix(w, "s") && len(w) > 3:
		return w[:len(w)-1]
	}
	return w
}
