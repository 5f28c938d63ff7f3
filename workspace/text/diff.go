package text

import (
	"strings"
)

// maxDistance bounds the search for the shortest line diff of one stretch: time and
// memory are in proportion to its square. Past it the stretch is cut at lines
// that occur once on either side, and what still resists becomes one hunk.
const maxDistance = 400

// Diff gives small simultaneous edits that turn a into b: line by line, then
// without the common head and tail of each changed hunk (never cutting a rune
// or a \r\n pair). It is exact (Apply(a, Diff(a,b)) == b) and bounded in time:
// texts that differ a lot give fewer, larger edits. It is nil for equal texts.
func Diff(a, b string) []Edit {
	return diff(a, b, func(as, bs Span) Edit { return shrink(a, b, as, bs) })
}

// DiffLines is Diff in whole lines, for people to look at: every span and every
// new text holds lines with their line ends, and between two edits stands a line
// that is the same in both.
func DiffLines(a, b string) []Edit {
	return diff(a, b, func(as, bs Span) Edit { return Edit{as, strings.Clone(b[bs.Start:bs.End])} })
}

// diff makes an edit of every hunk.
func diff(a, b string, edit func(as, bs Span) Edit) []Edit {
	if a == b {
		return nil
	}
	d := newDiffer(a, b)
	d.stretch(0, len(d.a), 0, len(d.b), true)
	edits := make([]Edit, 0, len(d.hunks))
	for _, h := range d.hunks {
		edits = append(edits, edit(Span{d.aAt[h.a0], d.aAt[h.a1]}, Span{d.bAt[h.b0], d.bAt[h.b1]}))
	}
	return edits
}

// hunk says that lines a0..a1 of a become lines b0..b1 of b.
type hunk struct{ a0, a1, b0, b1 int }

// differ compares two texts as lists of numbered lines: equal lines, equal numbers.
type differ struct {
	a, b     []int32
	aAt, bAt []int // where each line starts, and one more: the length of the text
	hunks    []hunk
}

func newDiffer(a, b string) *differ {
	d := &differ{}
	numbers := make(map[string]int32)
	d.a, d.aAt = numberLines(a, numbers)
	d.b, d.bAt = numberLines(b, numbers)
	return d
}

func numberLines(s string, numbers map[string]int32) (lines []int32, at []int) {
	at = append([]int{0}, NewLineIndex(s).breaks...)
	if at[len(at)-1] != len(s) {
		at = append(at, len(s))
	}
	lines = make([]int32, len(at)-1)
	for i := range lines {
		line := s[at[i]:at[i+1]]
		n, ok := numbers[line]
		if !ok {
			n = int32(len(numbers))
			numbers[line] = n
		}
		lines[i] = n
	}
	return lines, at
}

// add records a hunk, joining it to the one before it where they touch.
func (d *differ) add(h hunk) {
	if n := len(d.hunks); n > 0 && d.hunks[n-1].a1 == h.a0 && d.hunks[n-1].b1 == h.b0 {
		d.hunks[n-1].a1, d.hunks[n-1].b1 = h.a1, h.b1
		return
	}
	d.hunks = append(d.hunks, h)
}

// stretch compares a[a0:a1] with b[b0:b1] and records the hunks between them in order.
// split allows one division at unique lines when they are too far apart.
func (d *differ) stretch(a0, a1, b0, b1 int, split bool) {
	for a0 < a1 && b0 < b1 && d.a[a0] == d.b[b0] {
		a0++
		b0++
	}
	for a0 < a1 && b0 < b1 && d.a[a1-1] == d.b[b1-1] {
		a1--
		b1--
	}
	if a0 == a1 && b0 == b1 {
		return
	}
	if a0 == a1 || b0 == b1 || a1-a0 == 1 && b1-b0 == 1 {
		d.add(hunk{a0, a1, b0, b1})
		return
	}
	if d.shortest(a0, a1, b0, b1) {
		return
	}
	if !split {
		d.add(hunk{a0, a1, b0, b1})
		return
	}
	for _, m := range d.anchors(a0, a1, b0, b1) {
		d.stretch(a0, m.a, b0, m.b, false)
		a0, b0 = m.a+1, m.b+1
	}
	d.stretch(a0, a1, b0, b1, false)
}

// shortest records the hunks of the shortest line diff (Myers, greedy), or records
// nothing and reports false when it is longer than maxDistance.
func (d *differ) shortest(a0, a1, b0, b1 int) bool {
	n, m := a1-a0, b1-b0
	limit := min(n+m, maxDistance)
	if max(n-m, m-n) > limit {
		return false
	}
	// reach[k+limit+1] is the furthest x on diagonal k = x-y; rows keeps, for each
	// distance, the part of it that the way back needs.
	reach := make([]int32, 2*limit+3)
	rows := make([][]int32, 0, 16)
	for dist := 0; dist <= limit; dist++ {
		rows = append(rows, append([]int32(nil), reach[limit+1-dist:limit+2+dist]...))
		for k := -dist; k <= dist; k += 2 {
			at := k + limit + 1
			x := int(reach[at-1]) + 1
			if k == -dist || k != dist && reach[at-1] < reach[at+1] {
				x = int(reach[at+1])
			}
			y := x - k
			for x < n && y >= 0 && y < m && d.a[a0+x] == d.b[b0+y] {
				x++
				y++
			}
			reach[at] = int32(x)
			if x >= n && y >= m {
				d.walkBack(a0, b0, n, m, rows)
				return true
			}
		}
	}
	return false
}

// walkBack follows the rows of shortest from the end (n, m) and records its hunks.
// rows[dist][k+dist] is the furthest x on diagonal k before distance dist.
func (d *differ) walkBack(a0, b0, n, m int, rows [][]int32) {
	var back []hunk
	x, y := n, m
	for dist := len(rows) - 1; dist > 0; dist-- {
		row, k := rows[dist], x-y
		get := func(k int) int32 {
			if k < -dist || k > dist {
				return -1
			}
			return row[k+dist]
		}
		down := k == -dist || k != dist && get(k-1) < get(k+1)
		var px, py int
		if down {
			px = int(get(k + 1))
			py = px - k - 1
			back = append(back, hunk{a0 + px, a0 + px, b0 + py, b0 + py + 1})
		} else {
			px = int(get(k - 1))
			py = px - k + 1
			back = append(back, hunk{a0 + px, a0 + px + 1, b0 + py, b0 + py})
		}
		x, y = px, py
	}
	for i := len(back) - 1; i >= 0; i-- {
		d.add(back[i])
	}
}

// match pairs a line of a with an equal line of b.
type match struct{ a, b int }

// anchors pairs the lines that occur exactly once in a[a0:a1] and once in
// b[b0:b1], as many as keep their order, O(n log n).
func (d *differ) anchors(a0, a1, b0, b1 int) []match {
	const many = -1
	once := func(lines []int32, lo, hi int) map[int32]int {
		at := make(map[int32]int, hi-lo)
		for i := lo; i < hi; i++ {
			if _, seen := at[lines[i]]; seen {
				at[lines[i]] = many
			} else {
				at[lines[i]] = i
			}
		}
		return at
	}
	inA, inB := once(d.a, a0, a1), once(d.b, b0, b1)
	var pairs []match
	for i := a0; i < a1; i++ {
		j, ok := inB[d.a[i]]
		if ok && j != many && inA[d.a[i]] != many {
			pairs = append(pairs, match{i, j})
		}
	}
	return longestRising(pairs)
}

// longestRising is the longest subsequence of pairs, ascending by a, that ascends by b too.
func longestRising(pairs []match) []match {
	var tails []int // tails[n] is the pair that ends the best run of length n+1
	before := make([]int, len(pairs))
	for i, p := range pairs {
		lo, hi := 0, len(tails)
		for lo < hi {
			mid := (lo + hi) / 2
			if pairs[tails[mid]].b < p.b {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		before[i] = -1
		if lo > 0 {
			before[i] = tails[lo-1]
		}
		if lo == len(tails) {
			tails = append(tails, i)
		} else {
			tails[lo] = i
		}
	}
	run := make([]match, len(tails))
	if len(tails) == 0 {
		return run
	}
	for n, i := len(tails)-1, tails[len(tails)-1]; n >= 0; n, i = n-1, before[i] {
		run[n] = pairs[i]
	}
	return run
}

// Replacement is the one edit that turns a into b: what stands between their common head
// and their common tail, in whole runes and line ends. It costs a look at both.
func Replacement(a, b string) Edit {
	return shrink(a, b, Span{0, len(a)}, Span{0, len(b)})
}

// shrink is the edit that turns a[as] into b[bs] without their common head and
// tail, cutting neither a rune nor a \r\n of either text.
func shrink(a, b string, as, bs Span) Edit {
	head := commonHead(a[as.Start:as.End], b[bs.Start:bs.End])
	for head > 0 && (cuts(a, as.Start+head) || cuts(b, bs.Start+head)) {
		head--
	}
	as.Start += head
	bs.Start += head
	tail := commonTail(a[as.Start:as.End], b[bs.Start:bs.End])
	for tail > 0 && (cuts(a, as.End-tail) || cuts(b, bs.End-tail)) {
		tail--
	}
	return Edit{Span{as.Start, as.End - tail}, strings.Clone(b[bs.Start : bs.End-tail])}
}

// cuts reports whether off lies inside a rune or a \r\n of src.
func cuts(src string, off int) bool {
	if off <= 0 || off >= len(src) {
		return false
	}
	return src[off-1] == '\r' && src[off] == '\n' || runeStart(src, off) != off
}

// block is how many bytes commonHead and commonTail compare at once.
const block = 64

func commonHead(a, b string) int {
	n, i := min(len(a), len(b)), 0
	for i+block <= n && a[i:i+block] == b[i:i+block] {
		i += block
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

func commonTail(a, b string) int {
	n, i := min(len(a), len(b)), 0
	for i+block <= n && a[len(a)-i-block:len(a)-i] == b[len(b)-i-block:len(b)-i] {
		i += block
	}
	for i < n && a[len(a)-1-i] == b[len(b)-1-i] {
		i++
	}
	return i
}
