package edit

import (
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
)

// fence is a line of three or more backticks or tildes.
type fence struct {
	char   byte
	n      int    // length of the run
	indent int    // columns before it
	info   string // what follows, trimmed
}

// parseFence reads a line as a fence. The info string of a backtick fence holds
// no backtick, as in CommonMark.
func parseFence(line string) (fence, bool) {
	body := unindented(line)
	if len(body) < 3 || (body[0] != '`' && body[0] != '~') {
		return fence{}, false
	}
	f := fence{char: body[0], indent: width(line[:len(line)-len(body)])}
	for f.n < len(body) && body[f.n] == f.char {
		f.n++
	}
	f.info = strings.TrimSpace(body[f.n:])
	if f.n < 3 || f.char == '`' && strings.IndexByte(f.info, '`') >= 0 {
		return fence{}, false
	}
	return f, true
}

// opensAtEnd finds a fence that opens at the end of a line of prose
// ("Here it is: ```go").
func opensAtEnd(line string) (fence, bool) {
	i := strings.Index(line, "```")
	if i < 0 || strings.TrimSpace(line[:i]) == "" {
		return fence{}, false
	}
	f, ok := parseFence(line[i:])
	if !ok || strings.ContainsAny(line[:i], "`") {
		return fence{}, false
	}
	if f.info == "" {
		return f, strings.HasSuffix(strings.TrimSpace(line[:i]), ":")
	}
	return f, family(f.info) != "" && !strings.ContainsAny(f.info, " \t")
}

// closesAtEnd finds a fence glued to the end of the last line of code ("}```")
// and gives the length of the code before it. A fence in a comment is none.
func closesAtEnd(line string) (int, bool) {
	code, ok := strings.CutSuffix(strings.TrimRight(line, " \t"), "```")
	if !ok || strings.IndexByte(code, '`') >= 0 {
		return 0, false
	}
	body := strings.TrimSpace(code)
	if body == "" || isCommentLine(body) {
		return 0, false
	}
	last := body[len(body)-1]
	return len(code), strings.IndexByte(")}];,>", last) >= 0 || isWordByte(last)
}

// inlineBlock finds a whole block on one line ("```x := 1```") and gives the
// bounds of its code within the line.
func inlineBlock(line string) (start, end int, ok bool) {
	body := strings.TrimSpace(line)
	if len(body) < 7 || !strings.HasPrefix(body, "```") || !strings.HasSuffix(body, "```") {
		return 0, 0, false
	}
	start = strings.Index(line, "```") + 3
	end = strings.LastIndex(line, "```")
	if end <= start || strings.IndexByte(line[start:end], '`') >= 0 || strings.TrimSpace(line[start:end]) == "" {
		return 0, 0, false
	}
	if word, _, cut := strings.Cut(line[start:end], " "); cut && word != "" && family(word) != "" && family(word) != "text" {
		start += len(word) + 1
	}
	return start, end, true
}

// isTag reports whether an info string looks like one, so that a line of ticks
// with it inside a block opens a nested block.
func isTag(info string) bool {
	return info != "" && len(info) <= 80 && (isWordByte(info[0]) || info[0] == '{')
}

// families groups the names that models write for languages by what can stand
// in for what: a block tagged js may well be the answer for a tsx file.
var families = map[string]string{
	"go": "go", "golang": "go", "gomod": "go",
	"typescript": "js", "ts": "js", "tsx": "js", "typescriptreact": "js", "javascript": "js", "js": "js", "jsx": "js",
	"javascriptreact": "js", "mjs": "js", "cjs": "js", "node": "js", "react": "js", "mts": "js", "cts": "js",
	"python": "python", "py": "python", "python3": "python", "pyi": "python",
	"rust": "rust", "rs": "rust", "java": "java", "kotlin": "kotlin", "kt": "kotlin", "lua": "lua", "ruby": "ruby", "rb": "ruby",
	"c": "c", "h": "c", "cpp": "c", "c++": "c", "cc": "c", "cxx": "c", "hpp": "c", "objective-c": "c",
	"csharp": "csharp", "cs": "csharp", "c#": "csharp", "php": "php", "swift": "swift", "scala": "scala", "zig": "zig",
	"bash": "shell", "sh": "shell", "shell": "shell", "zsh": "shell", "console": "shell", "shellscript": "shell", "terminal": "shell",
	"powershell": "shell", "fish": "shell", "html": "html", "xml": "html", "vue": "html", "svelte": "html",
	"css": "css", "scss": "css", "less": "css", "sass": "css", "json": "json", "jsonc": "json", "json5": "json",
	"yaml": "yaml", "yml": "yaml", "toml": "toml", "sql": "sql", "markdown": "markdown", "md": "markdown", "mdx": "markdown",
	"diff": "diff", "patch": "diff", "dockerfile": "docker", "make": "make", "makefile": "make",
	"text": "text", "txt": "text", "plaintext": "text", "plain": "text", "code": "text", "output": "output",
}

// family is the family of an info string or language id: "" if unknown. It reads
// "tsx title=x", "{.go}", "go:src/a.go" and a bare path as well.
func family(info string) string {
	word := strings.ToLower(strings.TrimSpace(info))
	word = strings.TrimLeft(word, "{. ")
	if i := strings.IndexAny(word, " \t,:{}"); i >= 0 {
		word = word[:i]
	}
	if f, ok := families[word]; ok {
		return f
	}
	if strings.IndexByte(word, '.') > 0 {
		return families[syntax.LanguageOf(word)]
	}
	return ""
}

// fits reports how an info string agrees with the language of the target:
// 1 the same family, 0 it says nothing, -1 another language.
func fits(info, language string) int {
	got, want := family(info), family(language)
	switch {
	case got == "" || got == "text" || got == "diff" || want == "" || want == "text":
		return 0
	case got == want, got == "html" && want == "js", got == "js" && want == "html":
		return 1
	}
	return -1
}

func isMarkdown(language string) bool { return family(language) == "markdown" }

// isProse reports whether files of the language are made of sentences, so that
// nothing can be told from a line looking like one.
func isProse(language string) bool {
	switch family(language) {
	case "markdown", "text":
		return true
	}
	switch language {
	case "", "restructuredtext", "latex", "asciidoc", "git-commit":
		return true
	}
	return false
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// width counts columns of leading white space, a tab as four.
func width(indent string) int {
	n := 0
	for i := range len(indent) {
		if indent[i] == '\t' {
			n += 4
		} else {
			n++
		}
	}
	return n
}

// indentOf is the white space that line starts with.
func indentOf(line string) string {
	return line[:len(line)-len(unindented(line))]
}

// unindented is line without its indentation. A loop: strings.TrimLeft makes its
// set of bytes anew in every call, and there is one for every piece of a reply.
func unindented(line string) string {
	n := 0
	for n < len(line) && (line[n] == ' ' || line[n] == '\t') {
		n++
	}
	return line[n:]
}

func blank(line string) bool { return strings.TrimSpace(line) == "" }
