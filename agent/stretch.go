package agent

import (
	"sync"
	"time"
)

// Stretch measures how long at least one of several things was under way. The zero
// value is ready; it is safe for concurrent use.
type Stretch struct {
	mu    sync.Mutex // guards what follows
	open  int
	since time.Time
	total time.Duration
}

// Begin begins one of them; the function it gives ends it.
func (s *Stretch) Begin() (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open++; s.open == 1 {
		s.since = time.Now()
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.open--; s.open == 0 {
			s.total += time.Since(s.since)
		}
	}
}

// Sum is what it came to so far, without what is still under way.
func (s *Stretch) Sum() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}
