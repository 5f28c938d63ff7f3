package agent

import (
	"time"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/agent/model"
)

// stream turns the deltas of one reply into events and feeds the parser.
type stream struct {
	*run
	parser  *edit.Parser
	turn    *turn // reads calls from the reply; nil where there can't be any
	at      Event // what every event of this reply has in common
	preview bool  // the parser's view of the code goes with each event
	first   time.Time
	tokens  int
	own     time.Duration // spent in these methods: Hob's time and not the model's
}

// mine books the time until the function it gives is called.
func (s *stream) mine() func() {
	began := time.Now()
	return func() { s.own += time.Since(began) }
}

// rateFrom is how long a stream must flow before its rate means anything.
const rateFrom = 250 * time.Millisecond

func (s *stream) emit(state State) {
	e := s.at
	e.State = state
	s.on(e)
}

func (s *stream) queued(w model.Wait) {
	defer s.mine()()
	e := s.at
	e.State, e.Ahead = Queued, w.Ahead
	s.on(e)
}

func (s *stream) started(resident bool) {
	defer s.mine()()
	if !resident {
		s.emit(Loading)
		return
	}
	s.emit(Reading)
}

func (s *stream) delta(d model.Delta) error {
	defer s.mine()()
	if s.first.IsZero() {
		s.first = time.Now()
	}
	s.tokens++ // servers send a delta a token, or near enough for people
	if done, calling := s.read(&d); done || calling {
		return enough(done)
	}
	done := d.Text != "" && s.parser.Write(d.Text)
	e := s.at
	e.State, e.Delta, e.OutputTokens = Writing, d.Text, s.tokens
	if took := time.Since(s.first); took >= rateFrom {
		e.Rate = float64(s.tokens-1) / took.Seconds()
	}
	if s.preview {
		e.Text = s.parser.Preview()
	}
	s.on(e)
	return enough(done)
}

// read takes the calls out of a delta. calling says that the reply has some: then
// its text is no answer.
func (s *stream) read(d *model.Delta) (done, calling bool) {
	if s.turn == nil {
		return false, false
	}
	before := len(s.turn.calls)
	d.Text, done = s.turn.take(*d)
	if len(s.turn.calls) > before {
		e := s.at
		e.State, e.Calls = Looking, s.turn.words()
		s.on(e)
	}
	return done, s.turn.calling()
}

func enough(done bool) error {
	if done {
		return model.ErrStop
	}
	return nil
}

// end takes the end of the reply.
func (s *stream) end() {
	if s.turn == nil {
		return
	}
	before := len(s.turn.calls)
	if rest := s.turn.end(s.parser.Raw()); rest != "" {
		s.parser.Write(rest)
	}
	if len(s.turn.calls) > before {
		e := s.at
		e.State, e.Calls = Looking, s.turn.words()
		s.on(e)
	}
}
