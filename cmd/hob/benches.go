package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/workspace/text"
)

// baseline measures what the other figures are held against: a plain HTTP call
// with the messages of an edit.
func (b *benchRun) baseline() error {
	m, err := modeltest.New(modeltest.Script{
		Models: []modeltest.Model{{Name: benchModel, Params: "3.1B"}}, Fallback: &modeltest.Reply{Text: reply(1, 1)},
	})
	if err != nil {
		return err
	}
	defer m.Close()
	s := newSeries()
	request := modeltest.Request{Path: "/api/chat", Model: benchModel, Stream: true, Messages: []modeltest.Message{
		{Role: "system", Content: "You edit code."}, {Role: "user", Content: benchFile(benchLines / 5)}, {Role: "user", Content: "Change it."},
	}}
	for i := range 100 + warmUp {
		took, err := b.chat(m.URL, request)
		if err != nil {
			return err
		}
		if i >= warmUp {
			s.add(took)
		}
	}
	b.plain = s.quantile(50)
	return nil
}

// overhead measures what Hob adds to a job: each hob.edit, from the command to
// the applied edit, is followed by the same request sent to the same server by
// hand.
func (b *benchRun) overhead() error {
	r, err := b.newRig(modeltest.Script{}, map[string]string{"sum.ts": benchFile(benchLines)})
	if err != nil {
		return err
	}
	defer r.close()
	const at = benchLines / 20 // in the middle of the file
	wall, direct, added, own := newSeries(), newSeries(), newSeries(), newSeries()
	route := newSeries()
	for i := range b.n + warmUp {
		r.model.Script(modeltest.Reply{Text: reply(at, i+1)})
		begin := time.Now()
		res, err := r.Job(b.ctx, "hob.edit", r.params("sum.ts", at, true))
		took := time.Since(begin)
		if err != nil {
			return err
		}
		if res.Status != "applied" {
			return unexpected(res)
		}
		chats := r.model.Chats()
		r.model.Script(modeltest.Reply{Text: reply(at, i+1)})
		raw, err := b.chat(r.model.URL, chats[len(chats)-1].Request)
		if err != nil {
			return err
		}
		if i < warmUp {
			continue
		}
		wall.add(took)
		direct.add(raw)
		added.add(took - raw)
		if t := res.Timing; t != nil {
			own.add(time.Duration(t.Overhead * float64(time.Millisecond)))
			route.add(time.Duration(t.Route * float64(time.Millisecond)))
		}
	}
	b.plain = direct.quantile(50) // interleaved, so the better measure
	b.series("overhead", "hob.edit, command to applied edit", wall, promise{})
	b.series("overhead", "the same request by plain HTTP", direct, promise{})
	b.series("overhead", "added: the difference of each pair", added, promise{p50: 5, p99: 25})
	b.series("overhead", "added, as the job itself reports", own, promise{p50: 5, p99: 25})
	b.series("overhead", "route decision, as the job reports", route, promise{p99: 1})
	return nil
}

func unexpected(r *lsp.JobResult) error {
	if r.Error != nil {
		return fmt.Errorf("a job failed: %s (%s)", r.Error.Message, r.Error.Kind)
	}
	return fmt.Errorf("a job ended as %q", r.Status)
}

// chat sends a request as it arrived once more and reads the answer to its end.
func (b *benchRun) chat(url string, q modeltest.Request) (time.Duration, error) {
	body := map[string]any{"model": q.Model, "messages": q.Messages, "options": q.Options, "stream": q.Stream}
	if q.KeepAlive != "" {
		body["keep_alive"] = json.RawMessage(q.KeepAlive)
	}
	if q.Think != "" {
		body["think"] = json.RawMessage(q.Think)
	}
	data, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	req, err := http.NewRequestWithContext(b.ctx, http.MethodPost, url+q.Path, bytes.NewReader(data))
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, res.Body)
	took := time.Since(begin)
	if res.StatusCode != http.StatusOK {
		err = errors.Join(err, fmt.Errorf("the scripted server answered %s", res.Status))
	}
	return took, errors.Join(err, res.Body.Close())
}

// menu measures the code action menu, idle and with ten jobs running.
func (b *benchRun) menu() error {
	files := map[string]string{}
	for i := range atOnce {
		files[benchName(i)] = benchFile(benchLines)
	}
	script := modeltest.Script{Slots: atOnce, Fallback: &modeltest.Reply{Text: reply(1, 7), Gates: []modeltest.Gate{{Name: "open", After: 3}}}}
	r, err := b.newRig(script, files)
	if err != nil {
		return err
	}
	defer r.close()
	idle, err := b.openMenus(r)
	if err != nil {
		return err
	}
	b.series("menu", "code actions, nothing running", idle, promise{p99: 5})
	jobs := b.startJobs(r)
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	// The endpoint's own queue decides how many run; all of them are in the server.
	if err := r.model.Wait(ctx, func(s modeltest.State) bool { return s.Running > 0 }); err != nil {
		return fmt.Errorf("no job reached the model: %w", err)
	}
	if err := r.waitJobs(ctx, atOnce); err != nil {
		return err
	}
	busy, err := b.openMenus(r)
	if err != nil {
		return err
	}
	b.series("menu", "code actions, ten jobs running", busy, promise{p99: 5})
	r.model.Release("open")
	_, err = jobs.wait()
	return err
}

func benchName(i int) string { return fmt.Sprintf("sum%d.ts", i) }

func (b *benchRun) openMenus(r *rig) (series, error) {
	s := newSeries()
	path := filepath.Join(r.dir, benchName(0))
	for i := range 5*b.n + warmUp {
		line := uint32(10 * (i % (benchLines / 10)))
		begin := time.Now()
		actions, err := r.CodeActions(b.ctx, path, lsp.Range{Start: lsp.Position{Line: line}, End: lsp.Position{Line: line + 3}}, nil, true, nil)
		if err != nil {
			return s, err
		}
		if len(actions) == 0 {
			return s, errors.New("the menu is empty")
		}
		if i >= warmUp {
			s.add(time.Since(begin))
		}
	}
	return s, nil
}

// runningJobs are jobs whose ends are awaited together.
type runningJobs struct {
	group   sync.WaitGroup
	results [atOnce]*lsp.JobResult
	errs    [atOnce]error
}

// startJobs begins ten edits, each in a file of its own.
func (b *benchRun) startJobs(r *rig) *runningJobs {
	j := &runningJobs{}
	for i := range atOnce {
		j.group.Go(func() { j.results[i], j.errs[i] = r.Job(b.ctx, "hob.edit", r.params(benchName(i), 1, true)) })
	}
	return j
}

// wait counts the jobs that were applied.
func (j *runningJobs) wait() (applied int, err error) {
	j.group.Wait()
	for i, r := range j.results {
		switch {
		case j.errs[i] != nil:
			err = j.errs[i]
		case r.Status == "applied":
			applied++
		default:
			err = unexpected(r)
		}
	}
	return applied, err
}

// jobs runs ten jobs at once: none may be lost.
func (b *benchRun) jobs() error {
	files := map[string]string{}
	for i := range atOnce {
		files[benchName(i)] = benchFile(benchLines)
	}
	rounds := max(1, b.n/20)
	total, lost := newSeries(), 0
	for range rounds {
		r, err := b.newRig(modeltest.Script{Fallback: &modeltest.Reply{Text: reply(1, 7)}}, files)
		if err != nil {
			return err
		}
		begin := time.Now()
		applied, err := b.startJobs(r).wait()
		total.add(time.Since(begin))
		lost += atOnce - applied
		r.close()
		if err != nil {
			b.log.Warn("ten jobs at once", "err", err)
		}
		if b.ctx.Err() != nil {
			return b.ctx.Err()
		}
	}
	none := lost == 0
	b.series("jobs", "ten at once, until the last is applied", total, promise{})
	b.number("jobs", fmt.Sprintf("lost, of %d", rounds*atOnce), "", float64(lost), "none", &none)
	return nil
}

// start measures the real binary from its start to the answered initialize.
func (b *benchRun) start() error {
	dir, err := os.MkdirTemp("", "hob-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder that stays does no harm
	s := newSeries()
	for i := range max(5, b.n/15) + 1 {
		begin := time.Now()
		p, err := b.startServer()
		if err != nil {
			return err
		}
		c, err := client.Start(b.ctx, p, client.Options{Name: "hob bench", Roots: []string{dir}, Encoding: text.UTF8, Log: b.log})
		took := time.Since(begin)
		if err != nil {
			return p.end(b.ctx, err)
		}
		ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
		err = errors.Join(c.Close(ctx), p.end(ctx, nil))
		cancel()
		if err != nil {
			return err
		}
		if i > 0 { // the first one reads the binary from the disk
			s.add(took)
		}
	}
	b.series("start", "process start to answered initialize", s, promise{p99: 100})
	return nil
}

// change measures one didChange on a long file: a burst of them, then a call
// that is answered after them, less what such a call takes by itself.
func (b *benchRun) change() error {
	const burst = 50
	r, err := b.newRig(modeltest.Script{}, map[string]string{"long.ts": benchFile(changeLines)})
	if err != nil {
		return err
	}
	defer r.close()
	path := filepath.Join(r.dir, "long.ts")
	ping := func() (time.Duration, error) {
		begin := time.Now()
		_, err := r.CodeActions(b.ctx, path, lsp.Range{}, []string{"source.nothing"}, false, nil)
		return time.Since(begin), err
	}
	_, version, _ := r.Text(path)
	s := newSeries()
	for i := range max(5, b.n/10) + warmUp {
		alone, err := ping()
		if err != nil {
			return err
		}
		begin := time.Now()
		for k := range burst {
			version++
			at := lsp.Position{Line: uint32(changeLines/2 + k)}
			// Past the client's own copy of the document, which would be measured as well.
			err := r.Notify(b.ctx, "textDocument/didChange", map[string]any{
				"textDocument":   map[string]any{"uri": client.URI(path), "version": version},
				"contentChanges": []any{map[string]any{"range": lsp.Range{Start: at, End: at}, "text": "x"}},
			})
			if err != nil {
				return err
			}
		}
		if _, err := ping(); err != nil {
			return err
		}
		if i >= warmUp {
			s.add((time.Since(begin) - alone) / burst)
		}
	}
	b.series("change", fmt.Sprintf("didChange in %d lines, mean of %d, sent to done", changeLines, burst), s, promise{p50: 0.2})
	return nil
}
