package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hob-ls/hob/agent/model/modeltest"
	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
	"github.com/hob-ls/hob/lsp/config"
	"github.com/hob-ls/hob/workspace/text"
)

const (
	benchModel  = "qwen2.5-coder:3b"
	warmUp      = 10 // rounds that are not counted
	atOnce      = 10 // jobs of the test of ten at once
	benchLines  = 500
	changeLines = 10_000
)

// rig is a scripted model server without any think time, a folder of generated
// files and an editor session with the server in this process.
type rig struct {
	model *modeltest.Server
	base  string // all its folders
	dir   string // the workspace
	*session
}

// newRig starts everything; files are names below the folder and their texts.
func (b *benchRun) newRig(script modeltest.Script, files map[string]string) (*rig, error) {
	script.Models = []modeltest.Model{{Name: benchModel, Params: "3.1B"}}
	m, err := modeltest.New(script)
	if err != nil {
		return nil, err
	}
	r := &rig{model: m}
	if r.base, err = os.MkdirTemp("", "hob-bench-"); err == nil {
		r.base, err = filepath.EvalSymlinks(r.base)
	}
	r.dir = filepath.Join(r.base, "work")
	if err == nil {
		err = os.Mkdir(r.dir, 0o755)
	}
	for name, content := range files {
		if err == nil {
			err = os.WriteFile(filepath.Join(r.dir, name), []byte(content), 0o644)
		}
	}
	if err == nil {
		quiet := *b.app
		// The user's journal and the figures of their models are no place for a script's.
		quiet.state = filepath.Join(r.base, "state")
		// No cache of replies: what is measured is the way to the model.
		quiet.sources = &config.Inputs{Env: []string{"OLLAMA_HOST=" + m.URL}, Flags: map[string]string{"cache.memory": "0"}}
		r.session, err = quiet.startSession(b.ctx, client.Options{Name: "hob bench", Roots: []string{r.dir}, Encoding: text.UTF8})
	}
	if err != nil {
		r.close()
		return nil, err
	}
	for name := range files {
		if err := r.Open(filepath.Join(r.dir, name), nil); err != nil {
			r.close()
			return nil, err
		}
	}
	return r, nil
}

func (r *rig) close() {
	if r.session != nil {
		_ = r.end() // what was measured stands
	}
	r.model.Close()
	_ = os.RemoveAll(r.base) // a temporary folder that stays does no harm
}

// benchFile is a TypeScript file of about that many lines in functions of ten.
func benchFile(lines int) string {
	var b strings.Builder
	for i := range lines / 10 {
		b.WriteString(benchFunction(i, 0))
		b.WriteByte('\n')
	}
	return b.String()
}

// benchFunction is the nine-line function i; round makes its text another one.
func benchFunction(i, round int) string {
	return fmt.Sprintf(`export function sum%d(values: number[], factor = %d): number {
  let total = 0;
  for (const value of values) {
    if (Number.isFinite(value)) {
      total += value * factor;
    }
  }
  return total;
}
`, i, round)
}

// reply is what the model says for function i in a round.
func reply(i, round int) string {
	return "```typescript\n" + benchFunction(i, round) + "```\n"
}

// params ask to edit function i of a file.
func (r *rig) params(name string, i int, apply bool) lsp.JobParams {
	start := uint32(10 * i)
	return lsp.JobParams{
		URI: client.URI(filepath.Join(r.dir, name)), Prompt: "Use another default for factor", Tier: "fast", Wait: true, Apply: &apply,
		Range: &lsp.Range{Start: lsp.Position{Line: start}, End: lsp.Position{Line: start + 8, Character: 1}},
	}
}

// waitJobs waits until the server has n jobs.
func (r *rig) waitJobs(ctx context.Context, n int) error {
	for {
		raw, err := r.Execute(ctx, "hob.status")
		if err != nil {
			return err
		}
		var st lsp.Status
		if err := json.Unmarshal(raw, &st); err != nil {
			return err
		}
		if len(st.Jobs) >= n {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d jobs are running: %w", len(st.Jobs), n, ctx.Err())
		case <-time.After(time.Millisecond):
		}
	}
}
