package lsp

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"
)

// board is what the running jobs are doing and how the ended ones ended.
type board struct {
	s *Server

	mu    sync.Mutex // guards what follows
	jobs  []*StatusJob
	ended map[string]int // by status
	joins int            // commands that became a job that ran already
	total []float64      // the last totals in milliseconds, a ring
	over  []float64      // the last overheads, likewise
	next  int

	wake chan struct{}
}

// kept is how many timings hob.stats looks back.
const kept = 512

func (b *board) init(s *Server) {
	b.s = s
	b.ended = map[string]int{}
	b.wake = make(chan struct{}, 1)
}

// enter notes a job; leave takes it away with its result.
func (b *board) enter(id, action, uri string) {
	b.mu.Lock()
	b.jobs = append(b.jobs, &StatusJob{Job: id, Action: action, URI: uri, State: "queued"})
	b.mu.Unlock()
	b.changed()
}

func (b *board) state(id, state string) {
	b.mu.Lock()
	i := slices.IndexFunc(b.jobs, func(j *StatusJob) bool { return j.Job == id })
	moved := i >= 0 && b.jobs[i].State != state
	if moved {
		b.jobs[i].State = state
	}
	b.mu.Unlock()
	if moved {
		b.changed()
	}
}

func (b *board) leave(r *JobResult) {
	b.mu.Lock()
	b.jobs = slices.DeleteFunc(b.jobs, func(j *StatusJob) bool { return j.Job == r.Job })
	b.ended[r.Status]++
	if r.Timing != nil {
		if len(b.total) < kept {
			b.total, b.over = append(b.total, 0), append(b.over, 0)
		}
		b.total[b.next%kept], b.over[b.next%kept] = r.Timing.Total, r.Timing.Overhead
		b.next++
	}
	b.mu.Unlock()
	b.changed()
}

// joined counts a command that became a job that ran already.
func (b *board) joined() {
	b.mu.Lock()
	b.joins++
	b.mu.Unlock()
}

// changed asks for a hob/status soon.
func (b *board) changed() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// status is the state of the session now.
func (b *board) status() Status {
	st := Status{State: "idle", Jobs: []StatusJob{}, Models: map[string]string{}, MCP: b.s.foreign.states()}
	b.mu.Lock()
	for _, j := range b.jobs {
		st.Jobs = append(st.Jobs, *j)
	}
	b.mu.Unlock()
	if e, release := b.s.engines.acquire(); e != nil {
		as := e.agent.Status()
		release()
		for tier, id := range as.Models {
			st.Models[string(tier)] = id
		}
		if as.Problem != "" {
			st.State, st.Message = "degraded", as.Problem
		}
	}
	if len(st.Jobs) > 0 {
		st.State = "busy"
	}
	return st
}

// statusPace bounds how often the editor's status bar is redrawn.
const statusPace = 50 * time.Millisecond

// publish sends hob/status when it changed, to clients that know it.
func (b *board) publish(ctx context.Context) {
	var last Status
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.wake:
		}
		if !b.s.client.hob {
			continue
		}
		if st := b.status(); !reflect.DeepEqual(st, last) {
			last = st
			b.s.send(methodStatus, raw(st))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(statusPace):
		}
	}
}

// Stats is the reply of the command hob.stats.
type Stats struct {
	Jobs      map[string]int     `json:"jobs"`        // ended, by status
	Running   int                `json:"running"`     //
	Joined    int                `json:"joined"`      // asked for while the same job ran
	Total     map[string]float64 `json:"total_ms"`    // p50, p90, p99, max of the last jobs
	Overhead  map[string]float64 `json:"overhead_ms"` // likewise
	Prefill   PrefillStats       `json:"prefill"`
	Stopped   StoppedStats       `json:"stopped_early"`
	Models    map[string]Figures `json:"models"`          // by ID: what was measured, in this session and before
	Tools     []JobTool          `json:"tools,omitempty"` // that models looked around with, since the start
	Workspace WorkspaceStats     `json:"workspace"`
	MCP       []MCPServer        `json:"mcp,omitempty"`
}

// WorkspaceStats are figures of the index.
type WorkspaceStats struct {
	Files int     `json:"files"`
	Held  int     `json:"held"`
	Bytes int64   `json:"bytes"`
	Open  int     `json:"open"`
	Scan  float64 `json:"scan_ms"`
	Watch string  `json:"watch"`
}

func (b *board) stats() Stats {
	b.mu.Lock()
	st := Stats{Jobs: map[string]int{}, Running: len(b.jobs), Joined: b.joins, Total: quantiles(b.total), Overhead: quantiles(b.over)}
	for status, n := range b.ended {
		st.Jobs[status] = n
	}
	b.mu.Unlock()
	if e, release := b.s.engines.acquire(); e != nil {
		st.Prefill, st.Stopped, st.Models = e.stats()
		st.Tools = jobTools(e.agent.ToolUses())
		release()
	}
	ws := b.s.ws.Stats()
	st.Workspace = WorkspaceStats{
		Files: ws.Files, Held: ws.Held, Bytes: ws.Bytes, Open: ws.Open, Scan: millis(ws.Scan), Watch: ws.Watch,
	}
	st.MCP = b.s.foreign.stats()
	return st
}

func quantiles(v []float64) map[string]float64 {
	q := map[string]float64{}
	if len(v) == 0 {
		return q
	}
	v = slices.Sorted(slices.Values(v))
	for _, p := range []int{50, 90, 99} {
		q[fmt.Sprintf("p%d", p)] = v[(len(v)-1)*p/100]
	}
	q["max"] = v[len(v)-1]
	return q
}

// millis is d in milliseconds with two decimals.
func millis(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond).Microseconds()) / 1000
}
