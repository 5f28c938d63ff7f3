package prompt

import (
	"strings"

	"github.com/hob-ls/hob/agent/model"
)

// maxReply is how much of a refused reply the model is shown again, in bytes:
// enough to see what was wrong with it.
const maxReply = 1500

// Again asks once more after a reply that could not be used: the messages of p
// as they are, so that the server has read them already, then the reply as far as
// it matters, and what was wrong with it. It must fit budget tokens, without the
// reply if need be; else *ErrTooLarge. bytesPerToken is as for Build.
func (p *Prompt) Again(reply, wrong string, budget int, bytesPerToken float64) (*Prompt, error) {
	shown := beginning(reply, maxReply)
	for {
		task, err := render("again.tmpl", struct {
			Wrong string
			Cut   bool
		}{oneLine(wrong), shown != "" && shown != strings.TrimSpace(reply)})
		if err != nil {
			return nil, err
		}
		next := *p
		next.Messages = append(next.Messages[:len(next.Messages):len(next.Messages)], turns(shown, task)...)
		for _, m := range next.Messages[len(p.Messages):] {
			next.Tokens += Estimate(m.Content, bytesPerToken) + perMessage
		}
		switch {
		case next.Tokens <= budget:
			return &next, nil
		case shown == "":
			return nil, &ErrTooLarge{Need: next.Tokens, Budget: budget}
		}
		shown = ""
	}
}

// turns are the reply, if there is anything to show of it, and the new task.
func turns(shown, task string) []model.Message {
	all := []model.Message{{Role: model.Assistant, Content: shown}, {Role: model.User, Content: task}}
	if shown == "" {
		return all[1:]
	}
	return all
}

// beginning is s up to a line end within n bytes. Nothing marks the cut: a model
// would copy the mark.
func beginning(s string, n int) string {
	s = strings.TrimSpace(s)
	if len(s) > n {
		s = s[:max(lineFloor(s, n), 0)]
	}
	return strings.TrimSpace(s)
}
