package index

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/google/codesearch/index"
)

// TrigramQuery is what the trigrams of a text must fulfil for something to be
// found in it. A nil one tells nothing. Immutable.
type TrigramQuery struct {
	or     bool     // any of what follows; else all of it
	hashes []uint32 // of trigrams
	sub    []*TrigramQuery
}

// MayMatch reports whether the text of t can hold what q is about.
func (q *TrigramQuery) MayMatch(t *Trigrams) bool {
	if q == nil || t == nil || t.bits == nil {
		return true
	}
	if q.or {
		for _, h := range q.hashes {
			if t.has(h) {
				return true
			}
		}
		for _, s := range q.sub {
			if s.MayMatch(t) {
				return true
			}
		}
		return false
	}
	for _, h := range q.hashes {
		if !t.has(h) {
			return false
		}
	}
	for _, s := range q.sub {
		if !s.MayMatch(t) {
			return false
		}
	}
	return true
}

// LiteralQuery is the query for texts that hold literal; with fold in any case,
// as (?i) of regular expressions folds.
func LiteralQuery(literal string, fold bool) *TrigramQuery {
	q := &TrigramQuery{}
	var plain []byte // the bytes up to here that are the same in every small spelling
	for i := 0; i < len(literal); {
		r, size := utf8.DecodeRuneInString(literal[i:])
		switch {
		case !fold || r < utf8.RuneSelf || unicode.SimpleFold(r) == r:
			plain = append(plain, literal[i:i+size]...)
		case small(r) != r:
			plain = append(plain, byte(small(r)))
		default:
			q.add(plain)
			plain = plain[:0]
		}
		i += size
	}
	q.add(plain)
	return q.done()
}

// add asks for all trigrams of s.
func (q *TrigramQuery) add(s []byte) {
	for ; len(s) >= 3; s = s[1:] {
		q.hashes = append(q.hashes, hashOf(string(s[:3])))
	}
}

// small is the small ASCII letter that r is another case of, else r. Texts that
// hold one of the two that are no ASCII themselves have no filter.
func small(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		return rune(lower[r])
	case r == '\u017f':
		return 's'
	case r == '\u212a':
		return 'k'
	}
	return r
}

func hashOf(trigram string) uint32 {
	return hashTrigram(uint32(lower[trigram[0]])<<16 | uint32(lower[trigram[1]])<<8 | uint32(lower[trigram[2]]))
}

func (q *TrigramQuery) done() *TrigramQuery {
	slices.Sort(q.hashes)
	q.hashes = slices.Compact(q.hashes)
	if len(q.hashes)+len(q.sub) == 0 {
		return nil
	}
	return q
}

// maxAnalyzed is how many nodes a regular expression may have to be analyzed:
// the analysis takes time in the square of large alternations.
const maxAnalyzed = 512

// RegexpQuery is the query for texts that re, simplified or not, can match in.
func RegexpQuery(re *syntax.Regexp) *TrigramQuery {
	if nodes(re) > maxAnalyzed {
		return nil
	}
	return convertQuery(index.RegexpQuery(lowered(re)))
}

func nodes(re *syntax.Regexp) int {
	n := 1
	if re.Op == syntax.OpLiteral {
		n += len(re.Rune) / 8
	}
	for _, s := range re.Sub {
		n += nodes(s)
	}
	return n
}

func convertQuery(from *index.Query) *TrigramQuery {
	switch from.Op {
	case index.QAll:
		return nil
	case index.QNone:
		return &TrigramQuery{or: true}
	}
	q := &TrigramQuery{or: from.Op == index.QOr}
	for _, t := range from.Trigram {
		q.hashes = append(q.hashes, hashOf(t))
	}
	for _, s := range from.Sub {
		sub := convertQuery(s)
		if sub == nil {
			if q.or {
				return nil
			}
			continue
		}
		q.sub = append(q.sub, sub)
	}
	return q.done()
}

// lowered is re such that it matches the small spelling of all that re matches.
// What can match a byte that is no UTF-8 matches anything in it: texts hold the
// byte, and not the character U+FFFD that it counts as.
func lowered(re *syntax.Regexp) *syntax.Regexp {
	out := *re
	switch re.Op {
	case syntax.OpLiteral:
		return loweredLiteral(re)
	case syntax.OpCharClass:
		return loweredClass(re)
	}
	out.Sub = make([]*syntax.Regexp, len(re.Sub))
	for i, s := range re.Sub {
		out.Sub[i] = lowered(s)
	}
	return &out
}

var anyChar = &syntax.Regexp{Op: syntax.OpAnyChar}

func loweredLiteral(re *syntax.Regexp) *syntax.Regexp {
	fold := re.Flags&syntax.FoldCase != 0
	out := &syntax.Regexp{Op: syntax.OpConcat}
	var plain []rune
	flush := func() {
		if len(plain) > 0 {
			out.Sub = append(out.Sub, &syntax.Regexp{Op: syntax.OpLiteral, Rune: plain})
			plain = nil
		}
	}
	for _, r := range re.Rune {
		switch {
		case r < utf8.RuneSelf || fold && small(r) != r:
			plain = append(plain, small(r))
		case r == utf8.RuneError || fold && unicode.SimpleFold(r) != r:
			flush()
			out.Sub = append(out.Sub, anyChar)
		default:
			plain = append(plain, r)
		}
	}
	flush()
	return out
}

func loweredClass(re *syntax.Regexp) *syntax.Regexp {
	var runes []rune
	for i := 0; i+1 < len(re.Rune); i += 2 {
		lo, hi := re.Rune[i], re.Rune[i+1]
		if lo <= utf8.RuneError && utf8.RuneError <= hi || hi-lo > 100 {
			return anyChar
		}
		for r := lo; r <= hi; r++ {
			runes = append(runes, small(r))
		}
	}
	slices.Sort(runes)
	runes = slices.Compact(runes)
	out := &syntax.Regexp{Op: syntax.OpCharClass}
	for _, r := range runes {
		out.Rune = append(out.Rune, r, r)
	}
	return out
}
