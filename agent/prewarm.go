package agent

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent/model"
)

// Prewarm loads the models of these tiers, one after the other, so that the first
// job finds them resident. The first is the one that counts: another is not loaded
// where it is known not to fit beside it, and where that turns out, the first is
// loaded again. It fails with those that can't be loaded.
func (a *Agent) Prewarm(ctx context.Context, of ...Tier) error {
	var failed []error
	var tray []model.Model
	for _, t := range of {
		m, _, err := forTier(RouteInput{Catalog: a.catalog(ctx), Models: a.opts.Models, AllowRemote: a.opts.AllowRemote}, t)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if slices.ContainsFunc(tray, func(o model.Model) bool { return o.ID() == m.ID() }) {
			continue
		}
		if why := a.crowded(m, tray); why != "" {
			a.opts.Log.Info("a model is not loaded ahead", "model", m.ID(), "why", why)
			continue
		}
		if err := a.opts.Pool.Preload(ctx, m.Provider, m.Name, a.context(m)); err != nil {
			failed = append(failed, err)
			continue
		}
		if tray = append(tray, m); len(tray) > 1 {
			failed = append(failed, a.restore(ctx, m, tray[0]))
		}
	}
	return errors.Join(failed...)
}

// crowded says why a model would not fit beside those that are to stay, "" if it
// may.
func (a *Agent) crowded(m model.Model, tray []model.Model) string {
	if len(tray) == 0 {
		return ""
	}
	a.mu.Lock()
	apart := a.apart[pair(tray[0], m)]
	a.mu.Unlock()
	if apart {
		return "it drives out " + tray[0].ID()
	}
	for _, o := range a.opts.Pool.Catalog().Models {
		if !m.Resident && o.Provider == m.Provider && o.VRAM > 0 && o.VRAM < o.Memory {
			return o.ID() + " does not fit the memory of the graphics card as it is"
		}
	}
	return ""
}

// restore loads the first model again if the one that was loaded after it drove
// it out, and remembers that.
func (a *Agent) restore(ctx context.Context, m, first model.Model) error {
	cat, err := a.opts.Pool.Refresh(ctx)
	if err != nil || m.Provider != first.Provider {
		return err
	}
	if now, ok := cat.Find(first.ID()); !ok || now.Resident {
		return nil
	}
	a.opts.Log.Info("two models do not fit together", "model", first.ID(), "other", m.ID())
	a.mu.Lock()
	a.apart[pair(first, m)] = true
	a.mu.Unlock()
	if err := a.opts.Pool.Preload(ctx, first.Provider, first.Name, a.context(first)); err != nil {
		return err
	}
	_, err = a.opts.Pool.Refresh(ctx) // the other is gone again
	return err
}

func pair(a, b model.Model) string { return a.ID() + " and " + b.ID() }

// KeepWarm has the models of these tiers that are loaded stay so for another
// keep_alive. What is not loaded any more made room for something else, and is
// left alone.
func (a *Agent) KeepWarm(ctx context.Context, of ...Tier) error {
	cat, err := a.opts.Pool.Refresh(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, t := range of {
		m, _, err := forTier(RouteInput{Catalog: cat, Models: a.opts.Models, AllowRemote: a.opts.AllowRemote}, t)
		if err == nil && m.Resident && m.NumCtx == a.context(m) { // no one else's settings are touched
			failed = append(failed, a.opts.Pool.Preload(ctx, m.Provider, m.Name, m.NumCtx))
		}
	}
	return errors.Join(failed...)
}

// OnBattery reports whether the machine says that it runs on its battery. supplies
// is /sys/class/power_supply; where there is no such folder, nothing is known and
// the answer is no.
func OnBattery(supplies fs.FS) bool {
	entries, err := fs.ReadDir(supplies, ".")
	if err != nil {
		return false
	}
	drained := false
	for _, e := range entries {
		read := func(name string) string {
			b, err := fs.ReadFile(supplies, e.Name()+"/"+name)
			if err != nil {
				return "" // not every supply has everything
			}
			return strings.TrimSpace(string(b))
		}
		switch read("type") {
		case "Mains", "USB", "Wireless":
			if read("online") == "1" {
				return false
			}
		case "Battery": // scope Device is that of a mouse
			drained = drained || read("status") == "Discharging" && read("scope") != "Device"
		}
	}
	return drained
}
