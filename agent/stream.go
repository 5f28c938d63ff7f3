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
	if done {
		return model.ErrStop
	}
	return nil
}
