package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
)

// statusLine is one line of a terminal that is written over and over. Its zero
// value writes nothing.
type statusLine struct {
	w io.Writer // nil: off

	mu    sync.Mutex // guards the following
	shown bool
	held  bool // somebody else writes to the terminal
	state string
	last  time.Time
}

// redraw bounds how often the line is written.
const redraw = 80 * time.Millisecond

// show replaces the line; one that follows within redraw is dropped unless the
// stage is another.
func (l *statusLine) show(state, text string) {
	if l.w == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.held || l.shown && state == l.state && now.Sub(l.last) < redraw {
		return
	}
	l.shown, l.state, l.last = true, state, now
	text = plain(strings.Join(strings.Fields(text), " "))
	const width = 78 // a line that wraps can't be written over
	if r := []rune(text); len(r) > width {
		text = string(r[:width-1]) + "…"
	}
	_, _ = fmt.Fprintf(l.w, "\r\x1b[K%s", text) // a status that can't be shown is no failure
}

// clear takes the line away.
func (l *statusLine) clear() {
	if l.w == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown {
		_, _ = io.WriteString(l.w, "\r\x1b[K")
	}
	l.shown = false
}

// hold takes the line away until the function it gives is called.
func (l *statusLine) hold() (release func()) {
	l.clear()
	set := func(held bool) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.held = held
	}
	set(true)
	return func() { set(false) }
}

// watch shows the progress of a job: the server's own words until the model
// writes, then tokens and rate, which come more often. What it looks at is over in
// milliseconds, often: that stays until there is something else to say.
func (l *statusLine) watch(opts *client.Options) {
	var writing atomic.Bool
	opts.Progress = func(p client.Progress) {
		if p.Kind != "end" && p.Message != "" && !writing.Load() {
			l.show("progress", p.Message)
		}
	}
	opts.JobProgress = func(p lsp.JobProgress) {
		writing.Store(p.State == "writing")
		switch p.State {
		case "writing":
			l.show(p.State, writingText(p))
		case "looking":
			l.show(p.State, "looking: "+strings.Join(p.Calls, ", "))
		}
	}
}

func writingText(p lsp.JobProgress) string {
	text := fmt.Sprintf("writing, %d tokens", p.OutputTokens)
	if p.OutputTokens == 1 {
		text = "writing, 1 token"
	}
	if p.TokensPerSecond > 0 {
		text += fmt.Sprintf(", %.0f a second", p.TokensPerSecond)
	}
	return text
}
