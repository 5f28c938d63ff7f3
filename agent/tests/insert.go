package tests

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// insertion is where in old, and how, the tests of code go: at the end, or inside
// the class, module or describe that they belong to. What old has already is left
// out; added names the rest. All line ends are \n.
func (p *Place) insertion(old, code string) (at int, insert string, added []string) {
	switch p.Language {
	case "go":
		code, added = without(p.Language, code, p.taken(old))
		return len(old), "\n" + strings.TrimSpace(code) + "\n", added
	case "python":
		return p.intoPython(old, code)
	case "rust":
		return p.intoRust(old, code)
	case "java":
		return p.intoContainer(old, code)
	}
	return p.intoScript(old, code)
}

// taken are the names that the test file declares, and in Go those of its package.
func (p *Place) taken(old string) []string {
	var names []string
	for _, sym := range syntax.Outline(p.Language, old) {
		if sym.Parent < 0 {
			names = append(names, sym.Name)
		}
	}
	if p.Language == "go" && !strings.HasSuffix(p.pkg, "_test") {
		_, declared := p.source.GoPackage()
		names = append(names, declared...)
	}
	return names
}

// without is code without the top-level declarations whose names are taken, and the
// names of those that stay.
func without(language, code string, taken []string) (rest string, kept []string) {
	outline := syntax.Outline(language, code)
	for _, sym := range slices.Backward(outline) {
		if sym.Parent >= 0 {
			continue
		}
		if !slices.Contains(taken, sym.Name) {
			kept = append(kept, sym.Name)
			continue
		}
		s := lines(code, sym)
		code = code[:s.Start] + strings.TrimLeft(code[s.End:], "\n")
	}
	slices.Reverse(kept)
	return code, kept
}

// lines are the whole lines of a symbol with the comment above it.
func lines(src string, sym syntax.Symbol) text.Span {
	s := sym.Span
	if sym.Doc.Len() > 0 && sym.Doc.Start < s.Start {
		s.Start = sym.Doc.Start
	}
	s.Start = strings.LastIndexByte(src[:s.Start], '\n') + 1
	if i := strings.IndexByte(src[s.End:], '\n'); i >= 0 {
		s.End += i + 1
	} else {
		s.End = len(src)
	}
	return s
}

var pythonMain = regexp.MustCompile(`(?m)^if __name__ ==`)

func (p *Place) intoPython(old, code string) (at int, insert string, added []string) {
	if at, insert, added := p.intoContainer(old, code); added != nil {
		return at, insert, added
	}
	code, added = without(p.Language, code, p.taken(old))
	code = strings.TrimSpace(pythonMain.Split(code, 2)[0])
	if m := pythonMain.FindStringIndex(old); m != nil {
		return m[0], code + "\n\n\n", added
	}
	gap := "\n\n"
	if !strings.HasSuffix(old, "\n") && old != "" {
		gap = "\n\n\n"
	}
	return len(old), gap + code + "\n", added
}

// intoContainer adds the members of a class or module of code to the one of the
// same name in old. added is nil where there is none in both, or nothing is new.
func (p *Place) intoContainer(old, code string) (at int, insert string, added []string) {
	mine, theirs := syntax.Outline(p.Language, old), syntax.Outline(p.Language, code)
	for i, c := range theirs {
		j := slices.IndexFunc(mine, func(s syntax.Symbol) bool { return s.Name == c.Name && s.Kind == c.Kind && s.Parent < 0 })
		if c.Parent >= 0 || j < 0 || c.Kind != syntax.Class && c.Kind != syntax.Module || mine[j].Body.Len() == 0 {
			continue
		}
		var have []string
		for _, s := range mine {
			if s.Parent == j {
				have = append(have, s.Name)
			}
		}
		var b strings.Builder
		for _, s := range theirs {
			if s.Parent == i && !slices.Contains(have, s.Name) {
				span := lines(code, s)
				b.WriteString("\n" + strings.TrimRight(code[span.Start:span.End], "\n") + "\n")
				added = append(added, s.Name)
			}
		}
		return bodyEnd(p.Language, old, mine[j]), b.String(), added
	}
	return 0, "", nil
}

// bodyEnd is the start of the line that closes a body, or the end of a block.
func bodyEnd(language, src string, sym syntax.Symbol) int {
	end := sym.Body.End
	if language == "python" {
		if i := strings.IndexByte(src[end:], '\n'); i >= 0 {
			return end + i + 1
		}
		return len(src)
	}
	return strings.LastIndexByte(src[:end], '\n') + 1
}

func (p *Place) intoRust(old, code string) (at int, insert string, added []string) {
	if at, insert, added = p.intoContainer(old, code); added != nil {
		return at, insert, added
	}
	mine := syntax.Outline(p.Language, old)
	for i, s := range mine {
		if s.Name != "tests" || s.Kind != syntax.Module || s.Parent >= 0 {
			continue
		}
		var have []string
		for _, m := range mine {
			if m.Parent == i {
				have = append(have, m.Name)
			}
		}
		code, added = without(p.Language, useSuper.ReplaceAllString(code, ""), have)
		return bodyEnd(p.Language, old, s), "\n" + indented(strings.TrimSpace(code), "    ") + "\n", added
	}
	added = p.names(code)
	if !strings.Contains(code, "mod tests") {
		code = "#[cfg(test)]\nmod tests {\n    use super::*;\n\n" + indented(strings.TrimSpace(useSuper.ReplaceAllString(code, "")), "    ") + "\n}"
	}
	return len(old), "\n" + strings.TrimSpace(code) + "\n", added
}

var useSuper = regexp.MustCompile(`(?m)^\s*use super::\*;\n+`)

// indented puts in before every line that is not blank.
func indented(s, in string) string {
	all := strings.Split(s, "\n")
	for i, l := range all {
		if strings.TrimSpace(l) != "" {
			all[i] = in + l
		}
	}
	return strings.Join(all, "\n")
}

var (
	scriptTitle = regexp.MustCompile(`\b(?:it|test)(?:\.\w+)*\(\s*(?:"([^"\n]*)"|'([^'\n]*)'|` + "`([^`\n]*)`)")
	describe    = regexp.MustCompile(`^describe(?:\.\w+)*\(\s*(?:"([^"\n]*)"|'([^'\n]*)'|` + "`([^`\n]*)`)")
)

// titles lists what the tests of code say that they test.
func titles(code string) (out []string) {
	for _, m := range scriptTitle.FindAllStringSubmatch(code, -1) {
		out = append(out, m[1]+m[2]+m[3])
	}
	return out
}

// chunk is one statement at the top of a script, with the comments above it.
type chunk struct {
	text.Span
	title string // of a describe
	group bool
	inner text.Span // of a group: what is between the braces of its body, whole lines where it has some
}

// chunks splits a script at its margin: a statement ends on the line on which all
// brackets are closed.
func chunks(language, src string) (all []chunk) {
	mask := syntax.Code(language, src)
	depth, start := 0, -1
	for at := 0; at < len(src); {
		end := at + strings.IndexByte(src[at:]+"\n", '\n') + 1
		end = min(end, len(src))
		if start < 0 && strings.TrimSpace(src[at:end]) != "" {
			start = at
		}
		for _, c := range []byte(mask[at:end]) {
			switch c {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				depth--
			}
		}
		if start >= 0 && depth <= 0 && strings.TrimSpace(mask[start:end]) != "" {
			c := chunk{Span: text.Span{Start: start, End: end}}
			first := start + len(mask[start:end]) - len(strings.TrimLeft(mask[start:end], " \t\n"))
			if m := describe.FindStringSubmatch(src[first:end]); m != nil {
				c.title = m[1] + m[2] + m[3]
				c.inner, c.group = body(mask, first, end)
			}
			all, start, depth = append(all, c), -1, 0
		}
		at = end
	}
	return all
}

// body is the inside of the longest pair of braces among the arguments of the call
// in mask[start:end]: options are shorter than tests.
func body(mask string, start, end int) (in text.Span, ok bool) {
	depth, open := 0, 0
	for at := start; at < end; at++ {
		switch mask[at] {
		case '(', '[', '{':
			if depth++; depth == 2 {
				open = at + 1
			}
		case ')', ']', '}':
			if depth--; depth == 1 && mask[at] == '}' && (!ok || at-open > in.Len()) {
				in, ok = text.Span{Start: open, End: at}, true
			}
		}
	}
	if i := strings.IndexByte(mask[in.Start:in.End], '\n'); i >= 0 && strings.TrimSpace(mask[in.Start:in.Start+i]) == "" {
		in.Start += i + 1
	}
	if i := in.Start + strings.LastIndexByte(mask[in.Start:in.End], '\n') + 1; strings.TrimSpace(mask[i:in.End]) == "" && i > in.Start {
		in.End = i
	}
	return in, ok
}

// intoScript adds tests to the describe of the same title, or to the only one, or
// at the end.
func (p *Place) intoScript(old, code string) (at int, insert string, added []string) {
	have := titles(old)
	var groups []chunk
	for _, c := range chunks(p.Language, old) {
		if c.group {
			groups = append(groups, c)
		}
	}
	var head, rest strings.Builder // import statements, which are moved from behind the rest, and what goes to the end
	var inside *chunk
	var into strings.Builder
	for _, c := range chunks(p.Language, code) {
		body := code[c.Start:c.End]
		fresh := p.fresh(body, have)
		switch {
		case strings.HasPrefix(strings.TrimSpace(body), "import "):
			head.WriteString(body)
			continue
		case len(titles(body)) == 0:
			if name := declaredIn(p.Language, body); name == "" || !slices.Contains(p.taken(old), name) {
				rest.WriteString("\n" + strings.TrimSpace(body) + "\n")
			}
			continue
		case fresh == "":
			continue
		}
		added = append(added, titles(fresh)...)
		i := slices.IndexFunc(groups, func(g chunk) bool { return c.group && g.title == c.title })
		if i < 0 && !c.group && len(groups) == 1 {
			i = 0
		}
		if i < 0 || inside != nil && inside.Start != groups[i].Start {
			rest.WriteString("\n" + strings.TrimSpace(fresh) + "\n")
			continue
		}
		inside = &groups[i]
		if c.group {
			f := chunks(p.Language, fresh)[0].inner
			into.WriteString("\n" + strings.Trim(fresh[f.Start:f.End], "\n") + "\n")
		} else {
			into.WriteString("\n" + indented(strings.TrimSpace(fresh), "  ") + "\n")
		}
	}
	if inside != nil && rest.Len() == 0 {
		return inside.inner.End, into.String() + head.String(), added
	}
	if inside != nil { // helpers and more beside it: all of it at the end
		rest.WriteString("\n" + strings.TrimSpace(old[inside.Start:inside.inner.Start]) + strings.TrimRight(into.String(), "\n") + "\n" + strings.TrimSpace(old[inside.inner.End:inside.End]) + "\n")
	}
	return len(old), rest.String() + head.String(), added
}

// fresh is a statement without the tests whose titles are taken, "" if none stays.
func (p *Place) fresh(body string, have []string) string {
	all := chunks(p.Language, body)
	if len(all) != 1 || !all[0].group {
		if t := titles(body); len(t) > 0 && slices.Contains(have, t[0]) {
			return ""
		}
		return body
	}
	in := all[0].inner
	inner := body[in.Start:in.End]
	kept := 0
	var b strings.Builder
	for _, c := range chunks(p.Language, inner) {
		s := inner[c.Start:c.End]
		t := titles(s)
		if len(t) > 0 && slices.Contains(have, t[0]) {
			continue
		}
		kept += len(t)
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		b.WriteString(strings.TrimRight(s, "\n") + "\n")
	}
	if kept == 0 {
		return ""
	}
	return body[:in.Start] + b.String() + body[in.End:]
}

// declaredIn is the name that a statement declares, "" if none.
func declaredIn(language, body string) string {
	for _, sym := range syntax.Outline(language, body) {
		return sym.Name
	}
	return ""
}
