package edit

import (
	"errors"
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

// Refusals that need no detail.
var (
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
	return "Reply again with only " + forms[p.t.Shape].what + "."
}

// Inexact says, after Close, how the reply was fitted to the original where its
// lines were not found there exactly, by the rung of the ladder: "trailing white
// space". "" if all was exact or nothing had to be found.
func (p *Parser) Inexact() string { return p.inexact }

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
	c, err := p.choose()
	if err != nil {
		if !complete && !p.done && isNoEdit(err) && !errors.Is(err, emptyReply) {
			return "", cutReply
		}
		return "", err
	}
	if !complete && !p.done && !(c.fenced && c.closed) {
		return "", cutReply
	}
	return p.accept(c)
}

func isNoEdit(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == KindNoEdit
}

// accept turns the chosen piece into the text for the file, or says why not.
func (p *Parser) accept(c candidate) (string, error) {
	s := strings.TrimPrefix(text.WithEOL(c.text, "\n"), "\ufeff")
	if blank(s) {
		if p.t.Shape == Region && p.t.Shrinks && c.fenced && c.closed {
			return "", nil
		}
		return "", emptyReply
	}
	s = dedent(s, c.indent)
	s = stripNumbers(s, p.t.Original)
	s = p.stripPath(s)
	s, err := p.unpatch(s, c.info)
	if err != nil {
		return "", err
	}
	if p.t.Shape == Region {
		if s, err = p.cut(s); err != nil {
			return "", err
		}
	}
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
