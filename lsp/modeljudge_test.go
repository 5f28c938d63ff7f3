package lsp

import (
	"encoding/json"
	"slices"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/hob-ls/hob/workspace/text"
)

// edits converts the ranges of the server, which are in src.
func (e *modelEditor) edits(src string, ranges []ReviewHunk) []text.Edit {
	x := text.NewLineIndex(src)
	var out []text.Edit
	for _, r := range ranges {
		start, err := x.Offset(text.Position(r.Range.Start), e.enc)
		if err != nil {
			e.fail("start of %v: %v", r, err)
		}
		end, err := x.Offset(text.Position(r.Range.End), e.enc)
		if err != nil {
			e.fail("end of %v: %v", r, err)
		}
		out = append(out, text.Edit{Span: text.Span{Start: start, End: end}, New: r.NewText})
	}
	return out
}

// applyEdit does what an editor of this habit does, and judges what it did.
func (e *modelEditor) applyEdit(m *question) {
	var p struct {
		Label string
		Edit  struct {
			DocumentChanges []struct {
				TextDocument struct {
					URI     string
					Version *int32
				}
				Edits []ReviewHunk
			}
		}
	}
	j := e.jobs[m.job]
	if err := json.Unmarshal(m.params, &p); err != nil || len(p.Edit.DocumentChanges) != 1 || j == nil {
		e.fail("%s of %q: %v", m.params, m.job, err)
		m.answer <- nil
		return
	}
	d := p.Edit.DocumentChanges[0]
	stale := !e.open || m.closed != e.closed || d.TextDocument.Version == nil || *d.TextDocument.Version != e.version
	switch {
	case stale && e.pretends:
		e.note("skips the edit of %s and calls it applied", j.id)
		j.chance = m.closed != e.closed || e.cameAbout(*d.TextDocument.Version, d.Edits)
		m.answer <- map[string]any{"applied": true}
		return
	case stale:
		e.note("refuses the edit for version %v at %d", *d.TextDocument.Version, e.version)
		m.answer <- map[string]any{"applied": false, "failureReason": "version"}
		return
	case e.refuses && e.rng.IntN(3) == 0, e.rng.IntN(20) == 0:
		e.note("refuses the edit")
		m.answer <- map[string]any{"applied": e.pretends}
		return
	}
	if e.answers {
		m.answer <- map[string]any{"applied": true}
	}
	edits := e.edits(e.text, d.Edits)
	e.judge(j, edits)
	e.change(edits)
	e.note("applies %v: %q", edits, e.text)
	if e.answers {
		e.typed()
		return
	}
	e.flush()
	m.answer <- map[string]any{"applied": true}
}

// cameAbout reports whether an edit for an older version, which was not made, would
// have given a text that the user has made since.
func (e *modelEditor) cameAbout(version int32, edits []ReviewHunk) bool {
	if int(version) >= len(e.past) {
		return false
	}
	want, err := text.Apply(e.past[version], e.edits(e.past[version], edits))
	return err == nil && slices.Contains(e.past[version:], want)
}

// judge says whether a job may do what its edit does.
func (e *modelEditor) judge(j *modelJob, edits []text.Edit) {
	gone := map[int]bool{}
	for _, ed := range edits {
		for _, id := range e.ids[ed.Span.Start:ed.Span.End] {
			gone[id] = true
		}
	}
	after, err := text.Apply(e.text, edits)
	if err != nil {
		e.fail("edits that do not fit: %v", err)
		return
	}
	if problem := e.fits(j, gone, after); problem != "" {
		e.fail("job %s must not do %v on %q: %s", j.id, edits, e.text, problem)
	}
	j.applied++
}

// fits says why an edit that takes the bytes gone away and gives the text after is
// not what job j may do, "" if it is.
func (e *modelEditor) fits(j *modelJob, gone map[int]bool, after string) string {
	for id := range gone {
		if j.allowed == nil && j.closed == e.closed && !slices.Contains(j.region, id) {
			return "it takes what the model was not asked about"
		}
		if j.allowed != nil && !j.allowed[id] {
			return "it takes what was not accepted"
		}
	}
	if j.allowed != nil {
		return "" // in part: the rest of the region is the user's
	}
	if j.closed != e.closed { // opened anew: only the text can tell
		for at := 0; at+len(j.was) <= len(e.text); at++ {
			if e.text[at:at+len(j.was)] == j.was && e.text[:at]+j.now+e.text[at+len(j.was):] == after {
				return ""
			}
		}
		return "no place gives this text"
	}
	if len(j.region) == 0 { // an insertion, which moves with the text around it
		for at := 0; at <= len(e.text); at++ {
			if e.text[:at]+j.now+e.text[at:] == after {
				return ""
			}
		}
		return "nothing is inserted"
	}
	at := slices.Index(e.ids, j.region[0])
	if at < 0 || at+len(j.region) > len(e.ids) || !slices.Equal(e.ids[at:at+len(j.region)], j.region) {
		return "the user has typed into its region"
	}
	if want := e.text[:at] + j.now + e.text[at+len(j.region):]; want != after {
		return "the region does not become what the model wrote"
	}
	return ""
}

// review decides about hunks at random.
func (e *modelEditor) review(m *question) {
	var p ReviewParams
	if err := json.Unmarshal(m.params, &p); err != nil {
		e.fail("%v", err)
	}
	if !e.open || m.closed != e.closed || p.Version != e.version {
		e.note("has moved on from version %d", p.Version)
		m.answer <- jsonrpc2.NewError(protocol.CodeContentModified, "moved")
		return
	}
	hunks := e.edits(e.text, p.Hunks)
	j := e.jobs[p.Job]
	if j == nil {
		m.answer <- nil
		return
	}
	switch e.rng.IntN(6) {
	case 0:
		e.note("declines the hunks of %s", p.Job)
		m.answer <- nil
	case 1:
		m.answer <- ReviewResult{Retry: &ReviewRetry{Prompt: "other"}}
	case 2, 3:
		e.note("accepts %s", p.Job)
		m.answer <- ReviewResult{Accept: true}
		if len(j.region) > 0 { // typing between the hunks is fine from here on
			e.allow(j, hunks, nil)
		}
	default:
		chosen := []int{e.rng.IntN(len(hunks))}
		e.note("accepts hunks %v of %d of %s", chosen, len(hunks), p.Job)
		e.allow(j, hunks, chosen)
		m.answer <- ReviewResult{Accept: true, Hunks: &chosen}
	}
}

// allow notes the bytes that the accepted hunks cover; nil means all of them.
func (e *modelEditor) allow(j *modelJob, hunks []text.Edit, chosen []int) {
	j.allowed = map[int]bool{}
	for i, h := range hunks {
		if chosen != nil && !slices.Contains(chosen, i) {
			continue
		}
		for _, id := range e.ids[h.Span.Start:h.Span.End] {
			j.allowed[id] = true
		}
	}
}
