package syntax

import (
	"bytes"
	"go/scanner"
	"go/token"
	"regexp"
	"strconv"
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

// Import is one thing that a file says it takes from elsewhere.
type Import struct {
	// Path is the specifier without its quotes: "fmt", "./button", "a.b" or "..b"
	// in Python, "list.h" in C.
	Path string
	// Local is the name the whole import goes by where the statement gives one:
	// the alias of a Go or Python import.
	Local string
	// Names are what Python takes from the module: some may be modules themselves.
	Names []string
	Span  text.Span // of the specifier, with its quotes
}

// ImportsOf lists what src imports, in the order of the text: Go, TypeScript and
// JavaScript (import, export from, require and import calls with a plain string),
// Python (anywhere in the file) and the quoted includes of C and C++. Other
// languages have none.
func ImportsOf(language, src string) []Import {
	switch language {
	case "go":
		return goImports(src)
	case "typescript", "typescriptreact", "javascript", "javascriptreact":
		return scriptImports(language, src)
	case "python":
		return pythonImports(src)
	case "c", "cpp", "objective-c":
		return includes(language, src)
	}
	return nil
}

// goImports reads the tokens up to the first declaration that is no import.
func goImports(src string) []Import {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", 1, len(src))
	s.Init(file, []byte(src), func(token.Position, string) {}, 0)
	var out []Import
	local, grouped := "", false
	for importing := false; ; {
		pos, tok, lit := s.Scan()
		switch tok {
		case token.PACKAGE:
			if _, tok, _ = s.Scan(); tok != token.IDENT {
				return out
			}
		case token.IMPORT:
			importing, grouped = true, false
		case token.LPAREN:
			grouped = importing
		case token.RPAREN:
			importing, grouped = false, false
		case token.IDENT, token.PERIOD:
			if local = lit; tok == token.PERIOD {
				local = "."
			}
			if !importing {
				return out
			}
		case token.STRING:
			if path, err := strconv.Unquote(lit); err == nil && importing {
				start := file.Offset(pos)
				out = append(out, Import{Path: path, Local: local, Span: text.Span{Start: start, End: start + len(lit)}})
			}
			local = ""
		case token.SEMICOLON:
			importing = grouped
		case token.ILLEGAL: // half a token is no reason to lose the imports after it
		default:
			return out
		}
	}
}

// scriptImports finds the strings before which stands what makes an import of them.
func scriptImports(language, src string) []Import {
	last := -1
	for _, word := range []string{"import", "from", "require"} {
		last = max(last, strings.LastIndex(src, word))
	}
	if last < 0 {
		return nil
	}
	// What stands after the string that follows the last such word is no import:
	// most files are read no further than their head.
	end := last
	for range 2 {
		if i := strings.IndexAny(src[end:], `"'`); i >= 0 {
			end += i + 1
		}
	}
	l := lex(language, src[:end])
	var out []Import
	for _, s := range l.strings {
		if s.Len() < 3 || src[s.Start] == '`' {
			continue
		}
		head := strings.TrimRight(string(l.mask[max(0, s.Start-64):s.Start]), " \t\r\n")
		call := false
		if strings.HasSuffix(head, "(") {
			head, call = strings.TrimRight(head[:len(head)-1], " \t\r\n"), true
		}
		switch word := lastWord(head); {
		case strings.HasSuffix(head[:len(head)-len(word)], "."):
			continue // a method of that name
		case word == "import", word == "from" && !call, word == "require" && call:
			out = append(out, Import{Path: src[s.Start+1 : s.End-1], Span: s})
		}
	}
	return out
}

var (
	pythonImport = re(`[ \t;]*(?:(?:try|else)[ \t]*:[ \t]*)?(?:(import)[ \t]|from[ \t]+([.\w \t]*?)[ \t]*\bimport\b)`)
	pythonName   = regexp.MustCompile(`^([.\w]+)(?:\s+as\s+(\w+))?$`)
)

// pythonImports finds import statements wherever they are: many stand in a try or
// in a function.
func pythonImports(src string) []Import {
	last := strings.LastIndex(src, "import")
	if last < 0 {
		return nil
	}
	end := last
	if i := strings.IndexByte(src[end:], '\n'); i >= 0 {
		end += i
	} else {
		end = len(src)
	}
	out, whole := pythonImportsIn(src[:end])
	if !whole && end < len(src) { // the last statement goes on
		out, _ = pythonImportsIn(src)
	}
	return out
}

// pythonImportsIn is pythonImports of all of src; whole is false if the last
// statement may go on after it.
func pythonImportsIn(src string) (out []Import, whole bool) {
	mask := lex("python", src).mask
	whole = true
	for at := 0; ; {
		i := strings.Index(src[at:], "import")
		if i < 0 {
			return out, whole
		}
		word := at + i
		start := max(at, lineStart(src, word))
		at = word + len("import")
		m := pythonImport.FindSubmatchIndex(mask[start:])
		if m == nil || start+m[1] < at {
			continue
		}
		list, next := pythonList(mask, start+m[1])
		whole = next < len(src) || len(list) > 0 && !continued(mask) && !bytes.ContainsRune(mask[start:], '(')
		var names []string
		for _, name := range list {
			n := pythonName.FindStringSubmatch(src[name.Start:name.End])
			switch {
			case n == nil:
			case m[2] >= 0: // import a.b as c, d
				out = append(out, Import{Path: n[1], Local: n[2], Span: text.Span{Start: name.Start, End: name.Start + len(n[1])}})
			default:
				names = append(names, n[1])
			}
		}
		if from := (text.Span{Start: start + m[4], End: start + m[5]}); m[4] >= 0 && from.Len() > 0 {
			out = append(out, Import{Path: strings.Join(strings.Fields(src[from.Start:from.End]), ""), Names: names, Span: from})
		}
		at = max(next, at)
	}
}

// pythonList splits what stands after import at its commas, up to the end of the
// statement. next is where that is.
func pythonList(mask []byte, at int) (list []text.Span, next int) {
	start, open := at, false
	item := func(end int) {
		s := text.Span{Start: skipSpace(mask, start, end), End: end}
		for s.End > s.Start && (isSpace(mask[s.End-1]) || mask[s.End-1] == '\\') {
			s.End--
		}
		for s.Start < s.End && (isSpace(mask[s.Start]) || mask[s.Start] == '\\') {
			s.Start++
		}
		if s.Len() > 0 {
			list = append(list, s)
		}
	}
	for i := at; i < len(mask); i++ {
		switch c := mask[i]; {
		case c == '(' && !open:
			open, start = true, i+1
		case c == ',':
			item(i)
			start = i + 1
		case c == ')' || c == ';' || c == '\n' && !open && !continued(mask[at:i]):
			item(i)
			return list, i
		}
	}
	item(len(mask))
	return list, len(mask)
}

// continued reports whether a line that ends here goes on in the next one.
func continued(line []byte) bool {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return len(line) > 0 && line[len(line)-1] == '\\'
}

// includes finds the quoted includes: those in angle brackets are the system's.
func includes(language, src string) []Import {
	if !strings.Contains(src, "include") {
		return nil
	}
	l := lex(language, src)
	var out []Import
	for _, s := range l.strings {
		line := l.mask[lineStart(src, s.Start):s.Start]
		words := strings.Fields(strings.Replace(string(line), "#", "# ", 1))
		if len(words) == 2 && words[0] == "#" && (words[1] == "include" || words[1] == "import") && s.Len() > 2 {
			out = append(out, Import{Path: src[s.Start+1 : s.End-1], Span: s})
		}
	}
	return out
}

func lineStart(src string, off int) int { return strings.LastIndexAny(src[:off], "\r\n") + 1 }
