package workspace

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// finder finds a literal. Instead of comparing everywhere it looks for the bytes
// that its rarest character can begin with, which is what processors do fastest.
// Immutable.
type finder struct {
	lit     string
	anchor  int     // where in lit the rarest character is: bytes, or runes with fold
	leads   []byte  // what it can begin with: one byte, or up to four with fold
	pattern []folds // only with fold
}

// folds is one character of a pattern in all its cases.
type folds struct {
	small byte // where one of them is an ASCII letter, or the only one is ASCII; else 0xFF
	cases []rune
}

// common is the bytes of source code and prose, the most frequent first.
const common = " etr\tnos\nialdc.u,fp\"()h/mg=:{}wybTCvS0kPRxE1A2IHqLF_D-N*!][%MWBUO'64\\&;G538+z<|97KVj>`QX#?@ZJY$^"

// rarity is how rare a byte is.
func rarity(b byte) int {
	if i := strings.IndexByte(common, b); i >= 0 {
		return i
	}
	return len(common)
}

// newFinder is a finder for lit, which is not empty. With fold case does not
// count, as in regular expressions with (?i), and lit is valid UTF-8.
func newFinder(lit string, fold bool) *finder {
	f := &finder{lit: lit}
	best := -1
	if !fold {
		for i := range len(lit) {
			if r := rarity(lit[i]); r > best {
				best, f.anchor, f.leads = r, i, []byte{lit[i]}
			}
		}
		return f
	}
	for _, r := range lit {
		c := folds{small: 0xFF, cases: slices.Collect(orbit(r))}
		var leads []byte
		worst := len(common)
		for _, o := range c.cases {
			if o < utf8.RuneSelf {
				c.small = smallASCII(byte(o))
			}
			lead := firstByte(o)
			leads = append(leads, lead)
			worst = min(worst, rarity(lead))
		}
		slices.Sort(leads)
		leads = slices.Compact(leads)
		// One byte more to look for is like being a good deal more frequent.
		if score := max(0, worst-12*(len(leads)-1)); score > best {
			best, f.anchor, f.leads = score, len(f.pattern), leads
		}
		f.pattern = append(f.pattern, c)
	}
	return f
}

// orbit is all cases of r, r among them.
func orbit(r rune) iter.Seq[rune] {
	return func(yield func(rune) bool) {
		if !yield(r) {
			return
		}
		for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
			if !yield(o) {
				return
			}
		}
	}
}

func smallASCII(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// scan is a finder at work on one text.
type scan struct {
	*finder
	text string
	at   [4]int // the next place of each of leads
}

func (f *finder) scan(text string) scan {
	return scan{finder: f, text: text, at: [4]int{-1, -1, -1, -1}}
}

// next is the first place at or after from where the literal stands. The calls
// for one text come with ascending from. start is -1 if there is none.
func (s *scan) next(from int) (start, end int) {
	if s.pattern != nil {
		return s.nextFold(from)
	}
	for i := from + s.anchor; i < len(s.text); i++ {
		j := strings.IndexByte(s.text[i:], s.leads[0])
		if j < 0 {
			break
		}
		i += j
		start = i - s.anchor
		if strings.HasPrefix(s.text[start:], s.lit) {
			return start, start + len(s.lit)
		}
	}
	return -1, -1
}

func (s *scan) nextFold(from int) (start, end int) {
	for i := from; ; i++ {
		i = s.lead(i)
		if i == len(s.text) {
			return -1, -1
		}
		if end = s.forward(i); end >= 0 {
			if start = s.backward(i); start >= from {
				return start, end
			}
		}
	}
}

// lead is the first place at or after from of any of leads.
func (s *scan) lead(from int) int {
	first := len(s.text)
	for k, b := range s.leads {
		if s.at[k] < from {
			s.at[k] = len(s.text)
			if from < len(s.text) {
				if j := strings.IndexByte(s.text[from:], b); j >= 0 {
					s.at[k] = from + j
				}
			}
		}
		first = min(first, s.at[k])
	}
	return first
}

// forward matches the anchor and what follows it at i.
func (s *scan) forward(i int) (end int) {
	for k := s.anchor; k < len(s.pattern); k++ {
		if i == len(s.text) {
			return -1
		}
		p := &s.pattern[k]
		if b := s.text[i]; b < utf8.RuneSelf {
			if smallASCII(b) != p.small {
				return -1
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s.text[i:])
		if r == utf8.RuneError && size == 1 || !slices.Contains(p.cases, r) {
			return -1
		}
		i += size
	}
	return i
}

// backward matches what precedes the anchor, which is at i.
func (s *scan) backward(i int) (start int) {
	for k := s.anchor - 1; k >= 0; k-- {
		if i == 0 {
			return -1
		}
		p := &s.pattern[k]
		if b := s.text[i-1]; b < utf8.RuneSelf {
			if smallASCII(b) != p.small {
				return -1
			}
			i--
			continue
		}
		r, size := utf8.DecodeLastRuneInString(s.text[:i])
		if r == utf8.RuneError && size == 1 || !slices.Contains(p.cases, r) {
			return -1
		}
		i -= size
	}
	return i
}

// wordAt reports whether the span from start to end of a text is bounded by
// what is no part of a word.
func wordAt(text string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	after, _ := utf8.DecodeRuneInString(text[end:])
	return !isWord(before) && !isWord(after)
}

// isWord reports whether r is part of words. It agrees with notWord.
func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 0 && isWordByte(byte(r))
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.N)
}

// notWord is the class of what isWord denies, for regular expressions.
const notWord = `[^_\pL\pM\pN]`
