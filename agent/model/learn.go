package model

import (
	"slices"
	"time"
)

// Learn as the number of slots of an endpoint in PoolOptions has the pool find
// out how many requests the server serves at once.
const Learn = -1

// A server that does not say how many requests it serves at once is tried: while
// it writes one reply, it is sent one more request to the same model. If that
// begins to answer before the first has ended, there are two slots, and so on up
// to mostSlots. After doubts requests in a row that were only answered when
// another had ended, it is left alone for tryAgain, then twice as long, up to
// tryRarely.
const (
	mostSlots = 4
	waits     = 3 // a request had to wait if it was silent so much longer before one of the others left than after
	doubts    = 3
	tryAgain  = 10 * time.Minute
	tryRarely = 2 * time.Hour
)

// ride is a request that has a slot.
type ride struct {
	model string
	begin time.Time
	with  []*ride   // those that had slots when it got its own
	alone time.Time // when one of them left last
	heard bool      // its reply has begun
	trial bool      // one more than there are known slots
	hit   bool      // its prefix was read ahead, all of it
}

// learner finds out the number of slots. Pure: the caller brings the time.
type learner struct {
	on    bool
	doubt [2]int        // requests in a row that had to wait: on a known slot, and as trials
	next  time.Time     // no trial before
	pause time.Duration // until the next trial if the doubts win again
}

// may reports whether a request to that model may be sent though no known slot is free.
func (l *learner) may(now time.Time, riding []*ride, slots int, model string) bool {
	if !l.on || slots >= mostSlots || len(riding) != slots || now.Before(l.next) {
		return false
	}
	return !slices.ContainsFunc(riding, func(r *ride) bool { return !r.heard || r.model != model })
}

// saw judges the first word of a reply and returns the number of slots known
// now. riding are the requests that have slots.
func (l *learner) saw(now time.Time, r *ride, riding []*ride, slots int) int {
	if !l.on || len(r.with) == 0 {
		return slots
	}
	level, kind := len(r.with)+1, 0
	if level > slots {
		kind = 1
	}
	together := !slices.ContainsFunc(r.with, func(o *ride) bool { return !slices.Contains(riding, o) || !o.heard })
	switch {
	case together:
		l.doubt[kind] = 0
		if level > slots {
			l.doubt, l.pause = [2]int{}, 0
		}
		return max(slots, level)
	case r.alone.IsZero(), r.alone.Sub(r.begin) < waits*now.Sub(r.alone):
		return slots // it may just have been reading its prompt
	}
	if l.doubt[kind]++; l.doubt[kind] < doubts {
		return slots
	}
	l.pause = min(max(2*l.pause, tryAgain), tryRarely)
	l.doubt, l.next = [2]int{}, now.Add(l.pause)
	return min(slots, max(1, level-1))
}
