package edit

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/syntax"
)

// mark is what a line means in a search/replace block.
type mark uint8

const (
	noMark  mark = iota
	opens        // "<<<<<<< SEARCH": what is to be found begins
	divides      // "=======": what takes its place begins
	closes       // ">>>>>>> REPLACE"
)

// The words that models write at the two ends of a block.
var (
	openWords  = []string{"search", "original", "old", "find", "before"}
	closeWords = []string{"replace", "updated", "new", "after", "modified", "end"}
)

// The tags that stand for the marks, in languages that have no tags of their own.
var markTags = map[string]mark{
	"<search>": opens, "<old>": opens, "<original>": opens, "<find>": opens, "<old_str>": opens, "<old_string>": opens, "<old_code>": opens,
	"<replace>": divides, "<new>": divides, "<updated>": divides, "<new_str>": divides, "<new_string>": divides, "<new_code>": divides,
	"</replace>": closes, "</new>": closes, "</updated>": closes, "</new_str>": closes, "</new_string>": closes, "</new_code>": closes,
}

// endTags end the search text, and say nothing: what replaces it follows.
var endTags = []string{"</search>", "</old>", "</original>", "</find>", "</old_str>", "</old_string>", "</old_code>"}

// markOf reads a line as a mark: runs of any length from three on, any of the
// words, with or without the space between.
func markOf(line, language string) mark {
	body := strings.TrimSpace(line)
	if len(body) < 3 {
		return noMark
	}
	c := body[0]
	if c == '<' && body[1] != '<' && body[len(body)-1] == '>' {
		if f := family(language); f == "html" || f == "js" {
			return noMark
		}
		return markTags[strings.ToLower(body)]
	}
	if strings.IndexByte("<>=-+", c) < 0 {
		return noMark
	}
	n := 0
	for n < len(body) && body[n] == c {
		n++
	}
	word := strings.ToLower(strings.Trim(body[n:], " \t:<>=-+"))
	if first, rest, ok := strings.Cut(word, " "); ok && strings.ContainsAny(rest, "./") && !strings.Contains(rest, " ") {
		word = first // a path behind it
	}
	switch {
	case n < 3, n < 5 && (c == '-' || c == '+'): // "--- old" stands above a patch
	case c == '=':
		if n >= 5 && n == len(body) {
			return divides
		}
	case (c == '<' || c == '-') && slices.Contains(openWords, word), c == '<' && n == 7 && body[n:] == "":
		return opens
	case c != '-' && slices.Contains(closeWords, word), c == '>' && n == 7 && body[n:] == "":
		return closes
	}
	return noMark
}

// markers reports whether a text has a line that opens a block.
func markers(s, language string) bool {
	for l := range strings.Lines(s) {
		if markOf(l, language) == opens {
			return true
		}
	}
	return false
}

// blockReader collects the search/replace blocks of a reply, line by line.
type blockReader struct {
	language string
	ticks    bool // the file has fences of its own
	pieces   []piece
	state    mark // what was read last
	search   []string
	replace  []string
	fenced   bool   // in a fence outside of blocks
	file     string // the path on the last line before a block
	halves   int    // blocks that lack a mark
	unended  bool   // the last block lacks its final mark
	stray    bool   // code stands where none belongs
}

// readBlocks finds all search/replace blocks in a reply.
func readBlocks(lines []string, language string, ticks bool) *blockReader {
	b := &blockReader{language: language, ticks: ticks}
	for _, l := range lines {
		b.line(l)
	}
	switch b.state {
	case opens:
		b.halves++
	case divides:
		b.finish(false)
	}
	return b
}

func (b *blockReader) line(l string) {
	m := markOf(l, b.language)
	switch b.state {
	case opens:
		switch {
		case m == divides:
			b.state = divides
		case m == closes, m == opens:
			b.halves++ // what is old and what is new can't be told apart
			b.state, b.search = noMark, nil
		case slices.Contains(endTags, strings.ToLower(strings.TrimSpace(l))):
		default:
			b.search = append(b.search, l)
		}
		return
	case divides:
		switch m {
		case closes:
			b.finish(true)
			return
		case opens:
			b.finish(false)
		case divides:
			b.halves++ // two lines of = in a block, as under a title
			b.state, b.search, b.replace = noMark, nil, nil
			return
		default:
			b.replace = append(b.replace, l)
			return
		}
	}
	b.outside(l, m)
}

// outside reads a line between blocks.
func (b *blockReader) outside(l string, m mark) {
	f, isFence := parseFence(l)
	switch {
	case m == opens:
		b.state = opens
	case isFence:
		b.fenced = !b.fenced
		if file := pathIn(f.info); b.fenced && file != "" {
			b.file = file
		}
	case pathIn(l) != "":
		b.file = pathIn(l)
	case syntax.LanguageOf(strings.TrimSpace(l)) != "": // a file without extension: "Makefile"
		b.file = strings.TrimSpace(l)
	case b.fenced && !blank(l) && !isCommentLine(strings.TrimSpace(l)) && !isSentence(l), m != noMark:
		b.stray = true
	}
}

// finish ends a block. One without its final mark reaches to the end of its
// fence, or to where the model begins to talk.
func (b *blockReader) finish(marked bool) {
	search, replace := unfenced(b.search, b.ticks), b.replace
	if marked {
		replace = unfenced(replace, b.ticks)
	} else {
		b.unended = true
		end := slices.IndexFunc(replace, func(l string) bool { _, ok := parseFence(l); return ok })
		switch first, last := codeLines(replace); {
		case b.ticks, end < 0 && isProse(b.language):
			b.halves++ // where the new text ends can't be told
		case end >= 0:
			replace, b.fenced = replace[:end], false
		case first < last:
			replace = replace[:last]
		}
	}
	for len(search) > 0 && strings.HasPrefix(strings.TrimSpace(search[0]), ":") && roo.MatchString(search[0]) {
		search = search[1:]
		if len(search) > 0 && strings.Trim(search[0], "-") == "" {
			search = search[1:]
		}
	}
	for len(search) > 0 && len(replace) > 0 && blank(search[0]) && blank(replace[0]) {
		search, replace = search[1:], replace[1:]
	}
	b.pieces = append(b.pieces, piece{search: search, replace: replace, file: b.file})
	b.state, b.search, b.replace = noMark, nil, nil
}

// roo is a line number that some formats have above the search text.
var roo = regexp.MustCompile(`^\s*:(start_line|end_line):\s*\d+\s*$`)

// unfenced takes the fence off that some models put around each half of a block.
func unfenced(lines []string, ticks bool) []string {
	in := trimBlank(lines)
	if len(in) < 2 || ticks {
		return lines
	}
	open, ok := parseFence(in[0])
	end, closed := parseFence(in[len(in)-1])
	if !ok || !closed || end.info != "" || open.char != end.char {
		return lines
	}
	return in[1 : len(in)-1]
}

// pathWord announces a path.
var pathWord = regexp.MustCompile(`(?i)\b(file|path|filename|title)[:=]`)

// pathIn is the path of a source file that a line outside of code is: alone, as a
// title, in ticks, with a colon behind it, or as the info string of a fence.
func pathIn(l string) string {
	body := strings.TrimSpace(l)
	if m := pathWord.FindStringIndex(body); m != nil {
		body = body[m[1]:]
	}
	body = strings.Trim(body, "`*#:/<!->\"' \t")
	if i := strings.LastIndexAny(body, " :"); i >= 0 && family(body[:i]) != "" {
		body = body[i+1:] // "go src/a.go", "go:src/a.go"
	}
	if strings.ContainsAny(body, " \t()\"'`,;=") || !strings.Contains(path.Base(body), ".") || syntax.LanguageOf(body) == "" {
		return ""
	}
	return body
}
