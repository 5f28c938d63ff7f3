package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// Kind is what a step does to its file.
type Kind string

// The kinds of steps.
const (
	Edit   Kind = "edit"
	Create Kind = "create"
	Move   Kind = "rename"
	Delete Kind = "delete"
)

// Step is one thing to do, checked against the snapshot.
type Step struct {
	Kind   Kind
	File   *workspace.File // nil for Create
	Path   string          // absolute: of File, or of the file to be created
	Rel    string          // Path as people read it
	Symbol string          // Edit: as the outline names it; "" for the whole file
	Region text.Span       // Edit: whole lines of File.Text
	What   string          // the instruction for this step
	To     string          // Move: absolute
	ToRel  string          // Move
}

// String is the step in one line for people.
func (s Step) String() string {
	switch s.Kind {
	case Create:
		return fmt.Sprintf("create %s: %s", s.Rel, s.What)
	case Move:
		return fmt.Sprintf("rename %s to %s", s.Rel, s.ToRel)
	case Delete:
		return "delete " + s.Rel
	}
	if s.Symbol == "" {
		return fmt.Sprintf("%s: %s", s.Rel, s.What)
	}
	return fmt.Sprintf("%s, %s: %s", s.Rel, s.Symbol, s.What)
}

// Schema is the JSON schema of a plan, for decoding under constraint.
var Schema = json.RawMessage(`{"type":"object","properties":{"steps":{"type":"array","items":{"type":"object","properties":{` +
	`"kind":{"type":"string","enum":["edit","uses","create","rename","delete"]},` +
	`"file":{"type":"string"},"symbol":{"type":"string"},"what":{"type":"string"},"to":{"type":"string"}},` +
	`"required":["kind","file","symbol","what"]}}},"required":["steps"]}`)

// Form tells the planning model in which form to answer; [Targets.Read] reads it.
const Form = `Reply with JSON only, in this form:
{"steps": [{"kind": "edit", "file": "PATH", "symbol": "NAME", "what": "the change, in one sentence"}]}
One step for each function, type or component that must change, none for what stays as it is. ` +
	`"symbol" is a name that "file" declares, or "" for all of a short file. ` +
	`"kind" is "edit"; for a file as a whole also "create", "delete", or "rename" with the new path in "to". ` +
	`One step of kind "uses" stands for all places, in all files, that use the "symbol" which "file" declares.`

// maxSteps bounds a plan; what is longer no user can judge and no budget holds.
const maxSteps = 100

// maxWholeFile is the length in lines up to which a step may rewrite a whole file.
const maxWholeFile = 120

// wire is a plan as the model writes it.
type wire struct {
	Steps []wireStep `json:"steps"`
}

type wireStep struct {
	Kind   Kind   `json:"kind"`
	File   string `json:"file"`
	Symbol string `json:"symbol"`
	What   string `json:"what"`
	To     string `json:"to"`
}

// Problem is what is wrong with a proposed plan, in words that the model can
// act on as well as the user.
type Problem struct{ Message string }

func (p *Problem) Error() string { return p.Message }

func problem(format string, args ...any) error {
	return &Problem{fmt.Sprintf(format, args...)}
}

// Read checks a proposed plan. Steps that name nothing real are a *Problem as a
// whole: a plan that is half wrong was made from a misunderstanding, and is asked
// for once more. Steps that say the same twice are one. left says in words what a
// step is about and none of them reaches. Other errors are those of ctx.
func (t *Targets) Read(ctx context.Context, reply string) (steps []Step, left []string, err error) {
	w, err := decode(reply)
	if err != nil {
		return nil, nil, err
	}
	if len(w.Steps) > maxSteps {
		return nil, nil, problem("The plan has %d steps; at most %d are allowed.", len(w.Steps), maxSteps)
	}
	var wrong []string
	gone := t.deleted(w)
	for _, ws := range w.Steps {
		some, beyond, err := t.steps(ctx, ws, gone)
		if bad := (*Problem)(nil); errors.As(err, &bad) {
			wrong = append(wrong, bad.Message)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		steps, left = append(steps, some...), append(left, beyond...)
	}
	if len(wrong) > 0 {
		return nil, nil, problem("%s", strings.Join(slices.Compact(wrong), " "))
	}
	steps, err = join(steps)
	return steps, left, err
}

// deleted are the paths of the files that a plan deletes.
func (t *Targets) deleted(w wire) map[string]bool {
	gone := map[string]bool{}
	for _, ws := range w.Steps {
		if f, err := t.file(ws.File); err == nil && ws.Kind == Delete {
			gone[f.Path] = true
		}
	}
	return gone
}

// steps are what a step of the wire stands for, where the files that are gone go.
func (t *Targets) steps(ctx context.Context, ws wireStep, gone map[string]bool) (steps []Step, left []string, err error) {
	if ws.Kind == uses {
		return t.spread(ctx, ws, gone)
	}
	s, err := t.step(ws)
	return []Step{s}, nil, err
}

// decode finds the JSON object in a reply: models that are not held to a schema
// put it into a fence or talk around it.
func decode(reply string) (w wire, err error) {
	start, end := strings.IndexByte(reply, '{'), strings.LastIndexByte(reply, '}')
	if start < 0 || end < start {
		return w, problem("The reply holds no JSON object.")
	}
	if err := json.Unmarshal([]byte(reply[start:end+1]), &w); err != nil {
		return w, problem("The reply is not the JSON that was asked for: %v.", err)
	}
	if w.Steps == nil { // nothing to do is said with an empty list
		return w, problem(`The reply has no "steps".`)
	}
	return w, nil
}

// step checks one step.
func (t *Targets) step(ws wireStep) (Step, error) {
	s := Step{Kind: ws.Kind, What: strings.TrimSpace(ws.What)}
	switch ws.Kind {
	case Create:
		return t.create(s, ws.File)
	case Edit, Move, Delete:
	case "":
		s.Kind = Edit
	default:
		return s, problem("There is no kind %q.", ws.Kind)
	}
	f, err := t.file(ws.File)
	if err != nil {
		return s, err
	}
	s.File, s.Path, s.Rel = f, f.Path, f.Rel()
	switch s.Kind {
	case Move:
		return t.move(s, ws.To)
	case Delete:
		return s, nil
	}
	if s.What == "" {
		return s, problem("The step for %s does not say what to do.", s.Rel)
	}
	return locate(s, strings.TrimSpace(ws.Symbol))
}

// locate finds the region of an edit.
func locate(s Step, symbol string) (Step, error) {
	if symbol == "" {
		if n := s.File.Lines().Lines(); n > maxWholeFile {
			return s, problem("%s has %d lines: name the symbol to change in it.", s.Rel, n)
		}
		s.Region = text.Span{End: len(s.File.Text)}
		return s, nil
	}
	sym, err := lookUp(s.File, symbol)
	if err != nil {
		return s, err
	}
	s.Symbol, s.Region = sym.Name, wholeLines(s.File, sym)
	return s, nil
}

// declared lists the names of an outline for an error.
func declared(outline []syntax.Symbol) string {
	const most = 20
	var names []string
	for _, sym := range outline {
		if sym.Parent < 0 && !slices.Contains(names, sym.Name) {
			names = append(names, sym.Name)
		}
	}
	if len(names) == 0 {
		return "nothing by name"
	}
	if len(names) > most {
		names = append(names[:most], "…")
	}
	return strings.Join(names, ", ")
}

// wholeLines is the symbol with its doc comment, widened to whole lines.
func wholeLines(f *workspace.File, sym syntax.Symbol) text.Span {
	s := sym.Span
	if sym.Doc.Len() > 0 {
		s.Start, s.End = min(s.Start, sym.Doc.Start), max(s.End, sym.Doc.End)
	}
	return linesAround(f, s)
}

// linesAround is s widened to whole lines.
func linesAround(f *workspace.File, s text.Span) text.Span {
	x := f.Lines()
	return text.Span{Start: x.LineSpan(x.Line(s.Start)).Start, End: x.LineSpan(x.Line(max(s.Start, s.End-1))).End}
}

// create checks a file to be made.
func (t *Targets) create(s Step, name string) (Step, error) {
	var err error
	if s.Path, s.Rel, err = t.newPath(name); err != nil {
		return s, err
	}
	if s.What == "" {
		return s, problem("The step for %s does not say what the file holds.", s.Rel)
	}
	return s, nil
}

// move checks a new name.
func (t *Targets) move(s Step, to string) (Step, error) {
	var err error
	s.To, s.ToRel, err = t.newPath(to)
	return s, err
}

// newPath is where a file may be made: beside a target, where nothing is yet.
func (t *Targets) newPath(name string) (abs, rel string, err error) {
	rel = path.Clean(strings.TrimSpace(filepath.ToSlash(name)))
	if rel == "." || !filepath.IsLocal(filepath.FromSlash(rel)) {
		return "", "", problem("%q is no path inside the project.", name)
	}
	abs = filepath.Join(t.root, filepath.FromSlash(rel))
	if _, err := t.snap.Confine(abs); err != nil {
		return "", "", problem("%s can't be written: it is outside the project, or may hold secrets.", rel)
	}
	if t.snap.Has(abs) {
		return "", "", problem("%s is there already: edit it, or choose another name.", rel)
	}
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		if t.dirs[dir] {
			return abs, rel, nil
		}
		if len(dir) <= len(t.root) {
			return "", "", problem("%s is in no folder that this change is about.", rel)
		}
	}
}

// join makes one of the steps that say the same, or are about the same lines, so that
// no two share text. What each of them asks for stays asked for.
func join(steps []Step) ([]Step, error) {
	var out []Step
	for _, s := range steps {
		taken := false           // by a step that is there
		place, earlier := -1, "" // of the first step that s takes in, and what all of those ask for
		for i := 0; i < len(out); i++ {
			o := &out[i]
			if o.Path != s.Path {
				continue
			}
			edits := o.Kind == Edit && s.Kind == Edit
			switch {
			case edits && (o.Region == s.Region || o.Region.Contains(s.Region)), !edits && o.Kind == s.Kind && o.To == s.To:
				o.What = both(o.What, s.What)
				taken = true
			case edits && s.Region.Contains(o.Region):
				earlier = both(earlier, o.What)
				if place < 0 {
					place = i
					continue
				}
				out = slices.Delete(out, i, i+1)
				i--
			case edits && o.Region.Overlaps(s.Region):
				return nil, problem("Two steps change the same lines of %s.", s.Rel)
			case !edits && (o.Kind != Edit || s.Kind != Move) && (o.Kind != Move || s.Kind != Edit):
				return nil, problem("The steps for %s contradict each other.", s.Rel)
			}
		}
		switch {
		case taken:
		case place >= 0:
			s.What = both(earlier, s.What)
			out[place] = s
		default:
			out = append(out, s)
		}
	}
	if rel := crowded(out); rel != "" {
		return nil, problem("Two steps put a file at %s.", rel)
	}
	return out, nil
}

// crowded is a place that two steps want for their file, "" if there is none: an
// editor would notice in the middle of the edit.
func crowded(steps []Step) string {
	taken := map[string]bool{}
	for _, s := range steps {
		place, rel := s.To, s.ToRel
		if s.Kind == Create {
			place, rel = s.Path, s.Rel
		}
		if place != "" && taken[place] {
			return rel
		}
		taken[place] = true
	}
	return ""
}

// both is what two steps ask for, in their order.
func both(a, b string) string {
	switch {
	case a == b || b == "":
		return a
	case a == "":
		return b
	}
	return a + "; " + b
}
