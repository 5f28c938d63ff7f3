package lsp

import (
	"errors"
	"fmt"

	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/workspace"
)

// didChangeWatchedFiles passes on what the client saw on disk: where it was asked to
// (see watching), and some clients send it all the same.
func (s *Server) didChangeWatchedFiles(p *protocol.DidChangeWatchedFilesParams) error {
	changes := make([]workspace.Change, 0, len(p.Changes))
	for _, c := range p.Changes {
		if path, err := pathOf(string(c.URI)); err == nil {
			changes = append(changes, workspace.Change{Kind: workspace.DiskChanged, Path: path})
		}
	}
	return s.ws.Apply(changes...)
}

func (s *Server) didChangeWorkspaceFolders(p *protocol.DidChangeWorkspaceFoldersParams) error {
	var errs []error
	change := func(kind workspace.ChangeKind, folders []protocol.WorkspaceFolder) (paths []string) {
		for _, f := range folders {
			path, err := pathOf(string(f.URI))
			if err == nil {
				paths = append(paths, path)
				err = s.ws.Apply(workspace.Change{Kind: kind, Path: path})
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("workspace folder %s: %w", f.URI, err))
			}
		}
		return paths
	}
	removed := change(workspace.RootRemove, p.Event.Removed)
	s.settings.follow(removed, change(workspace.RootAdd, p.Event.Added))
	s.wakeSettings()
	s.wakeWatching()
	return errors.Join(errs...)
}
