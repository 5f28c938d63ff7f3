package modeltest

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// fault acts when the reply is to go wrong before chunk i; true ends the reply.
func (x *exchange) fault(i int) bool {
	if i != min(x.reply.After, x.total) {
		return false
	}
	switch x.reply.Fault {
	case Drop:
		x.header()
		_ = http.NewResponseController(x.w).Flush() // the connection is cut next
		panic(http.ErrAbortHandler)
	case End:
		x.header()
	case Stall:
		x.header()
		_ = http.NewResponseController(x.w).Flush() // an error shows as the end of x.ctx
		<-x.ctx.Done()
	case Garbage:
		x.raw(x.face.garbage())
	case ErrorLine:
		x.raw(x.face.error("an error was encountered while running the model: out of memory"))
	case Endless:
		start := time.Now()
		for n := 1; x.sleep(start, n, cmp.Or(x.reply.Decode, x.s.script.Decode)) && x.write(chunk{content: "and on "}); n++ {
		}
	default:
		return false
	}
	return true
}

// gates waits at the gates before chunk i; false if the client went away.
func (x *exchange) gates(i int) bool {
	for _, g := range x.reply.Gates {
		if min(g.After, x.total) != i {
			continue
		}
		var ch chan struct{}
		x.note(func(r *Record) { r.Gate, ch = g.Name, x.s.gate(g.Name).ch })
		select {
		case <-ch:
			x.note(func(r *Record) { r.Gate = "" })
		case <-x.ctx.Done():
			x.note(func(r *Record) { r.Gate = "" })
			return false
		}
	}
	return x.ctx.Err() == nil
}

// sleep waits until n tokens at that rate have passed since start; false if the
// client went away. The moments are absolute, so that delays do not add up.
func (x *exchange) sleep(start time.Time, n int, rate float64) bool {
	if rate <= 0 {
		return true
	}
	t := time.NewTimer(time.Until(start.Add(during(n, rate))))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-x.ctx.Done():
		return false
	}
}

// during is how long n tokens take at that rate.
func during(n int, rate float64) time.Duration {
	return time.Duration(float64(n) / rate * float64(time.Second))
}

func (x *exchange) header() {
	if x.rec.Status == 0 {
		x.note(func(r *Record) { r.Status = http.StatusOK })
		x.w.Header().Set("Content-Type", x.face.contentType())
		x.w.WriteHeader(http.StatusOK)
	}
}

// write sends one piece of the reply; false if the client went away.
func (x *exchange) write(c chunk) bool {
	if !c.mute && !x.raw(x.face.chunk(x, c)) {
		return false
	}
	x.note(func(r *Record) {
		r.sent = append(r.sent, c.content...)
		r.Chunks++
		if r.First.IsZero() {
			r.First = time.Now()
		}
	})
	return true
}

// raw sends bytes in the pieces that the script wants.
func (x *exchange) raw(b []byte) bool {
	x.header()
	rc := http.NewResponseController(x.w)
	size := len(b)
	if x.reply.Wire > 0 {
		size = x.reply.Wire
	}
	for piece := range slices.Chunk(b, size) {
		_, err := x.w.Write(piece)
		if err == nil {
			err = rc.Flush()
		}
		if err != nil {
			x.broke = true
			return false
		}
	}
	return x.ctx.Err() == nil
}
