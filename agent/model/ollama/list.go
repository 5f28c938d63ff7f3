package ollama

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/ollama/ollama/api"
	"golang.org/x/sync/errgroup"

	"github.com/hob-ls/hob/agent/model"
)

// traits are what /api/show tells about a model and Hob needs.
type traits struct {
	capabilities []string // none where an old server does not tell
	family       string
	params       int64
	context      int
	remote       bool
}

// shows bounds the /api/show requests at once.
const shows = 4

// List asks what the endpoint has and what is loaded: /api/tags and /api/ps at
// once, and /api/show for every model not seen before.
func (p *Provider) List(ctx context.Context) ([]model.Model, error) {
	var (
		tags api.ListResponse
		ps   api.ProcessResponse
		g    errgroup.Group
	)
	g.Go(func() error { return p.wire.Ask(ctx, http.MethodGet, "api/tags", nil, "", &tags) })
	g.Go(func() error {
		// What is loaded is worth knowing, not worth failing for.
		if err := p.wire.Ask(ctx, http.MethodGet, "api/ps", nil, "", &ps); err != nil {
			p.wire.Log.Debug("ollama: what is loaded is unknown", "error", err)
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all := p.showAll(ctx, tags.Models)
	if err := ctx.Err(); err != nil {
		return nil, p.wire.Broke(ctx, err)
	}
	loaded := map[string]api.ProcessModelResponse{}
	for _, m := range ps.Models {
		loaded[canonical(m.Name)] = m
	}
	models := make([]model.Model, len(tags.Models))
	for i, m := range tags.Models {
		models[i] = p.describe(m, all[i])
		now, ok := loaded[canonical(m.Name)]
		models[i].NumCtx, models[i].Resident = now.ContextLength, ok
		models[i].Memory, models[i].VRAM = now.Size, now.SizeVRAM
	}
	slices.SortFunc(models, func(a, b model.Model) int { return strings.Compare(a.Name, b.Name) })
	return models, nil
}

// showAll is the traits of each model, nil where they could not be had, and
// replaces what was known.
func (p *Provider) showAll(ctx context.Context, models []api.ListModelResponse) []*traits {
	all := make([]*traits, len(models))
	var g errgroup.Group
	g.SetLimit(shows)
	for i, m := range models {
		p.mu.Lock()
		all[i] = p.shown[m.Digest]
		p.mu.Unlock()
		if all[i] != nil {
			continue
		}
		g.Go(func() error {
			t, err := p.show(ctx, m.Name)
			if err != nil {
				p.wire.Log.Debug("ollama: a model does not show itself", "model", m.Name, "error", err)
				return nil
			}
			all[i] = t
			return nil
		})
	}
	_ = g.Wait() // none of them fails

	shown, byName := map[string]*traits{}, map[string]*traits{}
	for i, m := range models {
		if t := all[i]; t != nil {
			shown[m.Digest], byName[canonical(m.Name)] = t, t
		}
	}
	p.mu.Lock()
	p.shown, p.byName = shown, byName
	p.mu.Unlock()
	return all
}

func (p *Provider) describe(m api.ListModelResponse, t *traits) model.Model {
	out := model.Model{
		Provider: p.Name(),
		Name:     m.Name,
		Params:   model.ParseParams(m.Details.ParameterSize),
		Bytes:    m.Size,
		Family:   m.Details.Family,
		Digest:   m.Digest,
		Remote:   m.RemoteHost != "" || m.RemoteModel != "" || cloud(m.Name),
		Coder:    model.CoderName(m.Name, m.Details.Family),
		Chat:     !model.EmbedsName(m.Name, m.Details.Family),
	}
	if t == nil {
		return out
	}
	out.Context = t.context
	out.Remote = out.Remote || t.remote
	if t.params > 0 {
		out.Params = t.params
	}
	if len(t.capabilities) > 0 {
		out.Chat = slices.Contains(t.capabilities, "completion")
		out.Thinks = slices.Contains(t.capabilities, "thinking")
		out.Tools = slices.Contains(t.capabilities, "tools")
	}
	out.Thinks = out.Thinks || p.wire.Thinks(m.Name)
	return out
}

func (p *Provider) known(name string) *traits {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byName[canonical(name)]
}

func (p *Provider) learn(name string, t *traits) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.byName[canonical(name)] = t
}

// canonical is a model name with its tag.
func canonical(name string) string {
	if strings.Contains(name[strings.LastIndexByte(name, '/')+1:], ":") {
		return name
	}
	return name + ":latest"
}

// cloud reports whether the name is that of a model which runs at Ollama's own service.
func cloud(name string) bool {
	return strings.HasSuffix(name, "-cloud") || strings.HasSuffix(name, ":cloud")
}
