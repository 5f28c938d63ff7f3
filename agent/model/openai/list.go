package openai

import (
	"context"
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent/model"
)

// List asks what the endpoint has, and what is loaded where it tells.
func (p *Provider) List(ctx context.Context) ([]model.Model, error) {
	list, err := p.models(ctx)
	if err != nil {
		return nil, err
	}
	s := p.detect(ctx, list)
	models := make([]model.Model, 0, len(list))
	for _, l := range list {
		models = append(models, p.describe(s, l))
	}
	switch s {
	case lmStudio:
		p.addStudio(ctx, models)
	case llamaServer:
		p.addProps(ctx, models)
	}
	slices.SortFunc(models, func(a, b model.Model) int { return strings.Compare(a.Name, b.Name) })
	return models, nil
}

func (p *Provider) describe(s surface, l listed) model.Model {
	m := model.Model{
		Provider: p.opts.Name,
		Name:     l.ID,
		Params:   l.Meta.Params,
		Bytes:    l.Meta.Size,
		Context:  max(l.MaxModelLen, l.Meta.Context),
		Coder:    model.CoderName(l.ID, ""),
		Chat:     !model.EmbedsName(l.ID, ""),
		Thinks:   p.wire.Thinks(l.ID),
		Remote:   s == ollamaV1 && (strings.HasSuffix(l.ID, "-cloud") || strings.HasSuffix(l.ID, ":cloud")),
		Resident: s.serves(),
	}
	if m.Params == 0 {
		m.Params = model.ParamsName(l.ID)
	}
	if s == vllm {
		m.NumCtx = l.MaxModelLen
	}
	return m
}

// addStudio adds what LM Studio tells; that it fails is no reason to have no list.
func (p *Provider) addStudio(ctx context.Context, models []model.Model) {
	all, err := p.studio(ctx)
	if err != nil {
		p.wire.Log.Debug("what is loaded is unknown", "endpoint", p.opts.Name, "error", err)
		return
	}
	for _, v := range all {
		i := slices.IndexFunc(models, func(m model.Model) bool { return m.Name == v.ID })
		if i < 0 {
			continue
		}
		m := &models[i]
		m.Family, m.Context = v.Arch, v.Context
		m.Chat = v.Type != "embeddings"
		m.Tools = slices.Contains(v.Capabilities, "tool_use")
		m.Coder = m.Coder || model.CoderName(v.ID, v.Arch)
		if v.State == "loaded" {
			m.Resident, m.NumCtx = true, v.NumCtx
		}
	}
}

// addProps adds what llama-server tells: its context is that of each slot, and
// no request can make it longer.
func (p *Provider) addProps(ctx context.Context, models []model.Model) {
	v, err := p.props(ctx)
	if err != nil || v.Settings == nil {
		p.wire.Log.Debug("the context size is unknown", "endpoint", p.opts.Name, "error", err)
		return
	}
	p.mu.Lock()
	p.slots = v.Slots
	p.mu.Unlock()
	for i := range models {
		models[i].NumCtx, models[i].Tools = v.Settings.NumCtx, v.Template.Tools
		if n := v.Settings.NumCtx; n > 0 {
			models[i].Context = n
		}
	}
}
