package agent

import (
	"fmt"
	"slices"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/own"
	"github.com/hob-ls/hob/agent/prompt"
	"github.com/hob-ls/hob/agent/tool"
)

// lookForm is how a model says what it wants to look at before it answers. The
// words are the names of the forms in the figures of a model.
type lookForm string

const (
	gathered   lookForm = ""             // it can't: what the program gathers is all there is
	lookNative lookForm = "tools native" // its server takes tools and tells calls apart
	lookText   lookForm = "tools text"   // it writes calls into its reply
	lookSchema lookForm = "tools schema" // its reply is forced into a schema, which has calls, too
)

// Sizes from which a model is given tools before anything was measured of it, in
// parameters. About 7B write calls that can be read, more often than not; about 3B
// when a grammar holds them to it. What is smaller looks at things for their names.
const (
	textParams   = 6_000_000_000
	schemaParams = 2_500_000_000
)

// goodLooks is the rate of looks that came to something from which on a form is
// used: each of those that did not cost a turn and its reading.
const goodLooks = 0.6

// lookInput is all that the choice of a form looks at.
type lookInput struct {
	Model   model.Model
	Figures model.Figures
	Forced  bool // the reply is forced into a schema
}

// lookBy chooses the form, or says why the model gets no tools. It is pure: equal
// inputs give equal choices. What was measured counts for more than what a model
// says of itself, or its size.
func lookBy(in lookInput) (form lookForm, why string) {
	type candidate struct {
		form lookForm
		fit  bool   // until something is measured
		not  string // why it isn't
	}
	small := fmt.Sprintf("%s is too small for tools", in.Model.ID())
	var all []candidate
	switch {
	case in.Forced:
		all = []candidate{{lookSchema, params(in.Model) >= schemaParams, small}}
	case in.Model.Tools:
		all = []candidate{{lookNative, true, ""}, {lookText, params(in.Model) >= textParams, small}}
	default:
		all = []candidate{{lookText, params(in.Model) >= textParams, small}}
	}
	for _, c := range all {
		score := in.Figures.Formats[string(c.form)]
		switch {
		case score.N >= enoughSeen && score.Rate >= goodLooks, score.N < enoughSeen && c.fit:
			return c.form, ""
		case score.N >= enoughSeen:
			why = fmt.Sprintf("%d%% of the looks of %s came to nothing", int(100*(1-score.Rate)+0.5), in.Model.ID())
		case why == "":
			why = c.not
		}
	}
	return gathered, why
}

// The limits of looking. Three turns find what a name stands for and who uses it;
// who has not found it by then goes on in circles. Of a turn's calls the first
// eight are run.
const (
	maxLooks = 3
	maxCalls = 8
)

// leastRoom is the room for results, in tokens, below which looking around is not
// worth its turn; a prompt that leaves less is made smaller by lookShare of the
// context, and has no prefix in common with others then.
const (
	leastRoom = 700
	lookShare = 0.25
)

// toolset says which tools a job offers.
type toolset struct {
	names   []string // of our own, nil for all
	foreign func(name string) bool
}

var (
	// aroundTools answer a question about code: each one more takes its tokens in
	// every prompt.
	aroundTools = []string{"read", "search", "symbols", "references", "outline", "list", "diagnostics"}
	// codeTools are for plans and reviews, which are shown a map or the related code.
	codeTools = []string{"read", "search", "symbols", "references"}
)

func anyTool(string) bool { return true }
func noTool(string) bool  { return false }

// offers is the toolset of the request; nil if it has none.
func (req *Request) offers() *toolset {
	switch t := req.Tools; {
	case req.Action == Refactor, req.Action == Review:
		return &toolset{names: codeTools, foreign: noTool}
	case t == nil && req.Action == Explain && req.Prompt != "":
		return &toolset{names: aroundTools, foreign: anyTool}
	case t == nil || !t.All && len(t.Names) == 0:
		return nil
	case t.All:
		return &toolset{foreign: anyTool}
	default:
		return namedTools(*t)
	}
}

// Foreign says which tools of other programs the job may use: all there are, those
// of the names, or none.
func (req *Request) Foreign() (names []string, all bool) {
	set := req.offers()
	switch {
	case set == nil || req.Action == Refactor || req.Action == Review:
		return nil, false
	case req.Tools == nil || req.Tools.All:
		return nil, true
	}
	for _, name := range req.Tools.Names {
		if !slices.Contains(tool.Names(), name) {
			names = append(names, name)
		}
	}
	return names, false
}

// namedTools are those that the user listed; what is none of ours may be another
// program's.
func namedTools(t own.Tools) *toolset {
	set := &toolset{names: []string{}, foreign: func(name string) bool { return slices.Contains(t.Names, name) }}
	for _, name := range t.Names {
		if slices.Contains(tool.Names(), name) && !slices.Contains(set.names, name) {
			set.names = append(set.names, name)
		}
	}
	return set
}

// tools makes the tools of a set over the snapshot of the job.
func (r *run) tools(set *toolset, limits tool.Limits) []tool.Tool {
	view := tool.View{Snapshot: r.snap, Limits: limits}
	if f, err := r.snap.File(r.req.Path); err == nil && len(r.req.Diagnostics) > 0 {
		view.Diagnostics = reported{f.Path, diagnosticsOf(f.Path, f.Lines().Line, r.req.Diagnostics)}
	}
	var out []tool.Tool
	if set.names == nil || len(set.names) > 0 {
		out = tool.Over(view, set.names...)
	}
	if r.opts.Foreign == nil {
		return out
	}
	for _, t := range r.opts.Foreign(r.req.Path) {
		if set.foreign(t.Name) {
			out = append(out, t)
		}
	}
	return out
}

// reported are the diagnostics that came with a request.
type reported struct {
	path string
	all  []tool.Diagnostic
}

func (r reported) Diagnostics(path string) []tool.Diagnostic {
	if path != "" && path != r.path {
		return nil
	}
	return r.all
}

func diagnosticsOf(path string, line func(int) int, all []prompt.Diagnostic) []tool.Diagnostic {
	out := make([]tool.Diagnostic, len(all))
	for i, d := range all {
		out[i] = tool.Diagnostic{Path: path, Line: line(d.Span.Start), Severity: d.Severity, Source: d.Source, Code: d.Code, Message: d.Message}
	}
	return out
}
