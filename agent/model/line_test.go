package model

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// run empties the line and returns who ran, in order.
func run(l *line[string]) (out []string) {
	for l.len() > 0 {
		out = append(out, l.next(time.Time{}))
	}
	return out
}

func TestLineOrder(t *testing.T) {
	a1, a2, b1 := affinity{"a", 1}, affinity{"a", 2}, affinity{"b", 1}
	for _, x := range []struct {
		name string
		last affinity
		join []affinity
		want []string
	}{
		{"first in, first out", affinity{}, []affinity{a1, a1, a1}, []string{"0", "1", "2"}},
		{"by model", affinity{}, []affinity{a1, b1, a1, b1}, []string{"0", "2", "1", "3"}},
		{"by prefix within a model", affinity{}, []affinity{a1, a2, a1, a2}, []string{"0", "2", "1", "3"}},
		{"what ran last is resident", b1, []affinity{a1, b1, a1, b1}, []string{"1", "3", "0", "2"}},
		{"prefix before model before place", a2, []affinity{b1, a1, a2}, []string{"2", "1", "0"}},
		{"the same prefix of another model is nothing", a1, []affinity{{"c", 9}, b1}, []string{"0", "1"}},
	} {
		l := line[string]{last: x.last}
		for i, a := range x.join {
			l.join(time.Time{}, a, string(rune('0'+i)))
		}
		if got := run(&l); !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", x.name, got, x.want)
		}
	}
}

// TestLineTime: nor is a request held up for longer than maxHeldUp, however few
// have overtaken it.
func TestLineTime(t *testing.T) {
	begin := time.Unix(9, 0)
	l := line[string]{last: affinity{model: "a"}}
	l.join(begin, affinity{model: "b"}, "b")
	for i, want := range []string{"a", "a", "b"} {
		now := begin.Add(time.Duration(i) * maxHeldUp / 2)
		l.join(now, affinity{model: "a"}, "a")
		if got := l.next(now); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
	}
}

// TestLineBound: an endless stream of requests for the resident model overtakes
// the one for another model exactly maxOvertaken times.
func TestLineBound(t *testing.T) {
	l := line[string]{last: affinity{model: "a"}}
	l.join(time.Time{}, affinity{model: "b"}, "b")
	for n := 0; ; n++ {
		l.join(time.Time{}, affinity{model: "a"}, "a")
		if l.next(time.Time{}) == "b" {
			if n != maxOvertaken {
				t.Errorf("overtaken %d times, want %d", n, maxOvertaken)
			}
			return
		}
		if n > 100 {
			t.Fatal("never its turn")
		}
	}
}

// TestLineProperties: whatever joins and leaves, nobody is lost or runs twice,
// nobody is overtaken more often than allowed, order foretells next, and places
// are overtaken the more the farther in front they are.
func TestLineProperties(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var l line[int]
		joined, left, overtaken := 0, map[int]bool{}, map[int]int{}
		for step := 0; step < 60 || l.len() > 0; step++ {
			switch n := r.IntN(5); {
			case step < 60 && n < 3:
				l.join(time.Time{}, affinity{string(rune('a' + r.IntN(3))), uint64(r.IntN(2))}, joined)
				joined++
			case l.len() > 0 && n == 3:
				i := r.IntN(l.len())
				left[l.who[i]] = true
				l.leave(i)
			case l.len() > 0:
				order := l.order(time.Time{})
				waiting := slices.Clone(l.who)
				got := l.next(time.Time{})
				if waiting[order[0]] != got {
					t.Fatalf("seed %d: order says %d, next %d", seed, waiting[order[0]], got)
				}
				if sorted := slices.Sorted(slices.Values(order)); len(sorted) != len(waiting) || sorted[len(sorted)-1] != len(sorted)-1 {
					t.Fatalf("seed %d: order %v of %d", seed, order, len(waiting))
				}
				for _, w := range waiting {
					if w < got {
						if overtaken[w]++; overtaken[w] > maxOvertaken {
							t.Fatalf("seed %d: %d was overtaken %d times", seed, w, overtaken[w])
						}
					}
				}
				if left[got] {
					t.Fatalf("seed %d: %d runs twice", seed, got)
				}
				left[got] = true
			}
			if !slices.IsSortedFunc(l.places, func(a, b place) int { return b.overtaken - a.overtaken }) {
				t.Fatalf("seed %d: %v", seed, l.places)
			}
		}
		if len(left) != joined {
			t.Fatalf("seed %d: %d of %d ran or left", seed, len(left), joined)
		}
	}
}

func BenchmarkLineOrder100(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var l line[int]
	for i := range 100 {
		l.join(time.Time{}, affinity{string(rune('a' + r.IntN(3))), uint64(r.IntN(4))}, i)
	}
	for b.Loop() {
		l.order(time.Time{})
	}
}
