package lsp

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// outlineQuiet is how long typing must pause before outlines are read.
const outlineQuiet = 150 * time.Millisecond

// outlines reads the outline of a document soon after it changed, so that the
// menu finds it ready: a large file takes longer than a menu may. What hangs on
// the text follows: findings move, own commands are checked.
type outlines struct {
	mu    sync.Mutex // guards paths
	paths map[string]bool
	disk  atomic.Bool // files changed on disk
	wake  chan struct{}
}

func (o *outlines) init() {
	o.paths = map[string]bool{}
	o.wake = make(chan struct{}, 1)
}

// touch notes a change; it never blocks.
func (o *outlines) touch(path string) {
	o.mu.Lock()
	o.paths[path] = true
	o.mu.Unlock()
	o.again()
}

// touchDisk notes that files changed on disk; it never blocks.
func (o *outlines) touchDisk() {
	o.disk.Store(true)
	o.again()
}

func (o *outlines) again() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take gives the paths that changed since the last time.
func (o *outlines) take() map[string]bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	paths := o.paths
	o.paths = map[string]bool{}
	return paths
}

// keepOutlines reads outlines whenever the editor has been quiet for a moment.
func (s *Server) keepOutlines(ctx context.Context) {
	quiet := time.NewTimer(outlineQuiet)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.outlines.wake:
			quiet.Reset(outlineQuiet)
		case <-quiet.C:
			if s.outlines.disk.Swap(false) {
				for _, path := range s.findings.paths() {
					s.moveFindings(path)
				}
			}
			snap := s.snapshot()
			for path := range s.outlines.take() {
				if f, err := openFile(snap, path); err == nil && ctx.Err() == nil {
					f.Outline()
				}
				s.moveFindings(path)
				s.checkOwn(snap, path)
			}
		}
	}
}
