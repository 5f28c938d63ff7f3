package edit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// commentMarks start a line of comment in one language or another.
var commentMarks = []string{"//", "/*", "*/", "* ", "#", "--", "<!--", "{/*", ";;", "%", `"""`, "'''"}

func isCommentLine(body string) bool {
	if body == "*" {
		return true
	}
	for _, m := range commentMarks {
		if strings.HasPrefix(body, m) {
			return true
		}
	}
	return false
}

// starters begin a sentence of a model about its answer.
var starters = []string{
	"here is", "here's", "here are", "sure", "certainly", "of course", "okay", "ok,", "great", "this is", "this code", "this function",
	"this will", "the code", "the updated", "the following", "the new", "below is", "below", "i have", "i've", "i'll", "i will", "i made", "let me",
	"note", "explanation", "output", "usage", "example", "changes", "key changes", "in this", "you can", "hope this", "let me know", "to fix", "to use",
	"updated code", "fixed code", "answer:", "solution:", "result:", "as requested", "absolutely", "yes", "no changes", "the error", "the issue", "the problem",
}

// isSentence reports whether a line reads like a sentence for a person rather
// than like code or a comment.
func isSentence(line string) bool {
	body := strings.TrimSpace(line)
	if body == "" || len(body) < 3 {
		return false
	}
	if strings.HasPrefix(body, "**") || strings.HasPrefix(body, "## ") || strings.HasPrefix(body, "### ") {
		return true
	}
	for _, p := range []string{"- ", "* ", "> "} {
		body = strings.TrimPrefix(body, p)
	}
	if i := strings.Index(body, ". "); i > 0 && i < 3 && body[0] >= '0' && body[0] <= '9' {
		body = body[i+2:]
	}
	if isCommentLine(body) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(body)
	if !unicode.IsLetter(first) && first != '`' && first != '*' {
		return false
	}
	if mostlyForeign(body) {
		return true
	}
	last := body[len(body)-1]
	started := hasStarter(body)
	if started && (last == ':' || last == '.' || last == '!') {
		return true
	}
	if !started && !unicode.IsUpper(first) && last != '.' && first != '`' && first != '*' {
		return false
	}
	return mostlyWords(body)
}

// mostlyForeign reports whether most letters of a line are not ASCII and nothing
// in it looks like code: a sentence in a language with another script.
func mostlyForeign(body string) bool {
	foreign, ascii := 0, 0
	for _, r := range body {
		switch {
		case strings.ContainsRune("\"'`=;{}<>", r):
			return false
		case r < 0x80 && unicode.IsLetter(r):
			ascii++
		case unicode.IsLetter(r):
			foreign++
		}
	}
	return foreign > 3 && foreign > ascii
}

func hasStarter(body string) bool {
	head := strings.ToLower(body[:min(len(body), 24)])
	for _, s := range starters {
		if rest, ok := strings.CutPrefix(head, s); ok && (rest == "" || !isWordByte(rest[0])) {
			return true
		}
	}
	return false
}

// mostlyWords reports whether at least three quarters of the parts of a line are
// plain words, and at least three are. Code in backticks counts as a word.
func mostlyWords(body string) bool {
	if strings.HasSuffix(body, ";") || strings.HasSuffix(body, "{") || strings.Contains(body, ":=") || strings.Contains(body, "=>") {
		return false
	}
	words, parts := 0, 0
	for part := range strings.FieldsSeq(body) {
		parts++
		part = strings.Trim(part, ".,:;!?()\"'*")
		if part == "" {
			continue
		}
		if part[0] == '`' || strings.HasSuffix(part, "`") || isPlainWord(part) {
			words++
		}
	}
	return words >= 3 && words*4 >= parts*3
}

func isPlainWord(s string) bool {
	for i, r := range s {
		switch {
		case unicode.IsLetter(r):
		case (r == '\'' || r == '’' || r == '-' || r == '/') && i > 0:
		default:
			return false
		}
	}
	return true
}

// musings begin a line of a model that thinks aloud, without the tags for it.
var musings = []string{
	"wait", "hmm", "let me think", "let's think", "let's see", "let me see", "the user wants", "the user is asking", "okay, so", "ok, so", "alright, so", "so the user", "okay, the user",
	"first, i need to", "we need to", "actually,", "but wait", "no, that", "oops", "on second thought", "let me try", "let me reconsider", "let me double-check", "maybe i should",
}

// muses reports whether a line is a thought rather than an explanation.
func muses(line string) bool {
	body := strings.ToLower(strings.TrimLeft(line[:min(len(line), 80)], " \t>*-"))
	for _, m := range musings {
		if rest, ok := strings.CutPrefix(body, m); ok && (rest == "" || !isWordByte(rest[0])) {
			return true
		}
	}
	return false
}

var refusals = []string{
	"i'm sorry", "i’m sorry", "i am sorry", "sorry, ", "sorry but", "i cannot", "i can't", "i can’t", "i'm unable", "i am unable", "i'm not able", "i am not able",
	"as an ai", "unfortunately, i", "i apologize", "i won't", "i will not", "i'm afraid",
}

// refusal gives the first sentence of a reply in which the model declines.
func refusal(reply string) (string, bool) {
	body := strings.TrimSpace(reply)
	head := strings.ToLower(body[:min(len(body), 40)])
	for _, r := range refusals {
		if strings.HasPrefix(head, r) {
			return firstSentence(body), true
		}
	}
	return "", false
}

// firstSentence is the beginning of a prose reply, short enough for a message.
func firstSentence(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if i := strings.Index(s, ". "); i > 0 {
		s = s[:i+1]
	}
	const most = 120
	if len(s) > most {
		i := most
		for i > 0 && !utf8.RuneStart(s[i]) {
			i--
		}
		s = s[:i] + "…"
	}
	return strings.TrimSpace(s)
}
