package client

import "sync"

// queue runs functions in order on one goroutine. Pushing never blocks.
type queue struct {
	mu     sync.Mutex // guards items, closed
	items  []func()
	closed bool
	wake   chan struct{} // holds one token while there is something to look at
	done   chan struct{} // closed when the last function returned
}

func newQueue() *queue {
	q := &queue{wake: make(chan struct{}, 1), done: make(chan struct{})}
	go q.run()
	return q
}

// push adds f; false after close.
func (q *queue) push(f func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.items = append(q.items, f)
	q.signal()
	return true
}

// close lets what is queued run and ends the goroutine then.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default: // the goroutine will look anyway
	}
}

func (q *queue) run() {
	defer close(q.done)
	for range q.wake {
		q.mu.Lock()
		items, closed := q.items, q.closed
		q.items = nil
		q.mu.Unlock()
		for _, f := range items {
			f()
		}
		if closed {
			return
		}
	}
}
