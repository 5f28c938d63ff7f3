// Package client is an editor without a screen: a real LSP client over any
// stream that opens documents, asks for code actions, runs commands, applies
// workspace edits as strictly as the protocol allows and answers what a server
// may ask. `hob run`, `hob demo` and `hob bench` are this editor; the test
// editor of lsptest is built on it.
//
// Its types are plain values, so that its users need not import the protocol.
//
// It reads and writes JSON-RPC itself instead of using the library of the
// server: a judge that shares a codec with the judged can't see its mistakes,
// the fields a server sends unasked vanish when they are decoded into a
// library's types, and tests must be able to send what no library would.
//
// What a server does against the protocol, or without the client's having
// announced that it can, is kept in [Client.Violations]; the session goes on as
// well as it can.
//
// Goroutines: one reads; one writes, so that reading never waits for a peer that
// does not read; one applies workspace edits and one answers dialogs, each in
// the order in which the server asked. None of them outlives [Client.Close] or
// [Client.Abort], unless a hook does.
package client
