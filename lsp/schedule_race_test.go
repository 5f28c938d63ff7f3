//go:build race

package lsp

// The race detector makes each schedule several times as slow.
const schedules = 2_000
