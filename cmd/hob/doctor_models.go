package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/lsp/config"
)

// checkTiers says which model would serve each tier.
func (a *app) checkTiers(c config.Config) []finding {
	pool := model.NewPool(a.providers(&c), model.PoolOptions{Log: a.log, Figures: figuresFile()})
	defer pool.Close()
	catalog, err := pool.Refresh(a.ctx)
	if err != nil {
		return []finding{{"models", bad, err.Error(), ""}}
	}
	if len(catalog.Models) == 0 && len(catalog.Errors) > 0 {
		return []finding{{"models", bad, "no endpoint could say what it has; only the instant tier works", "see the endpoints above"}}
	}
	configured := map[agent.Tier]string{agent.Fast: c.Models.Fast, agent.Balanced: c.Models.Balanced, agent.Quality: c.Models.Quality}
	status := agent.New(agent.Options{Pool: pool, AllowRemote: c.Privacy.AllowRemote, Log: a.log, Models: configured}).Status()
	var out []finding
	for _, tier := range []agent.Tier{agent.Fast, agent.Balanced, agent.Quality} {
		f := finding{Check: "tier " + string(tier), Status: fine, Detail: status.Models[tier]}
		switch m, ok := catalog.Find(f.Detail); {
		case f.Detail == "":
			f.Status, f.Detail, f.Remedy = bad, "no model", "ollama pull "+suggested[tier]
		case ok:
			f.Detail += describeModel(m)
			if configured[tier] == config.Auto && slices.ContainsFunc(out, func(o finding) bool { return strings.HasPrefix(o.Detail, m.ID()) }) {
				f.Status, f.Detail = note, f.Detail+", for there is none of this tier's size"
				f.Remedy = "ollama pull " + suggested[tier] + ", if the machine can run it"
			}
		}
		out = append(out, f)
	}
	if status.Problem != "" {
		out = append(out, finding{"models", note, status.Problem, ""})
	}
	for _, m := range catalog.Models {
		if f, ok := catalog.Figures(m.ID()); ok {
			if text := figuresText(f); text != "" {
				out = append(out, finding{"measured", fine, m.ID() + " " + text, ""})
			}
		}
	}
	return out
}

// figuresText says what was measured of a model, "" if nothing was.
func figuresText(f model.Figures) string {
	var parts []string
	say := func(n int, format string, args ...any) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	say(f.Load.N, "loads in %s", millis(1000*f.Load.V))
	say(f.Prefill.N, "reads %.0f tok/s", f.Prefill.V)
	say(f.Decode.N, "writes %.0f tok/s", f.Decode.V)
	say(f.Bytes.N, "%.1f bytes a token", f.Bytes.V)
	if f.Again.N > 0 {
		parts = append(parts, fmt.Sprintf("reads %.0f %% of a known prompt again", 100*f.Again.V))
	}
	for _, name := range slices.Sorted(maps.Keys(f.Formats)) {
		score := f.Formats[name]
		say(score.N, "%s usable in %.0f %% of %d", name, 100*score.Rate, score.N)
	}
	return strings.Join(parts, ", ")
}

// suggested are models to begin with, by tier.
var suggested = map[agent.Tier]string{agent.Fast: "qwen2.5-coder:3b", agent.Balanced: "qwen2.5-coder:7b", agent.Quality: "qwen2.5-coder:14b"}

func describeModel(m model.Model) string {
	var parts []string
	if m.Params > 0 {
		parts = append(parts, fmt.Sprintf("%.1fB parameters", float64(m.Params)/1e9))
	}
	if m.Coder {
		parts = append(parts, "made for code")
	}
	if m.Tools {
		parts = append(parts, "calls tools")
	}
	if m.Resident {
		parts = append(parts, "loaded")
	}
	if m.Remote {
		parts = append(parts, "runs on another machine")
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
