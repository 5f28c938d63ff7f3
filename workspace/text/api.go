package text

// Encoding counts the characters of a Position: bytes, UTF-16 units or runes.
type Encoding uint8

// The three position encodings of LSP 3.17.
const (
	UTF16 Encoding = iota // the default of the protocol
	UTF8
	UTF32
)

// Position is a zero-based line and a character offset within it, counted in
// an Encoding that travels beside it.
type Position struct{ Line, Character uint32 }

// RangeEdit is one content change as an editor sends it: Start and End in some
// Encoding; Whole replaces the whole document and ignores them.
type RangeEdit struct {
	Start, End Position
	New        string
	Whole      bool
}

// LineIndex finds lines and converts positions of one text. Immutable.
// Lines end with \n, \r\n or a lone \r, as LSP says.
type LineIndex struct{}

// NewLineIndex indexes src, O(len(src)).
func NewLineIndex(src string) *LineIndex { panic("todo") }

// Lines is the number of lines; a text that ends with a line end has an empty last line.
func (x *LineIndex) Lines() int { panic("todo") }

// Line is the zero-based line that holds offset off.
func (x *LineIndex) Line(off int) int { panic("todo") }

// LineSpan is the span of a line with its line end.
func (x *LineIndex) LineSpan(line int) Span { panic("todo") }

// Offset converts p. A character past the end of the line means the end of the
// line (before its line end), as LSP says; a line past the last one, or a
// position inside a rune, is ErrRange.
func (x *LineIndex) Offset(p Position, enc Encoding) (int, error) { panic("todo") }

// Position converts a byte offset; offsets are clamped to the text.
func (x *LineIndex) Position(off int, enc Encoding) Position { panic("todo") }

// Edit is the index of the text after e, at a cost in proportion to the lines
// after e and not to the bytes of the text. next is the whole text after e.
func (x *LineIndex) Edit(e Edit, next string) *LineIndex { panic("todo") }

// Apply applies simultaneous edits.
func Apply(src string, edits []Edit) (string, error) { panic("todo") }

// ApplyRange applies one content change of an editor and says which Edit it was.
// The returned index belongs to the returned text.
func ApplyRange(src string, x *LineIndex, r RangeEdit, enc Encoding) (string, *LineIndex, Edit, error) {
	panic("todo")
}

// Diff gives small simultaneous edits that turn a into b: line by line, then
// without the common head and tail of each changed hunk (never cutting a rune
// or a \r\n pair). It is exact (Apply(a, Diff(a,b)) == b) and bounded in time.
func Diff(a, b string) []Edit { panic("todo") }

// Sequential turns simultaneous edits into an equivalent sequence.
func Sequential(edits []Edit) []Edit { panic("todo") }

// RebaseSpan moves s over a sequence of edits. Typing right before or right
// after s leaves it outside; a change inside s or across its ends is ErrOverlap.
// An empty span moves with the text around it and overlaps only a deletion
// that swallows it.
func RebaseSpan(s Span, since []Edit) (Span, error) { panic("todo") }

// Rebase moves simultaneous edits, made against a text, over the sequence of
// edits that happened to that text since; ErrOverlap if any of them collide.
func Rebase(edits []Edit, since []Edit) ([]Edit, error) { panic("todo") }

// EOL is the line end that most lines of src use: "\n", "\r\n" or "\r"; "\n" for a text without any.
func EOL(src string) string { panic("todo") }

// WithEOL rewrites every line end of s to eol.
func WithEOL(s, eol string) string { panic("todo") }

// Indent is the unit of indentation that src uses: "\t" or a run of spaces; "" when it shows none.
func Indent(src string) string { panic("todo") }
