package agent

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hob-ls/hob/agent/edit"
	"github.com/hob-ls/hob/agent/model"
)

// Choice is what the router decided, and why.
type Choice struct {
	Tier      Tier
	Model     model.Model
	Format    edit.Shape // of a rewritten region: Region or Blocks
	NumCtx    int
	MaxTokens int
	// BytesPerToken is measured, 0 where it was not: how many bytes of a prompt a
	// token of the model holds.
	BytesPerToken float64
	Why           string
}

// RouteInput is all the router looks at.
type RouteInput struct {
	Scope       Scope
	Tier        Tier   // the user's wish, "" for none
	Model       string // the user's wish, "" for none
	Catalog     *model.Catalog
	Models      map[Tier]string // configuration: "auto" or a model ID
	AllowRemote bool
	Budget      time.Duration // aimed for; 0 makes no predictions
}

// Route chooses tier and model. It is a pure function: equal inputs give equal choices.
func Route(in RouteInput) (Choice, *Error) {
	tier, asked := in.Scope.Tier(), ""
	if in.Tier != "" {
		if !slices.Contains(tiers, in.Tier) {
			return Choice{}, &Error{Kind: BadRequest, Message: fmt.Sprintf("there is no tier %q", in.Tier), Hint: "use instant, fast, balanced or quality"}
		}
		tier, asked = in.Tier, ", tier asked for"
	}
	c := Choice{Tier: tier, MaxTokens: outputLimit(in.Scope)}
	var note string
	var err *Error
	if in.Model != "" {
		asked = ", model asked for"
		c.Model, err = named(in, in.Model)
	} else {
		c.Model, note, err = forTier(in, tier)
		if auto := in.Models[tier] == "" || in.Models[tier] == "auto"; err == nil && auto && in.Tier == "" {
			if m, why, ok := byPrediction(in, c.Model); ok {
				c.Model, note = m, why
				c.Tier = tierOf(m)
			}
		}
	}
	if err != nil {
		return Choice{}, err
	}
	if c.Model.Remote && !in.AllowRemote {
		return Choice{}, &Error{Kind: RefusedPath, Message: c.Model.ID() + " runs on another machine", Hint: "choose a local model, or set privacy.allow_remote = true in your own configuration file"}
	}
	c.Why = in.Scope.String() + asked + note
	if c.Format = formatOf(in, c.Model); c.Format == edit.Blocks {
		c.Why += "; as search/replace blocks"
	}
	return c, nil
}

// Larger is the choice after c failed: the model of the next tier that has
// another and larger one. false where there is none.
func Larger(in RouteInput, c Choice) (Choice, bool) {
	for _, t := range tiers[slices.Index(tiers, c.Tier)+1:] {
		var m model.Model
		var ok bool
		named := in.Models[t] != "" && in.Models[t] != "auto"
		if named {
			m, ok = in.Catalog.Find(in.Models[t])
			ok = ok && m.Chat && (in.AllowRemote || !m.Remote)
		} else {
			m, ok = best(in, t)
		}
		if !ok || m.ID() == c.Model.ID() || !named && params(m) <= params(c.Model) {
			continue
		}
		c.Tier, c.Model, c.Format = t, m, formatOf(in, m)
		return c, true
	}
	return Choice{}, false
}

// blocksFrom is the size in lines from which search/replace blocks are worth their
// risk: what they save grows with the region, what can go wrong does not.
const blocksFrom = 60

// goodFormat is the success rate from which a model is trusted with a format.
const goodFormat = 0.8

// formatOf is the form in which a model is to rewrite a region: all of it, but for
// a large one by a model that was seen to write good blocks.
func formatOf(in RouteInput, m model.Model) edit.Shape {
	s := in.Scope
	if s.Action != Edit && s.Action != Fix || s.Lines < blocksFrom {
		return edit.Region
	}
	f, _ := in.Catalog.Figures(m.ID())
	if score := f.Formats[formats[edit.Blocks]]; score.N >= enoughSeen && score.Rate >= goodFormat {
		return edit.Blocks
	}
	return edit.Region
}

// tiers are those that have a model, smallest first.
var tiers = []Tier{Fast, Balanced, Quality}

// deadline bounds what models may take for a job whatever its size: one that still
// loads or reads after it is too slow to be waited for. Stalled streams end much earlier.
const deadline = 5 * time.Minute

// wholeDeadline bounds what they may take for all parts of a job of many.
const wholeDeadline = 30 * time.Minute

// outputLimit is how many tokens an answer may have: room for a rewrite half as
// large again as what is there, at three bytes a token, and for short things
// enough to be useful.
func outputLimit(s Scope) int {
	switch s.Kind {
	case NewFileScope, InsertionScope, ProjectScope:
		return 2048
	}
	switch s.Action {
	case Explain, Document, Review:
		return 1024
	}
	if s.Action == Implement || s.Action == Test {
		return 2048
	}
	return max(512, s.Bytes/3*3/2+256)
}

// named finds a model by the name that the user or the configuration gave.
func named(in RouteInput, id string) (model.Model, *Error) {
	m, ok := in.Catalog.Find(id)
	if ok && m.Chat {
		return m, nil
	}
	if ok {
		return m, &Error{Kind: ModelMissing, Message: id + " can't chat", Hint: "choose a model that completes text; " + available(in)}
	}
	if err := unreachable(in, id); err != nil {
		return m, err
	}
	return m, &Error{Kind: ModelMissing, Message: "there is no model " + id, Hint: "run `ollama pull " + bareName(id) + "`; " + available(in)}
}

// forTier is the model of a tier: the configured one, or the best the endpoints
// have of that size, or that of the nearest tier, which note says.
func forTier(in RouteInput, tier Tier) (m model.Model, note string, err *Error) {
	var absent *Error // what the configuration names for another tier and is not there
	for _, t := range nearest(tier) {
		var ok bool
		switch id := in.Models[t]; {
		case id == "" || id == "auto":
			m, ok = best(in, t)
		case t == tier: // the user named it: its absence is not papered over
			m, err = named(in, id)
			return m, "", err
		default:
			m, err = named(in, id)
			if ok = err == nil; !ok && absent == nil {
				absent = err
			}
		}
		if !ok {
			continue
		}
		if t != tier {
			note = fmt.Sprintf("; no model of the %s tier, so the %s one", tier, t)
		}
		return m, note, nil
	}
	if absent != nil {
		return m, "", absent
	}
	if err := unreachable(in, ""); err != nil {
		return m, "", err
	}
	return m, "", &Error{Kind: ModelMissing, Message: "the model servers have no model that can write code", Hint: "run `ollama pull qwen2.5-coder:3b`"}
}

// nearest orders the tiers by distance from t, the smaller (faster) one first.
func nearest(t Tier) []Tier {
	at := slices.Index(tiers, t)
	order := slices.Clone(tiers)
	slices.SortStableFunc(order, func(a, b Tier) int {
		return cmp.Compare(distance(slices.Index(tiers, a), at), distance(slices.Index(tiers, b), at))
	})
	return order
}

func distance(a, b int) int { return max(a-b, b-a) }

// Bounds of the tiers in parameters: about 3B, about 7B, and larger. Past
// hugeParams a machine that serves an editor rarely holds the model at speed.
const (
	fastParams     = 4_500_000_000
	balancedParams = 10_000_000_000
	hugeParams     = 40_000_000_000
)

// tierOf is the tier that a model's size puts it in.
func tierOf(m model.Model) Tier {
	switch p := params(m); {
	case p <= 0:
		return Balanced
	case p <= fastParams:
		return Fast
	case p <= balancedParams:
		return Balanced
	}
	return Quality
}

// params estimates a missing parameter count from the size of the weights:
// common four-bit quantizations take about 0.6 bytes a parameter.
func params(m model.Model) int64 {
	if m.Params > 0 {
		return m.Params
	}
	return m.Bytes * 10 / 6
}

// best is the model that "auto" means for a tier.
func best(in RouteInput, tier Tier) (model.Model, bool) {
	var found []model.Model
	for _, m := range in.Catalog.Models {
		if m.Chat && tierOf(m) == tier && (in.AllowRemote || !m.Remote) {
			found = append(found, m)
		}
	}
	if len(found) == 0 {
		return model.Model{}, false
	}
	return slices.MinFunc(found, func(a, b model.Model) int {
		return cmp.Or(
			yesFirst(a.Coder, b.Coder),
			yesFirst(!a.Thinks, !b.Thinks),
			yesFirst(params(a) <= hugeParams, params(b) <= hugeParams),
			cmp.Compare(params(b), params(a)),
			yesFirst(a.Resident, b.Resident),
			strings.Compare(a.ID(), b.ID()),
		)
	}), true
}

func yesFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// unreachable is the error of the endpoint that id names, if it did not answer;
// for an id without endpoint, that of any, if nothing else is there.
func unreachable(in RouteInput, id string) *Error {
	provider, _, _ := strings.Cut(id, "/")
	if err := in.Catalog.Errors[provider]; err != nil {
		return ExplainError(err)
	}
	if len(in.Catalog.Models) > 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(in.Catalog.Errors)) {
		return ExplainError(in.Catalog.Errors[name])
	}
	return nil
}

func available(in RouteInput) string {
	var ids []string
	for _, m := range in.Catalog.Models {
		if m.Chat {
			ids = append(ids, m.ID())
		}
	}
	if len(ids) == 0 {
		return "no model is there yet"
	}
	return "there are " + strings.Join(ids, ", ")
}

func bareName(id string) string {
	if _, name, ok := strings.Cut(id, "/"); ok {
		return name
	}
	return id
}
