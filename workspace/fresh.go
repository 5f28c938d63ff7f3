package workspace

import (
	"context"
	"errors"
	"time"
)

// Fresh is a snapshot that has the file at path (absolute) as it is on disk now: the
// watching may be late, and where a folder can't be watched it is late by seconds.
// An open document may have another text than its file. Not ok means that ctx ended
// first, as with a file that changes all the time.
func (w *Workspace) Fresh(ctx context.Context, path string) (snap *Snapshot, ok bool) {
	return w.Refresh(ctx, path, func(snap *Snapshot) bool {
		f, err := snap.Saved(path)
		if err != nil {
			// What can't be read is not compared; what is gone may be back.
			return !errors.Is(err, ErrNotFound) || !w.Exists(path)
		}
		_, err = stillIs(f.Path, f.Text)
		return err == nil
	})
}

// Refresh has the file at path read again unless fresh accepts the snapshot as it
// is, and waits for one that it accepts: until ctx ends, and then it is not ok.
func (w *Workspace) Refresh(ctx context.Context, path string, fresh func(*Snapshot) bool) (snap *Snapshot, ok bool) {
	if snap = w.Snapshot(); fresh(snap) {
		return snap, true
	}
	if w.Apply(Change{Kind: DiskChanged, Path: path}) != nil {
		return snap, false
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if snap = w.Snapshot(); fresh(snap) {
				return snap, true
			}
		case <-ctx.Done():
			// Once more: a machine that stood still lets both come at once.
			snap = w.Snapshot()
			return snap, fresh(snap)
		}
	}
}
