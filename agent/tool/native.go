package tool

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// Fragment is a piece of a native tool call as it comes in a stream. Ollama sends
// whole calls; servers that speak like OpenAI send the name first and then the
// arguments in pieces, told apart by Index.
type Fragment struct {
	Index     int    // which call of the reply
	ID        string // of the call; "" in later pieces
	Name      string // "" in later pieces
	Arguments string // the next piece of a JSON text
}

// Assembler joins fragments to calls. A call is given out as soon as its
// arguments are a whole object, without waiting for the next one. The zero value
// is ready.
type Assembler struct{ parts []*part }

// part is a call in the making.
type part struct {
	Fragment
	args strings.Builder
	scan scanner
	out  bool // given out
}

// maxParts bounds the calls of one reply.
const maxParts = 128

// Add takes the next fragment and gives the calls that are whole now.
func (a *Assembler) Add(f Fragment) []Call {
	p := a.part(f)
	if p == nil || p.out {
		return nil
	}
	p.ID, p.Name = cmp.Or(p.ID, f.ID), cmp.Or(p.Name, f.Name)
	if p.args.Len()+len(f.Arguments) > maxArgs {
		return p.give(fmt.Sprintf("the arguments of %s take more than %d bytes", clip(p.Name, 80), maxArgs))
	}
	p.args.WriteString(f.Arguments)
	if p.scan.feed(f.Arguments); p.scan.done && p.Name != "" {
		return p.give("")
	}
	return nil
}

// Close gives what is left: calls without arguments, and broken ones.
func (a *Assembler) Close() []Call {
	var calls []Call
	for _, p := range a.parts {
		if !p.out {
			bad := ""
			if s := strings.TrimSpace(p.args.String()); s != "" && !json.Valid([]byte(s)) {
				bad = fmt.Sprintf("the arguments of %s are not whole JSON", clip(p.Name, 80))
			}
			calls = append(calls, p.give(bad)...)
		}
	}
	return calls
}

// part is the call that f belongs to. Some servers number all whole calls 0: a
// fragment that names another ID, or a name after the arguments have begun, is
// the beginning of another call.
func (a *Assembler) part(f Fragment) *part {
	for i := len(a.parts) - 1; i >= 0; i-- {
		p := a.parts[i]
		if p.Index != f.Index {
			continue
		}
		if f.ID != "" && p.ID != "" && f.ID != p.ID || f.Name != "" && (p.out || p.args.Len() > 0 && f.Name != p.Name) {
			break
		}
		return p
	}
	if f.Name == "" && f.ID == "" || len(a.parts) == maxParts {
		return nil // a piece of nothing
	}
	p := &part{Fragment: Fragment{Index: f.Index}}
	a.parts = append(a.parts, p)
	return p
}

func (p *part) give(bad string) []Call {
	p.out = true
	c := Call{ID: p.ID, Name: p.Name, Args: json.RawMessage(strings.TrimSpace(p.args.String())), Bad: bad}
	if len(c.Args) == 0 {
		c.Args = json.RawMessage("{}")
	}
	p.args.Reset()
	return []Call{c}
}

// scanner finds the end of a JSON object, piece by piece. The zero value is ready.
type scanner struct {
	depth    int
	inString bool
	escaped  bool
	done     bool // the object is whole
	bad      bool // what came can't be one
}

// feed reads on and says how many bytes of s belong to the object.
func (s *scanner) feed(text string) int {
	for i := range len(text) {
		if s.done || s.bad {
			return i
		}
		s.next(text[i])
	}
	return len(text)
}

func (s *scanner) next(c byte) {
	switch {
	case s.escaped:
		s.escaped = false
	case s.inString && c == '\\':
		s.escaped = true
	case s.depth == 0:
		s.bad = c != '{' && !strings.ContainsRune(" \t\r\n", rune(c))
		if c == '{' {
			s.depth = 1
		}
	case c == '"':
		s.inString = !s.inString
	case s.inString:
	case c == '{' || c == '[':
		s.depth++
	case c == '}' || c == ']':
		s.depth--
		s.done = s.depth == 0
	case c == '<' || c == '`':
		s.bad = true // no JSON: the end of what the object stood in
	}
}
