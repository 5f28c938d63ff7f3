package own

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/hob-ls/hob/workspace/text"
)

// Problem is what is wrong with a file, and where.
type Problem struct {
	Line    int // from 0
	Message string
}

func (p Problem) String() string { return fmt.Sprintf("line %d: %s", p.Line+1, p.Message) }

// field is one entry of a head.
type field struct {
	key   string
	line  int // in the file
	value *yaml.Node
}

// document is a file taken apart.
type document struct {
	fields   []field
	body     string
	bodyLine int
	problems []Problem
}

func (d *document) wrong(line int, format string, args ...any) {
	d.problems = append(d.problems, Problem{line, fmt.Sprintf(format, args...)})
}

const fence = "---"

// fenceLine is a line of three dashes, with blanks that nobody sees behind them.
var fenceLine = regexp.MustCompile(`(?m)^---[ \t]+$`)

// parse parts head and body. A file without a head is all body.
func parse(src string) *document {
	d := &document{}
	src = text.WithEOL(strings.TrimPrefix(src, text.Mark), "\n")
	src = fenceLine.ReplaceAllString(src, fence)
	head, ok := strings.CutPrefix(src, fence+"\n")
	if !ok {
		d.body = strings.TrimSpace(src)
		if strings.HasPrefix(d.body, fence+"\n") { // else it would be read as a part of the instruction
			d.wrong(0, "the head must begin on the first line")
		}
		return d
	}
	end := strings.Index("\n"+head, "\n"+fence+"\n")
	rest := ""
	if end >= 0 {
		rest = head[min(len(head), end+len(fence)+1):]
		head = head[:end]
	} else if trimmed, last := strings.CutSuffix("\n"+head, "\n"+fence); last {
		head = strings.TrimPrefix(trimmed, "\n")
	} else {
		d.wrong(0, "the head is not closed: end it with a line of three dashes")
		return d
	}
	d.bodyLine = strings.Count(head, "\n") + 2
	if head != "" && !strings.HasSuffix(head, "\n") {
		d.bodyLine++
	}
	d.bodyLine += strings.Count(rest[:len(rest)-len(strings.TrimLeft(rest, "\n \t"))], "\n")
	d.body = strings.TrimSpace(rest)
	d.readHead(head)
	return d
}

// inError is where YAML says that it failed.
var inError = regexp.MustCompile(`line (\d+): `)

func (d *document) readHead(head string) {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(head), &root); err != nil {
		line, message := 0, strings.TrimPrefix(err.Error(), "yaml: ")
		if m := inError.FindStringSubmatch(message); m != nil {
			line, _ = strconv.Atoi(m[1]) // digits
			message = strings.Replace(message, m[0], "", 1)
		}
		d.wrong(line, "the head is not YAML: %s", message)
		return
	}
	if len(root.Content) == 0 {
		return // an empty head
	}
	m := root.Content[0]
	if m.Kind != yaml.MappingNode {
		d.wrong(m.Line, "the head is no list of KEY: VALUE lines")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(m.Content); i += 2 {
		k := m.Content[i]
		if seen[k.Value] {
			d.wrong(k.Line, "%s is there twice", k.Value)
			continue
		}
		seen[k.Value] = true
		d.fields = append(d.fields, field{k.Value, k.Line, m.Content[i+1]}) // the fence is a line more
	}
}

// str is a value that must be text on one line.
func (d *document) str(f field) string {
	if f.value.Kind != yaml.ScalarNode || f.value.Tag == "!!null" || strings.Contains(f.value.Value, "\n") {
		d.wrong(f.line, "%s must be text on one line", f.key)
		return ""
	}
	s := strings.TrimSpace(f.value.Value)
	if s == "" {
		d.wrong(f.line, "%s is empty; say what it is, or leave it out", f.key)
	}
	return s
}

// oneOf is a value that must be one of a few words.
func (d *document) oneOf(f field, words ...string) string {
	s := scalar(f)
	if slices.Contains(words, s) {
		return s
	}
	d.wrong(f.line, "%s is %q; use %s", f.key, s, strings.Join(words, ", "))
	return ""
}

// scalar is a value as it is written, "" where it is a list or the like.
func scalar(f field) string {
	if f.value.Kind != yaml.ScalarNode {
		return ""
	}
	return strings.TrimSpace(f.value.Value)
}

// strs is a list of texts, or one.
func (d *document) strs(f field) []string {
	if f.value.Kind != yaml.SequenceNode {
		if s := d.str(f); s != "" {
			return []string{s}
		}
		return nil
	}
	var out []string
	for _, n := range f.value.Content {
		if s := d.str(field{f.key, n.Line, n}); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (d *document) unknown(f field, known string) {
	d.wrong(f.line, "%s is not known; the keys are %s", f.key, known)
}
