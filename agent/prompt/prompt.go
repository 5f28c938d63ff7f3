package prompt

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"

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
	Related               []Pointer
}

// Pointer is another place that a diagnostic speaks of.
type Pointer struct {
	Where   string // relative path of the file; "" if it is none of the workspace
	Code    string // the lines there
	Message string
}

// Input is what a prompt is made from.
type Input struct {
	Verb        string          // the name of the verb template: "fix", "edit", "generate", "component", "document", "implement", "test", "explain"
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
	Whole       string            // the larger change that this is a part of, the same for all its parts
	Beside      []string          // what other parts of that change do to what the region uses, a sentence each
	Map         string            // what the files of the project declare, for a plan
	Voice       string            // who the model is, for verbs with a role
	Form        string            // in what form to answer; "" stands for that of Shape
	Tools       string            // how to look around first, and with what; "" for nothing
	Notes       []string          // of the verb: what else there is to know, a sentence each
	Imports     bool              // imports are added to what the model writes
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
	Messages     []model.Message // system, context, verb: all before the verb are the prefix
	Prefix       uint64          // hash of all but the last message
	PrefixTokens int             // estimates
	Tokens       int
	Sources      []Source
	Dropped      []string // what did not fit, for people
}

// ErrTooLarge says that not even the target itself fits the budget, in estimated tokens.
type ErrTooLarge struct{ Need, Budget int }

func (e *ErrTooLarge) Error() string {
	return fmt.Sprintf("the region needs about %d tokens of prompt and the model has room for %d", e.Need, e.Budget)
}

// DefaultBytesPerToken is the ratio for a model that was not measured yet. Code
// comes out at 3.3 to 4.2 bytes per token in the vocabularies of today's coder
// models; the low end errs on the side of a prompt that fits.
const DefaultBytesPerToken = 3.3

// perMessage is what a chat template puts around a message, in tokens.
const perMessage = 4

// Estimate is the number of tokens of s at that ratio, rounded up; 0 means
// DefaultBytesPerToken.
func Estimate(s string, bytesPerToken float64) int {
	return int(math.Ceil(float64(len(s)) / ratio(bytesPerToken)))
}

func ratio(bytesPerToken float64) float64 {
	if !(bytesPerToken > 0.1) { // also NaN
		return DefaultBytesPerToken
	}
	return min(bytesPerToken, 16)
}

// Room kept for the verb. The prefix is made to fit what is left, and must not
// change with the length of an instruction: so the room is constant, and grows
// in steps only for a verb that does not fit it. In a small budget it is a third.
const (
	verbRoom = 384
	verbStep = 256
)

// newFileTokens is the most a prompt for a new file may take, as long as facts
// and instruction leave room: what is beyond only shows more examples.
const newFileTokens = 600

// Build writes the prompt within budget tokens. bytesPerToken is the measured
// ratio of the model; 0 means a careful default. It fails with *ErrTooLarge, or
// when there is no such verb.
//
// The region's file may take a fair share of the room, and what related files
// leave; beyond that, what does not fit is dropped in this order: related files
// from the last on, parts of the file far from the region, its outline, its
// imports, facts; the region never.
func Build(in Input, budget int, bytesPerToken float64) (*Prompt, error) {
	b := &builder{in: in, ratio: ratio(bytesPerToken), p: &Prompt{}}
	b.chooseExample()
	verb, err := b.verb()
	if err != nil {
		return nil, err
	}
	if err := b.context(verb, budget); err != nil {
		return nil, err
	}
	return b.finish(verb, budget)
}

// builder makes one prompt.
type builder struct {
	in      Input
	ratio   float64
	p       *Prompt
	ctx     context
	left    int // bytes that may still be added to the context
	example []*workspace.File

	outlines map[*workspace.File][]syntax.Symbol
}

// bytes is what so many tokens hold.
func (b *builder) bytes(tokens int) int { return int(float64(tokens) * b.ratio) }

// verb renders the last message.
func (b *builder) verb() (string, error) {
	in := b.in
	name := in.Verb + ".tmpl"
	if slices.Contains(noVerbs, in.Verb) || templates.Lookup(name) == nil {
		return "", fmt.Errorf("no prompt for %q: the verbs are %s", in.Verb, strings.Join(Verbs(), ", "))
	}
	language := in.Language
	if language == "" && in.File != nil {
		language = in.File.Language
	}
	shape := in.Shape
	if in.Verb == "document" && shape == edit.Region {
		shape = edit.Comment // the code is there already: no need to have it written again
	}
	if shape == edit.Region && (in.Verb == "generate" || b.insertion()) {
		shape = edit.Insertion // there is nothing to copy, and a small model would copy what is around
	}
	v := verb{
		Instruction: strings.TrimSpace(in.Instruction), NewPath: oneLine(in.NewPath), Name: oneLine(in.Name),
		Form: edit.Instructions(shape, language), Diagnostics: b.diagnostics(),
		Insertion: b.insertion(), Example: len(b.example) > 0, Voice: in.Voice, Imports: in.Imports, Notes: in.Notes,
	}
	if in.Form != "" {
		v.Form = in.Form
	}
	if tools := strings.TrimSpace(in.Tools); tools != "" {
		v.Form = tools + "\n\n" + v.Form // the form of the answer comes last, for it is what counts
	}
	if in.Symbol.Name != "" {
		v.Symbol = oneLine(string(in.Symbol.Kind) + " " + in.Symbol.Name)
	}
	return render(name, v)
}

// noVerbs are the templates of other messages than the verb's.
var noVerbs = []string{"system", "context", "again", "looked"}

// Verbs lists the verbs that Build knows, sorted.
func Verbs() []string {
	var out []string
	for _, t := range templates.Templates() {
		if name, ok := strings.CutSuffix(t.Name(), ".tmpl"); ok && !slices.Contains(noVerbs, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// The most that is said about diagnostics.
const (
	maxDiagnostics = 10
	maxMessage     = 400 // bytes
	maxExcerpt     = 160 // bytes
)

// diagnostics writes each one as a line with the code it points to, so that the
// model has no line numbers to count.
func (b *builder) diagnostics() []string {
	var out []string
	for i, d := range b.in.Diagnostics {
		if i == maxDiagnostics {
			b.drop("%d more diagnostics", len(b.in.Diagnostics)-i)
			break
		}
		out = append(out, b.diagnostic(d))
	}
	return out
}

func (b *builder) diagnostic(d Diagnostic) (said string) {
	var s strings.Builder
	defer func() {
		for _, p := range d.Related {
			said += p.line()
		}
	}()
	s.WriteString(d.Severity)
	if tag := strings.TrimSpace(d.Source + " " + d.Code); tag != "" {
		if d.Severity != "" {
			s.WriteString(" ")
		}
		s.WriteString("(" + oneLine(tag) + ")")
	}
	if s.Len() > 0 {
		s.WriteString(": ")
	}
	s.WriteString(clip(oneLine(strings.TrimSpace(d.Message)), maxMessage))
	if b.in.File == nil {
		return s.String()
	}
	src := b.in.File.Text
	if d.Span.Start < 0 || d.Span.End < d.Span.Start || d.Span.End > len(src) {
		return s.String()
	}
	start := strings.LastIndexAny(src[:d.Span.Start], "\r\n") + 1
	end := len(src)
	if i := strings.IndexAny(src[d.Span.Start:], "\r\n"); i >= 0 {
		end = d.Span.Start + i
	}
	line := clip(strings.TrimSpace(src[start:end]), maxExcerpt)
	if line == "" {
		return s.String()
	}
	if at := strings.TrimSpace(src[d.Span.Start:min(d.Span.End, end)]); at != "" && at != line && len(at) <= maxExcerpt {
		fmt.Fprintf(&s, "\n  at %s in: %s", at, line)
	} else {
		fmt.Fprintf(&s, "\n  in: %s", line)
	}
	return s.String()
}

// line is what a pointer says, and the code on lines of its own.
func (p Pointer) line() string {
	out := "\n  see"
	if p.Where != "" {
		out += " " + oneLine(p.Where)
	}
	out += ": " + clip(oneLine(strings.TrimSpace(p.Message)), maxMessage)
	for code := range strings.Lines(clip(p.Code, maxMessage)) {
		out += "\n    " + strings.TrimRight(code, " \t\r\n")
	}
	return out
}

// clip cuts s to about n bytes, never inside a rune.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}

func (b *builder) drop(format string, args ...any) {
	b.p.Dropped = append(b.p.Dropped, fmt.Sprintf(format, args...))
}

// finish renders the context, puts the messages together and counts.
func (b *builder) finish(verb string, budget int) (*Prompt, error) {
	p := b.p
	body, err := render("context.tmpl", b.ctx)
	if err != nil {
		return nil, err
	}
	p.Messages = []model.Message{{Role: model.System, Content: systemText}}
	if body != "" {
		p.Messages = append(p.Messages, model.Message{Role: model.User, Content: body})
	}
	p.Messages = append(p.Messages, model.Message{Role: model.User, Content: verb})
	h := fnv.New64a()
	for i, m := range p.Messages {
		n := Estimate(m.Content, b.ratio) + perMessage
		p.Tokens += n
		if i < len(p.Messages)-1 {
			p.PrefixTokens += n
			_, _ = h.Write([]byte(m.Role)) // a hash never fails
			_, _ = h.Write([]byte{0})
			_, _ = h.Write([]byte(m.Content))
			_, _ = h.Write([]byte{0})
		}
	}
	p.Prefix = h.Sum64()
	if p.Tokens > budget {
		return nil, &ErrTooLarge{Need: p.Tokens, Budget: budget}
	}
	return p, nil
}
