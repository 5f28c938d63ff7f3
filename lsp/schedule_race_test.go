//go:build race

package lsp

// The race detector looks at every byte and makes each schedule several times as slow.
const (
	schedules    = 2_000
	hugeDocument = 5 << 20
)
