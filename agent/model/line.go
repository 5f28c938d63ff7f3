package model

import (
	"slices"
	"time"
)

// maxOvertaken is how many later requests may run before a request because they
// suit what the server has in memory, and maxHeldUp how long they may go on to.
// Both bound what the order by affinity can cost anybody.
const (
	maxOvertaken = 8
	maxHeldUp    = 15 * time.Second
)

// affinity is what makes two requests good neighbours: the same model needs no
// swap, the same prefix of the prompt need not be evaluated again.
type affinity struct {
	model  string
	prefix uint64
}

// place is a request that stands in a line.
//
// Inv: of two places the one in front was overtaken at least as often.
type place struct {
	affinity
	since     time.Time
	overtaken int
}

// line is the order of the requests that wait at one endpoint. Pure; T says who
// stands in a place.
type line[T any] struct {
	places []place
	who    []T
	last   affinity // of the request that started last
}

func (l *line[T]) len() int { return len(l.places) }

// join adds a request at the end.
func (l *line[T]) join(now time.Time, a affinity, who T) {
	l.places = append(l.places, place{affinity: a, since: now})
	l.who = append(l.who, who)
}

// leave takes the i-th request out; nobody is overtaken by that.
func (l *line[T]) leave(i int) {
	l.places = slices.Delete(l.places, i, i+1)
	l.who = slices.Delete(l.who, i, i+1)
}

// next takes the request that is to run next out of the line, which must not be empty.
func (l *line[T]) next(now time.Time) T {
	i := pick(now, l.places, l.last)
	who := l.who[i]
	l.last = l.places[i].affinity
	l.places = take(l.places, i)
	l.who = slices.Delete(l.who, i, i+1)
	return who
}

// order is who will run when if nobody joins or leaves: the indexes of the
// places in the order in which next would take them.
func (l *line[T]) order(now time.Time) []int {
	places, last := slices.Clone(l.places), l.last
	index := make([]int, len(places))
	for i := range index {
		index[i] = i
	}
	out := make([]int, 0, len(places))
	for len(places) > 0 {
		i := pick(now, places, last)
		last = places[i].affinity
		out = append(out, index[i])
		places, index = take(places, i), slices.Delete(index, i, i+1)
	}
	return out
}

// pick chooses the place to run next: the first that shares the prefix of the
// last one, else the first that shares its model, else the first; and the first
// in any case once it was overtaken often enough, or long enough.
func pick(now time.Time, places []place, last affinity) int {
	if first := places[0]; first.overtaken >= maxOvertaken || first.overtaken > 0 && now.Sub(first.since) >= maxHeldUp {
		return 0
	}
	if i := slices.IndexFunc(places, func(p place) bool { return p.affinity == last }); i >= 0 {
		return i
	}
	if i := slices.IndexFunc(places, func(p place) bool { return p.model == last.model }); i >= 0 {
		return i
	}
	return 0
}

// take removes place i, in place; all before it are overtaken.
func take(places []place, i int) []place {
	for j := range i {
		places[j].overtaken++
	}
	return slices.Delete(places, i, i+1)
}
