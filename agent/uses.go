package agent

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// ToolUse is how often a tool was called, and what it took.
type ToolUse struct {
	Name   string
	Calls  int
	Failed int
	Took   time.Duration
}

// addUses books uses of tools, sorted by name.
func addUses(all []ToolUse, more ...ToolUse) []ToolUse {
	for _, u := range more {
		i, found := slices.BinarySearchFunc(all, u.Name, func(o ToolUse, name string) int { return cmp.Compare(o.Name, name) })
		if !found {
			all = slices.Insert(all, i, ToolUse{Name: u.Name})
		}
		all[i].Calls += u.Calls
		all[i].Failed += u.Failed
		all[i].Took += u.Took
	}
	return all
}

// toolStats are the uses of tools since the start. Safe for concurrent use.
type toolStats struct {
	mu  sync.Mutex // guards all
	all []ToolUse
}

func (s *toolStats) add(u ToolUse) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = addUses(s.all, u)
}

// ToolUses are the uses of tools since the start, by name.
func (a *Agent) ToolUses() []ToolUse {
	a.toolStats.mu.Lock()
	defer a.toolStats.mu.Unlock()
	return slices.Clone(a.toolStats.all)
}
