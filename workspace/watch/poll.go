package watch

import (
	"fmt"
	"os"
	"time"
)

// What follows is about folders that the system tells nothing of, or not all. It
// is the process goroutine's.

// polling reports whether the folder is looked at from time to time.
func (w *Watcher) polling() bool { return w.interval > 0 }

// beginPolling looks at the folder from time to time, from now on.
func (w *Watcher) beginPolling(why string) {
	w.interval = w.opts.Poll
	w.next = time.Now().Add(w.interval)
	w.setState(fmt.Sprintf("polling: %s", why))
}

// paced sets when to look again: soon where something was found, later and later
// where nothing was, and never so often that looking is all there is.
func (w *Watcher) paced(took time.Duration, changed bool) {
	least := max(w.opts.Poll, 20*took)
	if w.missing {
		// Looking for a folder costs nothing, and the user waits for it to come back.
		w.interval = w.opts.Poll
	} else if changed {
		w.interval = least
	} else {
		w.interval = min(max(w.interval*3/2, least), max(w.opts.MaxPoll, least))
	}
	w.next = time.Now().Add(w.interval)
}

// Poke says that something is going on in the folder: where it is polled, it is
// looked at at once and more often.
func (w *Watcher) Poke() {
	w.mu.Lock()
	w.poked = true
	w.mu.Unlock()
	w.signal()
}

// poll asks for a look at everything. A folder that was missing is watched as
// soon as it is back.
func (w *Watcher) poll(g *gathering) {
	if w.missing {
		if _, err := os.Stat(w.root); err == nil {
			w.restart(g, "the folder is back")
			return
		}
		w.paced(0, false)
		return // still not there: nothing to look at
	}
	g.rescan = "polling"
	clear(g.paths)
}
