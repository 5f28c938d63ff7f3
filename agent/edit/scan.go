package edit

import (
	"slices"
	"strings"
)

// block is one fenced piece of a reply, as offsets into it.
type block struct {
	fence
	start, end int // the content with its last line end
	closed     bool
}

// outside is one line of a reply that is in no block.
type outside struct{ start, end int }

// scanner cuts a reply into blocks and the lines outside them, one line at a
// time. It keeps offsets only, so a line costs what its bytes cost.
type scanner struct {
	keepThink bool      // read what an unclosed thinking block holds
	ticks     bool      // the file itself has fences: only a line of its own closes one
	tokens    bool      // the file itself names special tokens of models
	file      [3]string // before, original, after: a tag that it holds is text

	thinking bool
	thought  int   // bytes of the reply up to the end of the thinking
	open     bool  // the last block is open
	nested   []int // lengths of the fences open inside it
	blocks   []block
	lines    []outside
	said     bool // one of the lines is not blank
	musing   bool // one of the lines is a thought: what comes after it may be a draft
}

// thoughts are the tags of thinking. Where loose is set the end alone will do: the
// template of the model wrote the start.
var thoughts = []struct {
	start, end string
	loose      bool
}{
	{"<think>", "</think>", true},
	{"<thinking>", "</thinking>", true},
	{"<reasoning>", "</reasoning>", true},
	{"<thought>", "</thought>", true},
	{"<analysis>", "</analysis>", false},
	{"<scratchpad>", "</scratchpad>", false},
	{"[THINK]", "[/THINK]", true},
	{"◁think▷", "◁/think▷", true},
	{"<|channel|>analysis<|message|>", "<|channel|>final<|message|>", true},
	{"Thinking...", "...done thinking.", false},
}

// line reads raw[start:end], a line without its line end; next is where the line
// after it starts. It reports whether a block was closed by it.
func (s *scanner) line(raw string, start, end, next int) bool {
	l := raw[start:end]
	if n := len(l); n > 0 && l[n-1] == '\r' {
		l = l[:n-1]
	}
	cut := -1 // where special tokens begin
	if n := special(l); n < len(l) && !s.tokens {
		l, cut = l[:n], n
	}
	if i, after := s.think(l); i > 0 {
		s.thought = start + i
		if blank(l[i:]) {
			return false
		}
		return s.line(raw, start+i, end, next)
	} else if after {
		return false
	}
	if s.open {
		closed := s.inside(l, start, next)
		if b := &s.blocks[len(s.blocks)-1]; cut >= 0 && !closed {
			b.end = start + cut
		}
		return closed
	}
	if a, b, ok := inlineBlock(l); ok {
		s.blocks = append(s.blocks, block{fence: fence{char: '`', n: 3}, start: start + a, end: start + b, closed: true})
		return true
	}
	f, ok := parseFence(l)
	if !ok {
		f, ok = opensAtEnd(l)
	}
	if ok {
		s.open, s.nested = true, s.nested[:0]
		s.blocks = append(s.blocks, block{fence: f, start: next, end: next})
		return false
	}
	s.said = s.said || !blank(l)
	s.musing = s.musing || muses(l)
	s.lines = append(s.lines, outside{start, start + len(l)})
	return false
}

// inside reads a line of the open block.
func (s *scanner) inside(l string, start, next int) bool {
	b := &s.blocks[len(s.blocks)-1]
	f, ok := parseFence(l)
	// As in CommonMark, a fence four columns deeper than the one that opened the
	// block is content (a fence in a docstring, say).
	if ok && f.char == b.char && f.n >= b.n && f.indent <= b.indent+3 {
		switch {
		case f.info != "" && isTag(f.info):
			s.nested = append(s.nested, f.n)
		case f.info != "":
		case len(s.nested) > 0:
			if f.n >= s.nested[len(s.nested)-1] {
				s.nested = s.nested[:len(s.nested)-1]
			}
		default:
			b.end, b.closed, s.open = start, true, false
			return true
		}
	} else if !ok && b.char == '`' && b.n == 3 && !s.ticks && len(s.nested) == 0 {
		if n, ok := closesAtEnd(l); ok {
			b.end, b.closed, s.open = start+n, true, false
			return true
		}
	}
	b.end = next
	return false
}

// think handles the tags of thinking. skip > 0 means that so many bytes of the
// line were thinking and the rest is still to be read; all means that the whole
// line was.
func (s *scanner) think(l string) (skip int, all bool) {
	if s.keepThink {
		for _, t := range thoughts {
			if n := strings.Index(l, t.start); n >= 0 && !s.open && blank(l[:n]) {
				return n + len(t.start), false
			}
		}
		return 0, false
	}
	if !s.thinking && strings.IndexByte(l, '>') < 0 && strings.IndexByte(l, ']') < 0 && strings.IndexByte(l, "▷"[0]) < 0 && !strings.HasPrefix(l, "Thinking") {
		return 0, false // as nearly always
	}
	for _, t := range thoughts {
		n := strings.Index(l, t.end)
		if n >= 0 && (s.thinking || t.loose && (!s.open || blank(l[:n])) && !s.holds(t.end)) {
			// An end without a start: the template opened it, all so far was thinking.
			s.thinking, s.open, s.musing, s.blocks, s.lines = false, false, false, nil, nil
			return n + len(t.end), false
		}
		if !s.thinking && !s.open && len(s.blocks) == 0 && (t.loose || !s.said) && strings.HasPrefix(strings.TrimSpace(l), t.start) {
			s.thinking = true
		}
	}
	return 0, s.thinking
}

// holds reports whether the file has a tag as text.
func (s *scanner) holds(tag string) bool {
	return slices.ContainsFunc(s.file[:], func(part string) bool { return strings.Contains(part, tag) })
}

// special is where the special tokens begin with which a line of the reply ends,
// as templates leave them behind: the length of the line if there are none.
func special(l string) int {
	n := len(l)
	for {
		rest := strings.TrimRight(l[:n], " \t")
		switch {
		case strings.HasSuffix(rest, "|>"):
			i := strings.LastIndex(rest, "<|")
			if i < 0 || strings.ContainsAny(rest[i+2:len(rest)-2], " \t|") || strings.HasSuffix(rest, "<|message|>") {
				return n
			}
			n = i
		case strings.HasSuffix(rest, "</s>") && !strings.Contains(rest, "<s>"): // an element of a page has both
			n = len(rest) - len("</s>")
		default:
			return n
		}
	}
}

// scanAll reads a whole reply.
func (s *scanner) scanAll(raw string) {
	for pos := 0; pos < len(raw); {
		end, next := len(raw), len(raw)
		if i := strings.IndexByte(raw[pos:], '\n'); i >= 0 {
			end, next = pos+i, pos+i+1
		}
		s.line(raw, pos, end, next)
		pos = next
	}
}
