package model

import (
	"context"
	"log/slog"
	"time"
)

// PoolOptions configure a Pool.
type PoolOptions struct {
	Slots map[string]int // requests at once by provider; absent means 1
	Log   *slog.Logger
}

// Pool runs requests on the configured providers.
type Pool struct{}

// NewPool makes a pool and asks nobody anything yet.
func NewPool(providers []Provider, opts PoolOptions) *Pool { panic("todo") }

// Catalog is the newest one known; it never blocks and is never nil.
func (p *Pool) Catalog() *Catalog { panic("todo") }

// Refresh asks every endpoint at once, each for at most a second or two; callers
// at the same time share one round. It fails only when ctx ends.
func (p *Pool) Refresh(ctx context.Context) (*Catalog, error) { panic("todo") }

// Wait is what a queued request is told.
type Wait struct {
	Ahead int // requests that will run before this one
}

// Job is one request in the queue of its endpoint.
type Job struct {
	Provider string
	Request  Request
	Prefix   uint64              // hash of the prompt's shared part: equal ones run next to each other
	Queued   func(Wait)          // called when the place in line changes; never after Started
	Started  func(resident bool) // called right before the request is sent
	Delta    func(Delta) error
}

// Outcome is a Reply and how long the job stood in line.
type Outcome struct {
	Reply
	Queue time.Duration
}

// Chat queues the job, runs it and returns its outcome. The order is by (model,
// prefix) so that models are not swapped without need, but no job is overtaken
// more than a fixed number of times.
func (p *Pool) Chat(ctx context.Context, job Job) (Outcome, error) { panic("todo") }

// Preload makes a model resident in the background, once at a time per model.
func (p *Pool) Preload(ctx context.Context, provider, name string, numCtx int) error { panic("todo") }

// Close ends every request and waits for them.
func (p *Pool) Close() { panic("todo") }
