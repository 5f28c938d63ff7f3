package lsp

import (
	"context"
	"fmt"
	"slices"

	"go.lsp.dev/protocol"
)

// Hob watches the disk by itself: it knows which folders matter, and not every editor can.
// Where the system does not let it (a network drive, too few watches), it looks at
// intervals, and asks an editor that offers it to tell what it sees meanwhile.

// watching is what the editor was asked to tell.
type watching struct {
	wake chan struct{} // holds a token while the folders may be others
	dirs []string      // asked for; of the goroutine of keepWatched
	id   string        // of the registration; "" if there is none
	last int           // registrations so far
}

// wakeWatching has the folders looked through that can't be watched; it never blocks.
func (s *Server) wakeWatching() {
	select {
	case s.watching.wake <- struct{}{}:
	default:
	}
}

// keepWatched registers for changes of files in the folders that the workspace can't watch,
// as long as there are some.
func (s *Server) keepWatched(ctx context.Context) {
	if !s.client.watchFiles {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.watching.wake:
			if err := s.askWatched(ctx, s.ws.Polled()); err != nil && ctx.Err() == nil {
				s.log.Warn("the editor does not tell of changed files", "err", err)
			}
		}
	}
}

// askWatched makes dirs the folders that the editor tells about.
func (s *Server) askWatched(ctx context.Context, dirs []string) error {
	w := &s.watching
	if slices.Equal(dirs, w.dirs) {
		return nil
	}
	if w.id != "" && (len(dirs) == 0 || s.client.relativeGlobs) {
		id := w.id
		w.id = ""
		err := s.editor.UnregisterCapability(ctx, &protocol.UnregistrationParams{
			Unregisterations: []protocol.Unregistration{{ID: id, Method: protocol.MethodWorkspaceDidChangeWatchedFiles}},
		})
		if err != nil {
			return err
		}
	}
	w.dirs = dirs
	if len(dirs) == 0 || w.id != "" { // without relative patterns one is for all folders
		return nil
	}
	w.last++
	w.id = fmt.Sprintf("watch%d", w.last)
	const everything = protocol.Pattern("**/*")
	watchers := []protocol.FileSystemWatcher{{GlobPattern: everything}}
	if s.client.relativeGlobs {
		watchers = watchers[:0]
		for _, dir := range dirs {
			watchers = append(watchers, protocol.FileSystemWatcher{
				GlobPattern: &protocol.RelativePattern{BaseURI: protocol.URI(uriOf(dir)), Pattern: everything},
			})
		}
	}
	options, err := protocol.Marshal(&protocol.DidChangeWatchedFilesRegistrationOptions{Watchers: watchers})
	if err != nil {
		return err
	}
	err = s.editor.RegisterCapability(ctx, &protocol.RegistrationParams{Registrations: []protocol.Registration{{
		ID: w.id, Method: protocol.MethodWorkspaceDidChangeWatchedFiles, RegisterOptions: options,
	}}})
	if err != nil {
		w.id = ""
	}
	return err
}
