// Package openai is the model.Provider for servers that speak OpenAI's chat API:
// LM Studio, llama.cpp's llama-server, vLLM, LiteLLM, Ollama's /v1 and others.
//
// They agree on the stream and on little else, so the provider finds out which
// one it talks to ([surface]) and asks each in its own way for the context size,
// the slots, what is loaded, and not to think. A field that a server refuses is
// left out of the next requests to that model. A reply counts only after its
// finish_reason. The key goes to the configured address and nowhere else: no
// redirect is followed, and it is cut out of what servers say about it.
package openai
