package lsp

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/agent"
)

const (
	barDelay      = 200 * time.Millisecond // quicker jobs show nothing: no flicker
	barPace       = 100 * time.Millisecond // between reports
	createTimeout = 10 * time.Second       // an editor that does not answer gets no bar
)

// barEditor is what a progress bar needs of the editor.
type barEditor interface {
	createBar(ctx context.Context, token string) error
	sendBar(token string, value any)
}

// bar is the progress of one job in the editor. One goroutine owns what is sent;
// the job only leaves its latest words.
//
//	start ── 200 ms ──▶ create ── answered ──▶ begin ──▶ report … ──▶ end
//	  └── ended ▶ nothing  └── ended or refused ▶ nothing
type bar struct {
	token, title string
	editor       barEditor
	endless      bool // nothing can end it but itself

	mu    sync.Mutex // guards what follows
	now   string     // the latest words
	begun bool
	over  bool
	last  string // the words of the end

	wake chan struct{}
	done chan struct{} // closed by end
	gone chan struct{} // closed when nothing more is sent
}

// bars are the bars by token, so that the editor can cancel their jobs.
type bars struct {
	mu      sync.Mutex // guards cancels
	cancels map[string]func()
}

func newBar(token, title string, editor barEditor) *bar {
	return &bar{
		token: token, title: title, editor: editor,
		wake: make(chan struct{}, 1), done: make(chan struct{}), gone: make(chan struct{}),
	}
}

// report leaves the latest words; it never blocks.
func (b *bar) report(words string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	b.now = words
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// end ends the bar: when it returns, either the end was sent or nothing was
// begun and nothing will be.
func (b *bar) end(words string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	first := !b.over
	b.over, b.last = true, words
	begun := b.begun
	b.mu.Unlock()
	if first {
		close(b.done)
	}
	if begun {
		<-b.gone
	}
}

// run owns the bar until its end.
func (b *bar) run(ctx context.Context) {
	defer close(b.gone)
	var over <-chan struct{} // jobs end with the session and say so; a scan may outlive it
	if b.endless {
		over = ctx.Done()
	}
	delay := time.NewTimer(barDelay)
	defer delay.Stop()
	select {
	case <-delay.C:
	case <-b.done:
		return
	case <-over:
		return
	}
	cctx, cancel := context.WithTimeout(ctx, createTimeout)
	err := b.editor.createBar(cctx, b.token)
	cancel()
	if err != nil || !b.begin() {
		return
	}
	defer func() {
		b.mu.Lock()
		words := b.last
		b.mu.Unlock()
		b.editor.sendBar(b.token, &protocol.WorkDoneProgressEnd{Kind: "end", Message: &words})
	}()
	pace := time.NewTicker(barPace)
	defer pace.Stop()
	shown := ""
	for {
		select {
		case <-b.done:
			return
		case <-over:
			return
		case <-pace.C:
		}
		select {
		case <-b.done:
			return
		case <-over:
			return
		case <-b.wake:
		}
		b.mu.Lock()
		words := b.now
		b.mu.Unlock()
		if words == shown {
			continue
		}
		shown = words
		b.editor.sendBar(b.token, &protocol.WorkDoneProgressReport{Kind: "report", Message: &words})
	}
}

// begin shows the bar, unless its job has ended.
func (b *bar) begin() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return false
	}
	b.begun = true
	yes, words := !b.endless, b.now
	b.editor.sendBar(b.token, &protocol.WorkDoneProgressBegin{Kind: "begin", Title: b.title, Cancellable: &yes, Message: &words})
	return true
}

// startBar gives a job a bar, where the editor can show one; cancel, if there is
// one, ends the job.
func (s *Server) startBar(job, title string, cancel func()) *bar {
	if !s.client.progress {
		return nil
	}
	b := newBar("hob-"+job, title, s)
	b.endless = cancel == nil
	s.bars.mu.Lock()
	if s.bars.cancels == nil {
		s.bars.cancels = map[string]func(){}
	}
	s.bars.cancels[b.token] = cancel
	s.bars.mu.Unlock()
	s.goBackground(func(ctx context.Context) {
		b.run(ctx)
		s.bars.mu.Lock()
		delete(s.bars.cancels, b.token)
		s.bars.mu.Unlock()
	})
	return b
}

func (s *Server) createBar(ctx context.Context, token string) error {
	err := s.editor.WorkDoneProgressCreate(ctx, &protocol.WorkDoneProgressCreateParams{Token: protocol.String(token)})
	if err != nil && ctx.Err() == nil {
		s.log.Info("the editor shows no progress", "err", err)
	}
	return err
}

func (s *Server) sendBar(token string, value any) {
	b, err := protocol.Marshal(value)
	if err != nil {
		s.log.Error("progress not sent", "err", err)
		return
	}
	s.sendLast(protocol.MethodProgress, &protocol.ProgressParams{Token: protocol.String(token), Value: protocol.LSPAny(b)})
}

func (s *Server) progressCancel(p *protocol.WorkDoneProgressCancelParams) error {
	token, ok := p.Token.(protocol.String)
	if !ok {
		return fmt.Errorf("progress token %v is not one of Hob's", p.Token)
	}
	s.bars.mu.Lock()
	cancel := s.bars.cancels[string(token)]
	s.bars.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	return nil
}

// stage is a stage of a job in words: only what is known, nothing guessed.
func stage(e agent.Event) string {
	if again := e.Again; again != "" {
		e.Again = ""
		return again + ": " + stage(e)
	}
	if e.Total > 1 {
		done, total := e.Done, e.Total
		e.Done, e.Total = 0, 0
		return fmt.Sprintf("%d of %d: %s", done, total, stage(e))
	}
	switch e.State {
	case agent.Queued:
		if e.Ahead > 0 {
			return fmt.Sprintf("queued, %d ahead", e.Ahead)
		}
		return "queued"
	case agent.Loading:
		return "loading " + e.Model
	case agent.Reading:
		if e.PromptTokens > 0 {
			return fmt.Sprintf("reading %d tokens", e.PromptTokens)
		}
		return "reading"
	case agent.Looking:
		return "looking: " + strings.Join(e.Calls, ", ")
	case agent.Writing:
		if e.Rate > 0 {
			return fmt.Sprintf("writing, %d tokens at %.0f/s", e.OutputTokens, e.Rate)
		}
		return fmt.Sprintf("writing, %d tokens", e.OutputTokens)
	}
	return string(e.State)
}
