package modeltest

import (
	"context"
	"errors"
	"slices"
	"time"
)

// resident is a model in memory. Server.mu guards it.
type resident struct {
	name    string // canonical
	numCtx  int
	users   int           // requests holding a slot on it
	ready   chan struct{} // closed when it is loaded
	expires time.Time
	prompt  string // the last prompt evaluated: its common prefix with the next one is free
}

// memory holds the resident models, least recently used first.
type memory []*resident

// alive drops the models whose keep_alive has run out and returns the others.
func (m *memory) alive(now time.Time) []*resident {
	*m = slices.DeleteFunc(*m, func(r *resident) bool { return r.users == 0 && now.After(r.expires) })
	return *m
}

func (m *memory) find(name string) *resident {
	for _, r := range *m {
		if r.name == name {
			return r
		}
	}
	return nil
}

func (m *memory) drop(r *resident) {
	*m = slices.DeleteFunc(*m, func(x *resident) bool { return x == r })
}

// ticket is a request in line for a slot.
type ticket struct {
	model  Model
	numCtx int
	keep   time.Duration
	turn   chan struct{} // closed when it has a slot and its model a place in memory
	res    *resident
	loads  bool // its model is loaded for it
}

var errFull = errors.New("server busy, please try again.  maximum pending requests exceeded")

// slot waits in line until the request holds a slot and its model is loaded.
// Unless it fails, the caller must call leave.
func (s *Server) slot(ctx context.Context, t *ticket) error {
	t.turn = make(chan struct{})
	full := false
	s.change(func() {
		if full = len(s.line) >= s.script.Queue; full {
			return
		}
		s.line = append(s.line, t)
		s.stats.Queued++
		s.admit()
	})
	if full {
		return errFull
	}
	select {
	case <-t.turn:
	case <-ctx.Done():
		s.change(func() {
			if i := slices.Index(s.line, t); i >= 0 {
				s.line = slices.Delete(s.line, i, i+1)
				s.stats.Queued--
				s.admit() // whoever stood behind it may go
			} else {
				s.release(t)
			}
		})
		return ctx.Err()
	}
	select {
	case <-t.res.ready:
		return nil
	case <-ctx.Done():
		s.leave(t)
		return ctx.Err()
	}
}

func (s *Server) leave(t *ticket) { s.change(func() { s.release(t) }) }

// release gives the slot of t to the next in line. s.mu must be held.
func (s *Server) release(t *ticket) {
	t.res.users--
	t.res.expires = time.Now().Add(t.keep)
	s.stats.Running--
	s.admit()
}

// admit gives free slots to the head of the line. Nobody overtakes: a head whose
// model must wait for memory blocks the rest, as in Ollama. s.mu must be held.
func (s *Server) admit() {
	for len(s.line) > 0 && s.stats.Running < s.script.Slots {
		t := s.line[0]
		if !s.place(t) {
			return
		}
		s.line = s.line[1:]
		s.stats.Queued--
		s.stats.Running++
		s.stats.MaxRunning = max(s.stats.MaxRunning, s.stats.Running)
		close(t.turn)
	}
}

// place finds or makes room for the model of t in memory; false if all that
// could go is in use. s.mu must be held.
func (s *Server) place(t *ticket) bool {
	s.memory.alive(time.Now())
	name := canonical(t.model.Name)
	r := s.memory.find(name)
	if r != nil && r.numCtx != t.numCtx { // other runner options: loaded anew
		if r.users > 0 {
			return false
		}
		s.memory.drop(r)
		r = nil
	}
	if r == nil {
		if s.script.Resident > 0 && len(s.memory) >= s.script.Resident {
			i := slices.IndexFunc(s.memory, func(r *resident) bool { return r.users == 0 })
			if i < 0 {
				return false
			}
			s.memory.drop(s.memory[i])
		}
		r = &resident{name: name, numCtx: t.numCtx, ready: make(chan struct{})}
		t.loads = true
		s.stats.Loads++
		if t.model.Load > 0 {
			time.AfterFunc(t.model.Load, func() { close(r.ready) })
		} else {
			close(r.ready)
		}
	} else {
		s.memory.drop(r) // and back at the end: most recently used
	}
	s.memory = append(s.memory, r)
	r.users++
	t.res = r
	return true
}

// evaluate returns how many bytes of the prompt the model has evaluated before,
// and remembers the prompt.
func (s *Server) evaluate(r *resident, prompt string) (known int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.script.Forgets && known < min(len(prompt), len(r.prompt)) && prompt[known] == r.prompt[known] {
		known++
	}
	r.prompt = prompt
	return known
}
