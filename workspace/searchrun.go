package workspace

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/hob-ls/hob/workspace/index"
)

// searchRun is one search under way.
//
//	targets -> chunks, in order -> workers -> out of each chunk -> deliver
//
// A worker takes the next chunk and waits where a chunk has more matches than
// fit in its out, until deliver has come to it. Deliver takes the chunks one
// after the other. The first chunk not delivered is always one that a worker is
// at, so that they never wait for each other.
type searchRun struct {
	plan   *plan
	ctx    context.Context
	chunks []chunk
	next   atomic.Int64 // chunk to take
	ahead  chan struct{}
	free   chan []Hit // batches that were delivered, to be filled again
	wg     sync.WaitGroup

	stopped atomic.Bool // ctx ended: cheaper to ask
	release func() bool

	report     Report // Matches and Cut: deliver's own
	files      atomic.Int64
	large      atomic.Int64
	unread     atomic.Int64
	clipped    atomic.Int64
	unfiltered atomic.Int64 // texts that a filter might have spared us
}

// target is one file to be searched.
type target struct {
	path string
	doc  *document // the open document, or
	ix   *index.Index
	e    *index.Entry // the entry of ix
}

func (t *target) size() int {
	if t.doc != nil {
		return chunkBytes / 8 // its text may have to be put together first
	}
	return int(min(t.e.Size, 1<<30))
}

// chunk is some files that one worker searches.
type chunk struct {
	targets []target
	out     chan []Hit // closed when all is searched
}

// What makes a chunk, and how much is made ready before it is taken.
const (
	chunkFiles = 128
	chunkBytes = 256 << 10
	batchSize  = 256 // matches
	batches    = 2   // of a chunk, beyond the one a worker fills
	maxAhead   = 256 // chunks that are searched and not delivered
)

func newSearchRun(ctx context.Context, p *plan, targets []target) *searchRun {
	r := &searchRun{plan: p, ctx: ctx, ahead: make(chan struct{}, maxAhead), free: make(chan []Hit, maxAhead)}
	r.release = context.AfterFunc(ctx, func() { r.stopped.Store(true) })
	for len(targets) > 0 {
		n, size := 0, 0
		for n < len(targets) && n < chunkFiles && size < chunkBytes {
			size += targets[n].size()
			n++
		}
		r.chunks = append(r.chunks, chunk{targets[:n], make(chan []Hit, batches)})
		targets = targets[n:]
	}
	for range min(runtime.GOMAXPROCS(0), len(r.chunks)) {
		r.wg.Go(r.work)
	}
	return r
}

// wait waits for the workers; ctx has ended, or all is delivered.
func (r *searchRun) wait() {
	r.wg.Wait()
	r.release()
}

func (r *searchRun) total() Report {
	r.report.Files, r.report.Large = int(r.files.Load()), int(r.large.Load())
	r.report.Unread, r.report.Clipped = int(r.unread.Load()), int(r.clipped.Load())
	return r.report
}

// deliver gives the matches to yield, until ctx ends, yield fails or the limit is
// reached; done says that these were all.
func (r *searchRun) deliver(yield func(Hit) error) (done bool, err error) {
	for i := range r.chunks {
		for open := true; open; {
			var batch []Hit
			select {
			case batch, open = <-r.chunks[i].out:
			case <-r.ctx.Done():
				return false, nil
			}
			for _, m := range batch {
				if r.stopped.Load() {
					return false, nil
				}
				if r.plan.Max > 0 && r.report.Matches == r.plan.Max {
					r.report.Cut = CutLimit
					return false, nil
				}
				if err := yield(m); err != nil {
					return false, err
				}
				r.report.Matches++
			}
			r.recycle(batch)
		}
		<-r.ahead
	}
	return true, nil
}

// work searches chunks until there are no more.
func (r *searchRun) work() {
	s := newSearcher(r.plan, r.stopped.Load)
	for {
		select {
		case r.ahead <- struct{}{}:
		case <-r.ctx.Done():
			return
		}
		i := int(r.next.Add(1)) - 1
		if i >= len(r.chunks) {
			<-r.ahead
			return
		}
		c := &r.chunks[i]
		var batch []Hit
		s.emit = func(m Hit) bool {
			if batch == nil {
				batch = r.batch()
			}
			batch = append(batch, m)
			if len(batch) < batchSize {
				return true
			}
			full := batch
			batch = nil
			return r.send(c, full)
		}
		for j := range c.targets {
			if r.stopped.Load() {
				return
			}
			r.search(s, &c.targets[j])
		}
		if len(batch) > 0 && !r.send(c, batch) || r.stopped.Load() {
			return // out stays open: the chunk is not done
		}
		close(c.out)
	}
}

// batch is an empty one. The first is small: most files have few matches.
func (r *searchRun) batch() []Hit {
	select {
	case b := <-r.free:
		return b
	default:
		return make([]Hit, 0, 8)
	}
}

func (r *searchRun) recycle(b []Hit) {
	if cap(b) == 0 {
		return
	}
	select {
	case r.free <- b[:0]:
	default: // there are enough
	}
}

func (r *searchRun) send(c *chunk, batch []Hit) bool {
	select {
	case c.out <- batch:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// search looks into one file.
func (r *searchRun) search(s *searcher, t *target) {
	if t.doc != nil {
		r.files.Add(1)
		r.scan(s, t.path, t.doc.File().Text)
		return
	}
	e := t.e
	switch {
	case e.Kind == index.Large:
		r.large.Add(1)
		return
	case e.Held:
		r.files.Add(1)
		filter := e.Trigrams()
		if !r.plan.trigrams.MayMatch(filter) {
			return
		}
		if filter == nil && r.plan.trigrams != nil {
			r.unfiltered.Add(1)
		}
	default:
		now, err := t.ix.Read(e)
		if err != nil {
			if errors.Is(err, index.ErrTooLarge) {
				r.large.Add(1)
			} else {
				r.unread.Add(1)
			}
			return
		}
		r.files.Add(1)
		e = now
	}
	r.scan(s, t.path, e.Text)
}

func (r *searchRun) scan(s *searcher, path, text string) {
	if s.file(path, text) {
		r.clipped.Add(1)
	}
}
