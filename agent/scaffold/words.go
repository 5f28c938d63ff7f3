package scaffold

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is one word, quoted string or punctuation mark of an instruction.
type token struct {
	text       string // without quotes
	low        string // lower case
	start, end int    // in the instruction, quotes included
	quoted     bool
	punct      bool
	used       bool // a rule has done what this word asks for
}

// maxInstruction bounds the work on an instruction; what lies beyond is left out and said so.
const maxInstruction = 8 << 10

const quotes = "\"'`“”‘’"

// tokenize cuts an instruction into tokens. Words keep inner marks
// ("/api/users", "on-click", "label:string" is three tokens).
func tokenize(src string) []token {
	var out []token
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRuneInString(src[i:])
		switch {
		case r == '\n':
			out = append(out, token{text: ";", low: ";", start: i, end: i + size, punct: true})
			i += size
		case unicode.IsSpace(r):
			i += size
		case strings.ContainsRune(quotes, r):
			n := quotedLen(src[i:], r)
			if n == 0 {
				i += size
				continue
			}
			_, last := utf8.DecodeLastRuneInString(src[i : i+n])
			s := strings.TrimSpace(src[i+size : i+n-last])
			out = append(out, token{text: s, low: strings.ToLower(s), start: i, end: i + n, quoted: true})
			i += n
		case wordRune(r) || r == '/' && wordAt(src, i+size) && (i == 0 || strings.ContainsAny(src[i-1:i], " \t(\n")):
			n := size
			for i+n < len(src) {
				r, size := utf8.DecodeRuneInString(src[i+n:])
				if !wordRune(r) && (!strings.ContainsRune("-/.'’@?&=%[]", r) || !joins(src, i, i+n, r, size)) {
					break
				}
				n += size
			}
			w := src[i : i+n]
			out = append(out, token{text: w, low: strings.ToLower(w), start: i, end: i + n})
			i += n
		default:
			out = append(out, token{text: string(r), low: string(r), start: i, end: i + size, punct: true})
			i += size
		}
	}
	return out
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_' || r == '$'
}

func wordAt(src string, i int) bool {
	r, _ := utf8.DecodeRuneInString(src[i:])
	return wordRune(r)
}

// joins reports whether the mark r at i belongs to the word begun at start. A
// slash joins only paths: "primary/secondary" stays a list.
func joins(src string, start, i int, r rune, size int) bool {
	if r == '[' {
		return strings.HasPrefix(src[i:], "[]")
	}
	if r == ']' {
		return i > 0 && src[i-1] == '['
	}
	if !wordAt(src, i+size) {
		return false
	}
	return r != '/' || strings.ContainsAny(src[start:i], "/:.")
}

// quotedLen is the length of the quoted string at the start of s, 0 if the mark
// opens none (an apostrophe, or no end on the line).
func quotedLen(s string, open rune) int {
	end := open
	switch open {
	case '“':
		end = '”'
	case '‘':
		end = '’'
	}
	size := utf8.RuneLen(open)
	rest := s[size:]
	if nl := strings.IndexByte(rest, '\n'); nl >= 0 {
		rest = rest[:nl]
	}
	i := strings.IndexRune(rest, end)
	if i <= 0 || i > 60 {
		return 0
	}
	return size + i + utf8.RuneLen(end)
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

var (
	determiners = set("a an the some its their one two three four several multiple this that's my our any each every")
	// starters may stand right before a noun phrase that names a prop.
	starters = set(`with and or plus has have having takes take taking accepts accept accepting supports support supporting
		shows show showing displays display displaying renders render rendering includes include including contains contain
		containing that which also offers receives gets expects exposes provides & + needs as well both either prop props
		property properties`)
	// breaks end a phrase in the report of what was left.
	breaks = set(`with plus that which has have having takes take accepts accept supports support shows displays renders includes including
		contains containing & +`)
	// fillers ask for nothing by themselves.
	fillers = set(`please create make generate build write add implement give me i want need would like to new simple basic reusable generic
		plain react reactjs react.js tsx jsx typescript javascript ts js functional function stateless component components prop props
		property properties it is are be can should must will may could called named it's using use in of for when if while by as
		well at on from into also and or both either optional required default optionally then so where there here into its
		boolean bool flag handler callback event handlers callbacks flags state states variant
		variants style styles version versions size sizes`)
	negations = set("without no not never don't doesn't cannot can't except no-one nor non")
	clauseEnd = set("with that which but plus ; . ,")
)

func (t *token) det() bool { return !t.punct && !t.quoted && determiners[t.low] }

func (t *token) starter() bool {
	return t.punct && t.text != "#" || !t.quoted && starters[t.low]
}

// content reports whether the token asks for something by itself.
func (t *token) content() bool {
	return t.quoted || !t.punct && !determiners[t.low] && !fillers[t.low] && !starters[t.low]
}

// leftPhrases lists the phrases of the instruction that no rule consumed.
func leftPhrases(src string, toks []token) []string {
	var out []string
	seen := map[string]bool{}
	flush := func(run []token) {
		for len(run) > 0 && (run[0].det() || run[0].starter()) {
			run = run[1:]
		}
		for len(run) > 0 && (run[len(run)-1].det() || run[len(run)-1].starter() || dangling[run[len(run)-1].low]) {
			run = run[:len(run)-1]
		}
		if !slices.ContainsFunc(run, func(t token) bool { return t.content() }) {
			return
		}
		for len(run) > 1 && !run[0].content() && fillers[run[0].low] && !keepLead[run[0].low] {
			run = run[1:]
		}
		p := strings.Join(strings.Fields(src[run[0].start:run[len(run)-1].end]), " ")
		if p = clip(p, 100); !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	start := 0
	for i := range toks {
		t := &toks[i]
		cut := t.punct && t.text != "#" && t.text != "%" && t.text != "$" || t.used && (t.content() || t.quoted) || !t.quoted && breaks[t.low]
		if t.low == "and" && !t.quoted {
			cut = !pair(toks, start, i)
		}
		if cut {
			flush(toks[start:i])
			start = i + 1
		}
	}
	flush(toks[start:])
	return out
}

// pair reports whether the "and" at i joins two single words to one thing: "drag and drop".
func pair(toks []token, start, i int) bool {
	for start < i && toks[start].det() {
		start++
	}
	if i-start != 1 || i+1 >= len(toks) || !toks[i-1].content() || !toks[i+1].content() || toks[i+1].used {
		return false
	}
	return i+2 == len(toks) || toks[i+2].punct || toks[i+2].starter()
}

// dangling words end no phrase.
var dangling = set("in on of for when if while by as at from into to is are be can should must will may could it use using also then so where please")

// keepLead are the small words that a reported phrase may begin with.
var keepLead = set("in on from when if while by at into of for as")

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
