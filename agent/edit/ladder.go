package edit

import (
	"strings"
	"unicode/utf8"
)

// rung is how much a search text may differ from the lines it names.
type rung uint8

// The rungs of the ladder, from the one that takes most to the one that takes
// least. Line ends never count: a reply says nothing about them.
const (
	exact      rung = iota
	trailing        // but for white space at the ends of lines
	indented        // and for the indentation of all lines alike
	punctuated      // and for typographic quotes, dashes and spaces
	alike           // and for single characters between the first line and the last
)

// rungs are the names of the rungs, as Inexact gives them.
var rungs = [...]string{exact: "", trailing: "trailing white space", indented: "indentation", punctuated: "punctuation", alike: "similar lines"}

// place is where a search text was found: n lines from at on.
type place struct {
	at, n   int
	rung    rung
	shift   shift
	variant int // which of the search texts given to find
}

// ladder finds search texts among the lines of a text, each rung taking more than
// the one before. Inv: a rung that finds two places is the last: nothing is guessed.
type ladder struct {
	lines []string             // without line ends
	forms [len(rungs)][]string // the lines as each rung compares them, made when needed
}

func newLadder(s string) *ladder { return &ladder{lines: splitLines(s)} }

// splitLines are the lines of a text with \n line ends; the end of the last one
// begins no other.
func splitLines(s string) []string { return strings.Split(strings.TrimSuffix(s, "\n"), "\n") }

// form is a line as a rung compares it.
func (r rung) form(l string) string {
	switch r {
	case exact:
		return l
	case trailing:
		return strings.TrimRight(l, " \t")
	case indented:
		return strings.TrimSpace(l)
	}
	return strings.TrimSpace(plainPunctuation(l))
}

// at gives the lines in the form of a rung.
func (l *ladder) at(r rung) []string {
	if r == exact {
		return l.lines
	}
	if l.forms[r] == nil {
		l.forms[r] = make([]string, len(l.lines))
		for i, line := range l.lines {
			l.forms[r][i] = r.form(line)
		}
	}
	return l.forms[r]
}

// find gives the one place of a search text at or after the line from, and how
// many places there are on the highest rung that has any. variants are the search text
// as it came and, perhaps, with other indentation; all have the same lines.
func (l *ladder) find(variants [][]string, from int, last rung) (place, int) {
	for r := exact; r <= last; r++ {
		var found place
		n := 0
		for _, at := range l.candidates(variants[0], r, from) {
			if p, ok := l.fitsAt(variants, at, r); ok {
				found = p
				n++
			}
		}
		if n > 0 {
			return found, n
		}
	}
	return place{}, 0
}

// candidates are the places where all lines of a search text stand in the form of
// a rung; on the last rung, where its first and last line do and those between
// are alike.
func (l *ladder) candidates(need []string, r rung, from int) []int {
	key := r
	if r == alike {
		if len(need) < 3 || blank(need[0]) || blank(need[len(need)-1]) {
			return nil // no anchors
		}
		key = punctuated
	}
	forms := l.at(key)
	want := make([]string, len(need))
	longest := 0 // the line that is looked for first: few others are like it
	for i, line := range need {
		want[i] = key.form(line)
		if r < alike && len(want[i]) > len(want[longest]) {
			longest = i
		}
	}
	var out []int
	budget := similarBudget
	for at := from; at+len(need) <= len(forms); at++ {
		if forms[at+longest] != want[longest] {
			continue
		}
		if l.stands(want, forms[at:at+len(need)], r, &budget) {
			out = append(out, at)
		}
		if budget < 0 && len(out) < 2 {
			return nil // so much alike that nothing could be told apart
		} else if budget < 0 {
			return out
		}
	}
	return out
}

func (l *ladder) stands(want, have []string, r rung, budget *int) bool {
	n := len(want)
	if want[0] != have[0] || want[n-1] != have[n-1] {
		return false
	}
	for i := 1; i+1 < n; i++ {
		if want[i] != have[i] && (r < alike || !similar(want[i], have[i], budget)) {
			return false
		}
	}
	return true
}

// fitsAt checks the indentation of a candidate, on the rungs that let it differ.
func (l *ladder) fitsAt(variants [][]string, at int, r rung) (place, bool) {
	p := place{at: at, n: len(variants[0]), rung: r}
	if r < indented {
		return p, true
	}
	for i, need := range variants {
		if s, ok := shiftBetween(need, l.lines[at:at+p.n]); ok {
			p.shift, p.variant = s, i
			return p, true
		}
	}
	return p, false
}

// shift is what makes the indentation of a reply that of the file.
type shift struct {
	add, cut string // on all lines
	lead     string // on the first line alone, where it came without any
}

// shiftBetween is the one shift that turns the indentation of every line of need
// into that of the same line of have.
func shiftBetween(need, have []string) (shift, bool) {
	s, ok := uniform(need, have)
	if !ok && len(need) > 1 && indentOf(need[0]) == "" {
		if rest, same := uniform(need[1:], have[1:]); same && rest == (shift{}) {
			return shift{lead: indentOf(have[0])}, true
		}
	}
	return s, ok
}

func uniform(need, have []string) (shift, bool) {
	var all shift
	seen := false
	for i := range need {
		if blank(need[i]) {
			continue
		}
		n, h := indentOf(need[i]), indentOf(have[i])
		var s shift
		switch {
		case strings.HasSuffix(h, n):
			s.add = h[:len(h)-len(n)]
		case strings.HasSuffix(n, h):
			s.cut = n[:len(n)-len(h)]
		default:
			return shift{}, false
		}
		if seen && s != all {
			return shift{}, false
		}
		all, seen = s, true
	}
	return all, true
}

// lines shifts a text; ok is false if a line stands too far to the left for it.
func (s shift) lines(in []string) (out []string, ok bool) {
	out = make([]string, len(in))
	for i, l := range in {
		switch {
		case blank(l) && s != (shift{}):
		case !strings.HasPrefix(l, s.cut):
			return nil, false
		case i == 0 && s.lead != "" && indentOf(l) == "":
			out[i] = s.lead + l
		default:
			out[i] = s.add + l[len(s.cut):]
		}
	}
	return out, true
}

// plain maps typographic punctuation to what is on a keyboard.
var plain = strings.NewReplacer(
	"‘", "'", "’", "'", "‚", "'", "‛", "'", "′", "'", "“", `"`, "”", `"`, "„", `"`, "‟", `"`, "″", `"`, "«", `"`, "»", `"`,
	"‐", "-", "‑", "-", "‒", "-", "–", "-", "—", "-", "―", "-", "−", "-", "…", "...",
	"\u00a0", " ", "\u2002", " ", "\u2003", " ", "\u2007", " ", "\u2009", " ", "\u202f", " ", "\u3000", " ",
	"\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\ufeff", "",
	"（", "(", "）", ")", "，", ",", "：", ":", "；", ";", "！", "!", "？", "?",
)

func plainPunctuation(l string) string {
	for i := range len(l) {
		if l[i] >= utf8.RuneSelf {
			return plain.Replace(l)
		}
	}
	return l
}

// similarity is how much of two lines must be the same for them to be alike.
const similarity = 0.9

// similarBudget bounds the comparisons of one search, in characters: a text of
// thousands of lines that are all alike has no unique place anyway.
const similarBudget = 4 << 20

// similar reports whether the edit distance of two lines is at most a tenth of
// the longer one.
func similar(a, b string, budget *int) bool {
	if *budget -= len(a); *budget < 0 {
		return false
	}
	x, y := []rune(a), []rune(b)
	if len(x) < len(y) {
		x, y = y, x
	}
	most := int(float64(len(x))*(1-similarity) + 1e-9)
	if len(x)-len(y) > most {
		return false
	}
	for len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	return distanceWithin(x, y, most, budget)
}

// distanceWithin reports whether x, the longer one, becomes y by at most that many
// insertions, deletions and replacements: Levenshtein's table, of which only
// the band that can matter is filled in.
func distanceWithin(x, y []rune, most int, budget *int) bool {
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		lo, hi := max(1, i-most), min(len(y), i+most)
		if *budget -= hi - lo + 1; *budget < 0 {
			return false
		}
		diagonal, least := row[lo-1], most+1
		if row[lo-1] = most + 1; lo == 1 {
			row[0], least = i, i
		}
		for j := lo; j <= hi; j++ {
			above := row[j] // beyond the band of the row before still j, which is too much already
			cost := diagonal
			if x[i-1] != y[j-1] {
				cost++
			}
			row[j] = min(cost, above+1, row[j-1]+1)
			diagonal = above
			least = min(least, row[j])
		}
		if least > most {
			return false
		}
	}
	return row[len(y)] <= most
}
