package model

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Catalog is what all endpoints had at one moment. Immutable.
type Catalog struct {
	Models []Model          // sorted by Provider and Name
	Errors map[string]error // by provider, those that did not answer
	At     time.Time

	Measured map[string]Figures // by ID, also of models that no endpoint has now; must not be changed
}

// Figures are what was measured of the model with that ID, as Find takes it;
// false if nothing was.
func (c *Catalog) Figures(id string) (Figures, bool) {
	if m, ok := c.Find(id); ok {
		id = m.ID()
	}
	f, ok := c.Measured[id]
	return f, ok
}

// compareID compares the ID of m, which is not made for it, with another.
func compareID(m Model, id string) int {
	provider, name, ok := strings.Cut(id, "/")
	if c := strings.Compare(m.Provider, provider); c != 0 || !ok {
		return cmp.Or(c, 1)
	}
	return strings.Compare(m.Name, name)
}

func (c *Catalog) sort() {
	slices.SortFunc(c.Models, func(a, b Model) int {
		return cmp.Or(strings.Compare(a.Provider, b.Provider), strings.Compare(a.Name, b.Name))
	})
}

// Find is the model with that ID, or with that bare name if only one endpoint
// has it. A name without a tag stands for its "latest".
func (c *Catalog) Find(id string) (Model, bool) {
	i, ok := slices.BinarySearchFunc(c.Models, id, compareID)
	if !ok {
		i, ok = slices.BinarySearchFunc(c.Models, id+":latest", compareID)
	}
	if ok {
		return c.Models[i], true
	}
	for _, name := range []string{id, id + ":latest"} {
		named := func(m Model) bool { return m.Name == name }
		if i := slices.IndexFunc(c.Models, named); i >= 0 {
			if slices.ContainsFunc(c.Models[i+1:], named) {
				return Model{}, false
			}
			return c.Models[i], true
		}
	}
	return Model{}, false
}

// with is a copy in which f has changed the model of that provider and name; c
// itself if there is none.
func (c *Catalog) with(provider, name string, f func(*Model)) *Catalog {
	i := slices.IndexFunc(c.Models, func(m Model) bool {
		return m.Provider == provider && (m.Name == name || m.Name == name+":latest")
	})
	if i < 0 {
		return c
	}
	out := *c
	out.Models = slices.Clone(c.Models)
	f(&out.Models[i])
	return &out
}
