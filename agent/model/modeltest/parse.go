package modeltest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Parse reads a script from text, as test scenarios keep it. A line is a word
// and its values; empty lines and lines that start with # say nothing.
//
//	slots 2
//	resident 1
//	decode 50
//	model qwen2.5-coder:3b params=3.1B context=32768 caps=completion,tools load=200ms
//	reply last="add a comment" chunk=4 gate=typing@3 fault=drop@5 <<END
//	the text that the model says,
//	up to the line that is the word after <<
//	END
//	fallback fault=503
//
// Lines: slots, resident, queue, numctx, prefill, decode, version, surface, key,
// rejects, each with one value; forgets; model NAME with params, family, context, caps, bytes, load, remote;
// reply and fallback with model, last, contains, tool, thinking, text,
// call=`NAME ARGUMENTS` (any number of them), reason, chunk, wire, prefill, decode,
// gate=NAME[@CHUNKS] (any number of them), fault=NAME[@CHUNKS], and the words keep,
// always and ahead. Values with spaces are
// quoted as in Go. The text of a reply between << lines ends without the last
// line feed; text="…" says it in one line.
func Parse(text string) (Script, error) {
	p := parser{lines: strings.Split(text, "\n")}
	for p.n < len(p.lines) {
		if err := p.line(); err != nil {
			return Script{}, fmt.Errorf("line %d: %w", p.n, err)
		}
	}
	return p.script, nil
}

type parser struct {
	lines  []string
	n      int // lines read, so the number of the last one
	script Script
}

func (p *parser) line() error {
	s := strings.TrimSpace(p.lines[p.n])
	p.n++
	if s == "" || s[0] == '#' {
		return nil
	}
	words, err := split(s)
	if err != nil {
		return err
	}
	word, args := words[0], words[1:]
	sc := &p.script
	switch word {
	case "slots":
		return one(args, number(&sc.Slots))
	case "resident":
		return one(args, number(&sc.Resident))
	case "queue":
		return one(args, number(&sc.Queue))
	case "numctx":
		return one(args, number(&sc.NumCtx))
	case "prefill":
		return one(args, rate(&sc.Prefill))
	case "decode":
		return one(args, rate(&sc.Decode))
	case "surface":
		return one(args, func(v string) error {
			if sc.Surface = Surface(v); !slices.Contains([]Surface{Ollama, LlamaServer, VLLM, LMStudio, LiteLLM}, sc.Surface) {
				return fmt.Errorf("unknown surface %q", v)
			}
			return nil
		})
	case "key":
		return one(args, str(&sc.Key))
	case "rejects":
		return one(args, func(v string) error { sc.Rejects = strings.Split(v, ","); return nil })
	case "forgets":
		sc.Forgets = true
		return fields(args, nil)
	case "version":
		return one(args, str(&sc.Version))
	case "model":
		return p.model(args)
	case "reply", "fallback":
		r, err := p.reply(args)
		if err != nil {
			return err
		}
		if word == "reply" {
			sc.Replies = append(sc.Replies, r)
		} else {
			sc.Fallback = &r
		}
		return nil
	}
	return fmt.Errorf("unknown word %q", word)
}

func (p *parser) model(args []string) error {
	var m Model
	if len(args) == 0 || strings.Contains(args[0], "=") {
		return fmt.Errorf("a model needs a name")
	}
	m.Name = args[0]
	err := fields(args[1:], map[string]func(string) error{
		"params":  str(&m.Params),
		"family":  str(&m.Family),
		"context": number(&m.Context),
		"caps":    func(v string) error { m.Capabilities = strings.Split(v, ","); return nil },
		"bytes":   func(v string) (err error) { m.Bytes, err = strconv.ParseInt(v, 10, 64); return err },
		"load":    func(v string) (err error) { m.Load, err = time.ParseDuration(v); return err },
		"remote":  func(v string) error { m.RemoteHost, m.RemoteModel = v, m.Name; return nil },
	})
	p.script.Models = append(p.script.Models, m)
	return err
}

func (p *parser) reply(args []string) (Reply, error) {
	var r Reply
	if n := len(args); n > 0 && strings.HasPrefix(args[n-1], "<<") {
		text, err := p.body(args[n-1][2:])
		if err != nil {
			return r, err
		}
		r.Text, args = text, args[:n-1]
	}
	return r, fields(args, map[string]func(string) error{
		"model":    str(&r.Model),
		"last":     str(&r.Last),
		"contains": str(&r.Contains),
		"text":     str(&r.Text),
		"tool":     str(&r.Tool),
		"thinking": str(&r.Thinking),
		"reason":   str(&r.Reason),
		"chunk":    number(&r.Chunk),
		"wire":     number(&r.Wire),
		"prefill":  rate(&r.Prefill),
		"decode":   rate(&r.Decode),
		"keep":     flag(&r.Keep),
		"always":   flag(&r.Always),
		"ahead":    flag(&r.Ahead),
		"call": func(v string) error {
			name, args, ok := strings.Cut(v, " ")
			if !ok || name == "" {
				return fmt.Errorf("wants the name of a tool and its arguments")
			}
			r.Calls = append(r.Calls, Call{Name: name, Arguments: args})
			return nil
		},
		"gate": func(v string) error {
			name, n, err := at(v)
			r.Gates = append(r.Gates, Gate{name, n})
			return err
		},
		"fault": func(v string) error {
			name, n, err := at(v)
			if !slices.Contains(Faults(), Fault(name)) {
				return fmt.Errorf("unknown fault %q, not one of %v", name, Faults())
			}
			r.Fault, r.After = Fault(name), n
			return err
		},
	})
}

// body reads lines up to the one that is end.
func (p *parser) body(end string) (string, error) {
	if end == "" {
		return "", fmt.Errorf("<< needs the word that ends the text")
	}
	i := slices.Index(p.lines[p.n:], end)
	if i < 0 {
		return "", fmt.Errorf("the text after <<%s has no end", end)
	}
	text := strings.Join(p.lines[p.n:p.n+i], "\n")
	p.n += i + 1
	return text, nil
}

// split cuts a line into words; a word is NAME, NAME=VALUE or NAME="a value".
func split(s string) (words []string, err error) {
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimLeftFunc(s, unicode.IsSpace) {
		i := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '"' || r == '`' })
		if i < 0 {
			i = len(s)
		}
		word := s[:i]
		s = s[i:]
		if s != "" && (s[0] == '"' || s[0] == '`') {
			q, err := strconv.QuotedPrefix(s)
			if err != nil {
				return nil, fmt.Errorf("a quote is not closed: %s", s)
			}
			v, err := strconv.Unquote(q)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", q, err)
			}
			word += v
			s = s[len(q):]
		}
		words = append(words, word)
	}
	return words, nil
}

func fields(args []string, set map[string]func(string) error) error {
	for _, a := range args {
		name, value, _ := strings.Cut(a, "=")
		f := set[name]
		if f == nil {
			return fmt.Errorf("unknown field %q", name)
		}
		if err := f(value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func one(args []string, set func(string) error) error {
	if len(args) != 1 {
		return fmt.Errorf("wants one value, got %d", len(args))
	}
	return set(args[0])
}

func str(p *string) func(string) error { return func(v string) error { *p = v; return nil } }

func number(p *int) func(string) error {
	return func(v string) (err error) {
		*p, err = strconv.Atoi(v)
		if err == nil && *p < 0 {
			err = fmt.Errorf("%d is negative", *p)
		}
		return err
	}
}

func rate(p *float64) func(string) error {
	return func(v string) (err error) {
		*p, err = strconv.ParseFloat(v, 64)
		if err == nil && !(*p >= 0) {
			err = fmt.Errorf("%v is no rate", *p)
		}
		return err
	}
}

func flag(p *bool) func(string) error {
	return func(v string) error {
		if v != "" {
			return fmt.Errorf("takes no value")
		}
		*p = true
		return nil
	}
}

// at reads NAME or NAME@CHUNKS.
func at(v string) (name string, n int, err error) {
	name, count, ok := strings.Cut(v, "@")
	if ok {
		err = number(&n)(count)
	}
	if name == "" {
		err = fmt.Errorf("needs a name")
	}
	return name, n, err
}
