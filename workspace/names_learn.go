package workspace

import (
	"context"

	"github.com/hob-ls/hob/workspace/syntax"
)

// unnamed is a file whose names are not known.
type unnamed struct {
	facts *facts
	root  *rootState
	names []declared
}

// fewNames are read on the spot; more are read in the background.
const fewNames = 32

// enterNamed is enter, and waits until the names of all files of s are known. It keeps
// nobody else out of the catalog meanwhile.
func (c *catalog) enterNamed(ctx context.Context, s *Snapshot) error {
	for {
		if err := c.enter(ctx, s); err != nil {
			return err
		}
		todo := c.unnamed(s)
		if len(todo) <= fewNames {
			if err := s.readNames(ctx, todo); err != nil {
				c.leave()
				return err
			}
			settle(todo)
			return nil
		}
		done, err := c.learnNames(s, todo)
		c.leave()
		if err != nil {
			return err
		}
		select {
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// unnamed lists the files of s without names; the caller has the turn.
func (c *catalog) unnamed(s *Snapshot) (todo []*unnamed) {
	for _, r := range s.roots {
		if sh := c.roots[r.dir]; sh != nil {
			for _, f := range sh.facts {
				if !f.named {
					todo = append(todo, &unnamed{facts: f, root: r})
				}
			}
		}
	}
	return todo
}

// learnNames starts reading the names of todo, files of s, unless some are being
// read already. done is closed when that is over. The caller has the turn.
func (c *catalog) learnNames(s *Snapshot, todo []*unnamed) (done <-chan struct{}, err error) {
	if c.naming != nil {
		select {
		case <-c.naming:
		default:
			return c.naming, nil
		}
	}
	naming := make(chan struct{})
	task := func(ctx context.Context) {
		defer close(naming)
		// In stretches, so that all can use what one of them brought.
		const stretch = 256
		for len(todo) > 0 {
			now := todo[:min(stretch, len(todo))]
			todo = todo[len(now):]
			err := s.readNames(ctx, now)
			if err != nil || c.wait(ctx) != nil {
				return // the workspace is closing
			}
			settle(now)
			c.leave()
		}
	}
	if !s.env.run(task) {
		return nil, errClosed
	}
	c.naming = naming
	return naming, nil
}

// readNames reads the outlines of todo, from disk those whose content is not held. With
// an error, which is that of ctx, not all were read.
func (s *Snapshot) readNames(ctx context.Context, todo []*unnamed) error {
	return parallel(ctx, len(todo), func(n int) {
		u := todo[n]
		if file := s.diskFile(u.root, u.facts); file != nil {
			u.names = declaredIn(file.Text, syntax.Outline(u.facts.language, file.Text))
		}
	})
}

// settle enters what was read; the caller has the turn.
func settle(todo []*unnamed) {
	for _, u := range todo {
		u.facts.names, u.facts.named = u.names, true
	}
}
