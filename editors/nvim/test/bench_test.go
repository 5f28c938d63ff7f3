//go:build editors

package nvimtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkEditor measures in a Neovim with a screen what a user feels. Its
// figures are of one session, so it runs once: see `make -C editors bench`.
//
//	typing-ratio          time of 1,000 typed characters while a job streams 50 tokens a second, to that without one
//	                      (median of pairs that were measured one after the other)
//	typing-cpu-ratio      likewise, of the processor time that Neovim took for them
//	typing-ms, busy-ms    of one character, from key to screen, without and with a job; -cpu- in processor time
//	key-to-model-ms       from Enter behind the instruction to the request's arrival at the model (median)
//	token-to-screen-ms    from the model's first token to its text on the screen (median)
func BenchmarkEditor(b *testing.B) {
	for range b.N {
		out := filepath.Join(b.TempDir(), "figures.json")
		runCase(b, 10*deadline, "bench.lua", "E2E_OUT="+out)
		data, err := os.ReadFile(out)
		if err != nil {
			b.Fatal(err)
		}
		var figures map[string]float64
		if err := json.Unmarshal(data, &figures); err != nil {
			b.Fatal(err)
		}
		for name, value := range figures {
			b.ReportMetric(value, name)
		}
	}
}
