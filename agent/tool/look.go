package tool

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Union is the schema of a reply that is either answer's, or a list of one to
// most calls in the form that LookForm asks for and Looks reads. What is decoded
// under it has calls whose tools are known and whose arguments fit.
func Union(answer json.RawMessage, tools []Tool, most int) json.RawMessage {
	var b strings.Builder
	b.WriteString(`{"anyOf":[{"type":"object","properties":{"` + lookKey + `":{"type":"array","minItems":1,`)
	fmt.Fprintf(&b, `"maxItems":%d,"items":{"anyOf":[`, most)
	for i, t := range tools {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"object","properties":{"tool":{"type":"string","enum":[%q]},"args":%s},"required":["tool","args"]}`, t.Name, t.Schema)
	}
	b.WriteString(`]}}},"required":["` + lookKey + `"]},`)
	b.Write(answer)
	b.WriteString(`]}`)
	return json.RawMessage(b.String())
}

// lookKey is the one key of a reply that looks.
const lookKey = "look"

// Looks finds the calls in a reply under the schema of Union; a model that is not
// held to it may have put the JSON into a fence. The same text gives the same
// calls, however it is cut into chunks. The zero value is ready.
type Looks struct {
	buf    string // not yet understood
	state  looksState
	scan   scanner
	object strings.Builder // the call at hand
	calls  int
	list   bool // the calls stand in a list, as they should
}

type looksState uint8

// Where in the reply Looks is.
const (
	atObject looksState = iota // before the object
	atKey                      // before its first key
	atCalls                    // behind that of looks
	inLook                     // in a call
	atEnd                      // behind the calls
	isAnswer                   // it is an answer
)

// Looking reports whether the reply looks, as far as it is known.
func (l *Looks) Looking() bool {
	return l.state != isAnswer && (l.calls > 0 || l.state == atCalls || l.state == inLook || l.state == atEnd)
}

// Done reports whether the list of calls has ended.
func (l *Looks) Done() bool { return l.state == atEnd }

// Write takes the next chunk and gives the calls that are whole now.
func (l *Looks) Write(chunk string) []Call {
	if l.state == isAnswer || l.state == atEnd {
		return nil
	}
	l.buf += chunk
	var calls []Call
	for l.step(&calls) {
	}
	return calls
}

// Close takes the end of the reply. A look without a call, and a call that is not
// whole, is one that is Bad.
func (l *Looks) Close() []Call {
	switch l.state {
	case inLook:
		return []Call{parseCall(l.object.String())}
	case atCalls, atEnd:
		if l.calls == 0 {
			return []Call{{Bad: `"` + lookKey + `" names no call; ` + lookForm}}
		}
	}
	return nil
}

const lookForm = `write {"` + lookKey + `": [{"tool": "TOOL", "args": {…}}]}, or the answer`

func (l *Looks) step(calls *[]Call) bool {
	switch l.state {
	case atObject:
		i := strings.IndexByte(l.buf, '{')
		if i < 0 {
			l.buf = ""
			return false
		}
		l.buf, l.state = l.buf[i+1:], atKey
		return true
	case atKey:
		return l.key()
	case atCalls:
		return l.between()
	case inLook:
		return l.call(calls)
	}
	return false
}

// key reads the first key: it tells what the reply is.
func (l *Looks) key() bool {
	const key = `"` + lookKey + `"`
	l.buf = strings.TrimLeft(l.buf, blanks)
	switch {
	case strings.HasPrefix(l.buf, key):
		rest := strings.TrimLeft(l.buf[len(key):], blanks)
		if rest == "" {
			return false
		}
		if rest[0] != ':' {
			return l.end(isAnswer)
		}
		l.buf, l.state = rest[1:], atCalls
		return true
	case strings.HasPrefix(key, l.buf):
		return false
	}
	return l.end(isAnswer)
}

const blanks = " \t\r\n"

// between reads what stands around calls.
func (l *Looks) between() bool {
	l.buf = strings.TrimLeft(l.buf, blanks+",")
	switch {
	case l.buf == "":
		return false
	case l.buf[0] == '[' && !l.list && l.calls == 0:
		l.buf, l.list = l.buf[1:], true
		return true
	case l.buf[0] == '{':
		l.state, l.scan = inLook, scanner{}
		l.object.Reset()
		return true
	case l.calls > 0:
		return l.end(atEnd)
	}
	// A list without calls. What follows it may be the answer after all.
	rest := strings.TrimLeft(strings.TrimPrefix(l.buf, "]"), blanks)
	switch {
	case rest == "":
		return false
	case rest[0] == ',':
		return l.end(isAnswer)
	}
	return l.end(atEnd)
}

func (l *Looks) end(state looksState) bool {
	l.buf, l.state = "", state
	return false
}

func (l *Looks) call(calls *[]Call) bool {
	n := l.scan.feed(l.buf)
	l.object.WriteString(l.buf[:n])
	l.buf = l.buf[n:]
	text := l.object.String()
	switch {
	case l.scan.bad, len(text) > maxArgs:
		*calls = append(*calls, Call{Bad: fmt.Sprintf("a call can't be read: %q; %s", strings.ToValidUTF8(clip(text, 80), "\uFFFD"), lookForm)})
		l.calls++
		return l.end(atEnd)
	case !l.scan.done:
		return false
	}
	*calls = append(*calls, parseCall(text))
	l.calls++
	l.state = atCalls
	return true
}

// Bare finds the calls of a reply that is nothing but calls without any mark, as
// models write them that were trained otherwise: JSON objects, each of which
// names one of the tools, perhaps in a fence or a list. nil where anything else
// is in it.
func Bare(reply string, tools []Tool) []Call {
	reply = strings.TrimSpace(reply)
	if fenced, ok := strings.CutPrefix(reply, "```"); ok {
		info, body, _ := strings.Cut(fenced, "\n")
		reply, ok = strings.CutSuffix(strings.TrimSpace(body), "```")
		if !ok || strings.Contains(info, " ") {
			return nil
		}
	}
	var calls []Call
	for rest := strings.Trim(reply, blanks+"[]"); rest != ""; rest = strings.TrimLeft(rest, blanks+",") {
		var s scanner
		n := s.feed(rest)
		if !s.done {
			return nil
		}
		c := parseCall(rest[:n])
		if c.Bad != "" || !Known(tools, c.Name) {
			return nil
		}
		calls, rest = append(calls, c), rest[n:]
	}
	return calls
}

// Known reports whether a tool of that name is among tools.
func Known(tools []Tool, name string) bool {
	for _, t := range tools {
		if t.Name == name {
			return true
		}
	}
	return false
}
