// Package ollama is the model.Provider for Ollama's native API.
//
// It uses the types of github.com/ollama/ollama/api but not its client, which
// takes a stream that was cut for one that ended well, allocates 8 MB for every
// request, and signs requests with the user's key when the environment says so.
// Here a reply counts only after its done line with a reason, a line may be long
// but the buffer starts small, a server that sends nothing is given up after a
// bounded time, and nothing but the configured URL decides where requests go:
// no proxy for the loopback, no redirects.
package ollama
