package agent

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/hob-ls/hob/agent/model/modeltest"
)

// TestPrewarmTray: of two models of which one fits, the first stays, and the second
// is tried only once.
func TestPrewarmTray(t *testing.T) {
	models := []modeltest.Model{{Name: "small:3b", Params: "3.1B"}, {Name: "large:7b", Params: "7.6B"}}
	for fit, want := range map[int][]string{1: {"ollama/small:3b"}, 2: {"ollama/large:7b", "ollama/small:3b"}} {
		w := newWorkbench(t, modeltest.Script{Models: models, Resident: fit}, nil)
		for range 2 {
			if err := w.Prewarm(t.Context(), Fast, Balanced); err != nil {
				t.Fatal(err)
			}
		}
		cat, err := w.opts.Pool.Refresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var loaded []string
		for _, m := range cat.Models {
			if m.Resident {
				loaded = append(loaded, m.ID())
			}
		}
		slices.Sort(loaded)
		if loads := w.server.Stats().Loads; !slices.Equal(loaded, want) || fit == 2 && loads != 2 || fit == 1 && loads != 3 {
			t.Errorf("room for %d: %v after %d loads", fit, loaded, loads)
		}
	}
}

// TestKeepWarm: a model that is loaded stays so, one that is not is left alone.
func TestKeepWarm(t *testing.T) {
	w := newWorkbench(t, modeltest.Script{}, nil)
	requests := func() int { return w.server.Stats().Requests }
	if err := w.KeepWarm(t.Context(), Fast); err != nil || requests() != 0 {
		t.Errorf("%v, %d requests though nothing is loaded", err, requests())
	}
	if err := w.Prewarm(t.Context(), Fast); err != nil {
		t.Fatal(err)
	}
	n := requests()
	if err := w.KeepWarm(t.Context(), Fast); err != nil || requests() != n+1 || w.server.Stats().Loads != 1 {
		t.Errorf("%v, %+v", err, w.server.Stats())
	}
}

func TestOnBattery(t *testing.T) {
	files := func(pairs ...string) fstest.MapFS {
		m := fstest.MapFS{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1] + "\n")}
		}
		return m
	}
	for name, x := range map[string]struct {
		fs   fstest.MapFS
		want bool
	}{
		"nothing known": {files(), false},
		"on battery":    {files("AC/type", "Mains", "AC/online", "0", "BAT0/type", "Battery", "BAT0/status", "Discharging"), true},
		"charging":      {files("AC/type", "Mains", "AC/online", "1", "BAT0/type", "Battery", "BAT0/status", "Charging"), false},
		"full, plugged": {files("AC/type", "Mains", "AC/online", "1", "BAT0/type", "Battery", "BAT0/status", "Discharging"), false},
		"over USB":      {files("BAT0/type", "Battery", "BAT0/status", "Discharging", "ucsi/type", "USB", "ucsi/online", "1"), false},
		"a mouse":       {files("mouse/type", "Battery", "mouse/scope", "Device", "mouse/status", "Discharging"), false},
		"torn":          {files("BAT0/type", "Battery"), false},
	} {
		if got := OnBattery(x.fs); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
