package workspace

import (
	"math/bits"
	"path/filepath"
	"strings"
)

// Fit says how a name fits a query; the smaller, the better.
type Fit uint8

// The ways to fit, the best first. Fold means in another case.
const (
	FitExact Fit = iota + 1
	FitExactFold
	FitPrefix
	FitPrefixFold
	FitHumps       // from the start of words on
	FitInside      // as a part of it, in any case
	FitSubsequence // letter by letter, with others between
)

// letters is the set of letters, digits and so on of a name, without regard to
// case: a name that lacks one of the query's can't fit.
type letters uint64

func lettersOf(s string) letters {
	var l letters
	for i := range len(s) {
		switch c := lower(s[i]); {
		case c >= 'a' && c <= 'z':
			l |= 1 << (c - 'a')
		case c >= '0' && c <= '9':
			l |= 1 << (26 + c - '0')
		case c >= 0x80:
			l |= 1 << 36
		default:
			l |= 1 << 37
		}
	}
	return l
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

// fold reports whether a letter of a query stands for one of a name: a capital
// only for a capital.
func fold(q, c byte) bool { return q == c || !isUpper(q) && q == lower(c) }

// query is what Names looks for.
type query struct {
	text, folded string
	outer        string // the last part of the qualifier before it, in lower case
	letters      letters
}

func parseQuery(s string) query {
	s = strings.TrimSpace(s)
	var q query
	if i := strings.LastIndexAny(s, ".:#"); i > 0 && i+1 < len(s) {
		q.outer = lowered(strings.TrimRight(s[:i], ".:#"))
		q.outer = q.outer[strings.LastIndexAny(q.outer, ".:#")+1:]
		s = s[i+1:]
	}
	q.text, q.folded, q.letters = s, lowered(s), lettersOf(s)
	return q
}

// lowered is s with its ASCII letters in lower case.
func lowered(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = lower(c)
	}
	return string(b)
}

// inside reports whether the qualifier fits a symbol in outer, in the file at path.
func (q query) inside(outer, path string) bool {
	if strings.HasPrefix(lowered(outer), q.outer) {
		return true
	}
	stem, _, _ := strings.Cut(filepath.Base(path), ".")
	return lowered(stem) == q.outer || lowered(filepath.Base(filepath.Dir(path))) == q.outer
}

// match says how name fits, 0 for not at all; of two that fit alike the one with
// the lower cost fits better.
func (q query) match(name string) (m Fit, cost int) {
	if q.text == "" {
		return FitPrefix, 0
	}
	if len(name) < len(q.text) {
		return 0, 0
	}
	if strings.HasPrefix(name, q.text) {
		if len(name) == len(q.text) {
			return FitExact, 0
		}
		return FitPrefix, 0
	}
	if at := indexFold(name, q.folded); at == 0 {
		if len(name) == len(q.text) {
			return FitExactFold, 0
		}
		return FitPrefixFold, 0
	} else if h, ok := q.humps(name); ok {
		return FitHumps, h
	} else if at > 0 {
		return FitInside, at
	}
	return q.subsequence(name)
}

// indexFold is where folded (in lower case) stands in s without regard to the
// case of ASCII letters, -1 if nowhere.
func indexFold(s, folded string) int {
	for at := 0; at+len(folded) <= len(s); at++ {
		n := 0
		for n < len(folded) && lower(s[at+n]) == folded[n] {
			n++
		}
		if n == len(folded) {
			return at
		}
	}
	return -1
}

// hump reports whether a word of name begins at i.
func hump(name string, i int) bool {
	c := name[i]
	if c == '_' || c == '-' || c == '$' {
		return false
	}
	if i == 0 {
		return true
	}
	p := name[i-1]
	switch {
	case p == '_' || p == '-' || p == '$':
		return true
	case isUpper(c): // the last capital of a run begins the next word: HTTPServer
		return !isUpper(p) || i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z'
	}
	return c >= '0' && c <= '9' && (p < '0' || p > '9')
}

// humps matches runs of the query with the beginnings of words of the name, in
// order; words may be passed over. It looks at the first 64 bytes of name, all of
// whose places for the last letter it keeps in one word. The cost counts the words
// before the first match and between.
func (q query) humps(name string) (cost int, ok bool) {
	n := min(len(name), 64)
	var starts uint64
	for i := range n {
		if hump(name, i) {
			starts |= 1 << i
		}
	}
	var at uint64 // places where the query so far can end
	for j := range len(q.text) {
		var fits uint64
		for i := range n {
			if fold(q.text[j], name[i]) {
				fits |= 1 << i
			}
		}
		if j == 0 {
			at = fits & starts
			cost = bits.OnesCount64(starts & (1<<bits.TrailingZeros64(at|1<<63) - 1))
		} else {
			// The next letter, or the start of a word anywhere further on.
			beyond := ^uint64(0) << bits.TrailingZeros64(at) << 1
			at = (at<<1 | starts&beyond) & fits
		}
		if at == 0 {
			return 0, false
		}
	}
	return cost, true
}

// subsequence finds the letters of the query in order, each as early as it can
// be. The cost is how far they are spread.
func (q query) subsequence(name string) (m Fit, cost int) {
	first, j := -1, 0
	for i := 0; i < len(name); i++ {
		if fold(q.text[j], name[i]) {
			if first < 0 {
				first = i
			}
			if j++; j == len(q.text) {
				return FitSubsequence, i - first + 1 - j + first
			}
		}
	}
	return 0, 0
}
