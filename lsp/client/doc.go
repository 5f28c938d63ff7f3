// Package client is an editor without a screen: a real LSP client over any
// stream that opens documents, asks for code actions, runs commands, applies
// workspace edits as strictly as the protocol allows and answers what a server
// may ask. `hob run`, `hob demo` and `hob bench` are this editor; the test
// editor of lsptest is built on it.
//
// Its types are plain values, so that its users need not import the protocol.
package client
