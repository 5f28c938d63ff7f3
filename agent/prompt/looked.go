package prompt

import (
	"math"
	"slices"
	"strings"

	"github.com/hob-ls/hob/agent/model"
)

// Look is one turn of a model that looked around before it answers.
type Look struct {
	Reply string       // what it wrote, with the calls that it wrote as text
	Calls []model.Call // those that it made natively; then Found is about these, in their order
	Found []Found
}

// Found is what one call came to.
type Found struct {
	Title string // the call in words, and who answered it
	Text  string
}

// leastFound is what is left of the oldest results, in bytes, before they are
// dropped altogether.
const leastFound = 160

// foundWrapping is more than a title, a fence, and a word that a result is gone take.
const foundWrapping = 128 // bytes

// Looked asks the model to go on after its looks: the messages of p as they are,
// then each reply with its results. The results stand between fences, as files do:
// data, whatever they say. last says that the model must answer now.
//
// It must fit budget tokens. Results that do not are clipped, the oldest turn's
// first and of one turn the longest; clipped holds, for each turn, which ones.
// *ErrTooLarge where there is no room for anything.
func (p *Prompt) Looked(looks []Look, last bool, budget int, bytesPerToken float64) (next *Prompt, clipped [][]bool, err error) {
	perToken := ratio(bytesPerToken)
	room := int(float64(budget-p.Tokens) * perToken)
	for _, l := range looks {
		room -= len(l.Reply) + 2*perMessage*int(perToken+1) + lookedWords
		for _, f := range l.Found {
			room -= len(oneLine(f.Title)) + foundWrapping
		}
		for _, c := range l.Calls {
			room -= len(c.Name) + len(c.Arguments) + 2*perMessage*int(perToken+1)
		}
	}
	if room < 0 {
		return nil, nil, &ErrTooLarge{Need: budget - int(float64(room)/perToken) + 1, Budget: budget}
	}
	texts, clipped := fit(looks, room)
	grown := *p
	grown.Messages = grown.Messages[:len(p.Messages):len(p.Messages)]
	for i, l := range looks {
		said, err := l.messages(texts[i], last && i == len(looks)-1)
		if err != nil {
			return nil, nil, err
		}
		grown.Messages = append(grown.Messages, said...)
	}
	for _, m := range grown.Messages[len(p.Messages):] {
		grown.Tokens += Estimate(m.Content, bytesPerToken) + perMessage
		for _, c := range m.Calls {
			grown.Tokens += Estimate(c.Name+c.Arguments, bytesPerToken) + perMessage
		}
	}
	if grown.Tokens > budget { // fences that had to be longer, say
		return nil, nil, &ErrTooLarge{Need: grown.Tokens, Budget: budget}
	}
	return &grown, clipped, nil
}

// lookedWords is more than the words around the results of a turn take.
const lookedWords = 160 // bytes

// messages are the reply and its results: one message for each native call, else
// one for all of them.
func (l Look) messages(texts []string, last bool) ([]model.Message, error) {
	if len(l.Calls) == 0 {
		results, err := results(l.Found, texts, true, last)
		return turns(strings.TrimSpace(l.Reply), results), err
	}
	out := []model.Message{{Role: model.Assistant, Content: strings.TrimSpace(l.Reply), Calls: l.Calls}}
	for i, c := range l.Calls {
		result, err := results(l.Found[i:i+1], texts[i:i+1], false, false)
		if err != nil {
			return nil, err
		}
		out = append(out, model.Message{Role: model.ToolResult, Content: result, CallID: c.ID, Tool: c.Name})
	}
	if !last {
		return out, nil
	}
	then, err := results(nil, nil, true, true)
	return append(out, model.Message{Role: model.User, Content: then}), err
}

// results are found things between fences, and how to go on.
func results(found []Found, texts []string, then, last bool) (string, error) {
	var v struct {
		Found      []*block
		Then, Last bool
	}
	v.Then, v.Last = then, last
	for i, f := range found {
		v.Found = append(v.Found, newBlock(f.Title, "", texts[i]))
	}
	return render("looked.tmpl", v)
}

// fit clips results so that all of them take no more than room bytes.
func fit(looks []Look, room int) (texts [][]string, clipped [][]bool) {
	texts, clipped = make([][]string, len(looks)), make([][]bool, len(looks))
	for i := len(looks) - 1; i >= 0; i-- {
		share := fair(looks[i].Found, room)
		for _, f := range looks[i].Found {
			text := shorten(f.Text, share)
			room -= len(text)
			texts[i] = append(texts[i], text)
			clipped[i] = append(clipped[i], len(text) < len(f.Text))
		}
		room = max(room, 0)
	}
	return texts, clipped
}

// fair is the most that each result may take so that all of them fit: what short
// ones leave goes to the longer ones.
func fair(found []Found, room int) int {
	lengths := make([]int, len(found))
	for i, f := range found {
		lengths[i] = len(f.Text)
	}
	slices.Sort(lengths)
	for i, n := range lengths {
		if share := room / (len(lengths) - i); n > share {
			return share
		}
		room -= n
	}
	return math.MaxInt // all of them fit
}

// shorten cuts a result at the end of a line and says so. What is left of too
// little is no use: then it is only said that it is gone.
func shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	const gone, cut = "[left out: there is no room for it any more]\n", "[cut: there is no room for more]\n"
	if most < leastFound {
		return gone
	}
	most -= len(cut)
	end := lineFloor(text, most)
	if end < most/2 { // one long line
		return clip(text, most-len("…\n")) + "\n" + cut
	}
	return text[:end] + cut
}
