package tool

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

// Spec is what a model is told of a tool. All of it is our own text.
type Spec struct {
	Name        string          // letters, digits, _ and -
	Description string          // one or two sentences
	Schema      json.RawMessage // of the arguments: a JSON schema of an object
}

// Tool is one thing that a model may ask for.
type Tool struct {
	Spec
	// Run does it. args was not checked by anybody. An error is meant for the
	// model: it says what was wrong and what would be right.
	Run func(ctx context.Context, args json.RawMessage) (Result, error)
	// Timeout is the deadline of a call; 0 is that of the executor.
	Timeout time.Duration
	// Foreign says that another program answers: what it returns is data.
	Foreign bool
	// About is what a foreign tool says of itself, clipped. It is data as well,
	// and not in Spec.
	About string
}

// Result is what a tool found.
type Result struct {
	Text string // ends with a line in brackets that says what is missing, if Cut
	Cut  bool
}

// Limits bound a result. The zero value has defaults fit for a small model.
type Limits struct {
	Bytes   int // of Text; 0 means 16 KiB
	Lines   int // of a file, a diff or an outline; 0 means 400
	Entries int // paths, matches, names; 0 means 100
}

func (l Limits) filled() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 16 << 10
	}
	if l.Lines <= 0 {
		l.Lines = 400
	}
	if l.Entries <= 0 {
		l.Entries = 100
	}
	return l
}

// definition is a tool before it has a workspace to look at.
type definition struct {
	Spec
	schema *jsonschema.Resolved
	run    func(ctx context.Context, v *view, args json.RawMessage, p *page) error
}

// define makes a definition whose arguments are the fields of A, in the words of
// their jsonschema tags; those with omitempty may be missing.
func define[A any](name, description string, run func(ctx context.Context, v *view, args A, p *page) error) definition {
	schema, err := jsonschema.For[A](nil)
	if err == nil {
		schema.AdditionalProperties = nil // what is not known is told by check, in words that help
	}
	var resolved *jsonschema.Resolved
	var raw []byte
	if err == nil {
		resolved, err = schema.Resolve(nil)
	}
	if err == nil {
		raw, err = json.Marshal(schema)
	}
	if err != nil {
		panic(fmt.Sprintf("tool %s: %v", name, err)) // a mistake in this package that every test finds
	}
	return definition{
		Spec:   Spec{Name: name, Description: description, Schema: raw},
		schema: resolved,
		run: func(ctx context.Context, v *view, raw json.RawMessage, p *page) error {
			var args A
			if err := decodeArgs(name, resolved, raw, &args); err != nil {
				return err
			}
			return run(ctx, v, args, p)
		},
	}
}

// definitions are the tools of this package, by name.
var definitions = sync.OnceValue(func() []definition {
	all := []definition{
		readTool(), listTool(), globTool(), searchTool(),
		symbolsTool(), outlineTool(), referencesTool(), relatedTool(),
		diagnosticsTool(), diffTool(),
	}
	slices.SortFunc(all, func(a, b definition) int { return strings.Compare(a.Name, b.Name) })
	return all
})

// Over makes the tools of this package over v, sorted by name; those for which v
// has nothing to show are left out. With names, only those: an unknown name is a
// mistake of the program and panics.
func Over(v View, names ...string) []Tool {
	names = slices.DeleteFunc(chosen(names), func(name string) bool { return name == "diagnostics" && v.Diagnostics == nil })
	return over(func(context.Context) (View, error) { return v, nil }, names)
}

// Live makes tools that look, with every call, at what view gives then. It is
// for those who have no job and want the newest: an error of view is the call's.
func Live(view func(ctx context.Context) (View, error), names ...string) []Tool {
	return over(view, chosen(names))
}

func over(view func(ctx context.Context) (View, error), names []string) []Tool {
	var tools []Tool
	for _, name := range names {
		d := definitionOf(name)
		tools = append(tools, Tool{Spec: d.Spec, Run: func(ctx context.Context, args json.RawMessage) (Result, error) {
			v, err := view(ctx)
			if err != nil {
				return Result{}, err
			}
			p := newPage(v.Limits.filled())
			if err := d.run(ctx, newView(v), args, p); err != nil {
				return Result{}, err
			}
			return p.result(), nil
		}})
	}
	return tools
}

// Names are the tools of this package, sorted.
func Names() []string { return chosen(nil) }

// chosen is names sorted, or all there are.
func chosen(names []string) []string {
	if len(names) == 0 {
		for _, d := range definitions() {
			names = append(names, d.Name)
		}
		return names
	}
	return slices.Sorted(slices.Values(names))
}

func definitionOf(name string) definition {
	all := definitions()
	i := slices.IndexFunc(all, func(d definition) bool { return d.Name == name })
	if i < 0 {
		panic("tool: there is no " + name)
	}
	return all[i]
}

// atOnce is how many calls run side by side.
func atOnce() int { return max(4, runtime.GOMAXPROCS(0)) }
