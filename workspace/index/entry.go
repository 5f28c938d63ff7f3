package index

import (
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Kind says what is known about an Entry.
type Kind uint8

// The kinds of entries.
const (
	Text   Kind = iota + 1 // a text file
	Large                  // a text file above Options.MaxFile: known, but not listed
	Link                   // a symbolic link: listed, as git does, and never followed
	Binary                 // has a NUL in its first 8 KB: known, but not listed
)

// Entry is one file of an Index. Immutable but for what Memo keeps.
type Entry struct {
	Path    string // absolute: the folder as it was given to Scan, and Rel
	Rel     string // relative to the folder, with forward slashes
	Kind    Kind
	Size    int64 // bytes on disk
	ModTime time.Time
	Held    bool   // Text is the content; false where the memory bound dropped it, and for other kinds
	Text    string // only set for Held

	id      fileID
	settled atomic.Bool // written long enough before it was read: equal stat means equal content
	used    atomic.Bool // read since the memory bound last looked

	trigrams atomic.Pointer[Trigrams] // only set for Held, once

	once   sync.Once
	memo   any
	shared *content // only set for Held
}

// content is what entries of one text have in common: one file before and after
// it was touched, or on a branch and back.
type content struct {
	hashOnce sync.Once
	hash     Hash
	keepOnce sync.Once
	kept     any
}

// Hash tells texts apart, on all machines alike: the first half of a SHA-256.
type Hash [16]byte

// HashOf is the Hash of a text.
func HashOf(text string) Hash {
	sum := sha256.Sum256(unsafe.Slice(unsafe.StringData(text), len(text)))
	return Hash(sum[:16])
}

// Hash is that of Text, computed once. It is zero for an entry that is not Held.
func (e *Entry) Hash() Hash {
	if !e.Held {
		return Hash{}
	}
	if e.shared == nil {
		return HashOf(e.Text)
	}
	e.shared.hashOnce.Do(func() { e.shared.hash = HashOf(e.Text) })
	return e.shared.hash
}

// Keep is Memo for what is derived from the text alone: all entries of one file
// share it until the text changes.
func (e *Entry) Keep(derive func() any) any {
	if e.shared == nil {
		return derive()
	}
	e.shared.keepOnce.Do(func() { e.shared.kept = derive() })
	return e.shared.kept
}

// succeeds makes e, just read, share what it has in common with old, the entry
// of its path before it, and returns old itself where nobody could tell them apart.
func (e *Entry) succeeds(old *Entry) *Entry {
	if old == nil || e == old {
		return e
	}
	if old.alike(e) {
		if e.settled.Load() {
			old.settled.Store(true)
		}
		return old
	}
	if e.Held && old.Held && e.Text == old.Text {
		e.Text, e.shared = old.Text, old.shared
		e.trigrams.Store(old.trigrams.Load())
	}
	return e
}

// Memo keeps what a higher floor derives from the entry for as long as the entry
// lives: the first call makes it, all others return the same value.
func (e *Entry) Memo(derive func(*Entry) any) any {
	e.once.Do(func() { e.memo = derive(e) })
	return e.memo
}

// listed reports whether the entry is for others to see: what git would list, less
// what is no text or too large to hold.
func (e *Entry) listed() bool { return e.Kind == Text || e.Kind == Link }

// without is the same file with its content dropped.
func (e *Entry) without() *Entry {
	out := &Entry{Path: e.Path, Rel: e.Rel, Kind: e.Kind, Size: e.Size, ModTime: e.ModTime, id: e.id}
	out.settled.Store(e.settled.Load())
	return out
}

// same reports whether fi shows the very file that e was read from, unchanged.
func (e *Entry) same(fi fs.FileInfo) bool {
	return e.settled.Load() && e.Size == fi.Size() && e.ModTime.Equal(fi.ModTime()) && e.id == idOf(fi)
}

// settleTime is how old a change must be for its time stamp to be trusted:
// several writes may share one stamp, and some file systems count in 2 seconds.
const settleTime = 2 * time.Second

// sniffLen is how much of a file git looks at to call it binary.
const sniffLen = 8 << 10

// Errors of reading one file.
var (
	errNotRegular = errors.New("not a regular file")
	errTooLarge   = errors.New("too large")
)

// readEntry reads the regular file at real; with hold false only what it takes
// to tell its kind. Errors: what the system says, or errNotRegular.
func readEntry(real, path, rel string, maxFile int64, hold bool) (*Entry, error) {
	f, err := openPlain(real)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, errNotRegular
	}
	e := &Entry{Path: path, Rel: rel, Kind: Text, Size: fi.Size(), ModTime: fi.ModTime(), id: idOf(fi)}
	e.settled.Store(time.Since(fi.ModTime()) > settleTime)
	limit := maxFile
	if !hold || fi.Size() > maxFile {
		limit = sniffLen - 1
	}
	text, err := readAll(f, min(fi.Size(), limit+1), limit)
	if err != nil && !errors.Is(err, errTooLarge) {
		return nil, err
	}
	switch {
	case strings.IndexByte(text[:min(len(text), sniffLen)], 0) >= 0:
		e.Kind = Binary
	case fi.Size() > maxFile:
		e.Kind = Large
	case hold && err == nil:
		e.Held, e.Text, e.shared = true, text, &content{}
		if int64(len(text)) != e.Size {
			e.Size = int64(len(text)) // it changed under the read
			e.settled.Store(false)
		}
	case hold:
		e.Kind = Large // it grew under the read
		e.settled.Store(false)
	}
	return e, nil
}

// readFile reads a regular file of at most limit bytes, following links, and
// returns what it saw of it; errTooLarge comes with the first limit bytes.
func readFile(path string, limit int64) (string, fs.FileInfo, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return "", nil, err
	}
	if !fi.Mode().IsRegular() {
		return "", fi, errNotRegular // opening a FIFO or a device could block
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fi, err
	}
	defer f.Close()
	text, err := readAll(f, fi.Size(), limit)
	return text, fi, err
}

// readAll reads r to its end or to limit bytes; size is a guess.
func readAll(r io.Reader, size, limit int64) (string, error) {
	buf := make([]byte, 0, min(size, limit)+1)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return asString(buf[:limit]), errTooLarge
		}
		if err == io.EOF {
			return asString(buf), nil
		}
		if err != nil {
			return "", err
		}
	}
}

// asString gives up buf to a string without a copy: contents are most of the
// memory of an index.
func asString(buf []byte) string {
	return unsafe.String(unsafe.SliceData(buf), len(buf))
}

// ignoreText is the text of an ignore file in dir, "" where there is none. Like
// git it does not follow a link there.
func ignoreText(dir, name string) string {
	f, err := openPlain(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil || !fi.Mode().IsRegular() {
		return ""
	}
	text, err := readAll(f, fi.Size(), maxIgnoreFile)
	if err != nil {
		return ""
	}
	return text
}
