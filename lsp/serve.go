package lsp

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/hob-ls/hob/agent/model"
	"github.com/hob-ls/hob/lsp/config"
)

// Options are what the process gives its server.
type Options struct {
	Version   string
	Log       *slog.Logger
	Config    config.Inputs // Client and Roots are filled in from the editor
	Providers func(*config.Config) []model.Provider
}

// ErrNoShutdown: the editor sent exit, or vanished, without shutdown.
var ErrNoShutdown = errors.New("exit without shutdown")

// Serve runs one session on rwc until exit or until the stream ends, and leaves
// nothing running. It returns nil after an orderly shutdown and exit.
func Serve(ctx context.Context, rwc io.ReadWriteCloser, opts Options) error { panic("todo") }
