//go:build !race

package lsp

const (
	schedules    = 10_000
	hugeDocument = 50 << 20
)
