//go:build editors

package nvimtest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// figures are what the bench measures, in words. aim is what they should stay
// under, 0 for none: those are behind a ratio, and are not said again.
var figures = []struct {
	name, what string
	aim        float64
}{
	{"typing-ratio", "time of typing while a job streams 50 tokens a second, to that without one", 1.1},
	{"typing-cpu-ratio", "likewise, of the processor time that Neovim takes for it", 1.1},
	{"typing-ms", "one character, from key to screen, without a job", 0},
	{"busy-ms", "likewise, with a job", 0},
	{"typing-cpu-ms", "one character, in processor time, without a job", 0},
	{"busy-cpu-ms", "likewise, with a job", 0},
	{"key-to-model-ms", "from Enter behind the instruction to the request's arrival at the model", 100},
	{"token-to-screen-ms", "from the model's first token to its text on the screen", 100},
	{"next-to-screen-ms", "from a token right behind the first one to its text on the screen", 100},
}

// BenchmarkEditor measures in a Neovim with a screen what a user feels, and says
// so in words: see `make -C editors bench`. All are medians of one session, so it
// runs once; the ratios are those of pairs that were measured one after the other.
func BenchmarkEditor(b *testing.B) {
	for range b.N {
		out := filepath.Join(b.TempDir(), "figures.json")
		runCase(b, 10*deadline, "bench.lua", "E2E_OUT="+out)
		data, err := os.ReadFile(out)
		if err != nil {
			b.Fatal(err)
		}
		var measured map[string]float64
		if err := json.Unmarshal(data, &measured); err != nil {
			b.Fatal(err)
		}
		var table strings.Builder
		for _, f := range figures {
			value, ok := measured[f.name]
			if !ok {
				b.Fatalf("%s was not measured", f.name)
			}
			b.ReportMetric(value, f.name)
			if f.aim > 0 { // a log of ten lines is cut
				fmt.Fprintf(&table, "\n%9.3f  %-19s %s (aim: under %g)", value, f.name, f.what, f.aim)
			}
		}
		b.Logf("%s, %s%s", version(b), load(), &table)
	}
}

// version is that of Neovim.
func version(b *testing.B) string {
	said, err := exec.Command(nvim, "--version").Output()
	if err != nil {
		b.Fatal(err)
	}
	first, _, _ := strings.Cut(string(said), "\n")
	return first
}

// load is what else the machine does, as far as it tells: on a busy one the
// figures are upper bounds, and the ratios less certain.
func load() string {
	said, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "load unknown"
	}
	return "load of the last 1, 5 and 15 minutes " + strings.Join(strings.Fields(string(said))[:3], " ")
}
