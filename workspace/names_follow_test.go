package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCatalogFollows asks two snapshots and their like in turn, from several
// goroutines: each answer is that of a workspace that never saw anything else.
func TestCatalogFollows(t *testing.T) {
	dir, _ := project(t, "typescript.txtar")
	w := open(t, Options{NoWatch: true}, dir)
	first := w.Snapshot()
	app := filepath.Join(dir, "src/App.tsx")
	button := filepath.Join(dir, "src/components/Button/Button.tsx")
	put(t, app, "import { theme } from './theme'\nexport const Other = () => theme\n")
	added := put(t, filepath.Join(dir, "src/Added.tsx"), "import { Button } from './components/Button/Button'\nexport const Added = Button\n")
	gone := filepath.Join(dir, "src/components/Button/index.ts")
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{app, added, gone} {
		apply(t, w, Change{Kind: DiskChanged, Path: p})
	}
	eventually(t, "the changes are seen", func() bool {
		s := w.Snapshot()
		f, err := s.File(app)
		return err == nil && f.Text[9] == 't' && s.Has(added) && !s.Has(gone)
	})
	second := w.Snapshot()
	ask := func(s *Snapshot) string {
		f, err := s.File(button)
		if err != nil {
			return err.Error()
		}
		related, err := s.Related(t.Context(), f, 0)
		if err != nil {
			return err.Error()
		}
		names, err := s.Names(t.Context(), "", 0)
		if err != nil {
			return err.Error()
		}
		refs, err := s.References(t.Context(), "Button", "typescript", 0)
		return fmt.Sprint(lines(dir, related), namesOf(dir, names), refs, err)
	}
	// What a workspace of its own says of the disk as it is now.
	after := ask(open(t, Options{NoWatch: true}, dir).Snapshot())
	if got := ask(second); got != after {
		t.Fatalf("after changes (-fresh +got)\n%s", cmp.Diff(after, got))
	}
	before := ask(first)
	if before == after {
		t.Fatal("the old snapshot sees what is new")
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 10 {
				s, want := first, before
				if (g+i)%2 == 0 {
					s, want = second, after
				}
				if got := ask(s); got != want {
					t.Errorf("in turn (-want +got)\n%s", cmp.Diff(want, got))
				}
			}
		})
	}
	wg.Wait()
	if got := ask(second); got != after {
		t.Errorf("in the end (-fresh +got)\n%s", cmp.Diff(after, got))
	}
}
