package agent

import (
	"context"
	"log/slog"
	"time"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/own"
	"github.com/hob-ls/hob/agent/prompt"
	"github.com/hob-ls/hob/agent/review"
	"github.com/hob-ls/hob/agent/tool"
	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

// Action is what the user asked for; the command of an action is "hob." + Action.
type Action string

// The actions.
const (
	Fix       Action = "fix"
	Edit      Action = "edit"
	Generate  Action = "generate"
	Component Action = "component"
	Document  Action = "document"
	Implement Action = "implement"
	Test      Action = "test"
	Explain   Action = "explain"
	Review    Action = "review"
	Refactor  Action = "refactor"
)

// rewrites reports whether the action changes one place of a text that is there:
// an answer and a new file stand in nobody's way, and what a refactoring changes
// is known only when it is done.
func (a Action) rewrites() bool {
	return a != Explain && a != Component && a != Test && a != Review && a != Refactor
}

// Tier is how much model a job gets.
type Tier string

// The tiers, smallest first.
const (
	Instant  Tier = "instant" // no model at all
	Fast     Tier = "fast"
	Balanced Tier = "balanced"
	Quality  Tier = "quality"
)

// Request is one job.
type Request struct {
	Action      Action
	Path        string    // absolute: the document, or for Component a folder or any file of the project
	Span        text.Span // selection or cursor, in the text of the snapshot
	Prompt      string
	Name        string // Component
	Framework   string // Component
	Dir         string // Component: absolute, or relative to a root
	Diagnostics []prompt.Diagnostic
	Tier        Tier        // "" lets the router choose
	Model       string      // "" lets the router choose; an ID or bare name otherwise
	Deliver     string      // the caller's own: what becomes of the result; jobs that differ in it are not one
	Anew        bool        // an answer from before will not do
	Paths       []string    // Refactor: absolute: only these files
	Places      []Place     // Review: what to look at instead of Path and Span: a change, say
	Voices      []own.Voice // Review: those who look; Refactor: architect and implementer where the user has their own
	Tools       *own.Tools  // what the model may look around with before it answers; nil leaves that to the action
	// Approve shows a plan to the user before it is carried out and gives the indexes
	// of the steps that stay; none ends the job. nil approves of everything.
	Approve func(ctx context.Context, p Proposal) (keep []int, err error)
}

// Place is a part of a file.
type Place struct {
	Path string
	Span text.Span
}

// Proposal is a plan before it is carried out.
type Proposal struct {
	Steps []ProposedStep
	Takes time.Duration // predicted; 0 if nothing is known
	Model string        // that made the plan; "" if none did
}

// ProposedStep is one step in words.
type ProposedStep struct{ Path, Title string }

// FileEdit is what a job wants to do to one file: create it (no Base), change it,
// move it with or without changes, or delete it.
type FileEdit struct {
	Path    string
	Base    *workspace.File // nil for a file to be created
	Region  text.Span       // in Base.Text: what the model was asked about; typing inside it makes the edit stale
	Edits   []text.Edit     // simultaneous, against Base.Text
	Text    string          // the whole text of a file to be created
	Rename  string          // absolute: the new path of the file at Path, after its edits; "" if it stays
	Delete  bool            // the file at Path goes
	Confirm bool            // the user should look before it is applied
	Alone   bool            // if it can't be applied, the others can: it is left out
}

// Usage counts the tokens of all calls of a job. Prompt is an estimate where the
// reply was stopped early; Cached is -1 where the server does not tell.
type Usage struct{ Prompt, Cached, Output, Calls int }

// Timing says where the time of Run went.
type Timing struct {
	Route, Queue, Load, Prompt, FirstToken, Generate time.Duration
	Model                                            time.Duration // in line and waiting for the model server, all of it
	Tools                                            time.Duration // waiting for tools of other programs
}

// Result is a job done. It has Files, or an Answer, or neither when the model
// left everything as it was.
type Result struct {
	Files  []FileEdit
	Answer string // Markdown
	Tier   Tier
	Model  string // ID; "" for the instant tier
	Why    string
	Usage  Usage
	Timing Timing

	Findings []FileFindings // Review
	Voices   []VoiceCost    // Review: in the order in which they were asked for; Refactor: architect and implementer
	Left     []string       // what was left out of a change over several files, and why
	Tools    []ToolUse      // what the model looked around with, by name

	unseen string // why the model could not look around
}

// FileFindings are what the voices found in one file.
type FileFindings struct {
	Base     *workspace.File
	Findings []review.Finding
}

// VoiceCost is what one voice took.
type VoiceCost struct {
	Name, Model string
	Found       int
	Dropped     int // findings that pointed at nothing
	Usage       Usage
	Err         error // nil if it spoke
}

// State is a stage of a job, in the order in which they come.
type State string

// The stages.
const (
	Planning State = "planning"
	Queued   State = "queued"
	Loading  State = "loading"
	Reading  State = "reading"
	Looking  State = "looking" // around; Reading follows
	Writing  State = "writing"
	Checking State = "checking"
)

// Event is progress. Path and Region say what is being written, where that is known.
type Event struct {
	State        State
	Model        string
	Again        string   // "" for the first request of a job, else why there is another: "asked again", "one tier up"
	Ahead        int      // Queued: jobs before this one
	PromptTokens int      // Reading
	OutputTokens int      // Writing
	Rate         float64  // Writing: tokens per second
	Calls        []string // Looking: what it looks at, in words
	Done, Total  int      // parts of a job that has several; 0 of 0 for others
	Path         string
	Region       text.Span
	Delta        string // Writing: what came
	Text         string // Writing: the code so far
}

// Options configure an Agent.
type Options struct {
	Pool        *model.Pool
	Models      map[Tier]string          // "auto" or a model ID, by tier
	Budgets     map[string]time.Duration // seconds aimed for by scope: "edit", "component", "refactor"
	AllowRemote bool                     // models that the endpoint passes on to another machine may be used
	// Foreign gives the tools of other programs, as far as they are up, for a job
	// about the file or folder at path. nil gives none.
	Foreign func(path string) []tool.Tool
	Log     *slog.Logger
}
