// Hob is a language server that turns code actions into generation jobs on
// local models.
//
// This package is the command line and the wiring: flags, subcommands, signals,
// exit codes. `hob serve` speaks to an editor on stdio; `hob run`, `hob demo` and
// `hob bench` are editors themselves and speak to the same server.
//
// Inv: nothing but protocol is written to stdout by `hob serve` and `hob mcp`; every command
// ends when its context does, and the first signal ends that.
package main
