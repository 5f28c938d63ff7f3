package model

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A speculative prefill is read in pieces, each beginning with all of the one
// before, so that a job that comes meanwhile has at most one of them before it:
// a server may go on reading though its client has left (Ollama does, up to the
// end of the prompt). A piece is what the model reads in pieceTime.
const (
	pieceTime   = 400 * time.Millisecond
	leastPiece  = 256 // tokens: each piece is a request, with its own costs
	prefillTime = time.Minute
)

// leastTest is how much time must be at stake to find out whether reading ahead
// saves it: a shorter one is noise.
const leastTest = 20 * time.Millisecond

// After restAfter speculative prefills in a row that no job wanted, the next ones
// wait for restFirst, then twice as long each time up to restMost.
const (
	restAfter = 5
	restFirst = 10 * time.Second
	restMost  = 10 * time.Minute
)

// loadedFor is how old the word that a model is loaded may be: a prefill must
// never be what loads one.
const loadedFor = 20 * time.Second

// Prefilled is how a speculative prefill ended.
type Prefilled string

// The ends of a speculative prefill.
const (
	PrefillDone     Prefilled = "done"
	PrefillKnown    Prefilled = "the model has read it already"
	PrefillAborted  Prefilled = "something else came"
	PrefillFailed   Prefilled = "the model failed"
	PrefillUnloaded Prefilled = "the model is not loaded"
	PrefillBusy     Prefilled = "the endpoint is busy"
	PrefillUseless  Prefilled = "the model reads everything again"
	PrefillResting  Prefilled = "too many of them were for nothing"
)

// Prefill has the model read ahead of a job what its request will begin with:
// job.Request holds the messages up to the last and nothing of what is to be
// done, job.Prefix is the coming job's. It asks only a model that is loaded, waits a
// little until nothing runs at the endpoint, and ends at once when a job or another
// prefill comes. Job's functions are not called.
func (p *Pool) Prefill(ctx context.Context, job Job) (end Prefilled) {
	e, err := p.endpoint(job.Provider)
	if err != nil || !p.enter() {
		return PrefillFailed
	}
	defer p.wg.Done()
	if e.outNow() != nil {
		return PrefillFailed
	}
	if time.Since(p.Catalog().At) > loadedFor {
		if _, err := p.Refresh(ctx); err != nil {
			return PrefillAborted
		}
	}
	name := job.Request.Model
	if !p.resident(job.Provider, name, job.Request.NumCtx) {
		return PrefillUnloaded
	}
	if f, _ := p.Catalog().Figures(job.Provider + "/" + name); f.rereads(time.Now()) {
		return PrefillUseless
	}
	ctx, cancel := context.WithTimeout(ctx, prefillTime)
	defer cancel()
	defer context.AfterFunc(p.ctx, cancel)()
	s := &speculation{p: p, e: e, job: job, affinity: affinity{name, job.Prefix}, cancel: cancel, done: make(chan struct{})}
	if no := e.speculate(ctx, s); no != "" {
		return no
	}
	end = PrefillFailed
	defer func() {
		if r := recover(); r != nil { // a job may wait for the end of this
			p.log.Error("a provider panics", "endpoint", job.Provider, "panic", r)
		}
		e.speculated(s, end)
	}()
	end = s.read(ctx)
	return end
}

// speculation is a prefill under way.
type speculation struct {
	p        *Pool
	e        *endpoint
	job      Job
	affinity affinity
	cancel   context.CancelFunc
	done     chan struct{} // closed when it is over

	// While it waits for the endpoint, whose mutex guards these:
	free   chan struct{} // closed when nobody needs it, or something else came
	passed bool          // something else came

	tokens int // read so far, as far as they were not known, and asked for
}

// The verbs of prefills, which share a beginning with those of jobs and differ
// from each other so that only the shared part is known the second time.
const (
	probe   = "Task:"
	reprobe = "Task: wait for the next one."
)

// read has the model read the messages, piece by piece.
func (s *speculation) read(ctx context.Context) Prefilled {
	all := s.job.Request.Messages
	size := sum(all, Message.size)
	f, _ := s.p.Catalog().Figures(s.job.Provider + "/" + s.job.Request.Model)
	perToken, rate, tested := f.Bytes.V, f.Prefill.V, f.tested(time.Now())
	if perToken <= 0 {
		perToken = 3.3
	}
	for at, first := s.e.known(s.job.Request), true; at < size; first = false {
		step := max(leastPiece, rate*pieceTime.Seconds()) * perToken
		next := at + int(step)
		if float64(size-next) < step/2 {
			next = size // no last piece that is hardly worth a request
		}
		piece, next := cutMessages(all, next)
		took, err := s.ask(ctx, piece, probe, float64(next-at)/perToken)
		if err != nil {
			return s.broken(ctx, err)
		}
		if took > 0 {
			rate = float64(next-at) / perToken / took.Seconds()
		}
		at = next
		if last := at >= size; !tested && (first || last) {
			useless, err := s.test(ctx, piece, float64(at)/perToken/rate)
			if err != nil {
				return s.broken(ctx, err)
			}
			if useless {
				return PrefillUseless
			}
		}
	}
	return PrefillDone
}

// broken is how a prefill ends that an error has ended.
func (s *speculation) broken(ctx context.Context, err error) Prefilled {
	if ctx.Err() != nil {
		return PrefillAborted
	}
	s.p.log.Debug("a prefill failed", "model", s.job.Request.Model, "error", err)
	return PrefillFailed
}

// ask sends one piece, of which so many tokens are new, and tells how long the
// model took to read it.
func (s *speculation) ask(ctx context.Context, messages []Message, verb string, tokens float64) (time.Duration, error) {
	r := s.job.Request
	r.Messages, r.MaxTokens = append(slices.Clone(messages), Message{Role: User, Content: verb}), 1
	known := s.e.sends(r)
	s.e.mu.Lock()
	s.tokens += int(tokens)
	s.e.mu.Unlock()
	read := false
	defer func() {
		if !read {
			s.e.forget(r.Model)
		}
	}()
	reply, err := s.e.provider.Chat(ctx, r, func(Delta) error { return ctx.Err() })
	if ctx.Err() == nil {
		s.p.fared(s.e, err)
	}
	if err != nil {
		return 0, err
	}
	read = true
	s.p.measured(s.job.Provider, r.Model, func(f Figures) Figures {
		return f.With(Sample{Reply: reply, PromptBytes: r.size(), KnownBytes: known, Resident: true, Ahead: true}, time.Now())
	})
	return reply.Prefill, nil
}

// test has the model read once more what it has just read, and that would take so
// many seconds if it were new, to see whether reading ahead brings anything.
func (s *speculation) test(ctx context.Context, piece []Message, seconds float64) (useless bool, err error) {
	if seconds < leastTest.Seconds() {
		return false, nil
	}
	part := 1.0
	for range 2 { // the machine may have been busy with something else the first time
		took, err := s.ask(ctx, piece, reprobe, 0)
		if err != nil {
			return false, err
		}
		if part = min(part, took.Seconds()/seconds); part <= mostAgain {
			break
		}
	}
	s.p.measured(s.job.Provider, s.job.Request.Model, func(f Figures) Figures {
		f = f.Reread(part, time.Now())
		useless = f.rereads(time.Now())
		return f
	})
	return useless, nil
}

// size is how many bytes the prompt of a request is, its frames aside.
func (r Request) size() int { return sum(r.Tools, Tool.size) + sum(r.Messages, Message.size) }

// shared is how many bytes the messages of two chats have in common from their
// start; none if they offer other tools, of which prompts speak first.
func (r Request) shared(o Request) (n int) {
	if !slices.EqualFunc(r.Tools, o.Tools, Tool.equal) {
		return 0
	}
	for i := range min(len(r.Messages), len(o.Messages)) {
		a, b := r.Messages[i], o.Messages[i]
		if !a.same(b) {
			return n
		}
		x, y := a.Content, b.Content
		same := 0
		for same < min(len(x), len(y)) && x[same] == y[same] {
			same++
		}
		if same < max(len(x), len(y)) {
			return n + same
		}
		n += a.size()
	}
	return n
}

// cutMessages is the beginning of a chat of about n bytes, at least one message
// and cut at the end of a line where there is one; and its size.
func cutMessages(all []Message, n int) ([]Message, int) {
	var out []Message
	size := 0
	for i, m := range all {
		if left := n - size; left < m.size() && i > 0 && len(m.Calls) == 0 {
			cut := strings.LastIndexByte(m.Content[:max(left, 0)], '\n') + 1
			if cut < left/2 { // a long line
				for cut = left; cut > 0 && !utf8.RuneStart(m.Content[cut]); {
					cut--
				}
			}
			if cut > 0 {
				m.Content = m.Content[:cut]
				out = append(out, m)
			}
			return out, size + cut
		}
		out = append(out, m)
		size += m.size()
	}
	return out, size
}
