package edit

import (
	"encoding/json"
	"strings"
)

// unescape reads a text that came escaped for a string of JSON or for a page: where it
// is no sound code as it stands, or knows fewer of the original's lines than
// without the escapes.
func (p *Parser) unescape(s string) string {
	if family(p.t.Language) != "json" {
		if code, ok := jsonCode(s); ok && p.sounder(code, s) {
			s = code
		}
	}
	for _, read := range []func(string) string{unquote, unquoteMarks, unquotePage} {
		if plain := read(s); plain != s && p.sounder(plain, s) {
			s = plain
		}
	}
	return s
}

// sounder reports whether a reading of the reply is to be taken instead of the
// reply as it stands.
func (p *Parser) sounder(plain, s string) bool {
	if blank(plain) || !p.syntaxKept(plain) {
		return false
	}
	if !p.syntaxKept(s) {
		return true
	}
	known := p.around()
	for l := range lines(p.t.Original) {
		known[l] = true
	}
	hits := func(s string) (n, all int) {
		for l := range lines(s) {
			if all++; known[l] {
				n++
			}
		}
		return n, all
	}
	now, all := hits(plain)
	was, _ := hits(s)
	return now > was && now*2 >= all
}

// jsonCode is the code in a reply that is a JSON string, or an object in which one
// member alone is a text of several lines.
func jsonCode(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if s == "" || s[0] != '"' && s[0] != '{' {
		return "", false
	}
	var code string
	if json.Unmarshal([]byte(s), &code) == nil {
		return ended(code), true
	}
	var object map[string]any
	if json.Unmarshal([]byte(s), &object) != nil {
		return "", false
	}
	found := 0
	for _, v := range object {
		if text, ok := v.(string); ok && strings.Contains(strings.TrimSpace(text), "\n") {
			code = text
			found++
		}
	}
	return ended(code), found == 1
}

func ended(s string) string {
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return s
}

// unquote reads a text whose line ends are written \n: one that has hardly any others.
func unquote(s string) string {
	body := strings.TrimSpace(s)
	if strings.Count(body, "\n") > 1 || strings.Count(body, `\n`) < 1 {
		return s
	}
	if len(body) > 1 && (body[0] == '"' || body[0] == '`') && body[len(body)-1] == body[0] {
		body = body[1 : len(body)-1]
	}
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' || i+1 == len(body) {
			b.WriteByte(body[i])
			continue
		}
		i++
		switch body[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
		case '"', '\'', '\\', '/', '`':
			b.WriteByte(body[i])
		default:
			b.WriteString(body[i-1 : i+1])
		}
	}
	return ended(b.String())
}

// unquoteMarks takes the backslash off quotation marks.
func unquoteMarks(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	return quoteMarks.Replace(s)
}

var quoteMarks = strings.NewReplacer(`\"`, `"`, `\'`, `'`, "\\`", "`")

func unquotePage(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	return entities.Replace(s)
}

// entities are what a page writes for the characters of code.
var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "&quot;", `"`, "&#34;", `"`, "&#39;", "'", "&#x27;", "'", "&apos;", "'", "&nbsp;", " ", "&#96;", "`")
