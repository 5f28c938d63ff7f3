package edit

import "strings"

// Shape is what the reply must become.
type Shape uint8

// The shapes.
const (
	Region    Shape = iota // the new text of one region of a file
	NewFile                // the text of a new file
	Answer                 // Markdown for a person
	Comment                // a documentation comment by itself; the caller puts it in its place
	Insertion              // new text in the place of a region of which nothing is kept; read as Region
	Blocks                 // the lines of a region that change, as search/replace blocks; read as Region
)

// Target is what the reply is for.
//
// The Shape is what was asked for. Models answer in the forms they know: search/replace
// blocks and patches are understood for a Region, too, and its whole new text for
// Blocks.
type Target struct {
	Shape    Shape
	Language string // LSP language id
	Path     string // of the file, to tell it from others that the reply names; "" if unknown
	Original string // Region: the text now; empty for an insertion
	Before   string // Region: the file before the region
	After    string // Region: the file after it
	Shrinks  bool   // the instruction asks to remove or shorten: a collapse in size is meant
	Limit    int    // bytes a new text may have; 0 means a default in proportion to Original
}

// alone reports whether the reply stands for itself rather than in a file.
func (t Target) alone() bool { return t.Shape == NewFile || t.Shape == Comment }

// limit is the effective Limit: 16 KiB or eight times the original, whichever is more.
func (t Target) limit() int {
	if t.Limit > 0 {
		return t.Limit
	}
	return max(16<<10, 8*len(t.Original))
}

// The kinds of Error: error kinds of the wire contract.
const (
	KindNoEdit     = "no_edit"
	KindNoMatch    = "no_match"
	KindIncomplete = "incomplete_reply"
	KindUnsafe     = "unsafe_edit"
)

// Error is a reply that is refused.
type Error struct {
	Kind    string // an error kind of the wire contract: no_edit, no_match, incomplete_reply or unsafe_edit
	Message string // for the user: what is the matter
	Hint    string // for the user: what to do next
	// Again tells the model what was wrong with its reply and in which form to answer
	// now. It is empty where a second attempt would end like the first: where the
	// model declined, or ran into the output limit.
	Again string
}

func (e *Error) Error() string { return e.Message }

// forms say what is asked for, and stand for it in the example.
var forms = map[Shape]struct{ what, stand string }{
	Region: {"the new text of the whole region in one fenced code block. " +
		"Copy the lines that need no change, keep the indentation, no placeholders, no code from outside the region", "NEW TEXT"},
	NewFile: {"the whole file in one fenced code block. Complete code, no placeholders, no explanation", "FILE"},
	Comment: {"the comment in one fenced code block, not the code it belongs to", "COMMENT"},
	Blocks: {"the lines that change, as search/replace blocks in one fenced code block. " +
		"SEARCH holds lines of the region exactly as they are, as many as it takes to find them just once; REPLACE holds what they become. " +
		"One block for each change, no placeholders, no lines from outside the region", "<<<<<<< SEARCH\nOLD LINES\n=======\nNEW LINES\n>>>>>>> REPLACE"},
	Insertion: {"the new code in one fenced code block. " +
		"Complete code with the indentation of its place, no placeholders, no line from before or after the region", "NEW CODE"},
}

// Instructions tells the model in which form to answer for a shape; Parser reads
// that form. The text ends without a line end. Markdown is asked for in a longer
// fence, so that the fences inside it end nothing.
func Instructions(s Shape, language string) string {
	if s == Answer {
		return "Answer in Markdown, short and to the point. Quote code only where it helps."
	}
	fence := "```"
	if isMarkdown(language) {
		fence = "````"
	}
	var b strings.Builder
	form := forms[s]
	if s == Comment && language == "python" { // small models write # lines else
		form.what = strings.Replace(form.what, "the comment", "the docstring", 1)
		form.stand = `"""` + form.stand + `"""`
	}
	b.WriteString("Reply with only " + form.what + ":\n" + fence + Tag(language) + "\n" + form.stand)
	b.WriteString("\n" + fence)
	return b.String()
}

// Tag is the info string that models know for an LSP language id.
func Tag(language string) string {
	switch language {
	case "typescriptreact":
		return "tsx"
	case "javascriptreact":
		return "jsx"
	case "plaintext":
		return "text"
	case "shellscript":
		return "bash"
	}
	return language
}
