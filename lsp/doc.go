// Package lsp is the language server: it speaks the protocol with the editor,
// keeps the workspace in step with it, offers code actions, and delivers what
// the agent made of them.
//
// [Serve] reads one connection until it ends. Notifications run inline in wire
// order and do no IO; every call pins a snapshot, releases the read loop and
// then runs. Commands answer at once with a job id, or wait when asked to; jobs
// live under the server's context, not under their request's.
//
// Only this package and those below its folder import go.lsp.dev. Positions,
// URIs and edits change type in convert.go and nowhere else.
package lsp
