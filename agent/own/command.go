package own

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"
)

// Where the files lie in a workspace folder.
const (
	CommandDir = ".hob/commands"
	VoiceDir   = ".hob/voices"
)

// Command is one command of the user's own.
type Command struct {
	Name  string // of the file, without its end
	Title string // in menus
	Kind  string // "edit", "generate" or "explain"
	Scope string // "selection", "symbol" or "file"
	Tier  string // "" lets the router choose
	Files []string
	Tools Tools // what the model may look around with before it answers; usually nothing
	Body  string
}

// ParseCommand reads a command. One with problems can't be used, and is not ok.
func ParseCommand(name, src string) (c Command, problems []Problem, ok bool) {
	d := parse(src)
	c = Command{Name: name, Title: title(name), Kind: "edit", Scope: "selection", Body: d.body}
	for _, f := range d.fields {
		switch f.key {
		case "title":
			c.Title = d.str(f)
		case "kind":
			c.Kind = d.oneOf(f, "edit", "generate", "explain")
		case "scope":
			c.Scope = d.oneOf(f, "selection", "symbol", "file")
		case "tier":
			c.Tier = d.oneOf(f, "fast", "balanced", "quality")
		case "files":
			c.Files = d.strs(f)
			for _, g := range c.Files {
				if !doublestar.ValidatePattern(g) {
					d.wrong(f.line, "files: %q is no glob", g)
				}
			}
		case "tools":
			c.Tools = d.tools(f)
		default:
			d.unknown(f, "title, kind, scope, tier, files and tools")
		}
	}
	if d.body == "" && len(d.problems) == 0 {
		d.wrong(d.bodyLine, "the instruction is missing: write below the head what is to be done")
	}
	d.placeholders()
	return c, d.problems, len(d.problems) == 0
}

// title makes words of a file's name.
func title(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == ' ' })
	s := strings.Join(words, " ")
	if s == "" {
		return name
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// Offers reports whether the command is for a file; rel is its path in the workspace folder.
func (c Command) Offers(rel string) bool {
	if len(c.Files) == 0 {
		return true
	}
	base := rel[strings.LastIndexByte(rel, '/')+1:]
	return slices.ContainsFunc(c.Files, func(g string) bool {
		if !strings.Contains(g, "/") {
			return doublestar.MatchUnvalidated(g, base)
		}
		return doublestar.MatchUnvalidated(strings.TrimPrefix(g, "/"), rel)
	})
}

// Tools are those that a model may use.
type Tools struct {
	All   bool // whatever there is
	Names []string
}

// toolName is what a tool may be called, whoever offers it.
var toolName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// tools reads true, false or a list of names. Which names there are is known only
// when the command runs: other programs offer tools as well.
func (d *document) tools(f field) Tools {
	if f.value.Kind == yaml.ScalarNode && f.value.Tag == "!!bool" {
		var all bool
		if err := f.value.Decode(&all); err != nil {
			d.wrong(f.line, "tools: %v", err)
		}
		return Tools{All: all}
	}
	if f.value.Kind != yaml.SequenceNode {
		d.wrong(f.line, "tools must be true, or a list of names such as [read, search]")
		return Tools{}
	}
	t := Tools{Names: d.strs(f)}
	for _, name := range t.Names {
		if !toolName.MatchString(name) {
			d.wrong(f.line, "tools: %q is no name of a tool", name)
		}
	}
	return t
}

// Subject is what the placeholders of a command stand for.
type Subject struct {
	Selection   string
	Symbol      string
	File        string // its path in the workspace folder
	Language    string
	Diagnostics []string
	Related     []string // paths
}

// placeholder is {{name}}.
var placeholder = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// values are the placeholders and what they become.
var values = map[string]func(Subject) string{
	"selection":   func(s Subject) string { return fenced(s.Selection, s.Language) },
	"symbol":      func(s Subject) string { return or(s.Symbol, "the region") },
	"file":        func(s Subject) string { return s.File },
	"language":    func(s Subject) string { return s.Language },
	"diagnostics": func(s Subject) string { return listed(s.Diagnostics) },
	"related":     func(s Subject) string { return listed(s.Related) },
}

// placeholders checks that those of the body are known.
func (d *document) placeholders() {
	for _, m := range placeholder.FindAllStringSubmatchIndex(d.body, -1) {
		if name := d.body[m[2]:m[3]]; values[name] == nil {
			d.wrong(d.bodyLine+strings.Count(d.body[:m[0]], "\n"), "{{%s}} is not known; there are {{selection}}, {{symbol}}, {{file}}, {{language}}, {{diagnostics}} and {{related}}", name)
		}
	}
}

// Expand is the instruction for a subject. What it fills in is not expanded again.
func (c Command) Expand(s Subject) string {
	return placeholder.ReplaceAllStringFunc(c.Body, func(m string) string {
		if f := values[strings.TrimSpace(m[2:len(m)-2])]; f != nil {
			return f(s)
		}
		return m
	})
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func listed(items []string) string {
	if len(items) == 0 {
		return "none"
	}
	return "\n- " + strings.Join(items, "\n- ")
}

// fenced quotes code; the fence is longer than any in it.
func fenced(code, language string) string {
	marks := "```"
	for strings.Contains(code, marks) {
		marks += "`"
	}
	return fmt.Sprintf("\n%s%s\n%s\n%s\n", marks, language, strings.TrimRight(code, "\r\n"), marks)
}
