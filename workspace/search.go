package workspace

import (
	"context"
	"errors"
	"time"
)

// ErrQuery says that a Query can't be carried out; the text says why.
var ErrQuery = errors.New("bad search pattern")

// CaseMode says whether capital and small letters differ in a search.
type CaseMode uint8

// The case modes. Case is folded as in regular expressions with (?i): by
// Unicode's simple folding.
const (
	CaseSensitive   CaseMode = iota
	CaseInsensitive          // they don't differ
	CaseSmart                // they differ where the pattern has a capital letter
)

// Query is what to search for. Matches lie within lines.
type Query struct {
	Pattern string // literal text; with Regexp an expression of Go's syntax (RE2)
	Regexp  bool
	Case    CaseMode
	Word    bool // no letter, digit, mark or _ right before and after the match

	// Include and Exclude are doublestar globs for files and folders (with all
	// that is in them): names where they hold no slash, else paths relative to
	// a root. No Include means all files.
	Include, Exclude []string

	Max        int           // matches at most; 0: any number
	MaxPerFile int           // matches at most in one file; 0: any number
	Context    int           // lines before and after that each Hit brings
	Timeout    time.Duration // after it the search ends with what it has; 0: none
}

// Hit is one place that was found. Its strings share the memory of whole
// texts: clone what is to be kept for long.
type Hit struct {
	Path       string // of the file, as Snapshot.Paths has it
	Start, End int    // byte offsets in the text of the file
	Line       int    // zero-based
	Text       string // of the line, without its end; bytes that are no UTF-8 as they are
	// Columns are zero-based: Col and EndCol in bytes, the others in UTF-16
	// units, where each byte that is no UTF-8 counts one.
	Col, EndCol     int
	Col16, EndCol16 int
	Before, After   []string // Query.Context lines around it, fewer at the ends of the text
}

// Report is what a search did.
type Report struct {
	Matches int // given to the caller
	Files   int // looked at, or ruled out by what is known of them
	Large   int // not looked at, because they are above Options.MaxFile
	Unread  int // not looked at, because they can't be read or are no text any more
	Clipped int // files with more matches than Query.MaxPerFile
	Cut     Cut // why there may be more
}

// Cut says why a search ended early.
type Cut string

// What cuts a search short. CutLimit says that there is a match more than
// Query.Max, CutTime that Query.Timeout was over.
const (
	CutNone  Cut = ""
	CutLimit Cut = "limit"
	CutTime  Cut = "time"
)

// Search calls yield with each match, ordered by path and offset, while it goes
// on looking in other files on all processors. Texts are those of s: of open
// documents the editor's. Files whose content is not held are read from the
// disk. Unlike File it looks into texts that are no valid UTF-8, too. It does
// not follow symbolic links: what they lead to is found where it is.
//
// An error of yield ends the search and is returned. Other errors are ErrQuery
// and the end of ctx; being cut is none, see Report.
func (s *Snapshot) Search(ctx context.Context, q Query, yield func(Hit) error) (Report, error) {
	p, err := newPlan(q)
	if err != nil {
		return Report{}, err
	}
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	inner, cancel := context.WithCancel(ctx)
	if q.Timeout > 0 {
		inner, cancel = context.WithTimeout(ctx, q.Timeout)
	}
	defer cancel()
	r := newSearchRun(inner, p, s.targets(p))
	done, err := r.deliver(yield)
	cancel()
	r.wait()
	if !done && err == nil && r.report.Cut == CutNone {
		if err = ctx.Err(); err == nil {
			r.report.Cut = CutTime
		}
	}
	if r.unfiltered.Load() > 0 && err == nil {
		s.makeTrigrams()
	}
	return r.total(), err
}
