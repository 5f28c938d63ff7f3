package workspace

import (
	"io"
	"iter"
	"regexp"
	"unicode/utf8"
)

// lineRegexp finds the matches of a regular expression in one line. Immutable.
type lineRegexp struct {
	plain *regexp.Regexp // without anything around it; nil for whole words
	first *regexp.Regexp // from the start of a line on; group 1 is the match
	later *regexp.Regexp // from one character before a place on; group 1 is a match behind that character
	size  int            // of its program
}

// maxEffort bounds the bytes of a line times the size of the program that are
// handed to the standard library in one piece: within it nothing can stop it.
const maxEffort = 1 << 20

// newLineRegexp compiles expr, which was parsed before. size is that of its program.
func newLineRegexp(expr string, word bool, size int) (*lineRegexp, error) {
	first, later := `(`+expr+`)`, `\A(?s:.)(?s:.*?)(`+expr+`)`
	if word {
		first = `(?:^|` + notWord + `)(` + expr + `)(?:` + notWord + `|$)`
		later = notWord + `(` + expr + `)(?:` + notWord + `|$)`
	}
	r := &lineRegexp{size: size}
	var err error
	if r.first, err = regexp.Compile(first); err != nil {
		return nil, err
	}
	if r.later, err = regexp.Compile(later); err != nil {
		return nil, err
	}
	if !word {
		r.plain, err = regexp.Compile(expr)
	}
	return r, err
}

// spans gives the matches in line, at most n, as regexp.FindAll does: ascending,
// disjoint, and none empty right behind another one.
func (r *lineRegexp) spans(line string, n int, stop func() bool) iter.Seq2[int, int] {
	return func(yield func(start, end int) bool) {
		if r.plain != nil && len(line)*r.size <= maxEffort {
			for _, m := range r.plain.FindAllStringIndex(line, n) {
				if !yield(m[0], m[1]) {
					return
				}
			}
			return
		}
		for pos, last := 0, -1; pos <= len(line) && !stop(); {
			start, end := r.at(line, pos, stop)
			if start < 0 {
				return
			}
			fresh := true
			if end == pos { // an empty match
				fresh = start != last
				_, size := utf8.DecodeRuneInString(line[pos:])
				pos += max(1, size)
			} else {
				pos = end
			}
			last = end
			if !fresh {
				continue
			}
			if n--; !yield(start, end) || n == 0 {
				return
			}
		}
	}
}

// at is the first match at or after pos, -1 if there is none.
func (r *lineRegexp) at(line string, pos int, stop func() bool) (start, end int) {
	re, from := r.first, 0
	if pos > 0 {
		_, size := utf8.DecodeLastRuneInString(line[:pos])
		re, from = r.later, pos-size
	}
	var m []int
	if (len(line)-from)*r.size <= maxEffort {
		m = re.FindStringSubmatchIndex(line[from:])
	} else {
		m = re.FindReaderSubmatchIndex(&stoppable{text: line[from:], stop: stop})
	}
	if m == nil {
		return -1, -1
	}
	return from + m[2], from + m[3]
}

// stoppable reads text for a regular expression and ends early when it is told so.
type stoppable struct {
	text string
	at   int
	n    uint
	stop func() bool
}

func (s *stoppable) ReadRune() (rune, int, error) {
	if s.n++; s.at == len(s.text) || s.n%64 == 0 && s.stop() {
		s.at = len(s.text)
		return 0, 0, io.EOF
	}
	r, size := utf8.DecodeRuneInString(s.text[s.at:])
	s.at += size
	return r, size, nil
}
