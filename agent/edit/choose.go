package edit

import (
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// candidate is the piece of a reply that is taken for the answer.
type candidate struct {
	text   string
	info   string
	indent int  // columns before the opening fence
	fenced bool // it came in a fence
	closed bool // and the fence was closed
}

// choose finds the answer in a reply that has ended.
func (p *Parser) choose() (candidate, error) {
	raw := p.seen()
	s := &p.scan
	if s.thinking {
		again := scanner{ticks: s.ticks, tokens: s.tokens, keepThink: true}
		again.scanAll(raw)
		if len(again.blocks) == 0 {
			return candidate{}, onlyThought
		}
		s = &again
	}
	if isMarkdown(p.t.Language) {
		return p.chooseMarkdown(raw[s.thought:], s)
	}
	blocks, err := p.ownFile(raw, s, s.blocks)
	if err != nil {
		return candidate{}, err
	}
	if b, ok := p.bestBlock(raw, blocks, s.musing); ok {
		return candidate{text: raw[b.start:b.end], info: b.info, indent: b.indent, fenced: true, closed: b.closed}, nil
	}
	var lines []string
	for _, l := range s.lines {
		lines = append(lines, raw[l.start:l.end])
	}
	return p.bareCode(lines)
}

// bestBlock picks among several blocks: the one whose language agrees, that
// declares what the original declares and shares its names, and that is not the
// original quoted. Between equals the longer one counts, or the last one where the
// model thought aloud: those before are drafts.
func (p *Parser) bestBlock(raw string, blocks []block, drafts bool) (block, bool) {
	var best block
	top, found := 0, false
	words := p.words()
	for _, b := range blocks {
		content := raw[b.start:b.end]
		if blank(content) && len(blocks) > 1 {
			continue
		}
		score := 6 * fits(b.info, p.t.Language)
		if p.t.Shape == Region && len(blocks) > 1 && len(words) > 0 {
			score += 8 * overlap(words, content) / len(words)
			if name := declared(p.t.Original); name != "" && hasWord(content, name) {
				score += 4
			}
			if sameText(content, p.t.Original) {
				score -= 9
			}
		}
		if !found || score > top || score == top && (drafts || b.end-b.start > best.end-best.start) {
			best, top, found = b, score, true
		}
	}
	return best, found
}

// chooseMarkdown finds a Markdown text, which may itself hold fences: it is
// wrapped in a fence only if the reply opens with one, or with a preamble and one.
func (p *Parser) chooseMarkdown(raw string, s *scanner) (candidate, error) {
	lines := strings.SplitAfter(raw, "\n")
	first := 0
	for first < len(lines) && (blank(lines[first]) || isPreamble(lines[first])) {
		first++
	}
	if first == len(lines) {
		return candidate{}, p.noCode()
	}
	f, ok := parseFence(strings.TrimRight(lines[first], "\r\n"))
	wrapped := ok && (f.info == "" || f.n > 3 || isMarkdown(f.info) || family(f.info) == "text")
	if !wrapped {
		if reason, no := refusal(raw); no {
			return candidate{}, declined(reason)
		}
		return candidate{text: strings.Join(lines[first:], ""), closed: true}, nil
	}
	body := lines[first+1:]
	if end := closingLine(f, body); end >= 0 {
		return candidate{text: strings.Join(body[:end], ""), info: f.info, indent: f.indent, fenced: true, closed: true}, nil
	}
	return candidate{text: strings.Join(body, ""), info: f.info, indent: f.indent, fenced: true}, nil
}

// closingLine finds the line that closes the fence around a Markdown text, -1 if
// none does. A bare fence that is followed by another bare one opened a block of
// the text; a pair with an info string is one anyway.
func closingLine(outer fence, body []string) int {
	type mark struct {
		line int
		bare bool
	}
	var marks []mark
	for i, l := range body {
		if f, ok := parseFence(strings.TrimRight(l, "\r\n")); ok && f.char == outer.char && f.n >= outer.n && f.indent <= outer.indent+3 {
			marks = append(marks, mark{i, f.info == ""})
		}
	}
	for i := 0; i < len(marks); i++ {
		last := i+1 == len(marks)
		switch {
		case !marks[i].bare: // opens: skip to what closes it
			if i+1 < len(marks) && marks[i+1].bare {
				i++
			}
		case last || !marks[i+1].bare:
			return marks[i].line
		default:
			i++ // a pair of bare fences
		}
	}
	return -1
}

// isPreamble reports whether a line announces the answer.
func isPreamble(line string) bool {
	body := strings.TrimSpace(line)
	return hasStarter(body) && (strings.HasSuffix(body, ":") || strings.HasSuffix(body, "!")) && len(body) < 200
}

// bareCode takes code that came without a fence: what is left when the sentences
// before and after it are gone, if most of it is code.
func (p *Parser) bareCode(lines []string) (candidate, error) {
	whole := strings.Join(lines, "\n")
	if reason, no := refusal(whole); no {
		return candidate{}, declined(reason)
	}
	if blank(whole) {
		return candidate{}, emptyReply
	}
	first, last := 0, len(lines)
	if isProse(p.t.Language) {
		for first < last && (blank(lines[first]) || isPreamble(lines[first])) {
			first++
		}
	} else {
		first, last = codeLines(lines)
	}
	if first >= last {
		return candidate{}, p.noCode()
	}
	code := strings.Join(lines[first:last], "\n") + "\n"
	// Without a fence and without a grammar, prose in any language could pass.
	if words := p.words(); !isProse(p.t.Language) && len(words) > 2 && !shares(words, code) && len(syntax.Outline(p.t.Language, code)) == 0 {
		return candidate{}, p.noCode()
	}
	return candidate{text: code, closed: true}, nil
}

// codeLines bounds the code among lines: sentences at both ends are left out,
// and where sentences outnumber code there is none. Sentences after an empty line
// that follows code end it.
func codeLines(lines []string) (first, last int) {
	first, last = 0, len(lines)
	for first < last && (blank(lines[first]) || isSentence(lines[first])) {
		first++
	}
	for last > first && (blank(lines[last-1]) || isSentence(lines[last-1])) {
		last--
	}
	code, prose := 0, 0
	for _, l := range lines[first:last] {
		switch {
		case blank(l):
		case isSentence(l):
			prose++
		default:
			code++
		}
	}
	if prose > code {
		return 0, 0
	}
	return first, last
}

// noCode is the refusal of a reply that only talks.
func (p *Parser) noCode() error {
	raw := p.seen()[p.scan.thought:]
	if reason, no := refusal(raw); no {
		return declined(reason)
	}
	if blank(raw) {
		return emptyReply
	}
	return &Error{
		Kind: KindNoEdit, Message: "The model answered with prose instead of code: " + firstSentence(raw),
		Hint:  "Ask for a change in plain words, or choose a larger model.",
		Again: "Your reply is prose and holds no code.",
	}
}

// answer is what Close gives for a reply to a person.
func (p *Parser) answer(complete bool) (string, error) {
	raw := p.raw.String()
	if p.scan.thinking {
		if !complete {
			return "", stillThinking
		}
		return "", onlyThought
	}
	body := text.WithEOL(strings.TrimSpace(raw[p.scan.thought:]), "\n")
	if body == "" {
		return "", emptyReply
	}
	lines := strings.SplitAfter(body, "\n")
	if f, ok := parseFence(strings.TrimSuffix(lines[0], "\n")); ok && isMarkdown(f.info) {
		if end := closingLine(f, lines[1:]); end >= 0 && blank(strings.Join(lines[end+2:], "")) {
			body = strings.TrimSpace(strings.Join(lines[1:end+1], ""))
		}
	}
	if !complete {
		return body, &Error{Kind: KindIncomplete, Message: "The answer was cut at the output limit.", Hint: "Ask about a smaller part of the code."}
	}
	return body, nil
}
