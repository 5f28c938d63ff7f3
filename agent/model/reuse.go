package model

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"math"
)

// keyVersion is part of every key: replies kept by a Hob that wrote or read them
// in another way are not found.
const keyVersion = "hob/reply/2/"

// requestKey is the same for requests to which the same reply is an answer: to
// the same model at the same address, with the same messages, tools and options.
func (p *Pool) requestKey(e *endpoint, r Request) string {
	h := sha256.New()
	m, _ := p.Catalog().Find(e.provider.Name() + "/" + r.Model)
	writeStrings(h, e.provider.Name(), e.provider.URL(), r.Model, m.Digest)
	writeInts(h, r.NumCtx, r.MaxTokens, int(math.Float64bits(r.Temperature)), len(r.Stop))
	writeStrings(h, r.Stop...)
	writeStrings(h, string(r.Format))
	writeInts(h, len(r.Tools))
	for _, t := range r.Tools {
		writeStrings(h, t.Name, t.Description, string(t.Schema))
	}
	for _, msg := range r.Messages {
		writeStrings(h, string(msg.Role), msg.Content, msg.CallID, msg.Tool)
		writeInts(h, len(msg.Calls))
		for _, c := range msg.Calls {
			writeStrings(h, c.ID, c.Name, c.Arguments)
		}
	}
	return fmt.Sprintf("%s%x", keyVersion, h.Sum(nil))
}

// writeStrings and writeInts leave no doubt where a value ends. A hash never fails.
func writeStrings(h hash.Hash, all ...string) {
	for _, s := range all {
		writeInts(h, len(s))
		_, _ = h.Write([]byte(s))
	}
}

func writeInts(h hash.Hash, all ...int) {
	var b [8]byte
	for _, n := range all {
		binary.LittleEndian.PutUint64(b[:], uint64(n))
		_, _ = h.Write(b[:])
	}
}

// kept is a reply in the cache, in JSON.
type kept struct {
	Stopped bool    `json:"stopped,omitempty"` // the job had enough, at the last delta
	Usage   Usage   `json:"usage"`
	Deltas  []Delta `json:"deltas"`
}

// remember keeps a reply. It must be complete: the server said so and did not
// run into the output limit, or the job stopped it with ErrStop, which a job
// returns only where the answer is structurally complete. Then it is kept up to
// the delta that completed it, and the same job will stop there again.
func (p *Pool) remember(key string, r Reply, deltas []Delta) {
	if p.cache == nil || r.Length || len(deltas) == 0 {
		return
	}
	b, err := json.Marshal(kept{r.Stopped, r.Usage, deltas})
	if err != nil {
		p.log.Warn("a reply can't be kept", "error", err)
		return
	}
	p.cache.Put(p.ctx, key, b)
}

// Forget takes the reply to a request out of the cache. To be called when it
// could not be used, for else the next attempt would get it, too.
func (p *Pool) Forget(job Job) {
	if e := p.endpoints[job.Provider]; e != nil && p.cache != nil {
		p.cache.Delete(p.ctx, p.requestKey(e, job.Request))
	}
}

// recall answers a job from the cache; false if it can't.
func (p *Pool) recall(ctx context.Context, key string, job Job) (out Outcome, ok bool, err error) {
	if p.cache == nil || job.Anew || ctx.Err() != nil {
		return out, false, nil //nolint:nilerr // whoever asks the model next looks at ctx as well
	}
	b, ok := p.cache.Get(ctx, key)
	if !ok {
		return out, false, nil
	}
	var k kept
	if err := json.Unmarshal(b, &k); err != nil || len(k.Deltas) == 0 {
		p.log.Warn("a kept reply can't be read", "error", err)
		p.cache.Delete(p.ctx, key)
		return out, false, nil
	}
	out.Cached, out.Usage = true, k.Usage
	out.Usage.Cached = k.Usage.Prompt // nothing had to be read
	for i, d := range k.Deltas {
		switch err := job.Delta(d); {
		case errors.Is(err, ErrStop):
			out.Stopped, out.Usage.Output = true, tokensOf(k.Deltas[:i+1])
			return out, true, nil
		case err != nil:
			return out, true, err
		case ctx.Err() != nil:
			return out, true, p.ended(ctx, job.Provider, ctx.Err())
		}
	}
	if k.Stopped { // this job wants more than the one before
		p.cache.Delete(p.ctx, key)
		return out, true, &Error{Kind: Incomplete, Message: "the kept reply of " + job.Request.Model + " is not long enough", Hint: "try again; the model is asked anew then"}
	}
	return out, true, nil
}
