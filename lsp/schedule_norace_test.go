//go:build !race

package lsp

const schedules = 10_000
