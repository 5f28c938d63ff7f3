package edit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
)

// collapseFrom: originals of more significant lines than this may not shrink
// below half without the instruction asking for it.
const collapseFrom = 5

// guard holds the checks that need only the text itself.
func (p *Parser) guard(s string) error {
	if limit := p.t.limit(); len(s) > limit {
		return tooLong(limit)
	}
	if l, ok := conflictMarker(s); ok && !strings.Contains(p.t.Original, l) {
		return &Error{
			Kind: KindUnsafe, Message: "The reply contains conflict markers (" + l + ").",
			Hint:  "Try again; a larger model follows the format better.",
			Again: fmt.Sprintf("%s of your code is a conflict marker: %q. Write the one text that is right, without markers.", lineOf(s, l), l),
		}
	}
	if l, ok := placeholder(s, p.t); ok {
		return &Error{
			Kind: KindUnsafe, Message: fmt.Sprintf("The model left code out: %q stands in for it.", l),
			Hint:  "Try again, select a smaller region, or choose a larger model.",
			Again: fmt.Sprintf("%s of your code stands in for code that you left out: %q. Write every line in full.", lineOf(s, l), l),
		}
	}
	if p.t.Shape != Region || p.t.Shrinks {
		return nil
	}
	if name, gone := p.undeclared(s); gone {
		return &Error{
			Kind: KindUnsafe, Message: fmt.Sprintf("The reply does not hold %s any more, only a piece of it or something else.", name),
			Hint:  "Try again, or select only the lines that should change.",
			Again: fmt.Sprintf("Your code does not declare %s. Write all of %s, the lines that stay the same too.", name, name),
		}
	}
	if gone := p.dropped(s); gone != "" {
		return &Error{
			Kind: KindUnsafe, Message: fmt.Sprintf("The reply leaves out %s, and the instruction does not ask to remove it.", gone),
			Hint:  "Try again, or select only the lines that should change. If removing is meant, say so (\"remove …\").",
			Again: fmt.Sprintf("Your code leaves out %s, which the task does not ask to remove. Write the whole region, the declarations that stay the same too.", gone),
		}
	}
	was, is := countLines(p.t.Original), countLines(s)
	if was > collapseFrom && is*2 < was {
		return &Error{
			Kind: KindUnsafe, Message: fmt.Sprintf("The reply would shrink the region from %d to %d lines, and the instruction does not ask to remove code.", was, is),
			Hint:  "If removing is meant, say so in the instruction (\"remove …\").",
			Again: fmt.Sprintf("Your code has too few lines: %d where the region has %d, and the task does not ask to remove any. Write the whole region, the lines that stay the same too.", is, was),
		}
	}
	return nil
}

// countLines counts the lines that are not blank.
func countLines(s string) int {
	n := 0
	for range lines(s) {
		n++
	}
	return n
}

// dropped names what a region of several declarations would lose: models asked
// for a whole file like to give back only the function they changed. New names
// make up for old ones, as after a rename or a split. "" if nothing is lost.
func (p *Parser) dropped(s string) string {
	if p.t.Language == "go" && p.t.Before == "" && packageClause.MatchString(p.t.Original) && !packageClause.MatchString(s) {
		return "the package clause"
	}
	was := topLevel(p.t.Language, p.t.Original)
	if len(was) < 2 {
		return "" // undeclared looks after one
	}
	is := topLevel(p.t.Language, s)
	if len(is) >= len(was) {
		return ""
	}
	have := map[string]int{}
	for _, name := range is {
		have[name]++
	}
	var gone []string
	for _, name := range was {
		if have[name]--; have[name] < 0 {
			gone = append(gone, name)
		}
	}
	return strings.Join(gone, ", ")
}

var packageClause = regexp.MustCompile(`(?m)^package [\pL_]`)

// topLevel names the declarations of a text that are not inside another.
func topLevel(language, s string) []string {
	var names []string
	for _, sym := range syntax.Outline(language, s) {
		if sym.Parent < 0 && sym.Name != "" {
			names = append(names, sym.Name)
		}
	}
	return names
}

// undeclared reports whether the original is one declaration and s declares
// nothing at all, as when only the changed lines of a function come back.
func (p *Parser) undeclared(s string) (name string, gone bool) {
	if name := declared(p.t.Original); name == "" || hasWord(s, name) {
		return "", false // as nearly always: nothing is parsed
	}
	own, sole := soleSymbol(p.t.Language, p.t.Original)
	if !sole || own.Body.Len() == 0 || hasWord(s, own.Name) {
		return "", false
	}
	return own.Name, len(syntax.Outline(p.t.Language, s)) == 0
}

func tooLong(limit int) error {
	return &Error{
		Kind: KindUnsafe, Message: fmt.Sprintf("The reply is longer than the %d bytes this edit may have.", limit),
		Hint: "Select the region that should change, or ask for less at once.",
	}
}

// guardSyntax refuses a text that makes the file's syntax worse.
func (p *Parser) guardSyntax(s string, c candidate) error {
	if p.syntaxKept(s) {
		return nil
	}
	if c.fenced && !c.closed {
		return unclosed
	}
	if !c.fenced && unbalanced(s) {
		return unclosed
	}
	what := "The new text has syntax errors that the old one did not have."
	if p.t.alone() {
		what = "The new text has syntax errors."
	}
	again := "With your code the file has a syntax error that it did not have."
	if at, ok := syntax.FirstProblem(p.t.Language, p.t.Before+s+p.t.After); ok {
		if at -= len(p.t.Before); at >= 0 && at < len(s) {
			line := s[lineStartAt(s[:at]):]
			line = line[:strings.IndexAny(line+"\n", "\r\n")]
			again = fmt.Sprintf("Line %d of your code has a syntax error, or comes right after one: %q.", 1+strings.Count(s[:at], "\n"), strings.TrimSpace(line))
		}
	}
	return &Error{Kind: KindUnsafe, Message: what, Hint: "Try again, or choose a larger model.", Again: again}
}

// lineOf names the line of s that is l but for white space: "Line 3".
func lineOf(s, l string) string {
	n := 1
	for have := range strings.Lines(s) {
		if strings.TrimSpace(have) == l {
			break
		}
		n++
	}
	return fmt.Sprintf("Line %d", n)
}

// syntaxKept reports whether the file with s in it has no more syntax errors than
// before. The old text is only read if the new one has any.
//
// A new file has no before. Grammars lag behind their languages, so there it
// takes both the grammar and the plain bracket check to refuse it.
func (p *Parser) syntaxKept(s string) bool {
	if p.cleanAround(s) {
		return true
	}
	after := syntax.Problems(p.t.Language, p.t.Before+s+p.t.After)
	if after == 0 {
		return true
	}
	if p.t.alone() {
		return !unbalanced(s)
	}
	if after <= syntax.Problems(p.t.Language, p.t.Before+p.t.Original+p.t.After) {
		return true
	}
	// Imports that stand in the middle are put where they belong when the edit is made.
	if p.t.Language == "go" && p.t.Before != "" && goImports.MatchString(s) {
		return p.syntaxKept(goImports.ReplaceAllString(s, ""))
	}
	return false
}

// goImports are import declarations of Go.
var goImports = regexp.MustCompile(`(?m)^import[ \t]+(?:\([^)]*\)|(?:[\w.]+[ \t]+)?"[^"\n]*")[ \t]*\n?`)

// cleanAround looks only at the top-level declarations that the region touches,
// which is what makes the check cheap in a long file: no error among them, then
// none that s brought. It says no where it can't know: when s or the original
// could open or close a string or comment that spans lines.
func (p *Parser) cleanAround(s string) bool {
	const worthIt = 2 << 10 // bytes of file that need not be read
	from, to := topLevelBefore(p.t.Before, p.t.Original), topLevelAfter(p.t.After)
	if from+len(p.t.After)-to < worthIt {
		return false
	}
	for _, mark := range []string{"`", `"""`, "'''", "/*", "*/", "[[", "]]", "<!--", "-->", "\\\n"} {
		if strings.Contains(s, mark) || strings.Contains(p.t.Original, mark) {
			return false
		}
	}
	return syntax.Problems(p.t.Language, p.t.Before[from:]+s+p.t.After[:to]) == 0
}

// topLevelBefore is the start of the last line of before that starts a
// declaration at the margin: its end if the region itself does.
func topLevelBefore(before, original string) int {
	if startsTop(original) && lineStartAt(before) == len(before) {
		return len(before)
	}
	for end := len(before); end > 0; {
		start := lineStartAt(before[:end])
		if startsTop(before[start:]) {
			return start
		}
		end = start - 1
	}
	return 0
}

// topLevelAfter is the start of the first line of after, but for the line that
// the region ends in, that starts a declaration at the margin.
func topLevelAfter(after string) int {
	for pos := 0; pos < len(after); {
		i := strings.IndexByte(after[pos:], '\n')
		if i < 0 {
			break
		}
		if pos += i + 1; startsTop(after[pos:]) {
			return pos
		}
	}
	return len(after)
}

func startsTop(line string) bool {
	return line != "" && (line[0] >= 'a' && line[0] <= 'z' || line[0] >= 'A' && line[0] <= 'Z') &&
		!hasClause(line)
}

// hasClause reports whether a line at the margin continues what came before.
func hasClause(line string) bool {
	for _, w := range []string{"else", "elif", "except", "finally", "catch", "end", "until", "while", "public", "private", "protected", "case", "default"} {
		if rest, ok := strings.CutPrefix(line, w); ok && (rest == "" || !isWordByte(rest[0])) {
			return true
		}
	}
	return false
}

// unbalanced is the plain bracket check.
func unbalanced(s string) bool {
	n := 0
	for l := range strings.Lines(s) {
		n += brackets(l)
	}
	return n != 0
}

// conflictMarker finds a line that a merge, or an edit format, leaves behind.
func conflictMarker(s string) (string, bool) {
	for l := range strings.Lines(s) {
		l = strings.TrimSpace(l)
		if l == "<<<<<<<" || l == ">>>>>>>" || strings.HasPrefix(l, "<<<<<<< ") || strings.HasPrefix(l, ">>>>>>> ") {
			return l, true
		}
	}
	return "", false
}

// what can be left out, and how models say that it was.
const (
	things = `(code|file|function|functions|method|methods|class|component|implementation|logic|imports|fields|props|content|contents|body|lines|cases|parts|tests|styles|routes|handlers|definitions|helpers)`
	stays  = `(here|unchanged|remains?( here| the same| unchanged| as( it)? is)?|stays?( the same| unchanged)?|omitted( for brevity)?|as before|as is|goes here|above|below|is unchanged|are unchanged|is the same|are the same|the same)`
)

var (
	// ellipsis with words that say what it stands for, or with nothing else.
	elided = regexp.MustCompile(`^(\.{3,}|…)( ?\(?(the |and |your |all |any |some |of |other )*(rest|existing|remaining|unchanged|previous|same|other|original|omitted|more|keep|code|` + things[1:] + `\b.*)?$`)
	// the same without an ellipsis.
	spoken = regexp.MustCompile(`^(and |keep )?(the |all |all the |your )?((rest|remainder) of( the| your| this| existing| original| my)*( \w+)? ` + things + `|(rest|remainder) ` + stays + `|(existing|previous|original|unchanged|remaining)( \w+){0,2} ` + things + `|other( \w+){0,2} ` + things + ` ` + stays + `|no changes?( needed| here| below| above){0,2}|(code|this|everything|same)( code)?( \w+){0,2} (unchanged|the same|omitted|as before|as above)|omitted for brevity|unchanged)( \(?` + stays + `\)?)*$`)
	// a stub where there was code.
	stub = regexp.MustCompile(`^(\.\.\. ?)?((put |add |insert )?your (own )?(\w+ )?(code|logic|implementation)( goes)? here|(code|logic|implementation)( goes)? here)$`)
	// a body between braces that is only dots.
	dots = regexp.MustCompile(`\{\s*((/\*|//)\s*)?(\.{3}|…)\s*(\*/)?\s*\}\s*[;,)]*$`)
)

// placeholder finds a line that stands in for code that was left out and that
// the original does not have.
func placeholder(s string, t Target) (string, bool) {
	var known []string // lines of the original, once they are needed
	for l := range strings.Lines(s) {
		l = strings.TrimSpace(l)
		elision, isStub := isPlaceholder(l, t)
		if !elision && !isStub {
			continue
		}
		if known == nil {
			known = significant(t.Original)
		}
		if (elision || t.Shape == Region && len(known) > 1) && !slices.Contains(known, l) {
			return l, true
		}
	}
	return "", false
}

// isPlaceholder looks at one trimmed line: does it say that something was left
// out, or (a stub, which only matters where there was code) that something is to
// be put there?
func isPlaceholder(l string, t Target) (elision, isStub bool) {
	if l == "" {
		return false, false
	}
	if l == "…" || l == "[...]" || l == "(...)" || l == "..." && family(t.Language) != "python" {
		return true, false
	}
	if l[len(l)-1] == '}' || strings.HasSuffix(l, ");") {
		if (strings.Contains(l, "...") || strings.Contains(l, "…")) && !isCommentLine(l) && !isProse(t.Language) && dots.MatchString(l) {
			return true, false
		}
	}
	body, ok := commentBody(l)
	if !ok {
		if l[0] != '.' && l[0] != '[' && l[0] != '<' && !strings.HasPrefix(l, "…") {
			return false, false
		}
		body = strings.Trim(l, "[]<>() ") // "... rest of the code ..."
		if !strings.HasPrefix(body, "...") && !strings.HasPrefix(body, "…") {
			return false, false
		}
		body = strings.ToLower(strings.TrimRight(body, " .…"))
		return strings.ContainsAny(body, " ") && elided.MatchString(body), false
	}
	if body == "" {
		return strings.Contains(l, "...") || strings.Contains(l, "…"), false
	}
	dotted := strings.HasPrefix(body, "...") || strings.HasPrefix(body, "…")
	if dotted && elided.MatchString(body) {
		return true, false
	}
	elision = slices.ContainsFunc(spokenWords, func(w string) bool { return strings.Contains(body, w) }) && spoken.MatchString(body)
	isStub = strings.HasSuffix(body, "here") && stub.MatchString(body)
	if (elision || isStub) && isProse(t.Language) {
		return false, false
	}
	return elision, isStub
}

// spokenWords are those one of which spoken needs: looking for them is cheap.
var spokenWords = []string{"rest", "remain", "existing", "previous", "original", "unchanged", "other", "no change", "same", "omitted", "as before", "as above"}

// commentBody is the lower-case text of a line that is only a comment, without
// marks and the dots at its end; a leading ellipsis stays if words follow.
func commentBody(l string) (string, bool) {
	body, ok := l, false
	if strings.IndexByte("{/<-#%;*", l[0]) < 0 {
		return "", false
	}
	for _, m := range []string{"{/*", "/**", "/*", "//", "<!--", "--", "#", "%", ";;", "*"} {
		if rest, cut := strings.CutPrefix(l, m); cut {
			body, ok = rest, true
			break
		}
	}
	if !ok {
		return "", false
	}
	for _, m := range []string{"*/}", "*/", "-->"} {
		body = strings.TrimSuffix(body, m)
	}
	body = strings.ToLower(strings.TrimSpace(body))
	body = strings.Trim(body, "[]()<>/ ")
	return strings.TrimRight(body, " .…"), true
}
