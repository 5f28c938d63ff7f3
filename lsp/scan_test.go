package lsp

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hob-ls/hob/workspace"
)

func TestScanProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &barLog{begun: time.Now()}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c := &scans{bars: map[string]*bar{}}
		c.start = func(title string) *bar {
			b := newBar("t", title, l)
			b.endless = true
			go b.run(ctx)
			return b
		}
		c.told(workspace.Progress{Root: "/w/quick", Found: 3, Done: 3, End: true})
		c.told(workspace.Progress{Root: "/w/large", Found: 900, Done: 10})
		time.Sleep(barDelay + barPace + barPace/2)
		c.told(workspace.Progress{Root: "/w/large", Found: 900, Done: 500})
		time.Sleep(2 * barPace)
		c.told(workspace.Progress{Root: "/w/large", Found: 900, Done: 900, End: true})
		synctest.Wait()
		l.check(t, "create", "begin 10 of 900 files", "report 10 of 900 files", "report 500 of 900 files", "end done")

		c.told(workspace.Progress{Root: "/w/other", Found: 5, Done: 1})
		cancel() // the session ends before the scan does
		synctest.Wait()
		c.told(workspace.Progress{Root: "/w/other", Found: 5, Done: 1, End: true})
		synctest.Wait()
	})
}

// TestBarEndsWithSession: the bar of a scan that the end of the session cuts short
// ends as well, or an editor that goes on would show it for ever.
func TestBarEndsWithSession(t *testing.T) {
	for name, end := range map[string]func(*peer) error{
		"in order": (*peer).goodbye,
		"at once":  func(p *peer) error { p.notify("exit", nil); return p.returned() },
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, Options{})
			p.initialize(t.TempDir(), nil)
			b := p.server.startBar("endless", "Hob: reading everything", nil)
			about := func(kind string) func(message) bool {
				return func(m message) bool {
					return m.Method == "$/progress" && strings.Contains(string(m.Params), b.token) && strings.Contains(string(m.Params), `"kind":"`+kind+`"`)
				}
			}
			p.await("the bar", about("begin"))
			_ = end(p) // what it returns is another test's
			p.await("its end", about("end"))
		})
	}
}
