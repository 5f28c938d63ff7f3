// Package realollama runs a real Ollama server for integration tests: the
// version that go.mod pins, built once per machine into the user's cache, with
// its state in a test's folder and no way to the network.
//
// Its models are made by the test. [Scripted] writes a GGUF file whose weights
// are set, not trained, so that the model says a given text and stops: loading,
// tokenizing, prefill, decoding, the KV cache and streaming are all real, and
// the answer is exact.
package realollama
