package scaffold

import (
	"fmt"
	"iter"

	"github.com/hob-ls/hob/workspace"
)

// Request asks for a component.
type Request struct {
	Prompt    string
	Name      string // "" guesses it from Prompt
	Framework string // "" guesses it from the prompt and the project: only "react" in this version
	Dir       string // absolute, or relative to a root; "" guesses it from the project
}

// File is one file to create.
type File struct {
	Path string // absolute
	Text string
}

// Plan is where a component belongs and how this project writes them; it is used
// for the instant tier and, as facts and path, for a model.
type Plan struct {
	Name      string   // exported identifier, PascalCase
	Framework string   // "react"
	Language  string   // LSP language id of the main file
	Path      string   // absolute path of the main file; does not exist yet
	Style     string   // path of a stylesheet beside it, "" if the project has none there
	Test      string   // path of a test beside it, "" if siblings have none
	Facts     []string // sorted, for prompts and people: "named exports", "CSS modules"
	Sibling   string   // path of the component whose habits were taken, "" if none

	how *habits // what PlanComponent learned; Component learns it again when nil
}

// The kinds of [Error], as the wire contract names them.
const (
	kindBadRequest  = "bad_request"
	kindRefusedPath = "refused_path"
)

// Error is a request that can't be planned: Kind is bad_request or refused_path.
type Error struct{ Kind, Message, Hint string }

func (e *Error) Error() string { return e.Message }

func badRequest(hint, format string, args ...any) *Error {
	return &Error{Kind: kindBadRequest, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// tree is what the generators read of a [workspace.Snapshot].
type tree interface {
	Roots() []string
	File(path string) (*workspace.File, error)
	Has(path string) bool
	Paths() iter.Seq[string]
	Dir(dir string) []string
	Confine(path string) (string, error)
}

// PlanComponent guesses name, framework, folder and habits from the request and
// the snapshot. The error is an [*Error]. It writes nothing.
func PlanComponent(s *workspace.Snapshot, r Request) (*Plan, error) { return plan(s, r) }

// Component writes the files of a plan without a model, the main file first.
// left says in a phrase each what the instruction asked for and the generator
// did not do, in the order of the instruction. The error is an [*Error].
func Component(s *workspace.Snapshot, p *Plan, prompt string) (files []File, left []string, err error) {
	return component(s, p, prompt)
}
