package lsp

import (
	"context"
	"time"

	"github.com/hob-ls/hob/agent"
)

// tiers are those whose models are to be warm.
func (e *engine) tiers() []agent.Tier {
	var out []agent.Tier
	for _, t := range e.cfg.Prewarm.Models {
		out = append(out, agent.Tier(t))
	}
	return out
}

// warmUp asks the endpoints what they have and loads what is to be warm, but not
// from a battery.
func (s *Server) warmUp(ctx context.Context) {
	if err := s.prewarm(ctx, !s.onBattery()); err != nil && ctx.Err() == nil {
		s.log.Info("prewarming", "err", err)
	}
}

func (s *Server) onBattery() bool { return s.opts.OnBattery != nil && s.opts.OnBattery() }

// prewarm asks the endpoints what they have, and loads the configured tiers.
func (s *Server) prewarm(ctx context.Context, load bool) error {
	e, release := s.engines.acquire()
	defer release()
	if e == nil {
		return nil
	}
	if _, err := e.pool.Refresh(ctx); err != nil {
		return err
	}
	s.board.changed()
	tiers := e.tiers()
	if len(tiers) == 0 || !load {
		return nil
	}
	err := e.agent.Prewarm(ctx, tiers...)
	s.board.changed()
	return err
}

// A model is kept loaded while the editor is used: at half of the endpoint's
// keep_alive, but a user who wants models to go within shortKeep wants them gone.
const (
	shortKeep = 2 * time.Minute
	lookAgain = 10 * time.Minute // at a configuration that keeps nothing for a time
)

// renewEvery is how often models are to be kept loaded; false if they need not be.
func (e *engine) renewEvery() (time.Duration, bool) {
	shortest := time.Duration(0)
	for _, p := range e.cfg.Providers {
		if keep := time.Duration(p.KeepAlive); keep >= shortKeep && (shortest == 0 || keep < shortest) {
			shortest = keep
		}
	}
	return shortest / 2, shortest > 0 && len(e.cfg.Prewarm.Models) > 0
}

// keepWarm keeps loaded models loaded while the editor is used, which every
// message of it shows.
func (s *Server) keepWarm(ctx context.Context, every func(*engine) (time.Duration, bool)) {
	for {
		e, release := s.engines.acquire()
		if e == nil {
			return
		}
		wait, renew := every(e)
		release()
		if !renew {
			wait = lookAgain
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return
		}
		if !renew || !s.used.Swap(false) || s.onBattery() {
			continue
		}
		if e, release = s.engines.acquire(); e == nil {
			return
		}
		if err := e.agent.KeepWarm(ctx, e.tiers()...); err != nil {
			s.log.Debug("keeping models loaded", "err", err)
		}
		release()
	}
}
