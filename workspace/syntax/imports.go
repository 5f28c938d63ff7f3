package syntax

import (
	"bytes"
	"regexp"

	"github.com/hob-ls/hob/workspace/text"
)

var scriptImport = re(`import\b\s*[^(.\s]|(?:const|let|var)\s[^=]*=\s*require\s*\(|export\s[^=;(]*\bfrom\s*"`)

// importing is how an import statement begins, comments and strings blanked.
var importing = map[string]*regexp.Regexp{
	"go":         re(`import\b`),
	"typescript": scriptImport, "typescriptreact": scriptImport, "javascript": scriptImport, "javascriptreact": scriptImport,
	"python": re(`(?:from|import)\s`),
	"rust":   re(`(?:pub(?:\([^)]*\))?\s+)?(?:use|extern\s+crate)\s`),
	"java":   re(`import\s`),
	"c":      re(`#\s*(?:include|import)\b`), "cpp": re(`#\s*(?:include|import)\b|import\s`),
	"lua": re(`(?:local\s+)?[\w.]+\s*=\s*require\b|require\b`),
}

// preamble is what may stand before the imports and among them.
var preamble = re(`package\b|#!|#|"|_?_?future__|mod\s+\w+\s*;|extern\s+crate\b|;`)

// Imports is the span of the leading import block of src, from its first import
// to the end of its last one (without the line end), empty if there is none.
// Comments and blank lines between imports belong to it; the first other statement
// ends it.
func Imports(language, src string) text.Span {
	start := importing[language]
	if start == nil {
		return text.Span{}
	}
	m := newMatcher(language, src)
	var found text.Span
	for at := skipSpace(m.mask, 0, len(m.mask)); at < len(m.mask); {
		isImport := start.Match(m.head(at))
		if !isImport && !preamble.Match(m.head(at)) {
			break
		}
		end := m.importEnd(at)
		if isImport {
			if found.Len() == 0 {
				found.Start = at
			}
			found.End = end
		}
		at = skipSpace(m.mask, max(end, at+1), len(m.mask))
	}
	return found
}

// importEnd is the end of the import or preamble statement at.
func (m *matcher) importEnd(at int) int {
	if m.language == "python" || m.mask[at] == '#' {
		if m.mask[at] == '#' && bytes.HasPrefix(m.mask[at:], []byte("#[")) || bytes.HasPrefix(m.mask[at:], []byte("#![")) {
			return m.closing(at + bytes.IndexByte(m.mask[at:], '['))
		}
		return m.logicalLineEnd(at)
	}
	return m.statementEnd(at, m.lineIndent(at))
}
