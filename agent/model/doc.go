// Package model talks to model servers: what they have (the Catalog), when a
// request may run (the queue) and the stream of one reply.
//
// A [Provider] is one endpoint. A [Pool] holds the configured providers, keeps
// their catalog fresh and runs requests through one queue per endpoint. While a
// user makes up their mind, [Pool.Prefill] has a model read what the job will
// begin with; a real job ends that at once.
//
// A [Request] may offer tools, and a reply may call them ([Delta].Calls): in one
// form for all servers, with the calls in the pieces in which they come. Whether a
// model can is in [Model].Tools; a server that refuses gives [ErrNoTools].
//
// Invariants: a reply counts only when the server said it is complete, or when
// Hob itself stopped reading because it had enough; runner options of a model
// (its context size above all) never change while Hob runs, for a change makes
// the server load the model again; every wait ends when its context does.
package model
