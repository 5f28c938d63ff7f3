package client

import (
	"context"
	"fmt"
	"os"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/workspace/text"
)

// Moved as the decision of a review says that the document has changed since:
// the server is to ask again.
var Moved = &lsp.ReviewResult{}

// review answers hob/review. The hook's context ends when the server takes its
// question back.
func (c *Client) review(k *call) {
	var p lsp.ReviewParams
	if err := strict(k.params, &p); err != nil {
		k.bad(err)
		return
	}
	if !k.waiting() {
		return
	}
	switch moved, err := c.reviewable(&p); {
	case err != nil:
		k.bad(err)
		return
	case moved:
		k.refuse(codeContentModified, "the document has changed")
		return
	}
	var res *lsp.ReviewResult
	if c.opts.Decide != nil {
		res = c.opts.Decide(k.context(), p)
	}
	switch res {
	case nil:
		k.reply(nil)
	case Moved:
		k.refuse(codeContentModified, "the document has changed")
	default:
		k.reply(res)
	}
}

// reviewable checks a review against the document it speaks of; moved says that
// it speaks of another version.
func (c *Client) reviewable(p *lsp.ReviewParams) (moved bool, err error) {
	path, err := Path(p.URI)
	if err != nil {
		return false, err
	}
	if p.New {
		return false, c.creatable(p)
	}
	c.docMu.Lock()
	defer c.docMu.Unlock()
	d := c.docs[path]
	if d == nil || d.version != p.Version {
		return true, nil
	}
	if len(p.Hunks) == 0 {
		return false, fmt.Errorf("a review of nothing")
	}
	end := -1
	for i, h := range p.Hunks {
		start, err := exact(d.lines, text.Position(h.Range.Start), c.enc)
		if err != nil {
			return false, err
		}
		if start <= end {
			return false, fmt.Errorf("hunk %d touches the one before it", i)
		}
		if end, err = exact(d.lines, text.Position(h.Range.End), c.enc); err != nil {
			return false, err
		}
		if h.Range.Start.Character != 0 || h.Range.End.Character != 0 && end != len(d.text) {
			return false, fmt.Errorf("hunk %d does not hold whole lines", i)
		}
	}
	return false, nil
}

// creatable checks a review of files that do not exist yet.
func (c *Client) creatable(p *lsp.ReviewParams) error {
	if missing := "experimental.hob.reviewNew"; !c.offers.has(missing) {
		return fmt.Errorf("the client did not announce %s", missing)
	}
	if p.Version != 0 || len(p.Hunks) != 1 || p.Hunks[0].Range != (lsp.Range{}) {
		return fmt.Errorf("a new file is one hunk at its start")
	}
	files := append([]lsp.ReviewFile{{URI: p.URI}}, p.Also...)
	for _, f := range files {
		path, err := Path(f.URI)
		if err != nil {
			return err
		}
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s exists", path)
		}
	}
	return nil
}

// plan answers hob/plan.
func (c *Client) plan(k *call) {
	var p lsp.PlanParams
	if err := strict(k.params, &p); err != nil {
		k.bad(err)
		return
	}
	switch {
	case !k.waiting():
	case c.opts.Plan == nil:
		k.reply(nil)
	default:
		k.reply(lsp.PlanResult{Steps: c.opts.Plan(p)})
	}
}

// context ends when nobody waits for the answer any more.
func (k *call) context() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	k.c.mu.Lock()
	defer k.c.mu.Unlock()
	if k.c.inbound[string(k.id)] == k {
		k.over = cancel
	} else {
		cancel()
	}
	return ctx
}
