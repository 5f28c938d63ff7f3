package lsp

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/lsp/config"
)

// loading counts how often its model is loaded.
type loading struct {
	scripted
	loads atomic.Int32
	more  chan struct{}
}

func (l *loading) Load(context.Context, string, int) error {
	l.loads.Add(1)
	select {
	case l.more <- struct{}{}:
	default:
	}
	return nil
}

// TestOnBattery: nothing is loaded by itself from a battery, but on demand.
func TestOnBattery(t *testing.T) {
	m := &loading{more: make(chan struct{}, 9)}
	opts := with(nil)
	opts.Providers = func(*config.Config) []model.Provider { return []model.Provider{m} }
	asked := make(chan struct{}, 9)
	opts.OnBattery = func() bool { asked <- struct{}{}; return true }
	p, _ := session(t, opts, nil)
	<-asked
	if reply := p.call("workspace/executeCommand", map[string]any{"command": "hob.status"}); reply.Error != nil || m.loads.Load() != 0 {
		t.Errorf("%v, loaded %d times", reply.Error, m.loads.Load())
	}
	if reply := p.call("workspace/executeCommand", map[string]any{"command": "hob.prewarm"}); reply.Error != nil || m.loads.Load() != 1 {
		t.Errorf("%v, loaded %d times on demand", reply.Error, m.loads.Load())
	}
}

// TestKeepsWarm: while the editor is used its models are kept loaded, and not when
// it lies idle.
func TestKeepsWarm(t *testing.T) {
	m := &loading{more: make(chan struct{}, 9)}
	s := newServer(t.Context(), Options{Providers: func(*config.Config) []model.Provider { return []model.Provider{m} }})
	cfg := config.Default()
	s.engines.use(s, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	looked := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.keepWarm(ctx, func(*engine) (time.Duration, bool) {
			select {
			case looked <- struct{}{}:
			case <-ctx.Done():
			}
			return time.Millisecond, true
		})
	}()
	<-looked
	<-looked // a round without use
	if m.loads.Load() != 0 {
		t.Error("kept loaded though nobody is there")
	}
	s.used.Store(true)
	<-looked
	<-looked // whichever round sees it
	if n := m.loads.Load(); n != 1 {
		t.Errorf("kept loaded %d times", n)
	}
	cancel()
	<-done
	s.engines.close()

	e := &engine{cfg: cfg}
	if d, ok := e.renewEvery(); !ok || d != 15*time.Minute {
		t.Errorf("%v, %v", d, ok)
	}
	p := e.cfg.Providers["ollama"]
	p.KeepAlive = config.Duration(time.Second)
	e.cfg.Providers["ollama"] = p
	if _, ok := e.renewEvery(); ok {
		t.Error("a model that is to go at once is kept")
	}
}
