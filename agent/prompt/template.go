package prompt

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed templates/*.tmpl
var files embed.FS

// The templates are compiled once. The system message has no variable part, so
// its text is kept as well.
var (
	templates  = template.Must(template.New("").Option("missingkey=error").ParseFS(files, "templates/*.tmpl"))
	systemText = strings.TrimSpace(mustRender("system.tmpl", nil))
)

// block is one fenced piece of a prompt.
type block struct {
	Path, Tag, Fence, Body string
	Part                   bool // not all of what the title speaks of
	Example                bool
}

// newBlock wraps text from a file. The fence is longer than any run of backticks
// within, so that no file can end it. Line ends become \n: the edit gets those of
// the file back.
func newBlock(path, tag, body string) *block {
	if strings.Contains(body, "\r") {
		body = strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\r", "\n")
	}
	if !strings.HasSuffix(body, "\n") {
		body += "\n"
	}
	return &block{Path: oneLine(path), Tag: tag, Fence: fenceFor(body), Body: body}
}

// wrapping is more than any title of context.tmpl takes, in bytes.
const wrapping = 64

// size is the upper bound of what the block takes in the prompt, in bytes.
func (b *block) size() int {
	return len(b.Body) + 2*len(b.Fence) + len(b.Tag) + len(b.Path) + wrapping
}

func fenceFor(body string) string {
	longest, run := 2, 0
	for i := range len(body) {
		if body[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return strings.Repeat("`", longest+1)
}

// oneLine keeps a name or a message on one line of the prompt.
func oneLine(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' }) {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' }), " ")
}

// context is what the message before the last is made from; parts that are nil
// are left out.
type context struct {
	Whole, Facts          string
	Beside                []string
	Map                   *block
	Head, Outline, Inside *block
	Related               []*block
	Before, After, Region *block
	Insertion             string // path of the file with an empty region
}

// verb is what the last message is made from.
type verb struct {
	Instruction, Symbol, NewPath, Name, Form, Voice string
	Diagnostics, Notes                              []string
	Insertion, Example, Imports                     bool
}

func render(name string, data any) (string, error) {
	var b strings.Builder
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("prompt template %s: %w", name, err)
	}
	return strings.TrimSpace(b.String()), nil
}

func mustRender(name string, data any) string {
	s, err := render(name, data)
	if err != nil {
		panic(err)
	}
	return s
}
