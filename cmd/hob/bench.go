package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

type benchCmd struct {
	What []string `arg:"" optional:"" enum:"overhead,menu,start,change,jobs" help:"overhead, menu, start, change, jobs; all of them by default."`
	N    int      `short:"n" default:"300" help:"Jobs of overhead; the others follow it."`
	JSON bool     `name:"json" help:"Print the figures as JSON."`
}

// benches in the order in which they run.
var benches = []struct {
	name string
	run  func(*benchRun) error
}{
	{"start", (*benchRun).start},
	{"overhead", (*benchRun).overhead},
	{"menu", (*benchRun).menu},
	{"change", (*benchRun).change},
	{"jobs", (*benchRun).jobs},
}

// figure is one measured series or number.
type figure struct {
	Bench  string  `json:"bench"`
	Name   string  `json:"name"`
	Unit   string  `json:"unit"`
	N      int64   `json:"n,omitempty"`
	P50    float64 `json:"p50"`
	P99    float64 `json:"p99"`
	Max    float64 `json:"max"`
	Ratio  float64 `json:"http_ratio,omitempty"` // p50 to that of a plain HTTP call to the scripted server in this run
	Target string  `json:"target,omitempty"`     // what the project promises
	Met    *bool   `json:"met,omitempty"`
}

// benchRun collects figures.
type benchRun struct {
	*app
	n       int
	plain   float64 // p50 of a plain HTTP call with the request of an edit, in milliseconds
	figures []figure
}

// Run is `hob bench`.
func (c *benchCmd) Run(a *app) error {
	if c.N < 1 || c.N > 1_000_000 {
		return usagef("-n must be from 1 to 1000000, not %d", c.N)
	}
	var line statusLine
	if isTerminal(a.err) {
		line.w = a.err
	}
	b := &benchRun{app: a, n: c.N}
	if err := b.baseline(); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	for _, bench := range benches {
		if len(c.What) > 0 && !slices.Contains(c.What, bench.name) {
			continue
		}
		line.show(bench.name, "measuring "+bench.name)
		if err := bench.run(b); err != nil {
			line.clear()
			return fmt.Errorf("bench %s: %w", bench.name, err)
		}
	}
	line.clear()
	if c.JSON {
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		return e.Encode(map[string]any{
			"version": versionText(), "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH, "cpus": runtime.NumCPU(), "figures": b.figures,
		})
	}
	return b.print()
}

func (b *benchRun) print() error {
	s := style{colours(b.out)}
	_, err := fmt.Fprintf(b.out, "%s\n", s.bold(fmt.Sprintf("%-9s %-46s %10s %10s %10s %9s  %s", "bench", "what", "p50", "p99", "max", "x HTTP", "promise")))
	for _, f := range b.figures {
		if err != nil {
			break
		}
		promise := f.Target
		switch {
		case f.Met != nil && *f.Met:
			promise = s.green("met     ") + " " + promise
		case f.Met != nil:
			promise = s.red("not met ") + " " + promise
		}
		cell := func(v float64) string { return amount(v, f.Unit) }
		if f.N <= 1 {
			_, err = fmt.Fprintf(b.out, "%-9s %-46s %10s %10s %10s %9s  %s\n", f.Bench, f.Name, cell(f.P50), "", "", "", promise)
			continue
		}
		_, err = fmt.Fprintf(b.out, "%-9s %-46s %10s %10s %10s %9.2f  %s\n", f.Bench, f.Name, cell(f.P50), cell(f.P99), cell(f.Max), f.Ratio, promise)
	}
	return err
}

// amount writes a figure with three digits or so.
func amount(v float64, unit string) string {
	switch {
	case unit == "ms" && v < 1 && v > -1:
		return fmt.Sprintf("%.0f µs", v*1000)
	case v < 10 && v > -10:
		return strings.TrimSpace(fmt.Sprintf("%.2f %s", v, unit))
	case v < 100 && v > -100:
		return strings.TrimSpace(fmt.Sprintf("%.1f %s", v, unit))
	}
	return strings.TrimSpace(fmt.Sprintf("%.0f %s", v, unit))
}

// series records durations with three digits of precision, up to ten minutes.
type series struct{ h *hdrhistogram.Histogram }

func newSeries() series { return series{hdrhistogram.New(1, int64(10*time.Minute), 3)} }

// add records a duration; what is below zero (noise of a difference) counts as zero.
func (s series) add(d time.Duration) {
	_ = s.h.RecordValue(min(max(int64(d), 0), int64(10*time.Minute))) // within the range, so it can't fail
}

func (s series) quantile(q float64) float64 { return toMillis(time.Duration(s.h.ValueAtQuantile(q))) }

// promise holds a series against what the project promises, in milliseconds; zero means no promise.
type promise struct{ p50, p99 float64 }

func (b *benchRun) series(bench, name string, s series, p promise) {
	f := figure{Bench: bench, Name: name, Unit: "ms", N: s.h.TotalCount(), P50: s.quantile(50), P99: s.quantile(99), Max: toMillis(time.Duration(s.h.Max()))}
	if b.plain > 0 {
		f.Ratio = f.P50 / b.plain
	}
	var targets []string
	met := true
	if p.p50 > 0 {
		targets = append(targets, "p50 < "+amount(p.p50, "ms"))
		met = met && f.P50 < p.p50
	}
	if p.p99 > 0 {
		targets = append(targets, "p99 < "+amount(p.p99, "ms"))
		met = met && f.P99 < p.p99
	}
	if len(targets) > 0 {
		f.Target, f.Met = strings.Join(targets, ", "), &met
	}
	b.figures = append(b.figures, f)
}

func (b *benchRun) number(bench, name, unit string, v float64, target string, met *bool) {
	b.figures = append(b.figures, figure{Bench: bench, Name: name, Unit: unit, P50: v, P99: v, Max: v, Target: target, Met: met})
}
