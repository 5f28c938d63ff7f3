package modeltest

import (
	"slices"
	"strings"
	"time"
)

// Script is what a Server has and says. The zero value has no models.
type Script struct {
	Models   []Model
	Replies  []Reply // each is used once, in order, by the first request that it suits
	Fallback *Reply  // for requests that no reply of Replies suits; nil answers 500

	Slots    int // requests served at once; 0 means 1
	Resident int // models in memory at once; 0 means all of them
	Queue    int // requests that may wait for a slot before the next gets 503; 0 means 512
	NumCtx   int // context of a request that sets none; 0 means 4096

	Forgets bool // a prompt is evaluated anew though the last one began like it

	Prefill float64 // prompt tokens per second; 0 means no time at all
	Decode  float64 // output tokens per second; 0 means no time at all

	Surface Surface  // the server that /v1 is like; "" is Ollama, the only one with /api beside it
	Key     string   // that requests to /v1 must bring; "" needs none
	Rejects []string // fields of /v1 requests that are answered with 400

	Addr    string // listening address; "" is a free port of the loopback
	Net     *Pipes // listens there instead
	Version string // "" is the version of Ollama whose API this follows
}

// Surface is a kind of OpenAI-compatible server.
type Surface string

// The surfaces of /v1, each with what is its own.
const (
	Ollama      Surface = "ollama"       // reasoning_effort turns thinking off; the prompt is cut silently
	LlamaServer Surface = "llama-server" // one model, /props, chat_template_kwargs, timings
	VLLM        Surface = "vllm"         // chat_template_kwargs, max_model_len
	LMStudio    Surface = "lmstudio"     // /api/v0/models; nothing turns thinking off
	LiteLLM     Surface = "litellm"      // tells names and nothing else
)

// Model is one model of the server. Only Name is needed.
type Model struct {
	Name         string
	Params       string        // as Ollama writes it: "3.1B"; "" is "1.5B"
	Family       string        // "" is "qwen2"
	Context      int           // the longest context; 0 is 32768
	Capabilities []string      // nil is completion; "tools", "thinking", "embedding"
	Bytes        int64         // size of the weights; 0 follows Params
	Load         time.Duration // time to load it
	RemoteHost   string        // set for a model that runs elsewhere
	RemoteModel  string
}

// Reply is what the server answers to one request.
type Reply struct {
	// Conditions, all of which must hold; none set suits every request.
	Model    string // name of the model
	Last     string // part of the last message
	Contains string // part of any message
	Tool     string // one whose result stands at the end of the messages
	Match    func(Request) bool
	Ahead    bool // suits prefills, and nothing else

	Text     string
	Calls    []Call // sent after Text; a reply that has some suits only requests that offer tools
	Thinking string // sent before Text where the model can think and is not told otherwise
	Always   bool   // Thinking is sent even when the request says think:false
	Reason   string // done_reason; "" is "stop", or "length" where the output limit cuts Text
	Chunk    int    // bytes per token, cut at rune boundaries; 0 is 4
	Wire     int    // bytes per write to the connection, wherever they fall; 0 is one line per write

	Prefill float64 // overrides Script.Prefill
	Decode  float64 // overrides Script.Decode

	Fault Fault
	After int // chunks sent before the fault; more than there are is all of them
	Gates []Gate

	Keep bool // may be used any number of times
}

// Gate is a named point at which a reply waits until Server.Release.
type Gate struct {
	Name  string
	After int // chunks sent before it waits, as above; 0 holds back the response header too
}

// Fault is a way in which a reply goes wrong.
type Fault string

// The faults. Those that are HTTP statuses come instead of the reply, the others
// after Reply.After chunks.
const (
	NoFault   Fault = ""
	Drop      Fault = "drop"      // the connection is cut
	End       Fault = "end"       // the stream ends properly, without its done line
	NoReason  Fault = "noreason"  // the done line has no done_reason, as when the runner died
	Stall     Fault = "stall"     // nothing more comes until the client goes away
	Garbage   Fault = "garbage"   // a line that is not JSON
	ErrorLine Fault = "errorline" // {"error": …} in the middle of the stream

	Endless Fault = "endless" // the text goes on and on, whatever its limit

	NotFound    Fault = "404"
	ServerError Fault = "500"
	Busy        Fault = "503"
	TooLong     Fault = "toolong" // 400, the prompt exceeds the context
	HTML        Fault = "html"    // 200 with a web page

	Unauthorized Fault = "401"
	NoTools      Fault = "notools" // 400, the model can't call tools, whatever it claims
)

// Faults lists every fault but NoFault.
func Faults() []Fault {
	return []Fault{Drop, End, NoReason, Stall, Garbage, ErrorLine, Endless, NotFound, ServerError, Busy, TooLong, HTML, Unauthorized, NoTools}
}

// suits reports whether the conditions of r hold for req.
func (r *Reply) suits(req Request) bool {
	switch {
	case r.Ahead != req.Ahead():
		return false
	case r.Model != "" && canonical(r.Model) != canonical(req.Model):
		return false
	case r.Last != "" && !strings.Contains(req.Last(), r.Last):
		return false
	case r.Contains != "" && !strings.Contains(req.Prompt(), r.Contains):
		return false
	case len(r.Calls) > 0 && len(req.Tools) == 0:
		return false
	case r.Tool != "" && !slices.Contains(req.Results(), r.Tool):
		return false
	}
	return r.Match == nil || r.Match(req)
}

// canonical is a model name with its tag, so that "x" and "x:latest" are one model.
func canonical(name string) string {
	if strings.Contains(name[strings.LastIndexByte(name, '/')+1:], ":") {
		return name
	}
	return name + ":latest"
}

// tokens estimates the tokens of s as the server counts them: four bytes each.
func tokens(s string) int { return (len(s) + 3) / 4 }

// cut splits s into pieces of about n bytes at rune boundaries.
func cut(s string, n int) []string {
	if n <= 0 {
		n = 4
	}
	var out []string
	for s != "" {
		i := min(n, len(s))
		for i < len(s) && s[i]&0xc0 == 0x80 {
			i++
		}
		out, s = append(out, s[:i]), s[i:]
	}
	return out
}
