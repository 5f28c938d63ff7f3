package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/google/renameio/v2/maybe"
)

// The file of figures holds at most mostModels, those used last, and is written
// at most every saveEvery and at the end.
const (
	mostModels   = 200
	saveEvery    = 5 * time.Second
	storeVersion = 1
	mostBytes    = 4 << 20
)

// storeFile is the file, in JSON.
type storeFile struct {
	Version int                `json:"version"`
	Models  map[string]Figures `json:"models"` // by ID
}

// store keeps figures in a file; "" keeps them nowhere. Other processes may use
// the same file: of each model the newest figures win.
type store struct {
	path string
	log  *slog.Logger

	mu      sync.Mutex // guards what follows
	latest  map[string]Figures
	pending *time.Timer // writes latest; nil if it is written
	closed  bool

	writing sync.Mutex // held while the file is written
}

// load reads the figures. A file that is torn or none of ours counts as none.
func (s *store) load() map[string]Figures {
	if s.path == "" {
		return nil
	}
	f, err := s.read()
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		s.log.Warn("the measured figures can't be read and begin anew", "file", s.path, "error", err)
	}
	return f
}

func (s *store) read() (map[string]Figures, error) {
	info, err := os.Stat(s.path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > mostBytes {
		return nil, fmt.Errorf("not a file of at most %d bytes", mostBytes)
	}
	b, err := os.ReadFile(s.path)
	if err != nil {
		return nil, err
	}
	return decodeFigures(b)
}

// decodeFigures reads the content of the file.
func decodeFigures(b []byte) (map[string]Figures, error) {
	var f storeFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, err
	}
	if f.Version != storeVersion {
		return nil, fmt.Errorf("its version is %d, not %d", f.Version, storeVersion)
	}
	out := map[string]Figures{}
	for id, v := range f.Models {
		if id != "" {
			out[id] = v.sane()
		}
	}
	return newestFigures(out), nil
}

// newestFigures is at most mostModels of them.
func newestFigures(all map[string]Figures) map[string]Figures {
	if len(all) <= mostModels {
		return all
	}
	ids := slices.SortedFunc(maps.Keys(all), func(a, b string) int { return all[b].At.Compare(all[a].At) })
	out := make(map[string]Figures, mostModels)
	for _, id := range ids[:mostModels] {
		out[id] = all[id]
	}
	return out
}

// save has the figures written soon. The map must not change any more.
func (s *store) save(all map[string]Figures) {
	if s.path == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latest = all
	if s.pending == nil && !s.closed {
		s.pending = time.AfterFunc(saveEvery, s.flush)
	}
}

// flush writes what is not written yet.
func (s *store) flush() {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	all, due := s.latest, s.pending != nil
	if due {
		s.pending.Stop()
		s.pending = nil
	}
	s.mu.Unlock()
	if !due {
		return
	}
	if err := s.write(all); err != nil {
		s.log.Warn("the measured figures can't be kept", "file", s.path, "error", err)
	}
}

// close writes what is left; save after it does nothing.
func (s *store) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.flush()
}

func (s *store) write(all map[string]Figures) error {
	all = maps.Clone(all)
	old, err := s.read()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(s.path, s.path+".bad"); err != nil { // it may be somebody's
			return err
		}
	}
	for id, f := range old {
		if mine, ok := all[id]; !ok || f.At.After(mine.At) {
			all[id] = f
		}
	}
	b, err := json.MarshalIndent(storeFile{storeVersion, newestFigures(all)}, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return err
	}
	return maybe.WriteFile(s.path, append(b, '\n'), 0o600)
}
