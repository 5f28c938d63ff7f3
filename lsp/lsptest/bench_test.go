package lsptest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/workspace/text"
)

func insertAt(p lsp.Position, s string) text.RangeEdit {
	return text.RangeEdit{Start: text.Position(p), End: text.Position(p), New: s}
}

// samples are durations of one run.
type samples []time.Duration

func (s samples) at(p int) time.Duration {
	s = slices.Clone(s)
	slices.Sort(s)
	return s[(len(s)-1)*p/100]
}

// report gives p50 and p99 in milliseconds under a name.
func (s samples) report(b *testing.B, name string) {
	b.ReportMetric(float64(s.at(50).Microseconds())/1000, name+"p50-ms")
	b.ReportMetric(float64(s.at(99).Microseconds())/1000, name+"p99-ms")
}

// longFile is Go code of n lines and more, ten lines a function, and the range of
// the function in its middle.
func longFile(n int) (string, lsp.Range) {
	var b strings.Builder
	b.WriteString("package main\n\n")
	functions := n/10 + 1
	for i := range functions {
		fmt.Fprintf(&b, "// f%d adds.\nfunc f%d(a, b int) int {\n\tx := a\n\ty := b\n\tif x > y {\n\t\tx, y = y, x\n\t}\n\treturn x + y\n}\n\n", i, i)
	}
	line := uint32(2 + 10*(functions/2) + 1)
	return b.String(), lsp.Range{Start: lsp.Position{Line: line}, End: lsp.Position{Line: line + 8}}
}

// rawChat is the smallest exchange with the model server: what a job can't avoid.
func rawChat(b testing.TB, url string) time.Duration {
	body := []byte(`{"model":"qwen2.5-coder:3b","messages":[{"role":"user","content":"x"}],"stream":true}`)
	began := time.Now()
	res, err := http.Post(url+"/api/chat", "application/json", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	_, err = io.Copy(io.Discard, res.Body)
	took := time.Since(began)
	if err := res.Body.Close(); err != nil {
		b.Fatal(err)
	}
	if err != nil || res.StatusCode != http.StatusOK {
		b.Fatalf("raw call: %d, %v", res.StatusCode, err)
	}
	return took
}

// BenchmarkJobOverhead runs hob.edit on a 500-line file, from the request to the
// answer after the applied edit, against a model that takes no time: wall is what
// the user waits, overhead what Hob says it added, both beside a raw call to the
// same server in the same run. Budget: overhead p50 5 ms, p99 25 ms.
func BenchmarkJobOverhead(b *testing.B) {
	content, rng := longFile(500)
	reply := "```go\nfunc f25(a, b int) int {\n\tx := a\n\ty := b + %d\n\tif x > y {\n\t\tx, y = y, x\n\t}\n\treturn x + y\n}\n```"
	n := 0
	f := newFixture(b, modeltest.Script{Fallback: &modeltest.Reply{Text: fmt.Sprintf(reply, 1), Keep: true}}, nil)
	defer f.end(b)
	if err := os.WriteFile(f.main, []byte(content), 0o666); err != nil {
		b.Fatal(err)
	}
	if err := f.Change(f.main, text.RangeEdit{Whole: true, New: content}); err != nil {
		b.Fatal(err)
	}
	var walls, overheads, raws samples
	for b.Loop() {
		n++
		params := lsp.JobParams{URI: client.URI(f.main), Range: &rng, Prompt: fmt.Sprintf("add %d", n)}
		began := time.Now()
		res, err := f.Job(b.Context(), "hob.edit", params)
		walls = append(walls, time.Since(began))
		if err != nil || res.Status != "applied" {
			b.Fatalf("%+v, %v", res, err)
		}
		overheads = append(overheads, time.Duration(res.Timing.Overhead*float64(time.Millisecond)))
		b.StopTimer()
		raws = append(raws, rawChat(b, f.model.URL))
		if err := f.Undo(f.main); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	walls.report(b, "wall-")
	overheads.report(b, "overhead-")
	raws.report(b, "raw-")
	b.ReportMetric(float64(walls.at(50))/float64(raws.at(50)), "wall/raw")
}

// BenchmarkMenu opens the menu on a 500-line file, with nothing else going on and
// while ten jobs wait for a model. Budget: p99 5 ms.
func BenchmarkMenu(b *testing.B) {
	content, rng := longFile(500)
	for _, busy := range []bool{false, true} {
		b.Run(map[bool]string{false: "idle", true: "ten-jobs"}[busy], func(b *testing.B) {
			hold := []modeltest.Gate{{Name: "end", After: 1}}
			f := newFixture(b, modeltest.Script{Fallback: &modeltest.Reply{Text: "```go\nx\n```", Keep: true, Gates: hold}}, nil)
			if err := f.Change(f.main, text.RangeEdit{Whole: true, New: content}); err != nil {
				b.Fatal(err)
			}
			var jobs []*client.Request
			if busy {
				for _, path := range tenFiles(b, f) {
					r, err := f.Begin("workspace/executeCommand", map[string]any{"command": "hob.explain", "arguments": []any{
						lsp.JobParams{URI: client.URI(path), Wait: true},
					}})
					if err != nil {
						b.Fatal(err)
					}
					jobs = append(jobs, r)
				}
				if err := f.model.WaitGate(b.Context(), "end"); err != nil {
					b.Fatal(err)
				}
			}
			var took samples
			for b.Loop() {
				began := time.Now()
				actions, err := f.CodeActions(b.Context(), f.main, rng, nil, true, nil)
				took = append(took, time.Since(began))
				if err != nil || len(actions) < 3 {
					b.Fatalf("%v, %v", actions, err)
				}
			}
			took.report(b, "")
			f.model.Release("end")
			for _, r := range jobs {
				if _, err := r.Job(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			f.end(b)
		})
	}
}

// BenchmarkTenJobs runs ten jobs at once on a model with one slot and a decode of
// 2000 tokens a second, and compares the whole with the serial sum.
func BenchmarkTenJobs(b *testing.B) {
	script := modeltest.Script{Decode: 2000, Fallback: &modeltest.Reply{Text: "```go\nfunc f() int {\n\treturn 1\n}\n```", Keep: true}}
	f := newFixture(b, script, nil)
	paths := tenFiles(b, f)
	one := func(path, prompt string) *client.Request {
		r, err := f.Begin("workspace/executeCommand", map[string]any{"command": "hob.edit", "arguments": []any{
			lsp.JobParams{URI: client.URI(path), Range: &function, Prompt: prompt, Wait: true},
		}})
		if err != nil {
			b.Fatal(err)
		}
		return r
	}
	finish := func(r *client.Request, path string) {
		res, err := r.Job(b.Context())
		if err != nil || res.Status != "applied" {
			b.Fatalf("%s: %+v, %v", path, res, err)
		}
	}
	var together, serial samples
	for b.Loop() {
		began := time.Now()
		var requests []*client.Request
		for _, path := range paths {
			requests = append(requests, one(path, "together"))
		}
		for i, r := range requests {
			finish(r, paths[i])
		}
		together = append(together, time.Since(began))
		b.StopTimer()
		undo(b, f, paths)
		began = time.Now()
		for _, path := range paths {
			finish(one(path, "serial"), path)
		}
		serial = append(serial, time.Since(began))
		undo(b, f, paths)
		b.StartTimer()
	}
	together.report(b, "together-")
	serial.report(b, "serial-")
	b.ReportMetric(float64(together.at(50))/float64(serial.at(50)), "together/serial")
	f.end(b)
}

func undo(b *testing.B, f *fixture, paths []string) {
	for _, path := range paths {
		if err := f.Undo(path); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDidChange types into a 10,000-line file. The changes are sent as they
// are, so that the editor's own work does not count; each round ends with an
// answered request, by which the server has taken them. Budget: 200 µs a change.
func BenchmarkDidChange(b *testing.B) {
	content, rng := longFile(10000)
	f := newFixture(b, explains(), nil)
	if err := f.Change(f.main, text.RangeEdit{Whole: true, New: content}); err != nil {
		b.Fatal(err)
	}
	_, version, _ := f.Text(f.main)
	type change struct {
		Range lsp.Range `json:"range"`
		Text  string    `json:"text"`
	}
	typed := []change{{lsp.Range{Start: rng.Start, End: rng.Start}, "x"}}
	const changes = 100
	for b.Loop() {
		for range changes {
			version++
			err := f.Notify(b.Context(), "textDocument/didChange", map[string]any{
				"textDocument": map[string]any{"uri": client.URI(f.main), "version": version}, "contentChanges": typed,
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		if _, err := f.Execute(b.Context(), "hob.status"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*changes), "µs/change")
	f.end(b)
}
