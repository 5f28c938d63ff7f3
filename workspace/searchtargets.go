package workspace

import (
	"slices"
	"strings"

	"github.com/hob-ls/hob/workspace/index"
)

// targets is the files that p is to be looked for in, by path.
func (s *Snapshot) targets(p *plan) []target {
	n := len(s.docs)
	for _, r := range s.roots {
		if r.ix != nil {
			n += r.ix.Stats().Files
		}
	}
	list := make([]target, 0, n)
	choose := chooser{in: p.in, out: p.out}
	for _, r := range s.roots {
		if r.ix == nil {
			continue
		}
		for e := range r.ix.Texts() { // the large ones to be counted
			if e.Kind == index.Link || !choose.wants(e.Rel) || !s.listed(r, e) {
				continue
			}
			t := target{path: e.Path, ix: r.ix, e: e}
			if len(s.docs) > 0 {
				t.doc = s.docs[e.Path]
				if t.doc != nil && (t.doc.excluded || e.Kind == index.Large) {
					continue // a large file that is open comes with the unlisted ones
				}
			}
			list = append(list, t)
		}
	}
	extra := s.unlisted(func(string) bool { return true })
	for _, path := range extra {
		if d := s.docs[path]; choose.wants((&File{Path: path, Root: d.root}).Rel()) {
			list = append(list, target{path: path, doc: d})
		}
	}
	if len(s.roots) > 1 || len(extra) > 0 {
		slices.SortFunc(list, func(a, b target) int { return strings.Compare(a.path, b.path) })
	}
	return list
}

// makeTrigrams makes, in the background, the filters that the texts of s lack.
func (s *Snapshot) makeTrigrams() {
	if len(s.roots) == 0 {
		return
	}
	w := s.roots[0].live.w
	// A snapshot never waits for a writer: the next search tries again.
	if !w.mu.TryLock() {
		return
	}
	defer w.mu.Unlock()
	if w.closed || !w.filtering.CompareAndSwap(false, true) {
		return
	}
	w.wg.Go(func() {
		defer w.filtering.Store(false)
		var scratch []uint64
		for _, r := range s.roots {
			if r.ix == nil {
				continue
			}
			for e := range r.ix.All() {
				if w.ctx.Err() != nil {
					return
				}
				e.MakeTrigrams(&scratch)
			}
		}
	})
}
