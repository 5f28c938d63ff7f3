package agent

import (
	"time"

	"github.com/hob-ls/hob/workspace"
)

// maxRelated is how many related files a prompt is offered. The few that matter
// are the first; the prompt shows as many of them as there is room for, and each
// one more may have to be parsed for its outline.
const maxRelated = 4

// related are the files worth showing beside f, what it imports first. They depend
// on f and the texts of the job alone, so that every action on one place has one prefix.
func (r *run) related(f *workspace.File) []*workspace.File {
	began := time.Now()
	var files []*workspace.File
	for _, rel := range r.snap.Near(f, maxRelated) {
		file := rel.File
		if now, changed := r.now[file.Path]; changed {
			file = now
		}
		if file != nil {
			files = append(files, file)
		}
	}
	r.result.Timing.Prompt += time.Since(began)
	return files
}

// outputReserve is the room for the answer to any action on a region of so many
// bytes.
func outputReserve(bytes int) int {
	most := 0
	for _, action := range []Action{Edit, Fix, Document, Explain} {
		most = max(most, outputLimit(Scope{Action: action, Kind: SymbolScope, Bytes: bytes}))
	}
	return most
}
