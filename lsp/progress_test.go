package lsp

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
)

// barLog is an editor that notes what it is shown, and when.
type barLog struct {
	create func(ctx context.Context) error
	begun  time.Time

	mu   sync.Mutex
	said []string
	at   []time.Duration
}

func (l *barLog) createBar(ctx context.Context, _ string) error {
	l.note("create")
	if l.create != nil {
		return l.create(ctx)
	}
	return nil
}

func (l *barLog) sendBar(_ string, v any) {
	switch v := v.(type) {
	case *protocol.WorkDoneProgressBegin:
		l.note(v.Kind + " " + *v.Message)
	case *protocol.WorkDoneProgressReport:
		l.note(v.Kind + " " + *v.Message)
	case *protocol.WorkDoneProgressEnd:
		l.note(v.Kind + " " + *v.Message)
	}
}

func (l *barLog) note(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, s)
	l.at = append(l.at, time.Since(l.begun))
}

func (l *barLog) check(t *testing.T, want ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if fmt.Sprint(l.said) != fmt.Sprint(want) {
		t.Errorf("shown %q, want %q", l.said, want)
	}
}

func TestBarShowsNothingForAQuickJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &barLog{begun: time.Now()}
		b := newBar("t", "T", l)
		go b.run(t.Context())
		b.report("reading")
		time.Sleep(barDelay - time.Millisecond)
		b.end("applied")
		synctest.Wait()
		time.Sleep(time.Second)
		l.check(t)
	})
}

func TestBarPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &barLog{begun: time.Now()}
		b := newBar("t", "T", l)
		go b.run(t.Context())
		for i := range 200 { // two seconds, a report every 10 ms
			b.report(fmt.Sprint(i))
			time.Sleep(10 * time.Millisecond)
		}
		b.end("applied")
		if n := len(l.said); n < 15 || n > 21 {
			t.Errorf("%d messages in 1.8 s: %q", n, l.said)
		}
		for i := 2; i < len(l.at)-1; i++ {
			if gap := l.at[i] - l.at[i-1]; i > 2 && gap < barPace {
				t.Errorf("report %d came %v after the one before", i, gap)
			}
		}
		if l.at[0] != barDelay {
			t.Errorf("created after %v", l.at[0])
		}
		if last := l.said[len(l.said)-1]; last != "end applied" {
			t.Errorf("ended with %q", last)
		}
		b.report("late")
		time.Sleep(time.Second)
		if last := l.said[len(l.said)-1]; last != "end applied" {
			t.Errorf("after the end came %q", last)
		}
	})
}

func TestBarRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &barLog{begun: time.Now(), create: func(context.Context) error { return errors.New("no") }}
		b := newBar("t", "T", l)
		go b.run(t.Context())
		time.Sleep(time.Second)
		b.report("x")
		b.end("applied")
		l.check(t, "create")
	})
}

// The end of a job does not wait for an editor that does not answer, and no bar
// appears when it does at last.
func TestBarCreateIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &barLog{begun: time.Now(), create: func(context.Context) error { time.Sleep(3 * time.Second); return nil }}
		b := newBar("t", "T", l)
		go b.run(t.Context())
		time.Sleep(time.Second)
		before := time.Now()
		b.end("applied")
		if waited := time.Since(before); waited > 0 {
			t.Errorf("end waited %v", waited)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		l.check(t, "create")
	})
}

// TestPreviewPace: the first text of a reply is shown at once, what follows in steps.
func TestPreviewPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var shown []string
		p := preview{job: "j1", on: true, show: func(p *JobProgress) {
			shown = append(shown, fmt.Sprintf("%v %s %q %q", time.Since(began), p.State, p.Delta, p.Text))
		}}
		spec := &jobSpec{uri: "file:///a.go"}
		p.event(agent.Event{State: agent.Reading}, spec)
		for _, e := range []agent.Event{{Delta: "```"}, {Delta: "go\n"}, {Delta: "func", Text: "func"}, {Delta: " a", Text: "func a"}, {Delta: "()", Text: "func a()"}} {
			time.Sleep(time.Millisecond)
			e.State = agent.Writing
			p.event(e, spec)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		want := []string{
			`0s reading "" ""`, "1ms writing \"```\" \"\"", `3ms writing "go\nfunc" "func"`, `43ms writing " a()" "func a()"`,
		}
		if fmt.Sprint(shown) != fmt.Sprint(want) {
			t.Errorf("%q, want %q", shown, want)
		}
	})
}

func TestStage(t *testing.T) {
	for _, c := range []struct {
		e    agent.Event
		want string
	}{
		{agent.Event{State: agent.Queued}, "queued"},
		{agent.Event{State: agent.Queued, Ahead: 2}, "queued, 2 ahead"},
		{agent.Event{State: agent.Loading, Model: "ollama/m:3b"}, "loading ollama/m:3b"},
		{agent.Event{State: agent.Reading, PromptTokens: 812}, "reading 812 tokens"},
		{agent.Event{State: agent.Writing, OutputTokens: 143, Rate: 48.2}, "writing, 143 tokens at 48/s"},
		{agent.Event{State: agent.Writing, OutputTokens: 1}, "writing, 1 tokens"},
		{agent.Event{State: agent.Checking}, "checking"},
		{agent.Event{State: agent.Looking, Calls: []string{"search NewStore", "read a.go"}}, "looking: search NewStore, read a.go"},
	} {
		if got := stage(c.e); got != c.want {
			t.Errorf("stage(%+v) = %q, want %q", c.e, got, c.want)
		}
	}
}
