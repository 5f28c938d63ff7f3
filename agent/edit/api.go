package edit

// Shape is what the reply must become.
type Shape uint8

// The shapes.
const (
	Region  Shape = iota // the new text of one region of a file
	NewFile              // the text of a new file
	Answer               // Markdown for a person
)

// Target is what the reply is for.
type Target struct {
	Shape    Shape
	Language string // LSP language id
	Original string // Region: the text now; empty for an insertion
	Before   string // Region: the file before the region
	After    string // Region: the file after it
	Shrinks  bool   // the instruction asks to remove or shorten: a collapse in size is meant
	Limit    int    // bytes a new text may have; 0 means a default in proportion to Original
}

// Error is a reply that is refused. Kind is an error kind of the wire contract:
// no_edit, incomplete_reply or unsafe_edit.
type Error struct{ Kind, Message, Hint string }

func (e *Error) Error() string { return e.Message }

// Instructions tells the model in which form to answer for a shape; Parser reads that form.
func Instructions(s Shape, language string) string { panic("todo") }

// Parser reads one reply.
type Parser struct{}

// NewParser makes a parser for one reply.
func NewParser(t Target) *Parser { panic("todo") }

// Write takes the next piece; done means nothing that follows can matter, so the
// stream may be closed.
func (p *Parser) Write(chunk string) (done bool) { panic("todo") }

// Preview is the code read so far, without fences and prose; it only ever grows
// but for its unfinished last line.
func (p *Parser) Preview() string { panic("todo") }

// Close ends the reply and gives the text to put in the place of Original, in
// the file's own line ends and indentation, after all guards. complete is false
// when the output limit cut it. A text equal to Original is no error: the caller
// reports it as unchanged.
func (p *Parser) Close(complete bool) (string, error) { panic("todo") }

// Raw is the reply as it came, for the log.
func (p *Parser) Raw() string { panic("todo") }
