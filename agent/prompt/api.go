package prompt

import (
	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// Diagnostic is a complaint of a compiler or linter about the target.
type Diagnostic struct {
	Span                  text.Span
	Severity              string // "error", "warning", "information", "hint"
	Source, Code, Message string
}

// Input is what a prompt is made from.
type Input struct {
	Verb        string          // the name of the verb template: "fix", "edit", "generate", "component", "document", "explain"
	File        *workspace.File // nil for a new file without a neighbour
	Target      text.Span       // the region; empty for an insertion
	Symbol      syntax.Symbol   // the symbol around the target; zero if none
	Instruction string
	Diagnostics []Diagnostic
	Shape       edit.Shape
	Language    string            // of the reply
	NewPath     string            // NewFile: relative path the reply will be written to
	Name        string            // NewFile: the name to define
	Facts       []string          // project facts, sorted: "React 18", "TypeScript", "CSS modules"
	Related     []*workspace.File // by rank: siblings and imports worth showing
}

// Source is one piece of the workspace that the prompt shows.
type Source struct {
	Path   string
	Span   text.Span
	Tokens int
	Why    string
}

// Prompt is ready to be sent.
type Prompt struct {
	Messages     []model.Message // system, context, verb: all but the last are the prefix
	Prefix       uint64          // hash of all but the last message
	PrefixTokens int             // estimates
	Tokens       int
	Sources      []Source
	Dropped      []string // what did not fit, for people
}

// ErrTooLarge: not even the target itself fits the budget.
type ErrTooLarge struct{ Need, Budget int }

func (e *ErrTooLarge) Error() string { panic("todo") }

// Build writes the prompt within budget tokens. bytesPerToken is the measured
// ratio of the model; 0 means a careful default.
func Build(in Input, budget int, bytesPerToken float64) (*Prompt, error) { panic("todo") }

// Estimate is the number of tokens of s at that ratio.
func Estimate(s string, bytesPerToken float64) int { panic("todo") }
