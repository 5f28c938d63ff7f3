package index

import (
	"math/bits"
	"strings"
)

// Trigrams says of a text which three bytes in a row it can't hold, letters of
// ASCII taken as small: a Bloom filter with one hash, about a tenth of the size
// of the text. Immutable.
type Trigrams struct {
	bits []uint64 // a power of two of words; nil: anything may be in the text
}

// The sizes of filters in bits, before they are folded.
const (
	minFilter = 1 << 9
	maxFilter = 1 << 20
)

// lower maps capital letters of ASCII to small ones. It is also what folds the
// trigrams of a query.
var lower = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if 'A' <= i && i <= 'Z' {
			t[i] += 'a' - 'A'
		}
	}
	return t
}()

// hashTrigram spreads a trigram, 24 bits, over 32. Its low bits are the place in
// the filter.
func hashTrigram(t uint32) uint32 {
	h := t * 0x9E3779B1
	return h ^ h>>15
}

// NewTrigrams makes the filter of text: about a nanosecond per byte. scratch is
// reused memory for it, and may be nil.
func NewTrigrams(text string, scratch *[]uint64) *Trigrams {
	// Two characters outside of ASCII are other cases of ASCII letters.
	if strings.Contains(text, "\u017f") || strings.Contains(text, "\u212a") {
		return &Trigrams{}
	}
	size := minFilter
	for size < maxFilter && size < 4*len(text) {
		size *= 2
	}
	var set []uint64
	if scratch != nil && cap(*scratch) >= size/64 {
		set = (*scratch)[:size/64]
		clear(set)
	} else {
		set = make([]uint64, size/64)
		if scratch != nil {
			*scratch = set
		}
	}
	mark(set, text)
	set = foldFilter(set)
	return &Trigrams{bits: append(make([]uint64, 0, len(set)), set...)}
}

func mark(set []uint64, text string) {
	if len(text) < 3 {
		return
	}
	mask := uint32(len(set)*64 - 1)
	t := uint32(lower[text[0]])<<8 | uint32(lower[text[1]])
	for i := 2; i < len(text); i++ {
		t = (t<<8 | uint32(lower[text[i]])) & 0xFFFFFF
		h := hashTrigram(t) & mask
		set[h/64] |= 1 << (h % 64)
	}
}

// foldFilter halves the filter as long as no more than about two bits of five are
// set afterwards: smaller ones say too little, larger ones cost too much.
func foldFilter(set []uint64) []uint64 {
	for len(set) > 1 {
		n := 0
		for _, w := range set {
			n += bits.OnesCount64(w)
		}
		if n*9 > len(set)*64*2 {
			return set
		}
		half := len(set) / 2
		for i, w := range set[half:] {
			set[i] |= w
		}
		set = set[:half]
	}
	return set
}

// Bytes is the memory of the filter.
func (t *Trigrams) Bytes() int { return 8*cap(t.bits) + 24 }

func (t *Trigrams) has(hash uint32) bool {
	h := hash & uint32(len(t.bits)*64-1)
	return t.bits[h/64]&(1<<(h%64)) != 0
}

// Trigrams is the filter of the text of e, nil where there is none yet. It goes
// with the content: it is only ever set for Held.
func (e *Entry) Trigrams() *Trigrams { return e.trigrams.Load() }

// MakeTrigrams makes the filter of e where e is Held and has none, and reports
// whether it did. scratch is as in NewTrigrams.
func (e *Entry) MakeTrigrams(scratch *[]uint64) bool {
	if !e.Held || e.trigrams.Load() != nil {
		return false
	}
	return e.trigrams.CompareAndSwap(nil, NewTrigrams(e.Text, scratch))
}
