package lsp

import (
	"fmt"
	"path/filepath"
	"sync"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/workspace"
)

// watched are the options with which the workspace tells the user what it does.
func (s *Server) watched(opts workspace.Options) workspace.Options {
	c := &scans{bars: map[string]*bar{}}
	c.start = func(title string) *bar {
		c.last++
		return s.startBar(fmt.Sprintf("scan%d", c.last), title, nil)
	}
	opts.Progress = c.told
	opts.Watching = s.wakeWatching
	opts.Changed = s.outlines.touchDisk
	opts.Remote = s.opts.Remote
	opts.Notice = func(text string) { s.showMessage(protocol.MessageTypeWarning, failedPrefix+text) }
	return opts
}

// scans are the progress bars of the folders that are being read.
type scans struct {
	mu    sync.Mutex              // guards what follows
	start func(title string) *bar // nil if the editor shows none
	last  int
	bars  map[string]*bar // by folder
}

// told shows how far the scan of a folder is. A quick one only tells of its end,
// and shows nothing.
func (c *scans) told(p workspace.Progress) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, shown := c.bars[p.Root]
	if p.End {
		delete(c.bars, p.Root)
		go b.end("done") // it waits until the end is sent, which a scan must not
		return
	}
	if !shown {
		b = c.start("Hob: reading " + filepath.Base(p.Root))
		c.bars[p.Root] = b
	}
	b.report(fmt.Sprintf("%d of %d files", p.Done, p.Found))
}
