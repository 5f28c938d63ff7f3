package agent

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/hob-ls/hob/workspace"
	"github.com/hob-ls/hob/workspace/text"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const jobFile = "one\ntwo\nthree\nfour\n"

// opened is a workspace with one open document.
func opened(t *testing.T, content string) (*workspace.Workspace, string) {
	t.Helper()
	root := t.TempDir()
	w := workspace.New(t.Context(), workspace.Options{})
	t.Cleanup(func() { _ = w.Close() })
	path := root + "/a.txt"
	err := w.Apply(
		workspace.Change{Kind: workspace.RootAdd, Path: root},
		workspace.Change{Kind: workspace.DocOpen, Path: path, Version: 1, Language: "plaintext", Text: content},
	)
	if err != nil {
		t.Fatal(err)
	}
	return w, path
}

// forever runs until it is cancelled, then says why.
func forever(ctx context.Context, _ *Job[error]) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

func line(n int) text.Span {
	spans := []text.Span{{Start: 0, End: 3}, {Start: 4, End: 7}, {Start: 8, End: 13}, {Start: 14, End: 18}}
	return spans[n]
}

func TestJobsRelations(t *testing.T) {
	for _, tt := range []struct {
		name      string
		old, next Request
		typed     *workspace.Change // between the two
		joined    bool
		replaced  bool
		kind      ErrorKind
	}{
		{name: "identical is joined", old: Request{Action: Edit, Span: line(1), Prompt: "x"}, next: Request{Action: Edit, Span: line(1), Prompt: "x"}, joined: true},
		{name: "same action replaces", old: Request{Action: Edit, Span: line(1), Prompt: "x"}, next: Request{Action: Edit, Span: line(1), Prompt: "y"}, replaced: true},
		{name: "another action is refused", old: Request{Action: Edit, Span: line(1)}, next: Request{Action: Fix, Span: line(1)}, kind: Busy},
		{name: "another line is free", old: Request{Action: Edit, Span: line(0)}, next: Request{Action: Edit, Span: line(2)}},
		{name: "explain beside an edit", old: Request{Action: Edit, Span: line(1)}, next: Request{Action: Explain, Span: line(1)}},
		{name: "edit beside an explanation", old: Request{Action: Explain, Span: line(1)}, next: Request{Action: Edit, Span: line(1)}},
		{
			name: "the older one moved away", old: Request{Action: Edit, Span: line(1)}, next: Request{Action: Generate, Span: line(1)},
			typed: &workspace.Change{Edits: []text.RangeEdit{{New: "zero\n"}}},
		},
		{
			name: "the older one moved here", old: Request{Action: Edit, Span: line(0)}, next: Request{Action: Generate, Span: text.Span{Start: 5, End: 8}},
			typed: &workspace.Change{Edits: []text.RangeEdit{{New: "zero\n"}}}, kind: Busy,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, path := opened(t, jobFile)
			jobs := NewJobs[error](t.Context())
			defer jobs.Close()
			tt.old.Path, tt.next.Path = path, path
			old, _, err := jobs.Start(tt.old, w.Snapshot(), forever)
			if err != nil {
				t.Fatal(err)
			}
			if c := tt.typed; c != nil {
				c.Kind, c.Path, c.Version = workspace.DocEdit, path, 2
				if err := w.Apply(*c); err != nil {
					t.Fatal(err)
				}
			}
			next, joined, err := jobs.Start(tt.next, w.Snapshot(), forever)
			var refused *Error
			if errors.As(err, &refused) != (tt.kind != "") || refused != nil && refused.Kind != tt.kind {
				t.Fatalf("got error %v, want kind %q", err, tt.kind)
			}
			if joined != tt.joined || joined && next != old {
				t.Errorf("joined is %v, want %v", joined, tt.joined)
			}
			if old.Superseded() != tt.replaced {
				t.Errorf("superseded is %v, want %v", old.Superseded(), tt.replaced)
			}
			if tt.replaced {
				if cause, err := old.Wait(t.Context()); err != nil || !errors.Is(cause, context.Canceled) {
					t.Errorf("the replaced job ended with %v, %v", cause, err)
				}
			}
		})
	}
}

func TestJobsLeave(t *testing.T) {
	w, path := opened(t, jobFile)
	jobs := NewJobs[error](t.Context())
	defer jobs.Close()
	req := Request{Action: Edit, Path: path, Span: line(1), Prompt: "x"}
	left, goOn := make(chan struct{}), make(chan struct{})
	first, _, err := jobs.Start(req, w.Snapshot(), func(ctx context.Context, job *Job[error]) error {
		jobs.Leave(job)
		close(left)
		<-goOn // its end is told
		return ctx.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	<-left
	second, joined, err := jobs.Start(req, w.Snapshot(), forever)
	if err != nil || joined || second == first {
		t.Fatalf("the same once more is job %v, joined %t, err %v; want one of its own", second, joined, err)
	}
	if running := jobs.Running(); len(running) != 1 || running[0] != second {
		t.Errorf("running are %v, want the second alone", running)
	}
	if jobs.Cancel(first.ID) {
		t.Error("a job that has left was cancelled")
	}
	close(goOn)
	if res, err := first.Wait(t.Context()); res != nil || err != nil {
		t.Errorf("the first ended with %v, %v; want no error, as the second replaced nothing", res, err)
	}
}

func TestJobsCancelAndClose(t *testing.T) {
	w, path := opened(t, jobFile)
	jobs := NewJobs[error](t.Context())
	a, _, err := jobs.Start(Request{Action: Edit, Path: path, Span: line(0)}, w.Snapshot(), forever)
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := jobs.Start(Request{Action: Edit, Path: path, Span: line(2)}, w.Snapshot(), forever)
	if err != nil {
		t.Fatal(err)
	}
	if a.ID == b.ID || len(jobs.Running()) != 2 {
		t.Fatalf("two jobs run as %s and %s, listed %d", a.ID, b.ID, len(jobs.Running()))
	}
	if jobs.Cancel("j99") || !jobs.Cancel(a.ID) {
		t.Fatal("cancel hit the wrong job")
	}
	if cause, err := a.Wait(t.Context()); err != nil || cause != errCancelled {
		t.Fatalf("cancelled job ended with %v, %v", cause, err)
	}
	jobs.Close()
	if cause, err := b.Wait(t.Context()); err != nil || !errors.Is(cause, context.Canceled) {
		t.Fatalf("job at close ended with %v, %v", cause, err)
	}
	if _, _, err := jobs.Start(Request{Action: Edit, Path: path}, w.Snapshot(), forever); err == nil {
		t.Fatal("a closed registry took a job")
	}
}
