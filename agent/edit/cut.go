package edit

import (
	"slices"
	"strings"
)

var wholeFile = &Error{
	Kind: KindUnsafe, Message: "The model returned more than the region, and what belongs to the region can't be told for certain.",
	Hint:  "Try again, or select the whole symbol.",
	Again: "Your code holds more than the region: lines from before or after it. Begin with the first line of the region and end with its last one.",
}

// cut takes the region out of a reply that holds more: lines of the file around
// the region, the symbol that encloses it, or the whole file. In this order:
//
//  1. the original is one declared symbol, and the reply declares it once, beside
//     or inside declarations that the file has elsewhere: its text;
//  2. the reply begins with the lines before the region, or ends with those after
//     it: without them;
//  3. the reply begins like the file, or like a declaration around the region, but
//     changed on the way to it: from the lines right before the region to those
//     right after it, if these are found exactly once; otherwise it is refused.
//
// A reply that holds only the region passes as it is.
func (p *Parser) cut(s string) (string, error) {
	if blank(p.t.Before) && blank(p.t.After) {
		return s, nil
	}
	if part, ok := p.cutSymbol(s); ok {
		s = part // perhaps still with an attribute that stands before the region
	}
	if part, ok := p.cutLine(s); ok {
		return part, nil
	}
	c := newCutter(s, p.t)
	if len(c.reply) == 0 {
		return s, nil
	}
	front, back := c.echoes()
	whole := front == 0 && c.startsAround()
	if whole {
		if front = c.anchorFront(); front == 0 {
			return "", wholeFile
		}
	}
	if front == 0 && back == 0 {
		return p.cutBrackets(s, c), nil
	}
	if front+back >= len(c.reply) {
		if blank(p.t.Original) && !whole {
			return s, nil // it repeats a line: perhaps that is what was asked
		}
		return "", wholeFile
	}
	for _, b := range c.backs(front, back) {
		if part := c.text(front, len(c.reply)-b); front+b < len(c.reply) && p.syntaxKept(part) {
			return part, nil
		}
	}
	if whole {
		return "", wholeFile
	}
	if !p.syntaxKept(s) {
		return c.text(front, len(c.reply)-back), nil // wrong either way: the syntax guard says so
	}
	return s, nil
}

// cutBrackets takes off the lines around the region that say too little to be
// known by, lone brackets: where they are on both sides and not the original's
// own, or where the syntax is whole only without them.
func (p *Parser) cutBrackets(s string, c *cutter) string {
	front, back := c.headEcho(), c.tail(0)
	if front+back == 0 {
		return s
	}
	if front > 0 && back > 0 && front+back < len(c.reply) && commonPrefix(c.reply, c.original) < front && commonSuffix(c.reply, c.original) < back {
		if part := c.text(front, len(c.reply)-back); p.syntaxKept(part) {
			return part
		}
	}
	if p.syntaxKept(s) {
		return s
	}
	for _, cut := range [][2]int{{0, back}, {front, 0}, {front, back}} {
		if n := cut[0] + cut[1]; n > 0 && n < len(c.reply) {
			if part := c.text(cut[0], len(c.reply)-cut[1]); p.syntaxKept(part) {
				return part
			}
		}
	}
	return s
}

// cutLine takes off what stands on the region's own first and last line outside
// of it, where the region is a part of a line and whole lines came back.
func (p *Parser) cutLine(s string) (string, bool) {
	head := strings.TrimSpace(p.t.Before[lineStartAt(p.t.Before):])
	tail := ""
	if i := strings.IndexAny(p.t.After, "\r\n"); i >= 0 && !strings.HasSuffix(p.t.Original, "\n") {
		tail = strings.TrimSpace(p.t.After[:i])
	}
	part := strings.TrimSpace(s)
	if head == "" || !strings.HasPrefix(part, head) || strings.HasPrefix(strings.TrimSpace(p.t.Original), head) {
		return "", false
	}
	part = strings.TrimPrefix(part, head)
	if tail != "" {
		var ok bool
		if part, ok = strings.CutSuffix(part, tail); !ok {
			return "", false
		}
	}
	part = strings.TrimSpace(part)
	return part, part != "" && p.syntaxKept(part) && (telling([]string{head}) || !p.syntaxKept(strings.TrimSpace(s)))
}

// cutter compares a reply with the file around its region by lines that are not
// blank, without their white space at both ends.
type cutter struct {
	lines                          []string // of the reply, as they are, with line ends
	at                             []int    // index into lines of each of reply
	reply, before, original, after []string
	around                         []string // enclosing the region, innermost first
}

func newCutter(s string, t Target) *cutter {
	c := &cutter{
		lines: strings.SplitAfter(s, "\n"), before: significant(t.Before), original: significant(t.Original), after: significant(t.After),
		around: enclosing(t.Before, t.Original, t.After),
	}
	c.at, c.reply = make([]int, 0, len(c.lines)), make([]string, 0, len(c.lines))
	for i, l := range c.lines {
		if l = strings.TrimSpace(l); l != "" {
			c.at = append(c.at, i)
			c.reply = append(c.reply, l)
		}
	}
	return c
}

// text is the reply from one significant line up to another.
func (c *cutter) text(from, to int) string {
	end := len(c.lines)
	if to < len(c.at) {
		end = c.at[to]
	}
	return strings.Join(c.lines[c.at[from]:end], "")
}

// echoes counts the lines at both ends of the reply that are those around the
// region and say enough to be known by. Lines that the original starts or ends
// with alike are not echoes.
func (c *cutter) echoes() (front, back int) {
	if k := c.headEcho(); telling(c.reply[:k]) && commonPrefix(c.reply, c.original) < k {
		front = k
	}
	if k := c.tail(front); k > 0 && telling(c.reply[len(c.reply)-k:]) && (front > 0 || commonSuffix(c.reply, c.original) < k) {
		back = k
	}
	return front, back
}

// headEcho counts the lines at the start of the reply that are the last ones
// before the region.
func (c *cutter) headEcho() int {
	for k := min(len(c.before), len(c.reply)); k > 0; k-- {
		if slices.Equal(c.before[len(c.before)-k:], c.reply[:k]) {
			return k
		}
	}
	return 0
}

// tail counts the lines at the end of the reply, behind from, that are the first
// ones after the region.
func (c *cutter) tail(from int) int {
	for k := min(len(c.after), len(c.reply)-from); k > 0; k-- {
		if slices.Equal(c.after[:k], c.reply[len(c.reply)-k:]) {
			return k
		}
	}
	return 0
}

// backs lists how many lines to leave out at the end of the reply, the likeliest
// first: the echo found, else what lies behind the one place of the lines after
// the region, else lone brackets, else none.
func (c *cutter) backs(front, back int) []int {
	if back > 0 {
		return []int{back}
	}
	if front == 0 {
		return []int{0}
	}
	var out []int
	for n := min(3, len(c.after)); n > 0; n-- {
		if i := findLines(c.reply, c.after[:n], front); i >= 0 && telling(c.after[:n]) {
			if findLines(c.reply, c.after[:n], i+1) < 0 {
				out = append(out, len(c.reply)-i)
			}
			break
		}
	}
	if k := c.tail(front); k > 0 {
		out = append(out, k)
	}
	return append(out, 0)
}

// startsAround reports whether the first code of the reply is the file's first
// line, or that of a declaration around the region, and not the original's.
func (c *cutter) startsAround() bool {
	head := firstCode(c.reply)
	if head == "" || head == firstCode(c.original) || !telling([]string{head}) {
		return false
	}
	name := declared(head)
	return len(c.before) > 0 && c.before[0] == head || slices.ContainsFunc(c.around, func(l string) bool {
		return l == head || name != "" && declared(l) == name // its signature changed
	})
}

// firstCode is the first line that is neither comment nor decorator.
func firstCode(lines []string) string {
	for _, l := range lines {
		if !isCommentLine(l) && l[0] != '@' {
			return l
		}
	}
	return ""
}

// enclosing lists the lines of before that stand around what comes next: each
// one less indented than all that follow it.
func enclosing(before, original, after string) []string {
	depth := -1
	for _, s := range []string{original, after} {
		for l := range strings.Lines(s) {
			if !blank(l) && depth < 0 {
				depth = width(indentOf(l))
			}
		}
	}
	if lead := before[lineStartAt(before):]; blank(lead) {
		depth += width(lead)
	}
	var out []string
	for end := len(before); end > 0 && depth > 0; {
		start := lineStartAt(before[:end])
		if l := before[start:end]; !blank(l) && width(indentOf(l)) < depth {
			depth = width(indentOf(l))
			out = append(out, strings.TrimSpace(l))
		}
		end = start - 1
	}
	return out
}

// anchorFront finds the one place in the reply after the lines before the region,
// 0 if there is none or more than one.
func (c *cutter) anchorFront() int {
	for n := min(3, len(c.before)); n > 0; n-- {
		need := c.before[len(c.before)-n:]
		i := findLines(c.reply, need, 0)
		if i < 0 {
			continue
		}
		if !telling(need) || findLines(c.reply, need, i+1) >= 0 {
			return 0
		}
		return i + n
	}
	return 0
}

// telling reports whether lines say enough to recognise a place by: at least one
// of them has four letters or digits.
func telling(lines []string) bool {
	for _, l := range lines {
		n := 0
		for i := range len(l) {
			if isWordByte(l[i]) {
				n++
			}
		}
		if n >= 4 {
			return true
		}
	}
	return false
}

func commonPrefix(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func commonSuffix(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}
