package workspace

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"time"

	"github.com/hob-ls/hob/workspace/syntax"
	"github.com/hob-ls/hob/workspace/text"
)

// Errors of this package, matched with errors.Is.
var (
	ErrNotFound = errors.New("no such file in the workspace")
	ErrOutside  = errors.New("outside the workspace")
	ErrExcluded = errors.New("excluded by privacy.exclude")
	ErrTooLarge = errors.New("larger than index.max_file")
	ErrBinary   = errors.New("not a text file")
	ErrNotOpen  = errors.New("document is not open")
)

// Options configure a Workspace. The zero value works and watches nothing.
type Options struct {
	MaxFile   int64    // bytes; larger files are listed without content; 0 means 1 MiB
	MaxMemory int64    // bytes of text held; 0 means 512 MiB
	Ignore    []string // doublestar globs, relative to a root
	Exclude   []string // names that never leave the disk (privacy.exclude)
	Log       *slog.Logger
}

// ChangeKind says what a Change is.
type ChangeKind uint8

// The kinds of changes.
const (
	DocOpen     ChangeKind = iota + 1 // Path, Version, Language, Text
	DocEdit                           // Path, Version, Edits, Encoding
	DocClose                          // Path
	RootAdd                           // Path; the folder is scanned in the background
	RootRemove                        // Path
	DiskChanged                       // Path: created, written, removed or renamed on disk; read in the background
)

// Change is the only way to change a Workspace; editor and disk speak it alike.
type Change struct {
	Kind     ChangeKind
	Path     string
	Version  int32            // only set for DocOpen, DocEdit
	Language string           // only set for DocOpen
	Text     string           // only set for DocOpen
	Edits    []text.RangeEdit // only set for DocEdit: sequential
	Encoding text.Encoding    // only set for DocEdit
}

// File is one text file of a Snapshot. Immutable.
type File struct {
	Path     string // absolute, cleaned
	Root     string // the root it belongs to; "" for an open document outside every root
	Text     string
	Version  int32  // of the open document; 0 for a file on disk
	Open     bool   // the text is the editor's
	OnDisk   bool   // there is such a file on disk
	Language string // LSP language id
	ModTime  time.Time
}

// Rel is the path relative to its root, with forward slashes.
func (f *File) Rel() string { panic("todo") }

// Lines is the line index of Text, computed once.
func (f *File) Lines() *text.LineIndex { panic("todo") }

// Outline is the outline of Text, computed once.
func (f *File) Outline() []syntax.Symbol { panic("todo") }

// Snapshot is the workspace at one moment. Immutable.
type Snapshot struct{}

// Seq grows with every change.
func (s *Snapshot) Seq() uint64 { panic("todo") }

// Roots are the workspace folders, absolute and cleaned.
func (s *Snapshot) Roots() []string { panic("todo") }

// File is the file at path (absolute): the open document, else what the index
// holds, else, for a listed file whose content is not held, read from disk.
// Errors wrap ErrNotFound, ErrOutside, ErrExcluded, ErrTooLarge or ErrBinary.
func (s *Snapshot) File(path string) (*File, error) { panic("todo") }

// Has reports whether path is an open document or a listed file, reading nothing.
func (s *Snapshot) Has(path string) bool { panic("todo") }

// Paths lists every file, sorted; open documents included.
func (s *Snapshot) Paths() iter.Seq[string] { panic("todo") }

// Dir lists the files directly in dir, sorted.
func (s *Snapshot) Dir(dir string) []string { panic("todo") }

// Confine is the one gate for paths: it returns path absolute, cleaned and with
// the symbolic links of its existing part resolved, if that lies in a root and
// is neither excluded nor an odd name (NUL, reserved names, "..", .git);
// otherwise an error that wraps ErrOutside or ErrExcluded.
func (s *Snapshot) Confine(path string) (string, error) { panic("todo") }

// Since lists, as a sequence, the edits that turn f (a file of an older snapshot
// of the same workspace) into the same file here: from the document's history
// where it reaches back, else from a diff. ErrNotFound if it is gone.
func (s *Snapshot) Since(f *File) ([]text.Edit, error) { panic("todo") }

// Stats are figures for people.
type Stats struct {
	Files, Held int   // listed files; those with content in memory
	Bytes       int64 // of text held
	Open        int
	Scanning    bool
	Scan        time.Duration // of the last whole scan
	Watch       string        // "fsnotify", "polling", "off", with the reason where degraded
}

// Workspace is the mutable holder of snapshots.
type Workspace struct{}

// New makes an empty workspace. Close ends its goroutines.
func New(ctx context.Context, opts Options) *Workspace { panic("todo") }

// Snapshot never blocks and never allocates.
func (w *Workspace) Snapshot() *Snapshot { panic("todo") }

// Apply applies changes in order and publishes one new snapshot. It does no IO:
// scans and reads that a change asks for run in the background and arrive as
// further snapshots.
func (w *Workspace) Apply(changes ...Change) error { panic("todo") }

// Ready is closed when the first scan of every root known so far is done.
func (w *Workspace) Ready() <-chan struct{} { panic("todo") }

// Stats are figures for people.
func (w *Workspace) Stats() Stats { panic("todo") }

// Close stops watching and waits for the background work to end.
func (w *Workspace) Close() error { panic("todo") }
