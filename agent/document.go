package agent

import (
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// docComment is the doc comment in a reply, as it belongs in the target's
// region. Whatever else the model wrote, often the whole symbol again, is left
// out: documenting can't change code.
func docComment(f *workspace.File, t target, reply string) (string, error) {
	comment := commentIn(f.Language, reply)
	if comment == "" {
		return "", &Error{
			Kind: NoEdit, Message: "the model wrote no comment for " + t.Symbol.Name, Hint: "run it again, or choose a larger model with tier = balanced",
			again: "Your reply holds no documentation comment. Reply again with only the comment in one fenced code block and nothing else.",
		}
	}
	comment = docStyle(f.Language, dedent(comment))
	indent := indentAt(f, t)
	eol := text.EOL(f.Text)
	var b strings.Builder
	for line := range strings.SplitSeq(comment, "\n") {
		if line != "" {
			b.WriteString(indent)
		}
		b.WriteString(line + eol)
	}
	if ownLines(f, t.Region) {
		return b.String(), nil
	}
	// Beside code: what follows on the line goes to the next one, for the new comment may reach to the end of its own.
	inLine := strings.TrimPrefix(b.String(), indent)
	if f.Language == "python" || lineRest(f.Text[t.Region.End:]) == "" {
		return strings.TrimSuffix(inLine, eol), nil
	}
	return inLine + indent, nil
}

// ownLines reports whether nothing but blanks shares the lines of a span with it.
func ownLines(f *workspace.File, s text.Span) bool {
	before := f.Text[:s.Start]
	return strings.TrimSpace(before[strings.LastIndexAny(before, "\r\n")+1:]) == "" &&
		(lineRest(f.Text[s.End:]) == "" || s.End == 0 || strings.IndexByte("\r\n", f.Text[s.End-1]) >= 0)
}

// lineRest is what stands on the line that src begins with, without blanks around it.
func lineRest(src string) string {
	return strings.TrimSpace(src[:strings.IndexAny(src+"\n", "\r\n")])
}

// commentIn finds the comment: the doc of the first symbol that has one, else
// what the reply begins with.
func commentIn(language, reply string) string {
	reply = text.WithEOL(reply, "\n")
	for _, s := range syntax.Outline(language, reply) {
		if s.Doc.Len() > 0 {
			start := strings.LastIndexByte(reply[:s.Doc.Start], '\n') + 1 // with the indentation of its first line
			return strings.TrimRight(reply[start:s.Doc.End], " \t\n")
		}
	}
	return leadingComment(language, strings.TrimLeft(reply, "\n"))
}

// leadingComment is the comment, or in Python the string, that src begins with.
func leadingComment(language, src string) string {
	body := strings.TrimLeft(src, " \t")
	for _, block := range blockComments(language) {
		if !strings.HasPrefix(body, block[0]) {
			continue
		}
		from := len(src) - len(body) + len(block[0])
		if end := strings.Index(src[from:], block[1]); end >= 0 {
			return src[:from+end+len(block[1])]
		}
		return ""
	}
	open, _ := syntax.Comment(language)
	if open == "" {
		return ""
	}
	end := 0
	for line := range strings.Lines(src) {
		if !strings.HasPrefix(strings.TrimLeft(line, " \t"), open) {
			break
		}
		end += len(line)
	}
	return strings.TrimRight(src[:end], "\n")
}

// docStyle turns a plain comment into what the tools of the language read as
// documentation; what is in such a form already stays.
func docStyle(language, comment string) string {
	switch language {
	case "rust":
		return everyLine(comment, "//", "///", "/!")
	case "lua":
		return everyLine(comment, "--", "---", "-[")
	case "python":
		if body, ok := uncommented(comment, "#"); ok {
			if strings.Contains(body, "\n") {
				body += "\n"
			}
			return `"""` + body + `"""`
		}
	case "typescript", "typescriptreact", "javascript", "javascriptreact", "java":
		if body, ok := uncommented(comment, "//"); ok {
			return "/**\n" + everyLine(body, "", " * ", "") + "\n */"
		}
		if rest, ok := strings.CutPrefix(comment, "/*"); ok && !strings.HasPrefix(rest, "*") {
			return "/**" + rest
		}
	}
	return comment
}

// everyLine gives each line that begins with open another beginning, unless one of
// the bytes of but follows.
func everyLine(s, open, now, but string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		rest, ok := strings.CutPrefix(l, open)
		if !ok || rest != "" && strings.IndexByte(but, rest[0]) >= 0 {
			return s
		}
		lines[i] = strings.TrimRight(now+rest, " ")
	}
	return strings.Join(lines, "\n")
}

// uncommented is the text of a comment whose lines all begin with open.
func uncommented(comment, open string) (string, bool) {
	lines := strings.Split(comment, "\n")
	for i, l := range lines {
		rest, ok := strings.CutPrefix(l, open)
		if !ok {
			return "", false
		}
		lines[i] = strings.TrimPrefix(rest, " ")
	}
	return strings.Join(lines, "\n"), true
}

func blockComments(language string) [][2]string {
	switch language {
	case "python":
		return [][2]string{{`"""`, `"""`}, {`'''`, `'''`}, {`r"""`, `"""`}}
	case "lua":
		return [][2]string{{"--[[", "]]"}}
	case "html", "xml", "markdown":
		return [][2]string{{"<!--", "-->"}}
	}
	return [][2]string{{"/*", "*/"}}
}

// indentAt is the indentation of a comment in the target's region: that of the
// comment that is there, else of the line that will follow it.
func indentAt(f *workspace.File, t target) string {
	line := f.Lines().LineSpan(f.Lines().Line(t.Region.Start))
	body := f.Text[line.Start:line.End]
	return body[:len(body)-len(strings.TrimLeft(body, " \t"))]
}

// dedent removes the indentation that all lines share. The first line may lack
// it, as models often drop only that one; then the others' counts.
func dedent(s string) string {
	lines := strings.Split(s, "\n")
	cut := sharedIndent(lines)
	if cut == 0 && len(lines) > 1 && strings.TrimLeft(lines[0], " \t") == lines[0] {
		cut = sharedIndent(lines[1:])
		if blockStar(lines[1:]) {
			cut = max(0, cut-1) // " * " lines stand one deeper than their "/**"
		}
	}
	for i, line := range lines {
		n := min(cut, len(line)-len(strings.TrimLeft(line, " \t")))
		lines[i] = strings.TrimRight(line[n:], " \t")
	}
	return strings.Join(lines, "\n")
}

func sharedIndent(lines []string) int {
	shared := -1
	for _, line := range lines {
		body := strings.TrimLeft(line, " \t")
		if body == "" {
			continue
		}
		if n := len(line) - len(body); shared < 0 || n < shared {
			shared = n
		}
	}
	return max(0, shared)
}

func blockStar(lines []string) bool {
	for _, line := range lines {
		if body := strings.TrimLeft(line, " \t"); body != "" && body[0] != '*' {
			return false
		}
	}
	return true
}
