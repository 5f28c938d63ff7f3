package lsptest

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
)

// journal is everything the editor was told. Whoever waits for something looks
// again after each entry.
type journal struct {
	mu       sync.Mutex // guards the following
	changed  chan struct{}
	messages []string // "error: text"
	progress []client.Progress
	previews []lsp.JobProgress
	statuses []lsp.Status
	done     map[string][]lsp.JobResult // by job
	shown    []string                   // URIs
	asked    []string                   // titles and placeholders of hob/input
	edits    []json.RawMessage          // params of workspace/applyEdit
	reviews  int                        // edits that wait for a verdict
	hunks    []lsp.ReviewParams         // hob/review
	plans    []lsp.PlanParams           // hob/plan
	problems map[string]json.RawMessage // the diagnostics of a document now, by its name
	open     int                        // of those, how many are not answered
	refused  []string                   // error answers to nothing
	told     []string                   // files whose change was told, because the server had asked

	registered []string // what the server registered and unregistered
}

func newJournal() *journal {
	return &journal{changed: make(chan struct{}), done: map[string][]lsp.JobResult{}, problems: map[string]json.RawMessage{}}
}

// note changes the journal and wakes those who wait.
func (j *journal) note(f func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	f()
	close(j.changed)
	j.changed = make(chan struct{})
}

// wait blocks until cond, asked under the lock, holds.
func (j *journal) wait(ctx context.Context, cond func() bool) error {
	for {
		j.mu.Lock()
		ok, changed := cond(), j.changed
		j.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

var levels = []string{1: "error", 2: "warning", 3: "info", 4: "log", 5: "debug"}

// lines are the entries of one kind as text, for regular expressions.
func (j *journal) lines(kind string) []string {
	var out []string
	switch kind {
	case "message":
		out = append(out, j.messages...)
	case "progress":
		for _, p := range j.progress {
			out = append(out, p.Kind+" "+p.Title+" "+p.Message)
		}
	case "preview":
		for _, p := range j.previews {
			out = append(out, encoded(p))
		}
	case "status":
		for _, s := range j.statuses {
			out = append(out, encoded(s))
		}
	case "shown":
		out = append(out, j.shown...)
	case "asked":
		out = append(out, j.asked...)
	case "plan":
		for _, p := range j.plans {
			out = append(out, encoded(p))
		}
	case "diagnostics":
		for name, list := range j.problems {
			out = append(out, name+" "+string(list))
		}
	case "told":
		out = append(out, j.told...)
	case "registered":
		out = append(out, j.registered...)
	case "edit":
		for _, p := range j.edits {
			out = append(out, string(p))
		}
	case "hunks":
		for _, p := range j.hunks {
			out = append(out, encoded(p))
		}
	}
	return out
}

func encoded(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// answers are the user's next answers to one kind of question, given before or
// after the question.
type answers[T any] struct{ ch chan T }

func newAnswers[T any]() answers[T] { return answers[T]{make(chan T, 16)} }

func (a answers[T]) give(v T) { a.ch <- v }

// next is the next answer, or other when ctx ends.
func (a answers[T]) next(ctx context.Context, other T) T {
	select {
	case v := <-a.ch:
		return v
	case <-ctx.Done():
		return other
	}
}

// ready is the next answer if it was given already.
func (a answers[T]) ready(other T) T {
	select {
	case v := <-a.ch:
		return v
	default:
		return other
	}
}
