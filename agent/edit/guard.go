package edit

import (
	"fmt"
	"regexp"
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
		return &Error{KindUnsafe, "The reply contains conflict markers (" + l + ").",
			"Try again; a larger model follows the format better."}
	}
	if l, ok := placeholder(s, p.t); ok {
		return &Error{KindUnsafe, fmt.Sprintf("The model left code out: %q stands in for it.", l),
			"Try again, select a smaller region, or choose a larger model."}
	}
	if p.t.Shape != Region || p.t.Shrinks {
		return nil
	}
	was, is := len(significant(p.t.Original)), len(significant(s))
	if was > collapseFrom && is*2 < was {
		return &Error{KindUnsafe, fmt.Sprintf("The reply would shrink the region from %d to %d lines, and the instruction does not ask to remove code.", was, is),
			"If removing is meant, say so in the instruction (\"remove …\")."}
	}
	return nil
}

func tooLong(limit int) error {
	return &Error{KindUnsafe, fmt.Sprintf("The reply is longer than the %d bytes this edit may have.", limit),
		"Select the region that should change, or ask for less at once."}
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
	if p.t.Shape == NewFile {
		what = "The new file has syntax errors."
	}
	return &Error{KindUnsafe, what, "Try again, or choose a larger model."}
}

// syntaxKept reports whether the file with s in it has no more syntax errors than
// before. The old text is only read if the new one has any.
//
// A new file has no before. Grammars lag behind their languages, so there it
// takes both the grammar and the plain bracket check to refuse it.
func (p *Parser) syntaxKept(s string) bool {
	after := syntax.Problems(p.t.Language, p.t.Before+s+p.t.After)
	if after == 0 {
		return true
	}
	if p.t.Shape == NewFile {
		return !unbalanced(s)
	}
	return after <= syntax.Problems(p.t.Language, p.t.Before+p.t.Original+p.t.After)
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
	var known map[string]bool
	for l := range strings.Lines(s) {
		l = strings.TrimSpace(l)
		if !isPlaceholder(l, t) {
			continue
		}
		if known == nil {
			known = make(map[string]bool)
			for _, o := range significant(t.Original) {
				known[o] = true
			}
		}
		if !known[l] {
			return l, true
		}
	}
	return "", false
}

func isPlaceholder(l string, t Target) bool {
	if l == "" {
		return false
	}
	if l == "…" || l == "[...]" || l == "(...)" || l == "..." && family(t.Language) != "python" {
		return true
	}
	if l[len(l)-1] == '}' || strings.HasSuffix(l, ");") {
		if !isCommentLine(l) && !isProse(t.Language) && dots.MatchString(l) {
			return true
		}
	}
	body, ok := commentBody(l)
	if !ok {
		if l[0] != '.' && l[0] != '[' && l[0] != '<' && !strings.HasPrefix(l, "…") {
			return false
		}
		body = strings.Trim(l, "[]<>() ") // "... rest of the code ..."
		if !strings.HasPrefix(body, "...") && !strings.HasPrefix(body, "…") {
			return false
		}
		body = strings.ToLower(strings.TrimRight(body, " .…"))
		return strings.ContainsAny(body, " ") && elided.MatchString(body)
	}
	if body == "" {
		return strings.Contains(l, "...") || strings.Contains(l, "…")
	}
	if isProse(t.Language) {
		return elided.MatchString(body)
	}
	return elided.MatchString(body) || spoken.MatchString(body) ||
		t.Shape == Region && len(significant(t.Original)) > 1 && stub.MatchString(body)
}

// commentBody is the lower-case text of a line that is only a comment, without
// marks and the dots at its end; a leading ellipsis stays if words follow.
func commentBody(l string) (string, bool) {
	body, ok := l, false
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
