package workspace

import (
	"slices"
	"sync"

	"github.com/hob-ls/hob/workspace/syntax"
)

// session is one stretch from opening a document to closing it: Files that point
// to the same one are states of the same document.
//
// Snapshots lead to it and are freed by the garbage collector, so what it keeps of the
// outline is one state, that of the text read last, whichever snapshot that is of.
type session struct {
	trees *trees

	mu     sync.Mutex     // guards what follows; held while an outline is read
	reader *syntax.Reader // nil before the first outline
	edits  int            // of the session when reader read last
	closed bool
}

// outline is the outline of f, a File of the session.
func (s *session) outline(f *File) []syntax.Symbol {
	out, over := s.read(f)
	for _, o := range over {
		o.shed()
	}
	return out
}

// read gives the outline, and the sessions whose trees have no room any more.
func (s *session) read(f *File) (out []syntax.Symbol, over []*session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return syntax.Outline(f.Language, f.Text), nil
	}
	if s.reader == nil {
		s.reader = syntax.NewReader(f.Language)
	}
	edits, _ := f.history.since(s.edits)
	out = s.reader.Outline(f.Text, edits)
	s.edits = f.edits
	return out, s.trees.note(s, len(f.Text))
}

// shed lets go of the tree; the next outline is read from the whole text.
func (s *session) shed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reader != nil {
		s.reader.Shed()
	}
}

// close is for a document that was closed. Snapshots that still have it can be asked for
// its outline as before; nothing is kept of it.
func (s *session) close() {
	s.mu.Lock()
	s.closed = true
	if s.reader != nil {
		s.reader.Close()
	}
	s.mu.Unlock()
	s.trees.remove(s)
}

// trees bounds the memory that the trees of open documents take, all together: the
// one used longest ago goes first.
type trees struct {
	mu   sync.Mutex // guards what follows
	list []treeOf   // used last at the end
}

type treeOf struct {
	session *session
	size    int // of the text, in bytes
}

// maxTrees is of text whose trees are kept, which are about forty times as large.
const maxTrees = 1 << 20

// note puts the tree of s, for a text of so many bytes, last, and takes out those that
// no longer have room, be it that of s.
func (t *trees) note(s *session, size int) (over []*session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = append(t.without(s), treeOf{s, size})
	total, keep := 0, len(t.list)
	for keep > 0 && total+t.list[keep-1].size <= maxTrees {
		keep--
		total += t.list[keep].size
	}
	for _, o := range t.list[:keep] {
		over = append(over, o.session)
	}
	t.list = slices.Delete(t.list, 0, keep)
	return over
}

func (t *trees) remove(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = t.without(s)
}

func (t *trees) without(s *session) []treeOf {
	return slices.DeleteFunc(t.list, func(o treeOf) bool { return o.session == s })
}
