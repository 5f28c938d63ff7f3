// Package modeltest is a scripted model server over real HTTP, for tests, the
// demo and the benchmarks.
//
// A [Server] speaks the part of Ollama's API that Hob uses (/api/chat and
// /api/generate with streaming, /api/tags, /api/show, /api/ps, /api/version), and
// the OpenAI-compatible API of several servers (/v1, see [Surface]), on a free
// loopback port. What it has and what it says is a [Script], written in
// Go or read from text by [Parse]. It behaves like the real one where that
// matters to a client: slots and a fair queue, loading and swapping, reloading
// when the context size changes, reuse of an evaluated prompt prefix, output
// limits, and every way in which a stream can go wrong ([Fault]).
//
// A reply may call tools ([Reply.Calls]) where the model has the capability
// "tools", which the server tells in the way of each surface; without it a request
// that offers tools is refused. Ollama's own API and its /v1 send each call whole
// and say nothing of a broken one; the other surfaces send pieces, broken or not.
// What a model does with the results is said by a reply for them ([Reply.Tool]):
//
//	model coder:3b caps=completion,tools
//	reply text="Let me look. " call=`read {"path":"a.go"}` call=`search {"pattern":"Add"}`
//	reply tool=search text="It is called twice."
//
// Nothing in it depends on package testing. Tests never need to sleep: a reply
// waits at a [Gate] until it is released, and [Server.Wait] blocks until what
// the server has seen satisfies a condition.
package modeltest
