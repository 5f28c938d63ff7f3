package workspace

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"strings"
)

// lineDFA finds lines that a lineNFA matches, at about a nanosecond per byte. Its
// states are made as texts need them, and forgotten when they become too many.
// It is for one goroutine.
//
// A match is noticed one byte late: only then is known whether the boundary
// before that byte is the end of a line or of a word.
type lineDFA struct {
	nfa    *lineNFA
	stride int     // entries in trans for each state: the classes, and the end of the text
	trans  []int32 // from a state (times stride) by class to the next one (times stride)
	states []dfaState
	ids    map[string]int32
	begin  int32 // at the start of a line

	stop     func() bool
	limit    int  // of trans
	read     int  // bytes since the states were last forgotten
	hopeless bool // it makes states all the time: take every line for a match

	marks []uint32 // nodes seen in closing with the number round
	round uint32
	stack []int32
	seeds []int32
	key   []byte
}

type dfaState struct {
	seeds []int32 // nodes to go on from, sorted; the start of the expression is always one more
	prev  dfaPrev
}

// dfaPrev is what came before.
type dfaPrev uint8

const (
	prevOther dfaPrev = iota
	prevWord
	prevLine // the start of the line
)

// The first two states are none. No transition may be 0 but unknown ones.
const (
	dfaUnknown = 0 // the transition was not needed yet
	dfaMatch   = 1 // times stride
)

// maxTrans bounds the memory of a lineDFA: 1 MiB of transitions, and about as
// much for what the states stand for.
const maxTrans = 1 << 18

func newLineDFA(nfa *lineNFA, stop func() bool) *lineDFA {
	d := &lineDFA{nfa: nfa, stride: len(nfa.sample) + 1, stop: stop, limit: maxTrans, marks: make([]uint32, len(nfa.nodes))}
	d.forget()
	return d
}

func (d *lineDFA) forget() {
	d.trans = append(d.trans[:0], make([]int32, 2*d.stride)...)
	d.states = append(d.states[:0], dfaState{}, dfaState{})
	d.ids = map[string]int32{}
	d.read = 0
	d.begin = d.state(nil, prevLine)
}

// state is the state for seeds (sorted), which it copies.
func (d *lineDFA) state(seeds []int32, prev dfaPrev) int32 {
	if prev == prevLine && !d.nfa.begins || prev == prevWord && !d.nfa.words {
		prev = prevOther
	}
	d.key = append(d.key[:0], byte(prev))
	for _, s := range seeds {
		d.key = binary.LittleEndian.AppendUint32(d.key, uint32(s))
	}
	if id, ok := d.ids[string(d.key)]; ok {
		return id
	}
	id := int32(len(d.trans))
	d.trans = append(d.trans, make([]int32, d.stride)...)
	d.states = append(d.states, dfaState{slices.Clone(seeds), prev})
	d.ids[string(d.key)] = id
	return id
}

// piece is how many bytes are looked at between two looks at stop.
const piece = 64 << 10

// find looks in text, from the start of a line on, for the first line that
// matches; at is a place in it, behind the match, and -1 if there is none. It
// is -1 as well when it was stopped.
func (d *lineDFA) find(text string, from int) (at int) {
	if d.hopeless {
		if from < len(text) {
			return from
		}
		return -1
	}
	s := d.begin
	for from < len(text) {
		end := min(len(text), from+piece)
		if d.stop() {
			return -1
		}
		var next int32
		if at, next = d.run(text[:end], from, s); at >= 0 || d.hopeless {
			return at
		}
		from, s = end, next
	}
	if len(text) > 0 && !isEOL(text[len(text)-1]) && (d.step(s, -1) == int32(dfaMatch*d.stride) || d.hopeless) {
		return len(text)
	}
	return -1
}

func (d *lineDFA) run(text string, from int, s int32) (at int, end int32) {
	trans, classes := d.trans, &d.nfa.classes
	match := int32(dfaMatch * d.stride)
	for i := from; i < len(text); i++ {
		n := trans[int(s)+int(classes[text[i]])]
		if n == s {
			// Nearly always it is the state that waits for a beginning. Without
			// a new state to wait for, processors are several times as fast.
			row := trans[s:]
			for i++; i < len(text) && row[classes[text[i]]] == s; i++ {
			}
			i--
			continue
		}
		if n <= match {
			if n == dfaUnknown {
				d.read += i - from
				from = i
				n = d.step(s, int(classes[text[i]]))
				trans = d.trans
			}
			if n == match || d.hopeless {
				return i, 0
			}
		}
		s = n
	}
	d.read += len(text) - from
	return -1, s
}

// step is the transition of s by a byte of class, or by the end of the text (-1).
func (d *lineDFA) step(s int32, class int) int32 {
	at := int(s)
	if class < 0 {
		at += len(d.nfa.sample)
	} else {
		at += class
	}
	if n := d.trans[at]; n != dfaUnknown {
		return n
	}
	st := d.states[int(s)/d.stride]
	if len(d.trans) >= d.limit {
		// States that are made faster than they are used are worth nothing.
		if d.read < 8*len(d.states) {
			d.hopeless = true
			return d.begin
		}
		d.forget()
		at = -1
	}
	n := d.advance(st, class)
	if at >= 0 {
		d.trans[at] = n
	}
	return n
}

func (d *lineDFA) advance(st dfaState, class int) int32 {
	eol := class < 0 || isEOL(d.nfa.sample[class])
	word := class >= 0 && isWordByte(d.nfa.sample[class])
	var holds syntax.EmptyOp
	if st.prev == prevLine {
		holds |= syntax.EmptyBeginLine | syntax.EmptyBeginText
	}
	if eol {
		holds |= syntax.EmptyEndLine | syntax.EmptyEndText
	}
	if word != (st.prev == prevWord) {
		holds |= syntax.EmptyWordBoundary
	} else {
		holds |= syntax.EmptyNoWordBoundary
	}
	if d.close(st.seeds, holds, class) {
		return int32(dfaMatch * d.stride)
	}
	if eol {
		return d.begin
	}
	slices.Sort(d.seeds)
	prev := prevOther
	if word {
		prev = prevWord
	}
	return d.state(slices.Compact(d.seeds), prev)
}

// close follows all ways that consume nothing where holds does, from seeds and
// from the start, and reports whether one of them is a match. It leaves in
// d.seeds where a byte of class leads.
func (d *lineDFA) close(seeds []int32, holds syntax.EmptyOp, class int) bool {
	d.round++
	d.seeds = d.seeds[:0]
	d.stack = append(append(d.stack[:0], seeds...), d.nfa.start)
	for len(d.stack) > 0 {
		id := d.stack[len(d.stack)-1]
		d.stack = d.stack[:len(d.stack)-1]
		if d.marks[id] == d.round {
			continue
		}
		d.marks[id] = d.round
		switch n := &d.nfa.nodes[id]; n.op {
		case nfaMatch:
			return true
		case nfaAlt:
			d.stack = append(d.stack, n.alt, n.out)
		case nfaEmpty:
			if n.empty&^holds == 0 {
				d.stack = append(d.stack, n.out)
			}
		case nfaByte:
			if class >= 0 && n.set.has(d.nfa.sample[class]) {
				d.seeds = append(d.seeds, n.out)
			}
		}
	}
	return false
}

// lineAround is the line that offset at lies in, without its end. at is not
// between a \r and its \n; cr says whether there is any \r.
func lineAround(text string, at int, cr bool) (start, end int) {
	start = strings.LastIndexByte(text[:at], '\n') + 1
	if cr {
		start += strings.LastIndexByte(text[start:at], '\r') + 1
	}
	return start, lineEnd(text, at, cr)
}

// lineEnd is where the line that at lies in ends, without its end.
func lineEnd(text string, at int, cr bool) int {
	end := len(text)
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		end = at + i
	}
	if cr {
		if i := strings.IndexByte(text[at:end], '\r'); i >= 0 {
			end = at + i
		}
	}
	return end
}

// nextLine is where the line after the one that ends at end starts.
func nextLine(text string, end int) int {
	if strings.HasPrefix(text[end:], "\r\n") {
		return end + 2
	}
	return min(end+1, len(text)+1)
}
