package workspace

import (
	"regexp/syntax"
	"unicode/utf8"
)

// lineNFA is a regular expression over bytes that tells lines that can match it
// from lines that can't. It lets a little more through than the expression: a
// class is exact for ASCII, and for the rest goes by the first byte of a
// character. Immutable.
type lineNFA struct {
	nodes   []nfaNode
	start   int32
	begins  bool       // it asks for the start of a line
	words   bool       // it asks for word boundaries
	classes [256]uint8 // bytes of one class are treated alike everywhere
	sample  []byte     // one byte of each class
}

type nfaNode struct {
	op       nfaOp
	out, alt int32
	empty    syntax.EmptyOp
	set      *byteSet
}

type nfaOp uint8

const (
	nfaFail  nfaOp = iota
	nfaMatch       // the line matches
	nfaAlt         // go on at out and at alt
	nfaEmpty       // go on at out where empty holds
	nfaByte        // go on at out after a byte in set
)

type byteSet [4]uint64

func (s *byteSet) add(lo, hi int) {
	for b := lo; b <= hi; b++ {
		s[b/64] |= 1 << (b % 64)
	}
}

func (s *byteSet) has(b byte) bool { return s[b/64]&(1<<(b%64)) != 0 }

// What begins and goes on in characters that are no ASCII.
const (
	firstCont, lastCont = 0x80, 0xBF
	lastByte            = 0xFF
)

// nfaBuilder turns the program of a regular expression into a lineNFA. The first
// nodes are its instructions, one for one.
type nfaBuilder struct {
	nfa  *lineNFA
	sets map[byteSet]*byteSet
}

func newLineNFA(prog *syntax.Prog) *lineNFA {
	b := &nfaBuilder{nfa: &lineNFA{nodes: make([]nfaNode, len(prog.Inst)), start: int32(prog.Start)}, sets: map[byteSet]*byteSet{}}
	for i := range prog.Inst {
		in := &prog.Inst[i]
		out := int32(in.Out)
		var n nfaNode
		switch in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			n = nfaNode{op: nfaAlt, out: out, alt: int32(in.Arg)}
		case syntax.InstCapture, syntax.InstNop:
			n = nfaNode{op: nfaAlt, out: out, alt: out}
		case syntax.InstEmptyWidth:
			n = nfaNode{op: nfaEmpty, out: out, empty: syntax.EmptyOp(in.Arg)}
			b.nfa.begins = b.nfa.begins || n.empty&(syntax.EmptyBeginLine|syntax.EmptyBeginText) != 0
			b.nfa.words = b.nfa.words || n.empty&(syntax.EmptyWordBoundary|syntax.EmptyNoWordBoundary) != 0
		case syntax.InstMatch:
			n = nfaNode{op: nfaMatch}
		case syntax.InstFail:
			n = nfaNode{op: nfaFail}
		default:
			n = b.runes(in, out)
		}
		b.nfa.nodes[i] = n
	}
	b.nfa.classify(b.sets)
	return b.nfa
}

func (b *nfaBuilder) add(n nfaNode) int32 {
	b.nfa.nodes = append(b.nfa.nodes, n)
	return int32(len(b.nfa.nodes) - 1)
}

// bytes is the node that consumes a byte of set. No match reaches over a line end.
func (b *nfaBuilder) bytes(set byteSet, out int32) nfaNode {
	set['\n'/64] &^= 1<<'\n' | 1<<'\r'
	shared := b.sets[set]
	if shared == nil {
		shared = &set
		b.sets[set] = shared
	}
	return nfaNode{op: nfaByte, out: out, set: shared}
}

// runes is the node that consumes a character as in says.
func (b *nfaBuilder) runes(in *syntax.Inst, out int32) nfaNode {
	var ascii, first byteSet
	if r, ok := oneRune(in); ok && r >= utf8.RuneSelf && r != utf8.RuneError && utf8.ValidRune(r) {
		enc := utf8.AppendRune(nil, r)
		for i := len(enc) - 1; i > 0; i-- {
			var set byteSet
			set.add(int(enc[i]), int(enc[i]))
			out = b.add(b.bytes(set, out))
		}
		first.add(int(enc[0]), int(enc[0]))
		return b.bytes(first, out)
	}
	wide := false
	for c := range rune(utf8.RuneSelf) {
		if in.MatchRune(c) {
			ascii.add(int(c), int(c))
		}
	}
	eachRange(in, func(lo, hi rune) {
		if hi < utf8.RuneSelf {
			return
		}
		wide = true
		if lo <= utf8.RuneError && utf8.RuneError <= hi {
			first.add(firstCont, lastByte) // bytes that are no UTF-8 count as U+FFFD
		}
		first.add(int(firstByte(max(lo, utf8.RuneSelf))), int(firstByte(hi)))
	})
	if !wide {
		return b.bytes(ascii, out)
	}
	// After the first byte any number of continuing ones, then out.
	var cont byteSet
	cont.add(firstCont, lastCont)
	loop := b.add(nfaNode{op: nfaAlt, out: out})
	again := b.add(b.bytes(cont, loop))
	b.nfa.nodes[loop].alt = again
	n := nfaNode{op: nfaAlt, out: b.add(b.bytes(ascii, out))}
	n.alt = b.add(b.bytes(first, loop))
	return n
}

// oneRune is the only character that in consumes, if it is one.
func oneRune(in *syntax.Inst) (rune, bool) {
	switch {
	case in.Op == syntax.InstRune1:
		return in.Rune[0], true
	case in.Op == syntax.InstRune && len(in.Rune) == 1 && syntax.Flags(in.Arg)&syntax.FoldCase == 0:
		return in.Rune[0], true
	}
	return 0, false
}

func firstByte(r rune) byte {
	var buf [utf8.UTFMax]byte
	if 0xD800 <= r && r <= 0xDFFF {
		return 0xED // a range may end among the surrogates, which have no encoding
	}
	utf8.EncodeRune(buf[:], r)
	return buf[0]
}

// eachRange gives the ranges of characters that in consumes; a folded one may
// come with more than it has.
func eachRange(in *syntax.Inst, give func(lo, hi rune)) {
	switch in.Op {
	case syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		give(0, utf8.MaxRune)
		return
	}
	if len(in.Rune) == 1 {
		give(in.Rune[0], in.Rune[0])
		if syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
			for r := range orbit(in.Rune[0]) {
				give(r, r)
			}
		}
		return
	}
	for i := 0; i+1 < len(in.Rune); i += 2 {
		give(in.Rune[i], in.Rune[i+1])
	}
}

// classify finds the bytes that no set and no boundary tells apart.
func (n *lineNFA) classify(sets map[byteSet]*byteSet) {
	split := func(in func(b byte) bool) {
		renamed := map[[2]uint8]uint8{}
		for i := range n.classes {
			key := [2]uint8{n.classes[i], 0}
			if in(byte(i)) {
				key[1] = 1
			}
			if _, ok := renamed[key]; !ok {
				renamed[key] = uint8(len(renamed))
			}
			n.classes[i] = renamed[key]
		}
	}
	split(isEOL)
	if n.words {
		split(isWordByte)
	}
	for set := range sets {
		split(set.has)
	}
	for i := range 256 {
		if int(n.classes[i]) == len(n.sample) {
			n.sample = append(n.sample, byte(i))
		}
	}
}

func isEOL(b byte) bool { return b == '\n' || b == '\r' }

// isWordByte is what \w and \b of regular expressions see as part of a word.
func isWordByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}
