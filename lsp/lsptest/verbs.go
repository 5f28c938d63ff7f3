package lsptest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/workspace/text"
)

// verb is one word of the script language.
type verb struct {
	setup bool // comes before the session
	raw   bool // the rest of the line is one argument
	do    func(*run, Line) error
}

var verbs map[string]*verb // filled by init: the verbs' code looks at the table

func init() {
	verbs = map[string]*verb{
		"profile":      {setup: true, do: func(r *run, l Line) error { r.setup.profile = l.arg(0); return l.want(1) }},
		"encoding":     {setup: true, do: (*run).encoding},
		"with":         {setup: true, do: func(r *run, l Line) error { r.setup.with = l.values(); return nil }},
		"without":      {setup: true, do: func(r *run, l Line) error { r.setup.without = l.values(); return nil }},
		"settings":     {setup: true, raw: true, do: func(r *run, l Line) error { r.setup.settings = json.RawMessage(l.arg(0)); return nil }},
		"flag":         {setup: true, do: func(r *run, l Line) error { r.setup.flags[l.arg(0)] = l.arg(1); return l.want(2) }},
		"roots":        {setup: true, do: (*run).roots},
		"bytes":        {setup: true, do: func(r *run, l Line) error { return errors.Join(l.want(2), r.original(l.arg(0), l.arg(1))) }},
		"fill":         {setup: true, do: (*run).fill},
		"mkdir":        {setup: true, do: func(r *run, l Line) error { return os.MkdirAll(r.path(l.arg(0)), 0o777) }},
		"many":         {setup: true, do: (*run).many},
		"answer-first": {setup: true, do: func(r *run, l Line) error { r.setup.first = true; return l.want(0) }},
		"state":        {setup: true, do: func(r *run, l Line) error { r.setup.state = true; return l.want(0) }},
		"unready":      {setup: true, do: func(r *run, l Line) error { r.setup.unready = true; return l.want(0) }},
		"unwatched":    {setup: true, do: func(r *run, l Line) error { r.setup.unwatched = true; return l.want(0) }},
		"mcp":          {setup: true, do: (*run).mcpServer},
		"nomodels":     {setup: true, do: func(r *run, _ Line) error { r.setup.noModel = true; return nil }},

		"open":   {do: (*run).open},
		"select": {do: (*run).selectPlace},
		"diag":   {do: (*run).diag},
		"points": {do: (*run).points},
		"type":   {do: (*run).typeText},
		"undo":   {do: func(r *run, l Line) error { return r.client.Undo(r.path(l.arg(0))) }},
		"save":   {do: func(r *run, l Line) error { return r.client.Save(r.path(l.arg(0))) }},
		"close":  {do: func(r *run, l Line) error { return r.client.CloseDoc(r.path(l.arg(0))) }},
		"write": {do: func(r *run, l Line) error {
			return errors.Join(l.want(2), r.told(l.arg(0), func(string) error { return r.write(l.arg(0), l.arg(1)) }))
		}},
		"rm": {do: func(r *run, l Line) error {
			r.removed[l.arg(0)] = true
			return r.told(l.arg(0), os.RemoveAll)
		}},

		"ready":           {do: func(r *run, _ Line) error { return r.session.Ready(r.ctx) }},
		"actions":         {do: (*run).actions},
		"pick":            {do: (*run).pick},
		"run":             {do: (*run).runCommand},
		"revert":          {do: (*run).revert},
		"await":           {do: (*run).await},
		"hold":            {do: func(r *run, l Line) error { return r.model.WaitGate(r.ctx, l.arg(0)) }},
		"release":         {do: (*run).release},
		"cancel":          {do: (*run).cancel},
		"cancel-progress": {do: (*run).cancelProgress},
		"cancel-request":  {do: (*run).cancelRequest},

		"input":       {do: func(r *run, l Line) error { v := l.arg(0); r.inputs.give(&v); return l.want(1) }},
		"dismiss":     {do: func(r *run, l Line) error { r.inputs.give(nil); return l.want(0) }},
		"steps":       {do: (*run).steps},
		"think":       {do: func(r *run, l Line) error { r.journal.note(func() { r.thinks = true }); return l.want(0) }},
		"choose":      {do: func(r *run, l Line) error { r.choices.give(l.arg(0)); return l.want(1) }},
		"review":      {do: func(r *run, l Line) error { r.journal.note(func() { r.review = true }); return l.want(0) }},
		"hold-review": {do: (*run).holdReview},
		"accept":      {do: func(r *run, l Line) error { r.verdicts.give(true); return l.want(0) }},
		"pretend":     {do: func(r *run, l Line) error { r.journal.note(func() { r.pretends++ }); return l.want(0) }},
		"decline":     {do: (*run).decline},

		"hunks": {do: (*run).answerHunks},

		"configure": {raw: true, do: func(r *run, l Line) error { return r.client.Configure(json.RawMessage(l.arg(0))) }},
		"restart":   {do: (*run).restart},
		"shutdown":  {do: func(r *run, _ Line) error { return r.client.Call(r.ctx, "shutdown", nil, nil) }},
		"exit":      {do: (*run).exit},
		"hangup":    {do: func(r *run, _ Line) error { return errors.Join(r.client.Hangup(), r.waitServed()) }},
		"crash":     {do: (*run).crash},
		"expect":    {do: (*run).expect},
	}
}

// arg is the value of the nth word that has no key, "" if there is none.
func (l Line) arg(n int) string {
	if v := l.values(); n < len(v) {
		return v[n]
	}
	return ""
}

func (l Line) values() []string {
	var out []string
	for _, f := range l.Args {
		if f.Op == "" {
			out = append(out, f.Value)
		}
	}
	return out
}

func (l Line) want(n int) error {
	if len(l.Args) != n {
		return fmt.Errorf("%d words, want %d", len(l.Args), n)
	}
	return nil
}

func (r *run) encoding(l Line) error {
	enc, ok := map[string]text.Encoding{"utf-8": text.UTF8, "utf-16": text.UTF16, "utf-32": text.UTF32}[l.arg(0)]
	if !ok {
		return fmt.Errorf("unknown encoding")
	}
	r.setup.encoding = enc
	return nil
}

func (r *run) roots(l Line) error {
	r.setup.roots = l.values()
	for _, dir := range r.setup.roots {
		if err := os.MkdirAll(r.path(dir), 0o777); err != nil {
			return err
		}
	}
	return nil
}

// original writes a file that counts as one of the scenario's own.
func (r *run) original(name, content string) error {
	r.Files[name] = content
	return r.write(name, content)
}

func (r *run) fill(l Line) error {
	n, err := strconv.Atoi(l.arg(1))
	if err != nil {
		return err
	}
	return r.original(l.arg(0), strings.Repeat(l.arg(2)+"\n", n))
}

func (r *run) open(l Line) error {
	name := l.arg(0)
	if err := r.client.Open(r.path(name), nil); err != nil {
		return err
	}
	r.file, r.sel = name, lsp.Range{}
	if mark, ok := r.Marks[name]; ok {
		r.sel = r.wire(r.Files[name], mark)
	}
	return l.want(1)
}

func (r *run) selectPlace(l Line) error {
	name := l.arg(0)
	sel, rest, err := r.place(name, l.Args[1:])
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d words too many", len(rest))
	}
	r.file, r.sel = name, sel
	return err
}

func (r *run) diag(l Line) error {
	rng, rest, err := r.place(r.file, l.Args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return fmt.Errorf("want a place and a message")
	}
	r.diags = append(r.diags, client.Diagnostic{Range: rng, Severity: 1, Source: "compiler", Message: rest[0].Value})
	return nil
}

// points adds a place to the newest diagnostic.
func (r *run) points(l Line) error {
	name := l.arg(0)
	rng, rest, err := r.place(name, l.Args[1:])
	if err != nil {
		return err
	}
	if len(rest) != 1 || len(r.diags) == 0 {
		return fmt.Errorf("want a file, a place and a message, after a diagnostic")
	}
	related := client.Related{Message: rest[0].Value}
	related.Location.URI, related.Location.Range = r.uri(name), rng
	d := &r.diags[len(r.diags)-1]
	d.Related = append(d.Related, related)
	return nil
}

func (r *run) typeText(l Line) error {
	rng, rest, err := r.place(l.arg(0), l.Args[1:])
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return fmt.Errorf("want a file, a place and a text")
	}
	return r.client.Change(r.path(l.arg(0)), text.RangeEdit{Start: text.Position(rng.Start), End: text.Position(rng.End), New: rest[0].Value})
}

func (r *run) actions(l Line) error {
	var only []string
	invoked := true
	for _, f := range l.Args {
		switch {
		case f.Key == "only":
			only = strings.Split(f.Value, ",")
		case f.Op == "" && f.Value == "auto":
			invoked = false
		default:
			return fmt.Errorf("what is %v?", f)
		}
	}
	var err error
	r.menu, err = r.client.CodeActions(r.ctx, r.path(r.file), r.sel, only, invoked, r.diags)
	return err
}

// release opens a gate of the model once the server has taken everything that the
// user did before; otherwise the reply could overtake it.
func (r *run) release(l Line) error {
	if _, err := r.client.Execute(r.ctx, "hob.status"); err != nil {
		return err
	}
	r.model.Release(l.arg(0))
	return l.want(1)
}

func (r *run) holdReview(Line) error {
	return r.journal.wait(r.ctx, func() bool { return r.journal.reviews > 0 })
}

// decline answers the edit that waits for review, or the next one to come.
func (r *run) decline(l Line) error {
	r.journal.note(func() {
		if r.review {
			r.verdicts.give(false)
		} else {
			r.declines++
		}
	})
	return l.want(0)
}

// answerHunks is what the user does with the hunks of hob/review.
func (r *run) answerHunks(l Line) error {
	words := l.values()
	if len(words) == 0 {
		return fmt.Errorf("what about them?")
	}
	var res lsp.ReviewResult
	switch words[0] {
	case "hold":
		return r.journal.wait(r.ctx, func() bool { return r.journal.open > 0 })
	case "gone":
		return r.journal.wait(r.ctx, func() bool { return len(r.journal.hunks) > 0 && r.journal.open == 0 })
	case "accept":
		res.Accept = true
		if len(words) > 1 {
			res.Hunks = &[]int{}
		}
		for _, word := range words[1:] {
			n, err := strconv.Atoi(word)
			if err != nil {
				return err
			}
			*res.Hunks = append(*res.Hunks, n)
		}
	case "decline":
	case "dismiss":
		r.hunks.give(nil)
		return nil
	case "moved":
		r.hunks.give(client.Moved)
		return nil
	case "retry":
		res.Retry = &lsp.ReviewRetry{}
		for _, f := range l.Args[1:] {
			switch f.Key {
			case "prompt":
				res.Retry.Prompt = f.Value
			case "tier":
				res.Retry.Tier = f.Value
			}
		}
	default:
		return fmt.Errorf("can't %s hunks", words[0])
	}
	r.hunks.give(&res)
	return nil
}

func (r *run) exit(l Line) error {
	if err := r.client.Leave(r.ctx); err != nil {
		return err
	}
	return errors.Join(l.want(0), r.waitServed())
}

// crash closes the stream in both directions. Who is asked something then answers
// nothing.
func (r *run) crash(l Line) error {
	go func() { <-r.client.Done(); r.leave() }()
	return errors.Join(l.want(0), r.client.Abort(), r.waitServed())
}

// many writes N files into a folder, so that a scan takes its time.
func (r *run) many(l Line) error {
	n, err := strconv.Atoi(l.arg(1))
	if err != nil {
		return err
	}
	for i := range n {
		if err := r.original(fmt.Sprintf("%s/%04d.txt", l.arg(0), i), "text\n"); err != nil {
			return err
		}
	}
	return nil
}

// uri is the URI of a file of the workspace; what is a URI already stays.
func (r *run) uri(name string) string {
	if strings.Contains(name, ":") || filepath.IsAbs(name) {
		return client.URI(name)
	}
	return client.URI(r.path(name))
}

// steps is the next answer to hob/plan.
func (r *run) steps(l Line) error {
	var keep []int
	for _, f := range l.Args {
		n, err := strconv.Atoi(f.Value)
		if err != nil {
			return err
		}
		keep = append(keep, n)
	}
	r.plans.give(keep)
	return nil
}
