package workspace

import (
	"sync"
	"time"
)

// Progress says how far the scan of a root is.
type Progress struct {
	Root  string
	Found int   // files that the walk came by so far
	Done  int   // of these, read or left as they were
	Bytes int64 // read
	End   bool  // the scan is over
}

// progressEvery is how often a scan tells of its progress; one that is faster
// only tells of its end.
const progressEvery = 100 * time.Millisecond

// scanned is the count of a root at some moment.
type scanned struct{ found, done, bytes int64 }

func (r *root) scanned() scanned {
	return scanned{r.progress.Found.Load(), r.progress.Done.Load(), r.progress.Bytes.Load()}
}

// report starts telling Options.Progress of a scan; the function it returns ends
// that, with a last word.
func (r *root) report() (end func()) {
	tell := r.w.env.opts.Progress
	before := r.scanned()
	if tell == nil {
		return func() {}
	}
	now := func(end bool) Progress {
		s := r.scanned()
		return Progress{
			Root: r.dir, Found: int(s.found - before.found), Done: int(s.done - before.done),
			Bytes: s.bytes - before.bytes, End: end,
		}
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		ticker := time.NewTicker(progressEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				tell(now(false))
			case <-stop:
				return
			}
		}
	})
	return func() {
		close(stop)
		wg.Wait()
		tell(now(true))
	}
}
