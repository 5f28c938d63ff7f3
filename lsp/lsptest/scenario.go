package lsptest

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hob-ls/hob/workspace/text"
)

// Scenario is one parsed file.
type Scenario struct {
	File    string // where it was read from
	Comment string
	Script  []Line
	Model   string
	Config  string
	Files   map[string]string    // of the workspace, by slash path
	Marks   map[string]text.Span // selections that files mark
	Want    map[string]string    // files that are different at the end
	archive *txtar.Archive
}

// Line is one line of a script.
type Line struct {
	Number int
	Text   string
	Verb   string
	Args   []Field
}

// Field is one word of a line: a value alone (Op is ""), or KEY=value,
// KEY~regexp, where KEY may be empty.
type Field struct{ Key, Op, Value string }

// Marks that stand for what a txtar file can't show.
const (
	markCR    = "␍"
	markNoEOL = "␄\n"
	markStart = "«"
	markEnd   = "»"
)

// Load reads a scenario from a file.
func Load(file string) (*Scenario, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	s, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	s.File = file
	return s, nil
}

// Parse reads a scenario.
func Parse(data []byte) (*Scenario, error) {
	for line := range strings.Lines(string(data)) {
		if strings.TrimRight(line, "\r\n") == "-- --" {
			return nil, fmt.Errorf("a section without a name") // txtar panics on it
		}
	}
	a := txtar.Parse(data)
	s := &Scenario{Comment: strings.TrimSpace(string(a.Comment)), Files: map[string]string{}, Marks: map[string]text.Span{}, Want: map[string]string{}, archive: a}
	if s.Comment == "" {
		return nil, fmt.Errorf("no comment that says what the scenario shows")
	}
	seen := map[string]bool{}
	for _, f := range a.Files {
		if seen[f.Name] {
			return nil, fmt.Errorf("two sections %s", f.Name)
		}
		seen[f.Name] = true
		if err := s.section(f.Name, string(f.Data)); err != nil {
			return nil, fmt.Errorf("section %s: %w", f.Name, err)
		}
	}
	if len(s.Script) == 0 {
		return nil, fmt.Errorf("no script")
	}
	return s, nil
}

func (s *Scenario) section(name, data string) error {
	switch name {
	case "script":
		lines, err := parseScript(data)
		s.Script = lines
		return err
	case "model":
		s.Model = data
		return nil
	case "config.toml":
		s.Config = data
		return nil
	}
	if strings.HasPrefix(name, "/") || path.Clean(name) != name || strings.HasPrefix(name, "../") {
		return fmt.Errorf("not the name of a section or a relative path")
	}
	if file, ok := strings.CutPrefix(name, "want/"); ok {
		s.Want[file] = plain(data)
		return nil
	}
	content, mark, err := cutMarks(plain(data))
	if err != nil {
		return err
	}
	s.Files[name] = content
	if mark != nil {
		s.Marks[name] = *mark
	}
	return nil
}

// plain turns the visible marks of line ends into what they stand for.
func plain(data string) string {
	data = strings.ReplaceAll(data, markCR, "\r")
	if cut, ok := strings.CutSuffix(data, markNoEOL); ok {
		return cut
	}
	return data
}

// visible is the inverse of plain.
func visible(content string) string {
	content = strings.ReplaceAll(content, "\r", markCR)
	if content != "" && !strings.HasSuffix(content, "\n") {
		content += markNoEOL
	}
	return content
}

// cutMarks takes the selection marks out of a file.
func cutMarks(data string) (string, *text.Span, error) {
	switch a, b := strings.Count(data, markStart), strings.Count(data, markEnd); {
	case a == 0 && b == 0:
		return data, nil, nil
	case a != 1 || b != 1:
		return "", nil, fmt.Errorf("%d marks %s and %d marks %s, want one of each", a, markStart, b, markEnd)
	}
	before, rest, _ := strings.Cut(data, markStart)
	inside, after, ok := strings.Cut(rest, markEnd)
	if !ok {
		return "", nil, fmt.Errorf("mark %s comes before %s", markEnd, markStart)
	}
	return before + inside + after, &text.Span{Start: len(before), End: len(before) + len(inside)}, nil
}

func parseScript(data string) ([]Line, error) {
	var lines []Line
	n := 0
	for raw := range strings.Lines(data) {
		n++
		raw = strings.TrimSpace(raw)
		if raw == "" || strings.HasPrefix(raw, "#") {
			continue
		}
		line := Line{Number: n, Text: raw}
		var rest string
		line.Verb, rest, _ = strings.Cut(raw, " ")
		if verb := verbs[line.Verb]; verb == nil {
			return nil, fmt.Errorf("line %d: unknown verb %q", n, line.Verb)
		} else if verb.raw {
			line.Args = []Field{{Value: strings.TrimSpace(rest)}}
		} else {
			var err error
			if line.Args, err = parseFields(rest); err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

var keyOp = regexp.MustCompile(`^([a-z_.]*)(=|~)`)

// parseFields splits a line into words; values in double quotes or backquotes
// are quoted as in Go.
func parseFields(s string) ([]Field, error) {
	var out []Field
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		var f Field
		if m := keyOp.FindStringSubmatch(s); m != nil {
			f.Key, f.Op = m[1], m[2]
			s = s[len(m[0]):]
		}
		if s != "" && (s[0] == '"' || s[0] == '`') {
			quoted, err := strconv.QuotedPrefix(s)
			if err != nil {
				return nil, fmt.Errorf("bad quotes at %s", s)
			}
			if f.Value, err = strconv.Unquote(quoted); err != nil {
				return nil, fmt.Errorf("%s: %w", quoted, err)
			}
			s = s[len(quoted):]
		} else {
			f.Value, s, _ = strings.Cut(s, " ")
		}
		if f.Op == "~" {
			if _, err := regexp.Compile(f.Value); err != nil {
				return nil, err
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// match reports whether a value is what the field expects.
func (f Field) match(value string) bool {
	if f.Op == "~" {
		return regexp.MustCompile(f.Value).MatchString(value)
	}
	return f.Value == value
}

func (f Field) String() string { return f.Key + f.Op + strconv.Quote(f.Value) }

// Update rewrites the want sections from the files as they ended and returns the
// whole file. Sections keep their place; new ones come last, sorted by their callers' order.
func (s *Scenario) Update(want map[string]string, order []string) []byte {
	a := &txtar.Archive{Comment: s.archive.Comment}
	done := map[string]bool{}
	for _, f := range s.archive.Files {
		name, isWant := strings.CutPrefix(f.Name, "want/")
		if !isWant {
			a.Files = append(a.Files, f)
			continue
		}
		if content, ok := want[name]; ok {
			a.Files = append(a.Files, txtar.File{Name: f.Name, Data: []byte(visible(content))})
			done[name] = true
		}
	}
	for _, name := range order {
		if !done[name] {
			a.Files = append(a.Files, txtar.File{Name: "want/" + name, Data: []byte(visible(want[name]))})
		}
	}
	return txtar.Format(a)
}
