package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/renameio/v2/maybe"
)

// What a journal keeps.
const (
	maxAge     = 7 * 24 * time.Hour
	maxEntries = 200
	maxBytes   = 64 << 20 // of all files together
	maxEntry   = 8 << 20  // of the texts of one entry: a larger one is not kept
)

// format is the version of an entry's file.
const format = 1

// suffix ends the names of entries' files.
const suffix = ".job.json"

// Entry is what one job changed.
type Entry struct {
	ID     string    `json:"id"`     // the name of its file without the suffix
	Job    string    `json:"job"`    // as the session called it
	Action string    `json:"action"` //
	At     time.Time `json:"at"`
	Files  []File    `json:"files"`
}

// File is what was done to one file.
type File struct {
	Path   string  `json:"path"`             // absolute, as it was before
	To     string  `json:"to,omitempty"`     // where it was moved
	Before *string `json:"before,omitempty"` // the text; nil for a file that was created
	After  *string `json:"after,omitempty"`  // the text; nil for a file that was deleted
	// Hashes of the texts, which tell a torn or changed entry.
	BeforeHash string `json:"before_hash,omitempty"`
	AfterHash  string `json:"after_hash,omitempty"`
}

// Final is the path of the file after the job.
func (f *File) Final() string {
	if f.To != "" {
		return f.To
	}
	return f.Path
}

func (e *Entry) size() int {
	n := 0
	for _, f := range e.Files {
		for _, s := range []*string{f.Before, f.After} {
			if s != nil {
				n += len(*s)
			}
		}
	}
	return n
}

// file is what is written.
type file struct {
	Version int `json:"version"`
	Entry
}

// Journal is the journal of one session, on top of what others left. Safe for
// concurrent use.
type Journal struct {
	dir string
	log *slog.Logger
	now func() time.Time

	mu    sync.Mutex // guards what follows
	own   []Entry    // of this session, oldest first
	last  int64      // of the ids
	files int        // in dir at most, as far as this session knows
	bytes int        // in them
	swept time.Time  // when dir was last looked at
	write func(path string, data []byte) error
}

// ErrTooLarge says that the texts of an entry are more than a journal keeps.
var ErrTooLarge = errors.New("too large for the journal")

// New makes the journal of a session in dir, which need not exist; "" keeps it in
// memory alone.
func New(dir string, log *slog.Logger) *Journal {
	return &Journal{dir: dir, log: log, now: time.Now, write: func(path string, data []byte) error {
		return maybe.WriteFile(path, data, 0o600)
	}}
}

// Add notes an entry, which counts at once, and gives what writes it down.
func (j *Journal) Add(e Entry) (save func() error, err error) {
	if e.size() > maxEntry {
		return nil, fmt.Errorf("%d bytes of %s: %w", e.size(), e.Job, ErrTooLarge)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	e.At = j.now()
	j.last = max(j.last+1, e.At.UnixNano()) // no two alike, and in order
	e.ID = fmt.Sprintf("%019d-%d-%s", j.last, os.Getpid(), e.Job)
	j.own = append(j.own, e)
	for size := 0; ; {
		for _, o := range j.own {
			size += o.size()
		}
		if len(j.own) == 1 || len(j.own) <= maxEntries && size <= maxBytes {
			break
		}
		j.own, size = j.own[1:], 0
	}
	return func() error { return j.save(e) }, nil
}

func (j *Journal) save(e Entry) error {
	if j.dir == "" {
		return nil
	}
	e.Files = slices.Clone(e.Files)
	for i := range e.Files {
		e.Files[i].BeforeHash, e.Files[i].AfterHash = hash(e.Files[i].Before), hash(e.Files[i].After)
	}
	data, err := json.Marshal(file{format, e})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return err
	}
	if j.crowded(len(data)) {
		j.prune(len(data))
	}
	return j.write(j.path(e.ID), data)
}

func (j *Journal) path(id string) string { return filepath.Join(j.dir, id+suffix) }

func hash(s *string) string {
	if s == nil {
		return ""
	}
	h := sha256.Sum256([]byte(*s))
	return hex.EncodeToString(h[:])
}

// Newest is the newest entry that ok accepts: of this session before those of
// others.
func (j *Journal) Newest(ok func(*Entry) bool) (Entry, bool) {
	j.mu.Lock()
	own := slices.Clone(j.own)
	j.mu.Unlock()
	for _, e := range slices.Backward(own) {
		if ok(&e) {
			return e, true
		}
	}
	for _, name := range slices.Backward(j.names()) {
		id := strings.TrimSuffix(name, suffix)
		if slices.ContainsFunc(own, func(e Entry) bool { return e.ID == id }) {
			continue
		}
		e, err := j.read(id)
		if err != nil {
			j.log.Warn("an entry of the journal can't be used", "file", j.path(id), "err", err)
			continue
		}
		if ok(&e) {
			return e, true
		}
	}
	return Entry{}, false
}

// Remove forgets an entry: it was taken back.
func (j *Journal) Remove(id string) {
	j.mu.Lock()
	j.own = slices.DeleteFunc(j.own, func(e Entry) bool { return e.ID == id })
	j.mu.Unlock()
	if j.dir == "" {
		return
	}
	if err := os.Remove(j.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		j.log.Warn("an entry of the journal stays", "file", j.path(id), "err", err)
	}
}

// read reads an entry that is whole.
func (j *Journal) read(id string) (Entry, error) {
	fi, err := os.Lstat(j.path(id))
	if err != nil {
		return Entry{}, err
	}
	if !fi.Mode().IsRegular() || fi.Size() > 8*maxEntry { // JSON escapes make it larger
		return Entry{}, fmt.Errorf("not a file of at most %d bytes", 8*maxEntry)
	}
	data, err := os.ReadFile(j.path(id))
	if err != nil {
		return Entry{}, err
	}
	return decode(id, data)
}

func decode(id string, data []byte) (Entry, error) {
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return Entry{}, err
	}
	if f.Version != format || f.ID != id || f.Job == "" || len(f.Files) == 0 {
		return Entry{}, fmt.Errorf("not an entry of version %d", format)
	}
	for _, c := range f.Files {
		if !filepath.IsAbs(c.Path) || c.To != "" && !filepath.IsAbs(c.To) || c.Before == nil && c.After == nil {
			return Entry{}, fmt.Errorf("%q is no change of a file", c.Path)
		}
		if hash(c.Before) != c.BeforeHash || hash(c.After) != c.AfterHash {
			return Entry{}, fmt.Errorf("the texts of %s are not what was written", c.Path)
		}
	}
	return f.Entry, nil
}

// names are the entries' files, oldest first.
func (j *Journal) names() []string {
	if j.dir == "" {
		return nil
	}
	list, err := os.ReadDir(j.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		j.log.Warn("the journal can't be read", "dir", j.dir, "err", err)
	}
	var names []string
	for _, d := range list {
		if strings.HasSuffix(d.Name(), suffix) {
			names = append(names, d.Name())
		}
	}
	return names
}

// crowded reports whether room must be made for a file of size bytes: to look at
// all files takes longer than to write one.
func (j *Journal) crowded(size int) bool {
	const often = time.Hour // other sessions write, too, and what is old must go
	j.mu.Lock()
	defer j.mu.Unlock()
	j.files, j.bytes = j.files+1, j.bytes+size
	return j.files > maxEntries || j.bytes > maxBytes || j.now().Sub(j.swept) > often
}

// prune makes room for a file of size bytes, and drops what is too old.
func (j *Journal) prune(size int) {
	list, err := os.ReadDir(j.dir)
	if err != nil {
		return // the write will say what is wrong
	}
	n, full, old := 1, false, j.now().Add(-maxAge)
	// A little more room than is needed, or the next entry would need some again.
	most, room := maxEntries*9/10, maxBytes*9/10
	defer func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.files, j.bytes, j.swept = n, size, j.now()
	}()
	for _, d := range slices.Backward(list) {
		fi, err := d.Info()
		if err != nil || !fi.Mode().IsRegular() {
			continue
		}
		if strings.HasSuffix(d.Name(), suffix) {
			full = full || n >= most || size+int(fi.Size()) > room || fi.ModTime().Before(old) // and so is what is older
			if !full {
				n, size = n+1, size+int(fi.Size())
				continue
			}
		} else if !strings.Contains(d.Name(), suffix) || fi.ModTime().After(old) {
			continue // somebody else's, or being written
		}
		if err := os.Remove(filepath.Join(j.dir, d.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			j.log.Warn("an old entry of the journal stays", "file", d.Name(), "err", err)
		}
	}
}
