package agent

import (
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/prompt"
	"github.com/hob-ls/hob/agent/scaffold"
	"github.com/hob-ls/hob/workspace"
)

// component writes a new component: by a model where one answers, by the
// instant tier where none does or where that was asked for.
func (r *run) component(ctx context.Context) error {
	if strings.TrimSpace(r.req.Prompt) == "" && r.req.Name == "" {
		return &Error{Kind: BadRequest, Message: "a component needs an instruction", Hint: "say what it should be, as in \"a button with a label\""}
	}
	plan, err := scaffold.PlanComponent(r.snap, scaffold.Request{
		Prompt: r.req.Prompt, Name: r.req.Name, Framework: r.req.Framework, Dir: r.dir(),
	})
	if err != nil {
		return err
	}
	if r.req.Tier == Instant {
		return r.instant(plan, "the instant tier was asked for")
	}
	c, err := r.route(ctx, Scope{Action: Component, Kind: NewFileScope}.expect(0))
	if err == nil {
		err = r.written(ctx, c, plan)
	}
	if err != nil && r.req.Tier == "" && r.req.Model == "" && ctx.Err() == nil && r.noModel(err) {
		*r.result = Result{Usage: Usage{Cached: -1}, Timing: r.result.Timing}
		return r.instant(plan, ExplainError(err).Message)
	}
	return err
}

// dir is the folder asked for: by name, or the folder the command was given.
func (r *run) dir() string {
	path := r.req.Path
	if r.req.Dir != "" || path == "" || r.snap.Has(path) || slices.Contains(r.snap.Roots(), path) {
		return r.req.Dir
	}
	return path
}

// noModel reports whether err means that the user has no model at all, as
// opposed to one that failed.
func (r *run) noModel(err error) bool {
	switch ExplainError(err).Kind {
	case ModelUnreachable:
		return true
	case ModelMissing:
		return !slices.ContainsFunc(r.opts.Pool.Catalog().Models, func(m model.Model) bool { return m.Chat })
	}
	return false
}

// instant writes the files of the plan by program.
func (r *run) instant(plan *scaffold.Plan, why string) error {
	files, left, err := scaffold.Component(r.snap, plan, r.req.Prompt)
	if err != nil {
		return err
	}
	r.result.Tier, r.result.Model = Instant, ""
	r.result.Why = why + "; written without a model"
	if len(left) > 0 {
		r.result.Why += "; left out: " + strings.Join(left, ", ")
	}
	for _, f := range files {
		r.result.Files = append(r.result.Files, FileEdit{Path: f.Path, Text: f.Text})
	}
	return nil
}

// written asks the model for the component, and writes by program the style
// sheet that the component imports.
func (r *run) written(ctx context.Context, c Choice, plan *scaffold.Plan) error {
	in := prompt.Input{
		Verb: string(Component), Instruction: r.req.Prompt, Shape: edit.NewFile,
		Language: plan.Language, NewPath: r.rel(plan.Path), Name: plan.Name, Facts: plan.Facts,
	}
	if f, err := r.snap.File(plan.Sibling); plan.Sibling != "" && err == nil {
		in.Related = []*workspace.File{f}
	}
	return r.ask(ctx, c, question{
		in: in, target: edit.Target{Shape: edit.NewFile, Language: plan.Language, Path: plan.Path}, at: Event{Path: plan.Path},
		use: func(got answer) error {
			code := got.text
			if !strings.Contains(code, plan.Name) {
				return &Error{
					Kind: NoEdit, Message: "the reply does not define " + plan.Name, Hint: "run it again, or choose a larger model with tier = balanced",
					again: "Your code does not define " + plan.Name + ". Reply again with only the whole file in one fenced code block and nothing else.",
				}
			}
			r.result.Files = append([]FileEdit{{Path: plan.Path, Text: code}}, r.styles(plan, code)...)
			return nil
		},
	})
}

// styleImport is an import of a style sheet beside the component.
var styleImport = regexp.MustCompile(`import\s+(?:(\w+)\s+from\s+)?['"]\./([\w.-]+\.css)['"]`)

// styles writes the style sheets that a model's component imports and that do
// not exist: the planned one with the instant tier's rules, and in each a rule
// for every class that the component names.
func (r *run) styles(plan *scaffold.Plan, code string) []FileEdit {
	var out []FileEdit
	for _, m := range styleImport.FindAllStringSubmatch(code, -1) {
		path := filepath.Join(filepath.Dir(plan.Path), m[2])
		if r.snap.Has(path) {
			continue
		}
		i := slices.IndexFunc(out, func(f FileEdit) bool { return f.Path == path }) // imported twice
		if i < 0 {
			i = len(out)
			out = append(out, FileEdit{Path: path, Text: r.plannedStyle(plan, path)})
		}
		css := out[i].Text
		if m[1] != "" {
			for _, class := range classesOf(code, m[1]) {
				if !strings.Contains(css, "."+class) {
					css += "\n." + class + " {\n}\n"
				}
			}
		}
		out[i].Text = strings.TrimPrefix(css, "\n")
	}
	return out
}

// plannedStyle is what the instant tier would write to path, "" if nothing.
func (r *run) plannedStyle(plan *scaffold.Plan, path string) string {
	files, _, err := scaffold.Component(r.snap, plan, r.req.Prompt)
	if err != nil {
		return ""
	}
	for _, f := range files {
		if f.Path == path {
			return f.Text
		}
	}
	return ""
}

// classesOf lists the classes that code takes from the imported sheet name, in order.
func classesOf(code, name string) []string {
	var out []string
	use := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `(?:\.([A-Za-z_]\w*)|\[['"]([\w-]+)['"]\])`)
	for _, m := range use.FindAllStringSubmatch(code, -1) {
		if class := m[1] + m[2]; !slices.Contains(out, class) {
			out = append(out, class)
		}
	}
	return out
}

func (r *run) rel(path string) string {
	for _, root := range r.snap.Roots() {
		if rel, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.Base(path)
}

// Status says which model serves each tier.
type Status struct {
	Models  map[Tier]string // IDs; "" where no model is reachable
	Problem string          // why the state is degraded, with what to do; "" if all is well
}

// Status never blocks: it speaks of the newest catalog.
func (a *Agent) Status() Status {
	s := Status{Models: map[Tier]string{}}
	cat := a.opts.Pool.Catalog()
	if cat.At.IsZero() {
		return s
	}
	for _, t := range tiers {
		m, _, err := forTier(RouteInput{Catalog: cat, Models: a.opts.Models, AllowRemote: a.opts.AllowRemote}, t)
		s.Models[t] = ""
		if err == nil {
			s.Models[t] = m.ID()
		} else if s.Problem == "" {
			s.Problem = err.Message + ": " + err.Hint
		}
	}
	return s
}
