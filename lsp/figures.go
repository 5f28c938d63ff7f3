package lsp

import (
	"github.com/hob-ls/hob/agent"
	"github.com/hob-ls/hob/agent/model"
)

// FiguresFile is the name of the file in Options.StateDir that keeps what was
// measured of the models.
const FiguresFile = "models.json"

// PrefillStats count what was read ahead of jobs.
type PrefillStats struct {
	Issued  int `json:"issued"`
	Done    int `json:"done"`    // read to their end
	Hits    int `json:"hits"`    // jobs that found their prefix read
	Partly  int `json:"partly"`  // jobs that found a part of it read
	Aborted int `json:"aborted"` // ended by a job or by another prefill
	Tokens  int `json:"tokens"`
	Wasted  int `json:"wasted_tokens"` // read for nothing
}

// StoppedStats count the replies that were cut because they were complete. What
// they would have gone on to say is known to nobody; what came after the stop is.
type StoppedStats struct {
	Replies int `json:"replies"`
	After   int `json:"tokens_after"`
}

// Figures are what was measured of a model; absent is what was not.
type Figures struct {
	Load          float64                `json:"load_ms,omitempty"`
	Prefill       float64                `json:"prefill_tps,omitempty"` // tokens per second
	Decode        float64                `json:"decode_tps,omitempty"`  // likewise
	BytesPerToken float64                `json:"bytes_per_token,omitempty"`
	Rereads       float64                `json:"rereads,omitempty"` // part of a known prompt that it reads again; from 0.5 on nothing is read ahead
	Formats       map[string]FormatScore `json:"formats,omitempty"`
}

// FormatScore is how often replies in an edit format could be used.
type FormatScore struct {
	Tries   int     `json:"tries"`
	Success float64 `json:"success"` // of the last twenty or so, 0 to 1
}

// stats are the figures of the engine's pool.
func (e *engine) stats() (PrefillStats, StoppedStats, map[string]Figures) {
	st := e.pool.Stats()
	models := map[string]Figures{}
	for id, f := range e.pool.Catalog().Measured {
		models[id] = figuresOf(f)
	}
	return PrefillStats(st.Prefill), StoppedStats{st.Stopped, st.After}, models
}

// jobTools are uses of tools as they go over the wire.
func jobTools(uses []agent.ToolUse) []JobTool {
	var out []JobTool
	for _, u := range uses {
		out = append(out, JobTool{u.Name, u.Calls, u.Failed, millis(u.Took)})
	}
	return out
}

func figuresOf(f model.Figures) Figures {
	out := Figures{
		Load: rounded(1000 * f.Load.V), Prefill: rounded(f.Prefill.V), Decode: rounded(f.Decode.V),
		BytesPerToken: rounded(f.Bytes.V), Rereads: rounded(f.Again.V),
	}
	for name, s := range f.Formats {
		if out.Formats == nil {
			out.Formats = map[string]FormatScore{}
		}
		out.Formats[name] = FormatScore{s.N, rounded(s.Rate)}
	}
	return out
}

// rounded is x with three digits or so after the point: a figure for people.
func rounded(x float64) float64 { return float64(int64(x*1000+0.5)) / 1000 }
