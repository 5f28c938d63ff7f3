package lsptest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
)

// expect checks something now, waits for it, or puts it off to the end.
func (r *run) expect(l Line) error {
	args := l.Args
	negative := len(args) > 0 && args[0].Op == "" && args[0].Value == "no"
	if negative {
		args = args[1:]
	}
	if len(args) < 2 {
		return errors.New("expect what?")
	}
	what, args := args[0].Value, args[1:]
	switch what {
	case "action":
		return r.expectAction(args[0].Value, !negative)
	case "message", "progress", "preview", "status", "shown", "asked", "hunks", "plan", "edit", "diagnostics", "registered", "told":
		if negative {
			return r.atEnd(l, func() error { return r.never(what, args[0]) })
		}
		return r.eventually(what, args[0])
	case "stats":
		return r.stats(args[0])
	case "prompt":
		if negative {
			return r.atEnd(l, func() error { return r.prompt(args[0], false) })
		}
		return r.prompt(args[0], true)
	case "edits":
		return r.atEnd(l, func() error { return same(len(r.journal.edits), args[0].Value) })
	case "model":
		return r.atEnd(l, func() error { return r.modelStats(args) })
	case "served":
		return r.atEnd(l, func() error { return r.expectServed(args[0]) })
	case "content":
		return r.content(args[0])
	}
	return fmt.Errorf("unknown expectation %q", what)
}

func (r *run) atEnd(l Line, ok func() error) error {
	r.final = append(r.final, check{l, ok})
	return nil
}

func same(got int, want string) error {
	if strconv.Itoa(got) != want {
		return fmt.Errorf("got %d", got)
	}
	return nil
}

func (r *run) expectAction(title string, want bool) error {
	for _, a := range r.menu {
		if a.Title == title {
			if !want {
				return fmt.Errorf("the menu has it: %v", titles(r.menu))
			}
			return nil
		}
	}
	if want {
		return fmt.Errorf("the menu has %v", titles(r.menu))
	}
	return nil
}

func matching(lines []string, f Field) bool {
	for _, line := range lines {
		if f.match(line) {
			return true
		}
	}
	return false
}

func (r *run) eventually(what string, f Field) error {
	err := r.journal.wait(r.ctx, func() bool { return matching(r.journal.lines(what), f) })
	if err != nil {
		r.journal.mu.Lock()
		defer r.journal.mu.Unlock()
		return fmt.Errorf("%w; there were %q", err, r.journal.lines(what))
	}
	return nil
}

// stats asks the server for its figures until they match.
func (r *run) stats(f Field) error {
	for {
		raw, err := r.client.Execute(r.ctx, "hob.stats")
		if err != nil {
			return err
		}
		if f.match(string(raw)) {
			return nil
		}
		select {
		case <-time.After(time.Millisecond):
		case <-r.ctx.Done():
			return fmt.Errorf("%w; the last were %s", r.ctx.Err(), raw)
		}
	}
}

// never is asked after the session.
func (r *run) never(what string, f Field) error {
	r.journal.mu.Lock()
	defer r.journal.mu.Unlock()
	for _, line := range r.journal.lines(what) {
		if f.match(line) {
			return fmt.Errorf("there was %q", line)
		}
	}
	return nil
}

func (r *run) prompt(f Field, want bool) error {
	var all []string
	for _, rec := range r.model.Chats() {
		all = append(all, rec.Prompt())
	}
	if matching(all, f) != want {
		return fmt.Errorf("the model was sent %q", all)
	}
	return nil
}

func (r *run) modelStats(fields []Field) error {
	figures := map[string]int{"requests": 0, "cancelled": 0, "complete": 0, "loads": r.model.State().Loads}
	for _, rec := range r.model.Chats() {
		figures["requests"]++
		if rec.Cancelled {
			figures["cancelled"]++
		}
		if rec.Complete {
			figures["complete"]++
		}
	}
	for _, f := range fields {
		got, ok := figures[f.Key]
		if !ok {
			return fmt.Errorf("the model server does not count %q", f.Key)
		}
		if strconv.Itoa(got) != f.Value {
			return fmt.Errorf("%s is %d; %s", f.Key, got, describe(r.model.State()))
		}
	}
	return nil
}

func describe(s modeltest.State) string {
	var out []string
	for _, rec := range s.Records {
		out = append(out, fmt.Sprintf("%d: %s sent %q, cancelled %v, complete %v", rec.Seq, rec.Model, rec.Sent, rec.Cancelled, rec.Complete))
	}
	return strings.Join(out, "; ")
}

func (r *run) expectServed(f Field) error {
	if f.Op == "" && f.Value == "ok" {
		return r.serveErr
	}
	switch {
	case r.serveErr == nil:
		return errors.New("it ended in order")
	case !f.match(r.serveErr.Error()):
		return fmt.Errorf("it ended otherwise: %w", r.serveErr)
	}
	return nil
}

// content asks for the text of the document that was shown last.
func (r *run) content(f Field) error {
	var uri string
	err := r.journal.wait(r.ctx, func() bool {
		if n := len(r.journal.shown); n > 0 {
			uri = r.journal.shown[n-1]
		}
		return uri != ""
	})
	if err != nil {
		return fmt.Errorf("no document was shown: %w", err)
	}
	var answer struct {
		Text string `json:"text"`
	}
	if err := r.client.Call(r.ctx, "workspace/textDocumentContent", map[string]string{"uri": uri}, &answer); err != nil {
		return err
	}
	if !f.match(answer.Text) {
		return fmt.Errorf("%s is %q", uri, answer.Text)
	}
	return nil
}
