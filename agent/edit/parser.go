package edit

import (
	"iter"
	"slices"
	"strings"
)

// Parser reads one reply.
//
// It decides at whole lines only, so that the size of the pieces never changes
// the result: every line is looked at once as it ends, and Close reads the last.
type Parser struct {
	t     Target
	asked Shape // t.Shape is Region for those that are read alike
	raw   strings.Builder
	pos   int // where the first line not yet read starts
	scan  scanner
	bare  bare
	most  int // bytes after which the reply can't become an edit any more

	done    bool
	runaway bool
	inexact string  // see Inexact
	indent  *string // see unit
	parts   parts
	preview preview
}

// NewParser makes a parser for one reply.
func NewParser(t Target) *Parser {
	p := &Parser{t: t, asked: t.Shape, preview: preview{start: -1, end: -1}}
	if t.Shape == Insertion || t.Shape == Blocks {
		p.t.Shape = Region
	}
	if p.t.Shape == Region {
		p.raw.Grow(len(t.Original)) // about what comes back
	}
	p.scan.file = [3]string{t.Before, t.Original, t.After}
	p.scan.ticks = strings.Contains(t.Original, "```") || strings.Contains(t.Before, "```") || strings.Contains(t.After, "```")
	p.scan.tokens = strings.Contains(t.Original, "|>") || strings.Contains(t.Original, "</s>")
	p.most = t.limit() + len(t.Original) + len(t.Before) + len(t.After) + 16<<10
	return p
}

// Write takes the next piece; done means nothing that follows can matter, so the
// stream may be closed. What is written after that is ignored.
func (p *Parser) Write(chunk string) (done bool) {
	if p.done {
		return true
	}
	from := p.raw.Len()
	p.raw.WriteString(chunk)
	raw := p.raw.String()
	for !p.done {
		i := strings.IndexByte(raw[from:], '\n')
		if i < 0 {
			break
		}
		end := from + i
		p.line(raw, p.pos, end, end+1)
		p.pos, from = end+1, end+1
		p.checkRunaway(end)
	}
	if !p.done {
		p.checkRunaway(len(raw))
	}
	return p.done
}

// checkRunaway ends a reply that has grown past anything that could be accepted.
func (p *Parser) checkRunaway(n int) {
	if p.t.Shape != Answer && !p.scan.thinking && n-p.scan.thought > p.most {
		p.done, p.runaway = true, true
	}
}

// line reads one whole line and decides whether the answer is complete with it.
func (p *Parser) line(raw string, start, end, next int) {
	before := len(p.scan.blocks)
	closed := p.scan.line(raw, start, end, next)
	if p.t.Shape == Answer {
		return
	}
	if len(p.scan.blocks) < before {
		p.preview = preview{start: -1, end: -1} // it was thinking
		p.bare, p.parts = bare{}, parts{}
	}
	opened := len(p.scan.blocks) > before
	talked := !p.scan.thinking && p.t.Shape == Region && p.parts.line(raw[start:end], p.t.Language, p.scan.open || closed || opened)
	p.previewLine(raw, opened, start)
	switch {
	case talked:
		p.done = true
	case closed:
		p.done = p.enough(raw, p.scan.blocks[len(p.scan.blocks)-1])
	case len(p.scan.blocks) == 0 && !p.scan.thinking && !p.parts.any && !isProse(p.t.Language):
		if p.bare.line(raw[start:end], start) {
			text := raw[p.bare.start:start]
			p.done = p.patch(text, "") == nil && p.syntaxKept(text)
		}
	}
}

// enough reports whether a closed block can be taken for the answer without
// waiting for others.
func (p *Parser) enough(raw string, b block) bool {
	text := raw[b.start:b.end]
	if blank(text) || fits(b.info, p.t.Language) < 0 || p.scan.musing {
		return false
	}
	if isMarkdown(p.t.Language) && (b.n == 3 || fits(b.info, p.t.Language) <= 0) {
		return false // a bare fence may belong to the text itself; Close knows more
	}
	if p.t.Shape == Comment {
		return true
	}
	if f := p.fileOf(raw, &p.scan, b); f != "" && p.t.Path != "" && baseOf(f) != baseOf(p.t.Path) {
		return false // it writes other files as well
	}
	if p.t.Shape == Region && (p.parts.any || family(b.info) == "diff" || patchHeader(text)) {
		p.parts.any = true
		return false // there may be more of them
	}
	if p.t.Shape == NewFile {
		return strings.Count(strings.TrimSpace(text), "\n") > 0
	}
	if sameText(text, p.t.Original) {
		return false // the model quotes what it is about to change
	}
	words := p.words()
	return len(words) < 3 || shares(words, text)
}

// words are the names by which the answer may be known: those of the original,
// unless it is a comment that asks for code.
func (p *Parser) words() map[string]bool {
	if onlyComments(p.t.Original) {
		return nil
	}
	return identifiers(p.t.Original)
}

// Raw is the reply as it came, for the log.
func (p *Parser) Raw() string { return p.raw.String() }

// seen is the part of the reply that counts: what comes after the answer in the
// same piece does not.
func (p *Parser) seen() string {
	if p.done {
		return p.raw.String()[:p.pos]
	}
	return p.raw.String()
}

// preview is the part of the reply shown while it is written. end is -1 while
// it grows.
type preview struct {
	start, end int
	code       bool // it is known to begin like code
}

// previewLine follows the first block that may be the answer, or unfenced code
// from its second line on.
func (p *Parser) previewLine(raw string, opened bool, start int) {
	v := &p.preview
	n := len(p.scan.blocks)
	switch {
	case v.end >= 0:
	case p.parts.open && v.start >= 0:
		v.end = start // what follows is no code but a change of it
	case p.parts.any || p.asked == Blocks:
	case v.start < 0 && opened && fits(p.scan.blocks[n-1].info, p.t.Language) >= 0:
		v.start = p.scan.blocks[n-1].start
		if !p.scan.open {
			v.end = p.scan.blocks[n-1].end
		}
	case v.start < 0 && n == 0 && p.bare.lines > 1:
		v.start = p.bare.start
	case v.start >= 0 && n > 0 && !p.scan.open:
		v.end = p.scan.blocks[n-1].end
	case v.start >= 0 && n > 0 && p.scan.blocks[n-1].start > v.start:
		v.end = strings.LastIndexByte(raw[:p.scan.blocks[n-1].start-1], '\n') + 1 // unfenced code, then a fence
	}
}

// Preview is the code read so far, without fences and prose; it only ever grows
// but for its unfinished last line. (It starts anew in the one case where the
// model turns out to have been thinking aloud without saying so.)
func (p *Parser) Preview() string {
	raw := p.raw.String()
	if p.t.Shape == Answer {
		if p.scan.thinking {
			return ""
		}
		return strings.TrimLeft(raw[p.scan.thought:], "\r\n")
	}
	v := &p.preview
	if v.start < 0 || !v.code && isChange(raw[v.start:]) {
		return ""
	}
	v.code = v.code || strings.Count(raw[v.start:max(v.start, p.pos)], "\n") > 2
	switch {
	case v.end >= 0:
		return raw[v.start:v.end]
	}
	last := unindented(raw[p.pos:])
	if strings.HasPrefix(last, "`") || strings.HasPrefix(last, "~") {
		return raw[v.start:p.pos] // perhaps the closing fence
	}
	return raw[v.start:]
}

// bare watches a reply that began without a fence.
type bare struct {
	start int // of the first line of code
	lines int // of code
	depth int // brackets open
	gap   bool
	tries int
}

// line reads a line outside blocks and reports whether the code before it may be
// complete: it had begun, no bracket is open, and after an empty line the model
// starts to talk.
func (b *bare) line(l string, start int) bool {
	switch {
	case blank(l):
		b.gap = b.lines > 0
		return false
	case isSentence(l):
		ready := b.lines > 0 && b.gap && b.depth <= 0 && b.tries < 4
		if ready {
			b.tries++
		}
		return ready
	}
	if b.lines == 0 {
		b.start = start
	}
	b.lines++
	b.gap = false
	b.depth += brackets(l)
	return false
}

// brackets is how many more brackets a line opens than closes, outside quotes.
func brackets(l string) int {
	n, quote := 0, byte(0)
	for i := 0; i < len(l); i++ {
		switch c := l[i]; {
		case c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			if strings.IndexByte(l[i+1:], c) >= 0 {
				quote = c
			}
		case c == '(' || c == '[' || c == '{':
			n++
		case c == ')' || c == ']' || c == '}':
			n--
		}
	}
	return n
}

// finish reads the last line, which no line end follows.
func (p *Parser) finish() {
	raw := p.raw.String()
	if p.done || p.pos >= len(raw) {
		return
	}
	pos := p.pos
	p.pos = len(raw)
	before := len(p.scan.blocks)
	p.scan.line(raw, pos, len(raw), len(raw))
	p.parts.line(raw[pos:], p.t.Language, true)
	p.previewLine(raw, len(p.scan.blocks) > before, pos)
}

// wordsFrom is how much of a text is looked at for its names: enough to know it by.
const wordsFrom = 16 << 10

// names gives the words of a text that are names rather than noise, with repetitions.
func names(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		s := s[:min(len(s), wordsFrom)]
		for i := 0; i < len(s); i++ {
			start := i
			for i < len(s) && isWordByte(s[i]) {
				i++
			}
			if w := s[start:i]; len(w) > 2 && (w[0] < '0' || w[0] > '9') && !keywords[w] && !yield(w) {
				return
			}
		}
	}
}

// identifiers are the different names of a text.
func identifiers(s string) map[string]bool {
	out := make(map[string]bool)
	for w := range names(s) {
		out[w] = true
	}
	return out
}

var keywords = func() map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq("func function return const let var def class struct interface type import export from package " +
		"for while if else elif switch case break continue public private static void int string bool boolean number true false nil null None True False " +
		"self this new async await default try catch except finally fn pub use mod impl match end local then not and the") {
		m[w] = true
	}
	return m
}()

// overlap is how many of the words occur in text.
func overlap(words map[string]bool, text string) int {
	n := 0
	for w := range identifiers(text) {
		if words[w] {
			n++
		}
	}
	return n
}

// shares reports whether any of the words occurs in text.
func shares(words map[string]bool, text string) bool {
	for w := range names(text) {
		if words[w] {
			return true
		}
	}
	return false
}

// sameText compares two texts but for white space around their lines.
func sameText(a, b string) bool {
	nextA, stopA := iter.Pull(lines(a))
	defer stopA()
	for l := range lines(b) {
		if m, ok := nextA(); !ok || l != m {
			return false
		}
	}
	_, more := nextA()
	return !more
}

// lines are the trimmed lines of a text that are not blank.
func lines(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for l := range strings.Lines(s) {
			if l = strings.TrimSpace(l); l != "" && !yield(l) {
				return
			}
		}
	}
}

// significant gives the trimmed lines of a text that are not blank.
func significant(s string) []string {
	return slices.AppendSeq(make([]string, 0, strings.Count(s, "\n")+1), lines(s))
}
