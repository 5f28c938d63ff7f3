package lsp

import (
	"context"
	"errors"
	"sync"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/lsp/config"
)

// scripted is a model server in memory with one model.
type scripted struct {
	chat func(ctx context.Context, req model.Request, on func(model.Delta) error) (model.Reply, error)
}

func (*scripted) Name() string { return "ollama" }
func (*scripted) URL() string  { return "http://127.0.0.1:11434" }
func (*scripted) List(context.Context) ([]model.Model, error) {
	return []model.Model{{
		Provider: "ollama", Name: "tiny-coder:3b", Params: 3e9, Family: "tiny", Context: 32768, Chat: true, Coder: true,
		Resident: true, NumCtx: 16384,
	}}, nil
}
func (s *scripted) Load(context.Context, string, int) error { return nil }
func (s *scripted) Chat(ctx context.Context, req model.Request, on func(model.Delta) error) (model.Reply, error) {
	return s.chat(ctx, req, on)
}

// saying is a model that always writes the same, in pieces.
func saying(pieces ...string) *scripted {
	return &scripted{chat: func(_ context.Context, _ model.Request, on func(model.Delta) error) (model.Reply, error) {
		reply := model.Reply{Usage: model.Usage{Prompt: 100, Cached: -1, Output: len(pieces)}}
		for _, piece := range pieces {
			if err := on(model.Delta{Text: piece}); err != nil {
				reply.Stopped = errors.Is(err, model.ErrStop)
				if !reply.Stopped {
					return reply, err
				}
				break
			}
		}
		return reply, nil
	}}
}

// hanging is a model that writes nothing until its request is cancelled; began
// is closed when the first request is there, ended when it was cancelled.
func hanging() (m *scripted, began, ended chan struct{}) {
	began, ended = make(chan struct{}), make(chan struct{})
	var first, last sync.Once
	return &scripted{chat: func(ctx context.Context, _ model.Request, _ func(model.Delta) error) (model.Reply, error) {
		first.Do(func() { close(began) })
		<-ctx.Done()
		last.Do(func() { close(ended) })
		return model.Reply{}, ctx.Err()
	}}, began, ended
}

func with(m *scripted) Options {
	return Options{Version: "test", Providers: func(*config.Config) []model.Provider { return []model.Provider{m} }}
}
