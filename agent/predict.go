package agent

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/agent/prompt"
)

// enoughSeen is how many requests a rate must rest on before it decides anything.
const enoughSeen = 3

// predict is how long the model will take for a scope, from what was measured of
// it on its endpoint: load, read the prompt, write the answer. false where that
// is not known yet.
func predict(m model.Model, f model.Figures, s Scope) (time.Duration, bool) {
	if f.Prefill.N < enoughSeen || f.Decode.N < enoughSeen {
		return 0, false
	}
	seconds := float64(s.PromptTokens)/f.Prefill.V + float64(s.OutputTokens)/f.Decode.V
	if !m.Resident {
		seconds += f.Load.V // 0 where no load was seen: it was always there
	}
	return time.Duration(seconds * float64(time.Second)), true
}

// candidate is a model and its prediction.
type candidate struct {
	model *model.Model
	takes time.Duration
}

// expect fills in the tokens that a scope will take: the file around the target,
// as far as prompts show it, and an answer of the usual size.
func (s Scope) expect(fileBytes int) Scope {
	const promptMost, promptRest = 4000, 200 // tokens
	s.PromptTokens = min(int(float64(fileBytes)/prompt.DefaultBytesPerToken), promptMost) + promptRest
	switch {
	case s.Kind == NewFileScope:
		s.OutputTokens = 400
	case s.Action == Explain, s.Action == Implement:
		s.OutputTokens = 300
	case s.Action == Test:
		s.OutputTokens = 500
	case s.Kind == InsertionScope, s.Action == Document:
		s.OutputTokens = 150
	default:
		s.OutputTokens = int(float64(s.Bytes)/prompt.DefaultBytesPerToken) + 20
	}
	return s
}

// byPrediction replaces the fixed choice for a scope by the largest model that
// is predicted to keep within the budget, or by the fastest where none does. It
// decides nothing until the fixed choice itself was measured: until then using it
// is how it gets measured.
func byPrediction(in RouteInput, fixed model.Model) (m model.Model, why string, ok bool) {
	f, _ := in.Catalog.Figures(fixed.ID())
	if _, known := predict(fixed, f, in.Scope); !known || in.Budget <= 0 {
		return fixed, "", false
	}
	all := make([]candidate, 0, len(in.Catalog.Models))
	for i := range in.Catalog.Models {
		m := &in.Catalog.Models[i]
		f := in.Catalog.Measured[m.ID()]
		comparable := m.Chat && (m.Coder || !fixed.Coder) && (in.AllowRemote || !m.Remote)
		if takes, known := predict(*m, f, in.Scope); known && comparable {
			all = append(all, candidate{m, takes})
		}
	}
	if len(all) == 0 { // the fixed choice itself is one that may not be used
		return fixed, "", false
	}
	fits := slices.DeleteFunc(slices.Clone(all), func(c candidate) bool { return c.takes > in.Budget })
	if len(fits) == 0 {
		best := slices.MinFunc(all, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(a.takes, b.takes), bySize(a.model, b.model))
		})
		return *best.model, fmt.Sprintf("; none is predicted within %s, the fastest takes %s", in.Budget, seconds(best.takes)), true
	}
	best := slices.MinFunc(fits, func(a, b candidate) int { return bySize(a.model, b.model) })
	return *best.model, fmt.Sprintf("; predicted %s of %s", seconds(best.takes), in.Budget), true
}

// bySize orders the largest model first, of equal ones one that is loaded. Size
// comes before all else, so that a larger budget never gets a smaller model.
func bySize(a, b *model.Model) int {
	if c := cmp.Or(cmp.Compare(params(*b), params(*a)), yesFirst(a.Resident, b.Resident)); c != 0 {
		return c
	}
	return cmp.Compare(a.ID(), b.ID())
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }
