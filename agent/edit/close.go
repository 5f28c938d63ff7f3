package edit

import (
	"errors"
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

// Refusals that need no detail.
var (
	halfBlocks = &Error{
		Kind: KindNoMatch, Message: "The model's search and replace blocks are not whole: what is old and what is new can't be told apart.",
		Hint:  "Try again; a larger model follows the format better.",
		Again: "A block of your reply lacks one of its three marks, or code stands outside of the blocks.",
	}
	emptyReply = &Error{
		Kind: KindNoEdit, Message: "The model's reply was empty.",
		Hint:  "Try again; if it stays empty, choose another model.",
		Again: "Your reply holds no code.",
	}
	onlyThought = &Error{
		Kind: KindNoEdit, Message: "The model thought about the task but wrote no answer.",
		Hint:  "Use a model without thinking, or switch its thinking off.",
		Again: "Your reply ended before the answer. Do not think aloud now.",
	}
	stillThinking = &Error{
		Kind: KindIncomplete, Message: "The model was still thinking when the output limit cut it.",
		Hint: "Use a model without thinking, or switch its thinking off.",
	}
	cutReply = &Error{
		Kind: KindIncomplete, Message: "The reply was cut at the output limit before the code was complete.",
		Hint: "Select a smaller region, or choose a model with a larger context.",
	}
	unclosed = &Error{
		Kind: KindIncomplete, Message: "The reply ended in the middle of the code.",
		Hint:  "Try again; if it happens often, choose a larger model.",
		Again: "Your code ends in the middle. Write all of it, to its last line.",
	}
)

func declined(reason string) error {
	return &Error{Kind: KindNoEdit, Message: "The model declined: " + reason, Hint: "Word the instruction differently, or choose another model."}
}

// Close ends the reply and gives the text to put in the place of Original, in
// the file's own line ends and indentation, after all guards. complete is false
// when the output limit cut it. A text equal to Original is no error: the caller
// reports it as unchanged.
//
// An Answer that was cut comes with its error, so that a person may still read it.
func (p *Parser) Close(complete bool) (string, error) {
	got, err := p.close(complete)
	var e *Error
	if errors.As(err, &e) && e.Again != "" {
		said := *e
		said.Again += " " + p.form()
		err = &said
	}
	return got, err
}

// form is the form of the answer, as a sentence.
func (p *Parser) form() string {
	if p.t.Shape == Answer {
		return "Write the answer now."
	}
	return "Reply again with only " + forms[p.asked].what + "."
}

// Inexact says, after Close, how the reply was fitted to the original where its
// lines were not found there exactly, by the rung of the ladder: "trailing white
// space". "" if all was exact or nothing had to be found.
func (p *Parser) Inexact() string { return p.inexact }

// Came is, after Close, the form in which the reply came: Blocks for search/replace
// blocks, whatever was asked, and Region where blocks were asked and all of the
// region came; else the shape that was asked.
func (p *Parser) Came() Shape {
	switch {
	case p.t.Shape == Region && p.parts.marks > 0:
		return Blocks
	case p.asked == Blocks:
		return Region
	}
	return p.asked
}

func (p *Parser) close(complete bool) (string, error) {
	p.finish()
	if p.t.Shape == Answer {
		return p.answer(complete)
	}
	if p.runaway {
		return "", tooLong(p.most)
	}
	if p.scan.thinking && !complete {
		return "", stillThinking
	}
	if pieces, unended, err := p.blocks(); err != nil {
		return "", err
	} else if len(pieces) > 0 {
		if !complete && !p.done {
			return "", cutReply
		}
		return p.acceptPieces(pieces, candidate{fenced: true, closed: !unended})
	}
	c, err := p.choose()
	if err != nil {
		if !complete && !p.done && isNoEdit(err) && !errors.Is(err, emptyReply) {
			return "", cutReply
		}
		return "", err
	}
	if !complete && !p.done && (!c.fenced || !c.closed || p.parts.any) {
		return "", cutReply // of several changes some would be another change
	}
	return p.accept(c)
}

func isNoEdit(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == KindNoEdit
}

// accept turns the chosen piece into the text for the file, or says why not.
func (p *Parser) accept(c candidate) (string, error) {
	s := strings.TrimPrefix(text.WithEOL(c.text, "\n"), text.Mark)
	if blank(s) {
		if p.t.Shape == Region && p.t.Shrinks && c.fenced && c.closed {
			return "", nil
		}
		return "", emptyReply
	}
	s = dedent(s, c.indent)
	s = stripNumbers(s, p.t.Original)
	s = p.stripPath(s)
	s = p.unescape(s)
	pieces := p.patches(s, c)
	if lines, ok := p.allNew(pieces); ok && len(pieces) > 0 && p.t.alone() {
		s = strings.Join(lines, "\n") + "\n" // a patch that makes the file
	}
	if p.t.Shape == Region {
		if pieces != nil {
			return p.acceptPieces(pieces, c)
		}
		var err error
		if s, err = p.cut(s); err != nil {
			return "", err
		}
	}
	return p.acceptText(s, c)
}

// acceptText is what the region becomes, once it is known where it starts and ends.
func (p *Parser) acceptText(s string, c candidate) (string, error) {
	if c.fenced && !c.closed && !p.syntaxKept(s) {
		return "", unclosed // which says more than that something is missing
	}
	if err := p.guard(s); err != nil {
		return "", err
	}
	s = p.fit(s)
	if err := p.guardSyntax(s, c); err != nil {
		return "", err
	}
	return s, nil
}

// acceptPieces makes the changes of a reply that names what it changes.
func (p *Parser) acceptPieces(pieces []piece, c candidate) (string, error) {
	if lines, ok := p.allNew(pieces); ok {
		return p.acceptText(strings.Join(lines, "\n")+"\n", c)
	}
	s, err := p.apply(pieces)
	if err != nil {
		return "", err
	}
	if err := p.guard(s); err != nil {
		return "", err
	}
	if strings.HasPrefix(p.t.Original, text.Mark) {
		s = text.Mark + s
	}
	s = withEnds(s, p.t.Original, text.EOL(p.t.Before+p.t.Original+p.t.After))
	if err := p.guardSyntax(s, c); err != nil {
		return "", err
	}
	return s, nil
}

// blocks are the search/replace blocks of the reply, if it has any and the
// original has no marks of its own. unended says that the last one lacks its end.
func (p *Parser) blocks() (pieces []piece, unended bool, err error) {
	if p.t.Shape != Region || p.scan.thinking || p.parts.marks == 0 || p.asked != Blocks && markers(p.t.Original, p.t.Language) {
		return nil, false, nil
	}
	var lines []string
	for l := range strings.Lines(text.WithEOL(p.seen()[p.scan.thought:], "\n")) {
		lines = append(lines, strings.TrimSuffix(l, "\n"))
	}
	b := readBlocks(lines, p.t.Language, p.scan.ticks)
	if b.halves > 0 || b.stray {
		return nil, false, halfBlocks
	}
	return b.pieces, b.unended, nil
}

// patches are the hunks of the chosen text, and of the patches in other fences, if
// it is one.
func (p *Parser) patches(s string, c candidate) []piece {
	pieces := p.patch(s, c.info)
	if pieces == nil || !c.fenced {
		return pieces
	}
	raw := p.seen()
	var all []piece
	for _, b := range p.scan.blocks {
		if part := raw[b.start:b.end]; fits(b.info, p.t.Language) >= 0 {
			all = append(all, p.patch(dedent(text.WithEOL(part, "\n"), b.indent), b.info)...)
		}
	}
	if len(all) < len(pieces) {
		return pieces // it was numbered, or written while thinking
	}
	return all
}

// dedent takes the indentation of a fence off the lines inside it, as far as all
// of them have it.
func dedent(s string, columns int) string {
	if columns == 0 {
		return s
	}
	lines := strings.SplitAfter(s, "\n")
	common, found := "", false
	for _, l := range lines {
		if blank(l) {
			continue
		}
		in := indentOf(l)
		if !found {
			common, found = in, true
		}
		for !strings.HasPrefix(in, common) {
			common = common[:len(common)-1]
		}
	}
	for width(common) > columns {
		common = common[:len(common)-1]
	}
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, common)
	}
	return strings.Join(lines, "")
}
