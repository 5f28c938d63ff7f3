package tool

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// The two ways to write a call as text. Many models were trained on the first.
const (
	openTag, closeTag     = "<tool_call>", "</tool_call>"
	openFence, closeFence = "```tool_call", "```"
)

// Marked reports whether a text holds a mark of a call.
func Marked(text string) bool {
	return strings.Contains(text, openTag) || strings.Contains(text, openFence)
}

// UpToCalls is a reply without what stands behind its last call.
func UpToCalls(reply string) string {
	if i := strings.LastIndex(reply, closeTag); i >= 0 {
		return reply[:i+len(closeTag)]
	}
	return reply
}

// Parser finds the calls in what a model writes. The same text gives the same
// calls and the same prose, however it is cut into chunks. The zero value is ready.
type Parser struct {
	state parserState
	buf   string // not yet understood
	dirty bool   // the line at hand holds more than blanks before buf

	fence   bool // the block at hand is fenced
	given   bool // it had a call
	scan    scanner
	object  strings.Builder // the object at hand
	skipped strings.Builder // the beginning of what was no object
}

type parserState uint8

// Where in the text the parser is.
const (
	inProse  parserState = iota
	inBlock              // between the marks, outside of objects
	inObject             // in a call
	inJunk               // between the marks, in what can't be read
)

// Write takes the next chunk. It gives the calls that are whole now and the text
// around them, but for an end of it that may become a mark.
func (p *Parser) Write(chunk string) (prose string, calls []Call) {
	p.buf += chunk
	return p.run(false)
}

// Close takes the end of the text. A call that is not whole is one that is Bad.
func (p *Parser) Close() (prose string, calls []Call) {
	prose, calls = p.run(true)
	switch {
	case p.state == inObject && !p.scan.inString:
		calls = append(calls, parseCall(p.object.String()+strings.Repeat("}", p.scan.depth)))
	case p.state == inObject, p.state == inJunk, p.state == inBlock && !p.given:
		calls = append(calls, p.broken())
	}
	*p = Parser{dirty: p.dirty}
	return prose, calls
}

func (p *Parser) run(end bool) (string, []Call) {
	var prose strings.Builder
	var calls []Call
	for step := true; step; {
		switch p.state {
		case inProse:
			step = p.prose(&prose, end)
		case inBlock:
			step = p.block(&calls, end)
		case inObject:
			step = p.call(&calls)
		case inJunk:
			step = p.junk(&calls, end)
		}
	}
	return prose.String(), calls
}

// prose gives out text up to the next mark.
func (p *Parser) prose(out *strings.Builder, end bool) bool {
	at, size, fence := p.mark(end)
	if size == 0 && end {
		at = len(p.buf)
	}
	text := p.buf[:at]
	out.WriteString(text)
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		p.dirty, text = false, text[i:]
	}
	p.dirty = p.dirty || strings.Trim(text, "\n \t") != ""
	p.buf = p.buf[at+size:]
	if size == 0 {
		return false
	}
	p.state, p.fence, p.given = inBlock, fence, false
	return true
}

// mark finds the first mark in buf. With size 0 there is none, and what comes
// after at may become one.
func (p *Parser) mark(end bool) (at, size int, fence bool) {
	for i := 0; i < len(p.buf); i++ {
		rest := p.buf[i:]
		switch p.buf[i] {
		case '<':
			if strings.HasPrefix(rest, openTag) {
				return i, len(openTag), false
			}
			if strings.HasPrefix(openTag, rest) {
				return i, 0, false
			}
		case '`':
			if !p.startsLine(i) {
				continue
			}
			if strings.HasPrefix(openFence, rest) && !end {
				return i, 0, false // one byte more tells whether the word goes on
			}
			if strings.HasPrefix(rest, openFence) && (len(rest) == len(openFence) || !wordByte(rest[len(openFence)])) {
				return i, len(openFence), true
			}
		}
	}
	return len(p.buf), 0, false
}

// startsLine reports whether nothing but blanks stands before buf[i] on its line.
func (p *Parser) startsLine(i int) bool {
	for i--; i >= 0 && (p.buf[i] == ' ' || p.buf[i] == '\t'); i-- {
	}
	if i >= 0 {
		return p.buf[i] == '\n'
	}
	return !p.dirty
}

func wordByte(c byte) bool {
	return c == '_' || c == '-' || c == '`' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// closing reports whether buf begins with the mark that ends the block; part says
// that it may, when more is there.
func (p *Parser) closing() (size int, part bool) {
	mark := closeTag
	if p.fence {
		mark = closeFence
	}
	if strings.HasPrefix(p.buf, mark) {
		return len(mark), false
	}
	return 0, strings.HasPrefix(mark, p.buf)
}

// block reads what stands between objects.
func (p *Parser) block(calls *[]Call, end bool) bool {
	p.buf = strings.TrimLeft(p.buf, " \t\r\n,[]")
	if p.buf == "" {
		return false
	}
	if p.buf[0] == '{' {
		p.state, p.scan = inObject, scanner{}
		p.object.Reset()
		return true
	}
	size, part := p.closing()
	switch {
	case size > 0:
		if !p.given {
			*calls = append(*calls, p.broken())
		}
		p.leave(size)
		return true
	case part && !end:
		return false
	case p.given: // the mark was forgotten
		p.leave(0)
		return true
	}
	p.state = inJunk
	p.skipped.Reset()
	return true
}

// leave ends the block.
func (p *Parser) leave(size int) {
	p.buf, p.state, p.dirty = p.buf[size:], inProse, size > 0
}

// call reads an object up to its end, or to where it can't be one any more.
func (p *Parser) call(calls *[]Call) bool {
	n := p.scan.feed(p.buf)
	p.object.WriteString(p.buf[:n])
	p.buf = p.buf[n:]
	text := p.object.String()
	switch {
	case len(text) > maxArgs:
		p.state, p.buf = inJunk, text[maxArgs:]+p.buf
		p.skipped.Reset()
		p.skipped.WriteString(text[:80])
		return true
	case p.scan.bad:
		// The last byte is none of it. A brace too few is what small models get wrong most.
		p.buf = text[len(text)-1:] + p.buf
		text = text[:len(text)-1] + strings.Repeat("}", p.scan.depth)
	case !p.scan.done:
		return false
	}
	*calls = append(*calls, parseCall(text))
	p.state, p.given = inBlock, true
	return true
}

// junk passes over what is no call, up to the end of the block.
func (p *Parser) junk(calls *[]Call, end bool) bool {
	mark := closeTag
	if p.fence {
		mark = closeFence
	}
	at := strings.Index(p.buf, mark)
	size := len(mark)
	if at < 0 {
		size = 0
		at = len(p.buf)
		if !end {
			at = max(0, at-len(mark)+1)
		}
	}
	if room := 80 - p.skipped.Len(); room > 0 {
		p.skipped.WriteString(p.buf[:min(at, room)])
	}
	p.buf = p.buf[at:]
	if size == 0 {
		return false
	}
	*calls = append(*calls, p.broken())
	p.leave(size)
	return true
}

const callForm = `write {"name": "TOOL", "arguments": {…}}`

// broken is the call that the block at hand was meant to be.
func (p *Parser) broken() Call {
	text := p.skipped.String()
	if p.state == inObject {
		text = p.object.String()
	}
	p.skipped.Reset()
	p.object.Reset()
	if text = strings.TrimSpace(text); text == "" {
		return Call{Bad: "a tool call was empty; " + callForm}
	}
	return Call{Bad: fmt.Sprintf("a tool call can't be read: %q; %s", strings.ToValidUTF8(clip(text, 80), "\uFFFD"), callForm)}
}

// parseCall reads a call as models write it. Its arguments are in a field of
// their own, or simply beside the name.
func parseCall(text string) Call {
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return Call{Bad: fmt.Sprintf("a tool call is not valid JSON (%v); %s", err, callForm)}
	}
	if inner, ok := m["function"]; ok && m["name"] == nil {
		var f map[string]json.RawMessage
		if json.Unmarshal(inner, &f) == nil && f != nil {
			f["id"] = m["id"]
			m = f
		}
	}
	c := Call{ID: textOf(m["id"]), Name: cmp.Or(textOf(m["name"]), textOf(m["tool"]), textOf(m["function"]))}
	if c.Name == "" {
		return Call{Bad: "a tool call names no tool; " + callForm}
	}
	for _, key := range []string{"arguments", "parameters", "args", "input"} {
		if raw, ok := m[key]; ok {
			c.Args = raw
			return c
		}
	}
	for _, key := range []string{"id", "name", "tool", "function", "type"} {
		delete(m, key)
	}
	c.Args, _ = json.Marshal(m) // of raw JSON that was read a moment before
	return c
}

func textOf(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}
