package agent

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/agent/model"
)

// measured is figures of a model that reads and writes at these rates, in tokens
// per second, and takes load seconds to load.
func measured(prefill, decode, load float64) model.Figures {
	return model.Figures{
		Prefill: model.Mean{N: enoughSeen, V: prefill}, Decode: model.Mean{N: enoughSeen, V: decode}, Load: model.Mean{N: 1, V: load},
	}
}

func TestRouteByPrediction(t *testing.T) {
	small := Scope{Action: Edit, Kind: SymbolScope, Lines: 24, PromptTokens: 1000, OutputTokens: 200}
	loaded := coder("c:7b", 7)
	loaded.Resident = true
	models := func(extra ...model.Model) []model.Model {
		return append([]model.Model{coder("b:3b", 3), coder("d:16b", 16)}, extra...)
	}
	for _, tt := range []struct {
		name    string
		models  []model.Model
		figures map[string]model.Figures
		want    string
		tier    Tier
		why     string
	}{
		{
			name: "nothing measured: the fixed tier", models: models(loaded), want: "b:3b", tier: Fast, why: "one symbol",
		},
		{
			name: "the fixed choice is not measured: it is used, to be measured", models: models(loaded),
			figures: map[string]model.Figures{"ollama/c:7b": measured(2000, 100, 1)}, want: "b:3b", tier: Fast,
		},
		{
			name: "a larger one fits the budget", models: models(loaded), want: "c:7b", tier: Balanced, why: "predicted 2.5s of 9s",
			figures: map[string]model.Figures{"ollama/b:3b": measured(4000, 200, 1), "ollama/c:7b": measured(2000, 100, 1), "ollama/d:16b": measured(200, 10, 20)},
		},
		{
			name: "loading counts for one that is not loaded", models: models(coder("c:7b", 7)), want: "b:3b", tier: Fast,
			figures: map[string]model.Figures{"ollama/b:3b": measured(4000, 200, 1), "ollama/c:7b": measured(2000, 100, 8)},
		},
		{
			name: "none fits: the fastest", models: models(), want: "b:3b", tier: Fast, why: "none is predicted within 9s",
			figures: map[string]model.Figures{"ollama/b:3b": measured(100, 5, 1), "ollama/d:16b": measured(20, 1, 20)},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cat := catalog(tt.models...)
			cat.Measured = tt.figures
			got, err := Route(RouteInput{Scope: small, Catalog: cat, Budget: 9 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			if got.Model.Name != tt.want || got.Tier != tt.tier || !strings.Contains(got.Why, tt.why) {
				t.Errorf("got %s on %s because %q; want %s on %s because %q", got.Tier, got.Model.Name, got.Why, tt.tier, tt.want, tt.why)
			}
		})
	}
	t.Run("a tier that was asked for or configured is obeyed", func(t *testing.T) {
		cat := catalog(models(loaded)...)
		cat.Measured = map[string]model.Figures{"ollama/b:3b": measured(4000, 200, 1), "ollama/c:7b": measured(2000, 100, 1)}
		for _, in := range []RouteInput{
			{Scope: small, Catalog: cat, Budget: 9 * time.Second, Tier: Fast},
			{Scope: small, Catalog: cat, Budget: 9 * time.Second, Models: map[Tier]string{Fast: "ollama/b:3b"}},
			{Scope: small, Catalog: cat, Budget: 9 * time.Second, Model: "b:3b"},
		} {
			if got, err := Route(in); err != nil || got.Model.Name != "b:3b" {
				t.Errorf("%+v: got %s, %v", in, got.Model.Name, err)
			}
		}
	})
}

// Search/replace blocks are chosen only for large regions and by models that were
// seen to write good ones; a better figure never takes them away, and why tells.
func TestRouteFormat(t *testing.T) {
	for seed := range uint64(3000) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		m := coder("a", 1+rnd.Float64()*30)
		s := Scope{Action: []Action{Edit, Fix, Implement, Generate, Document, Explain}[rnd.IntN(6)], Kind: SelectionScope, Lines: rnd.IntN(3 * blocksFrom)}
		score := model.Score{N: rnd.IntN(2 * enoughSeen), Rate: rnd.Float64()}
		route := func(score model.Score) Choice {
			cat := catalog(m)
			cat.Measured = map[string]model.Figures{m.ID(): {Formats: map[string]model.Score{"blocks": score, "region": {N: 9, Rate: rnd.Float64()}}}}
			c, err := Route(RouteInput{Scope: s, Catalog: cat})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		c := route(score)
		want := (s.Action == Edit || s.Action == Fix) && s.Lines >= blocksFrom && score.N >= enoughSeen && score.Rate >= 0.8
		if got := c.Format == edit.Blocks; got != want || c.Format != edit.Blocks && c.Format != edit.Region {
			t.Fatalf("seed %d: format %d for %+v and %+v", seed, c.Format, s, score)
		}
		if strings.Contains(c.Why, "search/replace") != want {
			t.Fatalf("seed %d: why %q", seed, c.Why)
		}
		better := model.Score{N: score.N + rnd.IntN(5), Rate: score.Rate + (1-score.Rate)*rnd.Float64()}
		if want && route(better).Format != edit.Blocks {
			t.Fatalf("seed %d: %+v has blocks, %+v has not", seed, score, better)
		}
	}
}

// A larger budget never gets a smaller model, whatever was measured.
func TestRouteBudgetIsMonotonic(t *testing.T) {
	for seed := range uint64(2000) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		cat := catalog()
		cat.Measured = map[string]model.Figures{}
		for i := range 1 + rnd.IntN(8) {
			m := coder(string(rune('a'+i)), 0.5+rnd.Float64()*30)
			m.Coder, m.Resident = rnd.IntN(3) > 0, rnd.IntN(2) == 0
			cat.Models = append(cat.Models, m)
			if rnd.IntN(4) > 0 {
				cat.Measured[m.ID()] = measured(50+rnd.Float64()*4000, 1+rnd.Float64()*150, rnd.Float64()*20)
			}
		}
		s := Scope{Action: Edit, Kind: SymbolScope, Lines: 10, PromptTokens: rnd.IntN(4000), OutputTokens: rnd.IntN(500)}
		last := int64(0)
		for budget := time.Second; budget < time.Minute; budget += 3 * time.Second {
			got, err := Route(RouteInput{Scope: s, Catalog: cat, Budget: budget})
			if err != nil {
				t.Fatal(err)
			}
			if got.Model.Params < last {
				t.Fatalf("seed %d: %s gets %s after a larger model for less", seed, budget, got.Model.ID())
			}
			last = got.Model.Params
		}
	}
}

// A model on another machine that the user has named for a tier next to the one
// wanted, and was measured while it might be used, is refused and no more.
func TestRouteRemoteMeasured(t *testing.T) {
	far := coder("far:7b", 7)
	far.Remote = true
	cat := catalog(far)
	cat.Measured = map[string]model.Figures{far.ID(): measured(1000, 50, 1)}
	_, err := Route(RouteInput{
		Scope: Scope{Action: Edit, Kind: SymbolScope, Lines: 24, PromptTokens: 1000, OutputTokens: 200}, Catalog: cat,
		Models: map[Tier]string{Balanced: far.ID()}, Budget: 9 * time.Second,
	})
	if err == nil || err.Kind != RefusedPath {
		t.Errorf("%v", err)
	}
}
